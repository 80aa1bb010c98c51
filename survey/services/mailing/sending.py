"""Sending what is due. Whatever happens to this process, no mail goes out twice and none is lost without a word.

Short transactions, and none of them stays open while the mail server is waited for:

1. take a mail into hand (state sending, with a lease), and put it into words;
2. right before the final dot: is there still a reason to send it? then keep the hash of its link, and handing over;
3. sent, or what the server said instead.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from survey.database import Database
from survey.models import Contact, Mail, MailState, Study
from survey.queries import mails
from survey.services import contacts, inviting
from survey.services.chance import SECURE, Chance
from survey.services.errors import NoMailServer, Unreadable
from survey.services.mailing import outbox
from survey.services.mailing.message import compose
from survey.services.mailing.planning import standing_of
from survey.services.mailing.rules import Why, when, why_never
from survey.services.mailing.transport import Refused, ServerTrouble, Stop, Transport, TransportError, TryLater, Unknown
from survey.services.mailing.words import content_of, words_of
from survey.services.sealing import Seal
from survey.settings import MailServer, Settings

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class House:
    """What sending needs of an installation. base_url: where links lead, as the settings say and never a request."""

    database: Database
    seal: Seal
    server: MailServer
    base_url: str
    clock: Clock
    chance: Chance = SECURE


@dataclass(slots=True)
class Outcome:
    """What a run did. stopped: why it ended early, in a sentence; the mails that were left wait as before."""

    sent: int = 0
    delayed: int = 0
    failed: int = 0
    uncertain: int = 0
    cancelled: int = 0
    postponed: int = 0
    stopped: str = ""

    @property
    def done(self) -> int:
        return self.sent + self.delayed + self.failed + self.uncertain + self.cancelled + self.postponed

    def __str__(self) -> str:
        rest = (
            ("will be tried again", self.delayed),
            ("failed", self.failed),
            ("uncertain", self.uncertain),
            ("cancelled", self.cancelled),
            ("wait for the hours of their study", self.postponed),
        )
        return ", ".join([f"{self.sent} sent", *(f"{number} {what}" for what, number in rest if number)])


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail in hand, ready for the mail server. token: of its link, which is not kept yet."""

    mail_id: uuid.UUID
    recipient: str
    message: bytes
    token: str = field(repr=False)


