"""`survey study import-contacts`: whom to ask, from a list."""

from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.installation import data_dir_option, ready, settings_of_installation, study_named, utc_now
from survey.services.errors import BadFields
from survey.services.importing_contacts import import_contacts
from survey.services.reading_tables import read_table
from survey.services.sealing import Seal

SHOWN_AT_MOST = 100


@click.command("import-contacts", cls=Command)
@click.argument("key")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@data_dir_option
def import_contacts_command(key: str, file: Path, data_dir: Path | None, *, dry_run: bool) -> None:
    """Read contacts from FILE, a workbook (.xlsx) or a CSV file in UTF-8, all of them or none.

    Columns: external_id, name, organisation, email, phone, region, stakeholder_group or stakeholder_type, language,
    timezone. Only external_id or email is needed: by these a person is known again when the list is read once more.
    Empty cells leave what is known. Everybody who is new becomes a respondent of the study, without a link yet.

    Examples:
      survey study import-contacts alps-2026 contacts.xlsx --dry-run
      survey study import-contacts alps-2026 contacts.xlsx
    """
    settings = settings_of_installation(data_dir)
    with ready(settings) as database:
        try:
            table = read_table(file)
            with database.writing() as session:
                found = study_named(session, key)
                report = import_contacts(session, Seal(settings.contact_key_in_use), found, table, now=utc_now())
                if dry_run:
                    session.rollback()
        except BadFields as refusal:
            raise click.ClickException(_refusal(file, refusal)) from refusal
    for sentence in report.warnings:
        click.echo(sentence, err=True)
    counts = f"{len(report.new)} new, {len(report.changed)} changed, {len(report.unchanged)} unchanged"
    click.echo(f"A dry run, nothing was changed: {counts}." if dry_run else f"Contacts of {key}: {counts}.")


def _refusal(file: Path, refusal: BadFields) -> str:
    """Every problem on a line of its own, as many as one can read."""
    lines = [problem.message for problem in refusal.problems]
    more = len(lines) - SHOWN_AT_MOST
    shown = lines[:SHOWN_AT_MOST] + ([f"… and {more} more."] if more > 0 else [])
    return "\n".join([f"Nothing was read in from {file.name}:", *shown])
