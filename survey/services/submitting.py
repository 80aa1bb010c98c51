"""Handing an interview in: once, whole, and with a receipt; and what a respondent sets for the pages."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from instruments import Instrument, is_answered, load, missing_required, unanswered
from survey.models import Evaluation, EvaluationState, Interview, InterviewState, Study
from survey.queries import cases
from survey.queries.cases import Case, Judgement
from survey.services import operations
from survey.services.answering import raise_study_revision
from survey.services.chance import SECURE, Chance
from survey.services.checking import REGION
from survey.services.errors import BadFields, FieldProblem, MissingAnswer, MissingAnswers, NotFound
from survey.services.extending import extra_positions
from survey.services.readable import new_code
from survey.services.saving import Author, Save

LAYOUTS = ("steps", "whole")
_EVALUATIONS: Table = Evaluation.__table__  # type: ignore[assignment]
_INTERVIEWS: Table = Interview.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Receipt:
    """number: "R7KD-4M2Q". judged: practices that count. left_open: questions that were asked and not answered."""

    number: str
    submitted_at: datetime
    judged: int
    assigned: int
    left_open: int


def submit(
    session: Session,
    interview_id: uuid.UUID,
    *,
    op_id: uuid.UUID,
    author: Author,
    now: datetime,
    without_extra: bool = False,
    chance: Chance = SECURE,
) -> Receipt:
    """Hand the interview in. A second time gives the same receipt, whoever asks and with whatever op_id.

    without_extra: the respondent says that practices taken on beyond the promise need not be complete. Those without
    an answer are given back; the others stay, and do not count.
    Raises MissingAnswers while a required question on a path is open, and what else refuses a save.
    """
    del author  # Nothing of it is logged: submitting changes no answer.
    case = cases.case_alone(session, interview_id)
    if case is None:
        raise NotFound
    instrument = load(case.instrument_key, case.instrument_version)
    judgements = cases.judgements_of(session, interview_id)
    if case.state is InterviewState.SUBMITTED:
        return _receipt(instrument, case, judgements)
    refused = operations.refusal(case, now)
    if refused is not None:
        raise refused
    extra = extra_positions([each.position for each in judgements], case.extra_practices) if without_extra else ()
    places = tuple(_missing(instrument, case, [each for each in judgements if each.position not in extra]))
    if places:
        raise MissingAnswers(places)
    body = operations.body_hash("submit", Save(op_id, 0))
    # Never a reply of before: an operation that was done here before has submitted the interview.
    operations.claim(session, op_id, case, body, revision=case.revision, now=now)
    number = _new_number(session, chance)
    untouched = {each.id for each in judgements if each.position in extra and each.revision == 0}
    if untouched:
        session.execute(_EVALUATIONS.delete().where(_EVALUATIONS.c.id.in_(untouched)))
    session.execute(
        _INTERVIEWS.update()
        .where(_INTERVIEWS.c.id == interview_id)
        .values(
            state=InterviewState.SUBMITTED,
            submitted_at=now,
            receipt=number,
            extra_practices=case.extra_practices - len(untouched),
        )
    )
    raise_study_revision(session, case.study_id)
    return Receipt(number, now, *_counts(instrument, case, [each for each in judgements if each.id not in untouched]))


def receipt_of(session: Session, interview_id: uuid.UUID) -> Receipt:
    """The receipt of a submitted interview. NotFound when there is none."""
    case = cases.case_to_read(session, interview_id)
    if case is None or case.state is not InterviewState.SUBMITTED:
        raise NotFound
    instrument = load(case.instrument_key, case.instrument_version)
    return _receipt(instrument, case, cases.judgements_of(session, interview_id))


def set_language(session: Session, interview_id: uuid.UUID, value: str, *, now: datetime) -> None:
    """Remember the language of an interview. BadFields for one that its study does not offer."""
    case = _open_case(session, interview_id, now)
    if value not in session.scalars(select(Study.languages).where(Study.id == case.study_id)).one():
        raise BadFields([FieldProblem("language", f"The study has no language {value!r}.")])
    session.execute(_INTERVIEWS.update().where(_INTERVIEWS.c.id == interview_id).values(language=value))


def set_layout(session: Session, interview_id: uuid.UUID, value: str, *, now: datetime) -> None:
    """Remember whether a practice is shown in steps or as a whole. BadFields for anything else."""
    if value not in LAYOUTS:
        raise BadFields([FieldProblem("layout", f"There is no layout {value!r}.")])
    _open_case(session, interview_id, now)
    session.execute(_INTERVIEWS.update().where(_INTERVIEWS.c.id == interview_id).values(layout=value))


def _open_case(session: Session, interview_id: uuid.UUID, now: datetime) -> Case:
    case = cases.case_alone(session, interview_id)
    if case is None:
        raise NotFound
    refused = operations.refusal(case, now)
    if refused is not None:
        raise refused
    return case


def _missing(instrument: Instrument, case: Case, judgements: Iterable[Judgement]) -> Iterable[MissingAnswer]:
    profile = instrument.unpack_profile(case.profile)
    if case.region_id is None:
        yield MissingAnswer(None, None, REGION)
    for question in instrument.profile:
        if question.required and not is_answered(profile, question.columns):
            yield MissingAnswer(None, None, question.code)
    step_of = {code: step.key for step in instrument.steps for code in step.questions}
    for judgement in judgements:
        for question in missing_required(instrument, case.variant, instrument.unpack(judgement.codes)):
            yield MissingAnswer(judgement.position, step_of[question.code], question.code)


def _receipt(instrument: Instrument, case: Case, judgements: Iterable[Judgement]) -> Receipt:
    # A submitted interview has both: the database refuses one without a time, and `submit` writes them together.
    if case.receipt is None or case.submitted_at is None:
        raise NotFound
    return Receipt(case.receipt, case.submitted_at, *_counts(instrument, case, judgements))


def _counts(instrument: Instrument, case: Case, judgements: Iterable[Judgement]) -> tuple[int, int, int]:
    """Practices that count, practices assigned, and questions left open."""
    given = tuple(judgements)
    left_open = sum(len(unanswered(instrument, case.variant, instrument.unpack(each.codes))) for each in given)
    return [each.state for each in given].count(EvaluationState.COMPLETE), len(given), left_open


def _new_number(session: Session, chance: Chance) -> str:
    while True:
        number = new_code(chance)
        if session.scalar(select(Interview.id).where(Interview.receipt == number)) is None:
            return number
