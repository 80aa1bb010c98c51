"""Calling hours: when people in a place can be called, in UTC, right across the days on which clocks change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from survey.services.calling.cases import Calendar
from survey.services.calling.public_holidays import holiday_on
from survey.services.calling.rules import Rules

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """From `start` up to, not including, `end`, in UTC. occasion: one bit, see `occasion`."""

    start: datetime
    end: datetime
    occasion: int


def occasion(weekday: int, *, afternoon: bool) -> int:
    """A half of a weekday as one bit of a whole number, so that a column can hold a set of them."""
    return 1 << (2 * weekday + afternoon)


def windows(calendar: Calendar, start: datetime, end: datetime, rules: Rules) -> Iterator[Window]:
    """The calling hours there from `start` up to `end`, in order, cut at noon and at both ends.

    Hours are compared in local wall time: a slot that lies in an hour skipped in spring is not there on that day,
    one in the hour that autumn doubles is there twice.
    """
    day, last = calendar.local(start).date(), calendar.local(end).date()
    while day <= last:
        for window in _of_day(calendar, day, rules):
            cut = Window(max(window.start, start), min(window.end, end), window.occasion)
            if cut.start < cut.end:
                yield cut
        day += _DAY


def open_calendars(calendars: Iterable[Calendar], now: datetime, rules: Rules) -> dict[Calendar, int]:
    """Those of these calendars in which people can be called now, each with the occasion it is there."""
    found = (
        (calendar, next(windows(calendar, now, now + timedelta.resolution, rules), None)) for calendar in calendars
    )
    return {calendar: window.occasion for calendar, window in found if window is not None}


def is_working_day(day: date, calendar: Calendar, rules: Rules) -> bool:
    """Whether there are calling hours on that day."""
    weekday = day.weekday()
    return any(slot.weekday == weekday for slot in rules.slots) and not holiday_on(day, calendar.country, calendar.nuts)


def start_of_day(day: date, calendar: Calendar) -> datetime:
    """The first moment of a day there, in UTC, also where its midnight is skipped or comes twice."""
    return datetime.combine(day, time.min, ZoneInfo(calendar.zone)).astimezone(UTC)


@lru_cache(maxsize=8192)
def _of_day(calendar: Calendar, day: date, rules: Rules) -> tuple[Window, ...]:
    if not is_working_day(day, calendar, rules):
        return ()
    zone, weekday = ZoneInfo(calendar.zone), day.weekday()
    parts = (
        (max(slot.start, low), min(slot.end, high), occasion(weekday, afternoon=low == rules.noon))
        for slot in rules.slots
        if slot.weekday == weekday
        for low, high in ((time.min, rules.noon), (rules.noon, time.max))
    )
    return tuple(
        sorted(
            Window(piece_start, piece_end, bit)
            for start, end, bit in parts
            if start < end
            for piece_start, piece_end in _pieces(zone, day, start, end)
        )
    )


def _pieces(zone: ZoneInfo, day: date, start: time, end: time) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of UTC in which the wall time there is from `start` up to `end` on that day."""
    first, last = datetime.combine(day, start), datetime.combine(day, end)
    offsets = {_offset(wall.replace(fold=fold), zone) for wall in (first, last) for fold in (0, 1)}
    for offset in offsets:
        begins, ends = ((wall - offset).replace(tzinfo=UTC) for wall in (first, last))
        yield from _where(offset, begins, ends, zone)


def _where(offset: timedelta, begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The part of a stretch in which this offset holds there. Clocks change at most once within a day."""
    holds_first, holds_last = (
        moment.astimezone(zone).utcoffset() == offset for moment in (begins, ends - timedelta.resolution)
    )
    if holds_first and holds_last:
        yield begins, ends
    elif holds_first or holds_last:
        change = _change(begins, ends, zone)
        yield (begins, change) if holds_first else (change, ends)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the offset becomes another one between two moments, found by halving."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def _offset(wall: datetime, zone: ZoneInfo) -> timedelta:
    found = wall.replace(tzinfo=zone).utcoffset()
    return found if found is not None else timedelta(0)
