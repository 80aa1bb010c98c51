"""Studies, by key and by person."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from survey.models import Membership, Region, RegionText, Role, Study


def study_by_key(session: Session, key: str) -> Study | None:
    return session.scalars(select(Study).where(Study.key == key)).one_or_none()


def studies_of(
    session: Session, person_id: uuid.UUID, *, as_one_of: Collection[Role] = frozenset(Role)
) -> Sequence[Study]:
    """Studies in which a person has one of the roles, by key; all of them for a role that is not limited to one."""
    roles = (
        select(Membership.id)
        .where(
            Membership.person_id == person_id,
            Membership.role.in_(as_one_of),
            or_(Membership.study_id == Study.id, Membership.study_id.is_(None)),
        )
        .exists()
    )
    return session.scalars(select(Study).where(roles).order_by(Study.key).options(selectinload(Study.texts))).all()


def all_studies(session: Session) -> Sequence[Study]:
    """Every study, by key."""
    return session.scalars(select(Study).order_by(Study.key).options(selectinload(Study.texts))).all()


def region_by_key(session: Session, study_id: uuid.UUID, key: str) -> Region | None:
    if "\0" in key:
        # PostgreSQL refuses to look for it.
        return None
    return session.scalars(select(Region).where(Region.study_id == study_id, Region.key == key)).one_or_none()


def named_regions(session: Session, study_id: uuid.UUID) -> Sequence[tuple[str, str]]:
    """Key and English name of a study's regions, in its order."""
    text = aliased(RegionText)
    rows = session.execute(
        select(Region.key, func.coalesce(text.name, Region.key))
        .outerjoin(text, and_(text.region_id == Region.id, text.language == "en"))
        .where(Region.study_id == study_id)
        .order_by(Region.position, Region.id)
    )
    return [(key, name) for key, name in rows]


def regions_of(session: Session, study_id: uuid.UUID) -> Sequence[str]:
    """The keys of a study's regions, in its order."""
    return session.scalars(
        select(Region.key).where(Region.study_id == study_id).order_by(Region.position, Region.id)
    ).all()
