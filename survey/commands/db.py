"""`survey db`: the tables."""

from pathlib import Path

import click

from survey.commands.command import Command, Group
from survey.commands.installation import data_dir_option, opened, settings_of_installation, settings_without_pages


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

    Run it once before the first `survey serve`, and again after every update of the program. It does all or nothing.

    Examples:
      survey db upgrade
      DATABASE_URL=postgresql://survey@localhost/survey survey db upgrade
    """
    with opened(settings_without_pages(data_dir)) as database:
        database.upgrade()
        click.echo(f"The tables are at version {database.current_revision()}.")


@db.command(cls=Command)
@data_dir_option
def check(data_dir: Path | None) -> None:
    """Say whether the database can be used as it is. Changes nothing; ends with 1 if there is a problem.

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
