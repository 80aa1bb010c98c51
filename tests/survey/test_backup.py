"""A backup holds what was saved before it began, and comes back whole or not at all."""

import json
import os
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from make import COMPLETE, make_interview, make_person, make_study
from rows import insert_valid
from sqlalchemy import inspect, select, text

from survey.database import Database, DatabaseError, back_up, files, manifest, postgres_dump, restore, schema
from survey.database.backup import look_into
from survey.models import AnswerChange, Base, Person, WebSession

pytestmark = pytest.mark.usefixtures("postgresql_programs")


@pytest.fixture
def filled(database, now):
    """A database with rows in every table."""
    with database.writing() as session:
        insert_valid(session)
    return database


@pytest.fixture
def target(database, tmp_path, request):
    """Another empty place of the same kind, not yet opened."""
    if database.dialect == "sqlite":
        made = Database(None, data_dir=tmp_path / "elsewhere", wait_seconds=0.3)
        yield made
        made.dispose()
    else:
        server = request.getfixturevalue("postgresql_server")
        url = server.lend()
        made = Database(url)
        yield made
        made.dispose()
        server.take_back(url)


@pytest.fixture
def again():
    """Gives the same place as the next program finds it, when all others have ended."""
    opened = []

    def open_again(database):
        for each in (database, *opened):
            each.dispose()
        url = database.engine.url.render_as_string(hide_password=False)
        opened.append(Database(url, wait_seconds=0.3))
        return opened[-1]

    yield open_again
    for each in opened:
        each.dispose()


def everything(database):
    """Every row of every table."""
    with database.reading() as session:
        return {
            table: sorted(map(repr, session.execute(text(f'SELECT * FROM "{table}"'))))  # noqa: S608 (our own names)
            for table in Base.metadata.tables
        }


def nothing(_database):
    """What a test prepares."""


def in_sqlite_only(database):
    if database.dialect != "sqlite":
        pytest.skip("a matter of files")


# Making one


def test_a_backup_says_what_it_holds(filled, tmp_path, now):
    file = tmp_path / "today.backup"

    made = back_up(filled, file, now=now)

    told = json.loads((tmp_path / "today.backup.json").read_text())
    assert manifest.read(file) == made
    assert made.contents == look_into(file)
    assert told["kind"] == filled.dialect
    assert told["revision"] == schema.head()
    assert told["last_answer_at"] == "2026-03-10T09:30:00+00:00"
    assert told["sha256"] == files.sha256_of(file)
    assert set(told["rows"]) == set(Base.metadata.tables) | {"alembic_version"}
    assert all(told["rows"].values())
    assert (told["rows"]["practice"], told["size"]) == (2, file.stat().st_size)


def test_a_backup_before_any_answer_says_so(database, tmp_path, now):
    assert back_up(database, tmp_path / "empty.backup", now=now).contents.last_answer_at is None


@pytest.mark.skipif(os.name != "posix", reason="modes of files are of Unix")
def test_a_backup_is_for_its_owner_only_and_leaves_nothing_else(filled, tmp_path, now):
    folder = tmp_path / "backups"
    folder.mkdir()

    back_up(filled, folder / "b", now=now)

    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {"b": 0o600, "b.json": 0o600}


@pytest.mark.parametrize("name", ["b", "b.json"])
def test_a_backup_never_replaces_a_file(filled, tmp_path, now, name):
    (tmp_path / name).write_text("precious")

    with pytest.raises(DatabaseError, match="never replaces a file"):
        back_up(filled, tmp_path / "b", now=now)

    assert (tmp_path / name).read_text() == "precious"


def test_a_backup_does_not_replace_a_file_that_appears_meanwhile(filled, tmp_path, now, monkeypatch):
    def look(file, *, name):
        (tmp_path / "b").write_text("precious")
        return look_into(file, name=name)

    monkeypatch.setattr("survey.database.backup.look_into", look)

    with pytest.raises(DatabaseError, match="Somebody else"):
        back_up(filled, tmp_path / "b", now=now)

    assert (tmp_path / "b").read_text() == "precious"


def test_a_backup_that_lacks_rows_is_not_kept(filled, tmp_path, now, monkeypatch):
    folder = tmp_path / "backups"
    folder.mkdir()
    monkeypatch.setattr("survey.database.backup._growing", lambda _database: {"answer_change": 2})

    with pytest.raises(DatabaseError, match="lacks rows of answer_change: it has 1 of 2"):
        back_up(filled, folder / "b", now=now)

    assert list(folder.iterdir()) == []


def test_a_backup_without_postgresqls_programs_says_what_to_install(filled, tmp_path, now, monkeypatch):
    if filled.dialect == "sqlite":
        pytest.skip("SQLite needs no programs")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(DatabaseError, match=r"pg_dump is not installed.*apt install postgresql-client"):
        back_up(filled, tmp_path / "b", now=now)


