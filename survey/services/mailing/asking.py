"""The way back in, sent to who asks for it: by mail only, to an address that is known or that the person gives."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Contact, Interview, MailKind, Respondent, Study, StudyState
from survey.queries import mails
from survey.services import contacts, duplicates
from survey.services.contacts import Identity
from survey.services.mailing import outbox
from survey.services.mailing.outbox import Wanted
from survey.services.mailing.rules import ASKED_A_DAY, ASKED_A_DAY_OF_AN_ADDRESS
from survey.services.sealing import Seal

_DAY: Final = timedelta(days=1)
# Who waits at a page is not put behind ten thousand invitations: the outbox sends first what is due longest.
_AHEAD: Final = timedelta(days=30)


def address_for(session: Session, seal: Seal, interview_id: uuid.UUID) -> str:
    """The address that the way back in would be sent to; "" when none is known that mail reaches."""
    contact = _contact_of(session, interview_id)
    if contact is None or contact.email_print is None or contact.bounced_at is not None:
        return ""
    return contacts.opened(seal, contact).email


def masked(address: str) -> str:
    """Enough to know one's own address by: "a…@e…", in one piece at the end of a line."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…\N{WORD JOINER}@{domain[:1]}…"


def send_my_link(
    session: Session, seal: Seal, interview_id: uuid.UUID, *, email: str, domain: str, now: datetime
) -> bool:
    """Queue the way back in for who is at their interview; False when it was asked for too often today.

    email: "" for the address that is known; where none is, the one that is given here is kept for this alone.
    BadFields when there is no address, or none that is one.
    """
    respondent = session.scalars(
        select(Respondent).join(Interview, Interview.respondent_id == Respondent.id).where(Interview.id == interview_id)
    ).one()
    if not address_for(session, seal, interview_id):
        given = contacts.require_address(email)
        duplicates.mark_address(session, seal, respondent.id, given)
        known = contacts.identity_of(session, seal, respondent.id) or Identity()
        contacts.keep(session, seal, respondent, replace(known, email=given), now=now)
    return _ask(session, respondent.id, respondent.study_id, domain=domain, now=now)


def send_new_links(session: Session, seal: Seal, *, email: str, domain: str, now: datetime) -> int:
    """Queue the way back in for everybody of this address in open studies; gives how many mails.

    Meant for strangers: nobody may be told what it gives.
    """
    known = session.execute(
        select(Contact.respondent_id, Contact.study_id)
        .join(Study, Study.id == Contact.study_id)
        .where(Study.state == StudyState.OPEN, Contact.email_print == contacts.print_of_address(seal, email))
        .order_by(Contact.created_at, Contact.respondent_id)
    ).all()
    return sum(_ask(session, each.respondent_id, each.study_id, domain=domain, now=now) for each in known)


def _ask(session: Session, respondent_id: uuid.UUID, study_id: uuid.UUID, *, domain: str, now: datetime) -> bool:
    # Two requests at once would take the same number, and count one too few.
    session.execute(select(Respondent.id).where(Respondent.id == respondent_id).with_for_update())
    if mails.asked_since(session, respondent_id, now - _DAY) >= ASKED_A_DAY:
        return False
    # Anybody may begin at an open link and give somebody else's address, again and again.
    if mails.asked_of_address(session, respondent_id, now - _DAY) >= ASKED_A_DAY_OF_AN_ADDRESS:
        return False
    wanted = Wanted(
        respondent_id,
        MailKind.RESUME,
        mails.last_number(session, respondent_id, MailKind.RESUME) + 1,
        mails.recipients(session, study_id, respondent_id=respondent_id)[0].language,
        now - _AHEAD,
    )
    return outbox.queue(session, study_id, [wanted], created_by="respondent", domain=domain, now=now) == 1


def _contact_of(session: Session, interview_id: uuid.UUID) -> Contact | None:
    return session.scalars(
        select(Contact)
        .join(Interview, Interview.respondent_id == Contact.respondent_id)
        .where(Interview.id == interview_id)
    ).one_or_none()
