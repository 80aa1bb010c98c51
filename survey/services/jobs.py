"""Work outside of requests: the row of a job is the truth about it. Each function is one short step of its life.

Whoever runs a job holds it for a while (a lease) and renews that. A job whose lease ran out is taken up again, so a
killed worker loses nothing; what its owner then still wants to say about it is refused, so nothing is said twice. A job
may therefore be begun more than once: what it does has to be the same when done again.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from survey.models import Job, JobState, Study
from survey.services.errors import Busy, JobConflict, LeaseLost, NotFound

FINISHED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
UNFINISHED = (JobState.WAITING, JobState.RUNNING)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
# Results wait this long to be fetched. What failed is kept for who looks into it.
KEPT = timedelta(hours=24)
FAILED_KEPT = timedelta(days=30)

# In `result` of a running job: who wants it to stop. In that of one that failed or was cancelled: the key it had.
_STOP, _KEY = "cancelled_by", "unique_key"

_JOBS: Table = Job.__table__  # type: ignore[assignment]
_INSERT: dict[str, ReturningInsert[uuid.UUID]] = {
    "sqlite": sqlite.insert(_JOBS).on_conflict_do_nothing(index_elements=["unique_key"]).returning(_JOBS.c.id),
    "postgresql": postgresql.insert(_JOBS).on_conflict_do_nothing(index_elements=["unique_key"]).returning(_JOBS.c.id),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A job in somebody's hands. The worker and the number of the attempt prove whose: neither comes twice."""

    id: uuid.UUID
    kind: str
    arguments: Mapping[str, Any]
    study_id: uuid.UUID | None
    worker: str
    attempt: int


def enqueue(
    session: Session,
    kind: str,
    *,
    now: datetime,
    created_by: str,
    arguments: Mapping[str, Any] | None = None,
    study_id: uuid.UUID | None = None,
    unique_key: str | None = None,
    not_before: datetime | None = None,
    attempts_limit: int = 5,
) -> uuid.UUID:
    """A job that waits, or the unfinished one that has the same key.

    arguments: what JSON can hold, and nothing about persons. created_by: "person:<id>", "respondent", "command" or
    "rule".
    """
    values = {
        "id": uuid.uuid4(),
        "study_id": study_id,
        "kind": kind,
        "arguments": dict(arguments or {}),
        "unique_key": unique_key,
        "state": JobState.WAITING,
        "attempts": 0,
        "attempts_limit": attempts_limit,
        "not_before": not_before or now,
        "done": 0,
        "result": {},
        "created_by": created_by,
        "created_at": now,
    }
    connection = session.connection()
    # A job may end between the two statements, and its key with it: then there is room at the second try.
    for _ in range(3):
        made = connection.scalar(_INSERT[connection.dialect.name], values)
        found = made or session.scalar(select(Job.id).where(Job.unique_key == unique_key))
        if found is not None:
            return found
    raise Busy


def claim(session: Session, job_id: uuid.UUID | None, *, worker: str, now: datetime, lease: timedelta) -> Held | None:
    """Take a job that is due into one's hands: the named one, or the one that has waited longest for None.

    None when there is none, when somebody else has it, or when another job of the same study is running: a study's
    jobs go one after the other. worker: a name that no other process has or had.
    """
    due = [Job.state == JobState.WAITING, Job.not_before <= now, _no_other_of_its_study()]
    if job_id is not None:
        due.append(Job.id == job_id)
    found = select(Job).where(*due).order_by(Job.not_before, Job.created_at, Job.id).limit(1)
    job = session.scalar(found.with_for_update(skip_locked=True))
    if job is None or not _study_is_free(session, job):
        return None
    job.state, job.worker, job.leased_until = JobState.RUNNING, worker, now + lease
    job.attempts += 1
    job.started_at = now
    job.done, job.total, job.result = 0, None, {}
    session.flush()
    return Held(job.id, job.kind, job.arguments, job.study_id, worker, job.attempts)


def beat(
    session: Session, held: Held, *, now: datetime, lease: timedelta, done: int | None = None, total: int | None = None
) -> bool:
    """Renew the lease, and write the progress down. False when somebody wants the job stopped: `stop` answers that.

    LeaseLost when the job is in other hands or over: stop, and write nothing more about it.
    """
    job = _own(session, held)
    job.leased_until = now + lease
    if done is not None:
        job.done, job.total = done, total
    session.flush()
    return _STOP not in job.result


def finish(session: Session, held: Held, *, now: datetime, result: Mapping[str, Any] | None = None) -> None:
    """Done, even if somebody wanted it stopped meanwhile. LeaseLost as in `beat`."""
    job = _own(session, held)
    _end(job, JobState.DONE, now)
    job.result, job.error = dict(result or {}), None
    session.flush()


def fail(session: Session, held: Held, *, now: datetime, error: str) -> bool:
    """An attempt failed: try again after a pause, or never if it was the last one. Whether it was; LeaseLost as `beat`.

    error: one sentence for a person, which names nobody.
    """
    job = _own(session, held)
    _try_again_or_end(job, now, error, not_before=now + pause_after(job.attempts, job.id))
    session.flush()
    return job.state is JobState.FAILED


def give_back(session: Session, held: Held, *, now: datetime) -> None:
    """The worker is asked to end: somebody else may take the job at once, and the attempt does not count."""
    job = _own(session, held)
    job.attempts -= 1
    _try_again_or_end(job, now, None, not_before=now)
    session.flush()


def stop(session: Session, held: Held, *, now: datetime) -> None:
    """The worker has stopped, because somebody wanted it. LeaseLost as in `beat`."""
    _end(_own(session, held), JobState.CANCELLED, now)
    session.flush()


