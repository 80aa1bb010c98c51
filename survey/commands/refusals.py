"""What is expected to go wrong is told in a sentence and ends with 1; only surprises show a traceback."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from instruments import InstrumentError
from survey.catalogue import CatalogueError
from survey.database import DatabaseError
from survey.services.errors import BadFields, SurveyError
from survey.settings import SettingsError

# A screen of them; who needs all of them finds them in a file.
MOST_LINES = 20
EXPECTED = (SurveyError, SettingsError, DatabaseError, CatalogueError, InstrumentError)


@contextmanager
def in_words() -> Iterator[None]:
    """Turn expected refusals into click's own, which are printed without a traceback."""
    try:
        yield
    except BadFields as error:
        raise click.ClickException("\n".join(shortened([each.message for each in error.problems]))) from error
    except EXPECTED as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        # The server's own words. Never the URL, which may hold a password.
        raise click.ClickException(f"The database refused: {str(error.orig).strip()}") from error


def shortened(lines: Sequence[str]) -> Sequence[str]:
    """The first of many lines, and how many more there are."""
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[:MOST_LINES], f"… and {len(lines) - MOST_LINES:,} more."]


@contextmanager
def writing_to(place: Path) -> Iterator[None]:
    """Turn a file system's refusal into a sentence that names the place."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{place} cannot be written: {error.strerror or error}.") from error
