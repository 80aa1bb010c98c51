"""Who may get a mail, and when: each rule at, below and above its limit, with a clock that stands still."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from survey.models import InterviewState, MailKind, StudyState
from survey.services.mailing.rules import Standing, Why, decide, in_hours, wait_after, when, why_never

# A Wednesday, 10:00 in Rome.
NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OPEN = Standing(
    study_state=StudyState.OPEN,
    closes_on=date(2026, 6, 30),
    gap_days=7,
    reminders_limit=2,
    from_hour=9,
    until_hour=17,
    timezone="Europe/Rome",
)
INVITED = replace(OPEN, invited=True, has_invitation=True, last_mail_at=NOW - timedelta(days=30))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text, zone):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_who_was_invited_and_said_nothing_is_reminded_now():
    decision = decide(INVITED, MailKind.REMINDER, now=NOW)

    assert (decision.due, decision.at, decision.why) == (NOW, NOW, None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"interview": InterviewState.SUBMITTED}, Why.SUBMITTED),
        ({"interview": InterviewState.DECLINED}, Why.DECLINED),
        ({"interview": InterviewState.WITHDRAWN}, Why.WITHDRAWN),
        ({"opted_out": True}, Why.OPTED_OUT),
        ({"bounced": True}, Why.BOUNCED),
        ({"has_address": False}, Why.NO_ADDRESS),
        ({"invited": False}, Why.NOT_INVITED),
        ({"is_waiting": True}, Why.WAITING),
        ({"study_state": StudyState.CLOSED}, Why.CLOSED),
        ({"study_state": StudyState.DRAFT}, Why.NOT_OPEN),
        ({"closes_on": NOW.date() - timedelta(days=1)}, Why.CLOSED),
    ],
)
def test_nobody_else_is_reminded(changes, why):
    assert decide(replace(INVITED, **changes), MailKind.REMINDER, now=NOW).why is why


def test_who_has_begun_is_reminded_too():
    standing = replace(INVITED, interview=InterviewState.STARTED, last_answer_at=NOW - timedelta(days=3))

    assert decide(standing, MailKind.REMINDER, now=NOW).at == NOW


@pytest.mark.parametrize(
    ("before", "due"),
    [
        (timedelta(days=7) - SECOND, NOW + SECOND),
        (timedelta(days=7), NOW),
        (timedelta(days=7) + SECOND, NOW),
    ],
)
def test_the_gap_to_the_mail_before(before, due):
    assert decide(replace(INVITED, last_mail_at=NOW - before), MailKind.REMINDER, now=NOW).due == due


@pytest.mark.parametrize(("reminders", "why"), [(1, None), (2, Why.ENOUGH), (3, Why.ENOUGH)])
def test_the_number_of_reminders(reminders, why):
    assert decide(replace(INVITED, reminders=reminders), MailKind.REMINDER, now=NOW).why is why


def test_a_study_may_send_no_reminders():
    assert decide(replace(INVITED, reminders_limit=0), MailKind.REMINDER, now=NOW).why is Why.ENOUGH


@pytest.mark.parametrize(
    ("before", "due"),
    [
        (timedelta(hours=24) - SECOND, NOW + SECOND),
        (timedelta(hours=24), NOW),
        (timedelta(hours=24) + SECOND, NOW),
    ],
)
def test_who_answered_something_is_left_alone_for_a_day(before, due):
    standing = replace(INVITED, interview=InterviewState.STARTED, last_answer_at=NOW - before)

    assert decide(standing, MailKind.REMINDER, now=NOW).due == due


@pytest.mark.parametrize(
    ("now", "why"),
    [
        # The study ends on 11 March with the day in UTC; a day before is the beginning of the 11th.
        ("2026-03-10T15:59:59", None),
        ("2026-03-10T16:00:00", Why.TOO_LATE),
        ("2026-03-11T00:00:00", Why.TOO_LATE),
    ],
)
def test_the_last_reminder_leaves_a_day(now, why):
    standing = replace(INVITED, closes_on=date(2026, 3, 11))

    assert decide(standing, MailKind.REMINDER, now=utc(now)).why is why


@pytest.mark.parametrize(
    ("now", "why"),
    [("2026-03-11T23:59:59", None), ("2026-03-12T00:00:00", None), ("2026-03-12T00:00:01", Why.TOO_LATE)],
)
def test_a_reminder_may_go_until_exactly_a_day_before_the_end(now, why):
    # Around the clock, so that only the end decides.
    standing = replace(INVITED, closes_on=date(2026, 3, 12), from_hour=0, until_hour=24, timezone="UTC")

    assert when(standing, MailKind.REMINDER, now=utc(now)).why is why


def test_nobody_is_invited_twice_or_after_having_begun():
    assert decide(OPEN, MailKind.INVITATION, now=NOW).at == NOW
    assert decide(replace(OPEN, has_invitation=True), MailKind.INVITATION, now=NOW).why is Why.INVITED
    begun = replace(OPEN, interview=InterviewState.STARTED)
    assert decide(begun, MailKind.INVITATION, now=NOW).why is Why.BEGUN
    # An invitation that waits when they begin is not taken away: it says nothing wrong.
    assert why_never(begun, MailKind.INVITATION, now=NOW) is None


def test_who_asks_for_a_link_gets_it_at_once_even_at_night_and_after_saying_no_more_mails():
    night = utc("2026-03-14T23:30:00")
    standing = replace(OPEN, opted_out=True, interview=InterviewState.SUBMITTED)

    assert decide(standing, MailKind.RESUME, now=night).at == night
    assert decide(replace(OPEN, bounced=True), MailKind.RESUME, now=night).why is Why.BOUNCED
    withdrawn = replace(OPEN, interview=InterviewState.WITHDRAWN)
    assert decide(withdrawn, MailKind.RESUME, now=night).why is Why.WITHDRAWN


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-11T08:59:59", "2026-03-11T09:00:00"),
        ("2026-03-11T09:00:00", "2026-03-11T09:00:00"),
        ("2026-03-11T16:59:59", "2026-03-11T16:59:59"),
        ("2026-03-11T17:00:00", "2026-03-12T09:00:00"),
        ("2026-03-13T17:00:00", "2026-03-16T09:00:00"),  # Friday evening: Monday
        ("2026-03-14T12:00:00", "2026-03-16T09:00:00"),  # Saturday
        ("2026-03-15T23:59:59", "2026-03-16T09:00:00"),  # Sunday night
        ("2026-03-16T00:00:00", "2026-03-16T09:00:00"),
    ],
)
@pytest.mark.parametrize(
    "zone", ["Europe/Rome", "Asia/Kathmandu", "Pacific/Chatham", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"]
)
def test_the_hours_are_those_where_the_person_is(zone, moment, expected):
    assert in_hours(local(moment, zone), zone, 9, 17) == local(expected, zone)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # Clocks go forward in the night to Sunday 29 March 2026: 9 o'clock is an hour earlier in UTC.
        ("2026-03-27T15:59:59", "2026-03-27T15:59:59"),
        ("2026-03-27T16:00:00", "2026-03-30T07:00:00"),
        ("2026-03-30T06:59:59", "2026-03-30T07:00:00"),
        ("2026-03-30T15:00:00", "2026-03-31T07:00:00"),
        # And back in the night to Sunday 25 October.
        ("2026-10-23T15:00:00", "2026-10-26T08:00:00"),
        ("2026-10-26T07:59:59", "2026-10-26T08:00:00"),
    ],
)
def test_the_clock_on_the_wall_counts_when_clocks_are_changed(moment, expected):
    assert in_hours(utc(moment), "Europe/Rome", 9, 17) == utc(expected)


def test_hours_that_a_day_does_not_have_are_no_hours():
    # In Egypt clocks went forward at midnight on Friday 24 April 2026: that day has no hour from 0 to 1.
    assert in_hours(utc("2026-04-23T22:30:00"), "Africa/Cairo", 0, 1) == utc("2026-04-26T21:00:00")


def test_around_the_clock_is_from_midnight_to_midnight():
    assert in_hours(utc("2026-03-13T22:59:59"), "Europe/Rome", 0, 24) == utc("2026-03-13T22:59:59")
    assert in_hours(utc("2026-03-13T23:00:00"), "Europe/Rome", 0, 24) == utc("2026-03-15T23:00:00")


def test_attempts_come_ever_later_and_end_after_three_days():
    waits = []
    while (wait := wait_after(len(waits) + 1)) is not None:
        waits.append(wait)

    minutes = [wait / timedelta(minutes=1) for wait in waits]
    assert minutes[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
    assert set(minutes[9:]) == {360}
    assert sum(waits[:-1], timedelta()) < timedelta(days=3) <= sum(waits, timedelta())
