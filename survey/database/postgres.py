"""An engine for PostgreSQL, by psycopg 3, with limits on every wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from survey.database.errors import DatabaseError

CONNECTIONS = 16  # threads of the server
# Nothing a page does takes longer; migrations lift the limit for themselves.
LONGEST_STATEMENT = 30  # seconds; an export of a million answers takes about ten
LONGEST_IDLE = 60  # seconds inside a transaction; an export computes between two selects
# Who writes holds rows that others wait for, so its limits are those of whoever waits.
LONGEST_WRITE = 5  # seconds
LONGEST_IDLE_WRITE = 10  # seconds
WRITE_LIMITS = (
    f"SELECT set_config('statement_timeout', '{LONGEST_WRITE}s', true), "
    f"set_config('idle_in_transaction_session_timeout', '{LONGEST_IDLE_WRITE}s', true)"
)


def make_engine(url: URL, wait_seconds: float) -> Engine:
    """An engine whose sessions wait at most `wait_seconds` for a lock or a connection."""
    limits = {
        "lock_timeout": round(wait_seconds * 1000),
        "statement_timeout": LONGEST_STATEMENT * 1000,
        "idle_in_transaction_session_timeout": LONGEST_IDLE * 1000,
    }
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    given = url.query.get("options")
    if given:
        options = " ".join([*([given] if isinstance(given, str) else given), options])
    try:
        engine = create_engine(
            url.difference_update_query(["options"]).set(drivername="postgresql+psycopg"),
            connect_args={"options": options, "connect_timeout": max(2, round(wait_seconds))},
            pool_pre_ping=True,  # a server that was restarted costs one ping, not one lost save
            pool_size=CONNECTIONS,
            max_overflow=4,
            pool_timeout=wait_seconds,
            hide_parameters=True,  # answers and addresses do not belong into the log of an error
        )
    except ImportError as error:
        raise DatabaseError(
            "The database is PostgreSQL, but its driver is not installed. "
            "Install it with: pip install 'replicability-survey[postgres]'"
        ) from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("write"):
            # On the driver, for this transaction only.
            driver: Any = connection.connection.driver_connection
            driver.execute(WRITE_LIMITS)

    return engine


@contextmanager
def waiting_for(connection: Connection, seconds: float) -> Iterator[None]:
    """Let a connection wait for locks that long in the transaction that begins here."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(seconds * 1000)}")
    yield
