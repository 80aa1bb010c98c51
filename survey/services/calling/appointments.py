"""Appointments as interviewers enter them: a day and a time there become one moment, or a sentence says why not.

Calling hours bind us, not the person: an exact time outside them is taken, with a warning to read out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from survey.services.calling.cases import Calendar, is_zone
from survey.services.calling.public_holidays import holiday_on
from survey.services.calling.rules import Rules
from survey.services.calling.windows import occasion, open_calendars, start_of_day, windows
from survey.services.errors import BadFields, FieldProblem, OfferedTime, UnclearTime

YEARS = range(2000, 2100)  # time zones are known for these


@dataclass(frozen=True, slots=True)
class Resolved:
    """A time that was understood. warnings: sentences that do not stand in the way."""

    at: datetime
    warnings: tuple[str, ...] = ()


def parse(day: str, clock: str) -> datetime:
    """A wall time from the fields `day` (2026-03-29) and `time` (09:30). BadFields with a problem for each."""
    problems: list[FieldProblem] = []
    found_day, found_time = date.min, time.min
    try:
        found_day = parse_day(day)
    except BadFields as error:
        problems.extend(error.problems)
    try:
        found_time = datetime.strptime(clock.strip(), "%H:%M").time()  # noqa: DTZ007 (a wall time has no zone)
    except ValueError:
        problems.append(FieldProblem("time", f"{clock!r} is no time such as 09:30."))
    if problems:
        raise BadFields(problems)
    return datetime.combine(found_day, found_time)


def parse_day(day: str) -> date:
    """A day from the field `day` (2026-03-29). BadFields for what is none, or lies in another century."""
    try:
        found = date.fromisoformat(day.strip())
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        raise BadFields([FieldProblem("day", f"{day!r} is no date such as 2026-03-29.")])
    return found


def resolve(wall: datetime, calendar: Calendar, *, now: datetime, ends_at: datetime, rules: Rules) -> Resolved:
    """The moment of an exact appointment.

    wall: the time there, without a zone. UnclearTime for one that is skipped or comes twice: whoever asks offers the
    moments, and hands the chosen one to `resolve_moment`. BadFields for one that is past, after fieldwork or too far
    ahead.
    """
    moments = moments_of(wall, calendar.zone)
    if len(moments) != 1:
        raise _unclear(wall, calendar.zone)
    return resolve_moment(moments[0], calendar, now=now, ends_at=ends_at, rules=rules)


def resolve_moment(at: datetime, calendar: Calendar, *, now: datetime, ends_at: datetime, rules: Rules) -> Resolved:
    """As `resolve`, for a moment that is known, such as one that was offered."""
    _require_possible(at, calendar, field="time", now=now, ends_at=ends_at, rules=rules)
    return Resolved(at, tuple(_warnings(at, calendar, rules)))


def resolve_half_day(
    day: date,
    half: Literal["morning", "afternoon"],
    calendar: Calendar,
    *,
    now: datetime,
    ends_at: datetime,
    rules: Rules,
) -> Resolved:
    """When a call-back without an exact time is due: as soon as there are calling hours in that half of the day.

    BadFields when there are none then, when that half-day has begun (the exact time is asked for), and as `resolve`.
    """
    midnight, next_midnight = (start_of_day(each, calendar) for each in (day, day + timedelta(days=1)))
    wanted = occasion(day.weekday(), afternoon=half == "afternoon")
    found = [window for window in windows(calendar, midnight, next_midnight, rules) if window.occasion == wanted]
    if not found:
        sentence = f"There are no calling hours in the {half} of {_day(day)}{_because(day, calendar)}."
        raise BadFields([FieldProblem("day", f"{sentence} Please choose another half-day or an exact time.")])
    if found[0].start <= now < found[-1].end:
        raise BadFields([FieldProblem("day", f"The {half} has begun there. Please enter an exact time.")])
    _require_possible(found[0].start, calendar, field="day", now=now, ends_at=ends_at, rules=rules)
    return Resolved(found[0].start)


def moments_of(wall: datetime, zone: str) -> tuple[datetime, ...]:
    """The moments at which clocks there show this time, in UTC: none, one or two, earlier first.

    BadFields for a zone that does not exist.
    """
    if not is_zone(zone):
        raise BadFields([FieldProblem("timezone", f"{zone!r} is no time zone such as Europe/Rome.")])
    folds = {wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in folds if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall))


def in_words(at: datetime, zone: str) -> str:
    """A moment as clocks there show it, with its offset where the same time comes twice."""
    local = at.astimezone(ZoneInfo(zone))
    words = f"{_day(local.date())}, {local:%H:%M}"
    return f"{words} ({_offset(local)})" if len(moments_of(local.replace(tzinfo=None), zone)) > 1 else words


def in_both_zones(at: datetime, theirs: str, ours: str) -> tuple[str, str]:
    """A moment in the respondent's zone and in the interviewer's, each with the name of the zone."""
    return f"{in_words(at, theirs)}, {theirs}", f"{in_words(at, ours)}, {ours}"


def _unclear(wall: datetime, zone: str) -> UnclearTime:
    moments = moments_of(wall, zone)
    when = f"{wall:%H:%M} on {_day(wall.date())} in {zone}"
    if moments:
        offers = [OfferedTime(at, f"{wall:%H:%M} ({_offset(at.astimezone(ZoneInfo(zone)))})") for at in moments]
        sentence = f"{when} comes twice, because clocks go back. Please choose which one is meant."
    else:
        around = sorted(wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
        offers = [OfferedTime(at, f"{at.astimezone(ZoneInfo(zone)):%H:%M}") for at in around]
        sentence = f"{when} does not exist, because clocks go forward. Please choose a time before or after."
    return UnclearTime(FieldProblem("time", sentence), offers)


def _require_possible(
    at: datetime, calendar: Calendar, *, field: str, now: datetime, ends_at: datetime, rules: Rules
) -> None:
    when = in_words(at, calendar.zone)
    if at <= now:
        sentence = f"{when} is past there: it is {in_words(now, calendar.zone)}."
    elif at >= ends_at:
        sentence = f"{when} is after the end of fieldwork, {in_words(ends_at, calendar.zone)}."
    elif at > now + timedelta(weeks=rules.weeks_ahead):
        sentence = f"{when} is more than {rules.weeks_ahead} weeks ahead."
    else:
        return
    raise BadFields([FieldProblem(field, sentence)])


def _warnings(at: datetime, calendar: Calendar, rules: Rules) -> Iterable[str]:
    if not open_calendars([calendar], at, rules):
        day = calendar.local(at).date()
        yield f"{in_words(at, calendar.zone)} is outside the calling hours there{_because(day, calendar)}."


def _because(day: date, calendar: Calendar) -> str:
    """A public holiday as the reason, where it is one."""
    name = holiday_on(day, calendar.country, calendar.nuts)
    return f", a public holiday ({name})" if name else ""


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _offset(local: datetime) -> str:
    return f"UTC{local.isoformat()[-6:]}"
