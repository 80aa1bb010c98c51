"""Fills an empty database with the demonstration, through the services that real studies use."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from survey.catalogue import read_catalogue
from survey.database import Database
from survey.demo.study import DemoStudy
from survey.models import InterviewState, Role
from survey.queries.studies import region_by_key, study_by_key
from survey.services import accounts
from survey.services.errors import LinkInvalid, NotFound
from survey.services.inviting import arrive, invite
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
        found = study_by_key(session, study.key)
        if found is None:
            raise NotFound
        region = region_by_key(session, found.id, GUEST_REGION)
        return invite(session, found, region=region, stakeholder=None, language="en", now=now).token


def _is_usable(session: Session, token: str, now: datetime) -> bool:
    """Whether the link still leads to questions: alive, the study open, and not answered to the end or declined."""
    try:
        arrival = arrive(session, token, now=now)
    except LinkInvalid:
        return False
    return not arrival.closed and (arrival.interview is None or arrival.interview.state is InterviewState.STARTED)
