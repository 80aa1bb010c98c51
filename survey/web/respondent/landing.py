"""The first page behind a personal or an open link, and the others that stand before an interview."""

import uuid
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from instruments import load
from survey.models import InterviewState, Region, Study
from survey.services import errors
from survey.services.duration import minutes
from survey.services.inviting import Arrival
from survey.texts import on_offer, typographic
from survey.web.languages import asked_language, use_language
from survey.web.printing import Place


@dataclass(frozen=True, slots=True)
class Front:
    """What the first page is about, and where it leads: behind a personal or an open link."""

    study: Study
    # None: people say themselves where they are.
    region_id: uuid.UUID | None
    version: int
    language: str
    # Where the form goes, and where the privacy page is.
    start: str
    privacy: str
    is_back: bool = False
    # At an open link: somebody says that they are not who began in this browser before.
    is_another: bool = False
    # Whoever has begun at an open link comes back by another one.
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """What a landing or privacy page says about its study, in one language."""

    title: str
    owner: str
    purpose: str
    region: str
    place: Place


def landing_language(arrival: Arrival, asked: str | None = None) -> str:
    """The language of the page: asked for by a form or the address, else chosen before, else that of the invitation."""
    chosen = arrival.interview.language if arrival.interview else None
    offered = arrival.study.languages
    return use_language(on_offer(offered, asked, asked_language(), chosen, arrival.respondent.language), offered)


def refuse_if_over(arrival: Arrival) -> None:
    """Raise what keeps this link from leading to questions, unless its interview is already handed in."""
    state = arrival.interview.state if arrival.interview else None
    if state is InterviewState.WITHDRAWN:
        raise errors.Withdrawn
    if state in {InterviewState.SUBMITTED, InterviewState.DECLINED}:
        return
    if arrival.not_open:
        raise errors.NotOpenYet
    if arrival.closed:
        raise errors.StudyClosed


def front_of_link(token: str, arrival: Arrival, language: str) -> Front:
    """The front of a personal link, before an interview or before it goes on."""
    begun = arrival.interview
    return Front(
        study=arrival.study,
        region_id=begun.region_id if begun and begun.region_id else arrival.respondent.region_id,
        version=begun.instrument_version if begun else arrival.study.instrument_version,
        language=language,
        start=url_for("respondent.start", token=token),
        privacy=url_for("respondent.link_privacy", token=token, lang=language),
        is_back=begun is not None and begun.state is not InterviewState.DECLINED,
    )


def notice_of(session: Session, front: Front) -> Notice:
    """The study in words. purpose, region: "" when the study does not say it, and when it is not known."""
    texts = {text.language: text for text in front.study.texts}
    text, english = texts.get(front.language), texts["en"]
    region = session.get(Region, front.region_id) if front.region_id else None
    spoken = {each.language: each.spoken_name for each in region.texts} if region else {}
    name = typographic(spoken.get(front.language) or spoken.get("en") or "")
    place = Place(
        instrument=load(front.study.instrument_key, front.version),
        variant=front.study.web_variant,
        language=front.language,
        seed=0,
        region=name,
        origin="",
        practice="",
    )
    title, owner = (text and text.title) or english.title, (text and text.owner) or english.owner
    purpose = text.purpose if text else english.purpose
    return Notice(typographic(title), typographic(owner), typographic(purpose), name, place)


def render_front(
    session: Session, front: Front, *, status: int = 200, problem: str = "", refused: bool = False
) -> ResponseReturnValue:
    """The page before an interview, or before it goes on. problem: the text key of what is wrong."""
    study = front.study
    page = render_template(
        "respondent/landing.html",
        front=front,
        study=study,
        notice=notice_of(session, front),
        practices=study.practices_per_web_interview,
        minutes=minutes(study.practices_per_web_interview),
        problem=problem,
        refused=refused,
        op_id=uuid.uuid4(),
    )
    return page, status


def render_privacy(session: Session, front: Front, *, back: str) -> ResponseReturnValue:
    """What is stored and who sees it, for somebody who stands at the front."""
    notice = notice_of(session, front)
    return render_template(
        "respondent/privacy.html",
        title=notice.title,
        owner=notice.owner,
        contact=front.study.contact_email,
        is_simulated=front.study.simulated,
        back=back,
        head=None,
    )
