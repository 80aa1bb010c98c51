"""Taking consent back: what it means, doing it, and the page that stays afterwards."""

import uuid

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey.models import InterviewState
from survey.services import errors, interviewing
from survey.web.database import transaction, utc_now
from survey.web.guards import public, respondent
from survey.web.languages import asked_language
from survey.web.respondent.blueprint import bp
from survey.web.respondent.interviews import head_of, speak
from survey.web.respondent.my_data import head_to_disclose
from survey.web.sessions import close_session


@bp.get("/interview/<uuid:interview_id>/withdraw")
@respondent
def withdraw(interview_id: uuid.UUID) -> ResponseReturnValue:
    return render_template("respondent/withdraw.html", head=head_to_disclose(interview_id))


@bp.post("/interview/<uuid:interview_id>/withdraw")
@respondent
def confirm_withdrawal(interview_id: uuid.UUID) -> ResponseReturnValue:
    with transaction() as session:
        interviewing.withdraw(session, interview_id, now=utc_now())
    return close_session(redirect(url_for(".withdrawn", interview_id=interview_id, lang=asked_language()), 303))


@bp.get("/interview/<uuid:interview_id>/withdrawn")
@public
def withdrawn(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Where no session is left. Tells nothing but whom to write to, and only of interviews that were withdrawn."""
    head = head_of(interview_id)
    if head.state is not InterviewState.WITHDRAWN:
        raise errors.NotFound
    speak(head)
    return render_template("respondent/withdrawn.html", head=head)
