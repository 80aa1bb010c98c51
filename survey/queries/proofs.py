"""The whole log beside the whole state, in one order and a part at a time, and rows that contradict each other."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from survey.models import AnswerChange, Evaluation, Interview, Operation, Practice, Region, Respondent, Study
from survey.queries.cases import LOGGED

# Rows that are in memory at a time.
PART = 2_000

_CASE = (
    Study.key.label("study"),
    Respondent.number.label("respondent"),
    Study.instrument_key,
    Interview.instrument_version,
    Interview.variant,
)
_judged = aliased(Region)

_EVALUATIONS: Select[*tuple[Any, ...]] = (
    select(
        Evaluation.id,
        *_CASE,
        Practice.key.label("practice"),
        Evaluation.state,
        Evaluation.codes,
        Evaluation.texts,
        Evaluation.revision,
        (_judged.study_id == Interview.study_id).label("has_own_region"),
        (Practice.study_id == Interview.study_id).label("has_own_practice"),
    )
    .join(Interview, Interview.id == Evaluation.interview_id)
    .join(Respondent, Respondent.id == Interview.respondent_id)
    .join(Study, Study.id == Interview.study_id)
    .join(Practice, Practice.id == Evaluation.practice_id)
    .join(_judged, _judged.id == Evaluation.region_id)
    .order_by(Evaluation.id)
)
_CHANGES_OF_EVALUATIONS: Select[*tuple[Any, ...]] = (
    select(AnswerChange.evaluation_id.label("id"), *LOGGED)
    .where(AnswerChange.evaluation_id.is_not(None))
    .order_by(AnswerChange.evaluation_id, AnswerChange.revision, AnswerChange.id)
)
_INTERVIEWS: Select[*tuple[Any, ...]] = (
    select(
        Interview.id,
        *_CASE,
        Interview.codes,
        Interview.group_key,
        Interview.revision,
        Region.key.label("region"),
        # One look into the index for each interview.
        select(func.max(AnswerChange.revision))
        .where(AnswerChange.interview_id == Interview.id)
        .scalar_subquery()
        .label("last_revision"),
    )
    .join(Respondent, Respondent.id == Interview.respondent_id)
    .join(Study, Study.id == Interview.study_id)
    .outerjoin(Region, Region.id == Interview.region_id)
    .order_by(Interview.id)
)
_CHANGES_OF_PROFILES: Select[*tuple[Any, ...]] = (
    select(AnswerChange.interview_id.label("id"), *LOGGED)
    .where(AnswerChange.evaluation_id.is_(None))
    .order_by(AnswerChange.interview_id, AnswerChange.revision, AnswerChange.id)
)
_WITHOUT_OPERATION: Select[*tuple[Any, ...]] = (
    select(AnswerChange.id, AnswerChange.op_id, AnswerChange.question)
    .outerjoin(Operation, Operation.id == AnswerChange.op_id)
    .where(or_(Operation.id.is_(None), Operation.interview_id != AnswerChange.interview_id))
)
_OF_ANOTHER_INTERVIEW: Select[*tuple[Any, ...]] = (
    select(AnswerChange.id, AnswerChange.question)
    .join(Evaluation, Evaluation.id == AnswerChange.evaluation_id)
    .where(Evaluation.interview_id != AnswerChange.interview_id)
)


def let_it_take_its_time(session: Session) -> None:
    """Lift the limit for one statement, which is meant for pages."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = 0"))


def how_many_evaluations(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Evaluation)) or 0


def evaluations(session: Session) -> Iterator[Row[*tuple[Any, ...]]]:
    """Every evaluation by id, with the words for its place."""
    return _in_parts(session, _EVALUATIONS)


def changes_of_evaluations(session: Session) -> Iterator[Row[*tuple[Any, ...]]]:
    """The log of every evaluation: `id` of the evaluation and the change, in the order of `evaluations`."""
    return _in_parts(session, _CHANGES_OF_EVALUATIONS)


def interviews(session: Session) -> Iterator[Row[*tuple[Any, ...]]]:
    """Every interview by id, with the words for its place."""
    return _in_parts(session, _INTERVIEWS)


def changes_of_profiles(session: Session) -> Iterator[Row[*tuple[Any, ...]]]:
    """The log of every profile: `id` of the interview and the change, in the order of `interviews`."""
    return _in_parts(session, _CHANGES_OF_PROFILES)


def changes_without_operation(session: Session) -> Iterator[Row[*tuple[Any, ...]]]:
    """Changes whose save was never noted, or noted for another interview."""
    return _in_parts(session, _WITHOUT_OPERATION)


def changes_of_another_interview(session: Session) -> Iterator[Row[*tuple[Any, ...]]]:
    """Changes of an evaluation that belongs to another interview than they do."""
    return _in_parts(session, _OF_ANOTHER_INTERVIEW)


def _in_parts(session: Session, statement: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    return iter(session.execute(statement, execution_options={"yield_per": PART}))
