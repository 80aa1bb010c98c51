"""Who gets an invitation or a reminder, and when. The list that a dry run shows is the list that is queued."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database import Database
from survey.models import Interview, MailKind, Region, Study, StudyState
from survey.queries import mails
from survey.services.errors import BadFields, FieldProblem, NotAllowed
from survey.services.mailing import outbox
from survey.services.mailing.outbox import Wanted
from survey.services.mailing.rules import Decision, Standing, decide

_HOURS = re.compile(r"(\d{1,2})\s*[-\N{EN DASH}]\s*(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a plan. number: of the respondent; mail_number: of the invitation or reminder."""

    respondent_id: uuid.UUID
    number: int
    kind: MailKind
    mail_number: int
    language: str
    decision: Decision

    def is_due(self, now: datetime) -> bool:
        """Whether nothing but the hours of the day keeps it from being sent."""
        return self.decision.due is not None and self.decision.due <= now


def plan(
    session: Session, study: Study, kind: MailKind, *, now: datetime, region: Region | None = None
) -> Sequence[Planned]:
    """What would be done for every contact of a study, by number: a time, or the reason against it. Changes nothing."""
    rows = mails.recipients(session, study.id, region_id=region.id if region else None)
    return [_planned(study, kind, row, now) for row in rows]


def queue_planned(
    database: Database,
    study_id: uuid.UUID,
    planned: Sequence[Planned],
    *,
    created_by: str,
    domain: str,
    now: datetime,
) -> int:
    """Put what is due into the outbox; gives how many mails were not there before.

    In steps, so that nobody who answers waits for a long list. What was queued meanwhile by somebody else stays.
    """
    wanted = [
        Wanted(each.respondent_id, each.kind, each.mail_number, each.language, each.decision.at)
        for each in planned
        if each.is_due(now) and each.decision.at is not None
    ]
    queued = 0
    for start in range(0, len(wanted), outbox.ROWS_AT_ONCE):
        with database.writing() as session:
            some = wanted[start : start + outbox.ROWS_AT_ONCE]
            queued += outbox.queue(session, study_id, some, created_by=created_by, domain=domain, now=now)
    return queued


def queue_reminders(database: Database, *, domain: str, now: datetime) -> int:
    """Queue the reminders of all open studies that are due; gives how many. Meant to be called every few minutes.

    None of demonstrations: whoever wants real people to be reminded of one says so each time.
    """
    queued = 0
    with database.reading() as session:
        are_due = select(Study).where(Study.state == StudyState.OPEN, Study.simulated.is_(False))
        studies = session.scalars(are_due.order_by(Study.key))
        plans = [(study.id, plan(session, study, MailKind.REMINDER, now=now)) for study in studies]
    for study_id, planned in plans:
        queued += queue_planned(database, study_id, planned, created_by="rule", domain=domain, now=now)
    return queued


def require_meant(session: Session, study: Study) -> None:
    """NotAllowed for a study with answers that a program made: real people would be asked to join them."""
    invented = select(Interview.id).where(Interview.study_id == study.id, Interview.simulated.is_(True))
    if study.simulated or session.scalar(invented.limit(1)) is not None:
        raise NotAllowed(
            f"The study {study.key} has simulated answers. If real people are to get mails about it all the same, "
            "give --although-simulated."
        )


def set_rules(
    session: Session,
    study: Study,
    *,
    gap_days: int | None = None,
    reminders: int | None = None,
    hours: str | None = None,
) -> None:
    """Change what is given of a study's rules. hours: "9-17". BadFields says what cannot be."""
    if gap_days is not None:
        study.reminder_gap_days = gap_days
    if reminders is not None:
        study.reminders_limit = reminders
    if hours is not None:
        study.mail_from_hour, study.mail_until_hour = _hours(hours)
    session.flush()


def _hours(text: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(text.strip())
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not first < last <= 24:  # noqa: PLR2004 (hours of a day)
        raise BadFields(
            [FieldProblem("hours", f"{text!r} are no hours such as 9-17: two from 0 to 24, the earlier first.")]
        )
    return first, last


def standing_of(study: Study, row: Any) -> Standing:
    """What the rules need to know, from a row of `queries.mails.recipients`."""
    return Standing(
        study_state=study.state,
        closes_on=study.closes_on,
        gap_days=study.reminder_gap_days,
        reminders_limit=study.reminders_limit,
        from_hour=study.mail_from_hour,
        until_hour=study.mail_until_hour,
        timezone=row.timezone,
        has_address=bool(row.has_address),
        opted_out=row.opted_out_at is not None,
        bounced=row.bounced_at is not None,
        interview=row.interview,
        last_answer_at=row.last_answer_at,
        invited=bool(row.invited),
        last_mail_at=row.last_mail_at,
        reminders=row.reminders,
        is_waiting=bool(row.is_waiting),
        has_invitation=bool(row.has_invitation),
    )


def _planned(study: Study, kind: MailKind, row: Any, now: datetime) -> Planned:
    return Planned(
        respondent_id=row.id,
        number=row.number,
        kind=kind,
        mail_number=row.reminders + 1 if kind is MailKind.REMINDER else 1,
        language=row.language,
        decision=decide(standing_of(study, row), kind, now=now),
    )
