"""Who may get a mail, and from when. Pure: everything that decides comes in, the time too."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from survey.models import InterviewState, MailKind, StudyState
from survey.services.inviting import end_of

# Nobody is reminded of what they have in hand.
QUIET_AFTER_AN_ANSWER: Final = timedelta(hours=24)
# A reminder that leaves less than this to answer would only annoy.
QUIET_BEFORE_THE_END: Final = timedelta(days=1)
ASKED_A_DAY: Final = 3
# Colleagues may share an address; nobody's mailbox is to be filled by what others ask for.
ASKED_A_DAY_OF_AN_ADDRESS: Final = 12
DAY: Final = timedelta(days=1)
# Attempts after a failure that may pass: a minute later, then twice as long each time.
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)
GIVE_UP_AFTER: Final = timedelta(days=3)
SATURDAY: Final = 5


class Why(StrEnum):
    """Why somebody gets no mail, in words for leads."""

    NO_ADDRESS = "no e-mail address is known"
    OPTED_OUT = "does not want to be contacted"
    BOUNCED = "no mail reaches the address"
    SUBMITTED = "has finished"
    DECLINED = "has refused to take part"
    WITHDRAWN = "has withdrawn consent"
    BEGUN = "has begun already"
    NOT_OPEN = "the study is not open yet"
    CLOSED = "the study is closed"
    INVITED = "was invited by mail already"
    NOT_INVITED = "was not invited by mail"
    WAITING = "a mail is on its way already"
    ENOUGH = "got all the reminders that the study sends"
    TOO_LATE = "the study closes too soon after the next possible moment"


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides about the mails of one person."""

    # The study's rules.
    study_state: StudyState
    closes_on: date | None
    gap_days: int
    reminders_limit: int
    from_hour: int
    until_hour: int
    # The person.
    timezone: str = "UTC"
    has_address: bool = True
    opted_out: bool = False
    bounced: bool = False
    interview: InterviewState | None = None
    last_answer_at: datetime | None = None
    # Mails to them. Given to the mail server, whether the server said yes or nothing.
    invited: bool = False
    last_mail_at: datetime | None = None
    # The highest number of a reminder, sent or not.
    reminders: int = 0
    # An invitation or reminder that waits or is being sent.
    is_waiting: bool = False
    has_invitation: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """due: from when all rules but the hours allow it; at: the first moment within the hours; or why not at all."""

    due: datetime | None = None
    at: datetime | None = None
    why: Why | None = None


def decide(standing: Standing, kind: MailKind, *, now: datetime) -> Decision:
    """Whether a new mail of this kind may be queued for a person, and for when."""
    why = why_never(standing, kind, now=now) or _why_not_again(standing, kind)
    return Decision(why=why) if why is not None else when(standing, kind, now=now)


def when(standing: Standing, kind: MailKind, *, now: datetime) -> Decision:
    """From when a mail that nothing forbids may be sent; a reminder may come too late for ever."""
    if kind is MailKind.RESUME:
        return Decision(due=now, at=now)
    due = now
    if kind is MailKind.REMINDER:
        if standing.last_mail_at is not None:
            due = max(due, standing.last_mail_at + timedelta(days=standing.gap_days))
        if standing.last_answer_at is not None:
            due = max(due, standing.last_answer_at + QUIET_AFTER_AN_ANSWER)
    at = in_hours(due, standing.timezone, standing.from_hour, standing.until_hour)
    if standing.closes_on is not None:
        end = end_of(standing.closes_on)
        if at >= end or (kind is MailKind.REMINDER and at > end - QUIET_BEFORE_THE_END):
            return Decision(why=Why.TOO_LATE)
    return Decision(due=due, at=at)


def why_never(standing: Standing, kind: MailKind, *, now: datetime) -> Why | None:
    """What takes the reason for a mail away, before it is queued and again right before it is sent."""
    if standing.study_state is StudyState.DRAFT:
        return Why.NOT_OPEN
    if standing.study_state is StudyState.CLOSED or (
        standing.closes_on is not None and now >= end_of(standing.closes_on)
    ):
        return Why.CLOSED
    if standing.interview in _OVER and (kind, standing.interview) != (MailKind.RESUME, InterviewState.SUBMITTED):
        return _OVER[standing.interview]
    # Who asks for the link wants this one mail, whatever they said about others.
    if standing.opted_out and kind is not MailKind.RESUME:
        return Why.OPTED_OUT
    if not standing.has_address:
        return Why.NO_ADDRESS
    if standing.bounced:
        return Why.BOUNCED
    return None


def in_hours(moment: datetime, zone: str, from_hour: int, until_hour: int) -> datetime:
    """The moment itself if it lies within the hours of a working day where the person is, else the next that does."""
    place = ZoneInfo(zone)
    day = moment.astimezone(place).date()
    while True:
        opens = datetime.combine(day, time(from_hour), place).astimezone(UTC)
        closes = (
            datetime.combine(day + DAY, time(), place)
            if until_hour == 24  # noqa: PLR2004 (hours of a day)
            else datetime.combine(day, time(until_hour), place)
        ).astimezone(UTC)
        start = max(moment, opens)
        if is_working_day(day) and start < closes:
            return start
        day += DAY


def is_working_day(day: date) -> bool:
    """The one place that knows days; public holidays belong here."""
    return day.weekday() < SATURDAY


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None: give up."""
    waits = [min(FIRST_WAIT * 2**number, LONGEST_WAIT) for number in range(attempts)]
    return None if sum(waits[:-1], timedelta()) >= GIVE_UP_AFTER else waits[-1]


def _why_not_again(standing: Standing, kind: MailKind) -> Why | None:
    if kind is MailKind.INVITATION:
        if standing.has_invitation:
            return Why.INVITED
        return Why.BEGUN if standing.interview is InterviewState.STARTED else None
    if kind is MailKind.REMINDER:
        if standing.is_waiting:
            return Why.WAITING
        if not standing.invited:
            return Why.NOT_INVITED
        return Why.ENOUGH if standing.reminders >= standing.reminders_limit else None
    return None


_OVER: Final = {
    InterviewState.SUBMITTED: Why.SUBMITTED,
    InterviewState.DECLINED: Why.DECLINED,
    InterviewState.WITHDRAWN: Why.WITHDRAWN,
}
