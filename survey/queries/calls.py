"""What the call desk asks of its cases."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.models import CallCase


def calendars(session: Session, study_id: uuid.UUID) -> Sequence[str]:
    """The calendars of a study's cases, in order. There are a handful, and each is found by one step in the index."""
    first = select(func.min(CallCase.calendar).label("calendar")).where(CallCase.study_id == study_id)
    found = first.cte("found", recursive=True)
    following = (
        select(func.min(CallCase.calendar))
        .where(CallCase.study_id == study_id, CallCase.calendar > found.c.calendar)
        .scalar_subquery()
    )
    found = found.union_all(select(following).where(found.c.calendar.is_not(None)))
    return session.scalars(select(found.c.calendar).where(found.c.calendar.is_not(None))).all()