def run(
    settings: Settings,
    database: Database,
    *,
    clock: Clock,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outcome:
    """Send what is due with the mail server of the settings. NoMailServer without one; else as `send_due`."""
    if settings.mail_server is None:
        raise NoMailServer
    house = House(database, Seal(settings.contact_key_in_use), settings.mail_server, settings.base_url, clock)
    with Transport(settings.mail_server) as transport:
        return send_due(house, transport, progress=progress)


def send_due(
    house: House,
    transport: Transport,
    *,
    limit: int | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outcome:
    """Send what is due now, one mail after the other, until nothing is or the mail server cannot be used.

    May run beside others: a mail is in one hand only. Unreadable when the addresses were sealed with another key.
    """
    outcome = Outcome()
    # Whose hand: a run of its own, so that a run that was thought dead cannot go on with what it lost.
    worker = uuid.uuid4().hex
    with house.database.writing() as session:
        contacts.require_key(session, house.seal)
        _, outcome.uncertain = outbox.release_lost(session, now=house.clock())
        total = mails.due(session, house.clock())
    while limit is None or outcome.done < limit:
        with house.database.writing() as session:
            taken = outbox.take(session, worker=worker, now=house.clock())
        if taken is None:
            break
        ready = _prepared(house, taken, worker, outcome)
        if ready is not None and not _hand_over(house, transport, ready, worker, outcome):
            break
        progress(outcome.done, max(total, outcome.done))
    return outcome


def _prepared(house: House, mail_id: uuid.UUID, worker: str, outcome: Outcome) -> Ready | None:
    """As `_prepare`; a mail whose address cannot be read or written fails, and does not stand in the others' way."""
    try:
        with house.database.writing() as session:
            return _prepare(session, house, mail_id, outcome)
    except (Unreadable, EmailNotValidError):
        now = house.clock()
        with house.database.writing() as session:
            mail = outbox.held(session, mail_id, worker=worker, state=MailState.SENDING, now=now)
            if mail is not None:
                outbox.settle(session, mail, MailState.FAILED, "what is kept as the address cannot be used", now=now)
                outcome.failed += 1
        return None


def _prepare(session: Session, house: House, mail_id: uuid.UUID, outcome: Outcome) -> Ready | None:
    """The mail in words, with a link of its own; None when it is not to be sent now, or not at all."""
    now = house.clock()
    found = mails.with_study(session, mail_id)
    if found is None or not _may_go(session, found.Mail, found.Study, outcome, now):
        return None
    mail, study, respondent = found.Mail, found.Study, found.Respondent
    identity = contacts.identity_of(session, house.seal, respondent.id)
    if identity is None:
        _cancel(session, mail, Why.NO_ADDRESS, outcome, now)
        return None
    token = house.chance.token()
    link = inviting.link_address(house.base_url, token)
    stop = f"{link}/stop"
    content = content_of(study, mail.kind, mail.language, name=identity.name, link=link, stop=stop)
    recipient = _for_the_envelope(identity.email)
    message = compose(
        words_of(content),
        server=house.server,
        recipient=recipient,
        reply_to=_for_the_envelope(study.contact_email),
        stop=stop,
        message_id=mail.message_id,
        language=content.language,
        now=now,
    )
    return Ready(mail.id, recipient, message, token)


def _may_go(session: Session, mail: Mail, study: Study, outcome: Outcome, now: datetime) -> bool:
    """Whether the reason to send a mail still stands and the hour is right; else it is cancelled or waits."""
    rows = mails.recipients(session, study.id, respondent_id=mail.respondent_id, besides=mail.id)
    if not rows:
        _cancel(session, mail, Why.NO_ADDRESS, outcome, now)
        return False
    standing = standing_of(study, rows[0])
    decision = when(standing, mail.kind, now=now)
    why = why_never(standing, mail.kind, now=now) or decision.why
    if why is not None:
        _cancel(session, mail, why, outcome, now)
        return False
    if decision.at is not None and decision.at > now:
        outbox.postpone(session, mail, decision.at)
        outcome.postponed += 1
        return False
    return True


def _cancel(session: Session, mail: Mail, why: Why, outcome: Outcome, now: datetime) -> None:
    outbox.settle(session, mail, MailState.CANCELLED, why.value, now=now)
    outcome.cancelled += 1


def _hand_over(house: House, transport: Transport, ready: Ready, worker: str, outcome: Outcome) -> bool:
    """Give a mail to the mail server; False when no other mail can be sent now."""
    before = partial(_decide, house, ready, worker, outcome)
    try:
        said = transport.hand_over(ready.recipient, ready.message, before_the_dot=before)
    except Stop:
        return True
    except ServerTrouble as trouble:
        outcome.stopped = trouble.words
        with house.database.writing() as session:
            mail = _in_hand(session, ready, worker, house.clock())
            if mail is not None:
                # The server's fault is not counted against the mail.
                outbox.postpone(session, mail, mail.not_before)
        return False
    except TransportError as refusal:
        _note_refusal(house, ready, worker, refusal, outcome)
        return True
    with house.database.writing() as session:
        mail = _in_hand(session, ready, worker, house.clock())
        # Somebody thought this process dead and called the mail uncertain: now it is known better.
        mail = mail or session.get_one(Mail, ready.mail_id)
        outbox.settle(session, mail, MailState.SENT, said, now=house.clock())
    outcome.sent += 1
    return True


def _decide(house: House, ready: Ready, worker: str, outcome: Outcome) -> None:
    """The last moment before the mail server takes the mail. Raises Stop when it shall not, or has another hand."""
    now = house.clock()
    with house.database.writing() as session:
        mail = outbox.held(session, ready.mail_id, worker=worker, state=MailState.SENDING, now=now)
        may_go = mail is not None and _may_go(session, mail, session.get_one(Study, mail.study_id), outcome, now)
        if may_go and mail is not None:
            expires_at = inviting.usual_end(session.get_one(Study, mail.study_id))
            inviting.keep_link(session, mail.respondent_id, ready.token, now=now, expires_at=expires_at)
            outbox.begin_handing_over(session, mail, now=now)
    if not may_go:
        raise Stop


def _note_refusal(house: House, ready: Ready, worker: str, refusal: TransportError, outcome: Outcome) -> None:
    now = house.clock()
    with house.database.writing() as session:
        mail = _in_hand(session, ready, worker, now)
        if mail is None:
            return
        if isinstance(refusal, Unknown):
            outbox.settle(session, mail, MailState.UNCERTAIN, f"no answer to the whole mail: {refusal.words}", now=now)
            outcome.uncertain += 1
            return
        inviting.drop_link(session, ready.token, now=now)
        if isinstance(refusal, TryLater):
            waits = outbox.delay(session, mail, refusal.words, now=now)
            outcome.delayed += waits
            outcome.failed += not waits
            return
        outbox.settle(session, mail, MailState.FAILED, refusal.words, now=now)
        outcome.failed += 1
        if isinstance(refusal, Refused) and refusal.no_such_address:
            contact = session.get_one(Contact, mail.respondent_id)
            contact.bounced_at = contact.bounced_at or now


def _in_hand(session: Session, ready: Ready, worker: str, now: datetime) -> Mail | None:
    for state in (MailState.HANDING_OVER, MailState.SENDING):
        mail = outbox.held(session, ready.mail_id, worker=worker, state=state, now=now)
        if mail is not None:
            return mail
    return None


def _for_the_envelope(address: str) -> str:
    """The address as every mail server understands it, if it can be written so."""
    found = validate_email(address, check_deliverability=False, test_environment=True)
    return found.ascii_email or found.normalized
