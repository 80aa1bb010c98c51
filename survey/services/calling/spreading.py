"""How the attempts at one case are spread over days, weekdays and the halves of the day.

A round is one attempt as the caps count it. A call after a busy signal goes on with the round instead of beginning
another, up to the third: with the day's cap of two and three hours between attempts, ringing again after twenty
minutes would otherwise never be possible.

What "spread" means for the next round:
* the half of the day with fewer rounds so far, either when both have the same;
* a weekday that has not had its share, which is the cap divided by the weekdays wanted (8 / 3: three rounds);
* not before its place in a plan that reaches from the first day to the tenth working day, two rounds on a day:
  days 0, 0, 3, 3, 6, 6, 9, 9.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypeAlias

from survey.services.calling.cases import Attempt, Calendar
from survey.services.calling.outcomes import Next
from survey.services.calling.rules import Rules
from survey.services.calling.windows import is_working_day, occasion, start_of_day

Round: TypeAlias = tuple[Attempt, ...]
_DAY = timedelta(days=1)
EVERY_OCCASION = sum(occasion(weekday, afternoon=half) for weekday in range(7) for half in (False, True))


def rounds(attempts: Sequence[Attempt], rules: Rules) -> list[Round]:
    """The attempts, oldest first, as rounds."""
    found: list[Round] = []
    for attempt in attempts:
        if found and may_ring_again(found[-1], rules):
            found[-1] = (*found[-1], attempt)
        else:
            found.append((attempt,))
    return found


def may_ring_again(last: Round, rules: Rules) -> bool:
    """Whether a round is still open: it ended with a busy signal, and not too often."""
    return last[-1].result.next is Next.BUSY and len(last) < rules.busy_in_a_row


def earliest_by_spread(made: Sequence[Round], calendar: Calendar, rules: Rules) -> datetime:
    """Before this moment the caps, the gap and the plan allow no further round. made: at least one."""
    first, last = (calendar.local(at).date() for at in (made[0][0].at, made[-1][-1].at))
    planned = _working_days_after(first, _planned_day(len(made), rules), calendar, rules)
    today = sum(any(calendar.local(call.at).date() == last for call in one) for one in made)
    next_day = last + _DAY if today >= rules.attempts_a_day else last
    return max(made[-1][-1].at + rules.gap, start_of_day(max(planned, next_day), calendar))


def wanted_occasions(made: Sequence[Round], calendar: Calendar, rules: Rules) -> int:
    """The halves of weekdays in which the next round may be, as bits. A round counts where it began."""
    halves: Counter[bool] = Counter()
    weekdays: Counter[int] = Counter()
    for one in made:
        local = calendar.local(one[0].at)
        halves[local.time() >= rules.noon] += 1
        weekdays[local.weekday()] += 1
    offered = _offered(rules)
    share = -(-rules.attempts // min(rules.weekdays, len({weekday for weekday, _ in offered})))
    fresh = {(weekday, half) for weekday, half in offered if weekdays[weekday] < share}
    fewest = min(halves[half] for _, half in offered)
    balanced = {(weekday, half) for weekday, half in fresh if halves[half] == fewest}
    # Where a half of the day has calling hours on few weekdays, their share may be used up first.
    return sum(occasion(weekday, afternoon=half) for weekday, half in balanced or fresh)


def _offered(rules: Rules) -> set[tuple[int, bool]]:
    """The halves of weekdays in which there are calling hours."""
    return {(slot.weekday, False) for slot in rules.slots if slot.start < rules.noon} | {
        (slot.weekday, True) for slot in rules.slots if slot.end > rules.noon
    }


def _planned_day(number: int, rules: Rules) -> int:
    """How many working days after the first round the next one is planned, `number` rounds having been made."""
    days_of_calls = -(-rules.attempts // rules.attempts_a_day)
    steps = max(days_of_calls - 1, 1)
    return number // rules.attempts_a_day * (rules.working_days - 1) // steps


def _working_days_after(day: date, number: int, calendar: Calendar, rules: Rules) -> date:
    """The day that many working days later. A first call outside the calling hours counts from its own day."""
    while number:
        day += _DAY
        number -= is_working_day(day, calendar, rules)
    return day
