"""Random calendars and histories against the call rules in plain words, written without looking at the code.

`objections` says everything that speaks against a call at a moment. The program has to offer a case at a moment that
has none, and at no earlier one.
"""

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from survey.services.calling.cases import Appointment, Attempt, Calendar, Case, Kind
from survey.services.calling.outcomes import OUTCOMES
from survey.services.calling.rules import Rules
from survey.services.calling.standing import Never, Reason, next_time, standing
from survey.services.calling.windows import open_calendars

RULES = Rules()
# With three hours each, the gap between attempts and the delay after "no answer" hide each other.
SHORT_GAP, LONG_GAP = Rules(gap=timedelta(minutes=30)), Rules(gap=timedelta(hours=5))
PLACES = {
    Calendar("Europe/Lisbon", "PT"): ("PT", None),
    Calendar("Atlantic/Azores", "PT", "PT200"): ("PT", "20"),
    Calendar("Europe/Helsinki", "FI", "FI1B"): ("FI", None),
    Calendar("Europe/Rome", "IT", "ITC4"): ("IT", None),
    Calendar("Europe/Berlin", "DE", "DE125"): ("DE", "BW"),
    Calendar("Europe/London", "GB", "UKM71"): ("GB", "SCT"),
    Calendar("Pacific/Chatham", "NZ"): ("NZ", None),
}
MINUTES = (
    dict.fromkeys(
        [
            "no_answer",
            "voicemail_message",
            "voicemail",
            "voicemail_unknown",
            "person_not_there",
            "reached_organisation",
            "technical",
            "blocked",
            "out_of_service",
            "appointment",
            "call_back",
            "interrupted",
            "wrong_number",
            "number_dead",
            "fax",
            "language",
            "language_of_organisation",
        ],
        180,
    )
    | dict.fromkeys(["away", "refused_softly", "refused_softly_by_other"], 7 * 24 * 60)
    | dict.fromkeys(["link_sent", "handed_over"], 3 * 24 * 60)
)
FINAL = [
    "complete",
    "partial",
    "broken_off",
    "refused",
    "objection",
    "refused_by_other",
    "away_throughout",
    "deceased",
    "unable",
    "other",
    "screened_out",
    "left",
    "quota_filled",
    "duplicate",
    "not_eligible",
]
UNANSWERED = [
    "no_answer",
    "voicemail_message",
    "voicemail",
    "voicemail_unknown",
    "person_not_there",
    "reached_organisation",
    "technical",
    "blocked",
    "out_of_service",
    "busy",
]
SOFT = ["refused_softly", "refused_softly_by_other"]
ASKS_LEAD = [*SOFT, "wrong_number", "number_dead", "fax", "language", "language_of_organisation"]

STARTS = [datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 12, 18, tzinfo=UTC)]
# Most histories go on; one call in six may end them or make them wait for a lead.
GOES_ON = [*UNANSWERED, "busy", "busy", "appointment", "call_back", "interrupted", "away", "link_sent", "handed_over"]
outcomes = st.integers(0, 11).flatmap(lambda n: st.sampled_from({0: sorted(OUTCOMES), 1: SOFT}.get(n, GOES_ON)))
calls = st.tuples(st.one_of(st.integers(1, 400), st.integers(400, 6000)), outcomes)
waits = st.one_of(
    st.just(0), st.integers(0, 240), st.integers(0, 5000), st.integers(5000, 20000)
)  # minutes since the last call


def objections(case, now, rules):
    """Everything that speaks against calling this case now."""
    rest = promise_objections(case, now) if promise_of(case) else queue_objections(case, now, rules)
    return [*stops(case, now), *rest]


def stops(case, now):
    outcomes = [call.outcome for call in case.attempts]
    if case.finished or case.opted_out or case.held:
        yield "finished, opted out or held"
    if now >= case.ends_at:
        yield "fieldwork is over"
    if any(outcome in FINAL for outcome in outcomes):
        yield "a final outcome"
    if sum(outcome in SOFT for outcome in outcomes) >= 2:
        yield "refused twice"
    for call in case.attempts:
        if call.outcome in ASKS_LEAD and not (case.released_at and case.released_at > call.at):
            yield "waits for a lead"


def misses(case):
    due = case.appointment.at - timedelta(minutes=10 if case.appointment.kind == "exact" else 0)
    return [call for call in case.attempts if call.at > case.appointment.made_at and call.at >= due]


