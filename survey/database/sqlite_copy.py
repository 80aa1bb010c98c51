"""A copy of a SQLite database of one moment, made while others read and write, and a look into such a copy.

Copying the file itself is no way: what was saved last stands in a companion file. Of 15 such copies 15 lacked saves.
Source: https://www.sqlite.org/lang_vacuum.html (VACUUM INTO).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from survey.database import soundness
from survey.database.errors import DatabaseError
from survey.database.manifest import Contents
from survey.database.sqlite import choose_library

MAGIC = b"SQLite format 3\x00"
COMPANIONS = ("-wal", "-journal")


def copy(engine: Engine, draft: Path) -> None:
    """Write the database into an empty file. Reads one moment, so nobody who saves has to wait for it (in WAL mode)."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        try:
            # On the driver, because it cannot be done inside a transaction.
            driver.execute("VACUUM INTO ?", (str(draft),))
        except (engine.dialect.loaded_dbapi.Error, UnicodeDecodeError) as error:
            raise DatabaseError(f"The backup cannot be written: {error}.") from error


def look_into(backup: Path, *, name: Path | None = None) -> Contents:
    """Read a copy that nobody writes to. DatabaseError when it is damaged, refers to nothing, or has no tables of ours.

    name: where it comes from, if this is a copy of it.
    """
    name = name or backup
    for companion in COMPANIONS:
        beside = name.with_name(name.name + companion)
        if beside.exists() and beside.stat().st_size:
            raise DatabaseError(f"{name} is a database in use, not a backup: {beside.name} holds a part of it.")
    with _opened(backup, name) as driver:
        problems = soundness.damage_in(driver, is_quick=False) or soundness.dangling_in(driver)
        if problems:
            raise DatabaseError(f"{name} is damaged: {problems[0]}.")
        tables = [row[0] for row in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if not {"alembic_version", "answer_change"} <= set(tables):
            raise DatabaseError(f"{name} is a database of another program.")
        (revision,) = driver.execute("SELECT version_num FROM alembic_version").fetchone()
        (last,) = driver.execute("SELECT max(changed_at) FROM answer_change").fetchone()
        rows = {
            table: driver.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 (a name from the file)
            for table in sorted(tables)
            if not table.startswith("sqlite_")
        }
    return Contents(revision, datetime.fromisoformat(last).replace(tzinfo=UTC) if last else None, rows)


@contextmanager
def _opened(backup: Path, name: Path) -> Iterator[Any]:
    library = choose_library().module
    # Immutable: nothing is locked and no companion is made, so that a backup may lie where nothing can be written.
    address = f"{backup.absolute().as_uri()}?mode=ro&immutable=1"
    driver: Any = None
    try:
        driver = library.connect(address, uri=True, isolation_level=None)
        driver.execute("PRAGMA trusted_schema=0")
        yield driver
    except (library.DatabaseError, UnicodeDecodeError) as error:
        raise DatabaseError(f"{name} is damaged: {error}.") from error
    finally:
        if driver is not None:
            driver.close()
