"""Where a respondent goes next. Reads only."""

import uuid
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from instruments import Instrument, first_open_step, first_untouched_step, load
from survey.models import EvaluationState, InterviewState
from survey.queries import cases
from survey.queries.cases import Case, Judgement
from survey.services.errors import NotFound
from survey.services.profiling import is_whole


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go next. position and step are set for a practice only."""

    page: Literal["profile", "practice", "review", "receipt"]
    position: int | None = None
    step: str | None = None


def place(session: Session, interview_id: uuid.UUID) -> Place:
    """The first open required question: the profile, a step of a practice, or else the review. For the way on."""
    case, instrument, judgements = _way(session, interview_id)
    return _first_open(case, instrument, judgements) or Place("review")


def place_after_break(session: Session, interview_id: uuid.UUID) -> Place:
    """Where somebody who comes back goes on: as `place`, but not past steps that the break left untouched.

    The practice answered last may have optional steps that were never seen; those before it were left on purpose.
    """
    case, instrument, judgements = _way(session, interview_id)
    first = _first_open(case, instrument, judgements)
    if first is not None and first.page != "practice":
        return first
    last = max(judgements, key=lambda judgement: judgement.revision, default=None)
    if last is not None and last.state is EvaluationState.COMPLETE:
        step = first_untouched_step(instrument, case.variant, instrument.unpack(last.codes))
        if step is not None:
            return Place("practice", last.position, step)
    return first or Place("review")


def _way(session: Session, interview_id: uuid.UUID) -> tuple[Case, Instrument, list[Judgement]]:
    case = cases.case_to_read(session, interview_id)
    if case is None:
        raise NotFound
    return case, load(case.instrument_key, case.instrument_version), cases.judgements_of(session, interview_id)


def _first_open(case: Case, instrument: Instrument, judgements: list[Judgement]) -> Place | None:
    if case.state is InterviewState.SUBMITTED:
        return Place("receipt")
    if not is_whole(instrument, instrument.unpack_profile(case.profile), case.region_id):
        return Place("profile")
    for judgement in judgements:
        step = first_open_step(instrument, case.variant, instrument.unpack(judgement.codes))
        if step is not None:
            return Place("practice", judgement.position, step)
    return None
