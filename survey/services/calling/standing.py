"""Where a case stands with the call rules: computed when something happens to it, true until the next thing does.

See the package for how a standing is stored and asked for. What goes before what, when several rules speak:

1. What is over stays over, in every mode: finished, opted out, refused, proven not eligible, a second soft refusal.
2. What waits for a lead waits: a first soft refusal, a wrong number, no common language. A soft refusal also waits
   for its seven days and for another interviewer.
3. A promise is kept: an appointment asks neither for the caps nor for the gap, and an exact time not for the calling
   hours, because the person chose it. Missed, it is tried again after 15 minutes; missed twice, the case goes back to
   the normal queue on the next working day.
4. A busy line is tried again after 20 minutes, which is no new attempt; see `spreading`.
5. All others: the delay of the last outcome, the caps, the gap, the spread.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from survey.services.calling.cases import Appointment, Attempt, Case, Kind
from survey.services.calling.outcomes import Next
from survey.services.calling.rules import Rules
from survey.services.calling.spreading import (
    EVERY_OCCASION,
    earliest_by_spread,
    may_ring_again,
    rounds,
    wanted_occasions,
)
from survey.services.calling.windows import start_of_day, windows

_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNANSWERED: Final = frozenset({Next.RETRY, Next.BUSY})


class Reason(StrEnum):
    """Why a case is not called."""

    FINISHED = "finished"
    OPTED_OUT = "opted_out"
    FINAL = "final"
    REFUSED_TWICE = "refused_twice"
    HELD = "held"
    WAITS_FOR_LEAD = "waits_for_lead"
    EXHAUSTED = "exhausted"
    FIELDWORK_OVER = "fieldwork_over"


@dataclass(frozen=True, slots=True)
class Never:
    """Not called by itself any more. HELD and WAITS_FOR_LEAD end when a lead says so."""

    reason: Reason


class Priority(IntEnum):
    """Who goes first of those who may be called."""

    APPOINTMENT = 1
    CALL_BACK = 2
    WEB_BREAK_OFF = 3
    NORMAL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the desk's query needs of one case. All times are aware UTC.

    callable_from: not before. ends_at: not from then on. anytime_until: up to then also outside the calling hours.
    occasions: bits of the halves of weekdays, see `windows`. due_at: when it was promised, None if nothing was.
    attempts: rounds made. not_by: interviewers who do not get it. preferred: who should.
    """

    callable_from: datetime
    ends_at: datetime
    occasions: int = EVERY_OCCASION
    priority: Priority = Priority.NORMAL
    attempts: int = 0
    anytime_until: datetime | None = None
    due_at: datetime | None = None
    not_by: frozenset[str] = frozenset()
    preferred: str = ""

    def allows(self, now: datetime, open_occasion: int) -> bool:
        """The condition of the query for one case. open_occasion: 0 where the calling hours are over."""
        if not self.callable_from <= now < self.ends_at:
            return False
        return bool(self.occasions & open_occasion) or (self.anytime_until is not None and now < self.anytime_until)


def standing(case: Case, rules: Rules) -> Standing | Never:
    """Where a case stands, whatever the time is."""
    stopped = _stopped(case)
    if stopped is not None:
        return Never(stopped)
    promise = _open_promise(case)
    if promise is not None:
        kept = _promised(case, promise, rules)
        if kept is not None:
            return kept
    return _queued(case, promise, rules)


def next_time(case: Case, now: datetime, rules: Rules) -> datetime | Never:
    """The first moment from now on at which the case may be called; `now` itself when it may be called now."""
    found = standing(case, rules)
    if isinstance(found, Never):
        return found
    earliest = max(now, found.callable_from)
    if earliest < found.ends_at:
        if found.anytime_until is not None and earliest < found.anytime_until:
            return earliest
        for window in windows(case.calendar, earliest, found.ends_at, rules):
            if window.occasion & found.occasions:
                return window.start
    return Never(Reason.FIELDWORK_OVER)


def priority(found: Standing, *, shortfall: int, draw: int) -> tuple[int, datetime, int, int, int]:
    """Sorts those who may be called, first come first: the ORDER BY of the query.

    shortfall: answers that the case's region and group lack. draw: a random number that the case keeps.
    """
    return found.priority, found.due_at or _ALWAYS, -shortfall, found.attempts, draw


def _stopped(case: Case) -> Reason | None:
    """Why nobody calls, from what holds for good to what a lead can end."""
    softly = [attempt for attempt in case.attempts if attempt.result.next is Next.SOFT_REFUSAL]
    stops: tuple[tuple[bool, Reason], ...] = (
        (case.finished, Reason.FINISHED),
        (case.opted_out, Reason.OPTED_OUT),
        (any(attempt.result.next is Next.FINAL for attempt in case.attempts), Reason.FINAL),
        (len(softly) > 1, Reason.REFUSED_TWICE),
        (case.held, Reason.HELD),
        (any(not _is_released(case, attempt) for attempt in case.attempts), Reason.WAITS_FOR_LEAD),
    )
    return next((reason for holds, reason in stops if holds), None)