def test_the_password_is_not_among_the_words_that_others_on_the_machine_can_read(monkeypatch, tmp_path):
    spy = tmp_path / "pg_dump"
    spy.write_text('#!/bin/sh\necho "$@ with $PGPASSWORD" >&2\nexit 1\n')
    spy.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    address = Database("postgresql://ada:secret@db.example.org:5433/survey?sslmode=require").engine.url

    with pytest.raises(DatabaseError) as caught:
        postgres_dump.dump(address, "public", tmp_path / "b")

    assert "--dbname=postgresql://ada@db.example.org:5433/survey?sslmode=require" in caught.value.message
    assert caught.value.message.endswith("with secret")


# Restoring one


def test_everything_comes_back(filled, target, tmp_path, now):
    before = everything(filled)
    back_up(filled, tmp_path / "b", now=now)

    restored = restore(target, tmp_path / "b", replace=False, prepare=nothing, now=now)

    assert restored.kept is None
    assert restored.contents.last_answer_at == now
    assert everything(target) == before
    assert target.check() == ()
    target.require_sound()


def test_a_restored_log_goes_on_where_it_ended(database, target, tmp_path, now):
    with database.writing() as session:
        study = make_study(session, now=now)
        make_interview(session, study, now=now, answers=[COMPLETE])
    back_up(database, tmp_path / "b", now=now)

    restore(target, tmp_path / "b", replace=False, prepare=nothing, now=now)

    with target.writing() as session:
        study = session.get(type(study), study.id)
        make_interview(session, study, now=now + timedelta(hours=1), answers=[COMPLETE])
    with target.reading() as session:
        ids = session.scalars(select(AnswerChange.id).order_by(AnswerChange.id)).all()
    assert list(ids) == list(range(1, len(ids) + 1))


def test_what_is_prepared_is_there_from_the_first_moment(filled, target, tmp_path, now):
    back_up(filled, tmp_path / "b", now=now)

    def sign_out(database):
        with database.writing() as session:
            session.execute(text("UPDATE web_session SET ended_at = created_at"))

    restore(target, tmp_path / "b", replace=False, prepare=sign_out, now=now)

    with target.reading() as session:
        assert session.scalars(select(WebSession.ended_at)).all() == [now]


def test_a_database_that_holds_something_is_kept_and_only_replaced_when_told(filled, target, tmp_path, now, again):
    back_up(filled, tmp_path / "b", now=now)
    target.upgrade()
    with target.writing() as session:
        make_study(session, now=now)
        make_person(session, now=now, email="other@example.org")
    target.dispose()

    with pytest.raises(DatabaseError, match="holds data"):
        restore(target, tmp_path / "b", replace=False, prepare=nothing, now=now)
    with target.reading() as session:
        assert session.scalars(select(Person.email)).all() == ["other@example.org"]
    target.dispose()
    restored = restore(again(target), tmp_path / "b", replace=True, prepare=nothing, now=now)

    target = again(target)
    assert everything(target) == everything(filled)
    assert "before_restore_20260310_093000" in restored.kept
    if target.dialect == "sqlite":
        kept = Database(f"sqlite:///{restored.kept}")
        with kept.reading() as session:
            assert session.scalars(select(Person.email)).all() == ["other@example.org"]
        kept.dispose()
    else:
        with target.writing() as session:
            assert session.scalars(text(f"SELECT email FROM {restored.kept}.person")).all() == ["other@example.org"]  # noqa: S608
            session.execute(text(f"DROP SCHEMA {restored.kept} CASCADE"))


def test_a_database_in_use_is_not_replaced(filled, target, tmp_path, now, again):
    back_up(filled, tmp_path / "b", now=now)
    target.upgrade()
    target.dispose()
    server = again(target)
    with server.reading() as session:
        session.execute(text("SELECT 1 FROM person")).all()

    # It reads nothing at this moment, but will.
    with pytest.raises(DatabaseError, match="in use"):
        restore(target, tmp_path / "b", replace=True, prepare=nothing, now=now)

    with server.writing() as session:
        make_study(session, now=now)
    with pytest.raises(DatabaseError, match="holds data"):
        restore(again(target), tmp_path / "b", replace=False, prepare=nothing, now=now)


def test_an_older_backup_is_brought_up_to_date(filled, target, tmp_path, now):
    before = everything(filled)
    with schema.migrating(filled._writer) as connection:
        schema.downgrade(connection, "0001")
        tables = inspect(connection).get_table_names()
    back_up(filled, tmp_path / "b", now=now)

    restored = restore(target, tmp_path / "b", replace=False, prepare=nothing, now=now)

    assert restored.contents.revision == "0001"
    assert target.check() == ()
    # Tables that the older version did not have come back empty.
    assert everything(target) == {table: rows if table in tables else [] for table, rows in before.items()}


