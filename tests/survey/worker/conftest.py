import threading
from datetime import timedelta

import pytest

from survey.models import Job
from survey.services import jobs
from survey.settings import Settings
from survey.worker import Runner


class Clock:
    """A moment that moves when it is told to."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def forward(self, **more):
        self.now += timedelta(**more)


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
def worker_settings(tmp_path):
    return Settings(data_dir=tmp_path / "data", secret_key="k" * 40, testing=True)


@pytest.fixture
def make_runner(database, worker_settings, clock):
    """A worker with the tasks of a test."""

    def make(tasks, **more):
        return Runner(worker_settings, database, tasks, now=clock, **more)

    return make


@pytest.fixture
def enqueue(database, clock):
    def add(kind, **more):
        with database.writing() as session:
            return jobs.enqueue(session, kind, now=clock(), created_by="command", **more)

    return add


@pytest.fixture
def row(database):
    def read(job_id):
        with database.reading() as session:
            return session.get(Job, job_id)

    return read


@pytest.fixture
def in_thread():
    """Starts a function in a thread of its own and waits for its end, at the latest after the test."""
    threads = []

    def start(act, *arguments):
        thread = threading.Thread(target=act, args=arguments)
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
