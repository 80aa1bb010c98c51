"""Letting a browser in at an interview."""

import uuid

from sqlalchemy.orm import Session

from survey.services import accounts
from survey.web.database import utc_now
from survey.web.sessions import session_token


def enter(session: Session, interview_id: uuid.UUID, link_id: uuid.UUID | None) -> str:
    """Open a session in place of the one that the browser has, and give its token for `open_session`."""
    before = session_token()
    if before:
        accounts.sign_out(session, before, now=utc_now())
    return accounts.open_respondent_session(session, interview_id, link_id, now=utc_now())
