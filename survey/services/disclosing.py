"""What is stored about a respondent, told to that respondent."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from instruments import is_answered, path
from survey.models import InterviewState
from survey.queries import cases, stored
from survey.services.errors import NotFound
from survey.services.viewing import Head, InterviewView

# A link may be found by somebody else, who must not read the answers behind it. Source: ONS, 2,700 seconds.
ANSWERS_SHOWN: Final = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail to the respondent; neither its words nor its address are kept."""

    kind: str
    state: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class About:
    """What is kept about a respondent besides the answers.

    group_key: None before the profile is answered. language: chosen last.
    """

    respondent_id: uuid.UUID
    consent_version: str
    consented_at: datetime | None
    group_key: str | None
    language: str
    known_since: datetime
    has_contact: bool
    opted_out_at: datetime | None
    mails: tuple[SentMail, ...]


@dataclass(frozen=True, slots=True)
class LoggedAnswer:
    """A line of the log. position: of the practice; None for the profile. value: a code or a text."""

    position: int | None
    question: str
    value: int | str
    author: str
    mode: str
    changed_at: datetime


def about(session: Session, interview_id: uuid.UUID) -> About:
    """What is kept besides the answers, in two selects. NotFound when there is no such interview."""
    row = stored.about_row(session, interview_id)
    if row is None:
        raise NotFound
    mails = stored.mail_rows(session, row.respondent_id)
    return About(
        respondent_id=row.respondent_id,
        consent_version=row.consent_version or "",
        consented_at=row.consented_at,
        group_key=row.group_key,
        language=row.language,
        known_since=row.known_since,
        has_contact=bool(row.has_contact),
        opted_out_at=row.opted_out_at,
        mails=tuple(SentMail(mail.kind.value, mail.state.value, mail.created_at, mail.sent_at) for mail in mails),
    )


def log_of(session: Session, interview_id: uuid.UUID) -> list[LoggedAnswer]:
    """Everything that was ever answered in an interview, oldest first."""
    return [
        LoggedAnswer(
            row.position,
            row.question,
            row.text if row.code is None else row.code,
            row.author,
            row.mode,
            row.changed_at,
        )
        for row in cases.log_since(session, interview_id, 0)
    ]


def answers_shown_until(head: Head) -> datetime | None:
    """Until when a submitted interview shows its answers; None before it is submitted, when it shows them anyway."""
    return head.submitted_at + ANSWERS_SHOWN if head.submitted_at is not None else None


def shows_answers(head: Head, now: datetime) -> bool:
    """Whether the respondent may read the answers here now."""
    if head.state not in {InterviewState.STARTED, InterviewState.SUBMITTED}:
        return False
    until = answers_shown_until(head)
    return until is None or now < until


def how_many_answers(view: InterviewView) -> int:
    """Questions with an answer, in the profile and about all practices."""
    instrument, variant = view.head.instrument, view.head.variant
    of_profile = [question for question in instrument.profile if is_answered(view.profile, question.columns)]
    of_practices = [
        question
        for practice in view.practices
        for question in path(instrument, variant, practice.codes)
        if practice.texts.get(question.code) or is_answered(practice.codes, question.columns)
    ]
    return len(of_profile) + bool(view.head.region_key) + len(of_practices)
