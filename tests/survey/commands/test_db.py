import sqlite3

from rows import insert_valid
from sqlalchemy import text

from survey.commands.installation import note_demo
from survey.database import schema
from survey.database.backup import look_into


def test_upgrade_makes_the_database_where_it_is_expected(survey, folder):
    result = survey("db", "upgrade")

    assert result.exit_code == 0
    assert "The tables are at version " in result.output
    assert (folder / "var" / "survey.db").is_file()


def test_upgrade_makes_no_key(survey, folder):
    survey("db", "upgrade")

    assert not (folder / "var" / "secret-key").exists()


def test_upgrade_may_be_repeated(survey):
    assert survey("db", "upgrade", "--data-dir", "D").exit_code == 0
    assert survey("db", "upgrade", "--data-dir", "D").exit_code == 0


def test_an_older_database_is_backed_up_before_it_is_changed(survey, folder, installation):
    with installation.writing() as session:
        insert_valid(session)
    with schema.migrating(installation._writer) as connection:
        schema.downgrade(connection, "0001")
    installation.dispose()

    result = survey("db", "upgrade")

    assert result.exit_code == 0
    (backup,) = (folder / "var").glob("survey.db.before_upgrade_????????_??????")
    assert f"A backup of version 0001 is in {backup}." in result.output
    contents = look_into(backup)
    assert contents.revision == "0001"
    assert contents.rows["evaluation"] == 1


def test_a_database_of_a_newer_program_is_neither_changed_nor_copied(survey, folder, installation):
    with installation.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    result = survey("db", "upgrade")

    assert result.exit_code == 1
    assert "newer" in result.stderr
    assert list((folder / "var").glob("*before_upgrade*")) == []


def test_what_is_up_to_date_is_not_copied(survey, folder, installation):
    survey("db", "upgrade")

    assert list((folder / "var").glob("*before_upgrade*")) == []


def test_check_is_content_with_a_fresh_database(survey, installation):
    result = survey("db", "check")

    assert (result.exit_code, result.output) == (0, "The database is as it should be.\n")


def test_check_without_a_database_says_how_to_make_one(survey, folder):
    result = survey("db", "check")

    assert result.exit_code == 1
    assert "`survey db upgrade` makes one" in result.stderr
    assert list(folder.iterdir()) == []


def test_check_finds_a_file_that_is_no_database(survey, folder):
    (folder / "D").mkdir()
    (folder / "D" / "survey.db").write_bytes(b"not a database, but long enough to look like one" * 50)

    result = survey("db", "check", "--data-dir", "D")

    assert result.exit_code == 1
    assert "cannot be used as a database" in result.stderr


def test_upgrade_refuses_a_file_that_is_no_database(survey, folder):
    (folder / "D").mkdir()
    (folder / "D" / "survey.db").write_bytes(b"not a database, but long enough to look like one" * 50)

    result = survey("db", "upgrade", "--data-dir", "D")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1


def test_check_names_a_missing_trigger(survey, folder, installation):
    installation.dispose()
    connection = sqlite3.connect(folder / "var" / "survey.db")
    (trigger, *_) = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    connection.execute(f"DROP TRIGGER {trigger}")
    connection.commit()
    connection.close()

    result = survey("db", "check")

    assert result.exit_code == 1
    assert result.stderr


def test_a_wrong_address_of_the_database_is_not_repeated(survey):
    result = survey("db", "check", env={"DATABASE_URL": "oracle://scott:tiger@db/orcl"})

    assert result.exit_code == 1
    assert "DATABASE_URL" in result.stderr
    assert "tiger" not in result.output


def test_a_folder_that_is_a_file_is_refused(survey, folder):
    (folder / "D").write_text("a file")

    assert survey("db", "upgrade", "--data-dir", "D").exit_code == 2


def test_a_server_that_does_not_answer_is_told_in_a_sentence(survey):
    result = survey("db", "upgrade", env={"DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:9/none"})

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The database does not answer: ")
    assert "secret" not in result.stderr
    assert "Traceback" not in result.output


def test_check_looks_at_the_last_demonstration_where_nothing_else_is_named(survey, folder):
    survey("db", "upgrade", "--data-dir", "demo")
    note_demo(folder / "demo")

    result = survey("db", "check")

    assert (result.exit_code, result.stdout) == (0, "The database is as it should be.\n")
    assert result.stderr == f"Using the demonstration in {folder / 'demo'}.\n"
