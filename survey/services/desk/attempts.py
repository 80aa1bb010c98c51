"""Calls: begun when the number is dialled, ended with one outcome, and what the outcome means for the case."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import CallAttempt, CallCase
from survey.services import contacts
from survey.services.calling.cases import Kind
from survey.services.calling.outcomes import OUTCOMES, Next
from survey.services.calling.rules import Rules
from survey.services.desk.cases import refresh
from survey.services.desk.queue import held, note
from survey.services.errors import BadFields, FieldProblem
from survey.services.sealing import Seal

LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a call ended. appointment_at: aware UTC, where the outcome promises another call; note: "" for none."""

    outcome: str
    appointment_at: datetime | None = None
    appointment_kind: Kind | None = None
    note: str = ""


def begin(session: Session, respondent_id: uuid.UUID, person_id: uuid.UUID, *, now: datetime) -> uuid.UUID:
    """The number is dialled. Gives the call, the same one for as long as it has not ended. CaseLost as in `held`."""
    held(session, respondent_id, person_id, now=now)
    running = session.scalars(
        select(CallAttempt).where(
            CallAttempt.respondent_id == respondent_id,
            CallAttempt.person_id == person_id,
            CallAttempt.ended_at.is_(None),
        )
    ).first()
    if running is None:
        running = CallAttempt(respondent_id=respondent_id, person_id=person_id, started_at=now)
        session.add(running)
        session.flush()
    return running.id


def end(
    session: Session,
    seal: Seal,
    respondent_id: uuid.UUID,
    person_id: uuid.UUID,
    ending: Ending,
    *,
    rules: Rules,
    now: datetime,
) -> CallCase:
    """Record how the call ended, store where the case stands now, and give the case back to the desk.

    An objection holds in every mode: the contact is opted out with it. BadFields names everything that is wrong;
    CaseLost as in `held`.
    """
    row = held(session, respondent_id, person_id, now=now)
    problems = list(_problems(ending, now))
    if problems:
        raise BadFields(problems)
    call = session.get_one(CallAttempt, begin(session, respondent_id, person_id, now=now))
    call.ended_at, call.outcome = now, ending.outcome
    call.appointment_at = ending.appointment_at
    call.appointment_kind = ending.appointment_kind.value if ending.appointment_kind else None
    call.note = seal.close(ending.note, of=respondent_id) if ending.note else None
    if ending.outcome == "objection":
        contacts.opt_out(session, respondent_id, now=now)
    row.leased_by = row.leased_until = None
    session.flush()
    refresh(session, [respondent_id], rules=rules)
    return row


def let_go_on(session: Session, respondent_id: uuid.UUID, lead_id: uuid.UUID, *, rules: Rules, now: datetime) -> None:
    """A lead lets a case go on that waited for one: a soft refusal, a wrong number that was put right."""
    row = session.get_one(CallCase, respondent_id)
    row.released_at = now
    note(session, respondent_id, lead_id, "let_go_on", now=now)
    refresh(session, [respondent_id], rules=rules)


def _problems(ending: Ending, now: datetime) -> list[FieldProblem]:
    outcome = OUTCOMES.get(ending.outcome)
    if outcome is None:
        return [FieldProblem("outcome", f"There is no outcome {ending.outcome!r}.")]
    problems = []
    if outcome.next is Next.PROMISED and ending.appointment_at is None:
        problems.append(FieldProblem("appointment", f"{outcome.label!r} needs a time."))
    if ending.appointment_at is not None and ending.appointment_at <= now:
        problems.append(FieldProblem("appointment", "The appointment lies in the past."))
    if len(ending.note) > LONGEST_NOTE:
        message = f"The note has {len(ending.note)} characters; {LONGEST_NOTE} are possible."
        problems.append(FieldProblem("note", message))
    return problems
