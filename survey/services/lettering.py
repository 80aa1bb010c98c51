"""Letters with a personal link each, for people who are to be asked on paper."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from survey.models import Contact, Interview, Region, Respondent, Study
from survey.queries.studies import region_by_key, regions_of
from survey.services.contacts import opened
from survey.services.errors import BadFields, FieldProblem, StudyClosed
from survey.services.inviting import another_link
from survey.services.operations import study_refusal
from survey.services.sealing import Seal

AT_ONCE: Final = 500
_PART = re.compile(r"(\d{1,9})(?:\s*[-\u2010-\u2015]\s*(\d{1,9}))?")
# A slip such as "1-999999999" shall not be counted out.
_WIDEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Letter:
    """For one person. The token is not stored and cannot be shown again."""

    number: int
    name: str
    organisation: str
    language: str
    token: str


@dataclass(frozen=True, slots=True)
class Choice:
    """To whom letters go: of one region or all (""), with some numbers or all (None)."""

    region_key: str = ""
    numbers: frozenset[int] | None = None


def numbers_in(text: str) -> frozenset[int] | None:
    """The numbers of "1-40, 45"; None for an empty text. BadFields when it is something else."""
    if not text.strip():
        return None
    found: set[int] = set()
    for part in text.replace(";", ",").split(","):
        match = _PART.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first or last - first + len(found) >= _WIDEST:
            message = f"{part.strip()!r} is no number and no range of numbers; write them as in 1-40, 45."
            raise BadFields([FieldProblem("numbers", message)])
        found.update(range(first, last + 1))
    return frozenset(found)


def waiting(session: Session, study: Study) -> Mapping[str, int]:
    """How many people could get a letter, by their region's key; "" for those whose region is not known."""
    chosen = _waiting(study).subquery()
    rows = session.execute(
        select(Region.key, func.count())
        .select_from(chosen)
        .outerjoin(Region, Region.id == chosen.c.region_id)
        .group_by(Region.key)
    )
    return {key or "": number for key, number in rows}


def write_letters(session: Session, seal: Seal, study: Study, choice: Choice, *, now: datetime) -> tuple[Letter, ...]:
    """A letter with a new link for everybody who is chosen, has not begun and may be written to, by number.

    Links that these people have already go on working. BadFields when there is nobody, or more than AT_ONCE.
    """
    if isinstance(study_refusal(study.state, study.closes_on, now), StudyClosed):
        raise BadFields([FieldProblem("numbers", "The study is closed, so nobody could answer a letter.")])
    rows = _chosen(session, study, choice)
    if not rows:
        message = "Nobody is left to write to: they have begun, do not want to be asked, or are not in the list."
        raise BadFields([FieldProblem("numbers", message)])
    if len(rows) > AT_ONCE:
        message = f"These would be {len(rows)} letters; {AT_ONCE} at once are possible. Choose some of them."
        raise BadFields([FieldProblem("numbers", message)])
    return tuple(_letter(session, seal, contact, number, language, now) for contact, number, language in rows)


def _chosen(session: Session, study: Study, choice: Choice) -> Sequence[tuple[Contact, int, str]]:
    known = regions_of(session, study.id)
    if choice.region_key and choice.region_key not in known:
        message = f"The study {study.key} has no region {choice.region_key!r}. It has: {', '.join(known)}."
        raise BadFields([FieldProblem("region", message)])
    region = region_by_key(session, study.id, choice.region_key) if choice.region_key else None
    chosen = _waiting(study).subquery()
    statement = select(Contact, chosen.c.number, chosen.c.language).join(
        chosen, chosen.c.respondent_id == Contact.respondent_id
    )
    if region is not None:
        statement = statement.where(chosen.c.region_id == region.id)
    rows = session.execute(statement.order_by(chosen.c.number)).all()
    wanted = choice.numbers
    return [(row.Contact, row.number, row.language) for row in rows if wanted is None or row.number in wanted]


def _waiting(study: Study) -> Select[uuid.UUID, int, str, uuid.UUID | None]:
    """Contacts without an interview who may be written to."""
    return (
        select(Respondent.id.label("respondent_id"), Respondent.number, Respondent.language, Respondent.region_id)
        .join(Contact, Contact.respondent_id == Respondent.id)
        .outerjoin(Interview, Interview.respondent_id == Respondent.id)
        .where(Respondent.study_id == study.id, Interview.id.is_(None), Contact.opted_out_at.is_(None))
    )


def _letter(session: Session, seal: Seal, contact: Contact, number: int, language: str, now: datetime) -> Letter:
    who = opened(seal, contact)
    return Letter(
        number=number,
        name=who.name,
        organisation=who.organisation,
        language=language,
        token=another_link(session, contact.respondent_id, now=now),
    )
