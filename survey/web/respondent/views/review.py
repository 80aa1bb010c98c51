"""Everything once more, judging more, handing in, and the receipt."""

import uuid

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey.models import InterviewState
from survey.services import errors, interviewing
from survey.services.interviewing import Place
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import respondent
from survey.web.languages import asked_language
from survey.web.questions import read_envelope
from survey.web.respondent.addresses import address_of
from survey.web.respondent.blueprint import bp
from survey.web.respondent.interviews import head_of, lacks_profile, speak, speak_if_open
from survey.web.respondent.receipt import render_receipt
from survey.web.respondent.review import render_review
from survey.web.respondent.saving import ON_THE_WEB


@bp.get("/interview/<uuid:interview_id>/review")
@respondent
def review(interview_id: uuid.UUID) -> ResponseReturnValue:
    view = interviewing.overview(reading(), interview_id, asked_language())
    language = speak_if_open(view.head)
    if not view.practices and lacks_profile(interview_id):
        return redirect(url_for(".profile", interview_id=interview_id), 303)
    return render_review(view, language)


@bp.get("/interview/<uuid:interview_id>/submit")
@respondent
def before_submit(interview_id: uuid.UUID) -> ResponseReturnValue:
    """The address of a review that was refused, asked for again: the review is what the person wants to see."""
    return redirect(url_for(".review", interview_id=interview_id), 303)


@bp.post("/interview/<uuid:interview_id>/submit")
@shows_form_again
@respondent
def submit(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Hand in. A second time, from whatever page, leads to the same receipt."""
    missing: tuple[errors.MissingAnswer, ...] = ()
    if not form_was_refused():
        try:
            with transaction() as session:
                interviewing.submit(
                    session,
                    interview_id,
                    op_id=read_envelope(request.form).op_id,
                    author=ON_THE_WEB,
                    now=utc_now(),
                    without_extra=request.form.get("extra") == "without",
                )
            return redirect(url_for(".receipt", interview_id=interview_id), 303)
        except errors.MissingAnswers as found:
            missing = found.places
    view = interviewing.overview(reading(), interview_id)
    status = 400 if form_was_refused() else 422
    return render_review(view, speak_if_open(view.head), missing=missing, status=status, refused=form_was_refused())


@bp.post("/interview/<uuid:interview_id>/more")
@respondent
def more(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Take on the practices that the review offers, and go to the first of them."""
    with transaction() as session:
        first = interviewing.take_more(session, interview_id, now=utc_now())
    if first is None:
        return redirect(url_for(".review", interview_id=interview_id), 303)
    return redirect(address_of(Place("practice", first), head_of(interview_id)), 303)


@bp.get("/interview/<uuid:interview_id>/more")
@respondent
def before_more(interview_id: uuid.UUID) -> ResponseReturnValue:
    """The address of a form, asked for again: the review shows what is on offer."""
    return redirect(url_for(".review", interview_id=interview_id), 303)


@bp.get("/interview/<uuid:interview_id>/receipt")
@respondent
def receipt(interview_id: uuid.UUID) -> ResponseReturnValue:
    head = head_of(interview_id)
    if head.state is not InterviewState.SUBMITTED:
        return redirect(url_for(".review", interview_id=interview_id), 303)
    privacy = url_for(".privacy", interview_id=interview_id)
    return render_receipt(reading(), head, speak(head), privacy_address=privacy)
