"""A link of one's own for somebody who is in the middle of an interview: to continue later, or on another device."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Interview, InterviewState
from survey.services import limiting
from survey.services.errors import NotFound, TooManyAttempts, Withdrawn
from survey.services.inviting import another_link

# Each showing makes a new link, because none can be shown twice.
SHOWN_AT_MOST: Final = 10
SHOWN_WINDOW: Final = timedelta(hours=1)


def way_back(session: Session, interview_id: uuid.UUID, *, now: datetime) -> str:
    """The token of a new link to this interview; those before go on working.

    NotFound, Withdrawn, and TooManyAttempts when it was asked for again and again.
    """
    interview = session.scalars(select(Interview).where(Interview.id == interview_id)).one_or_none()
    if interview is None:
        raise NotFound
    if interview.state is InterviewState.WITHDRAWN:
        raise Withdrawn
    within = limiting.count(session, "own-link", str(interview_id), limit=SHOWN_AT_MOST, window=SHOWN_WINDOW, now=now)
    if not within:
        raise TooManyAttempts
    return another_link(session, interview.respondent_id, now=now)
