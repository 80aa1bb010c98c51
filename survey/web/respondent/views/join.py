"""Behind an open link: the same first page as behind a personal one, for people whom nobody has invited by name."""

import uuid

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.services import accounts, joining
from survey.services.errors import OpenLinkClosed, OpenLinkFull
from survey.services.joining import Doorway
from survey.texts import on_offer
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import form_was_refused, name_contact, shows_form_again
from survey.web.guards import public
from survey.web.languages import asked_language, use_language
from survey.web.networks import network_key
from survey.web.questions import as_uuid
from survey.web.respondent.blueprint import bp
from survey.web.respondent.entering import consent_in, let_in
from survey.web.respondent.landing import Front, render_front, render_privacy
from survey.web.sessions import session_token


@bp.get("/join/<slug>")
@public
def join(slug: str) -> ResponseReturnValue:
    """What is asked, by whom and how long it takes; or that somebody has begun here already. Changes nothing."""
    door = _door(slug)
    front = _front(door, is_another="another" in request.args)
    # Who has begun goes on, however many others have since.
    is_for_the_begun = door.refusal is None or isinstance(door.refusal, OpenLinkFull | OpenLinkClosed)
    if is_for_the_begun and not front.is_another and _earlier(door) is not None:
        return _begun_already(door, front)
    if door.refusal is not None:
        raise door.refusal
    return render_front(reading(), front)


@bp.post("/join/<slug>")
@shows_form_again
@public
def join_start(slug: str) -> ResponseReturnValue:
    """Begin, or decline, of which nothing is kept."""
    door = _door(slug)
    front = _front(door, is_another="another" in request.form)
    if form_was_refused():
        return render_front(reading(), front, status=400, refused=True)
    consent = consent_in(request.form)
    if not consent:
        return render_front(reading(), front, status=422, problem="error.consent")
    if consent == "no":
        return render_template("respondent/declined.html", study=door.study, front=front)
    earlier = _earlier(door)
    if earlier is not None and not front.is_another:
        return _begun_already(door, front)
    with transaction() as session:
        started = joining.start(
            session,
            slug,
            op_id=as_uuid(request.form.get("op_id", "")) or uuid.uuid4(),
            language=front.language,
            network=network_key(),
            earlier=earlier,
            now=utc_now(),
        )
        entry = let_in(session, started.interview_id, started.link_id, language=front.language)
    return entry.response()


@bp.get("/join/<slug>/privacy")
@public
def join_privacy(slug: str) -> ResponseReturnValue:
    return render_privacy(reading(), _front(_door(slug)), back=url_for(".join", slug=slug))


def _door(slug: str) -> Doorway:
    door = joining.doorway(reading(), slug, now=utc_now())
    name_contact(door.study.contact_email)
    return door


def _front(door: Doorway, *, is_another: bool = False) -> Front:
    """In the language asked for, else the browser's, of those that the study has."""
    offered = door.study.languages
    spoken = request.accept_languages.best_match(offered)
    language = use_language(on_offer(offered, request.form.get("lang"), asked_language(), spoken), offered)
    slug = door.link.slug
    return Front(
        study=door.study,
        region_id=door.link.region_id,
        version=door.study.instrument_version,
        language=language,
        start=url_for(".join_start", slug=slug),
        privacy=url_for(".join_privacy", slug=slug, lang=language),
        is_another=is_another,
        is_open=True,
    )


def _earlier(door: Doorway) -> uuid.UUID | None:
    """The respondent of this study as whom somebody was let in with this browser before."""
    token = session_token()
    interview_id = accounts.last_interview_of(reading(), token) if token else None
    return joining.begun_before(reading(), interview_id, door.study.id) if interview_id else None


def _begun_already(door: Doorway, front: Front) -> ResponseReturnValue:
    token = session_token()
    alive = accounts.interview_of(reading(), token, now=utc_now()) if token else None
    return render_template(
        "respondent/begun_already.html",
        study=door.study,
        front=front,
        going_on=url_for(".resume", interview_id=alive) if alive else "",
        another=url_for(".join", slug=door.link.slug, another=1, lang=front.language),
    )
