import os
import stat
from datetime import UTC, datetime

import pytest
from make import COMPLETE, PASSWORD, PASSWORDS, make_interview, make_person, make_study
from sqlalchemy import func, select

from survey.database import Database, schema
from survey.models import AnswerChange
from survey.services import accounts, upkeep
from survey.settings import Settings


@pytest.fixture
def answered(installation):
    """An installation with answers, and somebody signed in: the token of the session."""
    now = datetime.now(UTC)
    with installation.writing() as session:
        make_interview(session, make_study(session, now=now), now=now, answers=[COMPLETE])
        make_person(session, now=now)
    with installation.writing() as session:
        return accounts.sign_in(session, "lead@example.org", PASSWORD, now=now, passwords=PASSWORDS)


def test_there_and_back(survey, folder, installation, answered):
    key = Settings.from_environment().secret_key

    made = survey("backup", "today.backup")
    installation.dispose()
    installation.file.unlink()
    back = survey("restore", "today.backup")

    assert made.exit_code == 0, made.output
    assert "today.backup holds 26 changes of answers, the last one of 20" in made.stdout
    assert "SHA-256: " in made.stdout
    assert upkeep.noted(folder / "var", upkeep.BACKUP).problems == 0
    assert back.exit_code == 0, back.output
    assert "Restored 26 changes of answers from today.backup. The last answer that it contains: 20" in back.stdout
    database = Database(None, data_dir=folder / "var")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnswerChange)) == 26
        assert accounts.person_of(session, answered, now=datetime.now(UTC)) is None
    database.dispose()
    assert Settings.from_environment().secret_key != key
    if os.name == "posix":
        assert stat.S_IMODE((folder / "var" / "secret-key").stat().st_mode) == 0o600
        assert stat.S_IMODE((folder / "var" / "survey.db").stat().st_mode) == 0o600


def test_a_database_with_data_is_replaced_only_when_told(survey, installation, answered):
    survey("backup", "b")
    installation.dispose()

    refused = survey("restore", "b")
    done = survey("restore", "--replace", "b")

    assert (refused.exit_code, done.exit_code) == (1, 0)
    assert "holds data. Use --replace" in refused.stderr
    assert "What was there before is kept: " in done.stdout


def test_a_key_from_the_environment_has_to_be_renewed_by_hand(survey, installation):
    survey("backup", "b")
    installation.dispose()

    result = survey("restore", "b", env={"SURVEY_SECRET_KEY": "k" * 40})

    assert "give it a new value" in result.stderr


def test_a_refused_restore_changes_neither_key_nor_sessions(survey, folder, installation, answered):
    key = Settings.from_environment().secret_key
    (folder / "b").write_text("no backup")

    result = survey("restore", "b")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "is damaged, or no backup" in result.stderr
    assert Settings.from_environment().secret_key == key
    with installation.reading() as session:
        assert accounts.person_of(session, answered, now=datetime.now(UTC)) is not None


def test_a_folder_that_is_not_there_is_told(survey, installation):
    result = survey("backup", "nowhere/b")

    assert result.exit_code == 1
    assert "nowhere/b cannot be written: No such file or directory." in result.stderr


def test_without_a_database_there_is_nothing_to_back_up(survey, folder):
    result = survey("backup", "b")

    assert result.exit_code == 1
    assert "There is no database" in result.stderr
    assert not (folder / "b").exists()


def test_tables_of_an_older_version_are_backed_up_before_they_are_upgraded(survey, folder, installation):
    with schema.migrating(installation._writer) as connection:
        schema.downgrade(connection, "0001")

    result = survey("backup", "b")

    assert result.exit_code == 0
    assert "Tables: version 0001." in result.stdout


def test_a_database_without_tables_is_not_backed_up(survey, folder):
    (folder / "var").mkdir()
    (folder / "var" / "survey.db").touch()

    result = survey("backup", "b")

    assert result.exit_code == 1
    assert "has no tables" in result.stderr
