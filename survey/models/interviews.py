"""Who was asked, by which link, and the state of what they answered.

The truth about answers is the log in `survey.models.answers`. What stands here beside it is the present state, written
in the same transaction and rebuildable from the log.
"""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.models.base import Base, words


class Respondent(Base):
    """A person, known by a number only. Names and addresses do not belong here."""

    __tablename__ = "respondent"
    __table_args__ = (
        UniqueConstraint("study_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("(possible_duplicate_of IS NULL) = (duplicate_reason IS NULL)", name="duplicate_has_reason"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"), index=True)
    number: Mapped[int]
    # What the study believes before the person says so; the profile page shows it for confirmation.
    region_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("region.id"))
    stakeholder: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    # For who came by an open link.
    open_link_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("open_link.id"), index=True)
    # Perhaps the same person as this earlier one, for the lead to judge; it changes no figure by itself.
    possible_duplicate_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("respondent.id"))
    # Why: "browser" (began before in the same browser) or "email" (gave the same address).
    duplicate_reason: Mapped[str | None] = mapped_column(String(16))


class Link(Base):
    """A personal link. Only the SHA-256 of its 256-bit token is kept; the token is shown once."""

    __tablename__ = "link"
    __table_args__ = (CheckConstraint("length(token_hash) = 32", name="token_hash_is_sha256"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    respondent: Mapped[Respondent] = relationship()


class InterviewState(StrEnum):
    STARTED = "started"
    SUBMITTED = "submitted"
    # No consent: nothing but this word is kept.
    DECLINED = "declined"
    # Consent taken back: never counted, shown or exported.
    WITHDRAWN = "withdrawn"


class Interview(Base):
    """One respondent's case, in any mode."""

    __tablename__ = "interview"
    __table_args__ = (
        CheckConstraint("revision >= 0", name="revision_not_negative"),
        CheckConstraint("state <> 'submitted' OR submitted_at IS NOT NULL", name="submitted_has_time"),
        CheckConstraint("state NOT IN ('started', 'submitted') OR consented_at IS NOT NULL", name="consent_first"),
        CheckConstraint("extra_practices >= 0", name="extra_practices_not_negative"),
        CheckConstraint("mode IN ('web', 'phone')", name="mode"),
        CheckConstraint("layout IN ('steps', 'whole')", name="layout"),
        Index("ix_interview_study_id_state", "study_id", "state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"))
    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id"), unique=True)
    state: Mapped[InterviewState] = mapped_column(words(InterviewState, "state"))
    mode: Mapped[str] = mapped_column(String(8))
    variant: Mapped[str] = mapped_column(String(16))
    instrument_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    # Made by a program, not by a person.
    simulated: Mapped[bool] = mapped_column(default=False)
    # Decides the order of practices and of shuffled rows, so that both stay the same on every page and device.
    seed: Mapped[int] = mapped_column(BigInteger)
    # "steps" (one step of a practice per page) or "whole" (a practice on one page), as the respondent chose.
    layout: Mapped[str] = mapped_column(String(8), default="steps")
    consent_version: Mapped[str | None] = mapped_column(String(32))
    consented_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    # Practices that the respondent asked for beyond those that were promised.
    extra_practices: Mapped[int] = mapped_column(default=0)
    receipt: Mapped[str | None] = mapped_column(String(16), unique=True)
    # The profile: one signed byte per coded profile question, and the region, whose list belongs to the study.
    region_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("region.id"), index=True)
    group_key: Mapped[str | None] = mapped_column(String(16))
    codes: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=0)
    last_answer_at: Mapped[datetime | None]

    respondent: Mapped[Respondent] = relationship()
    evaluations: Mapped[list["Evaluation"]] = relationship(order_by="Evaluation.position", back_populates="interview")


class EvaluationState(StrEnum):
    # Given to the respondent; nothing answered yet.
    ASSIGNED = "assigned"
    STARTED = "started"
    # Every required question on its path is answered: it counts, submitted or not, while consent stands.
    COMPLETE = "complete"


class Evaluation(Base):
    """One interview's judgement of one practice: one byte per coded question, in the instrument's frozen order."""

    __tablename__ = "evaluation"
    __table_args__ = (
        UniqueConstraint("interview_id", "practice_id"),
        UniqueConstraint("interview_id", "position"),
        CheckConstraint("revision >= 0", name="revision_not_negative"),
        CheckConstraint("position > 0", name="position_positive"),
        Index("ix_evaluation_practice_id_state", "practice_id", "state"),
        Index("ix_evaluation_region_id", "region_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview.id"))
    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"))
    # The region that is judged, set with the practice. It stays when the respondent gives another region later.
    region_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("region.id"))
    position: Mapped[int]
    state: Mapped[EvaluationState] = mapped_column(words(EvaluationState, "state"), default=EvaluationState.ASSIGNED)
    codes: Mapped[bytes] = mapped_column(LargeBinary)
    texts: Mapped[dict[str, str]] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    assigned_at: Mapped[datetime]
    # Why this practice: the cost by the deficit-first rule when it was chosen. Explains a single assignment later.
    assigned_cost: Mapped[float | None] = mapped_column(Double)

    interview: Mapped[Interview] = relationship(back_populates="evaluations")
