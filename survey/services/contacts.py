"""Who a respondent is: name, organisation, address and phone. Kept sealed and apart; answers know a number only."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from instruments import Problem, clean_text
from survey.models import Contact, Respondent
from survey.services.errors import BadFields, FieldProblem
from survey.services.sealing import Seal

LONGEST: Final = {"name": 200, "organisation": 300, "email": 254, "phone": 40}


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a person; "" where it is not known."""

    name: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""


def checked(identity: Identity) -> Identity:
    """The same without space around it, with the address as mail servers want it. BadFields names every problem."""
    cleaned = {field.name: getattr(identity, field.name).strip() for field in fields(identity)}
    problems = list(_problems(cleaned))
    if cleaned["email"] and not any(problem.field == "email" for problem in problems):
        try:
            found = validate_email(cleaned["email"], check_deliverability=False, test_environment=True)
            cleaned["email"] = found.normalized
        except EmailNotValidError:
            problems.append(FieldProblem("email", f"{cleaned['email']!r} is not an e-mail address."))
    if problems:
        raise BadFields(problems)
    return Identity(**cleaned)


def keep(
    session: Session,
    seal: Seal,
    respondent: Respondent,
    identity: Identity,
    *,
    now: datetime,
    external_id: str | None = None,
    timezone: str | None = None,
) -> None:
    """Keep who a respondent is, new or in place of what was known.

    external_id, timezone: None leaves what stands. Another address takes back that mail did not reach the old one;
    "do not contact me again" stays. BadFields as in `checked`; Unreadable when what is kept already was sealed with
    another key, so that one table never needs two.
    """
    identity = checked(identity)
    if timezone is not None and timezone not in available_timezones():
        raise BadFields([FieldProblem("timezone", f"{timezone!r} is no time zone such as Europe/Rome.")])
    require_key(session, seal)
    contact = session.get(Contact, respondent.id)
    if contact is None:
        contact = Contact(respondent_id=respondent.id, study_id=respondent.study_id, created_at=now)
        session.add(contact)
    write(seal, contact, identity, now=now, external_id=external_id, timezone=timezone)
    session.flush()


def write(
    seal: Seal,
    contact: Contact,
    identity: Identity,
    *,
    now: datetime,
    external_id: str | None = None,
    timezone: str | None = None,
) -> None:
    """As `keep`, into a contact that is at hand, for who keeps many: checks nothing and asks no database."""
    found = print_of_address(seal, identity.email) if identity.email else None
    if found != contact.email_print:
        contact.bounced_at = None
    contact.sealed = seal.close(json.dumps(asdict(identity), ensure_ascii=False), of=contact.respondent_id)
    contact.email_print = found
    contact.external_id = external_id or contact.external_id
    contact.timezone = timezone or contact.timezone
    contact.changed_at = now


def identity_of(session: Session, seal: Seal, respondent_id: uuid.UUID) -> Identity | None:
    """Who a respondent is; None when nothing is known. Unreadable with another key than it was sealed with."""
    contact = session.get(Contact, respondent_id)
    return opened(seal, contact) if contact is not None else None


def opened(seal: Seal, contact: Contact) -> Identity:
    """What a contact says. Unreadable with another key than it was sealed with."""
    return Identity(**json.loads(seal.open(contact.sealed, of=contact.respondent_id)))


def require_address(email: str) -> str:
    """An address as mail servers want it. BadFields when it is none, or nothing."""
    if not email.strip():
        raise BadFields([FieldProblem("email", "An e-mail address is needed.")])
    return checked(Identity(email=email)).email


def print_of_address(seal: Seal, email: str) -> bytes:
    """What finds an address without keeping it, in any case of letters."""
    return seal.print_of(email.strip().lower())


def with_address(session: Session, seal: Seal, study_id: uuid.UUID, email: str) -> list[uuid.UUID]:
    """The respondents of a study whose address this is, in any case of letters, oldest first."""
    found = print_of_address(seal, email)
    return list(
        session.scalars(
            select(Contact.respondent_id)
            .where(Contact.study_id == study_id, Contact.email_print == found)
            .order_by(Contact.created_at, Contact.respondent_id)
        )
    )


def opt_out(session: Session, respondent_id: uuid.UUID, *, now: datetime) -> bool:
    """Do not contact this person again, in any mode. Gives whether that is new; the first time is what counts."""
    contact = session.get(Contact, respondent_id)
    if contact is None or contact.opted_out_at is not None:
        return False
    contact.opted_out_at = now
    session.flush()
    return True


def opt_in(session: Session, respondent_id: uuid.UUID) -> None:
    """Take "do not contact me again" back, as the person may who said it."""
    session.execute(update(Contact).where(Contact.respondent_id == respondent_id).values(opted_out_at=None))


def require_key(session: Session, seal: Seal) -> None:
    """Unreadable when the contacts that are there were sealed with another key."""
    some = session.scalars(select(Contact).limit(1)).first()
    if some is not None:
        opened(seal, some)


def _problems(cleaned: dict[str, str]) -> Iterator[FieldProblem]:
    for name, text in cleaned.items():
        if len(text) > LONGEST[name]:
            yield FieldProblem(name, f"The {name} has {len(text)} characters; {LONGEST[name]} are possible.")
        elif isinstance(clean_text(text), Problem) or "\n" in text:
            yield FieldProblem(name, f"The {name} has characters in it that cannot be printed in one line.")
