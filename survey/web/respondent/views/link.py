"""Behind a personal link: what is asked and by whom, consent, and the way into the interview."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.models import InterviewState
from survey.services import interviewing
from survey.services.inviting import arrive, without_tail
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import public
from survey.web.languages import asked_language
from survey.web.respondent.addresses import address_of
from survey.web.respondent.blueprint import bp
from survey.web.respondent.entering import enter
from survey.web.respondent.landing import landing_language, notice_of, refuse_if_over, render_landing
from survey.web.respondent.receipt import render_receipt
from survey.web.sessions import open_session


@bp.get("/link/<token>")
@bp.get("/link/<path:token>")  # A slash behind the token, as mail programs put one there, is no other page.
@public
def landing(token: str) -> ResponseReturnValue:
    """What is asked, by whom and how long it takes. Changes nothing: mail scanners open links before people do."""
    clean = without_tail(token)
    if clean is not None:
        return redirect(url_for(".landing", token=clean, lang=asked_language()), 308)
    arrival = arrive(reading(), token, now=utc_now())
    language = landing_language(arrival)
    begun = arrival.interview
    if begun is not None and begun.state is InterviewState.WITHDRAWN:
        return redirect(url_for(".withdrawn", interview_id=begun.id, lang=asked_language()), 303)
    if begun is not None and begun.state is InterviewState.STARTED and arrival.closed:
        # No more answers, but what is stored can still be seen, corrected and withdrawn.
        return render_template("respondent/closed.html", study=arrival.study, token=token), 410
    refuse_if_over(arrival)
    if arrival.interview is not None and arrival.interview.state is InterviewState.SUBMITTED:
        head = interviewing.head_of(reading(), arrival.interview.id, language)
        privacy = url_for(".link_privacy", token=token, lang=language)
        return render_receipt(reading(), head, language, privacy_address=privacy, token=token)
    if arrival.interview is not None and arrival.interview.state is InterviewState.DECLINED:
        return render_template("respondent/declined.html", study=arrival.study, token=token)
    return render_landing(reading(), token, arrival, language)


@bp.post("/link/<token>")
@shows_form_again
@public
def start(token: str) -> ResponseReturnValue:
    """Begin or go on, or decline."""
    arrival = arrive(reading(), token, now=utc_now())
    language = landing_language(arrival, request.form.get("lang"))
    if form_was_refused():
        return render_landing(reading(), token, arrival, language, status=400, refused=True)
    # Both answers at once are none: consent is never guessed.
    said = ["yes"] if arrival.interview is not None else request.form.getlist("consent")
    consent = said[0] if len(said) == 1 else ""
    if consent not in {"yes", "no"}:
        return render_landing(reading(), token, arrival, language, status=422, problem="error.consent")
    if consent == "no":
        with transaction() as session:
            interviewing.decline(session, token, now=utc_now())
        return redirect(url_for(".landing", token=token, lang=language), 303)
    with transaction() as session:
        interview_id = interviewing.begin(session, token, language=language, now=utc_now())
        where = interviewing.place_after_break(session, interview_id)
        if where.page != "receipt":
            interviewing.set_language(session, interview_id, language, now=utc_now())
        opened = enter(session, interview_id, arrival.link_id)
        head = interviewing.head_of(session, interview_id)
    return open_session(redirect(address_of(where, head), 303), opened)


@bp.get("/link/<token>/privacy")
@public
def link_privacy(token: str) -> ResponseReturnValue:
    arrival = arrive(reading(), token, now=utc_now())
    notice = notice_of(reading(), arrival, landing_language(arrival))
    return render_template(
        "respondent/privacy.html",
        title=notice.title,
        owner=notice.owner,
        contact=arrival.study.contact_email,
        is_simulated=arrival.study.simulated,
        back=url_for(".landing", token=token),
        head=None,
    )
