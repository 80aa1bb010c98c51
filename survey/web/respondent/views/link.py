"""Behind a personal link: what is asked and by whom, consent, and the way into the interview."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.models import InterviewState
from survey.services import interviewing
from survey.services.inviting import Arrival, arrive, without_tail
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import form_was_refused, name_contact, shows_form_again
from survey.web.guards import public
from survey.web.languages import asked_language
from survey.web.respondent.blueprint import bp
from survey.web.respondent.entering import consent_in, let_in
from survey.web.respondent.landing import (
    front_of_link,
    landing_language,
    refuse_if_over,
    render_front,
    render_privacy,
)
from survey.web.respondent.receipt import render_receipt


@bp.get("/link/<token>")
@bp.get("/link/<path:token>")  # A slash behind the token, as mail programs put one there, is no other page.
@public
def landing(token: str) -> ResponseReturnValue:
    """What is asked, by whom and how long it takes. Changes nothing: mail scanners open links before people do."""
    clean = without_tail(token)
    if clean is not None:
        return redirect(url_for(".landing", token=clean, lang=asked_language()), 308)
    arrival = _arrive(token)
    language = landing_language(arrival)
    begun = arrival.interview
    if begun is not None and begun.state is InterviewState.WITHDRAWN:
        return redirect(url_for(".withdrawn", interview_id=begun.id, lang=asked_language()), 303)
    if begun is not None and begun.state is InterviewState.STARTED and arrival.closed:
        # No more answers, but what is stored can still be seen, corrected and withdrawn.
        return render_template("respondent/closed.html", study=arrival.study, token=token), 410
    refuse_if_over(arrival)
    front = front_of_link(token, arrival, language)
    if arrival.interview is not None and arrival.interview.state is InterviewState.SUBMITTED:
        head = interviewing.head_of(reading(), arrival.interview.id, language)
        return render_receipt(reading(), head, language, privacy_address=front.privacy, token=token)
    has_declined = arrival.interview is not None and arrival.interview.state is InterviewState.DECLINED
    if has_declined and "again" not in request.args:
        is_over = arrival.closed or arrival.not_open
        again = "" if is_over else url_for(".landing", token=token, lang=language, again=1)
        return render_template("respondent/declined.html", study=arrival.study, front=front, again=again)
    return render_front(reading(), front)


@bp.post("/link/<token>")
@shows_form_again
@public
def start(token: str) -> ResponseReturnValue:
    """Begin or go on, or decline."""
    arrival = _arrive(token)
    language = landing_language(arrival, request.form.get("lang"))
    front = front_of_link(token, arrival, language)
    if form_was_refused():
        return render_front(reading(), front, status=400, refused=True)
    consent = "yes" if front.is_back else consent_in(request.form)
    if not consent:
        return render_front(reading(), front, status=422, problem="error.consent")
    if consent == "no":
        with transaction() as session:
            interviewing.decline(session, token, now=utc_now())
        return redirect(url_for(".landing", token=token, lang=language), 303)
    with transaction() as session:
        interview_id = interviewing.begin(session, token, language=language, now=utc_now())
        entry = let_in(session, interview_id, arrival.link_id, language=language)
    return entry.response()


@bp.get("/link/<token>/privacy")
@public
def link_privacy(token: str) -> ResponseReturnValue:
    arrival = _arrive(token)
    front = front_of_link(token, arrival, landing_language(arrival))
    return render_privacy(reading(), front, back=url_for(".landing", token=token))


def _arrive(token: str) -> Arrival:
    arrival = arrive(reading(), token, now=utc_now())
    name_contact(arrival.study.contact_email)
    return arrival
