"""Each step of a job's life, at, below and above its limits."""

import threading
import uuid
from collections import defaultdict
from datetime import timedelta

import make
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from survey.models import Job, JobState
from survey.services import jobs
from survey.services.errors import JobConflict, LeaseLost, NotFound

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def session(database):
    with database.writing() as opened:
        yield opened


def enqueue(session, now, kind="count", **more):
    return jobs.enqueue(session, kind, now=now, created_by="command", **more)


def claim(session, now, job_id=None, worker="one"):
    return jobs.claim(session, job_id, worker=worker, now=now, lease=LEASE)


def row(session, job_id):
    return session.get(Job, job_id, populate_existing=True)


def test_a_job_waits_is_taken_and_done(session, now):
    job_id = enqueue(session, now, arguments={"from": 3})
    held = claim(session, now)

    assert (held.id, held.kind, held.arguments, held.attempt) == (job_id, "count", {"from": 3}, 1)
    assert jobs.beat(session, held, now=now, lease=LEASE, done=2, total=5)
    assert (row(session, job_id).done, row(session, job_id).total) == (2, 5)
    jobs.finish(session, held, now=now + SECOND, result={"sum": 7})

    job = row(session, job_id)
    assert (job.state, job.result, job.finished_at, job.leased_until) == ("done", {"sum": 7}, now + SECOND, None)
    assert claim(session, now + LEASE) is None


def test_an_unfinished_job_with_the_same_key_is_the_same_job(session, now):
    first = enqueue(session, now, unique_key="k")
    assert enqueue(session, now, unique_key="k") == first
    held = claim(session, now)
    assert enqueue(session, now, unique_key="k") == first
    assert enqueue(session, now, unique_key="other") != first

    jobs.finish(session, held, now=now)

    assert enqueue(session, now, unique_key="k") != first


def test_without_a_key_each_is_a_job_of_its_own(session, now):
    assert enqueue(session, now) != enqueue(session, now)


@pytest.mark.parametrize(("early", "is_taken"), [(MOMENT, False), (timedelta(0), True), (-MOMENT, True)])
def test_a_job_is_not_taken_before_its_time(session, now, early, is_taken):
    job_id = enqueue(session, now - timedelta(hours=1), not_before=now)

    assert (claim(session, now - early) is not None) == is_taken
    assert (row(session, job_id).attempts == 1) == is_taken


def test_a_job_named_is_taken_before_those_that_wait_longer(session, now):
    first, second = enqueue(session, now), enqueue(session, now + SECOND)

    assert claim(session, now + SECOND, second).id == second
    assert claim(session, now + SECOND, second) is None
    assert claim(session, now + SECOND).id == first


def test_what_has_waited_longest_goes_first(session, now):
    late, early = enqueue(session, now, not_before=now), enqueue(session, now, not_before=now - SECOND)

    assert [claim(session, now).id for _ in range(2)] == [early, late]


def test_jobs_of_one_study_go_one_after_the_other(database, session, now):
    study = make.make_study(session, now=now)
    first, second = (enqueue(session, now + n * SECOND, study_id=study.id) for n in range(2))
    elsewhere = enqueue(session, now + 2 * SECOND)
    later = now + LEASE

    held = claim(session, later)
    assert held.id == first
    assert claim(session, later, second) is None
    assert claim(session, later).id == elsewhere
    jobs.finish(session, held, now=later)
    assert claim(session, later).id == second


