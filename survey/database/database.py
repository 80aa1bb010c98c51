"""The database of an installation: sessions that read, sessions that write, and its tables' version."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar
from weakref import WeakSet

from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import DatabaseError as DriverError
from sqlalchemy.orm import Session

from survey.database import postgres, schema, soundness, sqlite
from survey.database.errors import DatabaseError, Reason, Unavailable
from survey.database.locking import Writers
from survey.database.refusals import in_words

T = TypeVar("T")


class Database:
    """One SQLite file or one PostgreSQL database. Opens nothing until it is used.

    url: None for the file `survey.db` in `data_dir`; else sqlite:///… or any form of a postgres URL.
    wait_seconds: how long a writer waits for its turn and for locks before it is told that the database is busy.
    notice: what the person who runs it should know about the library in use, or None.
    """

    def __init__(self, url: str | None, *, data_dir: Path | None = None, wait_seconds: float = 5.0) -> None:
        self.notice: str | None = None
        self.file: Path | None = None
        self._writers: Writers | None = None
        parsed = _parse(url, data_dir)
        if isinstance(parsed, Path):
            library = sqlite.choose_library()
            self.notice = library.notice
            self.file = parsed
            self._writers = Writers(parsed, wait_seconds)
            self.engine: Engine = sqlite.make_engine(parsed, library, wait_seconds)
            self._reader = self.engine
            self._writer = self.engine.execution_options(write=True)
        else:
            self.engine = postgres.make_engine(parsed, wait_seconds)
            # Like SQLite, all selects of a reading session see the same moment.
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writer = self.engine.execution_options(isolation_level="READ COMMITTED", write=True)
        self.dialect = self.engine.dialect.name
        _opened.add(self)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database, whatever is written meanwhile. What it changes is dropped."""
        with in_words(reads=True), Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed on leaving, undone on any error.

        Busy when the turn does not come, Unavailable when the disk or the server fails. What it loaded may still be
        read afterwards.
        """
        try:
            with in_words(), self._turn(), Session(self._writer, expire_on_commit=False) as session:
                yield session
                session.commit()
        except Unavailable:
            # SQLite opens a file that may not be written to for reading, and keeps it so: look again next time.
            self.engine.dispose()
            raise

    def write(self, act: Callable[[Session], T]) -> T:
        """One act in a writing session, done again once when the server hung up before it was asked to commit.

        Only then it is known that nothing was saved. `act` may be called twice.
        """
        is_decided = False

        def decide() -> T:
            nonlocal is_decided
            with self.writing() as session:
                done = act(session)
                is_decided = True
            return done

        try:
            return decide()
        except Unavailable as error:
            if is_decided or error.reason is not Reason.NO_ANSWER:
                raise
        return decide()

    def upgrade(self) -> None:
        """Bring the tables to the version of this program, making the database when there is none. All or nothing."""
        if self.file is not None:
            sqlite.make_file(self.file)
        with in_words(), self._turn(), schema.migrating(self._writer) as connection:
            schema.upgrade(connection)

    def current_revision(self) -> str | None:
        """The version of the tables; None when there are none yet."""
        with in_words(), self._reader.connect() as connection:
            return schema.revision(connection)

    def is_older(self) -> bool:
        """Whether `upgrade` would change tables. DatabaseError when a newer program made them."""
        current = self.current_revision()
        schema.require_known(current)
        return current != schema.head()

    def check(self) -> tuple[str, ...]:
        """What keeps the database from being used, a sentence for each; empty when all is well."""
        try:
            with in_words(), self._reader.connect() as connection:
                return schema.problems(connection)
        except Unavailable as error:
            return (self._damaged(error.words) if error.reason is Reason.DAMAGED else error.message,)
        except DatabaseError as error:
            return (error.message,)
        except OperationalError as error:
            # The server's words, without the URL.
            return (f"The database does not answer: {str(error.orig).strip()}",)
        except (DriverError, UnicodeDecodeError) as error:
            said = error.orig if isinstance(error, DriverError) else error
            if not soundness.is_damage(said):
                raise
            return (self._damaged(str(said)),)

    def damage(self, *, is_quick: bool) -> tuple[str, ...]:
        """What is broken in a SQLite file, a sentence for each; PostgreSQL sees to its own files.

        is_quick: without comparing indexes to their tables.
        """
        if self.file is None:
            return ()
        with in_words(), self._reader.connect() as connection:
            driver = connection.connection.driver_connection
            return tuple(self._damaged(words) for words in soundness.damage_in(driver, is_quick=is_quick))

    def dangling(self) -> tuple[str, ...]:
        """Rows of a SQLite file that refer to nothing, a sentence for each; PostgreSQL lets none in."""
        if self.file is None:
            return ()
        with in_words(), self._reader.connect() as connection:
            found = soundness.dangling_in(connection.connection.driver_connection)
        return tuple(f"In {self.file} {words}." for words in found)

    def require_ready(self) -> None:
        """For the start of a program: DatabaseError with every problem of `check`."""
        _refuse(self.check())

    def require_sound(self) -> None:
        """For the start of a server: as `require_ready`, and DatabaseError when the file is damaged or empty."""
        if self.file is not None and sqlite.is_empty(self.file):
            raise DatabaseError(
                f"The database {self.file} is empty. `survey restore` brings a backup back, `survey db upgrade` makes "
                "a new one."
            )
        self.require_ready()
        _refuse(self.damage(is_quick=True))

    def dispose(self) -> None:
        """Close all connections and the lock's files."""
        self.engine.dispose()
        if self._writers is not None:
            self._writers.close()

    def try_to_write(self, *, wait_seconds: float) -> None:
        """Change a row and take it back. DatabaseError says why that cannot be done; Busy when it takes too long."""
        if self.file is not None and not sqlite.may_write(self.file):
            raise DatabaseError(f"The database {self.file} may not be written to.")
        kind = postgres if self.file is None else sqlite
        try:
            with (
                in_words(),
                self._turn(wait_seconds),
                self._writer.connect() as connection,
                kind.waiting_for(connection, wait_seconds),
            ):
                connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
                connection.rollback()
        except (DriverError, self.engine.dialect.loaded_dbapi.Error) as error:
            # BEGIN is sent on the driver itself, so its errors come as they are.
            raise DatabaseError(f"The database cannot be written to: {getattr(error, 'orig', error)}.") from error

    def stopped(self) -> AbstractContextManager[None]:
        """Hold the turn to write without writing, so that nobody else does; nothing on PostgreSQL."""
        return self._turn()

    def forget_parent(self) -> None:
        """In a child made by fork, as servers do: a connection or a queue shared with the parent would harm both."""
        # Kept, because SQLite would close the parent's connections if they were thrown away here.
        self._of_parent = self.engine.pool
        self.engine.dispose(close=False)
        if self._writers is not None:
            self._writers.forget_parent()

    def _damaged(self, words: str) -> str:
        return (
            f"The database {self.file} is damaged: {words}. Keep the file; `survey restore` puts a backup in its place."
        )

    def _turn(self, wait_seconds: float | None = None) -> AbstractContextManager[None]:
        return nullcontext() if self._writers is None else self._writers.turn(wait_seconds)


def _refuse(problems: tuple[str, ...]) -> None:
    if problems:
        raise DatabaseError("\n".join(problems))


_opened: WeakSet[Database] = WeakSet()


def _forget_parents() -> None:
    for database in _opened:
        database.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents)


def _parse(url: str | None, data_dir: Path | None) -> Path | URL:
    if url is None:
        if data_dir is None:
            raise DatabaseError("Neither a database URL nor a data folder is given.")
        return (data_dir / "survey.db").absolute()
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not chained and not quoted: the URL may hold a password.
        raise DatabaseError("The database URL is not understood.") from None
    name = parsed.drivername.partition("+")[0]
    if name in {"postgres", "postgresql"}:
        return parsed
    if name != "sqlite":
        raise DatabaseError(f"{name} is not a database this program knows; use PostgreSQL or SQLite.")
    if parsed.database in {None, "", ":memory:"}:
        raise DatabaseError(
            "A database in memory would be lost at the end; name a file, as in sqlite:////srv/survey.db"
        )
    return Path(str(parsed.database)).absolute()
