"""The outbox: every mail is a row, and each step of a row is one short transaction.

waiting -> sending -> handing over -> sent. A process that dies while sending has given the mail server nothing, so
the mail waits again; one that dies while handing over leaves a mail that nobody sends again by itself.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.models import Mail, MailEvent, MailKind, MailState
from survey.services.chance import SECURE, Chance
from survey.services.errors import NotAllowed
from survey.services.mailing.rules import wait_after

# Longer than the longest conversation with a mail server (`transport.Patience`).
LEASE: Final = timedelta(minutes=10)
# Mails that are queued in one transaction at most.
ROWS_AT_ONCE: Final = 500
_MAILS: Table = Mail.__table__  # type: ignore[assignment]
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mail to be queued."""

    respondent_id: uuid.UUID
    kind: MailKind
    number: int
    language: str
    not_before: datetime


def queue(
    session: Session,
    study_id: uuid.UUID,
    wanted: Sequence[Wanted],
    *,
    created_by: str,
    domain: str,
    now: datetime,
    chance: Chance = SECURE,
) -> int:
    """Put mails into the outbox; one that is there already (person, kind, number) stays. Gives how many are new.

    wanted: `ROWS_AT_ONCE` at most.
    """
    if not wanted:
        return 0
    insert = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
    rows = [_row(study_id, each, chance.new_id(), created_by, domain, now) for each in wanted]
    statement = insert(_MAILS).on_conflict_do_nothing().returning(_MAILS.c.id)
    new = session.connection().execute(statement, rows).scalars().all()
    session.add_all(MailEvent(mail_id=each, at=now, what=MailState.WAITING.value) for each in new)
    session.flush()
    return len(new)


def _row(
    study_id: uuid.UUID, each: Wanted, mail_id: uuid.UUID, created_by: str, domain: str, now: datetime
) -> dict[str, Any]:
    return {
        "id": mail_id,
        "study_id": study_id,
        "respondent_id": each.respondent_id,
        "kind": each.kind,
        "number": each.number,
        "state": MailState.WAITING,
        "language": each.language,
        "message_id": f"<{mail_id.hex}@{domain}>",
        "attempts": 0,
        "not_before": each.not_before,
        "created_by": created_by,
        "created_at": now,
    }


