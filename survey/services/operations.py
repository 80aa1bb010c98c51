"""A save is done once: its operation is claimed, or the reply of the first time is given again."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from survey.models import AnswerChange, InterviewState, Operation, StudyState
from survey.queries import cases
from survey.queries.cases import Case
from survey.services.errors import (
    AlreadySubmitted,
    Declined,
    NotOpenYet,
    OperationReused,
    StudyClosed,
    SurveyError,
    Withdrawn,
)
from survey.services.history import LoggedChange
from survey.services.saving import Author, Change, Save, Saved

_OPERATIONS: Table = Operation.__table__  # type: ignore[assignment]
_CHANGES: Table = AnswerChange.__table__  # type: ignore[assignment]
_CLAIM: dict[str, ReturningInsert[uuid.UUID]] = {
    "sqlite": sqlite.insert(_OPERATIONS).on_conflict_do_nothing().returning(_OPERATIONS.c.id),
    "postgresql": postgresql.insert(_OPERATIONS).on_conflict_do_nothing().returning(_OPERATIONS.c.id),
}

_APPEND = _CHANGES.insert()


def body_hash(what: str, save: Save) -> bytes:
    """SHA-256 of everything in a save but its id. what: the place it was meant for."""
    body = [what, save.base_revision, sorted(save.codes.items()), sorted(save.texts.items())]
    if save.bases:
        body.append(sorted(save.bases.items()))
    return hashlib.sha256(json.dumps(body, ensure_ascii=True).encode()).digest()


def claim(
    session: Session, operation_id: uuid.UUID, case: Case, body: bytes, *, revision: int, now: datetime
) -> Saved | None:
    """Write the operation down as done now. None when that was the first time, else the reply of the first time.

    Raises OperationReused when the first time had another body or belonged to another interview.
    """
    values = {
        "id": operation_id,
        "interview_id": case.interview_id,
        "body_hash": body,
        "revision": revision,
        "created_at": now,
    }
    connection = session.connection()
    is_first = connection.scalar(_CLAIM[connection.dialect.name], values) is not None
    if is_first:
        return None
    return replayed(session, operation_id, case, body)


def replayed(session: Session, operation_id: uuid.UUID, case: Case, body: bytes) -> Saved | None:
    """The reply of the first time, or None when this operation is new. Raises OperationReused as `claim`."""
    row = cases.operation_by_id(session, operation_id)
    if row is None:
        return None
    if row.interview_id != case.interview_id or row.body_hash != body:
        raise OperationReused
    return Saved(row.revision, row.created_at, replayed=True)


def refusal(case: Case, now: datetime) -> SurveyError | None:
    """Why nothing can be saved in this interview now; None when it can. The withdrawal goes before all else."""
    if case.state is InterviewState.WITHDRAWN:
        return Withdrawn()
    if case.state is InterviewState.DECLINED:
        return Declined()
    if case.state is InterviewState.SUBMITTED:
        return AlreadySubmitted(case.submitted_at)
    return study_refusal(case.study_state, case.closes_on, now)


def study_refusal(state: StudyState, closes_on: date | None, now: datetime) -> SurveyError | None:
    """Why a study takes no answers now. It takes them to the end, in UTC, of the day it closes on."""
    if state is StudyState.DRAFT:
        return NotOpenYet()
    if state is StudyState.CLOSED or (closes_on is not None and now.date() > closes_on):
        return StudyClosed()
    return None


def refused_or_replayed(
    session: Session, operation_id: uuid.UUID, case: Case, body: bytes, *, now: datetime
) -> Saved | None:
    """None when the save may go on. A save that was done before the interview ended still gets its reply.

    Raises what refuses it; after a withdrawal or a refusal even a repeated save gets nothing.
    """
    refused = refusal(case, now)
    if refused is None:
        return None
    if isinstance(refused, AlreadySubmitted | StudyClosed):
        earlier = replayed(session, operation_id, case, body)
        if earlier is not None:
            return earlier
    raise refused


def append(
    session: Session,
    case: Case,
    evaluation_id: uuid.UUID | None,
    changes: Iterable[Change],
    *,
    operation_id: uuid.UUID,
    author: Author,
    revision: int,
    now: datetime,
) -> None:
    """Write changes to the log, in one statement."""
    rows: list[dict[str, Any]] = [
        {
            "interview_id": case.interview_id,
            "evaluation_id": evaluation_id,
            "question": change.question,
            "code": change.value if isinstance(change.value, int) else None,
            "text": change.value if isinstance(change.value, str) else None,
            "revision": revision,
            "author": change.author,
            "mode": author.mode.value,
            "instrument_version": case.instrument_version,
            "changed_at": now,
            "op_id": operation_id,
        }
        for change in changes
    ]
    if rows:
        session.connection().execute(_APPEND, rows)


def logged(rows: Iterable[Any]) -> list[LoggedChange]:
    """Rows of the log as values."""
    return [
        LoggedChange(
            row.question,
            row.text if row.code is None else row.code,
            row.revision,
            row.author,
            row.mode,
            row.changed_at,
        )
        for row in rows
    ]
