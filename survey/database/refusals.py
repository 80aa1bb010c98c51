"""What the drivers raise, in the program's own words: busy, or unavailable and why.

Sources: https://www.sqlite.org/rescode.html, https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from survey.database.errors import Busy, DatabaseError, Reason, Unavailable

SQLITE_BUSY = frozenset({5, 6})  # busy, locked
SQLITE_REASONS = {
    8: Reason.READ_ONLY,
    10: Reason.DISK_ERROR,
    11: Reason.DAMAGED,
    13: Reason.DISK_FULL,
    14: Reason.DISK_ERROR,  # cannot open
    26: Reason.DAMAGED,  # no database
}
# lock not available, statement time-out, deadlock, serialisation failure
POSTGRES_BUSY = frozenset({"55P03", "57014", "40P01", "40001"})
READS_ONLY = "25006"
POSTGRES_REASONS = {
    "53100": Reason.DISK_FULL,
    READS_ONLY: Reason.READ_ONLY,  # a standby, or an administrator's switch
    "58030": Reason.DISK_ERROR,
    "53300": Reason.NO_ANSWER,  # too many connections
    "57P01": Reason.NO_ANSWER,  # is being stopped
    "57P02": Reason.NO_ANSWER,  # has crashed
    "57P03": Reason.NO_ANSWER,  # is starting
    "25P03": Reason.NO_ANSWER,  # hung up, after we kept a transaction open too long
}
POSTGRES_CONNECTION = "08"  # the class of codes about connections


@contextmanager
def in_words(*, reads: bool = False) -> Iterator[None]:
    """Turn what a driver says about the database's surroundings into Busy or Unavailable; the rest comes as it is.

    reads: the session may only read, so that PostgreSQL's refusal to write is a mistake of the program.
    """
    try:
        yield
    except PoolTimeout as error:
        raise Busy from error
    except DBAPIError as error:
        refusal = refusal_of(error.orig, is_cut=error.connection_invalidated)
        if refusal is None or (reads and getattr(error.orig, "sqlstate", None) == READS_ONLY):
            raise
        raise refusal from error
    except DatabaseError:
        raise
    except Exception as error:
        # The first words of a transaction are sent on the driver itself, so its errors come as they are.
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


def refusal_of(error: BaseException | None, *, is_cut: bool = False) -> DatabaseError | None:
    """What a driver's error says about the surroundings; None when it is about the program.

    is_cut: SQLAlchemy has found that the connection is gone.
    """
    # The lower byte of SQLite's code; the higher ones tell the variety.
    number = getattr(error, "sqlite_errorcode", 0) & 0xFF
    state = getattr(error, "sqlstate", None) or ""
    if number in SQLITE_BUSY or state in POSTGRES_BUSY:
        return Busy()
    reason = SQLITE_REASONS.get(number) or POSTGRES_REASONS.get(state)
    if reason is None and (is_cut or state.startswith(POSTGRES_CONNECTION) or _is_unconnected(error, state)):
        reason = Reason.NO_ANSWER
    return None if reason is None else Unavailable(reason, str(error).strip())


def _is_unconnected(error: BaseException | None, state: str) -> bool:
    """Without a server nobody gives a code."""
    kind = type(error)
    return not state and kind.__module__.startswith("psycopg") and kind.__name__ == "OperationalError"
