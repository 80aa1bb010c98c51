"""`survey restore`: a backup comes back."""

import os
from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.installation import data_dir_option, opened, settings_without_pages, utc_now
from survey.commands.progress import progress
from survey.commands.refusals import writing_to
from survey.commands.wording import moment
from survey.database import Database
from survey.database import restore as restore_backup
from survey.services import accounts
from survey.services.mailing import outbox
from survey.settings import renew_own_key


@click.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Also when the database holds data; it is kept under another name.")
@data_dir_option
def restore(file: Path, *, replace: bool, data_dir: Path | None) -> None:
    """Put the backup FILE in the place of the database. Stop the server before.

    A damaged file and one of a newer program are refused, and then nothing has changed. Tables of an older program are
    brought up to date. Everybody is signed out, and the data folder gets a new secret key. What was saved after the
    backup is not in it: the time of its last answer is printed. Mails that waited then may have been sent since, so
    they are uncertain and sent again only by `survey mails retry`.

    Examples:
      survey restore /srv/backups/survey-2026-11-25.backup
      survey restore --replace /srv/backups/survey-2026-11-25.backup
    """
    settings = settings_without_pages(data_dir)
    now = utc_now()

    held = 0

    def make_ready(database: Database) -> None:
        nonlocal held
        with database.writing() as session:
            accounts.end_all_sessions(session, now=now)
            held = outbox.hold_restored(session, now=now)

    with opened(settings) as database, progress("Restoring"), writing_to(settings.data_dir):
        restored = restore_backup(database, file.absolute(), replace=replace, prepare=make_ready, now=now)
        renew_own_key(settings.data_dir)
    if restored.kept is not None:
        click.echo(f"What was there before is kept: {restored.kept}")
    if os.environ.get("SURVEY_SECRET_KEY"):
        click.echo("SURVEY_SECRET_KEY is set by you: give it a new value, too.", err=True)
    if held:
        click.echo(
            f"Mails that may have been sent after the backup, now uncertain: {held}. "
            "`survey mails list --study KEY --state uncertain` names them.",
            err=True,
        )
    click.echo(
        f"Restored {restored.contents.rows['answer_change']:,} changes of answers from {file}. "
        f"The last answer that it contains: {moment(restored.contents.last_answer_at)}. Everybody is signed out."
    )
