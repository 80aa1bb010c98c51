"""`survey check`: everything that can be proved about the data."""

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy.exc import DatabaseError as DriverError

from survey.commands.command import Command
from survey.commands.installation import data_dir_option, opened, settings_of_installation, utc_now
from survey.commands.progress import Progress, progress
from survey.database import Database
from survey.services import upkeep
from survey.services.proving import differences


@click.command(cls=Command)
@data_dir_option
def check(data_dir: Path | None) -> None:
    """Prove that nothing is damaged and that every answer is the one that was given. Changes nothing.

    Looks at the version and the file as `survey db check` does, then at every page and index of the file, at every
    reference, and replays the whole log of answers: it has to lead to the state of every evaluation and every profile.
    A line for each thing that is wrong; ends with 1 if there is any. May run every night beside the server.

    Example:
      survey check
    """
    settings = settings_of_installation(data_dir)
    now, wrong = utc_now(), 0
    with opened(settings) as database, progress("Checking") as bar:
        for problem in _problems(database, bar):
            wrong += 1
            click.echo(problem, err=True)
    if database.file is None or database.file.is_file():
        upkeep.note(settings.data_dir, upkeep.CHECK, now=now, problems=wrong)
    if wrong:
        raise click.exceptions.Exit(1)
    click.echo("Nothing is damaged, and every answer is the one that the log leads to.")


def _problems(database: Database, bar: Progress) -> Iterator[str]:
    # What is missing or damaged cannot be read on.
    problems = database.check() or database.damage(is_quick=False)
    yield from problems
    if problems:
        return
    yield from database.dangling()
    try:
        with database.reading() as session:
            yield from differences(session, bar)
    except (ValueError, LookupError, DriverError) as error:
        # What stands in a row is no time, no number or no word of ours.
        yield f"The data cannot be read to the end: {error}."
