"""Mails that came back: read from what mail servers report (RFC 3464), or from a list, and noted once."""

import mailbox
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Contact, Mail, MailState
from survey.services import contacts
from survey.services.errors import BadFields, FieldProblem
from survey.services.mailing import outbox
from survey.services.sealing import Seal

# A report with the mail that came back attached; nobody's mailbox of reports is larger than this.
LARGEST_FILE: Final = 64 * 1024 * 1024
_ADDRESS = re.compile(r"[^\s<>,;\"']+@[^\s<>,;\"']+")
_OURS = re.compile(r"<[0-9a-f]{32}@[^>\s]+>")
_COUNTED: Final = (MailState.SENT, MailState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Report:
    """One mail that came back: by the address it went to, by its Message-ID, or by both."""

    address: str = ""
    message_id: str = ""
    detail: str = ""


@dataclass(slots=True)
class Noted:
    """What a list of reports changed. unknown: what belongs to nobody in this study, as it was given."""

    bounced: int = 0
    known_before: int = 0
    unknown: list[str] = field(default_factory=list)


def reports_in(given: str) -> list[Report]:
    """What an argument of the command means: a file or folder with reports or a list, or an address, or a Message-ID.

    BadFields when it is none of them.
    """
    place = Path(given)
    if place.is_dir():
        # A Maildir, or a folder with one report in each file.
        inner = [place / "new", place / "cur"] if (place / "cur").is_dir() else [place]
        files = sorted(file for folder in inner if folder.is_dir() for file in folder.iterdir() if file.is_file())
        return [report for file in files for report in _in_file(file)]
    if place.is_file():
        return list(_in_file(place))
    found = _in_line(given)
    if found is None:
        raise BadFields([FieldProblem("report", f"{given!r} is neither a file nor an address nor a Message-ID.")])
    return [found]


def note(session: Session, seal: Seal, study_id: uuid.UUID, reports: list[Report], *, now: datetime) -> Noted:
    """Write down what came back: the mail is bounced, and no other one goes to the address. Again changes nothing."""
    noted = Noted()
    for report in reports:
        touched = [
            _bounce(session, seal, respondent_id, report, now=now)
            for respondent_id in _who(session, seal, study_id, report)
        ]
        if not touched:
            noted.unknown.append(report.address or report.message_id or "a report without an address")
        elif any(touched):
            noted.bounced += 1
        else:
            noted.known_before += 1
    return noted


def _who(session: Session, seal: Seal, study_id: uuid.UUID, report: Report) -> list[uuid.UUID]:
    if report.message_id:
        found = session.scalar(
            select(Mail.respondent_id).where(Mail.study_id == study_id, Mail.message_id == report.message_id)
        )
        if found is not None:
            return [found]
    return contacts.with_address(session, seal, study_id, report.address) if report.address else []


def _bounce(session: Session, seal: Seal, respondent_id: uuid.UUID, report: Report, *, now: datetime) -> bool:
    """Mark a person's address and the mail, or the last one to it; gives whether anything is new."""
    contact = session.get_one(Contact, respondent_id)
    mails = select(Mail).where(Mail.respondent_id == respondent_id)
    named = session.scalars(mails.where(Mail.message_id == report.message_id)).one_or_none()
    if contact.bounced_at is not None or (named is not None and named.state is MailState.BOUNCED):
        # When the same report comes again, another address may stand there, of which it says nothing.
        return False
    if named is None or not _went_elsewhere(seal, named, contact, report):
        contact.bounced_at = now
    sent = mails.where(Mail.state.in_(_COUNTED))
    if report.message_id:
        sent = sent.where(Mail.message_id == report.message_id)
    mail = session.scalars(sent.order_by(Mail.sent_at.desc()).limit(1)).first()
    if mail is not None:
        outbox.settle(session, mail, MailState.BOUNCED, report.detail or "reported as come back", now=now)
    session.flush()
    return True


def _went_elsewhere(seal: Seal, mail: Mail, contact: Contact, report: Report) -> bool:
    """Whether a mail went to an address that the person does not have any more, as far as one can tell."""
    is_known = bool(report.address) and contacts.print_of_address(seal, report.address) == contact.email_print
    return not is_known and mail.sent_at is not None and mail.sent_at < contact.changed_at


def _in_file(file: Path) -> Iterator[Report]:
    if file.stat().st_size > LARGEST_FILE:
        raise BadFields(
            [FieldProblem("report", f"{file} is larger than {LARGEST_FILE // 2**20} MB; give it in parts.")]
        )
    content = file.read_bytes()
    if content.startswith(b"From "):
        box = mailbox.mbox(file, create=False)
        try:
            for each in box:
                yield from _in_message(message_from_bytes(each.as_bytes(), policy=policy.default))
        finally:
            box.close()
        return
    message = message_from_bytes(content, policy=policy.default)
    if message.get_content_type() == "multipart/report":
        yield from _in_message(message)
        return
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise BadFields([FieldProblem("report", f"{file} is neither a report nor a list in UTF-8.")]) from None
    yield from (found for line in lines if (found := _in_line(line)) is not None)


def _in_line(line: str) -> Report | None:
    """What one line names; None for headings and empty lines."""
    ours = _OURS.search(line)
    if ours:
        return Report(message_id=ours[0])
    address = _ADDRESS.search(line)
    return Report(address=address[0]) if address else None


def _in_message(message: Message) -> Iterator[Report]:
    """The final failures of a delivery status notification; delays and successes are none."""
    own = _OURS.search(_returned(message))
    for part in message.walk():
        # The first block is about the report itself, each other one about a recipient.
        blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else []
        for block in blocks[1:] if isinstance(blocks, list) else []:
            if not isinstance(block, Message) or str(block.get("Action", "")).strip().lower() != "failed":
                continue
            recipient = block.get("Original-Recipient") or block.get("Final-Recipient") or ""
            address = str(recipient).partition(";")[2].strip()
            detail = f"{block.get('Status', '')} {block.get('Diagnostic-Code', '')}".strip()
            yield Report(address, own[0] if own else "", detail)


def _returned(message: Message) -> str:
    """The Message-ID of the mail that came back, as the report quotes it."""
    for part in message.walk():
        inner = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(inner, list) and isinstance(inner[0], Message):
            return _message_id_of(inner[0])
        if part.get_content_type() == "text/rfc822-headers":
            quoted = part.get_payload(decode=True)
            return _message_id_of(message_from_bytes(quoted)) if isinstance(quoted, bytes) else ""
    return ""


def _message_id_of(message: Message) -> str:
    """As it stands there: the email package stumbles over some of those that are damaged when it takes them apart."""
    return next((str(value) for name, value in message.raw_items() if name.lower() == "message-id"), "")
