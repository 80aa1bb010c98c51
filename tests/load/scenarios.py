"""The loads that an installation has to bear: steady ones, the highest, too much, and beside work that takes long."""

import asyncio
import os
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from open_loop import Figures, OpenLoop, Rates, quantile
from respondents import STUDY
from running import machine_load

from survey.models import Role
from survey.services import accounts

STEADY = Rates(saves=50, pages=20)
LARGE = Rates(saves=100, pages=40)
# A page stays open for twelve seconds between two answers and asks for news every four.
WITH_NEWS = Rates(saves=50, pages=20, news=150)
SLOWEST = 1.0  # seconds; what takes longer at the highest rate is too slow
NORMAL = 0.3
PAGES_PER_SAVE = 0.4
FIRST_TRY, STEP, LEAST = 100, 1.25, 25
PAUSE = 3.0
DASHBOARD_EVERY = 2.0


@dataclass(slots=True)
class Outcome:
    """One scenario: what was asked, what came, and what else was seen."""

    name: str
    run: object
    load_before: str
    cpu: float
    notes: list[str] = field(default_factory=list)

    def row(self):
        """A line of the table in RESULTS.md; times in milliseconds."""
        run, saves, pages = self.run, self.run.saves, self.run.pages
        errors = sum(sum(each.errors.values()) for each in (saves, pages, run.news))
        refused = sum(len(each.refusals) for each in (saves, pages, run.news))
        asked = f"{run.rates.saves:g} + {run.rates.pages:g}" + (f" + {run.rates.news:g}" if run.rates.news else "")
        times = [saves.quantile(share) for share in (0.5, 0.95, 0.99, 1)]
        times += [pages.quantile(share) for share in (0.95, 0.99)]
        cells = [
            self.name,
            asked,
            f"{run.seconds:g}",
            f"{run.goodput:.1f}",
            *(f"{each:.0f}" for each in times),
            str(errors),
            str(refused),
            f"{100 * self.cpu / run.seconds:.0f} %",
            f"{quantile(run.lateness, 0.99):.0f}",
            self.load_before,
            " ".join(self.notes),
        ]
        return f"| {' | '.join(cells)} |"


HEADER = """\
| load | saves + pages + news a second | seconds | saved/s | p50 | p95 | p99 | max | page p95 | page p99 | errors \
| 503 | server CPU | client late p99 | load before (1, 5 min) | |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"""


