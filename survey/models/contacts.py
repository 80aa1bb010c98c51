"""Who respondents are, kept apart from what they answer, and the ways in that are no personal link."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base


class Contact(Base):
    """The identity behind a respondent's number. What names a person is sealed (`survey.services.sealing`)."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("study_id", "external_id"),
        CheckConstraint("email_print IS NULL OR length(email_print) = 32", name="email_print_is_hmac"),
        # Finds whom a bounced address belongs to, and the same address given twice.
        Index("ix_contact_study_id_email_print", "study_id", "email_print"),
    )

    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id"), primary_key=True)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"))
    # The lead's own number or word for this person, so that a list can be read in again; None for who came alone.
    external_id: Mapped[str | None] = mapped_column(String(64))
    # Name, organisation, e-mail and phone.
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # A keyed hash of the address in lower case; None without an address.
    email_print: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    # An IANA name where the person is not in the region's zone.
    timezone: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    # "Do not contact me again", said in any mode; holds in every mode.
    opted_out_at: Mapped[datetime | None]
    # No mail reaches the address; cleared when another one is given.
    bounced_at: Mapped[datetime | None]


class OpenLink(Base):
    """An address that anybody may be given: everyone who starts there becomes a respondent of their own."""

    __tablename__ = "open_link"
    __table_args__ = (CheckConstraint("starts >= 0 AND starts_limit > 0", name="starts_counted"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    study_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("study.id"), index=True)
    # None: people say themselves where they are.
    region_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("region.id"))
    # Readable and no secret: /join/<slug>.
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    starts: Mapped[int] = mapped_column(default=0)
    starts_limit: Mapped[int]
    created_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class HandoverCode(Base):
    """A short code that is read out on the phone; with the respondent's number it opens one interview, once."""

    __tablename__ = "handover_code"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries_not_negative"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    respondent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("respondent.id"), index=True)
    # argon2id: eight characters can be guessed by who has the database, so guessing is made slow.
    code_hash: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    # "person:<id>" of the interviewer, or "command".
    made_by: Mapped[str] = mapped_column(String(48))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Hit(Base):
    """How often something limited was tried in the running window, such as wrong codes from one network."""

    __tablename__ = "hit"
    __table_args__ = (CheckConstraint("count > 0", name="counted"),)

    # A purpose and a keyed hash; never an address of the network in clear.
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)
