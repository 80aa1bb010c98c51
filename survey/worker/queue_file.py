"""The queue in a SQLite file that holds nothing of value: when it is gone or unusable, there is a new one."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from huey.storage import SqliteStorage

log = logging.getLogger("survey.worker")

# What SQLite says about a file that is no queue: other tables, damaged, no database.
_UNUSABLE = frozenset({1, 11, 26})


class QueueFile(SqliteStorage):  # type: ignore[misc]
    """As huey's own, and it mends itself.

    No WAL: Debian's SQLite has the bug of it (survey/database/sqlite.py). No waiting for the disk: a power cut may
    leave the file damaged, and then it is replaced.
    """

    def __init__(self, name: str, filename: str) -> None:
        self._path = Path(filename).absolute()
        self._mending = threading.RLock()
        self._opened: tuple[int, int] | None = None
        super().__init__(name, filename=str(self._path), journal_mode="delete", fsync=False)

    def initialize_schema(self) -> None:
        """Make the tables, in a new file if those of the old one are others."""
        try:
            super().initialize_schema()
        except sqlite3.DatabaseError as error:
            if not _is_unusable(error):
                raise
            super().initialize_schema()

    @contextmanager
    def db(self, commit: bool = False, close: bool = False) -> Iterator[Any]:  # noqa: FBT001, FBT002 (the parent's signature)
        """A cursor. What was under way when the file turned out to be unusable is lost."""
        self._look()
        try:
            with super().db(commit, close) as cursor:
                yield cursor
        except sqlite3.DatabaseError as error:
            if _is_unusable(error):
                self._replace(error)
            raise

    def _create_connection(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        self._opened = _identity(self._path)
        connection: sqlite3.Connection = super()._create_connection()
        return connection

    def _look(self) -> None:
        """SQLite goes on with a file that was removed; the others would never hear of it."""
        with self._mending:
            if self._conn is not None and self._opened != _identity(self._path):
                log.warning("The queue %s was removed or replaced; a new one is used. No job is lost.", self._path)
                self.close()
                self.initialize_schema()

    def _replace(self, error: sqlite3.DatabaseError) -> None:
        with self._mending:
            is_other = self._opened != _identity(self._path)
            with suppress(sqlite3.Error):
                self.close()
            if is_other:
                return
            log.warning("The queue %s cannot be used (%s); a new one is made. No job is lost.", self._path, error)
            self._path.replace(f"{self._path}.unusable")
            for companion in ("-journal", "-wal", "-shm"):
                Path(f"{self._path}{companion}").unlink(missing_ok=True)
            super().initialize_schema()


def _is_unusable(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNUSABLE


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
