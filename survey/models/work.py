"""Work that waits for the worker: jobs, and the mails of the outbox with their log."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base, words


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Base):
    """Something to be done outside a request. The row is the job; a message to the worker only names it.

    Whoever runs a job holds a lease and renews it (heartbeat); a job whose lease ran out is taken up again.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("attempts >= 0 AND attempts <= attempts_limit", name="attempts_counted"),
        CheckConstraint("done >= 0 AND (total IS NULL OR total >= 0)", name="progress_not_negative"),
        CheckConstraint("(state = 'running') = (leased_until IS NOT NULL)", name="running_is_leased"),
        Index("ix_job_state_not_before", "state", "not_before"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    study_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("study.id"), index=True)
    # The name under which `survey.worker.tasks` knows what to do.
    kind: Mapped[str] = mapped_column(String(32))
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # At most one unfinished job has a key: asked for twice, done once.
    unique_key: Mapped[str | None] = mapped_column(String(128), unique=True)
    state: Mapped[JobState] = mapped_column(words(JobState, "state"), default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    attempts_limit: Mapped[int] = mapped_column(default=5)
    not_before: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    # Which process has the lease; another one cannot write progress or the end.
    worker: Mapped[str | None] = mapped_column(String(64))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # One sentence for a person, of the last attempt that failed.
    error: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(48))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class MailKind(StrEnum):
    INVITATION = "invitation"
    REMINDER = "reminder"
    # The way back in, which the respondent asked to be sent.
    RESUME = "resume"


class MailState(StrEnum):
    WAITING = "waiting"
    # Somebody has it in hand; nothing was given to the mail server yet, so it may be tried again.
    SENDING = "sending"
    # The mail server has been given the whole of it and has not answered yet.
    HANDING_OVER = "handing_over"
    SENT = "sent"
    # The process ended while handing over: nobody knows whether it was taken. Never sent again by itself.
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    BOUNCED = "bounced"
    # The reason to send it went away before it was sent: finished, opted out, refused, withdrawn.
    CANCELLED = "cancelled"


class Mail(Base):
    """A mail of the outbox. Neither address, words nor link are kept: they are made when it is sent."""

    __tablename__ = "mail"
    __table_args__ = (
        # Nobody gets the same invitation or reminder twice, whatever is asked for twice.
        UniqueConstraint("respondent_id", "kind", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        CheckConstraint(
            "(state IN ('sending', 'handing_over')) = (leased_until IS NOT NULL)", name="in_hand_is_leased"
        ),
        CheckConstraint("state NOT IN ('sent', 'bounced') OR sent_at IS NOT NULL", name="sent_has_time"),
        Index("ix_mail_state_not_before", "state", "not_before"),
        Index("ix_mail_study_id_created_at", "study_id", "created_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"))
    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id"))
    kind: Mapped[MailKind] = mapped_column(words(MailKind, "kind"))
    # 1 for the invitation; 1, 2, … for reminders and for links that were asked for.
    number: Mapped[int]
    state: Mapped[MailState] = mapped_column(words(MailState, "state"), default=MailState.WAITING)
    language: Mapped[str] = mapped_column(String(8))
    # In the header `Message-ID`: the same at every attempt, so that mail systems know a repetition.
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(64))
    # "person:<id>", "respondent", "command" or "rule".
    created_by: Mapped[str] = mapped_column(String(48))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class MailEvent(Base):
    """What happened to a mail, in order: the delivery log. No row names a person or an address."""

    __tablename__ = "mail_event"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    mail_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mail.id"), index=True)
    at: Mapped[datetime]
    # The state it came to, or "delayed" where an attempt failed and another one follows.
    what: Mapped[str] = mapped_column(String(20))
    # The mail server's number and a sentence, with addresses taken out.
    detail: Mapped[str] = mapped_column(Text, default="")