def _is_released(case: Case, attempt: Attempt) -> bool:
    """Whether a lead has let the case go on since, where the attempt asked for that."""
    if attempt.result.next not in {Next.SOFT_REFUSAL, Next.LEAD}:
        return True
    return case.released_at is not None and case.released_at > attempt.at


def _open_promise(case: Case) -> Appointment | None:
    """The appointment, unless a later call ended with more than an unanswered phone."""
    promise = case.appointment
    if promise is None:
        return None
    later = [attempt for attempt in case.attempts if attempt.at > promise.made_at]
    return promise if all(attempt.result.next in _UNANSWERED for attempt in later) else None


def _due_from(promise: Appointment, rules: Rules) -> datetime:
    """When it is shown to interviewers: a little before the time, or at the start of the half-day."""
    return promise.at - (rules.shown_before if promise.kind is Kind.EXACT else timedelta(0))


def _missed(case: Case, promise: Appointment, rules: Rules) -> list[Attempt]:
    """The calls at which the person was not there although it was agreed on."""
    due = _due_from(promise, rules)
    return [attempt for attempt in case.attempts if attempt.at >= due and attempt.at > promise.made_at]


def _promised(case: Case, promise: Appointment, rules: Rules) -> Standing | None:
    """Where a case with an appointment stands; None once it was missed too often."""
    missed = _missed(case, promise, rules)
    if len(missed) >= rules.misses:
        return None
    is_exact = promise.kind is Kind.EXACT
    return Standing(
        callable_from=missed[-1].at + rules.after_missed if missed else _due_from(promise, rules),
        ends_at=case.ends_at,
        priority=Priority.APPOINTMENT if is_exact else Priority.CALL_BACK,
        attempts=len(rounds(case.attempts, rules)),
        anytime_until=promise.at + rules.kept_after if is_exact else None,
        due_at=promise.at,
        preferred=promise.with_,
    )


def _queued(case: Case, given_up: Appointment | None, rules: Rules) -> Standing | Never:
    """Where a case without a promise stands. given_up: an appointment that was missed too often."""
    made = rounds(case.attempts, rules)
    found = Standing(
        callable_from=_ALWAYS, ends_at=case.ends_at, priority=_queue_of(case), attempts=len(made), not_by=_not_by(case)
    )
    if not made:
        return found
    earliest = [_after_outcome(case, made[-1], rules), _after_soft_refusal(case, rules)]
    if given_up is not None:
        second_miss = _missed(case, given_up, rules)[rules.misses - 1]
        next_day = case.calendar.local(second_miss.at).date() + timedelta(days=1)
        earliest.append(start_of_day(next_day, case.calendar))
    if not may_ring_again(made[-1], rules):
        if len(made) >= rules.attempts:
            return Never(Reason.EXHAUSTED)
        earliest.append(earliest_by_spread(made, case.calendar, rules))
        found = replace(found, occasions=wanted_occasions(made, case.calendar, rules))
    return replace(found, callable_from=max(earliest))


def _queue_of(case: Case) -> Priority:
    """Whether the person stopped on the web and agreed to be called, and has not been called since."""
    asked = case.asked_for_call_at
    waits = asked is not None and all(attempt.at < asked for attempt in case.attempts)
    return Priority.WEB_BREAK_OFF if waits else Priority.NORMAL


def _not_by(case: Case) -> frozenset[str]:
    """Whoever was softly refused: somebody else tries again."""
    return frozenset(attempt.by for attempt in case.attempts if attempt.result.next is Next.SOFT_REFUSAL and attempt.by)


def _after_outcome(case: Case, last: tuple[Attempt, ...], rules: Rules) -> datetime:
    """When the delay of the last outcome is over. Who has the link and asks for a call does not have to wait."""
    attempt = last[-1]
    if attempt.result.next is Next.LINK and _queue_of(case) is Priority.WEB_BREAK_OFF:
        return attempt.at
    delays: dict[Next, timedelta] = {Next.AWAY: rules.after_away, Next.LINK: rules.after_link}
    if may_ring_again(last, rules):
        return attempt.at + rules.after_busy
    return attempt.at + delays.get(attempt.result.next, rules.after_no_answer)


def _after_soft_refusal(case: Case, rules: Rules) -> datetime:
    """When the week after a soft refusal is over."""
    refused = [attempt.at for attempt in case.attempts if attempt.result.next is Next.SOFT_REFUSAL]
    return max(refused) + rules.after_soft_refusal if refused else _ALWAYS
