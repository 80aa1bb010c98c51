"""What others have answered in an interview since a page was built, so that two people at it see each other."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from instruments import load
from survey.queries import cases
from survey.services.checking import evaluation_form, profile_form
from survey.services.errors import NotFound
from survey.services.history import RULES


@dataclass(frozen=True, slots=True)
class Answered:
    """A question whose answer has changed. position: of the practice; None for the profile."""

    position: int | None
    question: str


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The newest answer of a person."""

    author: str
    mode: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """What has changed after a revision. last: None when nobody has answered since."""

    revision: int
    changed: frozenset[Answered]
    last: LastAnswer | None


def news_since(session: Session, interview_id: uuid.UUID, revision: int) -> News:
    """What has changed in an interview after this revision. One select, three when something has.

    NotFound when there is no such interview.
    """
    now_at = cases.revision_of(session, interview_id)
    if now_at is None:
        raise NotFound
    if now_at <= revision:
        return News(now_at, frozenset(), None)
    case = cases.case_to_read(session, interview_id)
    if case is None:
        raise NotFound
    instrument = load(case.instrument_key, case.instrument_version)
    of_profile, of_practice = profile_form(instrument).owners, evaluation_form(instrument, case.variant).owners
    rows = cases.log_since(session, interview_id, revision)
    people = [row for row in rows if row.author not in RULES]
    last = LastAnswer(people[-1].author, people[-1].mode, people[-1].changed_at) if people else None
    changed = frozenset(
        Answered(row.position, (of_profile if row.position is None else of_practice)[row.question]) for row in rows
    )
    return News(now_at, changed, last)