def take(session: Session, *, worker: str, now: datetime) -> uuid.UUID | None:
    """Take the mail that has waited longest into hand, for `LEASE`; None when none is due."""
    waiting = (
        select(Mail)
        .where(Mail.state == MailState.WAITING, Mail.not_before <= now)
        .order_by(Mail.not_before, Mail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(waiting).one_or_none()
    if found is None:
        return None
    found.state = MailState.SENDING
    found.worker = worker
    found.leased_until = now + LEASE
    found.attempts += 1
    session.flush()
    return found.id


def held(session: Session, mail_id: uuid.UUID, *, worker: str, state: MailState, now: datetime) -> Mail | None:
    """The mail, locked, if this worker still has it in hand in this state."""
    return session.scalars(
        select(Mail)
        .where(Mail.id == mail_id, Mail.state == state, Mail.worker == worker, Mail.leased_until > now)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def begin_handing_over(session: Session, mail: Mail, *, now: datetime) -> None:
    """From here on nobody sends this mail again by itself, unless the mail server refuses it."""
    mail.state = MailState.HANDING_OVER
    mail.sent_at = now
    mail.leased_until = now + LEASE
    session.flush()


def settle(session: Session, mail: Mail, state: MailState, detail: str = "", *, now: datetime) -> None:
    """The end of a mail: sent, uncertain, failed, cancelled."""
    mail.state = state
    mail.leased_until = mail.worker = None
    if state in {MailState.FAILED, MailState.CANCELLED}:
        mail.sent_at = None
    _note(session, mail.id, state.value, detail, now)


def delay(session: Session, mail: Mail, detail: str, *, now: datetime) -> bool:
    """An attempt failed in a way that may pass: try again later, or give up after days. Gives whether it waits."""
    wait = wait_after(mail.attempts)
    if wait is None:
        settle(session, mail, MailState.FAILED, f"given up after {mail.attempts} attempts: {detail}", now=now)
        return False
    _give_back(mail, not_before=now + wait)
    _note(session, mail.id, "delayed", detail, now)
    return True


def postpone(session: Session, mail: Mail, until: datetime) -> None:
    """It may not be sent now, by the rules: wait, without counting an attempt."""
    mail.attempts -= 1
    _give_back(mail, not_before=until)
    session.flush()


def release_lost(session: Session, *, now: datetime) -> tuple[int, int]:
    """Settle what processes left behind that died; gives how many wait again and how many are uncertain."""
    lost = session.scalars(
        select(Mail)
        .where(Mail.state.in_((MailState.SENDING, MailState.HANDING_OVER)), Mail.leased_until <= now)
        .order_by(Mail.id)
        .with_for_update(skip_locked=True)
    ).all()
    uncertain = [mail for mail in lost if mail.state is MailState.HANDING_OVER]
    for mail in uncertain:
        settle(session, mail, MailState.UNCERTAIN, "the program ended while handing it over", now=now)
    again = [mail for mail in lost if mail.state is MailState.SENDING]
    waiting = sum(delay(session, mail, "the program ended before handing it over", now=now) for mail in again)
    session.flush()
    return waiting, len(uncertain)


def hold_restored(session: Session, *, now: datetime) -> int:
    """After a backup came back: mails that may have been sent since are uncertain, so nobody sends them by itself.

    Gives how many. They count as sent now, so that no reminder follows at once.
    """
    maybe_sent = session.scalars(
        select(Mail)
        .where(
            Mail.state.in_((MailState.SENDING, MailState.HANDING_OVER))
            | ((Mail.state == MailState.WAITING) & (Mail.not_before <= now))
        )
        .order_by(Mail.id)
    ).all()
    for mail in maybe_sent:
        mail.sent_at = mail.sent_at or now
        settle(session, mail, MailState.UNCERTAIN, "a backup came back; it may have been sent after that", now=now)
    return len(maybe_sent)


def cancel(session: Session, mail: Mail, *, reason: str, now: datetime) -> None:
    """Do not send a mail that waits. NotAllowed once it is in hand or over."""
    if mail.state is not MailState.WAITING:
        raise NotAllowed(f"This mail does not wait any more: it is {mail.state.value.replace('_', ' ')}.")
    settle(session, mail, MailState.CANCELLED, reason, now=now)


def retry(session: Session, mail: Mail, *, now: datetime) -> None:
    """Let a mail wait again that failed, was cancelled, or of which nobody knows. NotAllowed for every other one.

    Before it is sent, the rules are looked at as ever.
    """
    if mail.state not in {MailState.FAILED, MailState.UNCERTAIN, MailState.CANCELLED}:
        raise NotAllowed(
            "Only mails that failed, are uncertain or were cancelled can be sent again; "
            f"this one is {mail.state.value.replace('_', ' ')}."
        )
    mail.attempts = 0
    _give_back(mail, not_before=now)
    _note(session, mail.id, MailState.WAITING.value, "to be sent again, as a person said", now)


def without_addresses(words: str) -> str:
    """A mail server's words for the log, in one line, with every address taken out."""
    return _ADDRESS.sub("(address)", " ".join(words.split()))[:500]


def _give_back(mail: Mail, *, not_before: datetime) -> None:
    mail.state = MailState.WAITING
    mail.leased_until = mail.worker = mail.sent_at = None
    mail.not_before = not_before


def _note(session: Session, mail_id: uuid.UUID, what: str, detail: str, now: datetime) -> None:
    session.add(MailEvent(mail_id=mail_id, at=now, what=what, detail=without_addresses(detail)))
    session.flush()