def test_of_many_workers_that_want_a_job_one_gets_it(database, now):
    """Seen to fail on PostgreSQL without the lock on the row."""
    with database.writing() as session:
        enqueue(session, now)
    begin, got = threading.Barrier(6), []

    def want(number):
        begin.wait()
        with database.writing() as own:
            got.append(claim(own, now, worker=str(number)))

    threads = [threading.Thread(target=want, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 6
    assert sum(held is not None for held in got) == 1


def test_two_jobs_of_one_study_are_not_begun_at_the_same_moment(database, now):
    """Seen to fail without the lock on the study: on PostgreSQL nobody sees what the other one has not committed."""
    with database.writing() as session:
        study_id = make.make_study(session, now=now).id
        for _ in range(2):
            enqueue(session, now, study_id=study_id)
    got, begun = [], threading.Event()

    def want():
        begun.set()
        with database.writing() as own:
            got.append(claim(own, now, worker="two"))

    with database.writing() as session:
        assert claim(session, now) is not None
        other = threading.Thread(target=want)
        other.start()
        begun.wait()
        # It waits for the first one; if it did not, it would be done by then.
        other.join(0.5)
    other.join()

    assert got == [None]


@pytest.mark.parametrize(("late", "is_released"), [(-MOMENT, 0), (timedelta(0), 1), (MOMENT, 1)])
def test_a_lease_is_over_at_its_end(session, now, late, is_released):
    enqueue(session, now)
    claim(session, now)

    assert jobs.release_expired(session, now=now + LEASE + late) == is_released
    assert (claim(session, now + LEASE + late) is not None) == bool(is_released)


def test_a_beat_renews_the_lease(session, now):
    enqueue(session, now)
    held = claim(session, now)
    jobs.beat(session, held, now=now + LEASE - MOMENT, lease=LEASE)

    assert jobs.release_expired(session, now=now + LEASE) == 0
    assert jobs.release_expired(session, now=now + LEASE - MOMENT + LEASE) == 1


def test_a_lease_that_is_over_can_be_renewed_while_nobody_has_taken_it(session, now):
    enqueue(session, now)
    held = claim(session, now)

    assert jobs.beat(session, held, now=now + 10 * LEASE, lease=LEASE)
    assert jobs.release_expired(session, now=now + 10 * LEASE) == 0


STEPS = {
    "beat": lambda session, held, now: jobs.beat(session, held, now=now, lease=LEASE),
    "finish": lambda session, held, now: jobs.finish(session, held, now=now),
    "fail": lambda session, held, now: jobs.fail(session, held, now=now, error="No."),
    "give_back": lambda session, held, now: jobs.give_back(session, held, now=now),
    "stop": lambda session, held, now: jobs.stop(session, held, now=now),
}


@pytest.mark.parametrize("taken_again", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_who_was_thought_dead_can_say_nothing_more(session, now, step, taken_again):
    job_id = enqueue(session, now)
    held = claim(session, now)
    jobs.release_expired(session, now=now + LEASE)
    if taken_again:
        # By the same worker, as an earlier attempt of its own could still be at work.
        claim(session, now + LEASE)
    before = row(session, job_id).state

    with pytest.raises(LeaseLost):
        STEPS[step](session, held, now + LEASE)

    assert row(session, job_id).state == before


def test_a_job_that_fails_is_tried_again_later_and_then_never(session, now):
    job_id = enqueue(session, now, attempts_limit=2, unique_key="k")
    assert not jobs.fail(session, claim(session, now), now=now, error="The mail server does not answer.")

    again = row(session, job_id).not_before
    assert again == now + jobs.pause_after(1, job_id)
    assert row(session, job_id).error == "The mail server does not answer."
    assert claim(session, again - MOMENT) is None
    assert jobs.fail(session, claim(session, again), now=again, error="It still does not.")

    job = row(session, job_id)
    assert (job.state, job.attempts, job.error) == ("failed", 2, "It still does not.")
    assert job.finished_at == again
    assert enqueue(session, now, unique_key="k") != job_id


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (9, 3600), (1000, 3600)]
)
def test_pauses_double_up_to_an_hour_and_differ_by_job(attempts, seconds):
    pauses = {jobs.pause_after(attempts, uuid.UUID(int=number)).total_seconds() for number in range(300)}

    assert max(pauses) == seconds
    assert min(pauses) == pytest.approx(seconds * 0.75)
    assert len(pauses) == 101


def test_a_job_whose_workers_die_each_time_ends_and_says_so(session, now):
    job_id = enqueue(session, now, attempts_limit=2)
    for _ in range(2):
        claim(session, now)
        jobs.release_expired(session, now=now + LEASE)
        now += LEASE

    job = row(session, job_id)
    assert (job.state, job.error) == (
        "failed",
        "It was begun 2 times and interrupted the last time, before it was done.",
    )


def test_what_is_given_back_may_begin_at_once_and_has_lost_no_attempt(session, now):
    job_id = enqueue(session, now, attempts_limit=1)
    for _ in range(3):
        jobs.give_back(session, claim(session, now), now=now)

    assert (row(session, job_id).state, row(session, job_id).attempts) == ("waiting", 0)


def test_a_job_that_waits_is_cancelled_at_once_and_gives_its_key_free(session, now):
    job_id = enqueue(session, now, unique_key="k")

    assert jobs.cancel(session, job_id, by="command", now=now) == JobState.CANCELLED
    assert claim(session, now) is None
    assert enqueue(session, now, unique_key="k") != job_id


def test_a_job_that_runs_is_cancelled_when_its_worker_has_stopped(session, now):
    job_id = enqueue(session, now, unique_key="k")
    held = claim(session, now)

    assert jobs.cancel(session, job_id, by="command", now=now) == JobState.RUNNING
    assert not jobs.beat(session, held, now=now, lease=LEASE)
    # Until then it has its key, so that the same is not begun beside it.
    assert enqueue(session, now, unique_key="k") == job_id
    jobs.stop(session, held, now=now)
    assert row(session, job_id).state == JobState.CANCELLED


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (lambda session, held, now: jobs.finish(session, held, now=now), "done"),
        (lambda session, held, now: jobs.fail(session, held, now=now, error="No."), "cancelled"),
        (lambda session, held, now: jobs.give_back(session, held, now=now), "cancelled"),
        (lambda session, _held, now: jobs.release_expired(session, now=now + LEASE), "cancelled"),
    ],
)
def test_a_job_to_be_stopped_does_not_begin_again_however_it_ends(session, now, end, state):
    job_id = enqueue(session, now)
    held = claim(session, now)
    jobs.cancel(session, job_id, by="command", now=now)

    end(session, held, now)

    assert row(session, job_id).state == state


