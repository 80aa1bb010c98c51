"""People with addresses, and runs that send mails to them, for tests."""

from datetime import timedelta

import make
from postbox import IMPATIENT

from survey.models import Mail, MailEvent, MailKind, Respondent, Study
from survey.services import contacts
from survey.services.contacts import Identity
from survey.services.mailing import planning, sending
from survey.services.mailing.transport import Transport
from survey.services.sealing import Seal

SEAL = Seal("k" * 64)
BASE = "https://survey.example.org"
DOMAIN = "example.org"


def make_contact(session, study, *, now, email="ada@example.org", name="Ada Lovelace", timezone=None, **invited):
    """A respondent of whom name and address are known. Gives the invitation."""
    invitation = make.make_invited(session, study, now=now, **invited)
    respondent = session.get(Respondent, invitation.respondent_id)
    contacts.keep(session, SEAL, respondent, Identity(name=name, email=email), now=now, timezone=timezone)
    return invitation


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def forward(self, **span):
        self.now += timedelta(**span)
        return self.now


class Desk:
    """An installation with a study, people, a clock and a mail server."""

    def __init__(self, database, box, now, *, people=0, **study):
        self.database, self.box, self.clock = database, box, Clock(now)
        with database.writing() as session:
            made = make.make_study(session, now=now, **study)
            self.study_id = made.id
            for number in range(people):
                make_contact(session, made, now=now, email=f"person{number}@example.org", name=f"Person {number}")

    def send(self, *, patience=IMPATIENT, limit=None, **server):
        """Send what is due, as a task or a command does."""
        house = sending.House(self.database, SEAL, self.box.server(**server), BASE, self.clock)
        with Transport(house.server, patience=patience) as transport:
            return sending.send_due(house, transport, limit=limit)

    def plan(self, kind=MailKind.INVITATION):
        with self.database.reading() as session:
            return planning.plan(session, session.get(Study, self.study_id), kind, now=self.clock())

    def queue(self, kind=MailKind.INVITATION):
        """Queue what the rules allow; gives how many."""
        return planning.queue_planned(
            self.database, self.study_id, self.plan(kind), created_by="command", domain=DOMAIN, now=self.clock()
        )

    def states(self):
        with self.database.reading() as session:
            return sorted(mail.state.value for mail in session.query(Mail))

    def log(self):
        with self.database.reading() as session:
            return [(event.what, event.detail) for event in session.query(MailEvent).order_by(MailEvent.id)]
