"""Messages are only messages: whatever happens to the queue, jobs are done a little later."""

import logging
import os
import pickle
import sqlite3
import time
import uuid

import pytest

from survey.services import jobs
from survey.settings import Settings, SettingsError
from survey.worker import Messenger, Pace, working
from survey.worker.messenger import make_queue
from survey.worker.tasks import Task


def until(holds, seconds=15):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def file(worker_settings):
    worker_settings.data_dir.mkdir(parents=True, exist_ok=True)
    return worker_settings.data_dir / "jobs.db"


@pytest.fixture
def heard():
    return []


@pytest.fixture
def hear(worker_settings, heard):
    """Receives what waits in the queue."""
    queue, _ = make_queue(worker_settings, heard.append)

    def take():
        task = queue.dequeue()
        while task is not None:
            queue.execute(task)
            task = queue.dequeue()
        return heard

    yield take
    queue.storage.close()


def test_nothing_is_opened_before_the_first_message(worker_settings, file):
    Messenger(worker_settings)

    assert not file.exists()


def test_a_message_names_a_job_and_comes_once(worker_settings, hear):
    job_id = uuid.uuid4()
    Messenger(worker_settings).announce(job_id)

    assert hear() == [job_id]
    assert hear() == [job_id]


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_the_file_is_for_its_owner(worker_settings, file):
    Messenger(worker_settings).announce(uuid.uuid4())

    assert file.stat().st_mode & 0o077 == 0


def test_a_message_runs_no_program(worker_settings, hear, file, tmp_path):
    """Seen to fail with the serializer that huey has by itself."""
    hear()

    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "attacked"),)

    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO task (queue, data) VALUES ('survey', ?)", (pickle.dumps(Attack()),))
    connection.close()

    with pytest.raises(ValueError, match="utf-8"):
        hear()
    assert not (tmp_path / "attacked").exists()


def other_tables(file):
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE task (number INTEGER)")
    connection.close()


def noise(file):
    file.write_bytes(b"not a queue, but long enough to look like a file" * 100)


@pytest.mark.parametrize("damage", [noise, other_tables])
def test_a_file_that_cannot_be_used_at_the_start_is_replaced(worker_settings, file, hear_later, damage, caplog):
    damage(file)
    job_id = uuid.uuid4()

    Messenger(worker_settings).announce(job_id)

    assert hear_later() == [job_id]
    assert "No job is lost" in caplog.text
    assert file.with_name("jobs.db.unusable").exists()


@pytest.fixture
def hear_later(worker_settings, heard):
    def take():
        queue, _ = make_queue(worker_settings, heard.append)
        while (task := queue.dequeue()) is not None:
            queue.execute(task)
        queue.storage.close()
        return heard

    return take


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be removed")
@pytest.mark.parametrize("how", ["removed", "damaged", "emptied"])
def test_a_file_that_breaks_under_a_program_is_replaced(worker_settings, file, hear, heard, how, caplog):
    """Seen to fail without the look at the file: messages went into the removed one."""
    messenger = Messenger(worker_settings)
    messenger.announce(uuid.uuid4())
    hear()
    heard.clear()
    if how == "removed":
        file.unlink()
    else:
        file.write_bytes(b"\xff" * file.stat().st_size if how == "damaged" else b"")
    if how != "removed":
        # What meets the damage first is lost with it.
        messenger.announce(uuid.uuid4())
    job_id = uuid.uuid4()
    messenger.announce(job_id)

    assert hear() == [job_id]
    assert "No job is lost" in caplog.text


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://ada:secret@/survey?host={folder}", "redis://:secret@127.0.0.1:1"]
)
def test_a_queue_that_cannot_be_reached_is_told_and_refuses_nothing(caplog, tmp_path, url):
    settings = Settings(data_dir=tmp_path, secret_key="k" * 40, jobs_url=url.format(folder=tmp_path))
    messenger = Messenger(settings)

    messenger.announce(uuid.uuid4())
    messenger.close()

    assert "jobs begin up to a minute later" in caplog.text
    assert "secret" not in caplog.text


def test_what_redis_needs_is_named(worker_settings, tmp_path, monkeypatch):
    monkeypatch.setattr("huey.storage.Redis", None)
    settings = Settings(data_dir=tmp_path, secret_key="k" * 40, jobs_url="redis://localhost")

    with pytest.raises(SettingsError, match="pip install redis"):
        Messenger(settings).announce(uuid.uuid4())