def promise_of(case):
    """The appointment that still holds."""
    if case.appointment is None:
        return None
    later = [call.outcome for call in case.attempts if call.at > case.appointment.made_at]
    talked = any(outcome not in UNANSWERED for outcome in later)
    return None if talked or len(misses(case)) >= 2 else case.appointment


def promise_objections(case, now):
    promise = case.appointment
    exact = promise.kind == "exact"
    if now < promise.at - timedelta(minutes=10 if exact else 0):
        yield "before the appointment"
    if misses(case) and now < misses(case)[-1].at + timedelta(minutes=15):
        yield "missed less than 15 minutes ago"
    if not (exact and now < promise.at + timedelta(hours=1)):
        yield from closed(case.calendar, now)


def closed(calendar, now):
    local = now.astimezone(ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    if local.weekday() >= 5:
        yield "weekend"
    if not (540 <= minute < 750 or 810 <= minute < 1050):
        yield "outside the hours"
    if is_holiday(calendar, local.date()):
        yield "public holiday"


def is_holiday(calendar, day):
    return day in holidays_of(calendar, day.year)


@cache
def holidays_of(calendar, year):
    country, part = PLACES[calendar]
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year))


def day_there(case, at):
    return at.astimezone(ZoneInfo(case.calendar.zone)).date()


def counted(case):
    """The calls as attempts: a list of lists; a call after a busy signal goes on, up to three calls."""
    found = []
    for call in case.attempts:
        goes_on = found and found[-1][-1].outcome == "busy" and len(found[-1]) < 3
        found = [*found[:-1], [*found[-1], call]] if goes_on else [*found, [call]]
    return found


def queue_objections(case, now, rules):
    yield from closed(case.calendar, now)
    attempts = counted(case)
    if not attempts:
        return
    last = case.attempts[-1]
    rings_again = last.outcome == "busy" and len(attempts[-1]) < 3
    waits = 20 if rings_again else MINUTES.get(last.outcome, 180)
    asked = case.asked_for_call_at
    if last.outcome in {"link_sent", "handed_over"} and asked and all(call.at < asked for call in case.attempts):
        waits = 0
    if now < last.at + timedelta(minutes=waits):
        yield "before the delay"
    if any(call.outcome in SOFT and now < call.at + timedelta(days=7) for call in case.attempts):
        yield "a week after a soft refusal"
    given_up = case.appointment and len(misses(case)) >= 2 and talked_not_since(case)
    if given_up and day_there(case, now) <= day_there(case, misses(case)[1].at):
        yield "missed twice: next working day"
    if not rings_again:
        yield from spread_objections(case, attempts, now, rules)


def talked_not_since(case):
    return all(call.outcome in UNANSWERED for call in case.attempts if call.at > case.appointment.made_at)


def spread_objections(case, attempts, now, rules):
    today = day_there(case, now)
    if len(attempts) >= 8:
        yield "eight attempts"
    if sum(any(day_there(case, call.at) == today for call in one) for one in attempts) >= 2:
        yield "twice today"
    if now < case.attempts[-1].at + rules.gap:
        yield "too soon after the last attempt"
    began = [one[0].at.astimezone(ZoneInfo(case.calendar.zone)) for one in attempts]
    if sum(at.weekday() == today.weekday() for at in began) >= 3:
        yield "three on this weekday"
    mornings = sum(at.hour < 13 for at in began)
    afternoons = len(began) - mornings
    morning_now = now.astimezone(ZoneInfo(case.calendar.zone)).hour < 13
    if (morning_now and mornings > afternoons) or (not morning_now and afternoons > mornings):
        yield "the other half of the day"
    first = began[0].date()
    working = sum(
        (first + timedelta(days=n)).weekday() < 5 and not is_holiday(case.calendar, first + timedelta(days=n))
        for n in range(1, (today - first).days + 1)
    )
    if working < [0, 0, 3, 3, 6, 6, 9, 9][min(len(attempts), 7)]:
        yield "before its day in the plan"