def cancel(session: Session, job_id: uuid.UUID, *, by: str, now: datetime) -> JobState:
    """Let a job not be done. Gives its state: CANCELLED, or RUNNING while its worker has not heard of it yet.

    A running job keeps its key until it has really stopped. JobConflict when it is over already.
    """
    job = _locked(session, job_id)
    if job.state in FINISHED:
        raise JobConflict(f"This job is {job.state} already.")
    if job.state is JobState.RUNNING:
        job.result = {_STOP: by}
    else:
        _end(job, JobState.CANCELLED, now)
    session.flush()
    return job.state


def retry(session: Session, job_id: uuid.UUID, *, now: datetime) -> None:
    """Let a job that failed or was cancelled wait again, with all its attempts.

    JobConflict when it is in another state, or when another unfinished job does the same.
    """
    job = _locked(session, job_id)
    if job.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise JobConflict(f"Only a job that failed or was cancelled can be tried again; this one is {job.state}.")
    key = job.result.get(_KEY)
    other = session.scalar(select(Job.id).where(Job.unique_key == key)) if key else None
    if other is not None:
        raise JobConflict(f"The job {other} does the same already.")
    job.state, job.attempts, job.not_before, job.finished_at = JobState.WAITING, 0, now, None
    job.unique_key, job.result = key, {}
    session.flush()


def release_expired(session: Session, *, now: datetime) -> int:
    """Let jobs wait again whose workers are thought dead, or end them when no attempt is left; gives their number."""
    lost = select(Job).where(Job.state == JobState.RUNNING, Job.leased_until <= now)
    expired = session.scalars(lost.with_for_update(skip_locked=True)).all()
    for job in expired:
        sentence = f"It was begun {job.attempts} times and interrupted the last time, before it was done."
        _try_again_or_end(job, now, sentence, not_before=now)
    session.flush()
    return len(expired)


def plan(session: Session, every: Mapping[str, timedelta], *, now: datetime) -> list[uuid.UUID]:
    """A job for each kind that is due again; gives their ids. every: kind -> how long from one to the next.

    Two workers that plan at once get the same job, because it has a key.
    """
    made = []
    for kind, pause in every.items():
        # Not beyond now: where the clock was ahead for a while, nothing waits until it is that late again.
        lately = and_(Job.created_at > now - pause, Job.created_at <= now)
        planned = select(Job.id).where(Job.kind == kind, Job.created_by == "rule", lately)
        if session.scalar(planned.limit(1)) is None:
            made.append(enqueue(session, kind, now=now, created_by="rule", unique_key=f"every:{kind}"))
    return made


def forget_old(session: Session, *, now: datetime) -> int:
    """Remove jobs that have been over for long, with their results; gives their number."""
    is_old = or_(
        and_(Job.state.in_((JobState.DONE, JobState.CANCELLED)), Job.finished_at <= now - KEPT),
        and_(Job.state == JobState.FAILED, Job.finished_at <= now - FAILED_KEPT),
    )
    return len(session.scalars(delete(Job).where(is_old).returning(Job.id)).all())


def pause_after(attempts: int, job_id: uuid.UUID) -> timedelta:
    """How long to wait after so many attempts: 30 seconds, then twice as long each time, up to an hour.

    Up to a quarter less, differently for each job, so that jobs which failed together do not come back together.
    """
    # Beyond the eighth the pause is the longest anyway, and the power would grow without an end.
    doubled = min(FIRST_PAUSE * (1 << min(attempts - 1, 8)), LONGEST_PAUSE)
    return doubled * (1 - (job_id.int + attempts * 37) % 101 / 400)


def _no_other_of_its_study() -> ColumnElement[bool]:
    busy = select(Job.study_id).where(Job.state == JobState.RUNNING, Job.study_id.is_not(None))
    return or_(Job.study_id.is_(None), Job.study_id.not_in(busy))


def _study_is_free(session: Session, job: Job) -> bool:
    """Whether no other job of the study runs. On PostgreSQL two may look at once, so they queue up at the study."""
    if job.study_id is None or session.connection().dialect.name == "sqlite":
        return True
    # Of the kind of lock that lets others go on writing rows that refer to the study.
    session.scalar(select(Study.id).where(Study.id == job.study_id).with_for_update(key_share=True))
    running = select(Job.id).where(Job.study_id == job.study_id, Job.state == JobState.RUNNING)
    return session.scalar(running.limit(1)) is None


def _own(session: Session, held: Held) -> Job:
    """The row of a job that one holds. Its lease may be over, as long as nobody has taken it away."""
    job = session.get(Job, held.id, with_for_update=True, populate_existing=True)
    if job is None or (job.state, job.worker, job.attempts) != (JobState.RUNNING, held.worker, held.attempt):
        raise LeaseLost
    return job


def _locked(session: Session, job_id: uuid.UUID) -> Job:
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return job


def _try_again_or_end(job: Job, now: datetime, error: str | None, *, not_before: datetime) -> None:
    """A running job comes back unfinished: it waits, unless somebody wanted it stopped or its attempts are used up."""
    job.error = error or job.error
    if _STOP in job.result:
        _end(job, JobState.CANCELLED, now)
    elif job.attempts >= job.attempts_limit:
        _end(job, JobState.FAILED, now)
    else:
        job.state, job.leased_until, job.not_before = JobState.WAITING, None, not_before


def _end(job: Job, state: JobState, now: datetime) -> None:
    # The key is free for the next one, and known in case this one is tried again.
    job.result = {_KEY: job.unique_key} if job.unique_key else {}
    job.state, job.leased_until, job.unique_key, job.finished_at = state, None, None, now