def test_what_is_over_cannot_be_cancelled_or_tried_again_if_done(session, now):
    job_id = enqueue(session, now)
    jobs.finish(session, claim(session, now), now=now)

    with pytest.raises(JobConflict, match="This job is done already"):
        jobs.cancel(session, job_id, by="command", now=now)
    with pytest.raises(JobConflict, match="this one is done"):
        jobs.retry(session, job_id, now=now)
    with pytest.raises(NotFound):
        jobs.cancel(session, uuid.uuid4(), by="command", now=now)


def test_a_failed_job_gets_all_its_attempts_again_and_its_key(session, now):
    job_id = enqueue(session, now, attempts_limit=1, unique_key="k")
    jobs.fail(session, claim(session, now), now=now, error="No.")

    jobs.retry(session, job_id, now=now)

    assert enqueue(session, now, unique_key="k") == job_id
    assert claim(session, now).attempt == 1


def test_a_job_is_not_tried_again_beside_another_one_that_does_the_same(session, now):
    job_id = enqueue(session, now, unique_key="k")
    jobs.cancel(session, job_id, by="command", now=now)
    other = enqueue(session, now, unique_key="k")

    with pytest.raises(JobConflict, match=f"The job {other} does the same already"):
        jobs.retry(session, job_id, now=now)


@pytest.mark.parametrize(("late", "planned"), [(-MOMENT, 0), (timedelta(0), 1), (MOMENT, 1)])
def test_what_is_done_again_and_again_is_planned_when_its_time_has_come(session, now, late, planned):
    every = {"tidy": timedelta(hours=1)}
    assert len(jobs.plan(session, every, now=now)) == 1
    jobs.finish(session, claim(session, now), now=now)

    assert len(jobs.plan(session, every, now=now + timedelta(hours=1) + late)) == planned


def test_a_job_that_takes_longer_than_its_hour_is_not_planned_a_second_time(session, now):
    every = {"tidy": timedelta(hours=1)}
    first = jobs.plan(session, every, now=now)

    assert jobs.plan(session, every, now=now + timedelta(hours=2)) == first
    assert len(session.scalars(select(Job.id)).all()) == 1


def test_a_clock_that_was_ahead_stops_nothing_that_is_done_again_and_again(session, now):
    every = {"tidy": timedelta(hours=1)}
    ahead = now + timedelta(days=365)
    jobs.plan(session, every, now=ahead)
    jobs.finish(session, claim(session, ahead), now=ahead)

    assert len(jobs.plan(session, every, now=now)) == 1


