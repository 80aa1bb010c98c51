"""One worker: how each kind of end of a task is written down, and what it does when told to end."""

import logging
import threading
import time
from datetime import timedelta

import pytest

from survey.database import Busy
from survey.models import JobState
from survey.services import jobs, watching
from survey.services.errors import NotFound
from survey.worker import Pace
from survey.worker.tasks import TASKS, Task

SOON = 10  # seconds; nothing here should take one


def succeed(context):
    context.progress(1, 1)
    return {"sum": context.arguments["a"] + 1}


def test_a_job_is_done_with_its_arguments_and_result(make_runner, enqueue, row):
    job_id = enqueue("add", arguments={"a": 2})
    runner = make_runner({"add": Task(succeed)})

    runner.look()

    job = row(job_id)
    assert (job.state, job.result, job.done, job.total, job.worker) == ("done", {"sum": 3}, 1, 1, runner.name)
    assert runner.failed == 0


def test_a_message_about_a_job_that_is_done_does_nothing(make_runner, enqueue, row):
    calls = []
    runner = make_runner({"note": Task(lambda context: calls.append(context.job_id))})
    job_id = enqueue("note")

    runner.work(job_id)
    runner.work(job_id)

    assert calls == [job_id]


def test_all_that_is_due_is_done_whoever_calls(make_runner, enqueue, row):
    calls = []
    runner = make_runner({"note": Task(lambda context: calls.append(context.job_id))})
    made = [enqueue("note") for _ in range(3)]

    runner.work(made[2])

    assert calls[0] == made[2]
    assert sorted(calls) == sorted(made)


def fails_with(error):
    def fail(_context):
        raise error

    return Task(fail)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NotFound("The study is gone."), "The study is gone."),
        (NotFound("robin@example.org has no account."), "(address) has no account."),
        (Busy(), "Many people are saving at this moment. Please try again."),
        (KeyError("robin@example.org"), "Something unexpected went wrong (KeyError, test_running.py:"),
    ],
)
def test_a_failure_is_a_sentence_that_names_nobody_and_the_worker_goes_on(
    make_runner, enqueue, row, caplog, error, sentence
):
    failing, next_one = enqueue("fail", attempts_limit=1), enqueue("add", arguments={"a": 1})
    runner = make_runner({"fail": fails_with(error), "add": Task(succeed)})

    with caplog.at_level(logging.INFO, "survey.worker"):
        runner.look()

    assert row(failing).error.startswith(sentence)
    assert "robin" not in row(failing).error + caplog.text
    assert (row(failing).state, row(next_one).state) == ("failed", "done")
    assert runner.failed == 1


def test_a_failure_is_tried_again_later_and_only_the_last_one_counts(make_runner, enqueue, row, clock):
    job_id = enqueue("fail", attempts_limit=2)
    runner = make_runner({"fail": fails_with(ValueError())})

    runner.look()
    assert (row(job_id).state, row(job_id).attempts, runner.failed) == ("waiting", 1, 0)
    clock.forward(seconds=30)
    runner.look()

    assert (row(job_id).state, runner.failed) == ("failed", 1)


def test_a_kind_that_the_worker_does_not_know_is_told(make_runner, enqueue, row):
    job_id = enqueue("from_the_future")

    make_runner({}).look()

    assert row(job_id).error == "This worker does not know jobs of the kind from_the_future; is it up to date?"
    assert row(job_id).state == "waiting"


def test_a_result_that_cannot_be_kept_is_a_failure_of_the_task(make_runner, enqueue, row):
    job_id = enqueue("odd", attempts_limit=1)

    make_runner({"odd": Task(lambda _context: {"when": object()})}).look()

    assert row(job_id).state == "failed"
    assert row(job_id).error.startswith("Something unexpected went wrong (TypeError")


class Slow:
    """A task that says when it has begun, and goes on until it is let go."""

    def __init__(self, *, tells=True):
        self.begun, self.go_on, self.ended_by, self.tells = threading.Event(), threading.Event(), None, tells

    def __call__(self, context):
        self.begun.set()
        try:
            while not self.go_on.wait(0.01):
                if self.tells:
                    context.progress(1, 1)
        except BaseException as error:
            self.ended_by = type(error).__name__
            raise

    def wait(self):
        assert self.begun.wait(SOON)


@pytest.fixture
def slow():
    made = Slow()
    yield made
    made.go_on.set()


def test_a_task_that_computes_for_long_keeps_its_lease(make_runner, enqueue, row, database, clock, in_thread):
    """Seen to fail without the thread that renews the lease."""
    slow = Slow(tells=False)
    job_id = enqueue("slow")
    runner = make_runner({"slow": Task(slow)}, pace=Pace(beat=0.02))
    thread = in_thread(runner.look)
    slow.wait()
    clock.forward(seconds=59)

    _until(lambda: row(job_id).leased_until == clock() + timedelta(seconds=60))
    clock.forward(seconds=2)
    with database.writing() as session:
        assert jobs.release_expired(session, now=clock() + timedelta(seconds=50)) == 0

    slow.go_on.set()
    thread.join(SOON)
    assert (row(job_id).state, row(job_id).attempts) == ("done", 1)


def test_a_task_that_was_thought_dead_is_ended_and_writes_nothing(
    make_runner, enqueue, row, database, clock, in_thread, slow
):
    job_id = enqueue("slow")
    thread = in_thread(make_runner({"slow": Task(slow)}).look)
    slow.wait()
    with database.writing() as session:
        later = clock() + timedelta(seconds=60)
        jobs.release_expired(session, now=later)
        other = jobs.claim(session, job_id, worker="other", now=later, lease=timedelta(seconds=60))

    thread.join(SOON)

    assert slow.ended_by == "LeaseLost"
    assert (row(job_id).state, row(job_id).worker, row(job_id).attempts) == ("running", "other", other.attempt)


