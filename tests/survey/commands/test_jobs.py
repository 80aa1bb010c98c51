import uuid
from datetime import UTC, datetime, timedelta

import pytest

from survey.commands.jobs import in_short
from survey.models import Job
from survey.services import jobs

LEASE = timedelta(seconds=60)


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def make(installation, now):
    """A job in a state."""

    def add(state="waiting", **more):
        with installation.writing() as session:
            job_id = jobs.enqueue(session, "send", now=now, created_by="command", attempts_limit=1, **more)
            held = jobs.claim(session, job_id, worker="w", now=now, lease=LEASE) if state != "waiting" else None
            if state == "running":
                jobs.beat(session, held, now=now, lease=LEASE, done=3, total=8)
            elif state == "failed":
                jobs.fail(session, held, now=now, error="The mail server does not answer.")
            elif state == "done":
                jobs.finish(session, held, now=now, result={"sent": 8})
        return job_id

    return add


@pytest.fixture
def state(installation):
    def read(job_id):
        with installation.reading() as session:
            return session.get(Job, job_id).state

    return read


def test_without_jobs_the_list_says_so(survey, installation):
    assert survey("jobs", "list").output == "There are no jobs.\n"
    assert survey("jobs", "list", "--state", "failed").output == "There are no such jobs.\n"


def test_the_list_has_a_line_for_each(survey, make):
    running, failed = make("running"), make("failed")
    lines = {line.split()[0]: line.split(maxsplit=6)[1:] for line in survey("jobs", "list").output.splitlines()}

    assert lines["job"] == ["kind", "state", "progress", "attempts", "age", "error"]
    assert lines[str(running)][:4] == ["send", "running", "3/8", "1/1"]
    assert lines[str(failed)][:4] == ["send", "failed", "-", "1/1"]
    assert lines[str(failed)][5] == "The mail server does not answer."


def test_the_list_can_be_of_one_state_and_short(survey, make):
    failed = [make("failed") for _ in range(3)]
    make("done")

    output = survey("jobs", "list", "--state", "failed", "--limit", 2).output
    assert sum(str(job_id) in output for job_id in failed) == 2
    assert "done" not in output


def test_everything_about_a_job(survey, make):
    output = survey("jobs", "show", make("done", arguments={"study": "alps"})).output

    assert "state         done" in output
    assert 'arguments     {"study": "alps"}' in output
    assert 'result        {"sent": 8}' in output
    assert "error         -" in output


def test_a_waiting_job_is_cancelled_a_running_one_is_told_to_stop(survey, make, state):
    waiting, running = make(), make("running")

    assert survey("jobs", "cancel", waiting).output == "It will not be done.\n"
    assert survey("jobs", "cancel", running).output == "It is running, and its worker is told to stop.\n"
    assert (state(waiting), state(running)) == ("cancelled", "running")


def test_a_failed_job_can_be_tried_again(survey, make, state):
    failed = make("failed")

    assert survey("jobs", "retry", failed).output == "It waits for the worker.\n"
    assert state(failed) == "waiting"


@pytest.mark.parametrize("command", ["show", "cancel", "retry"])
def test_a_job_that_is_not_there_is_told(survey, installation, command):
    job_id = uuid.uuid4()
    result = survey("jobs", command, job_id)

    assert (result.exit_code, result.stderr) == (1, f"Error: There is no job {job_id}.\n")


def test_what_is_no_number_of_a_job_is_a_wrong_call(survey, installation):
    assert survey("jobs", "show", "7").exit_code == 2


def test_a_job_that_is_done_stays_so(survey, make, state):
    done = make("done")

    assert "This job is done already." in survey("jobs", "cancel", done).stderr
    assert "this one is done" in survey("jobs", "retry", done).stderr
    assert state(done) == "done"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86_399, "23h"), (86_400, "1d")],
)
def test_ages_are_short(seconds, words):
    assert in_short(timedelta(seconds=seconds)) == words
