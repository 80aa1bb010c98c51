"""An engine for one SQLite file that loses nothing: which library, which settings, which BEGIN.

Sources: https://www.sqlite.org/pragma.html (settings), https://www.sqlite.org/wal.html#walresetbug (library).
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from survey.database.errors import DatabaseError
from survey.database.refusals import in_words, refusal_of
from survey.database.soundness import is_damage

try:
    from pysqlite3 import dbapi2 as bundled
except ImportError:  # no wheel for this machine
    bundled = None

NOTICE = (
    "The SQLite library of this Python ({version}) can damage a database in its fast mode, and the package pysqlite3 "
    "with a mended one is not installed. The slower safe mode is used instead."
)
# Threads of the server, and a few for what runs beside them.
CONNECTIONS = 20
# Prepared statements that a connection keeps. pysqlite3 keeps 100 and lets the newest go first, so that once a hundred
# others were met, every statement of a page is parsed and planned anew each time.
STATEMENTS = 1_000
SMALLEST_PAGE = 512  # bytes


@dataclass(frozen=True, slots=True)
class Library:
    """A SQLite library with the settings that are safe with it."""

    module: ModuleType
    journal_mode: str
    synchronous: int
    notice: str | None

    def settings(self, wait_seconds: float) -> Mapping[str, str | int]:
        """What every connection must have, asked back after setting."""
        return {
            "busy_timeout": round(wait_seconds * 1000),  # first: the others may have to wait for a lock
            "journal_mode": self.journal_mode,
            "synchronous": self.synchronous,  # 2 FULL, 3 EXTRA: on the disk before COMMIT returns
            "foreign_keys": 1,
            "secure_delete": 1,  # what is erased is overwritten
            "trusted_schema": 0,
            "mmap_size": 0,
            "wal_autocheckpoint": 1000,
            "journal_size_limit": 67_108_864,
        }


def is_mended(version: tuple[int, ...]) -> bool:
    """Whether a SQLite library has the WAL-reset bug mended, which can corrupt a database in WAL mode."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def choose_library(standard: ModuleType = sqlite3, other: ModuleType | None = bundled) -> Library:
    """Python's own library when it is mended, else pysqlite3's, else the standard one in the slower safe mode."""
    for module in (standard, other):
        if module is not None and is_mended(module.sqlite_version_info):
            return Library(module, journal_mode="wal", synchronous=2, notice=None)
    notice = NOTICE.format(version=standard.sqlite_version)
    return Library(standard, journal_mode="delete", synchronous=3, notice=notice)


def make_engine(file: Path, library: Library, wait_seconds: float) -> Engine:
    """An engine whose transactions begin with BEGIN, or with BEGIN IMMEDIATE under the execution option `write`.

    It never makes a file: a missing one is refused when the first connection is opened. And it stays with the file that
    it found first: one that was removed or replaced would still take saves that nobody could find again.
    """
    settings = library.settings(wait_seconds)
    address = f"{file.absolute().as_uri()}?mode=rw"
    place = _Place(file)

    def connect() -> Any:
        place.require_same()
        # isolation_level=None: Python's module would begin a transaction at the first write only, so that what was read
        # before it may be old already. With two threads most increments of a counter were lost that way.
        return library.module.connect(
            address,
            uri=True,
            timeout=wait_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS,
        )

    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        module=library.module,
        creator=connect,
        hide_parameters=True,  # answers and addresses do not belong into the log of an error
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=wait_seconds,
    )

    _listen(engine, library, settings, place)
    return engine


def _listen(engine: Engine, library: Library, settings: Mapping[str, str | int], place: "_Place") -> None:
    """See to every connection that is opened or lent out, and to how its transactions begin."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        try:
            _set(connection, settings)
        except (library.module.DatabaseError, UnicodeDecodeError) as error:
            if refusal_of(error) is not None and not is_damage(error):
                raise
            raise DatabaseError(
                f"The file {place.file} cannot be used as a database: {error}. "
                "Keep it; `survey restore` puts a backup in its place."
            ) from error

    @event.listens_for(engine, "checkout")
    def check(_connection: Any, _record: object, _fairy: object) -> None:
        # A microsecond. Also after `connect`: the file may have been replaced while it was being opened.
        place.require_same()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write")
        # On the driver: two microseconds instead of thirty through a statement of SQLAlchemy.
        driver: Any = connection.connection.driver_connection
        with in_words():
            driver.execute("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def waiting_for(connection: Connection, seconds: float) -> Iterator[None]:
    """Let a connection that has begun nothing wait for locks that long, and as long as ever afterwards."""
    driver: Any = connection.connection.driver_connection
    (before,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout={before}")


def is_empty(file: Path) -> bool:
    """Whether a file is there and SQLite would begin a new database in it: it holds less than the smallest page."""
    return file.is_file() and file.stat().st_size < SMALLEST_PAGE


def may_write(file: Path) -> bool:
    """Whether the system lets this process write to a file and make others beside it; not on a disk made read-only."""
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


class _Place:
    """Which file stood at a path when it was looked at first."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._first: tuple[int, int] | None = None

    def require_same(self) -> None:
        """DatabaseError when there is none, or another one."""
        if not self.file.is_file():
            if self._first is not None:
                raise DatabaseError(f"The database {self.file} was removed while it was in use.")
            raise DatabaseError(
                f"There is no database at {self.file}. `survey db upgrade` makes one, `survey restore` brings it back."
            )
        found = self.file.stat()
        now = (found.st_dev, found.st_ino)
        if self._first is None:
            self._first = now
        if now != self._first:
            raise DatabaseError(f"The database {self.file} was replaced while it was in use; start the program again.")


def make_file(file: Path) -> None:
    """An empty file for its owner's eyes only, unless there is one; SQLite gives its companions the same mode."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)


def _set(connection: Any, settings: Mapping[str, str | int]) -> None:
    for name, wanted in settings.items():
        connection.execute(f"PRAGMA {name}={wanted}").fetchall()
        row = connection.execute(f"PRAGMA {name}").fetchone()
        # A library built without memory mapping answers nothing, which is what is wanted.
        found = 0 if row is None else row[0]
        if found != wanted:
            raise DatabaseError(f"SQLite refused the setting {name}={wanted}; it is {found}.")
