"""The settings of the call rules, with the method's defaults; a study may change each. Method, section 5.3."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

MONDAY, FRIDAY, SUNDAY = 0, 4, 6


@dataclass(frozen=True, slots=True)
class Slot:
    """Hours of a weekday in which people are called, in their own local time; Monday is 0."""

    weekday: int
    start: time
    end: time

    def __post_init__(self) -> None:
        if not MONDAY <= self.weekday <= SUNDAY:
            raise ValueError(f"there is no weekday {self.weekday}; Monday is 0 and Sunday 6")
        if self.start >= self.end:
            raise ValueError(f"calling hours from {self.start:%H:%M} to {self.end:%H:%M} end before they begin")


# Experts are called at work, so that the evenings and weekends of household surveys do not apply.
OFFICE_HOURS: Final = tuple(
    Slot(weekday, start, end)
    for weekday in range(MONDAY, FRIDAY + 1)
    for start, end in ((time(9), time(12, 30)), (time(13, 30), time(17, 30)))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All that can be set. ValueError for settings under which nobody could ever be called."""

    slots: tuple[Slot, ...] = OFFICE_HOURS
    noon: time = time(13)  # divides the halves of the day

    attempts: int = 8
    attempts_a_day: int = 2
    gap: timedelta = timedelta(hours=3)
    working_days: int = 10  # from the first attempt to the last, both counted
    weekdays: int = 3  # at least so many different ones are tried

    after_no_answer: timedelta = timedelta(minutes=180)
    after_busy: timedelta = timedelta(minutes=20)
    busy_in_a_row: int = 3  # after so many as after no answer
    after_away: timedelta = timedelta(days=7)
    after_link: timedelta = timedelta(days=3)  # as long as until the first reminder
    after_soft_refusal: timedelta = timedelta(days=7)

    message_on: frozenset[int] = frozenset({1, 4})  # attempts on which a message is left
    link_after: int = 2  # attempts after which the link is sent, once

    shown_before: timedelta = timedelta(minutes=10)
    kept_after: timedelta = timedelta(minutes=60)  # so long an appointment outside the calling hours is still called
    after_missed: timedelta = timedelta(minutes=15)
    misses: int = 2  # then the appointment is given up
    weeks_ahead: int = 8  # appointments further ahead are refused

    def __post_init__(self) -> None:
        if not self.slots:
            raise ValueError("there are no calling hours")
        for name in (
            "attempts",
            "attempts_a_day",
            "working_days",
            "weekdays",
            "busy_in_a_row",
            "misses",
            "weeks_ahead",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be 1 or more")
