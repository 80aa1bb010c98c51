"""Open links: addresses that anybody may be given. Whoever starts there becomes a respondent of their own."""

import hashlib
import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from survey.models import Interview, Link, OpenLink, Operation, Region, Study
from survey.queries.studies import region_by_key, regions_of
from survey.services import duplicates, limiting
from survey.services.consenting import begin
from survey.services.errors import (
    BadFields,
    FieldProblem,
    NotFound,
    OpenLinkClosed,
    OpenLinkFull,
    OperationReused,
    SurveyError,
    TooManyAttempts,
)
from survey.services.inviting import another_link, arrive, enrol
from survey.services.operations import study_refusal

STARTS_LIMIT: Final = 500
"""So many people may start at a link that was made without a limit of its own."""
# A university or a company has one address for all: a lecture hall of 300 may start within an hour. It bounds what a
# program can fill in from one place, and answers that have begun are never counted.
STARTS_OF_A_NETWORK: Final = 300
STARTS_WINDOW: Final = timedelta(hours=1)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG = 80
_MOST_STARTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Doorway:
    """What stands behind an open link. refusal: why nobody can start there now; None when people can."""

    study: Study
    link: OpenLink
    region: Region | None
    refusal: SurveyError | None


@dataclass(frozen=True, slots=True)
class Started:
    """link_id: the respondent's own link, with which the browser's session ends."""

    interview_id: uuid.UUID
    link_id: uuid.UUID


def make_open_link(
    session: Session,
    study: Study,
    *,
    region_key: str | None,
    slug: str | None,
    limit: int,
    closes_at: datetime | None,
    now: datetime,
) -> OpenLink:
    """A new open link. region_key: None lets people say themselves where they are. slug: None makes one.

    BadFields names everything that cannot be used.
    """
    region = region_by_key(session, study.id, region_key) if region_key else None
    name = slug if slug is not None else _new_slug(study, region)
    problems = [*_slug_problems(session, name), *_limit_problems(limit, closes_at, now)]
    if region_key and region is None:
        known = ", ".join(regions_of(session, study.id))
        problems.append(FieldProblem("region", f"The study {study.key} has no region {region_key!r}. It has: {known}."))
    if problems:
        raise BadFields(problems)
    made = OpenLink(
        study_id=study.id,
        region_id=region.id if region else None,
        slug=name,
        starts=0,
        starts_limit=limit,
        created_at=now,
        closes_at=closes_at,
    )
    session.add(made)
    session.flush()
    return made


def close_open_link(session: Session, study: Study, slug: str, *, now: datetime) -> None:
    """Let nobody start there any more. Who has begun goes on. NotFound when the study has no such link."""
    link = session.scalars(select(OpenLink).where(OpenLink.study_id == study.id, OpenLink.slug == slug)).one_or_none()
    if link is None:
        raise NotFound(f"The study {study.key} has no open link {slug!r}; `survey study open-links` names them.")
    link.closed_at = link.closed_at or now
    session.flush()


def open_links_of(session: Session, study: Study) -> Sequence[tuple[OpenLink, Region | None]]:
    """A study's open links with their regions, oldest first."""
    rows = session.execute(
        select(OpenLink, Region)
        .outerjoin(Region, Region.id == OpenLink.region_id)
        .where(OpenLink.study_id == study.id)
        .order_by(OpenLink.created_at, OpenLink.slug)
    )
    return [(row.OpenLink, row.Region) for row in rows]


def refusal_of(link: OpenLink, study: Study, now: datetime) -> SurveyError | None:
    """Why nobody can start at an open link now; None when people can."""
    refused = study_refusal(study.state, study.closes_on, now)
    if refused is not None:
        return refused
    if link.closed_at is not None or (link.closes_at is not None and now >= link.closes_at):
        return OpenLinkClosed()
    return OpenLinkFull() if link.starts >= link.starts_limit else None


def doorway(session: Session, slug: str, *, now: datetime) -> Doorway:
    """What stands behind an open link. Changes nothing. NotFound for a slug that is none."""
    if not _SLUG.fullmatch(slug):
        # Databases refuse some signs, which an address may have.
        raise NotFound
    found = session.execute(
        select(OpenLink, Study, Region)
        .join(Study, Study.id == OpenLink.study_id)
        .outerjoin(Region, Region.id == OpenLink.region_id)
        .where(OpenLink.slug == slug)
    ).one_or_none()
    if found is None:
        raise NotFound
    return Doorway(found.Study, found.OpenLink, found.Region, refusal_of(found.OpenLink, found.Study, now))


