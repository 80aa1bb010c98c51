"""Appointments as they are entered: every hour that exists is taken, every other one explained."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.services.calling.appointments import (
    in_both_zones,
    in_words,
    moments_of,
    parse,
    parse_day,
    resolve,
    resolve_half_day,
    resolve_moment,
)
from survey.services.calling.cases import Calendar
from survey.services.calling.rules import Rules
from survey.services.errors import BadFields, UnclearTime

RULES = Rules(weeks_ahead=60)
LISBON, ROME = Calendar("Europe/Lisbon", "PT"), Calendar("Europe/Rome", "IT")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
END = datetime(2027, 3, 1, tzinfo=UTC)
INSTEAD = "Please choose another half-day or an exact time."
REPUBLIC_DAY = "Tuesday 2 June 2026, a public holiday (Republic Day)"
ZONES = ["Europe/Lisbon", "Europe/Helsinki", "Atlantic/Azores", "Australia/Lord_Howe", "Pacific/Chatham"]


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def resolved(day, clock, calendar=ROME, *, now=NOW, ends_at=END, rules=RULES):
    return resolve(parse(day, clock), calendar, now=now, ends_at=ends_at, rules=rules)


def half(day, which, calendar=ROME, *, now=NOW):
    return resolve_half_day(date.fromisoformat(day), which, calendar, now=now, ends_at=END, rules=RULES)


def problems(call):
    with pytest.raises(BadFields) as refused:
        call()
    return [(problem.field, problem.message) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        ("2026-03-27", "Europe/Lisbon", utc(2026, 3, 27, 9, 30)),
        ("2026-03-30", "Europe/Lisbon", utc(2026, 3, 30, 8, 30)),
        ("2026-03-27", "Atlantic/Azores", utc(2026, 3, 27, 10, 30)),
        ("2026-10-26", "Europe/Helsinki", utc(2026, 10, 26, 7, 30)),
        ("2026-10-23", "Europe/Helsinki", utc(2026, 10, 23, 6, 30)),
        ("2026-04-06", "Pacific/Chatham", utc(2026, 4, 5, 20, 45)),
        ("2026-04-06", "Australia/Lord_Howe", utc(2026, 4, 5, 23, 0)),
    ],
)
def test_half_past_nine_there_is_one_moment(day, zone, expected):
    assert resolved(day, " 09:30 ", Calendar(zone, "")).at == expected


def test_a_skipped_hour_is_explained_and_both_sides_are_offered():
    with pytest.raises(UnclearTime) as refused:
        resolved("2026-03-29", "02:30")

    assert refused.value.message == (
        "02:30 on Sunday 29 March 2026 in Europe/Rome does not exist, because clocks go forward. "
        "Please choose a time before or after."
    )
    assert [problem.field for problem in refused.value.problems] == ["time"]
    assert [(offer.at, offer.label) for offer in refused.value.offers] == [
        (utc(2026, 3, 29, 0, 30), "01:30"),
        (utc(2026, 3, 29, 1, 30), "03:30"),
    ]


def test_a_doubled_hour_asks_which_one_and_takes_either():
    with pytest.raises(UnclearTime) as refused:
        resolved("2026-10-25", "02:30")

    assert refused.value.message == (
        "02:30 on Sunday 25 October 2026 in Europe/Rome comes twice, because clocks go back. "
        "Please choose which one is meant."
    )
    assert [(offer.at, offer.label) for offer in refused.value.offers] == [
        (utc(2026, 10, 25, 0, 30), "02:30 (UTC+02:00)"),
        (utc(2026, 10, 25, 1, 30), "02:30 (UTC+01:00)"),
    ]
    for offer in refused.value.offers:
        assert resolve_moment(offer.at, ROME, now=NOW, ends_at=END, rules=RULES).at == offer.at


@given(st.sampled_from(ZONES), st.integers(0, 365 * 24 * 60))
def test_every_moment_is_found_from_what_clocks_show(zone, minutes):
    at = utc(2026, 1, 1) + timedelta(minutes=minutes)
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    found = moments_of(wall, zone)

    assert at in found
    assert {other.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for other in found} == {wall}


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("29.3.2026", "09:30", [("day", "'29.3.2026' is no date such as 2026-03-29.")]),
        ("2026-02-29", "09:30", [("day", "'2026-02-29' is no date such as 2026-03-29.")]),
        ("0001-01-01", "00:00", [("day", "'0001-01-01' is no date such as 2026-03-29.")]),
        ("9999-12-31", "23:59", [("day", "'9999-12-31' is no date such as 2026-03-29.")]),
        ("2026-03-29", "9.30", [("time", "'9.30' is no time such as 09:30.")]),
        ("2026-03-29", "24:00", [("time", "'24:00' is no time such as 09:30.")]),
        ("", "", [("day", "'' is no date such as 2026-03-29."), ("time", "'' is no time such as 09:30.")]),
    ],
)
def test_what_is_no_time_is_refused_at_its_field(day, clock, expected):
    assert problems(lambda: parse(day, clock)) == expected


@given(st.text(max_size=12), st.text(max_size=6))
def test_any_text_is_a_time_or_is_refused(day, clock):
    with suppress(BadFields):
        assert 2000 <= parse(day, clock).year < 2100


def test_a_zone_that_does_not_exist_is_refused_at_its_field():
    assert problems(lambda: moments_of(parse("2026-03-27", "09:30"), "Europe/Atlantis")) == [
        ("timezone", "'Europe/Atlantis' is no time zone such as Europe/Rome.")
    ]


@pytest.mark.parametrize(
    ("day", "clock", "changes", "sentence"),
    [
        ("2026-03-02", "10:00", {}, "Monday 2 March 2026, 10:00 is past there: it is Monday 2 March 2026, 10:00."),
        ("2026-03-02", "10:01", {}, None),
        (
            "2026-05-02",
            "10:00",
            {"rules": Rules()},
            "Saturday 2 May 2026, 10:00 is more than 8 weeks ahead.",
        ),
        (
            "2026-03-05",
            "10:00",
            {"ends_at": utc(2026, 3, 5, 9)},
            "Thursday 5 March 2026, 10:00 is after the end of fieldwork, Thursday 5 March 2026, 10:00.",
        ),
        ("2026-03-05", "09:59", {"ends_at": utc(2026, 3, 5, 9)}, None),
    ],
)
def test_what_is_past_or_too_late_is_refused(day, clock, changes, sentence):
    if sentence is None:
        assert resolved(day, clock, **changes).at
    else:
        assert problems(lambda: resolved(day, clock, **changes)) == [("time", sentence)]


@pytest.mark.parametrize(
    ("day", "clock", "warnings"),
    [
        ("2026-03-04", "09:00", ()),
        ("2026-03-04", "17:30", ("Wednesday 4 March 2026, 17:30 is outside the calling hours there.",)),
        ("2026-03-07", "10:00", ("Saturday 7 March 2026, 10:00 is outside the calling hours there.",)),
        (
            "2026-06-02",
            "10:00",
            ("Tuesday 2 June 2026, 10:00 is outside the calling hours there, a public holiday (Republic Day).",),
        ),
    ],
)
def test_a_time_outside_calling_hours_is_taken_with_a_warning(day, clock, warnings):
    assert resolved(day, clock).warnings == warnings


def test_a_half_day_begins_with_its_calling_hours():
    assert half("2026-03-30", "morning", LISBON).at == utc(2026, 3, 30, 8)
    assert half("2026-03-30", "afternoon", LISBON).at == utc(2026, 3, 30, 12, 30)


@pytest.mark.parametrize(
    ("day", "which", "now", "sentence"),
    [
        (
            "2026-03-07",
            "morning",
            NOW,
            f"There are no calling hours in the morning of Saturday 7 March 2026. {INSTEAD}",
        ),
        (
            "2026-06-02",
            "afternoon",
            NOW,
            f"There are no calling hours in the afternoon of {REPUBLIC_DAY}. {INSTEAD}",
        ),
        ("2026-03-02", "morning", NOW, "The morning has begun there. Please enter an exact time."),
        (
            "2026-03-02",
            "morning",
            utc(2026, 3, 2, 13),
            "Monday 2 March 2026, 09:00 is past there: it is Monday 2 March 2026, 14:00.",
        ),
    ],
)
def test_a_half_day_without_calls_is_refused(day, which, now, sentence):
    assert problems(lambda: half(day, which, now=now)) == [("day", sentence)]


def test_a_day_is_read_alone_for_a_half_day():
    assert parse_day(" 2026-03-30 ") == date(2026, 3, 30)


def test_a_time_is_shown_in_both_zones():
    at = utc(2026, 10, 24, 22, 30)

    assert in_both_zones(at, "Atlantic/Azores", "Europe/Rome") == (
        "Saturday 24 October 2026, 22:30, Atlantic/Azores",
        "Sunday 25 October 2026, 00:30, Europe/Rome",
    )
    assert in_words(at + timedelta(hours=2), "Europe/Rome") == "Sunday 25 October 2026, 02:30 (UTC+02:00)"
