"""When a case is called next, rule by rule, on days that anybody can look up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import DISPOSITIONS
from instruments import Mode
from survey.services.calling.advice import may_leave_message, should_send_link
from survey.services.calling.cases import Appointment, Attempt, Calendar, Case, Kind
from survey.services.calling.outcomes import OUTCOMES, Next, found_by
from survey.services.calling.rules import Rules
from survey.services.calling.standing import Never, Priority, Reason, next_time, priority, standing

RULES = Rules()
ROME = Calendar("Europe/Rome", "IT")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # Monday, 10:00 in Rome
END = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)


def utc(month, day, hour=0, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def case(*attempts, **changes):
    """attempts: (moment, outcome) or (moment, outcome, interviewer)."""
    return Case(**({"calendar": ROME, "ends_at": END, "attempts": tuple(Attempt(*one) for one in attempts)} | changes))


def exact(at, made_at=NOW, **changes):
    return Appointment(Kind.EXACT, at, made_at, **changes)


def test_a_new_case_is_called_as_soon_as_calling_hours_allow():
    assert next_time(case(), NOW, RULES) == NOW
    assert next_time(case(), utc(3, 2, 7, 59), RULES) == utc(3, 2, 8)
    assert next_time(case(), utc(3, 2, 11, 30), RULES) == utc(3, 2, 12, 30)
    assert next_time(case(), utc(3, 6, 16, 30), RULES) == utc(3, 9, 8)
    assert next_time(case(), utc(4, 3, 17), RULES) == utc(4, 7, 7)  # Easter Monday, and summer time since


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param("no_answer", utc(3, 2, 12, 30), id="180 minutes are over at lunch"),
        pytest.param("voicemail", utc(3, 2, 12, 30), id="a machine as no answer"),
        pytest.param("technical", utc(3, 2, 12, 30), id="technical problem"),
        pytest.param("person_not_there", utc(3, 2, 12, 30), id="gatekeeper"),
        pytest.param("busy", utc(3, 2, 9, 20), id="busy: 20 minutes"),
        pytest.param("away", utc(3, 9, 12, 30), id="away: seven days, in the other half of the day"),
        pytest.param("link_sent", utc(3, 5, 12, 30), id="link: three days"),
        pytest.param("call_back", utc(3, 2, 12, 30), id="call back without a time"),
    ],
)
def test_each_outcome_has_its_delay(outcome, expected):
    assert next_time(case((NOW, outcome)), NOW, RULES) == expected


def test_the_delay_after_no_answer_holds_where_the_gap_is_shorter():
    found = standing(case((NOW, "no_answer")), Rules(gap=timedelta(0)))

    assert found.callable_from == NOW + timedelta(minutes=180)


def test_attempts_are_three_hours_apart_where_the_delay_is_shorter():
    found = standing(case((NOW, "no_answer")), Rules(after_no_answer=timedelta(0)))

    assert found.callable_from == NOW + timedelta(hours=3)


def test_after_three_busy_signals_in_a_row_the_pause_is_long():
    busy = [(NOW + timedelta(minutes=20 * n), "busy") for n in range(3)]

    assert next_time(case(*busy[:2]), NOW, RULES) == utc(3, 2, 9, 40)
    assert next_time(case(*busy), NOW, RULES) == utc(3, 2, 12, 40)
    assert standing(case(*busy), RULES).attempts == 1


def test_two_attempts_are_enough_for_a_day_and_the_plan_goes_on_days_later():
    twice = [(NOW, "no_answer"), (utc(3, 2, 12, 30), "no_answer")]

    # Monday is the first day, the third working day after it is Thursday.
    assert next_time(case(*twice), NOW, RULES) == utc(3, 5, 8)
    assert next_time(case(*twice), NOW, Rules(working_days=1)) == utc(3, 3, 8)
    assert next_time(case(*twice), NOW, Rules(working_days=1, attempts_a_day=3)) == utc(3, 2, 15, 30)


def test_the_next_attempt_is_in_the_half_of_the_day_with_fewer():
    afternoon = (utc(3, 2, 15), "no_answer")

    assert next_time(case(afternoon), NOW, RULES) == utc(3, 3, 8)
    assert next_time(case((NOW, "no_answer")), utc(3, 3, 8), RULES) == utc(3, 3, 12, 30)


def test_a_weekday_that_had_its_share_is_left_out():
    mondays = [(utc(3, 2, 9), "no_answer"), (utc(3, 9, 13), "no_answer"), (utc(3, 16, 9), "no_answer")]

    found = next_time(case(*mondays), utc(3, 23, 7), RULES)

    assert found == utc(3, 24, 12, 30)


def test_where_a_half_of_the_day_has_hours_on_one_weekday_only_the_others_go_on():
    few = Rules(slots=(*RULES.slots[:6:2], RULES.slots[7]), working_days=1)  # Monday to Wednesday; Thursday afternoon
    thursdays = [
        (utc(3, day, hour), "no_answer")
        for day, hour in [(2, 9), (5, 13), (9, 9), (12, 13), (17, 9), (19, 13), (24, 9)]
    ]

    assert next_time(case(*thursdays), utc(3, 24, 10), few) == utc(3, 25, 8)


def test_eight_attempts_are_the_last():
    days = [utc(3, day, hour) for day in (2, 5, 10, 13) for hour in (9, 13)]
    eight = [(at, "no_answer") for at in days]

    assert isinstance(next_time(case(*eight[:7]), NOW, RULES), datetime)
    assert next_time(case(*eight), NOW, RULES) == Never(Reason.EXHAUSTED)
    assert next_time(case(*eight[:7], (days[7], "busy")), NOW, RULES) == days[7] + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"finished": True}, Reason.FINISHED),
        ({"opted_out": True}, Reason.OPTED_OUT),
        ({"held": True}, Reason.HELD),
        ({"ends_at": NOW}, Reason.FIELDWORK_OVER),
        ({"ends_at": utc(2, 27)}, Reason.FIELDWORK_OVER),
    ],
)
def test_what_is_over_or_held_is_not_called(changes, reason):
    assert next_time(case(**changes), NOW, RULES) == Never(reason)
    promised = case((NOW, "appointment"), appointment=exact(utc(3, 4, 9)), **changes)
    assert next_time(promised, NOW, RULES) == Never(reason)


def test_fieldwork_that_ends_before_the_next_calling_hours_is_over():
    assert next_time(case(ends_at=utc(3, 9, 8)), utc(3, 6, 17), RULES) == Never(Reason.FIELDWORK_OVER)
    assert next_time(case(ends_at=utc(3, 9, 8, 1)), utc(3, 6, 17), RULES) == utc(3, 9, 8)


@pytest.mark.parametrize("outcome", [key for key, one in OUTCOMES.items() if one.next is Next.FINAL])
def test_a_final_outcome_is_final_whatever_was_promised_or_released(outcome):
    found = case((NOW, outcome), (utc(3, 3, 9), "no_answer"), appointment=exact(utc(3, 4, 9)), released_at=utc(3, 5))

    assert next_time(found, NOW, RULES) == Never(Reason.FINAL)


@pytest.mark.parametrize("outcome", ["refused_softly", "refused_softly_by_other"])
def test_a_soft_refusal_is_tried_once_more_a_week_later_by_somebody_else_if_a_lead_agrees(outcome):
    refused = (NOW, outcome, "anna")

    assert next_time(case(refused), NOW, RULES) == Never(Reason.WAITS_FOR_LEAD)
    assert next_time(case(refused, released_at=utc(3, 2, 8)), NOW, RULES) == Never(Reason.WAITS_FOR_LEAD)
    released = case(refused, released_at=utc(3, 3))
    # Seven days later it is morning, and the first call was in the morning.
    assert next_time(released, NOW, RULES) == utc(3, 9, 12, 30)
    assert standing(released, RULES).not_by == {"anna"}
    again = case(refused, (utc(3, 10, 9), outcome, "ben"), released_at=utc(3, 12))
    assert next_time(again, NOW, RULES) == Never(Reason.REFUSED_TWICE)


@pytest.mark.parametrize("outcome", ["wrong_number", "number_dead", "fax", "language", "language_of_organisation"])
def test_what_only_a_lead_can_mend_waits_for_one(outcome):
    stuck = case((NOW, outcome))

    assert next_time(stuck, NOW, RULES) == Never(Reason.WAITS_FOR_LEAD)
    assert next_time(case((NOW, outcome), released_at=utc(3, 2, 10)), NOW, RULES) == utc(3, 2, 12, 30)


def test_an_exact_appointment_is_shown_ten_minutes_before_in_calling_hours_or_not():
    evening = exact(utc(3, 7, 19), with_="anna")  # a Saturday
    promised = case((NOW, "appointment"), appointment=evening)

    assert next_time(promised, NOW, RULES) == utc(3, 7, 18, 50)
    assert next_time(promised, utc(3, 7, 19, 59), RULES) == utc(3, 7, 19, 59)
    assert next_time(promised, utc(3, 7, 20), RULES) == utc(3, 9, 8)
    found = standing(promised, RULES)
    assert (found.priority, found.due_at, found.preferred) == (Priority.APPOINTMENT, evening.at, "anna")


def test_an_appointment_asks_neither_for_the_gap_nor_for_the_caps():
    eight = [(utc(3, day, hour), "no_answer") for day in (2, 5, 10, 13) for hour in (9, 13)]
    soon = exact(utc(3, 13, 14), made_at=utc(3, 13, 13))
    promised = case(*eight[:7], (utc(3, 13, 13), "appointment"), appointment=soon)

    assert next_time(promised, utc(3, 13, 13), RULES) == utc(3, 13, 13, 50)


@pytest.mark.parametrize(
    ("zone", "country", "day"),
    [("Europe/Lisbon", "PT", (3, 30)), ("Europe/Helsinki", "FI", (10, 26)), ("Atlantic/Azores", "PT", (3, 30))],
)
def test_an_appointment_at_half_past_nine_stays_there_across_the_change_of_clocks(zone, country, day):
    calendar = Calendar(zone, country)
    offset = {"Europe/Lisbon": 1, "Europe/Helsinki": 2, "Atlantic/Azores": 0}[zone]
    at = utc(*day, 9 - offset, 30)
    promised = case(appointment=exact(at, made_at=at - timedelta(days=5)), calendar=calendar, ends_at=utc(12, 1))

    offered = next_time(promised, at - timedelta(days=4), RULES)

    assert calendar.local(offered).strftime("%d.%m. %H:%M") == f"{day[1]}.{day[0]:02}. 09:20"


def test_a_missed_appointment_is_tried_after_15_minutes_and_then_given_up_to_the_next_working_day():
    friday = exact(utc(3, 6, 13))
    made = (NOW, "appointment")
    first, second = (utc(3, 6, 13), "no_answer"), (utc(3, 6, 13, 15), "busy")

    assert next_time(case(made, first, appointment=friday), NOW, RULES) == utc(3, 6, 13, 15)
    given_up = case(made, first, second, appointment=friday)
    assert next_time(given_up, NOW, RULES) == utc(3, 9, 8)
    assert standing(given_up, RULES).priority is Priority.NORMAL


def test_a_call_before_an_appointment_misses_nothing():
    thursday = exact(utc(3, 5, 13))
    before = (utc(3, 4, 9), "no_answer")

    found = standing(case((NOW, "appointment"), before, appointment=thursday), RULES)

    assert found.callable_from == utc(3, 5, 12, 50)


@pytest.mark.parametrize(("outcome", "expected"), [("link_sent", utc(3, 6, 8)), ("away", utc(3, 10, 8))])
def test_a_conversation_ends_the_appointment_that_was_before_it(outcome, expected):
    kept = case((NOW, "appointment"), (utc(3, 3, 13), outcome), appointment=exact(utc(3, 4, 13)))

    assert next_time(kept, NOW, RULES) >= expected
    assert standing(kept, RULES).priority is Priority.NORMAL


def test_a_call_back_comes_at_the_start_of_its_half_day_within_calling_hours():
    afternoon = Appointment(Kind.HALF_DAY, utc(3, 4, 12, 30), NOW)
    promised = case((NOW, "call_back"), appointment=afternoon)

    assert next_time(promised, NOW, RULES) == utc(3, 4, 12, 30)
    assert next_time(promised, utc(3, 4, 17), RULES) == utc(3, 5, 8)
    assert standing(promised, RULES).priority is Priority.CALL_BACK


def test_who_stopped_on_the_web_and_agreed_to_a_call_comes_before_others_until_called():
    asked = case(asked_for_call_at=NOW)
    called = case((utc(3, 2, 10), "no_answer"), asked_for_call_at=NOW)
    with_link = case((utc(3, 2, 8), "link_sent"), asked_for_call_at=NOW)

    assert [standing(one, RULES).priority for one in (asked, called, with_link)] == [
        Priority.WEB_BREAK_OFF,
        Priority.NORMAL,
        Priority.WEB_BREAK_OFF,
    ]
    assert next_time(with_link, NOW, RULES) == utc(3, 2, 12, 30)


def test_the_queue_is_in_the_methods_order():
    first_due = case((NOW, "appointment"), appointment=exact(utc(3, 4, 9)))
    later_due = case((NOW, "appointment"), appointment=exact(utc(3, 4, 10)))
    call_back = case((NOW, "call_back"), appointment=Appointment(Kind.HALF_DAY, utc(3, 4, 8), NOW))
    queue = [
        (first_due, 0, 9),
        (later_due, 9, 0),
        (call_back, 9, 0),
        (case(asked_for_call_at=NOW), 0, 9),
        (case((NOW, "no_answer")), 7, 9),
        (case(), 6, 1),
        (case(), 6, 2),
        (case((NOW, "no_answer")), 6, 0),
    ]

    keys = [priority(standing(one, RULES), shortfall=short, draw=draw) for one, short, draw in queue]

    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_a_message_is_left_on_the_first_and_the_fourth_attempt():
    days = [utc(3, day, hour) for day in (2, 5) for hour in (9, 13)]

    told = [may_leave_message(case(*[(at, "voicemail") for at in days[:n]]), RULES) for n in range(5)]

    assert told == [True, False, False, True, False]
    assert may_leave_message(case((NOW, "busy")), RULES)


def test_the_link_is_sent_once_after_the_second_attempt():
    calls = [(NOW, "no_answer"), (utc(3, 2, 13), "no_answer"), (utc(3, 5, 9), "no_answer")]

    assert [should_send_link(case(*calls[:n]), RULES, sent=False) for n in range(4)] == [False, False, True, True]
    assert not should_send_link(case(*calls), RULES, sent=True)
    assert not should_send_link(case((NOW, "link_sent"), *calls[1:]), RULES, sent=False)


def test_every_outcome_closes_with_a_code_of_the_phone():
    assert {one.code for one in OUTCOMES.values() if (Mode.PHONE, one.code) not in DISPOSITIONS} == set()
    assert len(OUTCOMES) == len({one.label for one in OUTCOMES.values()})


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("no a", "no_answer"),
        ("BUSY", "busy"),
        ("engaged", "busy"),
        ("2.112", "refused_softly"),
        ("refus", "refused_softly"),
        ("gdpr", "objection"),
        ("gatek ref", "refused_softly_by_other"),
        ("person ref", "refused"),
        ("person", "person_not_there"),
        ("message left", "voicemail_message"),
        ("", "no_answer"),
    ],
)
def test_an_outcome_is_found_by_typing(typed, first):
    assert found_by(typed)[0].key == first


def test_nothing_is_found_by_nonsense_and_everything_by_nothing():
    assert found_by("xyzzy") == ()
    assert len(found_by(" ")) == len(OUTCOMES)


@given(st.text(max_size=8))
def test_any_text_may_be_typed(typed):
    assert set(found_by(typed)) <= set(OUTCOMES.values())
