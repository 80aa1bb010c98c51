"""Whether a worker is at work, noted where the web can see it even if it runs on another machine.

One row among the counts (`hit`): each sign of life opens a window, and a worker is there while it is open. A row among
the jobs would have had to be kept out of everything that is done with jobs.
"""

from datetime import datetime, timedelta

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.models import Hit

# Twice as long as from one look for due jobs to the next.
SEEN_FOR = timedelta(minutes=2)
_KEY = "worker"

_HITS: Table = Hit.__table__  # type: ignore[assignment]


def note_worker(session: Session, *, now: datetime) -> None:
    """Write down that a worker is at work now."""
    window = {"count": 1, "ends_at": now + SEEN_FOR}
    connection = session.connection()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(_HITS).values(key=_KEY, **window)
    connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=window))


def is_worker_seen(session: Session, *, now: datetime) -> bool:
    """Whether a worker was at work in the last two minutes."""
    ends_at = session.scalar(select(Hit.ends_at).where(Hit.key == _KEY))
    return ends_at is not None and ends_at > now
