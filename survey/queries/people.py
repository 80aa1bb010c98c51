"""People who sign in, their roles and their sessions."""

import uuid
from typing import Any

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.orm import Session

from survey.models import Interview, Link, Membership, Person, Role, WebSession


def person_by_email(session: Session, email: str) -> Person | None:
    """email: normalised, as it is stored."""
    return session.scalars(select(Person).where(Person.email == email)).one_or_none()


def roles_of(session: Session, person_id: uuid.UUID, study_id: uuid.UUID) -> set[Role]:
    """What a person may do in a study, by a role there or one for all studies."""
    return set(
        session.scalars(
            select(Membership.role).where(
                Membership.person_id == person_id,
                or_(Membership.study_id == study_id, Membership.study_id.is_(None)),
            )
        )
    )


def session_of_person(session: Session, id_hash: bytes) -> Row[WebSession, Person] | None:
    return session.execute(
        select(WebSession, Person).join(Person, Person.id == WebSession.person_id).where(WebSession.id_hash == id_hash)
    ).one_or_none()


# On every page of a respondent, so it is plain columns, built once, and run as in `survey.queries.pages`.
_OF_INTERVIEW = (
    select(
        WebSession.id_hash,
        WebSession.interview_id,
        WebSession.seen_at,
        WebSession.expires_at,
        WebSession.ended_at,
        Interview.last_answer_at,
        WebSession.link_id,
        Link.revoked_at,
        Link.expires_at.label("link_expires_at"),
    )
    .join(Interview, Interview.id == WebSession.interview_id)
    .outerjoin(Link, Link.id == WebSession.link_id)
    .where(WebSession.id_hash == bindparam("id_hash"))
)


def session_of_interview(session: Session, id_hash: bytes) -> Row[*tuple[Any, ...]] | None:
    """The session with its interview's last_answer_at and its link's revoked_at and link_expires_at."""
    return session.connection().execute(_OF_INTERVIEW, {"id_hash": id_hash}).one_or_none()
