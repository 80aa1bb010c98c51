"""Personal links: made, made anew, revoked, and followed. The token is shown once; only its hash is kept."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session, contains_eager

from survey.models import Interview, Link, Region, Respondent, Study, StudyState
from survey.services.chance import SECURE, Chance
from survey.services.errors import LinkInvalid, NotFound, StudyClosed
from survey.services.operations import study_refusal

# Links outlive the last day for answers, so that people can still see their receipt and what is stored about them.
AFTER_THE_LAST_DAY: Final = timedelta(days=30)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
# What mail programs and sentences put behind a link: punctuation, brackets, quotes, space that can or cannot be seen.
# None of it may be in a token, so that cutting it off can never make one token out of another.
_TAIL = (
    r"[\s/\\.,;:!?)>\]}*'\"`"
    r"\xb4\xab\xbb\u2018-\u201f\u2026\u2039\u203a"  # typographic quotes, the ellipsis
    r"\u200b-\u200d\u2060\ufeff]*"  # space of no width
)
_WITH_TAIL = re.compile(f"({_TOKEN.pattern}){_TAIL}")
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A respondent and the link made for them. `token` is not stored and cannot be shown again."""

    respondent_id: uuid.UUID
    number: int
    token: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What stands behind a link. closed: no answers are taken, now or any more; not_open: not yet."""

    study: Study
    respondent: Respondent
    link_id: uuid.UUID
    interview: Interview | None
    closed: bool
    not_open: bool


def invite(
    session: Session,
    study: Study,
    *,
    region: Region | None,
    stakeholder: int | None,
    language: str,
    now: datetime,
    expires_at: datetime | None = None,
    chance: Chance = SECURE,
) -> Invitation:
    """A new respondent of a study, with a link. region, stakeholder: what is believed, for confirmation.

    expires_at: None ends the link thirty days after the study's last day, if it has one.
    """
    respondent = enrol(
        session,
        study,
        region_id=region.id if region else None,
        stakeholder=stakeholder,
        language=language,
        now=now,
        chance=chance,
    )
    token = _add_link(session, respondent.id, now=now, expires_at=expires_at or usual_end(study), chance=chance)
    return Invitation(respondent.id, respondent.number, token)


def enrol(
    session: Session,
    study: Study,
    *,
    region_id: uuid.UUID | None,
    stakeholder: int | None,
    language: str,
    now: datetime,
    open_link_id: uuid.UUID | None = None,
    chance: Chance = SECURE,
) -> Respondent:
    """A new respondent of a study under the next number, without a link yet."""
    respondent = Respondent(
        id=chance.new_id(),
        study_id=study.id,
        number=next_number(session, study),
        region_id=region_id,
        stakeholder=stakeholder,
        language=language,
        created_at=now,
        open_link_id=open_link_id,
    )
    session.add(respondent)
    session.flush()
    return respondent


def next_number(session: Session, study: Study) -> int:
    """The number of the next respondent of a study; nobody else can take it, or one after it, in this transaction."""
    # Two at once would take the same number; on PostgreSQL the second waits here for the first. The lock is of the
    # kind that lets others go on writing rows that refer to the study.
    session.execute(select(Study.id).where(Study.id == study.id).with_for_update(key_share=True))
    return (session.scalar(select(func.max(Respondent.number)).where(Respondent.study_id == study.id)) or 0) + 1


def another_link(
    session: Session,
    respondent_id: uuid.UUID,
    *,
    now: datetime,
    expires_at: datetime | None = None,
    chance: Chance = SECURE,
) -> str:
    """One more link for a respondent; those there are go on working. Gives the token. NotFound if there is nobody.

    expires_at: as for `invite`.
    """
    study = session.scalars(
        select(Study).join(Respondent, Respondent.study_id == Study.id).where(Respondent.id == respondent_id)
    ).one_or_none()
    if study is None:
        raise NotFound
    return _add_link(session, respondent_id, now=now, expires_at=expires_at or usual_end(study), chance=chance)


def reissue(
    session: Session,
    respondent_id: uuid.UUID,
    *,
    now: datetime,
    expires_at: datetime | None = None,
    chance: Chance = SECURE,
) -> str:
    """A new link for a respondent; the old ones are dead from now. Else as `another_link`."""
    revoke(session, respondent_id, now=now)
    return another_link(session, respondent_id, now=now, expires_at=expires_at, chance=chance)


def revoke(session: Session, respondent_id: uuid.UUID, *, now: datetime) -> int:
    """End all links of a respondent, and with them the sessions they opened. Gives how many links were alive."""
    done = session.execute(
        update(Link).where(Link.respondent_id == respondent_id, Link.revoked_at.is_(None)).values(revoked_at=now)
    )
    return done.rowcount if isinstance(done, CursorResult) else 0


def keep_link(
    session: Session, respondent_id: uuid.UUID, token: str, *, now: datetime, expires_at: datetime | None = None
) -> None:
    """Let a token that was made before (by `Chance.token`) open a respondent's pages, beside those there are."""
    _keep(session, SECURE.new_id(), respondent_id, token, now=now, expires_at=expires_at)