@pytest.mark.postgresql
def test_messages_may_go_through_postgresql_beside_the_database(postgresql_database, tmp_path, heard):
    url = postgresql_database.engine.url.render_as_string(hide_password=False)
    settings = Settings(data_dir=tmp_path, secret_key="k" * 40, jobs_url=url)
    job_id = uuid.uuid4()

    messenger = Messenger(settings)
    messenger.announce(job_id)
    messenger.close()
    queue, _ = make_queue(settings, heard.append)
    queue.execute(queue.dequeue())
    queue.storage.close()

    assert heard == [job_id]
    assert postgresql_database.check() == ()


def test_a_worker_begins_when_it_is_told(database, worker_settings, clock, enqueue, row, monkeypatch):
    """Well before its next look, which comes a minute later. Seen to fail with a worker that hears no messages."""
    claim, found = jobs.claim, []

    def noted(*arguments, **more):
        found.append(claim(*arguments, **more))
        return found[-1]

    monkeypatch.setattr(jobs, "claim", noted)
    with working(worker_settings, database, now=clock, tasks={"note": Task(lambda _context: {"was": "here"})}):
        until(lambda: found == [None])
        job_id = enqueue("note")
        messenger = Messenger(worker_settings)
        messenger.announce(job_id)
        messenger.close()
        until(lambda: row(job_id).state == "done")


@pytest.mark.parametrize("away", ["queue", "database"])
def test_a_worker_without_queue_or_database_goes_on_when_they_are_back(
    sqlite_database, worker_settings, clock, now, caplog, away, tmp_path
):
    calls = []
    tasks = {"note": Task(lambda context: calls.append(context.job_id))}
    worker_settings.data_dir.mkdir(parents=True, exist_ok=True)
    place = worker_settings.data_dir / "jobs.db" if away == "queue" else sqlite_database.file
    hidden = tmp_path / "hidden"
    if away == "queue":
        place.mkdir()
    else:
        place.rename(hidden)
    with (
        caplog.at_level(logging.WARNING),
        working(worker_settings, sqlite_database, now=clock, tasks=tasks, pace=Pace(look=0.05)),
    ):
        until(lambda: "the queue cannot be reached" in caplog.text or "cannot look for jobs" in caplog.text)
        if away == "queue":
            place.rmdir()
        else:
            hidden.rename(place)
        with sqlite_database.writing() as session:
            job_id = jobs.enqueue(session, "note", now=now, created_by="command")
        until(lambda: calls == [job_id])


def test_a_queue_that_stays_away_is_told_once_a_minute_and_jobs_are_done(
    sqlite_database, worker_settings, clock, now, monkeypatch, caplog
):
    """Seen to fail without the filter: a traceback for each look."""
    calls, looks = [], []

    def broken(_queue):
        looks.append(1)
        raise OSError("secret detail")

    monkeypatch.setattr("survey.worker.queue_file.QueueFile.dequeue", broken)
    monkeypatch.setattr("survey.worker.consumer.POLL", 0.02)
    tasks = {"note": Task(lambda context: calls.append(context.job_id))}
    with working(worker_settings, sqlite_database, now=clock, tasks=tasks, pace=Pace(look=0.05)):
        with sqlite_database.writing() as session:
            job_id = jobs.enqueue(session, "note", now=now, created_by="command")
        until(lambda: calls == [job_id] and len(looks) > 5)

    assert caplog.text.count("Error reading from queue") == 1
    assert "secret detail" not in caplog.text


@pytest.mark.parametrize("when", ["looks", "writes a sign of life"])
def test_a_surprise_does_not_end_the_worker(sqlite_database, worker_settings, clock, monkeypatch, caplog, when):
    place = "plan" if when == "looks" else "beat"
    real, broken = getattr(jobs, place), []

    def breaks_once(*arguments, **more):
        if not broken:
            broken.append(1)
            raise RuntimeError("secret detail")
        return real(*arguments, **more)

    monkeypatch.setattr(jobs, place, breaks_once)
    calls = []

    def note(context):
        calls.append(context.job_id)
        until(lambda: broken)

    pace = Pace(look=0.05, beat=0.02)
    with working(worker_settings, sqlite_database, now=clock, tasks={"note": Task(note)}, pace=pace):
        with sqlite_database.writing() as session:
            job_id = jobs.enqueue(session, "note", now=clock(), created_by="command")
        until(lambda: calls == [job_id])
    assert broken
    assert "RuntimeError" in caplog.text
    assert "secret detail" not in caplog.text
