"""The page of a break, from which the way back in can be sent by mail."""

import uuid

from flask import render_template, request

from survey.services.mailing import asking
from survey.web.database import reading
from survey.web.mails import sends_mail
from survey.web.respondent.interviews import head_of
from survey.web.sealing import seal


def render_later(interview_id: uuid.UUID, *, problem: str = "", typed: str = "") -> str:
    """The page of a break, with a way to have the link sent where mails are sent."""
    address = asking.address_for(reading(), seal(), interview_id) if sends_mail() else ""
    return render_template(
        "respondent/later.html",
        head=head_of(interview_id),
        address=asking.masked(address) if address else "",
        was_sent=request.method == "GET" and request.args.get("sent") == "1",
        problem=problem,
        typed=typed,
    )
