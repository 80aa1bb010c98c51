"""What is expected to go wrong is told in a sentence and ends with 1; only surprises show a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from instruments import InstrumentError
from survey.catalogue import CatalogueError
from survey.database import DatabaseError
from survey.services.errors import SurveyError
from survey.settings import SettingsError

EXPECTED = (SurveyError, SettingsError, DatabaseError, CatalogueError, InstrumentError)


@contextmanager
def in_words() -> Iterator[None]:
    """Turn expected refusals into click's own, which are printed without a traceback."""
    try:
        yield
    except EXPECTED as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        # The server's own words. Never the URL, which may hold a password.
        raise click.ClickException(f"The database refused: {str(error.orig).strip()}") from error


@contextmanager
def writing_to(place: Path) -> Iterator[None]:
    """Turn a file system's refusal into a sentence that names the place."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{place} cannot be written: {error.strerror or error}.") from error
