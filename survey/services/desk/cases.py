"""Where each case stands: the facts gathered, the rules asked, the answer stored for the desk's query."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import CallAttempt, CallCase, Contact, Interview, InterviewState, Region, Respondent, Study
from survey.services import contacts
from survey.services.calling.cases import Appointment, Attempt, Calendar, Case, Kind
from survey.services.calling.rules import Rules
from survey.services.calling.standing import Never, Standing, standing
from survey.services.chance import SECURE, SEEDS, Chance
from survey.services.sealing import Seal

# For a study without a last day.
NEVER_ENDS: Final = datetime(9000, 1, 1, tzinfo=UTC)
# Without a region and a zone of their own, people are taken to be where nothing is shifted.
NOWHERE: Final = Calendar("UTC", "")
_OVER: Final = frozenset({InterviewState.SUBMITTED, InterviewState.DECLINED, InterviewState.WITHDRAWN})


def enlist(session: Session, seal: Seal, study: Study, *, rules: Rules, now: datetime, chance: Chance = SECURE) -> int:
    """Make a case of everybody with a phone number who is none yet. Gives how many are new.

    Unreadable when names and numbers were sealed with another key.
    """
    waiting = session.execute(
        select(Contact, Respondent, Region)
        .join(Respondent, Respondent.id == Contact.respondent_id)
        .outerjoin(Region, Region.id == Respondent.region_id)
        .outerjoin(CallCase, CallCase.respondent_id == Contact.respondent_id)
        .where(Contact.study_id == study.id, CallCase.respondent_id.is_(None))
        .order_by(Respondent.number)
    ).all()
    new = [
        CallCase(
            respondent_id=respondent.id,
            study_id=study.id,
            calendar=_named(_calendar_of(contact, region)),
            ends_at=_end_of(study, _calendar_of(contact, region)),
            occasions=0,
            priority=0,
            attempts=0,
            draw=chance.below(SEEDS),
            callable_from=now,
        )
        for contact, respondent, region in waiting
        if contacts.opened(seal, contact).phone
    ]
    session.add_all(new)
    session.flush()
    refresh(session, [case.respondent_id for case in new], rules=rules)
    return len(new)


def refresh(session: Session, respondents: Iterable[uuid.UUID], *, rules: Rules) -> None:
    """Ask the rules anew where these cases stand, and store what they say. Respondents without a case are passed over.

    Whatever happens to a case calls this, and so does giving it out, so what happened elsewhere is seen by then.
    """
    found = session.execute(
        select(CallCase, Study, Contact, Interview.state)
        .join(Study, Study.id == CallCase.study_id)
        .join(Contact, Contact.respondent_id == CallCase.respondent_id)
        .outerjoin(Interview, Interview.respondent_id == CallCase.respondent_id)
        .where(CallCase.respondent_id.in_(list(respondents)))
        .execution_options(populate_existing=True)
    ).all()
    for row, study, contact, state in found:
        row.ends_at = _end_of(study, calendar_named(row.calendar))
        _store(row, standing(facts(session, row, contact, state), rules))
    session.flush()


def facts(session: Session, row: CallCase, contact: Contact, state: InterviewState | None) -> Case:
    """Everything that the rules have to know of one case. state: of the interview, None when none has begun."""
    calls = session.scalars(
        select(CallAttempt)
        .where(CallAttempt.respondent_id == row.respondent_id, CallAttempt.outcome.is_not(None))
        .order_by(CallAttempt.ended_at, CallAttempt.id)
    ).all()
    return Case(
        calendar=calendar_named(row.calendar),
        ends_at=row.ends_at,
        attempts=tuple(Attempt(_ended(call), call.outcome or "", str(call.person_id)) for call in calls),
        appointment=_newest_appointment(calls),
        released_at=row.released_at,
        asked_for_call_at=row.asked_for_call_at,
        held=row.held,
        opted_out=contact.opted_out_at is not None,
        finished=row.final_code is not None or state in _OVER,
    )


def calendar_named(name: str) -> Calendar:
    """The calendar that a case stores as one word."""
    zone, country, nuts = name.split("|")
    return Calendar(zone, country, nuts)


def _store(row: CallCase, found: Standing | Never) -> None:
    if isinstance(found, Never):
        row.callable_from, row.stopped_for = None, found.reason.value
        return
    row.callable_from, row.stopped_for = found.callable_from, None
    row.anytime_until, row.due_at = found.anytime_until, found.due_at
    row.occasions, row.priority, row.attempts = found.occasions, int(found.priority), found.attempts
    # At most one: a second soft refusal stops the case.
    row.not_by = next((uuid.UUID(person) for person in found.not_by), None)
    row.preferred = uuid.UUID(found.preferred) if found.preferred else None


def _newest_appointment(calls: Iterable[CallAttempt]) -> Appointment | None:
    agreed = [call for call in calls if call.appointment_at is not None]
    if not agreed:
        return None
    call = agreed[-1]
    kind = Kind(call.appointment_kind or Kind.EXACT)
    return Appointment(kind, call.appointment_at or _ended(call), _ended(call), str(call.person_id))


def _ended(call: CallAttempt) -> datetime:
    return call.ended_at or call.started_at


def _calendar_of(contact: Contact, region: Region | None) -> Calendar:
    if region is None:
        return Calendar(contact.timezone, "") if contact.timezone else NOWHERE
    return Calendar(contact.timezone or region.timezone, region.country, region.nuts)


def _named(calendar: Calendar) -> str:
    return f"{calendar.zone}|{calendar.country}|{calendar.nuts}"


def _end_of(study: Study, calendar: Calendar) -> datetime:
    """The end of the study's last day, where the person is."""
    if study.closes_on is None:
        return NEVER_ENDS
    return datetime.combine(study.closes_on + timedelta(days=1), time.min, ZoneInfo(calendar.zone)).astimezone(UTC)
