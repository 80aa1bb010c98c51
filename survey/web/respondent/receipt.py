"""The receipt, which a personal link goes on showing."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from survey.services import interviewing
from survey.services.interviewing import Head
from survey.web.respondent.places import place_of


def render_receipt(session: Session, head: Head, language: str, *, privacy_address: str) -> ResponseReturnValue:
    """The page of an interview that was handed in."""
    return render_template(
        "respondent/receipt.html",
        head=head,
        receipt=interviewing.receipt_of(session, head.interview_id),
        thanks=place_of(head, language).words("thanks.text"),
        privacy_address=privacy_address,
    )
