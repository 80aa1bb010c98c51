"""Putting a SQLite file in the place of another one, while nobody uses that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from survey.database import files, soundness
from survey.database.database import Database
from survey.database.errors import DatabaseError
from survey.database.sqlite import choose_library

COMPANIONS = ("-wal", "-shm", "-journal")


def restore(
    database: Database, draft: Path, *, replace: bool, prepare: Callable[[Database], None], aside: str
) -> Path | None:
    """Bring a copy of a backup up to date and put it in the place of the database's file.

    Gives the name under which the old file is kept; None when there was none, or one without any rows.
    """
    database.dispose()
    target = Path(str(database.file))
    restored = Database(f"sqlite:///{draft}")
    try:
        restored.upgrade()
        prepare(restored)
    finally:
        # Closing the last connection moves everything into the one file.
        restored.dispose()
    with database.stopped(), _nobody_else(target) as holds_rows:
        if not target.exists():
            files.publish(draft, target)
            return None
        if holds_rows and not replace:
            raise DatabaseError(
                f"{target} holds data. Use --replace to put the backup in its place; it is kept under another name."
            )
        kept = target.with_name(f"{target.name}.{aside}")
        if holds_rows:
            _keep(target, kept)
        files.replace(draft, target)
        return kept if holds_rows else None


def _keep(target: Path, kept: Path) -> None:
    """Give the old file a second name, so that there is a database at every moment; its companions go with it."""
    if kept.exists():
        raise DatabaseError(f"{kept} is there already; nothing was changed.")
    try:
        kept.hardlink_to(target)
    except OSError:
        # A file system without second names.
        target.rename(kept)
    for companion in COMPANIONS:
        with suppress(FileNotFoundError):
            target.with_name(target.name + companion).rename(kept.with_name(kept.name + companion))


@contextmanager
def _nobody_else(target: Path) -> Iterator[bool]:
    """Keep everybody out of a file. Gives whether it holds any rows, or may hold some because it is damaged.

    DatabaseError when another program has it open.
    """
    if not target.exists():
        yield False
        return
    library = choose_library().module
    driver: Any = None
    try:
        try:
            driver = library.connect(f"{target.as_uri()}?mode=rw", uri=True, timeout=1, isolation_level=None)
            # Refused while anybody else has the database open, even if nothing is being read; and moves everything
            # into the one file that is kept.
            driver.execute("PRAGMA journal_mode=DELETE").fetchall()
            driver.execute("BEGIN EXCLUSIVE")
            holds_rows = _holds_rows(driver)
        except (library.DatabaseError, UnicodeDecodeError) as error:
            if not soundness.is_damage(error):
                raise DatabaseError(
                    f"{target} is in use ({error}). Stop the server and whatever else has it open, then repeat this."
                ) from error
            holds_rows = True
        yield holds_rows
    finally:
        if driver is not None:
            driver.close()


def _holds_rows(driver: Any) -> bool:
    found = driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    tables = [name for (name,) in found if name != "alembic_version" and not name.startswith("sqlite_")]
    return any(driver.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone() for table in tables)  # noqa: S608 (names from the file)
