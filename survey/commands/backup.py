"""`survey backup`: the whole database in one file."""

from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.installation import data_dir_option, opened, settings_of_installation, utc_now
from survey.commands.progress import progress
from survey.commands.refusals import writing_to
from survey.commands.wording import moment
from survey.database import back_up
from survey.services import upkeep


@click.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_dir_option
def backup(file: Path, data_dir: Path | None) -> None:
    """Write the whole database into FILE, while people answer.

    Everything that was saved before is in it. FILE is looked through before it gets its name, and is never put in the
    place of another one; FILE.json beside it says what it holds. Keep both on another machine: they hold all answers,
    and the accounts. On PostgreSQL its programs pg_dump and pg_restore are needed.

    Examples:
      survey backup /srv/backups/survey-2026-11-25.backup
      survey backup "/srv/backups/$(date +%F).backup"
    """
    settings = settings_of_installation(data_dir)
    now = utc_now()
    with opened(settings) as database, progress("Writing the backup"), writing_to(file):
        made = back_up(database, file.absolute(), now=now)
    upkeep.note(settings.data_dir, upkeep.BACKUP, now=now)
    click.echo(
        f"{file} holds {made.contents.rows['answer_change']:,} changes of answers, the last one of "
        f"{moment(made.contents.last_answer_at)}.\nTables: version {made.contents.revision}. SHA-256: {made.sha256}"
    )
