import re
import signal
import sys
import time

import pytest
from processes import get, lines_until

from survey.models import Job, JobState
from survey.services import jobs
from survey.worker import tasks
from survey.worker.tasks import Task

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")


@pytest.fixture
def enqueue(installation, now):
    def add(kind, **more):
        with installation.writing() as session:
            return jobs.enqueue(session, kind, now=now, created_by="command", **more)

    return add


@pytest.fixture
def row(installation):
    def read(job_id):
        with installation.reading() as session:
            return session.get(Job, job_id)

    return read


@pytest.fixture
def with_task(monkeypatch):
    def fail(_context):
        raise ValueError

    monkeypatch.setitem(tasks.TASKS, "note", Task(lambda _context: {"was": "here"}))
    monkeypatch.setitem(tasks.TASKS, "fail", Task(fail))


@pytest.fixture(autouse=True)
def niceness(monkeypatch):
    """What the tests' own process was asked to give way to; a process cannot take it back."""
    asked = []
    monkeypatch.setattr("os.nice", asked.append, raising=False)
    return asked


def test_without_a_database_it_says_how_to_make_one(survey):
    result = survey("worker", "--once")

    assert result.exit_code == 1
    assert "`survey db upgrade` makes one" in result.stderr


def test_once_does_all_that_is_due_gives_way_to_others_and_ends(survey, enqueue, row, with_task, niceness):
    made = [enqueue("note") for _ in range(3)]

    result = survey("worker", "--once")

    assert result.exit_code == 0
    assert "Everything that was due is done" in result.output
    assert {row(job_id).state for job_id in made} == {"done"}
    assert niceness == [10]


@pytest.mark.parametrize(("limit", "exit_code"), [(1, 1), (2, 0)])
def test_once_ends_with_1_where_a_job_failed_for_good(survey, enqueue, with_task, limit, exit_code):
    enqueue("fail", attempts_limit=limit)

    result = survey("worker", "--once")

    assert result.exit_code == exit_code
    assert ("1 jobs failed for good. `survey jobs list` shows them." in result.stderr) == bool(exit_code)


def test_its_lines_name_jobs_and_nothing_else(survey, enqueue, with_task):
    job_id = enqueue("note", arguments={"to": "robin@example.org"})

    result = survey("worker", "--once")

    assert re.search(rf"INFO job {job_id} \(note\) is done after \d+\.\d s", result.stderr)
    assert "robin" not in result.output


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_works_until_it_is_told_to_stop(start, installation, row, number):
    process = start("worker")
    lines_until(process, "Stop with Ctrl-C.")

    process.send_signal(number)
    begun = time.monotonic()
    rest, _ = process.communicate(timeout=15)

    assert (process.returncode, rest.splitlines()[-1]) == (0, "Stopped.")
    assert time.monotonic() - begun < 10


def test_a_wrong_queue_is_told(survey, installation):
    result = survey("worker", "--once", env={"SURVEY_JOBS_URL": "amqp://ada:secret@localhost"})

    assert result.exit_code == 1
    assert "SURVEY_JOBS_URL is not understood" in result.stderr
    assert "secret" not in result.stderr


@posix
@pytest.mark.parametrize(
    ("option", "words", "is_seen"),
    [(None, "are done in this process", True), ("--without-worker", "need `survey worker` beside", False)],
)
def test_a_server_on_sqlite_has_a_worker_unless_it_is_told_otherwise(
    start, installation, enqueue, row, option, words, is_seen
):
    job_id = enqueue("tidy")
    process = start("serve", "--port", 0, *([option] if option else []))
    printed = lines_until(process, "Stop with Ctrl-C.")
    address = re.search(r"http://\S+?(?= at )", printed)[0]

    assert words in printed
    end = time.monotonic() + 15
    while is_seen and row(job_id).state != JobState.DONE:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert f'"seen":{str(is_seen).lower()}' in get(f"{address}/health/ready")[1].replace(" ", "")
    assert row(job_id).state == ("done" if is_seen else "waiting")
    # The server still hears signals: huey's consumer would have taken them.
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0


@posix
@pytest.mark.postgresql
def test_a_server_on_postgresql_leaves_it_to_a_worker(start, postgresql_url, folder):
    process = start("serve", "--port", 0, DATABASE_URL=postgresql_url)

    assert "need `survey worker` beside this process" in lines_until(process, "Stop with Ctrl-C.")
