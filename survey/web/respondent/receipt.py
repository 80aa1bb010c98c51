"""The receipt, which a personal link goes on showing."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from survey.services import disclosing, interviewing
from survey.services.interviewing import Head
from survey.web.database import utc_now
from survey.web.respondent.places import place_of


def render_receipt(
    session: Session, head: Head, language: str, *, privacy_address: str, token: str = ""
) -> ResponseReturnValue:
    """The page of an interview that was handed in. token: of the link that leads here, where there is no session."""
    return render_template(
        "respondent/receipt.html",
        head=head,
        receipt=interviewing.receipt_of(session, head.interview_id),
        thanks=place_of(head, language).words("thanks.text"),
        privacy_address=privacy_address,
        shows_answers=disclosing.shows_answers(head, utc_now()),
        answers_until=disclosing.answers_shown_until(head),
        token=token,
    )
