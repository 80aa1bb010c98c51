"""How often something may be tried in a while, counted exactly, for whom only a keyed hash stands."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.models import Hit

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def count(session: Session, purpose: str, key: str, *, limit: int, window: timedelta, now: datetime) -> bool:
    """Count one more, and give whether it is within the limit. The window begins with the first that is counted.

    key: a keyed hash, or an id of ours; never an address.
    """
    insert = _INSERT[session.connection().dialect.name](Hit).values(
        key=_name(purpose, key), count=1, ends_at=now + window
    )
    is_over = Hit.ends_at <= now
    counted = session.scalar(
        insert.on_conflict_do_update(
            index_elements=[Hit.key],
            set_={
                "count": case((is_over, 1), else_=Hit.count + 1),
                "ends_at": case((is_over, insert.excluded.ends_at), else_=Hit.ends_at),
            },
        ).returning(Hit.count)
    )
    if counted == 1:
        _forget(session, now)
    return bool(counted <= limit)


def take_back(session: Session, purpose: str, key: str) -> None:
    """Count one less: what was tried was right."""
    here = Hit.key == _name(purpose, key)
    done = session.execute(update(Hit).where(here, Hit.count > 1).values(count=Hit.count - 1))
    if isinstance(done, CursorResult) and done.rowcount == 0:
        session.execute(delete(Hit).where(here))


def _forget(session: Session, now: datetime) -> None:
    """Windows that are over say nothing any more. Those that somebody else is at are left for the next time."""
    over = select(Hit.key).where(Hit.ends_at <= now).with_for_update(skip_locked=True)
    session.execute(delete(Hit).where(Hit.key.in_(over)))


def _name(purpose: str, key: str) -> str:
    return f"{purpose}/{key}"
