"""What the call rules have to know of a case: where it is, what came of each call, what was agreed on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from survey.services.calling.outcomes import OUTCOMES, Outcome


@dataclass(frozen=True, slots=True, order=True)
class Calendar:
    """Where a respondent is, as far as hours and public holidays go. A study has few of these and many cases.

    zone: an IANA name; ValueError for another one. country: ISO 3166. nuts: the region's code, "" if not known.
    """

    zone: str
    country: str
    nuts: str = ""

    def __post_init__(self) -> None:
        if not is_zone(self.zone):
            raise ValueError(f"{self.zone!r} is no time zone such as Europe/Rome.")

    def local(self, moment: datetime) -> datetime:
        """The wall time there."""
        return moment.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call. at: when its outcome was recorded, from which delays count. by: the interviewer."""

    at: datetime
    outcome: str
    by: str = ""

    @property
    def result(self) -> Outcome:
        return OUTCOMES[self.outcome]


class Kind(StrEnum):
    EXACT = "exact"
    HALF_DAY = "half_day"  # in the morning, in the afternoon


@dataclass(frozen=True, slots=True)
class Appointment:
    """When the person asked to be called. at: the time, or the start of the half-day. with_: whom they would prefer."""

    kind: Kind
    at: datetime
    made_at: datetime
    with_: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything about one case that decides when it may be called. All times are aware UTC.

    attempts: oldest first. appointment: the newest. released_at: when a lead last let a case go on that waited for
    one. finished: submitted, withdrawn or closed, in whatever mode. asked_for_call_at: when the person stopped on the
    web and agreed to be called.
    """

    calendar: Calendar
    ends_at: datetime
    attempts: tuple[Attempt, ...] = ()
    appointment: Appointment | None = None
    released_at: datetime | None = None
    asked_for_call_at: datetime | None = None
    held: bool = False
    opted_out: bool = False
    finished: bool = False


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether this is the IANA name of a time zone."""
    return name in _zones()
