"""What is kept about one respondent besides answers, for the respondent."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from survey.models import Contact, Interview, Mail, Respondent

_ABOUT = (
    select(
        Interview.respondent_id,
        Interview.consent_version,
        Interview.consented_at,
        Interview.group_key,
        Interview.language,
        Respondent.created_at.label("known_since"),
        Contact.respondent_id.is_not(None).label("has_contact"),
        Contact.opted_out_at,
    )
    .join(Respondent, Respondent.id == Interview.respondent_id)
    .outerjoin(Contact, Contact.respondent_id == Interview.respondent_id)
)


def about_row(session: Session, interview_id: uuid.UUID) -> Row[*tuple[Any, ...]] | None:
    return session.execute(_ABOUT.where(Interview.id == interview_id)).one_or_none()


def mail_rows(session: Session, respondent_id: uuid.UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """kind, state, created_at and sent_at of every mail to a respondent, oldest first."""
    return session.execute(
        select(Mail.kind, Mail.state, Mail.created_at, Mail.sent_at)
        .where(Mail.respondent_id == respondent_id)
        .order_by(Mail.created_at, Mail.id)
    ).all()