def drop_link(session: Session, token: str, *, now: datetime) -> None:
    """End one link, because it reached nobody. The others go on working."""
    session.execute(update(Link).where(Link.token_hash == token_hash(token)).values(revoked_at=now))


def owner_of(session: Session, token: str) -> tuple[Respondent, Study]:
    """To whom a link was given, even when it opens nothing any more: one may always say "no more mails".

    LinkInvalid when there never was such a link.
    """
    if not _TOKEN.fullmatch(token):
        raise LinkInvalid
    found = session.execute(
        select(Respondent, Study)
        .join(Link, Link.respondent_id == Respondent.id)
        .join(Study, Study.id == Respondent.study_id)
        .where(Link.token_hash == token_hash(token))
    ).one_or_none()
    if found is None:
        raise LinkInvalid
    return found.Respondent, found.Study


def arrive(session: Session, token: str, *, now: datetime) -> Arrival:
    """What stands behind a token. Changes nothing.

    Raises LinkInvalid for a token that is unknown, malformed, expired or revoked, without telling which.
    """
    if not _TOKEN.fullmatch(token):
        raise LinkInvalid
    found = session.execute(
        select(Link, Study, Interview)
        .join(Link.respondent)
        .join(Study, Study.id == Respondent.study_id)
        .outerjoin(Interview, Interview.respondent_id == Respondent.id)
        .where(Link.token_hash == token_hash(token))
        .options(contains_eager(Link.respondent))
    ).one_or_none()
    if found is None or not _is_alive(found.Link, now):
        raise LinkInvalid
    link, study, interview = found.Link, found.Study, found.Interview
    return Arrival(
        study=study,
        respondent=link.respondent,
        link_id=link.id,
        interview=interview,
        closed=isinstance(study_refusal(study.state, study.closes_on, now), StudyClosed),
        not_open=study.state is StudyState.DRAFT,
    )


def usual_end(study: Study) -> datetime | None:
    """When links of a study end unless told otherwise; None for a study without a last day."""
    return end_of(study.closes_on + AFTER_THE_LAST_DAY) if study.closes_on else None


def end_of(day: date) -> datetime:
    """The moment at which a day is over, in UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def link_address(base_url: str, token: str) -> str:
    """What a person opens."""
    return f"{base_url}/link/{token}"


def without_tail(token: str) -> str | None:
    """The token of an address that was copied with more than the token; None when there is no more than belongs there.

    Only what no token holds is cut off, and only behind a whole token; whether there is such a link is not asked.
    Letters show tokens in groups, so spaces within are nothing, too.
    """
    found = _WITH_TAIL.fullmatch(_SPACE.sub("", token))
    return found[1] if found and found[1] != token else None


def token_hash(token: str) -> bytes:
    """What is stored of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def _is_alive(link: Link, now: datetime) -> bool:
    return link.revoked_at is None and (link.expires_at is None or now < link.expires_at)


def _add_link(
    session: Session, respondent_id: uuid.UUID, *, now: datetime, expires_at: datetime | None, chance: Chance
) -> str:
    token = chance.token()
    _keep(session, chance.new_id(), respondent_id, token, now=now, expires_at=expires_at)
    return token


def _keep(
    session: Session,
    link_id: uuid.UUID,
    respondent_id: uuid.UUID,
    token: str,
    *,
    now: datetime,
    expires_at: datetime | None,
) -> None:
    session.add(
        Link(
            id=link_id,
            respondent_id=respondent_id,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
