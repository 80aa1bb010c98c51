"""Jobs as people look at them: a list, one of them, and how many wait."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.models import Job, JobState


def newest_jobs(session: Session, *, limit: int, state: JobState | None = None) -> Sequence[Job]:
    """The jobs made last, newest first."""
    wanted = select(Job) if state is None else select(Job).where(Job.state == state)
    return session.scalars(wanted.order_by(Job.created_at.desc(), Job.id).limit(limit)).all()


def job_by_id(session: Session, job_id: uuid.UUID) -> Job | None:
    return session.get(Job, job_id)


def due(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many jobs could begin now, and since when the first of them could: None without any."""
    waiting = select(func.count(Job.id), func.min(Job.not_before))
    count, since = session.execute(waiting.where(Job.state == JobState.WAITING, Job.not_before <= now)).one()
    return count, since
