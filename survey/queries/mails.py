"""What decides about mails, for a whole study or for one person, in one query."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Subquery, case, func, select
from sqlalchemy.orm import Session

from survey.models import Contact, Interview, Mail, MailEvent, MailKind, MailState, Region, Respondent, Study

# The mail server was given the whole of it; whether it said yes does not matter for who may get another one.
GIVEN = (MailState.SENT, MailState.BOUNCED, MailState.UNCERTAIN, MailState.HANDING_OVER)
IN_HAND = (MailState.WAITING, MailState.SENDING, MailState.HANDING_OVER)
WHOLE_ID = 32  # hexadecimal digits
UNASKED = (MailKind.INVITATION, MailKind.REMINDER)


def recipients(
    session: Session,
    study_id: uuid.UUID,
    *,
    respondent_id: uuid.UUID | None = None,
    region_id: uuid.UUID | None = None,
    besides: uuid.UUID | None = None,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """One row for each contact of a study, by number: who, in which language and zone, and what was mailed so far.

    respondent_id, region_id: of these only. besides: a mail that is not counted, because it is the one in question.
    """
    mails = _mailed(study_id, respondent_id, besides)
    found = (
        select(
            Respondent.id,
            Respondent.number,
            func.coalesce(Interview.language, Respondent.language).label("language"),
            func.coalesce(Contact.timezone, Region.timezone, "UTC").label("timezone"),
            Contact.email_print.is_not(None).label("has_address"),
            Contact.opted_out_at,
            Contact.bounced_at,
            Interview.state.label("interview"),
            Interview.last_answer_at,
            mails.c.last_mail_at,
            func.coalesce(mails.c.reminders, 0).label("reminders"),
            func.coalesce(mails.c.has_invitation, 0).label("has_invitation"),
            func.coalesce(mails.c.invited, 0).label("invited"),
            func.coalesce(mails.c.is_waiting, 0).label("is_waiting"),
        )
        .join(Contact, Contact.respondent_id == Respondent.id)
        .outerjoin(Region, Region.id == Respondent.region_id)
        .outerjoin(Interview, Interview.respondent_id == Respondent.id)
        .outerjoin(mails, mails.c.respondent_id == Respondent.id)
        .where(Respondent.study_id == study_id)
        .order_by(Respondent.number)
    )
    if respondent_id is not None:
        found = found.where(Respondent.id == respondent_id)
    if region_id is not None:
        found = found.where(Respondent.region_id == region_id)
    return session.execute(found).all()


def _mailed(study_id: uuid.UUID, respondent_id: uuid.UUID | None, besides: uuid.UUID | None) -> Subquery:
    """What was mailed so far, one row for each respondent who has had or waits for a mail."""
    mailed = select(
        Mail.respondent_id,
        func.max(case((Mail.state.in_(GIVEN), Mail.sent_at))).label("last_mail_at"),
        func.max(case((Mail.kind == MailKind.REMINDER, Mail.number), else_=0)).label("reminders"),
        func.max(case((Mail.kind == MailKind.INVITATION, 1), else_=0)).label("has_invitation"),
        func.max(case(((Mail.kind == MailKind.INVITATION) & Mail.state.in_(GIVEN), 1), else_=0)).label("invited"),
        func.max(case((Mail.kind.in_(UNASKED) & Mail.state.in_(IN_HAND), 1), else_=0)).label("is_waiting"),
    ).where(Mail.study_id == study_id)
    if respondent_id is not None:
        mailed = mailed.where(Mail.respondent_id == respondent_id)
    if besides is not None:
        mailed = mailed.where(Mail.id != besides)
    return mailed.group_by(Mail.respondent_id).subquery()


def asked_since(session: Session, respondent_id: uuid.UUID, since: datetime) -> int:
    """How many mails a person asked for after a moment."""
    asked = select(func.count()).where(
        Mail.respondent_id == respondent_id, Mail.kind == MailKind.RESUME, Mail.created_at > since
    )
    return session.scalar(asked) or 0


def asked_of_address(session: Session, respondent_id: uuid.UUID, since: datetime) -> int:
    """How many mails were asked for after a moment by all in the study who have this person's address."""
    own = select(Contact.study_id, Contact.email_print).where(Contact.respondent_id == respondent_id).subquery()
    same = select(Contact.respondent_id).join(
        own, (own.c.study_id == Contact.study_id) & (own.c.email_print == Contact.email_print)
    )
    asked = select(func.count()).where(
        Mail.respondent_id.in_(same), Mail.kind == MailKind.RESUME, Mail.created_at > since
    )
    return session.scalar(asked) or 0


def last_number(session: Session, respondent_id: uuid.UUID, kind: MailKind) -> int:
    """The highest number of a person's mails of a kind; 0 without any."""
    return (
        session.scalar(select(func.max(Mail.number)).where(Mail.respondent_id == respondent_id, Mail.kind == kind)) or 0
    )


def with_study(session: Session, mail_id: uuid.UUID) -> Row[Mail, Study, Respondent] | None:
    """A mail as it is now, with its study and respondent."""
    return session.execute(
        select(Mail, Study, Respondent)
        .join(Study, Study.id == Mail.study_id)
        .join(Respondent, Respondent.id == Mail.respondent_id)
        .where(Mail.id == mail_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def by_state(session: Session, study_id: uuid.UUID, *, state: MailState | None = None) -> Sequence[Row[Mail, int]]:
    """The mails of a study, newest first, each with its respondent's number."""
    found = select(Mail, Respondent.number).join(Respondent, Respondent.id == Mail.respondent_id)
    found = found.where(Mail.study_id == study_id)
    if state is not None:
        found = found.where(Mail.state == state)
    return session.execute(found.order_by(Mail.created_at.desc(), Respondent.number, Mail.id)).all()


def by_beginning(session: Session, beginning: str) -> Sequence[Mail]:
    """The mails whose id begins with these hexadecimal digits."""
    digits = beginning.replace("-", "").lower()
    if not digits or len(digits) > WHOLE_ID or set(digits) - set("0123456789abcdef"):
        return []
    first, last = uuid.UUID(digits.ljust(WHOLE_ID, "0")), uuid.UUID(digits.ljust(WHOLE_ID, "f"))
    return session.scalars(select(Mail).where(Mail.id.between(first, last))).all()


def last_events(session: Session, study_id: uuid.UUID) -> dict[uuid.UUID, MailEvent]:
    """What happened last to each mail of a study."""
    last = (
        select(func.max(MailEvent.id))
        .join(Mail, Mail.id == MailEvent.mail_id)
        .where(Mail.study_id == study_id)
        .group_by(MailEvent.mail_id)
    )
    return {event.mail_id: event for event in session.scalars(select(MailEvent).where(MailEvent.id.in_(last)))}


def events_of(session: Session, mail_id: uuid.UUID) -> Sequence[MailEvent]:
    """The log of one mail, in order."""
    return session.scalars(select(MailEvent).where(MailEvent.mail_id == mail_id).order_by(MailEvent.id)).all()


def waiting(session: Session) -> int:
    """How many mails wait, in all studies."""
    return session.scalar(select(func.count()).where(Mail.state == MailState.WAITING)) or 0


def due(session: Session, now: datetime) -> int:
    """How many mails could be sent now, in all studies."""
    return session.scalar(select(func.count()).where(Mail.state == MailState.WAITING, Mail.not_before <= now)) or 0
