"""`survey db`: the tables."""

from pathlib import Path

import click

from survey.commands.command import Command, Group
from survey.commands.installation import (
    data_dir_option,
    opened,
    settings_of_installation,
    settings_without_pages,
    utc_now,
)
from survey.commands.progress import progress
from survey.commands.refusals import writing_to
from survey.database import Database, back_up


@click.group(cls=Group)
def db() -> None:
    """Make the database, bring it up to date, check it.

    Example:
      survey db upgrade
    """


@db.command(cls=Command)
@data_dir_option
def upgrade(data_dir: Path | None) -> None:
    """Bring the tables to the version of this program, making the database if there is none.

    Run it once before the first `survey serve`, and again after every update of the program. It does all or nothing. A
    SQLite database that is about to change is backed up beside itself before; for PostgreSQL, `survey backup` does it.

    Examples:
      survey db upgrade
      DATABASE_URL=postgresql://survey@localhost/survey survey db upgrade
    """
    with opened(settings_without_pages(data_dir)) as database:
        _back_up_before(database)
        database.upgrade()
        click.echo(f"The tables are at version {database.current_revision()}.")


def _back_up_before(database: Database) -> None:
    """A backup of a SQLite database whose tables are about to change."""
    if database.file is None or not database.file.is_file():
        return
    before = database.current_revision()
    if before is None or not database.is_older():
        return
    now = utc_now()
    backup = database.file.with_name(f"{database.file.name}.before_upgrade_{now:%Y%m%d_%H%M%S}")
    with progress("Writing a backup"), writing_to(backup):
        back_up(database, backup, now=now)
    click.echo(f"A backup of version {before} is in {backup}.")


@db.command(cls=Command)
@data_dir_option
def check(data_dir: Path | None) -> None:
    """Say whether the database can be used as it is: it is there, of this version, and its log protected.

    Answers at once and changes nothing; ends with 1 if there is a problem. `survey check` proves much more.

    Example:
      survey db check
    """
    with opened(settings_of_installation(data_dir)) as database:
        problems = database.check()
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("The database is as it should be.")
