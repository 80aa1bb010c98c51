"""Fills an empty database with the demonstration, through the services that real studies use."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from survey.catalogue import read_catalogue
from survey.database import Database
from survey.demo.study import DemoStudy
from survey.models import InterviewState, Role, Study
from survey.queries.studies import region_by_key, study_by_key
from survey.services import accounts
from survey.services.errors import LinkInvalid, NotFound
from survey.services.inviting import arrive, invite
from survey.services.joining import STARTS_LIMIT, make_open_link, open_links_of, refusal_of
from survey.services.simulating import simulate
from survey.services.studying import add_catalogue, create_study, open_study

SEED = 2026
# The region of the guest who gets the printed link: people there speak the language of the output.
GUEST_REGION = "dundee-tayside"


def fill(
    database: Database,
    study: DemoStudy,
    *,
    password: str,
    interviews: int,
    now: datetime,
    progress: Callable[[int, int], None],
) -> None:
    """Make the study, its lead, and simulated interviews."""
    catalogue = read_catalogue()
    with database.writing() as session:
        made = create_study(
            session,
            key=study.key,
            titles=study.titles,
            owner=study.owner,
            purpose=study.purpose,
            contact_email=study.contact_email,
            closes_on=study.closes_on,
            simulated=True,
            now=study.opened_at,
        )
        add_catalogue(session, made, catalogue, practices=study.practices)
        open_study(session, made, now=study.opened_at)
        accounts.add_person(
            session,
            email=study.lead_email,
            name=study.lead_name,
            password=password,
            role=Role.LEAD,
            study_key=study.key,
            now=study.opened_at,
            passwords=accounts.Passwords(),
        )
    simulate(database, study.key, interviews=interviews, seed=SEED, now=now, progress=progress)


def link_token(database: Database, study: DemoStudy, *, known: str, now: datetime) -> str:
    """The token of a personal link that can still be used: the known one, or else one for a new guest."""
    with database.reading() as session:
        if known and _is_usable(session, known, now):
            return known
    with database.writing() as session:
        found = _study(session, study)
        region = region_by_key(session, found.id, GUEST_REGION)
        return invite(session, found, region=region, stakeholder=None, language="en", now=now).token


def open_slug(database: Database, study: DemoStudy, *, now: datetime) -> str:
    """The end of an open link at which people can still start: one that is there, or else a new one."""
    with database.reading() as session:
        found = _study(session, study)
        usable = [link.slug for link, _ in open_links_of(session, found) if refusal_of(link, found, now) is None]
    if usable:
        return usable[0]
    with database.writing() as session:
        found = _study(session, study)
        # The first one is short, to be typed; one that is full or closed keeps its name.
        slug = None if open_links_of(session, found) else study.key
        made = make_open_link(session, found, region_key=None, slug=slug, limit=STARTS_LIMIT, closes_at=None, now=now)
        return made.slug


def _study(session: Session, study: DemoStudy) -> Study:
    found = study_by_key(session, study.key)
    if found is None:
        raise NotFound
    return found


def _is_usable(session: Session, token: str, now: datetime) -> bool:
    """Whether the link still leads to questions: alive, the study open, and not answered to the end or declined."""
    try:
        arrival = arrive(session, token, now=now)
    except LinkInvalid:
        return False
    return not arrival.closed and (arrival.interview is None or arrival.interview.state is InterviewState.STARTED)
