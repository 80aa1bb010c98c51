"""People who sign in, what they may do, and sessions that can be ended on the server."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.models.base import Base, words


class Role(StrEnum):
    LEAD = "lead"
    INTERVIEWER = "interviewer"
    VIEWER = "viewer"
    ADMIN = "admin"


class Person(Base):
    __tablename__ = "person"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    # In lower case, so that one address is one account.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(cascade="all, delete-orphan")


class Membership(Base):
    """A role in one study, or in all of them where `study_id` is empty."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "study_id", "role"),
        # To both databases two empty studies are not the same, so the constraint above lets them pass.
        Index(
            "uq_membership_everywhere",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("study_id IS NULL"),
            postgresql_where=text("study_id IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    study_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("study.id"))
    role: Mapped[Role] = mapped_column(words(Role, "role"))


class WebSession(Base):
    """A browser that was let in: a member of staff, or a respondent at one interview. Only its id's hash is kept."""

    __tablename__ = "web_session"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (interview_id IS NULL)", name="one_holder"),
        CheckConstraint("length(id_hash) = 32", name="id_hash_is_sha256"),
    )

    id_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    interview_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("interview.id"), index=True)
    # For a respondent: the link that opened it, so that revoking the link ends the session too.
    link_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("link.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
