"""More practices than were promised, for a respondent who wants to go on: offered once, and no duty afterwards."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from survey.models import EvaluationState, Interview, Study
from survey.queries import cases
from survey.queries.cases import Case
from survey.services import operations
from survey.services.assigning import assign_more, how_many_left
from survey.services.chance import SECURE, Chance
from survey.services.errors import NotFound

_INTERVIEWS: Table = Interview.__table__  # type: ignore[assignment]


def extra_positions(positions: Iterable[int], extra_practices: int) -> frozenset[int]:
    """Which practices of an interview were taken on beyond the promise: they are given out behind all others."""
    given = sorted(positions)
    return frozenset(given[max(len(given) - extra_practices, 0) :])


def more_to_offer(session: Session, interview_id: uuid.UUID, *, now: datetime) -> int:
    """How many practices more a respondent may be asked for now; 0 for none.

    None before every promised practice is complete, a second time, or where the study has nothing left to ask.
    """
    case = cases.case_to_read(session, interview_id)
    if case is None:
        raise NotFound
    return _offer(session, case, now)


def take_more(session: Session, interview_id: uuid.UUID, *, now: datetime, chance: Chance = SECURE) -> int | None:
    """Give out the practices that are on offer, and give the position of the first; None when nothing is.

    A second press finds what the first one took. Raises what refuses a save.
    """
    case = cases.case_alone(session, interview_id)
    if case is None:
        raise NotFound
    refused = operations.refusal(case, now)
    if refused is not None:
        raise refused
    count = _offer(session, case, now)
    if count and case.region_id is not None:
        assign_more(
            session,
            interview_id,
            case.region_id,
            case.group_key,
            count=count,
            attempt=case.revision,
            now=now,
            chance=chance,
        )
        session.execute(_INTERVIEWS.update().where(_INTERVIEWS.c.id == interview_id).values(extra_practices=count))
    extra = count or case.extra_practices
    positions = (judgement.position for judgement in cases.judgements_of(session, interview_id))
    return min(extra_positions(positions, extra), default=None)


def _offer(session: Session, case: Case, now: datetime) -> int:
    if operations.refusal(case, now) is not None or case.extra_practices or case.region_id is None:
        return 0
    offered = session.execute(select(Study.extra_practices_offered).where(Study.id == case.study_id)).scalar_one()
    states = {judgement.state for judgement in cases.judgements_of(session, case.interview_id)}
    if not offered or states != {EvaluationState.COMPLETE}:
        return 0
    return min(offered, how_many_left(session, case.interview_id, case.region_id))
