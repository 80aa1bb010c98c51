from datetime import UTC, datetime

import pytest
from make import COMPLETE, make_interview, make_study
from sqlalchemy import text, update

from survey.models import Evaluation
from survey.services import upkeep


@pytest.fixture
def answered(installation):
    now = datetime.now(UTC)
    with installation.writing() as session:
        make_interview(session, make_study(session, now=now), now=now, answers=[COMPLETE])
    return installation


def test_what_was_answered_is_proved_and_noted(survey, folder, answered):
    result = survey("check")

    assert result.exit_code == 0
    assert result.output == "Nothing is damaged, and every answer is the one that the log leads to.\n"
    assert upkeep.noted(folder / "var", upkeep.CHECK).problems == 0


def test_a_line_tells_each_difference_and_its_place(survey, folder, answered):
    with answered.writing() as session:
        session.execute(update(Evaluation).where(Evaluation.position == 1).values(revision=99))
        session.execute(update(Evaluation).where(Evaluation.position == 2).values(revision=99))

    result = survey("check")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2
    assert all(line.startswith("Study test, respondent 1, practice ") for line in result.stderr.splitlines())
    assert upkeep.noted(folder / "var", upkeep.CHECK).problems == 2


def test_a_reference_to_nothing_is_told(survey, answered):
    with answered.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("INSERT INTO study_text VALUES ('nowhere', 'en', 'Title', 'Owner', '', '')")
    answered.dispose()

    result = survey("check")

    assert result.exit_code == 1
    assert "of study_text refers to a row of study that is not there." in result.stderr


def test_an_index_that_does_not_agree_with_its_table_is_found(survey, answered):
    """The pages are whole, so a quick look finds nothing."""
    rename = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'ix_interview_region_id'"
    with answered.engine.connect() as connection:
        driver = connection.connection.driver_connection
        for before, after in (("(region_id)", "(region_id) WHERE 0"), ("(region_id) WHERE 0", "(region_id)")):
            driver.execute("PRAGMA writable_schema=ON")
            driver.execute(rename, (before, after))
            driver.execute("PRAGMA writable_schema=RESET")
            if after.endswith("0"):
                # While the index is told to hold nothing, it does not hear of the change.
                driver.execute("UPDATE interview SET region_id = (SELECT max(id) FROM region WHERE id <> region_id)")
        assert driver.execute("PRAGMA quick_check").fetchone() == ("ok",)
    answered.dispose()

    result = survey("check")

    assert result.exit_code == 1
    assert "is damaged: row 1 missing from index ix_interview_region_id" in result.stderr


def test_a_damaged_file_is_told_and_not_read_on(survey, answered):
    answered.dispose()
    size = answered.file.stat().st_size
    with answered.file.open("r+b") as file:
        file.truncate(size // 2)

    result = survey("check")

    assert result.exit_code == 1
    assert "cannot be used as a database: database disk image is malformed" in result.stderr
    assert "`survey restore`" in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_database_is_told_and_not_made(survey, folder):
    result = survey("check")

    assert result.exit_code == 1
    assert "There is no database" in result.stderr
    assert list(folder.iterdir()) == []


def test_tables_of_another_version_are_told(survey, answered):
    with answered.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert "`survey db upgrade` brings it there" in survey("check").stderr