@dataclass(slots=True)
class Field:
    """An installation that runs, and the people at it."""

    served: object
    connections: object
    respondents: list
    database: object
    url: str | None

    async def steady(self, name, rates, seconds, *, is_patient=True):
        """The same load all the time."""
        load, before = machine_load(), self.served.cpu_seconds()
        loop = OpenLoop(self.connections, self.respondents, is_patient=is_patient)
        run = await loop.run(rates, seconds)
        errors = {**run.saves.errors, **run.pages.errors, **run.news.errors}
        notes = [f"errors: {errors}"] if errors else []
        if rates.news:
            notes.append(f"news p50 {run.news.quantile(0.5):.0f}, p99 {run.news.quantile(0.99):.0f} ms.")
        return Outcome(name, run, load, self.served.cpu_seconds() - before, notes)

    async def highest(self, seconds):
        """The highest rate of saves, with pages, at which the slowest hundredth takes a second and nothing fails.

        A save that was refused for the moment counts with the time until it was saved, a page as one too slow.
        """
        borne, too_much, rate, best = 0, None, FIRST_TRY, None
        while too_much is None or too_much > 1.1 * borne:
            outcome = await self.steady("L3", Rates(rate, PAGES_PER_SAVE * rate), seconds)
            print(outcome.row(), flush=True)
            if is_borne(outcome.run):
                borne, best = rate, outcome
            else:
                too_much = rate
            if too_much == LEAST:
                return outcome
            rate = round(STEP * borne if too_much is None else max((borne * too_much) ** 0.5, too_much / 2))
            await asyncio.sleep(PAUSE)
        return best

    async def flood(self, rate, seconds):
        """Three times what can be borne, then the steady load: what is answered in time, and when all is well again."""
        outcome = await self.steady("L4", Rates(3 * rate, 3 * rate * PAGES_PER_SAVE), seconds, is_patient=False)
        run = outcome.run
        answers = [*run.saves.latencies, *run.saves.refusals, *run.pages.latencies, *run.pages.refusals]
        in_time = sum(each <= SLOWEST for each in answers) / max(len(answers), 1)
        after = await self.steady("after L4", STEADY, max(seconds, 30))
        slow = [
            moment
            for moment, latency in zip(after.run.saves.moments, after.run.saves.latencies, strict=True)
            if latency > NORMAL
        ]
        outcome.notes += [
            f"{100 * in_time:.1f} % answered within {SLOWEST:g} s (p99 {quantile(answers, 0.99):.0f} ms);",
            f"goodput {100 * run.goodput / rate:.0f} % of L3;",
            f"normal {max(slow, default=0):.1f} s after.",
        ]
        return outcome, after

    async def beside(self, name, seconds, work, *, rates=STEADY):
        """The steady load while something else is done. work: gives what is to be said about it."""

        async def later():
            await asyncio.sleep(2)
            start = time.perf_counter()
            said = await work()
            return f"{said} ({time.perf_counter() - start:.1f} s)."

        outcome, said = await asyncio.gather(self.steady(name, rates, seconds), later())
        outcome.notes.append(said)
        return outcome

    def as_lead(self):
        """The header of somebody who may see and download the results."""
        now = datetime.now(UTC)
        passwords = accounts.Passwords(time_cost=1, memory_kib=8)
        with self.database.writing() as session:
            person = accounts.add_person(
                session,
                email=f"lead-{time.time_ns()}@example.org",
                name="Lea Lead",
                password="a long enough password",
                role=Role.LEAD,
                study_key=STUDY,
                now=now,
                passwords=passwords,
            )
            token = accounts.open_staff_session(session, accounts.Recognised(person.id, None), now=now)
        return f"Cookie: sid={token}\r\n"

    async def workbook(self):
        """A lead downloads the whole workbook from the server that also takes the answers."""
        answer = await self.connections.ask("GET", "/studies/load/workbook.xlsx", self.as_lead(), longest=300)
        return f"workbook by the page: {answer.status}, {len(answer.body) / 1e6:.1f} MB"

    async def export(self):
        """`survey export` in a process of its own."""
        file = self.served.folder / "load.xlsx"
        options = ("--study", "load", "--edition", "internal", "--format", "xlsx", "--output", file)
        _, memory = await self._command(*self.served.command("export", *options))
        return f"survey export: {file.stat().st_size / 1e6:.1f} MB, at most {memory / 1e6:.0f} MB of memory"

    async def backup(self):
        """`survey backup` in a process of its own."""
        file = self.served.folder / "load.backup"
        await self._command(*self.served.command("backup", file))
        return f"survey backup: {file.stat().st_size / 1e6:.0f} MB"

    async def dashboard(self, seconds):
        """Somebody looks at the results again and again, of the steady load and beside it."""
        header, figures = self.as_lead(), Figures("results")

        async def look():
            until = time.perf_counter() + seconds - 2
            while (start := time.perf_counter()) < until:
                answer = await self.connections.ask("GET", "/studies/load/results", header, longest=120)
                figures.latencies.append(time.perf_counter() - start)
                if answer.status != 200:
                    figures.errors[str(answer.status)] += 1
                await asyncio.sleep(max(DASHBOARD_EVERY - (time.perf_counter() - start), 0))
            times = ", ".join(f"{name} {figures.quantile(share):.0f}" for name, share in SHARES)
            return f"results page {len(figures.latencies)} times: {times} ms, errors {sum(figures.errors.values())}"

        return look

    async def _command(self, *command):
        """Run a command to its end; gives what it printed and the most memory that it had."""
        process = await asyncio.create_subprocess_exec(*command, env=self.served.environ, stdout=subprocess.PIPE)
        pid, memory = process.pid, 0

        async def watch():
            nonlocal memory
            while True:
                memory = max(memory, memory_of(pid))
                await asyncio.sleep(0.05)

        watching = asyncio.create_task(watch())
        printed, _ = await process.communicate()
        watching.cancel()
        assert process.returncode == 0, printed
        return printed, memory


def is_borne(run):
    """Whether a load was no more than can be done."""
    has_failed = any(each.errors for each in (run.saves, run.pages, run.news))
    late = sum(each > SLOWEST for each in run.pages.latencies) + len(run.pages.refusals)
    return (
        not has_failed and run.saves.quantile(0.99) <= 1000 * SLOWEST and late <= 0.01 * run.rates.pages * run.seconds
    )


def memory_of(pid):
    """What a process has in memory now, in bytes; 0 when it has ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


SHARES = (("p50", 0.5), ("p95", 0.95), ("max", 1))
