"""Open-loop load: requests are sent when they are due, whether or not the ones before were answered.

A latency counts from the moment a request was due, so that a stall is felt by all who come meanwhile. A client that
waits for its answer before it asks again would hide it.
"""

import asyncio
import json
import math
import time
from collections import Counter, deque
from dataclasses import dataclass, field

# What a page does when a save fails: again, with the same number, until it is known.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 8.0
GIVEN_UP_AFTER = 60.0


@dataclass(slots=True)
class Figures:
    """What one kind of request saw. latencies: in seconds, of what was answered as it should be."""

    name: str
    latencies: list[float] = field(default_factory=list)
    # When each of them was answered, in seconds since the load began.
    moments: list[float] = field(default_factory=list)
    # Refused with 503 and Retry-After, and how long that took.
    refusals: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def quantile(self, share):
        """In milliseconds; nan when nothing was answered."""
        return quantile(self.latencies, share)


def quantile(values, share):
    """The value, in milliseconds, that this share of them does not exceed; nan of none."""
    ordered = sorted(values)
    return 1000 * ordered[math.ceil(share * len(ordered)) - 1] if ordered else math.nan


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests per second. news: what open pages ask, one in four seconds each."""

    saves: float
    pages: float
    news: float = 0


@dataclass(slots=True)
class Run:
    """One load and what came of it. lateness: how late the client itself was, in seconds."""

    rates: Rates
    seconds: float
    saves: Figures = field(default_factory=lambda: Figures("saves"))
    pages: Figures = field(default_factory=lambda: Figures("pages"))
    news: Figures = field(default_factory=lambda: Figures("news"))
    lateness: list[float] = field(default_factory=list)

    @property
    def goodput(self):
        """Saves per second that were acknowledged."""
        return len(self.saves.latencies) / self.seconds


class OpenLoop:
    """Sends what respondents do at constant rates.

    is_patient: whether a save that was refused for the moment is sent again. An overload is measured without it:
    those who come again would be a second load.
    """

    def __init__(self, connections, respondents, *, is_patient=True):
        self._connections = connections
        self._all = respondents
        # Who waited longest answers next, and nobody has two saves on the way.
        self._idle = deque(respondents)
        self._reading = 0
        self.is_patient = is_patient
        self._began = 0.0

    async def run(self, rates, seconds):
        run = Run(rates, seconds)
        self._began = time.perf_counter() + 0.1
        await asyncio.gather(
            self._constantly(rates.saves, run, self._save),
            self._constantly(rates.pages, run, self._page),
            self._constantly(rates.news, run, self._news),
        )
        return run

    async def _constantly(self, rate, run, act):
        async with asyncio.TaskGroup() as tasks:
            for number in range(round(rate * run.seconds)):
                due = self._began + number / rate
                wait = due - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                run.lateness.append(max(time.perf_counter() - due, 0))
                tasks.create_task(act(run, due))

    async def _save(self, run, due):
        if not self._idle:
            run.saves.errors["no respondent was free"] += 1
            return
        respondent = self._idle.popleft()
        given = respondent.next_answer()
        body, pause = respondent.body(given), FIRST_PAUSE
        was_sent_in_vain = False
        while time.perf_counter() - due < GIVEN_UP_AFTER:
            try:
                answer = await self._connections.ask("POST", f"{respondent.address}/answers", respondent.headers, body)
            except (OSError, TimeoutError) as error:
                run.saves.errors[type(error).__name__] += 1
                was_sent_in_vain = True
            else:
                if answer.status == 200:
                    self._answered(run.saves, due)
                    respondent.saved(given, json.loads(answer.body)["revision"])
                    self._idle.append(respondent)
                    return
                if answer.status != 503 or answer.header("Retry-After") is None:
                    run.saves.errors[f"{answer.status} {answer.body[:200].decode()}"] += 1
                    break
                run.saves.refusals.append(time.perf_counter() - due)
                if not self.is_patient and not was_sent_in_vain:
                    respondent.refused.append(given)
                    self._idle.append(respondent)
                    return
                pause = float(answer.header("Retry-After"))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        # Whoever does not know whether an answer was saved gives no others, so that what follows can be checked.
        respondent.unknown.append(given)

    async def _page(self, run, due):
        respondent = self._next_reader()
        await self._get(run.pages, due, respondent, respondent.page(), 200)

    async def _news(self, run, due):
        respondent = self._next_reader()
        await self._get(run.news, due, respondent, respondent.news(), 204)

    def _next_reader(self):
        self._reading = (self._reading + 1) % len(self._all)
        return self._all[self._reading]

    async def _get(self, figures, due, respondent, path, wanted):
        try:
            answer = await self._connections.ask("GET", path, respondent.headers)
        except (OSError, TimeoutError) as error:
            figures.errors[type(error).__name__] += 1
            return
        if answer.status == 503 and answer.header("Retry-After"):
            figures.refusals.append(time.perf_counter() - due)
        elif answer.status in {wanted, 200}:
            # A save that is on its way is news as well.
            self._answered(figures, due)
        else:
            figures.errors[str(answer.status)] += 1

    def _answered(self, figures, due):
        now = time.perf_counter()
        figures.latencies.append(now - due)
        figures.moments.append(now - self._began)
