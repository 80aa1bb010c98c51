"""Respondents of a study, their links, and who of them has not begun."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Link, Respondent


def respondent_by_number(session: Session, study_id: uuid.UUID, number: int) -> Respondent | None:
    return session.scalars(
        select(Respondent).where(Respondent.study_id == study_id, Respondent.number == number)
    ).one_or_none()


def links_of(session: Session, respondent_id: uuid.UUID) -> Sequence[Link]:
    """A respondent's personal links, oldest first."""
    return session.scalars(
        select(Link).where(Link.respondent_id == respondent_id).order_by(Link.created_at, Link.id)
    ).all()
