"""Cases are given out one by one: the first that may be called now goes to whoever asks, and to nobody else."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from survey.models import CallCase, CaseEvent, Study
from survey.queries.calls import calendars
from survey.services.calling.rules import Rules
from survey.services.calling.windows import open_calendars
from survey.services.desk.cases import calendar_named, refresh
from survey.services.errors import CaseLost, NotFound
from survey.services.operations import study_refusal

LEASE: Final = timedelta(minutes=10)
# So long an appointment waits for the person who made it, before somebody else calls.
PREFERRED_FOR: Final = timedelta(minutes=5)


def next_case(session: Session, study: Study, person_id: uuid.UUID, *, rules: Rules, now: datetime) -> CallCase | None:
    """The case that this person has in hand, else the next that may be called now, in hand from now on; None if none.

    Raises StudyClosed or NotOpenYet. What happened to a case elsewhere (submitted on the web, opted out) is seen here:
    such a case is put where it belongs, and the next one is looked at.
    """
    refused = study_refusal(study.state, study.closes_on, now)
    if refused is not None:
        raise refused
    mine = session.scalars(select(CallCase).where(CallCase.study_id == study.id, *_held_by(person_id, now))).first()
    if mine is not None:
        return mine
    waiting = callable_now(session, study.id, person_id, rules=rules, now=now)
    while True:
        found = session.scalars(waiting.limit(1)).first()
        if found is None:
            return None
        refresh(session, [found.respondent_id], rules=rules)
        still = waiting.where(CallCase.respondent_id == found.respondent_id)
        if session.scalars(still).first() is not None:
            found.leased_by, found.leased_until = person_id, now + LEASE
            note(session, found.respondent_id, person_id, "taken", now=now)
            return found


def callable_now(
    session: Session, study_id: uuid.UUID, person_id: uuid.UUID, *, rules: Rules, now: datetime
) -> Select[CallCase]:
    """The cases that this person may call now, first come first, each locked until the end of the transaction."""
    opened = open_calendars(map(calendar_named, calendars(session, study_id)), now, rules)
    hours: list[ColumnElement[bool]] = [
        and_(
            CallCase.calendar == f"{calendar.zone}|{calendar.country}|{calendar.nuts}",
            CallCase.occasions.bitwise_and(occasion) != 0,
        )
        for calendar, occasion in opened.items()
    ]
    return (
        select(CallCase)
        .where(
            CallCase.study_id == study_id,
            CallCase.callable_from <= now,
            CallCase.ends_at > now,
            or_(CallCase.leased_until.is_(None), CallCase.leased_until <= now),
            or_(CallCase.anytime_until > now, *hours) if hours else or_(CallCase.anytime_until > now, false()),
            or_(CallCase.not_by.is_(None), CallCase.not_by != person_id),
            or_(
                CallCase.preferred.is_(None),
                CallCase.preferred == person_id,
                CallCase.due_at <= now - PREFERRED_FOR,
            ),
        )
        .order_by(CallCase.priority, CallCase.due_at, CallCase.shortfall, CallCase.attempts, CallCase.draw)
        .with_for_update(skip_locked=True)
    )


def renew(session: Session, respondent_id: uuid.UUID, person_id: uuid.UUID, *, now: datetime) -> datetime:
    """Keep a case in hand while its page is open; gives until when. CaseLost when somebody else has it by now."""
    row = held(session, respondent_id, person_id, now=now)
    row.leased_until = now + LEASE
    session.flush()
    return row.leased_until


def held(session: Session, respondent_id: uuid.UUID, person_id: uuid.UUID, *, now: datetime) -> CallCase:
    """The case, locked, if this person has it in hand. A lease that ran out holds as long as nobody else took the case.

    NotFound for a respondent who is no case; CaseLost when it is in other hands, or was given back.
    """
    row = session.scalars(
        select(CallCase)
        .where(CallCase.respondent_id == respondent_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    if row.leased_by != person_id:
        is_taken = row.leased_until is not None and row.leased_until > now
        raise CaseLost(row.leased_by if is_taken else None)
    return row


def give_back(session: Session, respondent_id: uuid.UUID, person_id: uuid.UUID, *, reason: str, now: datetime) -> None:
    """Put a case back that one does not want to call; everybody else may have it. CaseLost as in `held`."""
    row = held(session, respondent_id, person_id, now=now)
    row.leased_by = row.leased_until = None
    note(session, respondent_id, person_id, "given_back", now=now, detail=reason)


def note(
    session: Session,
    respondent_id: uuid.UUID,
    person_id: uuid.UUID | None,
    what: str,
    *,
    now: datetime,
    detail: str = "",
) -> None:
    """Write down what was done with a case. detail: without names."""
    session.add(CaseEvent(respondent_id=respondent_id, at=now, person_id=person_id, what=what, detail=detail))
    session.flush()


def _held_by(person_id: uuid.UUID, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return CallCase.leased_by == person_id, CallCase.leased_until > now