@st.composite
def cases(draw):
    # The last call is by day, so that delays of minutes and hours end by day too.
    day = draw(st.sampled_from(STARTS)) + timedelta(days=draw(st.integers(0, 14)))
    at = day + timedelta(minutes=draw(st.integers(7 * 60, 16 * 60)))
    history = draw(st.lists(calls, max_size=9))
    start = at - sum((timedelta(minutes=pause) for pause, _ in history[1:]), timedelta())
    attempts, moment = [], start
    for number, (pause, outcome) in enumerate(history):
        moment += timedelta(minutes=pause if number else 0)
        attempts.append(Attempt(moment, outcome, draw(st.sampled_from("ab"))))
    return Case(
        calendar=draw(st.sampled_from(sorted(PLACES))),
        ends_at=at + timedelta(days=draw(st.sampled_from([20, 60, 90]))),
        attempts=tuple(attempts),
        appointment=draw(appointments(start, attempts)),
        released_at=draw(st.sampled_from([at + timedelta(hours=1), at + timedelta(hours=1), None, start])),
        asked_for_call_at=draw(st.sampled_from([None, start, at + timedelta(minutes=30)])),
        held=draw(st.integers(0, 30)) == 0,
        opted_out=draw(st.integers(0, 30)) == 0,
        finished=draw(st.integers(0, 30)) == 0,
    )


def appointments(start, attempts):
    made = st.sampled_from([start, *(call.at for call in attempts)])
    kinds = st.sampled_from([Kind.EXACT, Kind.HALF_DAY])
    one = made.flatmap(
        lambda at: st.builds(
            Appointment, kinds, st.integers(1, 9000).map(lambda minutes: at + timedelta(minutes=minutes)), st.just(at)
        )
    )
    return st.one_of(st.none(), one)


@settings(max_examples=600)
@given(cases(), waits, st.sampled_from([RULES, SHORT_GAP, LONG_GAP]), st.randoms(use_true_random=False))
def test_a_case_is_offered_at_the_first_moment_to_which_nobody_objects(case, later, rules, chance):
    begin = case.attempts[-1].at if case.attempts else case.ends_at - timedelta(days=20)
    now = begin + timedelta(minutes=later)

    found = next_time(case, now, rules)

    event("never" if isinstance(found, Never) else "now" if found == now else "later")
    until = case.ends_at + timedelta(days=1) if isinstance(found, Never) else found
    if not isinstance(found, Never):
        assert found >= now
        assert objections(case, found, rules) == []
    for moment in moments_between(now, until, chance):
        assert objections(case, moment, rules) != [], moment


def moments_between(now, until, chance):
    """Some moments from now up to, not including, `until`: both ends, the minute before, and any between."""
    seconds = int((until - now).total_seconds())
    if seconds > 0:
        yield now
        yield until - timedelta(seconds=1)
        yield from (now + timedelta(seconds=chance.randrange(seconds)) for _ in range(25))


@settings(max_examples=300)
@given(cases(), waits)
def test_the_stored_standing_says_the_same_at_any_later_moment(case, later):
    now = (case.attempts[-1].at if case.attempts else case.ends_at - timedelta(days=20)) + timedelta(minutes=later)
    stored = standing(case, RULES)

    is_open = open_calendars([case.calendar], now, RULES).get(case.calendar, 0)

    allowed = not isinstance(stored, Never) and stored.allows(now, is_open)
    assert allowed == (next_time(case, now, RULES) == now)


@pytest.mark.parametrize("place", sorted(PLACES), ids=lambda place: place.zone)
@pytest.mark.parametrize("seed", range(12))
def test_a_case_nobody_answers_is_called_as_the_method_says(place, seed):
    chance = random.Random(seed)
    now = STARTS[seed % 3] + timedelta(hours=chance.randrange(200))
    case = Case(calendar=place, ends_at=now + timedelta(days=90))
    while isinstance(found := next_time(case, now, RULES), datetime):
        now = found + timedelta(minutes=chance.choice([0, 1, 45, 200, 1500]))
        if next_time(case, now, RULES) != now:
            continue
        outcome = chance.choice(["no_answer", "voicemail", "busy", "person_not_there", "technical"])
        case = Case(
            calendar=place, ends_at=case.ends_at, attempts=(*case.attempts, Attempt(now, outcome)), appointment=None
        )

    attempts = counted(case)
    began = [one[0].at.astimezone(ZoneInfo(place.zone)) for one in attempts]
    working = {
        began[0].date() + timedelta(days=n)
        for n in range((began[-1].date() - began[0].date()).days + 1)
        if (began[0].date() + timedelta(days=n)).weekday() < 5
    }
    assert found == Never(Reason.EXHAUSTED)
    assert len(attempts) == 8
    assert len({at.weekday() for at in began}) >= 3
    assert sum(at.hour < 13 for at in began) == 4
    assert len(working) >= 10
    assert all(second[0].at - first[-1].at >= timedelta(hours=3) for first, second in pairwise(attempts))
    for day in {day_there(case, call.at) for call in case.attempts}:
        assert sum(any(day_there(case, call.at) == day for call in one) for one in attempts) <= 2
