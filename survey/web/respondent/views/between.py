"""The pages of an interview that ask nothing: going on, a break, privacy, and changing the language."""

import uuid

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.services import errors, interviewing
from survey.texts import on_offer, typographic
from survey.web.database import reading, transaction, utc_now
from survey.web.guards import respondent
from survey.web.respondent.addresses import address_of
from survey.web.respondent.blueprint import bp
from survey.web.respondent.interviews import head_of, speak, speak_if_open
from survey.web.respondent.later import render_later

PAGES_WITH_A_LANGUAGE = frozenset(
    {"review", "later", "privacy", "own_link", "my_data", "my_answers", "contact", "withdraw"}
)


@bp.get("/interview/<uuid:interview_id>")
@respondent
def resume(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Go on where one stopped."""
    head = head_of(interview_id)
    return redirect(address_of(interviewing.place_after_break(reading(), interview_id), head), 303)


@bp.get("/interview/<uuid:interview_id>/later")
@respondent
def later(interview_id: uuid.UUID) -> ResponseReturnValue:
    head = head_of(interview_id)
    speak_if_open(head)
    return render_later(interview_id)


@bp.get("/interview/<uuid:interview_id>/privacy")
@respondent
def privacy(interview_id: uuid.UUID) -> ResponseReturnValue:
    head = head_of(interview_id)
    speak(head)
    return render_template(
        "respondent/privacy.html",
        title=typographic(head.title),
        owner=typographic(head.owner),
        contact=head.contact_email,
        is_simulated=head.is_simulated,
        back=url_for(".resume", interview_id=interview_id),
        head=head,
    )


@bp.post("/interview/<uuid:interview_id>/language")
@respondent
def language(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Change the language on a page without answers, and show it again."""
    page = request.form.get("page", "")
    again = f".{page if page in PAGES_WITH_A_LANGUAGE else 'review'}"
    head = head_of(interview_id)
    chosen = on_offer(head.languages, request.form.get("lang"), head.language)
    try:
        with transaction() as session:
            interviewing.set_language(session, interview_id, chosen, now=utc_now())
    except (errors.AlreadySubmitted, errors.StudyClosed):
        # Nothing is kept any more, but everybody may go on reading.
        return redirect(url_for(again, interview_id=interview_id, lang=chosen), 303)
    return redirect(url_for(again, interview_id=interview_id), 303)
