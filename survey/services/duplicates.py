"""Respondents who may be one person. They are marked for the lead to judge; nothing is left out by itself."""

import uuid
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Respondent
from survey.services import contacts
from survey.services.answering import raise_study_revision
from survey.services.sealing import Seal


class Reason(StrEnum):
    """What speaks for it."""

    # Began again in a browser in which somebody had begun.
    BROWSER = "browser"
    # Gave an address that another respondent of the study has.
    EMAIL = "email"


def mark(session: Session, respondent_id: uuid.UUID, *, of: uuid.UUID, reason: Reason) -> bool:
    """Note that a respondent may be the same person as an earlier one. Gives whether that is new.

    What was noted first stays. Nobody is a duplicate of themselves or of somebody in another study.
    """
    respondent, earlier = session.get_one(Respondent, respondent_id), session.get_one(Respondent, of)
    is_other = respondent.id != earlier.id and respondent.study_id == earlier.study_id
    if not is_other or respondent.possible_duplicate_of is not None:
        return False
    # The study first, as whoever takes in a list of contacts does: two in another order would wait for each other.
    raise_study_revision(session, respondent.study_id)
    respondent.possible_duplicate_of = earlier.id
    respondent.duplicate_reason = reason.value
    session.flush()
    return True


def mark_address(session: Session, seal: Seal, respondent_id: uuid.UUID, email: str) -> bool:
    """A respondent gives this address: of those who have it, note that the later one may be the earlier one.

    To be called before the address is kept, for the order of locks. Gives whether that is new.
    """
    respondent = session.get_one(Respondent, respondent_id)
    same = contacts.with_address(session, seal, respondent.study_id, email) if email else []
    others = select(Respondent).where(Respondent.id.in_(same), Respondent.id != respondent_id)
    other = session.scalars(others.order_by(Respondent.number).limit(1)).first()
    if other is None:
        return False
    first, second = sorted((respondent, other), key=lambda each: each.number)
    return mark(session, second.id, of=first.id, reason=Reason.EMAIL)
