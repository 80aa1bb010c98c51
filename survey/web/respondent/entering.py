"""The step from the pages before an interview into it: consent as the form says it, and the browser's session."""

import uuid
from dataclasses import dataclass

from flask import redirect
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from survey.services import accounts, interviewing
from survey.web.database import utc_now
from survey.web.respondent.addresses import address_of
from survey.web.sessions import open_session, session_token


@dataclass(frozen=True, slots=True)
class Entry:
    """Where somebody goes on, and the session that opens it."""

    address: str
    session_token: str

    def response(self) -> Response:
        """The way there: an address without a token, and the cookie."""
        return open_session(redirect(self.address, 303), self.session_token)


def consent_in(form: MultiDict[str, str]) -> str:
    """What was ticked, "yes" or "no"; "" for neither. Both at once are none: consent is never guessed."""
    said = form.getlist("consent")
    return said[0] if len(said) == 1 and said[0] in {"yes", "no"} else ""


def let_in(session: Session, interview_id: uuid.UUID, link_id: uuid.UUID, *, language: str) -> Entry:
    """Open an interview to this browser at the place where it goes on, in this language."""
    where = interviewing.place_after_break(session, interview_id)
    if where.page != "receipt":
        interviewing.set_language(session, interview_id, language, now=utc_now())
    opened = enter(session, interview_id, link_id)
    return Entry(address_of(where, interviewing.head_of(session, interview_id)), opened)


def enter(session: Session, interview_id: uuid.UUID, link_id: uuid.UUID | None) -> str:
    """Open a session in place of the one that the browser has, and give its token for `open_session`."""
    before = session_token()
    if before:
        accounts.sign_out(session, before, now=utc_now())
    return accounts.open_respondent_session(session, interview_id, link_id, now=utc_now())
