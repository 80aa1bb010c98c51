"""Saying "no more mails", and taking it back: whoever holds a link may, even when it opens nothing any more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey.models import Contact, Respondent, Study
from survey.services import contacts
from survey.services.contacts import Identity
from survey.services.inviting import owner_of
from survey.services.sealing import Seal


@dataclass(frozen=True, slots=True)
class Stopping:
    """What the page shows."""

    respondent: Respondent
    study: Study
    is_stopped: bool


def stopping(session: Session, token: str) -> Stopping:
    """Whose mails the holder of a token may stop, and whether they are. LinkInvalid for a token that never was one."""
    respondent, study = owner_of(session, token)
    contact = session.get(Contact, respondent.id)
    return Stopping(respondent, study, contact is not None and contact.opted_out_at is not None)


def stop(session: Session, seal: Seal, token: str, *, now: datetime) -> None:
    """No more mails and no calls. Again changes nothing. LinkInvalid as `stopping`."""
    respondent, _ = owner_of(session, token)
    if session.get(Contact, respondent.id) is None:
        # Nobody is known behind this link, but a call by somebody who knows them would be unwelcome just as well.
        contacts.keep(session, seal, respondent, Identity(), now=now)
    contacts.opt_out(session, respondent.id, now=now)


def go_on(session: Session, token: str) -> None:
    """It was a mistake. LinkInvalid as `stopping`."""
    respondent, _ = owner_of(session, token)
    contacts.opt_in(session, respondent.id)
