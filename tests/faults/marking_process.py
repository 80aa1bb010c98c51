"""A worker whose jobs each add a line to a file: `python marking_process.py FILE`.

A line is added only if it is not there yet, so doing a job again is harmless, and doing it twice at the same time is
not: between the look and the line there is time.
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from survey.commands.stopping import told_to_stop
from survey.database import Database
from survey.settings import Settings
from survey.worker import Pace, working
from survey.worker.tasks import Task

# As in use, but twenty times as fast.
PACE = Pace(lease=timedelta(seconds=3), beat=0.75, look=0.5)
PARTS = 4
PART = 0.005  # seconds


def main():
    settings = Settings.from_environment()
    database = Database(settings.database_url, data_dir=settings.data_dir)
    with told_to_stop() as stop, working(settings, database, now=_now, tasks={"mark": Task(_mark)}, pace=PACE):
        print("ready", flush=True)  # noqa: T201
        stop.wait()


def _now():
    return datetime.now(UTC)


def _mark(context):
    file, line = Path(sys.argv[1]), f"{context.arguments['number']}\n"
    is_there = line in file.read_text().splitlines(keepends=True)
    parts = context.arguments.get("parts", PARTS)
    print("computing", flush=True)  # noqa: T201
    for part in range(parts):
        context.progress(part, parts)
        time.sleep(PART)
    if not is_there:
        handle = os.open(file, os.O_WRONLY | os.O_APPEND)
        os.write(handle, line.encode())
        os.close(handle)


main()
