"""The call desk: where each case stands with the call rules, who has it in hand, and what came of each call."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base


class CallCase(Base):
    """A respondent as the desk sees them: the standing that `survey.services.calling` has computed, and the lease.

    Written when something happens to the case, read by the one query that finds the next case.
    """

    __tablename__ = "call_case"
    __table_args__ = (
        CheckConstraint("(callable_from IS NULL) = (stopped_for IS NOT NULL)", name="callable_or_stopped"),
        CheckConstraint("(leased_until IS NULL) = (leased_by IS NULL)", name="lease_has_holder"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        # In the order in which cases are given out, so that the first that fits ends the search.
        Index("ix_call_case_queue", "study_id", "priority", "due_at", "shortfall", "attempts", "draw"),
        # Finds the few calendars of a study without looking at its cases.
        Index("ix_call_case_study_id_calendar", "study_id", "calendar"),
        Index("ix_call_case_leased_by", "leased_by"),
    )

    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id"), primary_key=True)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"))
    # Zone, country and NUTS code, by which calling hours are asked for once for all cases that share them.
    calendar: Mapped[str] = mapped_column(String(80))
    # None: not called by itself; then `stopped_for` says why.
    callable_from: Mapped[datetime | None]
    stopped_for: Mapped[str | None] = mapped_column(String(20))
    ends_at: Mapped[datetime]
    anytime_until: Mapped[datetime | None]
    occasions: Mapped[int]
    priority: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    # Whoever was softly refused does not get the case again.
    not_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    preferred: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    # How many answers the case's region and group lack; below nothing, so that most missing sorts first.
    shortfall: Mapped[int] = mapped_column(default=0)
    draw: Mapped[int]
    leased_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    leased_until: Mapped[datetime | None]
    # A lead has let the case go on.
    released_at: Mapped[datetime | None]
    held: Mapped[bool] = mapped_column(default=False)
    # Stopped on the web and agreed to be called.
    asked_for_call_at: Mapped[datetime | None]
    # Set when the case is closed (AAPOR).
    final_code: Mapped[str | None] = mapped_column(String(8))


class CallAttempt(Base):
    """One call, from when the number was dialled; without an outcome while it lasts."""

    __tablename__ = "call_attempt"
    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended_has_outcome"),
        CheckConstraint("(appointment_at IS NULL) = (appointment_kind IS NULL)", name="appointment_has_kind"),
        CheckConstraint("appointment_kind IN ('exact', 'half_day')", name="appointment_kind"),
        Index("ix_call_attempt_respondent_id_started_at", "respondent_id", "started_at"),
        Index("ix_call_attempt_person_id_started_at", "person_id", "started_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # A key of `survey.services.calling.OUTCOMES`.
    outcome: Mapped[str | None] = mapped_column(String(32))
    appointment_at: Mapped[datetime | None]
    appointment_kind: Mapped[str | None] = mapped_column(String(8))
    # Sealed: notes name people.
    note: Mapped[bytes | None] = mapped_column(LargeBinary)


class CaseEvent(Base):
    """What was done with a case besides calling: taken, given back, number shown, moved, approved, handed over."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id"), index=True)
    at: Mapped[datetime]
    # None: a rule.
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    what: Mapped[str] = mapped_column(String(24))
    # Without names.
    detail: Mapped[str] = mapped_column(Text, default="")
