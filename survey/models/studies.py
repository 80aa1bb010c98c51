"""A study: what is asked (instrument, practices), where (regions), and by which rules."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.models.base import Base, words


class StudyState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Study(Base):
    """One survey with its practices, regions and instrument version."""

    __tablename__ = "study"
    __table_args__ = (
        CheckConstraint("cell_target > 0 AND group_target > 0", name="targets_positive"),
        CheckConstraint("revision >= 0", name="revision_not_negative"),
        CheckConstraint("practices_per_web_interview > 0 AND practices_per_phone_interview > 0", name="load_positive"),
        CheckConstraint("extra_practices_offered >= 0", name="extra_practices_not_negative"),
        CheckConstraint("reminder_gap_days > 0 AND reminders_limit >= 0", name="reminders_counted"),
        CheckConstraint(
            "0 <= mail_from_hour AND mail_from_hour < mail_until_hour AND mail_until_hour <= 24", name="mail_hours"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    # Shown above every page and on every sheet while true: the answers were made by a program.
    simulated: Mapped[bool] = mapped_column(default=False)
    state: Mapped[StudyState] = mapped_column(words(StudyState, "state"), default=StudyState.DRAFT)
    instrument_key: Mapped[str] = mapped_column(String(64))
    instrument_version: Mapped[int]
    web_variant: Mapped[str] = mapped_column(String(16))
    phone_variant: Mapped[str] = mapped_column(String(16))
    practices_per_web_interview: Mapped[int] = mapped_column(default=6)
    practices_per_phone_interview: Mapped[int] = mapped_column(default=4)
    cell_target: Mapped[int] = mapped_column(default=10)
    group_target: Mapped[int] = mapped_column(default=2)
    # False: a practice is not asked in the region it comes from.
    home_regions_asked: Mapped[bool] = mapped_column(default=False)
    # How many more a respondent may judge who has finished; 0 offers none.
    extra_practices_offered: Mapped[int] = mapped_column(default=2)
    # The languages that respondents can choose. A study opens only when every text is there in each of them.
    languages: Mapped[list[str]]
    # Reminders: at least so many days after the mail before, and so many in all; 0 sends none.
    reminder_gap_days: Mapped[int] = mapped_column(default=7)
    reminders_limit: Mapped[int] = mapped_column(default=2)
    # Mails that nobody asked for go out from Monday to Friday between these hours where the recipient is.
    mail_from_hour: Mapped[int] = mapped_column(default=9)
    mail_until_hour: Mapped[int] = mapped_column(default=17)
    consent_version: Mapped[str] = mapped_column(String(32), default="1")
    contact_email: Mapped[str] = mapped_column(String(254))
    closes_on: Mapped[date | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    # Raised by every change that results could show; a cache asks for this number only.
    revision: Mapped[int] = mapped_column(default=0)

    texts: Mapped[list["StudyText"]] = relationship(order_by="StudyText.language", cascade="all, delete-orphan")


class StudyText(Base):
    __tablename__ = "study_text"

    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    # Who asks and on whose behalf, one sentence.
    owner: Mapped[str] = mapped_column(Text)
    # Why people are asked, in a sentence or two; "" leaves it out.
    purpose: Mapped[str] = mapped_column(Text, default="")
    # What invitations and letters say in the lead's own words before the standard text; "" leaves it out.
    invitation: Mapped[str] = mapped_column(Text, default="")


class Practice(Base):
    """A good practice that a study asks about."""

    __tablename__ = "practice"
    __table_args__ = (UniqueConstraint("study_id", "key"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    category: Mapped[str] = mapped_column(String(64))
    lifecycle_stage: Mapped[str] = mapped_column(String(16))
    organisation: Mapped[str] = mapped_column(Text)
    # Where it comes from, in words and English; `PracticeText.origin` has it per language where there is a translation.
    origin_region: Mapped[str] = mapped_column(Text)
    origin_country: Mapped[str] = mapped_column(String(2))
    nuts: Mapped[str] = mapped_column(String(8), default="")
    start_year: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)

    texts: Mapped[list["PracticeText"]] = relationship(order_by="PracticeText.language", cascade="all, delete-orphan")
    sources: Mapped[list["Source"]] = relationship(order_by="Source.no", cascade="all, delete-orphan")


class PracticeText(Base):
    __tablename__ = "practice_text"

    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)


class Source(Base):
    """A page that tells about a practice; number 1 is the main one."""

    __tablename__ = "source"

    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    strength: Mapped[str] = mapped_column(String(16), default="")


class Region(Base):
    """A region where people are asked."""

    __tablename__ = "region"
    __table_args__ = (UniqueConstraint("study_id", "key"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"), index=True)
    key: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    country: Mapped[str] = mapped_column(String(2))
    nuts: Mapped[str] = mapped_column(String(8), default="")
    timezone: Mapped[str] = mapped_column(String(64))
    default_language: Mapped[str] = mapped_column(String(8))

    texts: Mapped[list["RegionText"]] = relationship(order_by="RegionText.language", cascade="all, delete-orphan")


class RegionText(Base):
    __tablename__ = "region_text"

    region_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("region.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    # `name` stands in lists and tables, `spoken_name` in a sentence ("the East of England").
    name: Mapped[str] = mapped_column(Text)
    spoken_name: Mapped[str] = mapped_column(Text)
