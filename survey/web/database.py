"""The request's database: one reading session, opened when it is first needed, and transactions for acts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from survey.database import Database

EXTENSION = "survey-database"
T = TypeVar("T")


def init_app(app: Flask, database: Database) -> None:
    """Give the application its database, and close what a request has opened when it ends."""
    app.extensions[EXTENSION] = database
    app.teardown_request(lambda _error: stop_reading())


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions[EXTENSION]
    return found


def reading() -> Session:
    """The request's session for reading; every call in one request gives the same one."""
    if "reading" not in g:
        manager = database().reading()
        # Remembered together: who opened it has to close it.
        g.reading = (manager, manager.__enter__())
    session: Session = g.reading[1]
    return session


@contextmanager
def transaction() -> Iterator[Session]:
    """One act: committed when the block is left, rolled back when it raises.

    Ends the reading session first: SQLite without WAL cannot commit while the same request still reads, and what
    was read before the act is old afterwards.
    """
    stop_reading()
    with database().writing() as session:
        yield session


def write(act: Callable[[Session], T]) -> T:
    """As `transaction`, for an act that may be called twice: see `Database.write`."""
    stop_reading()
    return database().write(act)


def utc_now() -> datetime:
    """The time that views hand to services."""
    return datetime.now(UTC)


def stop_reading() -> None:
    """End the request's reading session early, before work that takes long: without WAL it keeps others from saving.

    What was loaded by it and not looked at yet cannot be loaded any more.
    """
    opened: tuple[AbstractContextManager[Session], Session] | None = g.pop("reading", None)
    if opened is not None:
        opened[0].__exit__(None, None, None)
