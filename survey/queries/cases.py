"""One interview as a save needs it: locked on PostgreSQL, in one select, without building objects to track.

Run on the connection of the session, as in `survey.queries.pages`.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from survey.models import (
    AnswerChange,
    Evaluation,
    EvaluationState,
    Interview,
    InterviewState,
    Operation,
    Study,
    StudyState,
)


@dataclass(frozen=True, slots=True)
class Case:
    """An interview and what its study allows."""

    interview_id: uuid.UUID
    state: InterviewState
    mode: str
    variant: str
    instrument_version: int
    revision: int
    profile: bytes
    region_id: uuid.UUID | None
    group_key: str | None
    submitted_at: datetime | None
    receipt: str | None
    extra_practices: int
    study_id: uuid.UUID
    study_state: StudyState
    closes_on: date | None
    instrument_key: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The present state of one evaluation."""

    id: uuid.UUID
    position: int
    state: EvaluationState
    codes: bytes
    texts: dict[str, str]
    revision: int


_CASE = (
    Interview.id,
    Interview.state,
    Interview.mode,
    Interview.variant,
    Interview.instrument_version,
    Interview.revision,
    Interview.codes,
    Interview.region_id,
    Interview.group_key,
    Interview.submitted_at,
    Interview.receipt,
    Interview.extra_practices,
    Study.id,
    Study.state,
    Study.closes_on,
    Study.instrument_key,
)
_JUDGEMENT = (
    Evaluation.id,
    Evaluation.position,
    Evaluation.state,
    Evaluation.codes,
    Evaluation.texts,
    Evaluation.revision,
)

# Built once: putting a select together costs more than running it from the cache. The lock is on both rows, because
# PostgreSQL reads again, after waiting, only the rows that it locks. SQLite has one writer anyway and ignores it.
_WITH_JUDGEMENT: Select[*tuple[Any, ...]] = (
    select(*_CASE, *_JUDGEMENT)
    .join(Study, Study.id == Interview.study_id)
    .join(Evaluation, Evaluation.interview_id == Interview.id)
    .where(Interview.id == bindparam("interview"), Evaluation.position == bindparam("position"))
    .with_for_update(of=(Interview, Evaluation))
)
_TO_READ: Select[*tuple[Any, ...]] = (
    select(*_CASE).join(Study, Study.id == Interview.study_id).where(Interview.id == bindparam("interview"))
)
_ALONE: Select[*tuple[Any, ...]] = _TO_READ.with_for_update(of=Interview)
_JUDGEMENTS: Select[*tuple[Any, ...]] = (
    select(*_JUDGEMENT).where(Evaluation.interview_id == bindparam("interview")).order_by(Evaluation.position)
)
_OPERATION: Select[*tuple[Any, ...]] = select(
    Operation.interview_id, Operation.body_hash, Operation.revision, Operation.created_at
).where(Operation.id == bindparam("operation"))
# What `survey.services.operations.logged` makes changes of.
LOGGED = (
    AnswerChange.question,
    AnswerChange.code,
    AnswerChange.text,
    AnswerChange.revision,
    AnswerChange.author,
    AnswerChange.mode,
    AnswerChange.changed_at,
)
_LOG = select(*LOGGED).order_by(AnswerChange.revision, AnswerChange.id)
_LOG_OF_JUDGEMENT: Select[*tuple[Any, ...]] = _LOG.where(AnswerChange.evaluation_id == bindparam("evaluation"))
_LOG_OF_PROFILE: Select[*tuple[Any, ...]] = _LOG.where(
    AnswerChange.interview_id == bindparam("interview"), AnswerChange.evaluation_id.is_(None)
)
_REVISION: Select[int] = select(Interview.revision).where(Interview.id == bindparam("interview"))
_LOG_SINCE: Select[*tuple[Any, ...]] = (
    _LOG.add_columns(Evaluation.position)
    .outerjoin(Evaluation, Evaluation.id == AnswerChange.evaluation_id)
    .where(AnswerChange.interview_id == bindparam("interview"), AnswerChange.revision > bindparam("since"))
)


def case_with_judgement(session: Session, interview_id: uuid.UUID, position: int) -> tuple[Case, Judgement] | None:
    """The interview and its evaluation at this position, both locked; None when there is no such pair."""
    row = session.connection().execute(_WITH_JUDGEMENT, {"interview": interview_id, "position": position}).one_or_none()
    if row is None:
        return None
    values = tuple(row)
    return Case(*values[: len(_CASE)]), Judgement(*values[len(_CASE) :])


def case_alone(session: Session, interview_id: uuid.UUID) -> Case | None:
    """The interview, locked; None when there is none."""
    row = session.connection().execute(_ALONE, {"interview": interview_id}).one_or_none()
    return Case(*row) if row is not None else None


def case_to_read(session: Session, interview_id: uuid.UUID) -> Case | None:
    """The interview, not locked; None when there is none."""
    row = session.connection().execute(_TO_READ, {"interview": interview_id}).one_or_none()
    return Case(*row) if row is not None else None


def judgements_of(session: Session, interview_id: uuid.UUID) -> list[Judgement]:
    """The evaluations of an interview, by position."""
    return [Judgement(*row) for row in session.connection().execute(_JUDGEMENTS, {"interview": interview_id})]


def operation_by_id(session: Session, operation_id: uuid.UUID) -> Row[*tuple[Any, ...]] | None:
    """interview_id, body_hash, revision and created_at of a save that came before; None when it is new."""
    return session.connection().execute(_OPERATION, {"operation": operation_id}).one_or_none()


def log_of_judgement(session: Session, evaluation_id: uuid.UUID) -> list[Row[*tuple[Any, ...]]]:
    """question, code, text, revision, author, mode and changed_at of every change, oldest first."""
    return list(session.connection().execute(_LOG_OF_JUDGEMENT, {"evaluation": evaluation_id}))


def log_of_profile(session: Session, interview_id: uuid.UUID) -> list[Row[*tuple[Any, ...]]]:
    """As `log_of_judgement`, for the profile."""
    return list(session.connection().execute(_LOG_OF_PROFILE, {"interview": interview_id}))


def revision_of(session: Session, interview_id: uuid.UUID) -> int | None:
    """The number of the last change of an interview; None when there is no such interview."""
    return session.connection().scalar(_REVISION, {"interview": interview_id})


def log_since(session: Session, interview_id: uuid.UUID, revision: int) -> list[Row[*tuple[Any, ...]]]:
    """As `log_of_judgement`, for the whole interview after a revision, with `position`: None for the profile."""
    return list(session.connection().execute(_LOG_SINCE, {"interview": interview_id, "since": revision}))