@pytest.mark.parametrize("state", ["done", "cancelled", "failed"])
@pytest.mark.parametrize(("early", "is_forgotten"), [(MOMENT, False), (timedelta(0), True)])
def test_what_is_over_is_forgotten_after_a_day_or_thirty(session, now, state, early, is_forgotten):
    job_id = enqueue(session, now, attempts_limit=1)
    if state == "cancelled":
        jobs.cancel(session, job_id, by="command", now=now)
    elif state == "done":
        jobs.finish(session, claim(session, now), now=now)
    else:
        jobs.fail(session, claim(session, now), now=now, error="No.")
    waiting = enqueue(session, now)
    kept = timedelta(days=30 if state == "failed" else 1)

    assert jobs.forget_old(session, now=now + kept - early) == is_forgotten
    assert set(session.scalars(select(Job.id))) == {waiting} | (set() if is_forgotten else {job_id})


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["enqueue", "claim", "beat", "finish", "fail", "give_back", "kill", "release", "cancel", "retry"]
        ),
        st.integers(0, 1),
        st.integers(-40, 90),
    ),
    max_size=60,
)


class World:
    """Two workers with one or more lives each, and what each life believes to hold."""

    def __init__(self, session, now):
        self.session, self.now = session, now
        self.believes = {0: None, 1: None}
        self.lives = {0: 0, 1: 0}
        self.made, self.effects = set(), defaultdict(int)

    def step(self, action, number, seconds):
        self.now += timedelta(seconds=seconds)
        held = self.believes[number]
        if action == "enqueue":
            self.made.add(enqueue(self.session, self.now, attempts_limit=3, unique_key=f"k{number}"))
        elif action == "claim" and held is None:
            self.believes[number] = claim(self.session, self.now, worker=f"{number}.{self.lives[number]}")
        elif action == "kill":
            self.believes[number] = None
            self.lives[number] += 1
        elif action == "release":
            jobs.release_expired(self.session, now=self.now)
        elif action in {"cancel", "retry"}:
            self._ask(action, number)
        elif held is not None and action in STEPS:
            self._say(action, number, held)

    def _ask(self, action, number):
        known = sorted(self.made)[number : number + 1]
        try:
            for job_id in known:
                if action == "cancel":
                    jobs.cancel(self.session, job_id, by="command", now=self.now)
                else:
                    jobs.retry(self.session, job_id, now=self.now)
        except JobConflict:
            pass

    def _say(self, action, number, held):
        job = row(self.session, held.id)
        owns = (job.state, job.worker, job.attempts) == ("running", held.worker, held.attempt)
        try:
            STEPS[action](self.session, held, self.now)
        except LeaseLost:
            assert not owns
            self.believes[number] = None
        else:
            assert owns
            self.effects[held.id, job.started_at] += action == "finish"
            if action != "beat":
                self.believes[number] = None
                # What is given back ends its worker.
                self.lives[number] += action == "give_back"

    def check(self):
        rows = {job.id: job for job in self.session.scalars(select(Job).execution_options(populate_existing=True))}
        assert set(rows) == self.made
        for job in rows.values():
            assert 0 <= job.attempts <= job.attempts_limit
            assert (job.leased_until is not None) == (job.state == "running")
            assert (job.finished_at is not None) == (job.state in jobs.FINISHED)
        holders = defaultdict(list)
        for held in filter(None, self.believes.values()):
            job = rows[held.id]
            if (job.state, job.worker, job.attempts) == ("running", held.worker, held.attempt):
                holders[held.id].append(held.worker)
        assert all(len(workers) == 1 for workers in holders.values())
        keys = [job.unique_key for job in rows.values() if job.state in jobs.UNFINISHED]
        assert len(keys) == len(set(keys))
        assert max(self.effects.values(), default=0) <= 1

    def come_to_rest(self):
        """Later all workers are gone, one that lives takes over, and nothing is left undone."""
        for _ in range(40):
            self.now += timedelta(hours=3)
            jobs.release_expired(self.session, now=self.now)
            while held := claim(self.session, self.now, worker="last"):
                jobs.finish(self.session, held, now=self.now)
        states = set(self.session.scalars(select(Job.state)))
        assert states <= set(jobs.FINISHED)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_whatever_happens_no_job_is_lost_or_in_two_hands(sqlite_database, now, actions):
    with sqlite_database.writing() as session:
        session.execute(delete(Job))
        world = World(session, now)
        for action in actions:
            world.step(*action)
            world.check()
        world.come_to_rest()
