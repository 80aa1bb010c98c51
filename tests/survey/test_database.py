"""What is saved stays saved: settings, turns, waits, crashes, and the words when something is wrong."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from rows import insert_valid
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey.database import Busy, Database, DatabaseError, Reason, Unavailable, sqlite
from survey.models import Study

OTHER_PROCESS = Path(__file__).with_name("writing_process.py")


@pytest.fixture
def study(database):
    """The database with one study, whose revision is the counter of these tests."""
    with database.writing() as session:
        insert_valid(session)
    return database


def url_of(database):
    """The address for another process."""
    return database.engine.url.render_as_string(hide_password=False)


def revision(database):
    with database.reading() as session:
        return session.scalar(select(Study.revision))


def increment(database):
    with database.writing() as session:
        found = session.scalar(select(Study.revision).with_for_update())
        session.execute(update(Study).values(revision=found + 1))


@contextmanager
def another_process(what, database, number=0):
    """Another process that has said that it is ready; killed at the end if it still runs."""
    command = [sys.executable, str(OTHER_PROCESS), what, url_of(database), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


# Settings of SQLite


def test_every_connection_has_the_settings(sqlite_database):
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "secure_delete": 1,
        "trusted_schema": 0,
        "wal_autocheckpoint": 1000,
        "journal_size_limit": 67_108_864,
    }

    with sqlite_database.reading() as first, sqlite_database.reading() as second:
        for session in (first, second):
            found = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
            assert found == wanted
            assert session.execute(text("PRAGMA mmap_size")).scalar() in {None, 0}


def test_a_setting_that_is_not_taken_is_told(sqlite_file):
    library = sqlite.Library(sqlite.choose_library().module, journal_mode="sideways", synchronous=2, notice=None)
    engine = sqlite.make_engine(sqlite_file, library, 1)

    with pytest.raises(DatabaseError, match="refused the setting journal_mode=sideways"), engine.connect():
        pass

    engine.dispose()


@pytest.mark.parametrize(
    ("version", "mended"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_a_library_that_can_damage_the_file_is_known(version, mended):
    assert sqlite.is_mended(version) is mended


OLD = SimpleNamespace(sqlite_version="3.40.1", sqlite_version_info=(3, 40, 1))
NEW = SimpleNamespace(sqlite_version="3.53.4", sqlite_version_info=(3, 53, 4))


@pytest.mark.parametrize(("standard", "other", "chosen"), [(NEW, OLD, NEW), (NEW, None, NEW), (OLD, NEW, NEW)])
def test_a_mended_library_is_used_in_the_fast_mode(standard, other, chosen):
    library = sqlite.choose_library(standard, other)

    assert library == sqlite.Library(chosen, journal_mode="wal", synchronous=2, notice=None)


@pytest.mark.parametrize("other", [None, OLD])
def test_without_a_mended_library_the_slow_mode_is_used_and_said(other):
    library = sqlite.choose_library(OLD, other)

    assert (library.module, library.journal_mode, library.synchronous) == (OLD, "delete", 3)
    assert "3.40.1" in library.notice


def test_the_slow_mode_saves_too(sqlite_file):
    library = sqlite.Library(sqlite3, journal_mode="delete", synchronous=3, notice="slow")
    engine = sqlite.make_engine(sqlite_file, library, 1)

    with Session(engine.execution_options(write=True)) as session:
        insert_valid(session)
        session.commit()
    with Session(engine) as session:
        assert session.scalar(select(Study.revision)) == 0
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "delete"

    engine.dispose()


@pytest.mark.skipif(os.name != "posix", reason="modes of files are of Unix")
def test_the_files_are_for_their_owner_only(tmp_path):
    database = Database(None, data_dir=tmp_path / "new")
    database.upgrade()

    with database.reading() as session:
        session.execute(select(Study))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}

    names = ("survey.db", "survey.db-shm", "survey.db-wal", "survey.db.lock", "survey.db.turn")
    assert modes == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    database.dispose()


# Reading and writing


def test_what_is_written_is_there_afterwards(study):
    increment(study)

    assert revision(study) == 1


def test_an_error_undoes_everything(study):
    def write_and_fail():
        with study.writing() as session:
            session.execute(update(Study).values(revision=5))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert revision(study) == 0
    increment(study)
    assert revision(study) == 1


def test_an_error_does_not_tell_what_was_to_be_written(database):
    with pytest.raises(DBAPIError) as refused, database.reading() as session:
        session.execute(text("SELECT :answer FROM nowhere"), {"answer": "a word of somebody"})

    assert "nowhere" in str(refused.value)
    assert "a word of somebody" not in str(refused.value)


def test_what_was_loaded_can_be_read_after_the_end(study):
    with study.writing() as session:
        found = session.scalars(select(Study)).one()
        found.revision = 7

    assert (found.key, found.revision) == ("study", 7)


def test_reading_sees_one_moment(study):
    with study.reading() as session:
        before = session.scalar(select(Study.revision))
        increment(study)
        after = session.scalar(select(Study.revision))

    assert (before, after) == (0, 0)
    assert revision(study) == 1


def test_reading_changes_nothing(study):
    with study.reading() as session:
        session.scalars(select(Study)).one().revision = 5

    assert revision(study) == 0


def test_reading_refuses_to_write_on_postgresql(postgresql_database):
    with pytest.raises(DBAPIError, match="read-only"), postgresql_database.reading() as session:
        session.execute(text("UPDATE study SET revision = 1"))


# Turns


def test_statements_stay_prepared_after_hundreds_of_others(sqlite_database):
    prepared = []
    with sqlite_database.reading() as session:
        driver = session.connection().connection.driver_connection
        for number in range(300):
            driver.execute(f"SELECT {number}").fetchall()
        # SQLite asks the authorizer for each statement that it prepares.
        driver.set_authorizer(lambda *_about: prepared.append(1) or sqlite3.SQLITE_OK)
        for _ in range(5):
            prepared.clear()
            driver.execute("SELECT key FROM study").fetchall()
            driver.execute("SELECT key FROM region").fetchall()
        driver.set_authorizer(None)

    assert prepared == []


def test_eight_threads_lose_no_increment(study):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: [increment(study) for _ in range(60)], range(8)))

    assert revision(study) == 480


def test_two_processes_lose_no_increment(study):
    with another_process("increments", study, 100) as first, another_process("increments", study, 100) as second:
        for _ in range(100):
            increment(study)
        assert first.wait(30) == 0
        assert second.wait(30) == 0

    assert revision(study) == 300


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_and_its_parent_lose_no_increment(study):
    command = [sys.executable, str(OTHER_PROCESS), "fork", url_of(study), "50"]

    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)

    assert done.stdout == "status 0\n"
    assert done.stderr == ""
    assert revision(study) == 101


def test_a_writer_that_never_pauses_lets_others_in(sqlite_database):
    with sqlite_database.writing() as session:
        insert_valid(session)
    waits = []

    with another_process("hammer", sqlite_database, 3) as process:
        while process.poll() is None:
            begun = time.monotonic()
            increment(sqlite_database)
            waits.append(time.monotonic() - begun)
            time.sleep(0.003)

    # Without a turn of its own the longest wait was 3.6 s of 6 s.
    assert max(waits) < 1


def test_turns_come_in_the_order_of_asking(sqlite_database):
    came = []

    def write(number):
        with sqlite_database.writing():
            came.append(number)

    with sqlite_database.writing():
        threads = []
        for number in range(6):
            thread = threading.Thread(target=write, args=(number,))
            thread.start()
            threads.append(thread)
            end = time.monotonic() + 5
            while len(sqlite_database._writers._threads._waiting) <= number and time.monotonic() < end:
                time.sleep(0.001)
    for thread in threads:
        thread.join()

    assert came == [0, 1, 2, 3, 4, 5]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer on this system")
def test_whoever_leaves_the_queue_does_not_stop_those_behind(sqlite_database):
    lock = sqlite_database._writers._threads
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    held, done = threading.Event(), threading.Event()
    holder = threading.Thread(target=lambda: (lock.acquire(1), held.set(), done.wait(5), lock.release()))
    holder.start()
    held.wait(5)

    signal.setitimer(signal.ITIMER_REAL, 0.1)
    with pytest.raises(KeyboardInterrupt):
        lock.acquire(5)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    done.set()
    holder.join()

    assert lock.acquire(1)
    lock.release()


def test_writing_inside_writing_is_a_mistake_of_the_program(sqlite_database):
    with sqlite_database.writing(), pytest.raises(RuntimeError, match="inside another"), sqlite_database.writing():
        pass

    with sqlite_database.writing() as session:
        insert_valid(session)


# Waits


def refused_after(database):
    """How long a writer waited before it was told that the database is busy."""
    begun = time.monotonic()
    with pytest.raises(Busy) as caught:
        increment(database)
    assert caught.value.retry_after == 2
    assert "try again" in caught.value.message
    return time.monotonic() - begun


@pytest.fixture
def impatient(study):
    made = Database(url_of(study), wait_seconds=0.2)
    yield made
    made.dispose()


def test_a_writer_waits_for_another_thread_and_no_longer_than_told(impatient):
    with ThreadPoolExecutor(1) as pool, impatient.writing() as session:
        session.execute(update(Study).values(revision=3))
        waited = pool.submit(refused_after, impatient).result()

    assert 0.15 < waited < 2
    assert revision(impatient) == 3
    increment(impatient)


def test_a_writer_waits_for_another_process_and_no_longer_than_told(impatient):
    with another_process("hold", impatient, 20) as process:
        waited = refused_after(impatient)

        assert 0.15 < waited < 2
        assert revision(impatient) == 0
        process.kill()
        process.wait()
        increment(impatient)

    assert revision(impatient) == 1


def test_a_writer_outlasts_a_short_wait(study):
    with another_process("hold", study, 1):
        increment(study)

    assert revision(study) == 1


def test_a_stranger_that_locks_the_file_is_waited_for_and_no_longer_than_told(sqlite_file):
    impatient = Database(f"sqlite:///{sqlite_file}", wait_seconds=0.2)
    stranger = sqlite.choose_library().module.connect(str(sqlite_file), isolation_level=None)
    stranger.execute("BEGIN EXCLUSIVE")

    assert 0.15 < refused_after(impatient) < 2

    stranger.execute("ROLLBACK")
    stranger.close()
    with impatient.writing() as session:
        insert_valid(session)
    impatient.dispose()


def test_a_statement_that_takes_too_long_is_ended_on_postgresql(postgresql_database):
    def sleep():
        with postgresql_database.writing() as session:
            session.execute(text("SET LOCAL statement_timeout = 100"))
            session.execute(text("SELECT pg_sleep(10)"))

    with pytest.raises(Busy):
        sleep()


def test_the_limits_of_postgresql_are_set(postgresql_database):
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")

    for opened, limits in (
        (postgresql_database.reading, ["5s", "30s", "1min"]),
        (postgresql_database.writing, ["5s", "5s", "10s"]),
        (postgresql_database.reading, ["5s", "30s", "1min"]),
    ):
        with opened() as session:
            assert [session.execute(text(f"SHOW {name}")).scalar() for name in names] == limits


def test_a_connection_cut_between_two_acts_is_replaced_on_postgresql(postgresql_database):
    with postgresql_database.writing() as session:
        insert_valid(session)
    killing = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    other = Database(url_of(postgresql_database))
    with other.writing() as session:
        session.execute(killing)
    other.dispose()

    increment(postgresql_database)

    assert revision(postgresql_database) == 1


# Surroundings that fail


def refused_as(act, *arguments):
    """Why the database was unavailable."""
    with pytest.raises(Unavailable) as caught:
        act(*arguments)
    assert caught.value.retry_after == 5
    return caught.value.reason


def on_every_connection(database, statement):
    def send(connection, _record):
        connection.execute(statement).fetchall()

    event.listen(database.engine, "connect", send)
    database.engine.dispose()


def test_a_full_disk_is_told_and_what_stood_stands(sqlite_database):
    with sqlite_database.writing() as session:
        insert_valid(session)
    # SQLite says the same when its file may not grow as when the disk is full.
    on_every_connection(sqlite_database, "PRAGMA max_page_count = 1")

    def grow():
        with sqlite_database.writing() as session:
            session.execute(text("CREATE TABLE large AS SELECT zeroblob(1000000) AS x"))

    assert refused_as(grow) is Reason.DISK_FULL
    assert revision(sqlite_database) == 0
    increment(sqlite_database)
    assert revision(sqlite_database) == 1


def test_a_file_that_may_not_be_written_to_is_told_and_can_be_read(sqlite_database):
    with sqlite_database.writing() as session:
        insert_valid(session)
    on_every_connection(sqlite_database, "PRAGMA query_only = 1")

    assert refused_as(increment, sqlite_database) is Reason.READ_ONLY
    assert revision(sqlite_database) == 0


def test_a_file_that_cannot_be_opened_is_told(sqlite_file):
    database = Database(f"sqlite:///{sqlite_file}")
    Path(f"{sqlite_file}-wal").mkdir()

    assert refused_as(increment, database) is Reason.DISK_ERROR

    database.dispose()


@pytest.mark.parametrize("name", ["turn", "lock"])
def test_a_lock_that_cannot_be_made_is_told(sqlite_file, name):
    database = Database(f"sqlite:///{sqlite_file}")
    obstacle = Path(f"{sqlite_file}.{name}")
    obstacle.mkdir()

    assert refused_as(increment, database) is Reason.DISK_ERROR
    obstacle.rmdir()
    with database.writing() as session:
        insert_valid(session)

    database.dispose()


def test_a_server_that_only_reads_is_told_on_postgresql(postgresql_url):
    database = Database(f"{postgresql_url}&options=-c%20default_transaction_read_only=on")

    def write():
        with database.writing() as session:
            insert_valid(session)

    assert refused_as(write) is Reason.READ_ONLY
    database.dispose()


def test_a_connection_cut_in_the_middle_of_an_act_is_told_on_postgresql(postgresql_database):
    with postgresql_database.writing() as session:
        insert_valid(session)

    def cut():
        with postgresql_database.writing() as session:
            session.execute(update(Study).values(revision=5))
            cut_from_outside(postgresql_database, session)

    assert refused_as(cut) is Reason.NO_ANSWER
    assert revision(postgresql_database) == 0
    increment(postgresql_database)
    assert revision(postgresql_database) == 1


def cut_from_outside(database, session):
    own = session.scalar(text("SELECT pg_backend_pid()"))
    other = Database(url_of(database))
    with other.writing() as stranger:
        stranger.execute(text("SELECT pg_terminate_backend(:own, 5000)"), {"own": own})
    other.dispose()


def test_an_act_that_was_cut_before_its_commit_is_done_again_once_on_postgresql(postgresql_database):
    with postgresql_database.writing() as session:
        insert_valid(session)
    cuts = [1, 0]

    def act(session):
        session.execute(update(Study).values(revision=Study.revision + 1))
        if cuts.pop(0):
            cut_from_outside(postgresql_database, session)
        return session.scalar(select(Study.revision))

    assert postgresql_database.write(act) == 1
    assert revision(postgresql_database) == 1
    cuts += [1, 1, 0]
    assert refused_as(postgresql_database.write, act) is Reason.NO_ANSWER
    assert cuts == [0]
    assert revision(postgresql_database) == 1


def test_an_act_that_was_cut_at_its_commit_is_left_to_who_sent_it_on_postgresql(postgresql_database):
    with postgresql_database.writing() as session:
        insert_valid(session)
    times = []

    def act(session):
        times.append(1)
        session.execute(update(Study).values(revision=Study.revision + 1))
        event.listen(session, "before_commit", lambda _: cut_from_outside(postgresql_database, session))

    assert refused_as(postgresql_database.write, act) is Reason.NO_ANSWER
    assert len(times) == 1


# Crashes


def test_a_killed_writer_loses_nothing_it_has_acknowledged(study):
    acknowledged = 0
    for kill in range(5):
        command = [sys.executable, str(OTHER_PROCESS), "acknowledge", url_of(study)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(20 + 7 * kill):
                acknowledged = int(process.stdout.readline())
            process.kill()
            # What was said between the last line read and the end counts too.
            acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.endswith("\n"))])

        found = revision(study)

        # One more may have been saved and killed before it could say so.
        assert found in {acknowledged, acknowledged + 1}
    if study.dialect == "sqlite":
        with study.reading() as session:
            assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"


# In words


def test_a_missing_file_is_not_made_by_looking(tmp_path):
    database = Database(None, data_dir=tmp_path / "nowhere")

    (problem,) = database.check()

    assert "There is no database at" in problem
    assert "survey db upgrade" in problem
    with pytest.raises(DatabaseError, match="There is no database"), database.reading() as session:
        session.execute(select(Study))
    with pytest.raises(DatabaseError, match="There is no database"):
        database.require_ready()
    assert not (tmp_path / "nowhere" / "survey.db").exists()
    database.dispose()


def test_writing_to_a_missing_file_makes_none(tmp_path):
    database = Database(None, data_dir=tmp_path)

    with pytest.raises(DatabaseError, match="There is no database"), database.writing() as session:
        session.execute(select(Study))

    assert not (tmp_path / "survey.db").exists()
    database.dispose()


def test_a_file_of_another_kind_is_left_alone(tmp_path):
    file = tmp_path / "survey.db"
    file.write_text("This is a letter, not a database. " * 100)
    database = Database(f"sqlite:///{file}")

    (problem,) = database.check()

    assert "cannot be used as a database" in problem
    with pytest.raises(DatabaseError, match="cannot be used as a database"):
        database.upgrade()
    assert file.read_text().startswith("This is a letter")
    database.dispose()


def test_a_damaged_file_is_told_in_a_sentence(study):
    if study.dialect == "postgresql":
        assert study.damage(is_quick=False) == ()
        return
    study.dispose()
    with study.file.open("r+b") as file:
        file.seek(4096)  # the second page
        file.write(b"\xff" * 4096)
    damaged = Database(url_of(study))

    with pytest.raises(DatabaseError, match=r"is damaged: .*Keep the file; `survey restore`"):
        damaged.require_sound()

    damaged.dispose()


def test_a_whole_file_is_sound(study):
    study.require_sound()

    assert study.damage(is_quick=False) == ()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be removed")
def test_nothing_is_saved_into_a_file_that_was_removed(sqlite_database):
    with sqlite_database.writing() as session:
        insert_valid(session)
    sqlite_database.file.unlink()

    for _ in range(3):
        with pytest.raises(DatabaseError, match="removed while it was in use"):
            increment(sqlite_database)
    assert not sqlite_database.file.exists()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be replaced")
def test_nothing_is_saved_into_a_file_that_was_replaced(sqlite_database, sqlite_template, tmp_path):
    with sqlite_database.writing() as session:
        insert_valid(session)
    other = tmp_path / "other.db"
    shutil.copyfile(sqlite_template, other)
    other.replace(sqlite_database.file)

    for _ in range(3):
        with pytest.raises(DatabaseError, match="replaced while it was in use; start the program again"):
            increment(sqlite_database)


@pytest.mark.parametrize("name", ["a b", "100%", "what?", "hash#tag", "Møn & Ærø"])
def test_a_folder_may_have_any_name(tmp_path, name):
    database = Database(None, data_dir=tmp_path / name)

    database.upgrade()

    assert database.check() == ()
    assert (tmp_path / name / "survey.db").is_file()
    database.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "postgres://ada:secret@db.example.org:5433/survey?sslmode=require",
        "postgresql://ada:secret@db.example.org:5433/survey?sslmode=require",
        "postgresql+psycopg://ada:secret@db.example.org:5433/survey?sslmode=require",
        "postgresql+psycopg2://ada:secret@db.example.org:5433/survey?sslmode=require",
        "postgresql+asyncpg://ada:secret@db.example.org:5433/survey?sslmode=require",
    ],
)
def test_every_form_of_a_postgres_url_is_understood(url):
    database = Database(url)

    assert database.engine.url.render_as_string(hide_password=False) == (
        "postgresql+psycopg://ada:secret@db.example.org:5433/survey?sslmode=require"
    )
    assert database.dialect == "postgresql"
    assert database.notice is None


def test_options_in_a_postgres_url_are_kept(postgresql_url):
    database = Database(f"{postgresql_url}&options=-c%20work_mem=7MB")

    with database.reading() as session:
        assert session.execute(text("SHOW work_mem")).scalar() == "7MB"
        assert session.execute(text("SHOW lock_timeout")).scalar() == "5s"

    database.dispose()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root:secret@db/survey", "mysql is not a database"),
        ("secret", "not understood"),
        ("postgresql://ada:secret@db:port/survey", "not understood"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        (None, "Neither"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_it(url, words):
    with pytest.raises(DatabaseError, match=words) as caught:
        Database(url)

    assert "secret" not in caught.value.message
    assert caught.value.__cause__ is None


def test_a_missing_driver_is_named(monkeypatch):
    # None in this table is how Python is told that a module cannot be imported.
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(DatabaseError, match=r"replicability-survey\[postgres\]"):
        Database("postgresql://db.example.org/survey")


def test_a_server_that_does_not_answer_is_a_sentence(tmp_path):
    database = Database(f"postgresql://ada:secret@/survey?host={tmp_path}")

    (problem,) = database.check()

    assert problem.startswith("The database does not answer")
    assert "secret" not in problem
    database.dispose()


# Cost


def test_a_page_with_one_save_sends_nothing_but_its_own_statements(study, count_queries):
    with count_queries(study) as queries:
        increment(study)

    assert queries.count == 2
