"""The log of every change of every answer, which is the truth, and the operations that made them.

Rows of `answer_change` are never changed or removed: triggers on both databases refuse it (see the migrations).
"""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base


class Operation(Base):
    """A save as the client sent it: the same id and body again gets the stored reply, another body is refused."""

    __tablename__ = "operation"
    __table_args__ = (
        CheckConstraint("length(body_hash) = 32", name="body_hash_is_sha256"),
        CheckConstraint("revision >= 0", name="revision_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview.id"), index=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    # The revision this save led to: with the time, the whole reply.
    revision: Mapped[int]
    created_at: Mapped[datetime]


class AnswerChange(Base):
    """One answer as it was given: a code or a text, by whom, how and when."""

    __tablename__ = "answer_change"
    __table_args__ = (
        CheckConstraint("(code IS NULL) <> (text IS NULL)", name="code_or_text"),
        CheckConstraint("code BETWEEN -128 AND 127", name="code_is_a_byte"),
        CheckConstraint("revision > 0", name="revision_positive"),
        CheckConstraint("mode IN ('web', 'phone')", name="mode"),
        # Finds what changed on a page since somebody looked at it, and rebuilds one evaluation.
        Index("ix_answer_change_evaluation_id_revision", "evaluation_id", "revision"),
        Index("ix_answer_change_interview_id_revision", "interview_id", "revision"),
    )

    # SQLite numbers rows by itself only for the type INTEGER.
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview.id"))
    # None for the profile.
    evaluation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("evaluation.id"))
    # A column of the instrument ("NEED", "C3"), a text question ("COMMENT") or "REGION".
    question: Mapped[str] = mapped_column(String(32))
    code: Mapped[int | None] = mapped_column(SmallInteger)
    text: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int]
    # "respondent", "simulation" or "person:<id>" for an interviewer; "routing" where a rule of the instrument wrote it,
    # "conflict" where an answer that came too late gave way to the one that stood.
    author: Mapped[str] = mapped_column(String(48))
    mode: Mapped[str] = mapped_column(String(8))
    instrument_version: Mapped[int]
    changed_at: Mapped[datetime]
    op_id: Mapped[uuid.UUID]
