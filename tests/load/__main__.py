"""Load on a real `survey serve`: `make load`. Afterwards every acknowledged answer is looked for in the database.

Run: python tests/load --saves 50 --pages 20 --minutes 1 --database sqlite --answers 1000000
     python tests/load --scenarios L1 L2 L3 --seconds 60 --record

Ends with 1 when an acknowledged answer is lost or was written twice. Figures pass or fail nothing: they belong to the
machine and to what else it does, which is printed beside them.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from open_loop import Rates
from prepared import PEOPLE, people_in, prepared
from respondents import let_in
from running import machine_load, serving, wait_until_calm
from scenarios import HEADER, LARGE, STEADY, WITH_NEWS, Field
from verifying import verify
from wire import Connections

from survey.database import Database

RESULTS = Path(__file__).with_name("RESULTS.md")
ALL = ("L1", "L1-news", "L2", "L3", "L4", "L5", "L5-command", "L6", "L9")
# People at open pages for each save a second: one answer every twelve seconds.
PEOPLE_PER_SAVE = 12


def options():
    parser = argparse.ArgumentParser(prog="python tests/load", description=__doc__.partition("\n")[0])
    parser.add_argument("--saves", type=float, help="saves per second; without --scenarios")
    parser.add_argument("--pages", type=float, default=0, help="pages per second")
    parser.add_argument("--news", type=float, default=0, help="questions for news per second")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--scenarios", nargs="+", choices=ALL, default=[])
    parser.add_argument("--seconds", type=float, default=60, help="of each scenario")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--answers", type=int, default=1_000_000, help="in the database before the load")
    parser.add_argument("--people", type=int, help="with an open page; by default one for every answer in 12 seconds")
    parser.add_argument("--highest", type=float, default=100, help="saves per second that L4 triples, without L3")
    parser.add_argument("--calm", type=float, default=1.0, help="wait a while for a load average not above this")
    parser.add_argument("--patience", type=float, default=0, help="seconds to wait for it")
    parser.add_argument("--record", action="store_true", help=f"append the table to {RESULTS.name}")
    parser.add_argument("--serve", nargs="*", default=[], help="options for `survey serve`, as threads=4")
    return parser.parse_args()


def main():
    asked = options()
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(files, min(most, 8192)), most))
    with tempfile.TemporaryDirectory(prefix="survey-load-") as name:
        folder = Path(name)
        with prepared(asked.database, asked.answers, folder) as url:
            database = Database(url, data_dir=folder)
            try:
                truth = measured(asked, folder, url, database)
            finally:
                database.dispose()
    return 0 if truth.holds else 1


def measured(asked, folder, url, database):
    respondents = let_in(database, people_in(asked.answers)[: asked.people or people(asked)])
    wait_until_calm(asked.calm, asked.patience)
    extra = [part for option in asked.serve for part in (f"--{option.partition('=')[0]}", option.partition("=")[2])]
    with serving(folder, url, *extra) as served:
        lines = [*heading(asked, folder, url, database, len(respondents)), HEADER]
        print(*lines, sep="\n", flush=True)
        field = Field(served, Connections(served.port), respondents, database, url)
        rows = asyncio.run(loaded(asked, field))
        lines += rows
        truth = verify(database, respondents)
        end = ["", ending(truth, served, field, url), ""]
    print(*end, sep="\n", flush=True)
    if asked.record:
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *lines, *end]))
    return truth


def ending(truth, served, field, url):
    journal = f", -wal at most {served.largest_wal / 1e6:.1f} MB" if url is None else ""
    return (
        f"Acknowledged {truth.acknowledged:,} answers: lost {truth.lost}, twice {truth.twice}, written though refused "
        f"{truth.forbidden}, outcome unknown {truth.unknown}. Server: at most {served.largest_memory() / 1e6:.0f} MB "
        f"of memory{journal}, {field.connections.opened} connections. Load average after: {machine_load()}."
    )


async def loaded(asked, field):
    for respondent in field.respondents:
        await respondent.open(field.connections)
    # What is compiled and read for the first time belongs to no figure.
    await field.steady("first", STEADY, 5)
    rows = []

    def note(*outcomes):
        rows.extend(outcome.row() for outcome in outcomes)
        print(*rows[-len(outcomes) :], sep="\n", flush=True)

    if asked.saves:
        note(await field.steady("own", Rates(asked.saves, asked.pages, asked.news), 60 * asked.minutes))
    best = None
    for scenario in asked.scenarios:
        if scenario in {"L1", "L2", "L1-news"}:
            rates = {"L1": STEADY, "L2": LARGE, "L1-news": WITH_NEWS}[scenario]
            note(await field.steady(scenario, rates, asked.seconds))
        elif scenario == "L3":
            best = await field.highest(asked.seconds / 3)
            note(best)
        elif scenario == "L4":
            rate = best.run.rates.saves if best else asked.highest
            note(*await field.flood(rate, asked.seconds))
        else:
            work = {
                "L5": field.workbook,
                "L5-command": field.export,
                "L6": field.backup,
                "L9": await field.dashboard(asked.seconds),
            }[scenario]
            note(await field.beside(scenario, asked.seconds, work))
        await asyncio.sleep(2)
    field.connections.close()
    return rows


def heading(asked, folder, url, database, number):
    git = ["git", "-C", str(RESULTS.parent)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True).stdout
    if url is None:
        size = (folder / "survey.db").stat().st_size
    else:
        with database.engine.connect() as connection:
            size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()
    program = f"Commit {commit.strip()}{' with changes' if changed else ''}"
    served = " ".join(asked.serve) or "settings as shipped"
    return [
        f"## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {asked.database}, {asked.answers:,} answers",
        "",
        (
            f"{program}, {os.cpu_count()} cores shared with the client, database {size / 1e6:.0f} MB, {number} people "
            f"at open pages, {served}. Times in milliseconds."
        ),
        "",
    ]


def people(asked):
    saves = [asked.saves or 0, *({"L2": 100, "L3": 200, "L4": 600}.get(each, 50) for each in asked.scenarios)]
    return min(max(round(PEOPLE_PER_SAVE * max(saves)), 100), PEOPLE)


if __name__ == "__main__":
    sys.exit(main())
