"""Which installation a command works on: its options decide, then the environment, then the last demonstration."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from survey.database import Database
from survey.demo import noted_base_url
from survey.models import Region, Study
from survey.queries.studies import region_by_key, regions_of, study_by_key
from survey.services.errors import NotFound
from survey.settings import Settings

DEFAULT_DIR = Path("var")
# Where `survey demo` notes which folder it used last, so that `survey export --study demo` finds its data.
LAST_DEMO = DEFAULT_DIR / "last-demo"


def data_dir_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option --data-dir, the same for every command."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Use the SQLite database in this folder, whatever the environment says.  "
        "[default: DATABASE_URL, else SURVEY_DATA_DIR, else ./var, else the folder of the last `survey demo` here]",
    )(command)


def utc_now() -> datetime:
    """The time that commands hand to services."""
    return datetime.now(UTC)


@contextmanager
def installation(data_dir: Path | None) -> Iterator[Database]:
    """The database of the installation, checked, and closed afterwards."""
    with ready(settings_of_installation(data_dir)) as database:
        yield database


@contextmanager
def ready(settings: Settings) -> Iterator[Database]:
    """The database of these settings, checked, and closed afterwards."""
    with opened(settings) as database:
        database.require_ready()
        yield database


def study_named(session: Session, key: str) -> Study:
    """A study of the installation. NotFound tells where the keys are."""
    found = study_by_key(session, key)
    if found is None:
        raise NotFound(f"There is no study {key!r}; `survey study list` names those there are.")
    return found


def region_named(session: Session, study: Study, key: str) -> Region:
    """A study's region of a key. NotFound names the regions there are."""
    found = region_by_key(session, study.id, key)
    if found is None:
        known = ", ".join(regions_of(session, study.id))
        raise NotFound(f"The study {study.key} has no region {key!r}. It has: {known}.")
    return found


def settings_of_installation(data_dir: Path | None, *, needs_key: bool = False) -> Settings:
    """Which installation a command means when it shows no pages.

    needs_key: the command does what the pages do, so it has to have the same key as they.

    Without any word from the caller and without a database in ./var it is that of the last demonstration, and a line on
    stderr says so. A demonstration's links lead to its own pages, unless SURVEY_BASE_URL says where.
    """
    environ = dict(os.environ)
    demo_dir = None if data_dir or _is_chosen(environ) else last_demo()
    if demo_dir is not None:
        click.echo(f"Using the demonstration in {demo_dir}.", err=True)
    folder = data_dir or demo_dir
    if needs_key:
        settings = Settings.from_environment(in_folder(folder, environ))
    else:
        settings = settings_without_pages(folder, environ)
    if environ.get("SURVEY_BASE_URL") or settings.database_url is not None:
        return settings
    return replace(settings, base_url=noted_base_url(settings.data_dir) or settings.base_url)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database of these settings, unchecked, and closed afterwards. What it has to say goes to stderr."""
    database = Database(settings.database_url, data_dir=settings.data_dir, wait_seconds=settings.wait_seconds)
    if database.notice:
        click.echo(database.notice, err=True)
    try:
        yield database
    finally:
        database.dispose()


def settings_without_pages(data_dir: Path | None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings for a command that shows no pages: it needs no key, so none is asked for and none is made."""
    return Settings.from_environment({**in_folder(data_dir, environ), "SURVEY_SECRET_KEY": secrets.token_hex(32)})


def in_folder(data_dir: Path | None, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment, with the SQLite database of a folder if one is named."""
    if data_dir is None:
        return dict(environ)
    rest = {name: value for name, value in environ.items() if name != "DATABASE_URL"}
    return {**rest, "SURVEY_DATA_DIR": str(data_dir)}


def last_demo() -> Path | None:
    """The folder of the last demonstration that was started from this one, if it still has a database."""
    with suppress(OSError, UnicodeDecodeError):
        folder = Path(LAST_DEMO.read_text(encoding="utf-8").strip())
        if (folder / "survey.db").is_file():
            return folder
    return None


def note_demo(folder: Path) -> None:
    """Remember the folder of a demonstration for `last_demo`."""
    # A convenience: where nothing can be written, --data-dir has to be said again.
    with suppress(OSError):
        LAST_DEMO.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        LAST_DEMO.write_text(f"{folder.absolute()}\n", encoding="utf-8")


def _is_chosen(environ: Mapping[str, str]) -> bool:
    named = environ.get("DATABASE_URL") or environ.get("SURVEY_DATA_DIR")
    return bool(named) or (DEFAULT_DIR / "survey.db").exists()
