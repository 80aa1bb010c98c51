"""Who watches over an installation hears whether answers can be saved, and nothing about its inside."""

import json
import os
import time
from dataclasses import make_dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from staff import make_app

from survey.database import Database
from survey.services import jobs, upkeep, watching
from survey.web import health

Disk = make_dataclass("Disk", ["total", "used", "free"])


@pytest.fixture(autouse=True)
def disk(monkeypatch):
    """A disk with room, whatever the one of this machine has."""
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _folder: Disk(100, 50, 50))


@pytest.fixture
def kept(tmp_path):
    """The notes of a backup and of a check an hour ago."""
    for what in (upkeep.BACKUP, upkeep.CHECK):
        upkeep.note(tmp_path, what, now=datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def app(database, tmp_path):
    return make_app(database, tmp_path)


def look(app, name="ready"):
    # The tests' own browser takes every status from 500 for a mistake; here 503 is an answer.
    app.test_client_class = None
    answer = app.test_client().get(f"/health/{name}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    found = answer.get_json()
    # The worker has tests of its own.
    found.pop("worker", None)
    return answer.status_code, found


def worker_of(app):
    app.test_client_class = None
    return app.test_client().get("/health/ready").get_json()["worker"]


READY = (200, {"status": "ready", "problems": [], "warnings": []})


def refused(*problems, warnings=()):
    return 503, {"status": "not ready", "problems": [*problems], "warnings": [*warnings]}


def test_a_process_that_answers_is_live(app):
    assert look(app, "live") == (200, {"status": "live"})


def test_ready_when_an_answer_could_be_saved(app, kept):
    assert look(app) == READY


def test_looking_changes_nothing_and_is_quick(app, database, kept):
    look(app)
    begun = time.monotonic()
    for _ in range(10):
        look(app)

    assert (time.monotonic() - begun) / 10 < 0.5
    with database.reading() as session:
        assert session.scalars(text("SELECT version_num FROM alembic_version")).all() == [database.current_revision()]


def test_nothing_tells_versions_or_paths(app, tmp_path, monkeypatch):
    monkeypatch.setattr(app.extensions["survey-database"], "notice", "SQLite 3.40.1 is old")
    told = json.dumps(look(app)[1])

    assert str(tmp_path) not in told
    assert "3.40" not in told
    assert json.loads(told)["warnings"] == ["backup", "check", "library"]


@pytest.mark.parametrize(("hours", "warnings"), [(25, []), (27, ["backup", "check"])])
def test_a_day_without_backup_or_check_is_a_warning(app, tmp_path, hours, warnings):
    for what in (upkeep.BACKUP, upkeep.CHECK):
        upkeep.note(tmp_path, what, now=datetime.now(UTC) - timedelta(hours=hours))

    assert look(app) == (200, {"status": "ready", "problems": [], "warnings": warnings})


def test_a_check_that_found_something_is_a_warning(app, tmp_path, kept):
    upkeep.note(tmp_path, upkeep.CHECK, now=datetime.now(UTC), problems=3)

    assert look(app)[1]["warnings"] == ["differences"]


def test_a_note_that_cannot_be_read_is_none(app, tmp_path, kept):
    (tmp_path / upkeep.BACKUP).write_text("yesterday")

    assert look(app)[1]["warnings"] == ["backup"]


@pytest.mark.parametrize(("free", "answer"), [(10, READY), (9, refused("disk"))])
def test_a_disk_that_is_nearly_full_is_a_problem(app, kept, monkeypatch, free, answer):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _folder: Disk(100, 100 - free, free))

    assert look(app) == answer


def test_somebody_who_writes_for_long_makes_it_busy(database, tmp_path, kept):
    url = database.engine.url.render_as_string(hide_password=False)
    other = Database(url)

    with other.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = version_num"))
        begun = time.monotonic()
        assert look(make_app(database, tmp_path)) == refused("busy")
        assert time.monotonic() - begun < 3
    other.dispose()
    assert look(make_app(database, tmp_path)) == READY


def test_a_stranger_that_locks_the_file_makes_it_busy_and_pages_wait_as_ever(sqlite_database, tmp_path, kept):
    app = make_app(sqlite_database, tmp_path)
    with sqlite_database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert look(app) == refused("busy")
        assert time.monotonic() - begun < 3
        driver.execute("ROLLBACK")

    with sqlite_database.reading() as session:
        assert session.scalar(text("PRAGMA busy_timeout")) == 5000


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be removed")
def test_a_file_that_was_removed_is_a_problem(sqlite_database, tmp_path, kept):
    app = make_app(sqlite_database, tmp_path)
    assert look(app) == READY
    sqlite_database.file.unlink()

    assert look(app) == refused("database")


def test_a_disk_made_read_only_is_a_problem(sqlite_database, tmp_path, kept, monkeypatch):
    monkeypatch.setattr("survey.database.sqlite.os.access", lambda _path, _how: False)

    assert look(make_app(sqlite_database, tmp_path)) == refused("database")


def test_tables_that_cannot_be_written_to_are_a_problem(app, database, kept):
    with database.writing() as session:
        session.execute(text("ALTER TABLE alembic_version RENAME TO gone"))

    assert look(app) == refused("database")


def test_a_server_that_does_not_answer_is_a_problem(tmp_path, kept):
    database = Database(f"postgresql://ada:secret@/survey?host={tmp_path}")

    assert look(make_app(database, tmp_path)) == refused("database")
    database.dispose()


def test_a_surprise_is_no_answer_but_not_ready(app, monkeypatch, caplog):
    def breaks(_folder):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(health.shutil, "disk_usage", breaks)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    assert look(app) == refused("unknown")
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(("seconds", "is_seen"), [(118, True), (121, False)])
def test_a_worker_that_was_there_lately_is_seen(app, database, seconds, is_seen):
    assert worker_of(app)["seen"] is False
    with database.writing() as session:
        watching.note_worker(session, now=datetime.now(UTC) - timedelta(seconds=seconds))

    assert worker_of(app)["seen"] is is_seen


def test_jobs_that_wait_are_counted_and_no_worker_is_no_problem(app, database, kept):
    now = datetime.now(UTC)
    assert worker_of(app) == {"seen": False, "waiting": 0, "oldest_seconds": None}
    with database.writing() as session:
        for seconds in (3, 300, -300):
            jobs.enqueue(session, "send", now=now - timedelta(seconds=seconds), created_by="command")

    found = worker_of(app)
    assert found["waiting"] == 2
    assert 300 <= found["oldest_seconds"] < 330
    assert look(app) == READY


def test_nothing_is_told_about_the_worker_where_the_database_cannot_be_read(tmp_path, kept):
    database = Database(f"postgresql://ada:secret@/survey?host={tmp_path}")

    assert worker_of(make_app(database, tmp_path)) is None
    database.dispose()
