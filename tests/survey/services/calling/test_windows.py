"""Calling hours against the wall clock there: first days that people know, then any moment in any zone."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.services.calling import public_holidays
from survey.services.calling.cases import Calendar
from survey.services.calling.public_holidays import holiday_on, part_of
from survey.services.calling.rules import OFFICE_HOURS, Rules, Slot
from survey.services.calling.windows import (
    is_working_day,
    occasion,
    open_calendars,
    start_of_day,
    windows,
)

RULES = Rules()
LISBON, AZORES = Calendar("Europe/Lisbon", "PT"), Calendar("Atlantic/Azores", "PT", "PT200")
HELSINKI = Calendar("Europe/Helsinki", "FI")
ZONES = [
    *["Europe/Lisbon", "Europe/Helsinki", "Atlantic/Azores", "Australia/Lord_Howe", "Pacific/Chatham"],
    *["America/St_Johns", "Africa/Casablanca", "Asia/Beirut", "UTC"],
]
# The hours in which clocks change, and before and after noon, on every day of the week.
NIGHT_AND_DAY = Rules(
    slots=tuple(
        Slot(weekday, start, end)
        for weekday in range(7)
        for start, end in (
            (time(0), time(1, 15)),
            (time(1, 45), time(2, 20)),
            (time(2, 30), time(4)),
            (time(11), time(15)),
        )
    )
)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def hours(calendar, day):
    start = start_of_day(day, calendar)
    found = windows(calendar, start, start_of_day(day + timedelta(days=1), calendar), RULES)
    return [(window.start.strftime("%H:%M"), window.end.strftime("%H:%M")) for window in found]


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        pytest.param(
            LISBON, date(2026, 3, 27), [("09:00", "12:30"), ("13:30", "17:30")], id="Lisbon, Friday in winter"
        ),
        pytest.param(
            LISBON, date(2026, 3, 30), [("08:00", "11:30"), ("12:30", "16:30")], id="Lisbon, Monday in summer"
        ),
        pytest.param(AZORES, date(2026, 3, 27), [("10:00", "13:30"), ("14:30", "18:30")], id="Azores, in winter"),
        pytest.param(
            HELSINKI, date(2026, 10, 26), [("07:00", "10:30"), ("11:30", "15:30")], id="Helsinki, winter again"
        ),
        pytest.param(LISBON, date(2026, 3, 28), [], id="Saturday"),
        pytest.param(LISBON, date(2026, 4, 3), [], id="Good Friday"),
        pytest.param(LISBON, date(2026, 5, 25), [("08:00", "11:30"), ("12:30", "16:30")], id="no holiday in Lisbon"),
        pytest.param(AZORES, date(2026, 5, 25), [], id="but on the Azores"),
    ],
)
def test_calling_hours_are_those_of_the_place(calendar, day, expected):
    assert hours(calendar, day) == expected


def test_a_window_is_cut_at_both_ends_and_knows_its_half_of_the_day():
    start, end = utc(2026, 3, 27, 10), utc(2026, 3, 27, 14)

    found = list(windows(LISBON, start, end, RULES))

    assert [(window.start, window.end) for window in found] == [
        (start, utc(2026, 3, 27, 12, 30)),
        (utc(2026, 3, 27, 13, 30), end),
    ]
    assert [window.occasion for window in found] == [occasion(4, afternoon=False), occasion(4, afternoon=True)]


def test_hours_across_noon_are_two_occasions():
    rules = Rules(slots=(Slot(0, time(9), time(17)),))

    found = list(windows(LISBON, utc(2026, 3, 2), utc(2026, 3, 3), rules))

    assert [(window.start.hour, window.end.hour) for window in found] == [(9, 13), (13, 17)]
    assert [window.occasion for window in found] == [1, 2]


def test_a_skipped_hour_is_not_there_and_a_doubled_one_twice():
    rules = Rules(slots=(Slot(6, time(2), time(3)),))
    rome = Calendar("Europe/Rome", "IT")

    spring = list(windows(rome, utc(2026, 3, 28), utc(2026, 3, 30), rules))
    autumn = [(window.start, window.end) for window in windows(rome, utc(2026, 10, 24), utc(2026, 10, 26), rules)]

    assert spring == []
    assert sum((end - start for start, end in autumn), timedelta()) == timedelta(hours=2)
    assert (autumn[0][0], autumn[-1][1]) == (utc(2026, 10, 25, 0), utc(2026, 10, 25, 2))


@given(
    st.sampled_from(ZONES),
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: utc(2026, 1, 1) + timedelta(minutes=minutes)),
    st.sampled_from([RULES, NIGHT_AND_DAY]),
)
@example("Australia/Lord_Howe", utc(2026, 4, 4, 14, 45), NIGHT_AND_DAY)
@example("Australia/Lord_Howe", utc(2026, 4, 4, 15, 10), NIGHT_AND_DAY)
@example("Pacific/Chatham", utc(2026, 9, 26, 14), NIGHT_AND_DAY)
@example("Pacific/Chatham", utc(2026, 4, 4, 14, 30), NIGHT_AND_DAY)
@example("Asia/Beirut", utc(2026, 10, 24, 21, 30), NIGHT_AND_DAY)
@example("Europe/Lisbon", utc(2026, 10, 25, 1), NIGHT_AND_DAY)
@example("Europe/Lisbon", utc(2026, 3, 29, 1), NIGHT_AND_DAY)
def test_people_can_be_called_exactly_when_their_clock_says_so(zone, now, rules):
    calendar = Calendar(zone, "")
    local = now.astimezone(ZoneInfo(zone))

    says_so = any(slot.weekday == local.weekday() and slot.start <= local.time() < slot.end for slot in rules.slots)
    afternoon = local.time() >= time(13)

    expected = {calendar: 1 << (2 * local.weekday() + afternoon)} if says_so else {}
    assert open_calendars([calendar], now, rules) == expected


@given(st.sampled_from(ZONES), st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 5))
def test_windows_are_in_order_and_apart(zone, day, days):
    start = start_of_day(day, Calendar(zone, ""))

    found = list(windows(Calendar(zone, ""), start, start + timedelta(days=days), NIGHT_AND_DAY))

    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(window.start < window.end for window in found)


def test_a_midnight_that_is_skipped_or_doubled_begins_one_day():
    beirut, cairo = Calendar("Asia/Beirut", "LB"), Calendar("Africa/Cairo", "EG")

    assert start_of_day(date(2026, 3, 29), beirut) == utc(2026, 3, 28, 22)
    assert start_of_day(date(2026, 10, 30), cairo) == utc(2026, 10, 29, 22)


def test_calendars_that_are_closed_are_left_out():
    morning_in_helsinki = utc(2026, 3, 27, 7, 30)

    assert open_calendars([LISBON, HELSINKI, AZORES], morning_in_helsinki, RULES) == {HELSINKI: 256}


def test_a_working_day_has_calling_hours():
    days = [date(2026, 4, day) for day in range(1, 8)]

    assert [is_working_day(day, Calendar("Europe/Rome", "IT"), RULES) for day in days] == [
        *[True, True, True, False, False, False, True]
    ]


@pytest.mark.parametrize(
    ("day", "country", "nuts", "name"),
    [
        (date(2026, 11, 30), "GB", "UKM71", "Saint Andrew's Day"),
        (date(2026, 11, 30), "GB", "UKH", None),
        (date(2026, 11, 30), "UK", "UKM", "Saint Andrew's Day"),
        (date(2026, 8, 15), "DE", "DE21", "Assumption Day"),
        (date(2026, 8, 15), "DE", "DE125", None),
        (date(2026, 6, 2), "IT", "ITC4", "Republic Day"),
        (date(2026, 5, 25), "IT", "ITH10", "Pentecost Monday"),
        (date(2026, 5, 25), "IT", "ITC4", None),
        (date(2026, 10, 28), "EL", "", "Ohi Day"),
        (date(2026, 10, 28), "GR", "", "Ohi Day"),
        (date(2026, 6, 19), "SE", "SE122", "Midsummer Eve"),
        (date(2026, 1, 1), "XX", "XX1", None),
        (date(2026, 1, 2), "IT", "", None),
    ],
)
def test_public_holidays_are_those_of_the_country_and_its_part(day, country, nuts, name):
    found = holiday_on(day, country, nuts)

    assert (found or "").split(";")[0] == (name or "")


def test_every_part_that_is_named_is_known_to_the_package():
    for nuts, part in public_holidays._PARTS.items():
        country = {"UK": "GB"}.get(nuts[:2], nuts[:2])
        assert part_of(f"{nuts}9") == part
        assert public_holidays._of_year(country, part, 2026), nuts


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "Europe", "../etc/passwd", "europe/rome"])
def test_a_zone_that_does_not_exist_is_refused(zone):
    with pytest.raises(ValueError, match="is no time zone such as Europe/Rome"):
        Calendar(zone, "IT")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Slot(7, time(9), time(10)), "there is no weekday 7"),
        (lambda: Slot(0, time(9), time(9)), "from 09:00 to 09:00 end before they begin"),
        (lambda: Rules(slots=()), "there are no calling hours"),
        (lambda: Rules(attempts=0), "attempts is 0"),
        (lambda: Rules(weekdays=0), "weekdays is 0"),
    ],
)
def test_rules_under_which_nobody_could_be_called_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_office_hours_are_seven_and_a_half_on_five_days():
    minutes = [(slot.end.hour - slot.start.hour) * 60 + slot.end.minute - slot.start.minute for slot in OFFICE_HOURS]

    assert (len(OFFICE_HOURS), sum(minutes)) == (10, 5 * 450)
