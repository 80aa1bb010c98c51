"""Respondents who may be one person. They are marked for the lead to judge; nothing is left out by itself."""

import uuid
from enum import StrEnum

from sqlalchemy.orm import Session

from survey.models import Respondent
from survey.services.answering import raise_study_revision


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
    respondent.possible_duplicate_of = earlier.id
    respondent.duplicate_reason = reason.value
    session.flush()
    raise_study_revision(session, respondent.study_id)
    return True
