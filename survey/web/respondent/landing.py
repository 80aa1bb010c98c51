"""The first page behind a personal link, and the others that stand before an interview."""

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from instruments import load
from survey.models import InterviewState, Region
from survey.services import errors
from survey.services.duration import minutes
from survey.services.inviting import Arrival
from survey.texts import on_offer, typographic
from survey.web.languages import asked_language, use_language
from survey.web.printing import Place


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


def notice_of(session: Session, arrival: Arrival, language: str) -> Notice:
    """The study in words. purpose, region: "" when the study does not say it, the invitation does not know it."""
    texts = {text.language: text for text in arrival.study.texts}
    text, english = texts.get(language), texts["en"]
    region = session.get(Region, arrival.respondent.region_id) if arrival.respondent.region_id else None
    spoken = {each.language: each.spoken_name for each in region.texts} if region else {}
    name = typographic(spoken.get(language) or spoken.get("en") or "")
    study = arrival.study
    begun = arrival.interview
    place = Place(
        instrument=load(study.instrument_key, begun.instrument_version if begun else study.instrument_version),
        variant=study.web_variant,
        language=language,
        seed=0,
        region=name,
        origin="",
        practice="",
    )
    title, owner = (text and text.title) or english.title, (text and text.owner) or english.owner
    purpose = text.purpose if text else english.purpose
    return Notice(typographic(title), typographic(owner), typographic(purpose), name, place)


def render_landing(
    session: Session,
    token: str,
    arrival: Arrival,
    language: str,
    *,
    status: int = 200,
    problem: str = "",
    refused: bool = False,
) -> ResponseReturnValue:
    """The page before an interview, or before it goes on. problem: the text key of what is wrong."""
    study = arrival.study
    page = render_template(
        "respondent/landing.html",
        token=token,
        study=study,
        notice=notice_of(session, arrival, language),
        practices=study.practices_per_web_interview,
        minutes=minutes(study.practices_per_web_interview),
        is_back=arrival.interview is not None,
        problem=problem,
        refused=refused,
    )
    return page, status
