"""A link of one's own, to continue later or on another device: made when it is asked for, and shown once."""

import uuid

from flask import render_template
from flask.typing import ResponseReturnValue

from survey.services import returning
from survey.web.database import transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import respondent
from survey.web.outside import link_address
from survey.web.qr import qr_code
from survey.web.respondent.blueprint import bp
from survey.web.respondent.interviews import head_of, speak


@bp.get("/interview/<uuid:interview_id>/link")
@respondent
def own_link(interview_id: uuid.UUID) -> ResponseReturnValue:
    """What the link is for, and the button that makes it."""
    head = head_of(interview_id)
    speak(head)
    return render_template("respondent/own_link.html", head=head, address="", refused=False)


@bp.post("/interview/<uuid:interview_id>/link")
@shows_form_again
@respondent
def show_own_link(interview_id: uuid.UUID) -> ResponseReturnValue:
    """A new link in the page that answers: its token is in no address and cannot be shown again."""
    head = head_of(interview_id)
    speak(head)
    if form_was_refused():
        return render_template("respondent/own_link.html", head=head, address="", refused=True), 400
    with transaction() as session:
        token = returning.way_back(session, interview_id, now=utc_now())
    address = link_address(token)
    return render_template("respondent/own_link.html", head=head, address=address, code=qr_code(address))
