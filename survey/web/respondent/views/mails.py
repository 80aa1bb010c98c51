"""What a respondent does about mails: stop them, and have the way back in sent."""

import logging
import time
import uuid
from datetime import timedelta
from typing import Final

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from survey.database import DatabaseError
from survey.services import errors, limiting
from survey.services.contacts import require_address
from survey.services.mailing import asking, stopping
from survey.texts import on_offer
from survey.web.database import database, reading, transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import public, respondent
from survey.web.languages import asked_language, page_language, speak_as_sent, use_language
from survey.web.mails import mail_domain, sends_mail
from survey.web.networks import network_key
from survey.web.respondent.blueprint import bp
from survey.web.respondent.interviews import head_of, speak_if_open
from survey.web.respondent.later import render_later
from survey.web.sealing import seal

log = logging.getLogger("survey.web")

# What mail programs send for their button "unsubscribe" (RFC 8058), and nothing else.
ONE_CLICK: Final = {"List-Unsubscribe": ["One-Click"]}
# A university behind one address may lose many links in an hour; who tries out addresses is soon at the end.
NEW_LINKS_AN_HOUR: Final = 60
# Longer than queuing mails takes on a slow disk.
LOOKING_UP: Final = 0.1  # seconds


@bp.get("/link/<token>/stop")
@public
def stop(token: str) -> ResponseReturnValue:
    """Asks first, and changes nothing: mail scanners open every address in a mail."""
    return _stop_page(token)


@bp.post("/link/<token>/stop")
@shows_form_again
@public
def do_stop(token: str) -> ResponseReturnValue:
    """Stop mails, or go on; by our own form, or by the one click of a mail program, which has no page of ours."""
    is_one_click = request.form.to_dict(flat=False) == ONE_CLICK
    if form_was_refused() and not is_one_click:
        return _stop_page(token), 400
    with transaction() as session:
        if request.form.get("do") == "go_on":
            stopping.go_on(session, token)
        else:
            stopping.stop(session, seal(), token, now=utc_now())
    if is_one_click:
        return _stop_page(token)
    return redirect(url_for(".stop", token=token, lang=asked_language()), 303)


@bp.post("/interview/<uuid:interview_id>/later")
@respondent
def mail_my_link(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Send the way back in to the address that is known, or to the one that is given."""
    head = head_of(interview_id)
    speak_if_open(head)
    if not sends_mail():
        raise NoSuchPage
    try:
        with transaction() as session:
            was_queued = asking.send_my_link(
                session,
                seal(),
                interview_id,
                email=request.form.get("email", ""),
                domain=mail_domain(),
                now=utc_now(),
            )
    except errors.BadFields:
        return render_later(interview_id, problem="error.email", typed=request.form.get("email", "")), 422
    if not was_queued:
        return render_later(interview_id, problem="resume.enough"), 429
    return redirect(url_for(".later", interview_id=interview_id, sent=1), 303)


@bp.post("/link/new")
@public
def new_link() -> ResponseReturnValue:
    """Send a new link to an address. Whether the address is known is told by the mail alone, not by this page."""
    speak_as_sent()
    if not sends_mail():
        raise NoSuchPage
    email = request.form.get("email", "")
    try:
        email = require_address(email)
    except errors.BadFields:
        return render_template("respondent/new_link.html", problem="error.email", typed=email), 422
    with transaction() as session:
        hour = timedelta(hours=1)
        is_within = limiting.count(
            session, "new-link", network_key(), limit=NEW_LINKS_AN_HOUR, window=hour, now=utc_now()
        )
    if not is_within:
        raise errors.TooManyAttempts
    answer = make_response(render_template("respondent/new_link.html", sent=True))
    # Only when the answer is out: how long it takes must not tell whether the address is known.
    house, sealed, domain, now = database(), seal(), mail_domain(), utc_now()

    @answer.call_on_close
    def look_up() -> None:
        begun = time.monotonic()
        # The server's other thread, which sends the answer, shall not have to wait for this one.
        time.sleep(LOOKING_UP / 5)
        try:
            house.write(lambda session: asking.send_new_links(session, sealed, email=email, domain=domain, now=now))
        except (DatabaseError, errors.Unreadable):
            log.exception("a link that was asked for could not be queued")
        # The next request on the same connection waits for this one.
        time.sleep(max(0.0, begun + LOOKING_UP - time.monotonic()))

    return answer


def _stop_page(token: str) -> str:
    found = stopping.stopping(reading(), token)
    offered = found.study.languages
    use_language(on_offer(offered, asked_language(), found.respondent.language), offered)
    texts = {text.language: text for text in found.study.texts}
    text = texts.get(page_language()) or texts.get("en") or found.study.texts[0]
    return render_template(
        "respondent/stop.html", token=token, study=found.study, title=text.title, is_stopped=found.is_stopped
    )
