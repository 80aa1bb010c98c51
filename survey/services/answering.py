"""Saving answers about one practice: the one way, for the web, the telephone and simulations.

The state and the log are written in the caller's transaction, and only the caller commits: nobody is told "saved"
before that. Five statements, six when results could show the change, two more when somebody saved meanwhile or
routing gives answers back.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import Table, bindparam
from sqlalchemy.orm import Session

from instruments import Instrument, is_answered, is_complete, load, settle
from survey.models import Evaluation, EvaluationState, Interview, Study
from survey.queries import cases
from survey.queries.cases import Case, Judgement
from survey.services import operations
from survey.services.checking import checked, evaluation_form
from survey.services.errors import NotFound, OtherPractice
from survey.services.history import History
from survey.services.saving import Author, Plan, Save, Saved, refuse_unknown_revision, route, weigh

_EVALUATIONS: Table = Evaluation.__table__  # type: ignore[assignment]
_INTERVIEWS: Table = Interview.__table__  # type: ignore[assignment]
_STUDIES: Table = Study.__table__  # type: ignore[assignment]

_KEEP_EVALUATION = (
    _EVALUATIONS.update()
    .where(_EVALUATIONS.c.id == bindparam("evaluation"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "codes", "texts", "revision")})
)
_KEEP_INTERVIEW = (
    _INTERVIEWS.update()
    .where(_INTERVIEWS.c.id == bindparam("interview"))
    .values(revision=bindparam("new_revision"), last_answer_at=bindparam("new_last_answer_at"))
)
_RAISE_STUDY = _STUDIES.update().where(_STUDIES.c.id == bindparam("study")).values(revision=_STUDIES.c.revision + 1)


def save_answers(
    session: Session, interview_id: uuid.UUID, position: int, save: Save, *, author: Author, now: datetime
) -> Saved:
    """Save answers about the practice at this position of the interview.

    A save that came before gets its first reply and changes nothing. A question that somebody answered differently
    since `save.base_revision` keeps the answer that was saved first and is listed in `Saved.conflicts`; it does not
    raise, because the rest of the save is kept and the caller still has to commit. A repeated save lists there the
    answers that stand now instead of its own: nobody may have read its first reply.
    Raises NotFound, OtherPractice, BadInput (nothing is saved), UnknownRevision, OperationReused, StudyClosed,
    NotOpenYet, AlreadySubmitted, Declined, Withdrawn.
    """
    case, judgement = _find(session, interview_id, position, now)
    body = operations.body_hash(f"answers/{position}", save)
    earlier = operations.refused_or_replayed(session, save.op_id, case, body, now=now)
    if earlier is not None:
        return earlier
    if save.evaluation_id not in {None, judgement.id}:
        raise OtherPractice
    refuse_unknown_revision(save, case.revision)
    instrument = load(case.instrument_key, case.instrument_version)
    plan = _plan(session, instrument, case, judgement, save, author)
    revision = case.revision + 1 if plan.changes else judgement.revision
    earlier = operations.claim(session, save.op_id, case, body, revision=revision, now=now)
    if earlier is not None:
        return replace(earlier, conflicts=plan.conflicts)
    if plan.changes:
        operations.append(
            session,
            case,
            judgement.id,
            plan.changes,
            operation_id=save.op_id,
            author=author,
            revision=revision,
            now=now,
        )
        _keep(session, instrument, case, judgement, plan, revision=revision, now=now)
    return Saved(revision, now, plan.changed, conflicts=plan.conflicts)


@cache
def first_codes(instrument: Instrument, variant: str) -> Mapping[str, int]:
    """The codes of an evaluation before any answer: what the variant does not ask is decided already.

    The log starts from here; assignment writes no log.
    """
    codes = instrument.unpack(instrument.pack({}))
    return {**codes, **settle(instrument, variant, codes)}


def state_of(
    instrument: Instrument, variant: str, codes: Mapping[str, int], texts: Mapping[str, str]
) -> EvaluationState:
    """How far an evaluation is, by its answers."""
    if is_complete(instrument, variant, codes):
        return EvaluationState.COMPLETE
    if texts or is_answered(codes, instrument.columns):
        return EvaluationState.STARTED
    return EvaluationState.ASSIGNED


def raise_study_revision(session: Session, study_id: uuid.UUID) -> None:
    """Tell caches of results that something they show has changed."""
    session.execute(_RAISE_STUDY, {"study": study_id})


def _find(session: Session, interview_id: uuid.UUID, position: int, now: datetime) -> tuple[Case, Judgement]:
    found = cases.case_with_judgement(session, interview_id, position)
    if found is not None:
        return found
    alone = cases.case_alone(session, interview_id)
    refused = operations.refusal(alone, now) if alone is not None else None
    raise refused or NotFound()


def _plan(
    session: Session, instrument: Instrument, case: Case, judgement: Judgement, save: Save, author: Author
) -> Plan:
    codes = instrument.unpack(judgement.codes)
    form = evaluation_form(instrument, case.variant)
    clean, columns = checked(form, save, codes, mode=author.mode)
    recall = _memory(session, instrument, case, judgement)
    is_stale = save.is_older(columns, judgement.revision)
    # An answer given again for a question that is set aside must not look like a new one, nor one that is given for the
    # first time like routing's.
    is_aside = any(codes[column] == form.set_aside[column] for column in clean.codes)
    history = recall() if is_stale or is_aside else None
    plan = weigh(clean, columns, codes=codes, texts=judgement.texts, history=history, author=author)
    if not plan.changes:
        return plan
    return route(instrument, case.variant, plan, before=codes, recall=lambda: recall().codes_given())


def _memory(session: Session, instrument: Instrument, case: Case, judgement: Judgement) -> Callable[[], History]:
    """The log of this evaluation, read at most once and only when it is needed."""

    @cache
    def recall() -> History:
        rows = operations.logged(cases.log_of_judgement(session, judgement.id))
        return History(rows, first=first_codes(instrument, case.variant))

    return recall


def _keep(
    session: Session,
    instrument: Instrument,
    case: Case,
    judgement: Judgement,
    plan: Plan,
    *,
    revision: int,
    now: datetime,
) -> None:
    codes = instrument.pack(plan.codes)
    state = state_of(instrument, case.variant, plan.codes, plan.texts)
    connection = session.connection()
    connection.execute(
        _KEEP_EVALUATION,
        {
            "evaluation": judgement.id,
            "new_state": state,
            "new_codes": codes,
            "new_texts": plan.texts,
            "new_revision": revision,
        },
    )
    connection.execute(
        _KEEP_INTERVIEW, {"interview": case.interview_id, "new_revision": revision, "new_last_answer_at": now}
    )
    is_visible = EvaluationState.COMPLETE in {state, judgement.state}
    if is_visible and (codes != judgement.codes or plan.texts != judgement.texts):
        # Last, because on PostgreSQL this row is shared by all interviews and locked until the commit.
        raise_study_revision(session, case.study_id)