def test_a_backup_of_a_newer_program_is_refused(filled, target, tmp_path, now):
    with filled.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    back_up(filled, tmp_path / "b", now=now)
    is_there = target.file is not None and target.file.exists()

    with pytest.raises(DatabaseError, match=r"version 9999.*newer"):
        restore(target, tmp_path / "b", replace=True, prepare=nothing, now=now)

    assert is_there == (target.file is not None and target.file.exists())


@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_damaged_backup_is_refused_and_changes_nothing(filled, target, tmp_path, now, with_manifest, again):
    file = tmp_path / "b"
    back_up(filled, file, now=now)
    if not with_manifest:
        (tmp_path / "b.json").unlink()
    whole = file.read_bytes()
    target.upgrade()
    target.dispose()

    for damaged in (whole[: len(whole) // 2], b"", b"PK\x03\x04" * 100):
        file.write_bytes(damaged)
        with pytest.raises(DatabaseError, match="is damaged"):
            restore(again(target), file, replace=True, prepare=nothing, now=now)
    assert not any(map(len, everything(again(target)).values()))
    if target.file:
        assert [each.name for each in target.file.parent.iterdir() if each.name.startswith(".")] == []


def test_a_backup_that_is_not_what_its_manifest_says_is_refused(filled, target, tmp_path, now):
    back_up(filled, tmp_path / "b", now=now)
    (tmp_path / "b").unlink()
    with filled.writing() as session:
        make_person(session, now=now, email="second@example.org", study_key=None)
    other = back_up(filled, tmp_path / "c", now=now)
    (tmp_path / "c").rename(tmp_path / "b")

    with pytest.raises(DatabaseError, match="not the file that was written"):
        restore(target, tmp_path / "b", replace=False, prepare=nothing, now=now)
    note = json.loads((tmp_path / "b.json").read_text())
    (tmp_path / "b.json").write_text(json.dumps(note | {"sha256": other.sha256}))
    with pytest.raises(DatabaseError, match=r"does not hold what b\.json says"):
        restore(target, tmp_path / "b", replace=False, prepare=nothing, now=now)
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(DatabaseError, match="cannot be read as the manifest"):
        restore(target, tmp_path / "b", replace=False, prepare=nothing, now=now)


def test_a_failure_while_restoring_leaves_everything_as_it_was(filled, target, tmp_path, now, again):
    back_up(filled, tmp_path / "b", now=now)
    target.upgrade()
    with target.writing() as session:
        make_study(session, now=now)
    before = everything(target)

    def fail(_database):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        restore(again(target), tmp_path / "b", replace=True, prepare=fail, now=now)

    assert everything(again(target)) == before
    assert again(target).check() == ()


def test_a_damaged_database_is_replaced_and_kept(filled, target, tmp_path, now, again):
    in_sqlite_only(filled)
    before = everything(filled)
    back_up(filled, tmp_path / "b", now=now)
    target.file.parent.mkdir()
    target.file.write_bytes(b"not a database, but long enough to look like one" * 50)

    with pytest.raises(DatabaseError, match="holds data"):
        restore(again(target), tmp_path / "b", replace=False, prepare=nothing, now=now)
    restored = restore(again(target), tmp_path / "b", replace=True, prepare=nothing, now=now)

    assert everything(again(target)) == before
    with Path(restored.kept).open("rb") as kept:
        assert kept.read().startswith(b"not a database")


def test_a_raw_copy_of_a_database_in_use_is_no_backup(filled, target, tmp_path, now):
    in_sqlite_only(filled)
    for name in ("survey.db", "survey.db-wal"):
        (tmp_path / f"copy{name[9:]}").write_bytes((filled.file.parent / name).read_bytes())

    with pytest.raises(DatabaseError, match="a database in use, not a backup"):
        restore(target, tmp_path / "copy", replace=False, prepare=nothing, now=now)


def test_a_backup_of_another_kind_or_program_is_refused(filled, target, tmp_path, now):
    in_sqlite_only(filled)
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE letter (words)")
    other.commit()
    other.close()
    (tmp_path / "dump").write_bytes(b"PGDMP...........")

    with pytest.raises(DatabaseError, match="of another program"):
        restore(target, tmp_path / "other.db", replace=False, prepare=nothing, now=now)
    with pytest.raises(DatabaseError, match="a backup of postgresql, but the database to restore is sqlite"):
        restore(target, tmp_path / "dump", replace=False, prepare=nothing, now=now)
    with pytest.raises(DatabaseError, match="There is no backup at"):
        restore(target, tmp_path / "nowhere", replace=False, prepare=nothing, now=now)
