"""Short codes that are read out on the phone: with the respondent's number one opens the interview, once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from survey.models import HandoverCode, Interview, InterviewState, Respondent, Study
from survey.services import limiting
from survey.services.accounts import Passwords
from survey.services.chance import SECURE, Chance
from survey.services.errors import AlreadySubmitted, CodeRefused, Declined, NotFound, TooManyAttempts, Withdrawn
from survey.services.operations import study_refusal
from survey.services.readable import as_code, as_number, new_code

LIFE: Final = timedelta(minutes=10)
TRIES: Final = 5
# 31^8 codes, 5 tries each, 20 wrong ones of a network in a quarter of an hour.
WRONG_OF_A_NETWORK: Final = 20
WRONG_WINDOW: Final = timedelta(minutes=15)
_PURPOSE = "code"
# Stands for what cannot be a code; it is hashed all the same, so that nobody learns from the time it takes.
_NO_CODE = "0000-0000"


@dataclass(frozen=True, slots=True)
class Code:
    """What the interviewer reads out. The code is not stored and cannot be shown again."""

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A living code that belongs to the number that was typed."""

    id: uuid.UUID
    respondent_id: uuid.UUID
    code_hash: str


def make_code(
    session: Session,
    respondent_id: uuid.UUID,
    *,
    made_by: str,
    now: datetime,
    passwords: Passwords,
    chance: Chance = SECURE,
) -> Code:
    """A code for a respondent; one that was made before is dead from now. made_by: "person:<id>" or "command".

    NotFound if there is nobody; otherwise what keeps the interview from being opened: Declined, Withdrawn,
    AlreadySubmitted, StudyClosed, NotOpenYet.
    """
    found = session.execute(
        select(Respondent, Study, Interview)
        .join(Study, Study.id == Respondent.study_id)
        .outerjoin(Interview, Interview.respondent_id == Respondent.id)
        .where(Respondent.id == respondent_id)
        # Of the kind of lock that lets whoever uses the code at this moment add a link for the respondent.
        .with_for_update(of=Respondent, key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    _require_openable(found.Interview)
    refused = study_refusal(found.Study.state, found.Study.closes_on, now)
    if refused is not None:
        raise refused
    session.execute(
        update(HandoverCode)
        .where(HandoverCode.respondent_id == respondent_id, HandoverCode.expires_at > now)
        .values(expires_at=now)
    )
    code = new_code(chance)
    session.add(
        HandoverCode(
            id=chance.new_id(),
            respondent_id=respondent_id,
            code_hash=passwords.hash(code),
            tries=0,
            made_by=made_by,
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    session.flush()
    return Code(found.Respondent.number, code)


def note_try(session: Session, typed_number: str, *, network: str, now: datetime) -> tuple[Candidate, ...]:
    """Count a try before it is looked at, so that tries at the same time are counted, too.

    Gives the living codes of that number: respondents are numbered within their study, so there may be several.
    network: a keyed hash. TooManyAttempts when too many wrong ones came from there.
    """
    allowed = limiting.count(session, _PURPOSE, network, limit=WRONG_OF_A_NETWORK, window=WRONG_WINDOW, now=now)
    if not allowed:
        raise TooManyAttempts
    number = as_number(typed_number)
    living = (
        select(HandoverCode.id)
        .join(Respondent, Respondent.id == HandoverCode.respondent_id)
        .where(Respondent.number == (number or 0))
    )
    counted = session.execute(
        update(HandoverCode)
        .where(
            HandoverCode.id.in_(living),
            HandoverCode.tries < TRIES,
            HandoverCode.used_at.is_(None),
            HandoverCode.expires_at > now,
        )
        .values(tries=HandoverCode.tries + 1)
        .returning(HandoverCode.id, HandoverCode.respondent_id, HandoverCode.code_hash)
    )
    return tuple(Candidate(row.id, row.respondent_id, row.code_hash) for row in counted)


def matching(candidates: Sequence[Candidate], typed_code: str, *, passwords: Passwords) -> Candidate | None:
    """The code that was typed, if it is one of these. Asks no database: hashing takes long.

    Takes as long for a number that nobody has as for a wrong code.
    """
    code = as_code(typed_code) or _NO_CODE
    if not candidates:
        passwords.verify(None, code)
    right = [candidate for candidate in candidates if passwords.verify(candidate.code_hash, code)]
    return right[0] if right else None


def redeem(
    session: Session, right: Candidate, others: Sequence[Candidate], *, network: str, now: datetime
) -> uuid.UUID:
    """Use a code, once. Gives the respondent. CodeRefused when somebody else was faster, or it has ended meanwhile."""
    # The network first, as in `note_try`: two presses of the button, in another order, would wait for each other.
    limiting.take_back(session, _PURPOSE, network)
    used = session.execute(
        update(HandoverCode)
        .where(HandoverCode.id == right.id, HandoverCode.used_at.is_(None), HandoverCode.expires_at > now)
        .values(used_at=now)
    )
    if not isinstance(used, CursorResult) or used.rowcount != 1:
        raise CodeRefused
    innocent = [candidate.id for candidate in others if candidate.id != right.id]
    if innocent:
        session.execute(update(HandoverCode).where(HandoverCode.id.in_(innocent)).values(tries=HandoverCode.tries - 1))
    return right.respondent_id


def _require_openable(interview: Interview | None) -> None:
    if interview is None:
        return
    if interview.state is InterviewState.DECLINED:
        raise Declined
    if interview.state is InterviewState.WITHDRAWN:
        raise Withdrawn
    if interview.state is InterviewState.SUBMITTED:
        raise AlreadySubmitted(interview.submitted_at)