def begun_before(session: Session, interview_id: uuid.UUID, study_id: uuid.UUID) -> uuid.UUID | None:
    """The respondent of an interview, if it belongs to this study."""
    return session.scalar(
        select(Interview.respondent_id).where(Interview.id == interview_id, Interview.study_id == study_id)
    )


def start(
    session: Session,
    slug: str,
    *,
    op_id: uuid.UUID,
    language: str,
    network: str,
    earlier: uuid.UUID | None,
    now: datetime,
) -> Started:
    """Consent was given at an open link: a new respondent with an interview and a link of their own.

    op_id: of the form; who sends one form twice has begun once. network: a keyed hash. earlier: the respondent who
    began in the same browser before; the new one is marked.
    Raises what `Doorway.refusal` says, NotFound, OperationReused, and TooManyAttempts when too many began from one
    network.
    """
    # A second press waits here for the first.
    session.execute(select(OpenLink.id).where(OpenLink.slug == slug).with_for_update())
    begun = _begun_by(session, op_id, slug)
    if begun is not None:
        return begun
    allowed = limiting.count(session, "join", network, limit=STARTS_OF_A_NETWORK, window=STARTS_WINDOW, now=now)
    if not allowed:
        raise TooManyAttempts
    _take_a_place(session, slug)
    door = doorway(session, slug, now=now)
    if door.refusal is not None and not isinstance(door.refusal, OpenLinkFull):
        raise door.refusal
    respondent = enrol(
        session,
        door.study,
        region_id=door.link.region_id,
        stakeholder=None,
        language=language,
        now=now,
        open_link_id=door.link.id,
    )
    if earlier is not None:
        duplicates.mark(session, respondent.id, of=earlier, reason=duplicates.Reason.BROWSER)
    token = another_link(session, respondent.id, now=now)
    interview_id = begin(session, token, language=language, now=now)
    session.add(Operation(id=op_id, interview_id=interview_id, body_hash=_body_hash(slug), revision=0, created_at=now))
    session.flush()
    return Started(interview_id, arrive(session, token, now=now).link_id)


def _begun_by(session: Session, op_id: uuid.UUID, slug: str) -> Started | None:
    """What the same form began when it was sent before. OperationReused for the number of another form or of a save."""
    operation = session.get(Operation, op_id)
    if operation is None:
        return None
    if operation.body_hash != _body_hash(slug):
        raise OperationReused
    own = session.scalars(
        select(Link.id)
        .join(Interview, Interview.respondent_id == Link.respondent_id)
        .where(Interview.id == operation.interview_id)
        .order_by(Link.created_at)
    ).first()
    return Started(operation.interview_id, own) if own is not None else None


def _body_hash(slug: str) -> bytes:
    return hashlib.sha256(f"join/{slug}".encode()).digest()


def _take_a_place(session: Session, slug: str) -> None:
    """Count one more start, in one statement: of two that want the last place, one gets it. OpenLinkFull for others."""
    taken = session.execute(
        update(OpenLink)
        .where(OpenLink.slug == slug, OpenLink.starts < OpenLink.starts_limit)
        .values(starts=OpenLink.starts + 1)
    )
    is_taken = isinstance(taken, CursorResult) and taken.rowcount == 1
    if not is_taken and session.scalar(select(OpenLink.id).where(OpenLink.slug == slug)) is not None:
        raise OpenLinkFull


def _new_slug(study: Study, region: Region | None) -> str:
    """Readable, with an end that nobody guesses who tries out the regions of another study."""
    name = f"{study.key}-{region.key}" if region else study.key
    return f"{name[: _LONGEST_SLUG - 7].rstrip('-')}-{secrets.token_hex(3)}"


def _slug_problems(session: Session, slug: str) -> list[FieldProblem]:
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG:
        message = (
            f"{slug!r} cannot stand in an address: small letters, digits and hyphens can, {_LONGEST_SLUG} at most."
        )
        return [FieldProblem("slug", message)]
    if session.scalar(select(OpenLink.id).where(OpenLink.slug == slug)) is not None:
        return [FieldProblem("slug", f"There is an open link {slug!r} already.")]
    return []


def _limit_problems(limit: int, closes_at: datetime | None, now: datetime) -> list[FieldProblem]:
    problems = []
    if not 1 <= limit <= _MOST_STARTS:
        problems.append(FieldProblem("limit", f"The limit is a number from 1 to {_MOST_STARTS:,}."))
    if closes_at is not None and closes_at <= now:
        problems.append(FieldProblem("closes_on", "The last day of the link is over already."))
    return problems