@pytest.mark.parametrize("tells", [True, False])
def test_a_job_that_is_cancelled_is_ended_where_it_says_how_far_it_is(
    make_runner, enqueue, row, database, clock, in_thread, tells
):
    slow = Slow(tells=tells)
    job_id = enqueue("slow")
    thread = in_thread(make_runner({"slow": Task(slow)}, pace=Pace(beat=0.02)).look)
    slow.wait()
    with database.writing() as session:
        jobs.cancel(session, job_id, by="command", now=clock())
    if not tells:
        # Held until it is over, so that nobody begins the same beside it.
        clock.forward(seconds=59)
        _until(lambda: row(job_id).leased_until == clock() + timedelta(seconds=60))
        slow.go_on.set()
    thread.join(SOON)

    assert row(job_id).state == ("cancelled" if tells else "done")
    assert slow.ended_by == ("Stopped" if tells else None)


def test_a_worker_that_is_told_to_end_lets_a_short_job_finish(make_runner, enqueue, row, in_thread, slow):
    job_id, waiting = enqueue("slow"), enqueue("slow")
    runner = make_runner({"slow": Task(slow)})
    in_thread(runner.look)
    slow.wait()
    end = in_thread(runner.end, SOON)
    slow.go_on.set()
    end.join(SOON)

    assert {row(job_id).state, row(waiting).state} == {"done", "waiting"}


@pytest.mark.parametrize("tells", [True, False])
def test_a_worker_that_is_told_to_end_gives_a_long_job_back(make_runner, enqueue, row, in_thread, tells):
    slow = Slow(tells=tells)
    job_id = enqueue("slow", attempts_limit=1)
    runner = make_runner({"slow": Task(slow)})
    in_thread(runner.look)
    slow.wait()
    begun = time.monotonic()
    runner.end(1)

    assert time.monotonic() - begun < 2
    assert (row(job_id).state, row(job_id).attempts) == ("waiting", 0)
    slow.go_on.set()
    assert slow.ended_by == ("Ending" if tells else None)


def test_what_a_task_says_after_its_job_was_given_back_is_not_written(make_runner, enqueue, row, in_thread):
    slow = Slow(tells=False)
    job_id = enqueue("slow")
    runner = make_runner({"slow": Task(slow)})
    thread = in_thread(runner.look)
    slow.wait()
    runner.end(0.1)
    slow.go_on.set()
    thread.join(SOON)

    assert row(job_id).state == "waiting"


def test_an_end_that_cannot_be_written_is_written_when_the_database_is_back(
    make_runner, enqueue, row, database, monkeypatch
):
    """Seen to fail with one try: the job stayed in hand until its lease was over."""
    job_id = enqueue("add", arguments={"a": 1})
    monkeypatch.setattr("survey.worker.running.PAUSE", 0.01)
    finish, calls = jobs.finish, []

    def away_twice(*arguments, **more):
        calls.append(1)
        if len(calls) < 3:
            raise Busy
        return finish(*arguments, **more)

    monkeypatch.setattr(jobs, "finish", away_twice)
    make_runner({"add": Task(lambda _context: None)}).work(job_id)

    assert row(job_id).state == JobState.DONE


def test_looking_takes_up_what_a_dead_worker_left(make_runner, enqueue, row, database, clock):
    job_id = enqueue("add", arguments={"a": 1})
    with database.writing() as session:
        jobs.claim(session, job_id, worker="dead", now=clock(), lease=timedelta(seconds=60))
    runner = make_runner({"add": Task(succeed)})

    runner.look()
    assert row(job_id).worker == "dead"
    clock.forward(seconds=60)
    runner.look()

    assert (row(job_id).state, row(job_id).attempts) == ("done", 2)


def test_what_is_done_again_and_again_needs_nobody_to_ask(make_runner, clock):
    calls = []
    runner = make_runner({"note": Task(lambda _context: calls.append(clock()), every=timedelta(minutes=5))})
    for _ in range(11):
        runner.look()
        clock.forward(minutes=1)

    assert [(call - calls[0]).total_seconds() / 60 for call in calls] == [0, 5, 10]


def test_a_worker_is_seen_for_two_minutes(make_runner, database, clock):
    def seen(after):
        with database.reading() as session:
            return watching.is_worker_seen(session, now=clock() + after)

    assert not seen(timedelta(0))
    make_runner({}).look()

    assert [seen(timedelta(seconds=seconds)) for seconds in (0, 119, 120, 121)] == [True, True, False, False]
    clock.forward(minutes=1)
    make_runner({}).look()
    assert seen(timedelta(seconds=119))


def test_a_worker_is_seen_while_it_computes(make_runner, enqueue, database, clock, in_thread):
    slow = Slow(tells=False)
    enqueue("slow")
    in_thread(make_runner({"slow": Task(slow)}, pace=Pace(beat=0.02)).look)
    slow.wait()
    clock.forward(minutes=30)

    def seen():
        with database.reading() as session:
            return watching.is_worker_seen(session, now=clock())

    _until(seen)
    slow.go_on.set()


def test_what_is_planned_comes_again_within_a_day_because_jobs_are_forgotten_then():
    assert all(task.every is None or task.every <= jobs.KEPT for task in TASKS.values())


def _until(holds):
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)
