"""The tables are made by migrations only, and are what the models say."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from make import COMPLETE, give, give_profile, make_begun, make_study
from rows import insert_valid
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from survey.database import Database, DatabaseError, schema
from survey.models import Base, Evaluation, Region

VERSIONS = sorted((schema.MIGRATIONS / "versions").glob("*.py"))


def described(connection):
    """Everything a database tells about its tables, except the order of columns in lists that have none."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table),
            "references": sorted(inspector.get_foreign_keys(table), key=lambda found: found["name"]),
            "unique": sorted(inspector.get_unique_constraints(table), key=lambda found: found["name"]),
            "checks": sorted((found["name"], found["sqltext"]) for found in inspector.get_check_constraints(table)),
            "indexes": sorted(
                (found["name"], tuple(found["column_names"]), bool(found["unique"]))
                for found in inspector.get_indexes(table)
            ),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_models_and_migrations_agree(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})

        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_alembic_itself_finds_nothing_to_add(database):
    with database.engine.connect() as connection:
        command.check(schema.config(connection))


def test_migrations_make_what_the_models_would_make_to_the_last_constraint(database):
    with database.engine.connect() as connection:
        by_migrations = described(connection)
    with schema.migrating(database._writer) as connection:
        schema.downgrade(connection, "base")
        Base.metadata.create_all(connection)
        by_models = described(connection)

    assert by_migrations == by_models
    assert all(name for table in by_models.values() for name, _ in table["checks"])


def test_the_region_of_an_evaluation_is_found_in_the_log(database, now):
    with database.writing() as session:
        study = make_study(session, now=now)
        begun = make_begun(session, study, now=now)
        give_profile(session, begun, now=now, region="lombardy")
        revision = give(session, begun, 1, COMPLETE, now=now).revision
        later = now + timedelta(minutes=5)
        give_profile(session, begun, now=later, region="munich", base_revision=revision)

    def regions():
        with database.reading() as session:
            rows = session.execute(
                select(Evaluation.position, Region.key).join(Region, Region.id == Evaluation.region_id)
            )
            return dict(sorted(map(tuple, rows)))

    before = regions()
    with schema.migrating(database._writer) as connection:
        schema.downgrade(connection, "0001")
    database.upgrade()

    assert regions() == before
    assert set(before.values()) == {"lombardy", "munich"}


def test_down_and_up_again_gives_the_same_tables(database):
    with database.engine.connect() as connection:
        before = described(connection)

    with schema.migrating(database._writer) as connection:
        schema.downgrade(connection, "base")
        assert described(connection) == {}
    assert database.current_revision() is None
    database.upgrade()

    with database.engine.connect() as connection:
        assert described(connection) == before
    assert database.check() == ()


def everything(connection):
    """Every row of every table, by column, so that another order of columns is no difference."""
    rows = {
        table: connection.execute(text(f'SELECT * FROM "{table}"')).mappings()  # noqa: S608 (our own names)
        for table in Base.metadata.tables
    }
    return {table: sorted(repr(sorted(row.items())) for row in found) for table, found in rows.items()}


@pytest.mark.parametrize("older", [file.stem.partition("_")[0] for file in VERSIONS[:-1]])
def test_rows_of_every_table_survive_going_down_and_up_again(database, older):
    with database.writing() as session:
        insert_valid(session)
        before = everything(session.connection())
    assert all(before.values()), "a table without a row proves nothing: give tests/rows.py one for it"

    with schema.migrating(database._writer) as connection:
        schema.downgrade(connection, older)
        assert schema.revision(connection) == older
        tables = set(inspect(connection).get_table_names()) & set(before)
        for table in tables:
            assert connection.scalar(text(f'SELECT count(*) FROM "{table}"')) == len(before[table])  # noqa: S608 (our own names)
    database.upgrade()

    with database.reading() as session:
        after = everything(session.connection())
    # Tables that the older version did not have come back empty.
    assert after == {table: rows if table in tables else [] for table, rows in before.items()}
    assert database.check() == ()
    assert database.damage(is_quick=False) == ()


def test_the_log_is_protected_again_after_going_down_and_up(database):
    with database.writing() as session:
        insert_valid(session)
    with schema.migrating(database._writer) as connection:
        schema.downgrade(connection, "0001")
    database.upgrade()

    for statement in ("UPDATE answer_change SET code = 1", "DELETE FROM answer_change"):
        with pytest.raises(DBAPIError, match="answer_change is never"), database.writing() as session:
            session.execute(text(statement))


def test_upgrading_twice_changes_nothing(database):
    database.upgrade()

    assert database.current_revision() == schema.head()


def test_there_is_one_newest_migration():
    assert len(ScriptDirectory.from_config(schema.config()).get_heads()) == 1


@pytest.mark.parametrize("file", VERSIONS, ids=lambda file: file.stem)
def test_a_migration_knows_no_model(file):
    modules = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module)

    assert not [module for module in modules if module.partition(".")[0] in {"survey", "exports", "instruments"}]


@pytest.mark.parametrize("file", VERSIONS, ids=lambda file: file.stem)
def test_a_migration_is_named_by_its_number(file):
    assert file.stem.partition("_")[0].isdigit()
    assert f'revision = "{file.stem.partition("_")[0]}"' in file.read_text(encoding="utf-8")


def test_a_database_of_a_newer_program_is_left_alone(database):
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseError, match=r"version 9999.*newer"):
        database.upgrade()
    with pytest.raises(DatabaseError, match=r"version 9999.*newer"):
        database.require_ready()
    assert database.current_revision() == "9999"


def test_a_database_without_tables_is_named(tmp_path):
    (tmp_path / "survey.db").touch()
    database = Database(None, data_dir=tmp_path)

    assert database.check() == (
        "The database has no tables. `survey db upgrade` makes new ones, `survey restore` brings a backup back.",
    )

    database.dispose()


def test_an_older_database_is_named(database, monkeypatch):
    monkeypatch.setattr(schema, "head", lambda: "9999")

    (problem,) = database.check()

    assert "needs 9999" in problem
    assert "survey db upgrade" in problem


def test_a_missing_trigger_is_named(database):
    name = {"sqlite": "answer_change_no_delete", "postgresql": "answer_change_no_change"}[database.dialect]
    place = {"sqlite": "", "postgresql": " ON answer_change"}[database.dialect]
    with database.writing() as session:
        session.execute(text(f"DROP TRIGGER {name}{place}"))

    assert database.check() == (f"The trigger {name}, which protects the log of answers, is missing.",)


def test_a_failing_upgrade_leaves_nothing_behind(tmp_path, monkeypatch):
    database = Database(None, data_dir=tmp_path)
    monkeypatch.setattr(schema, "upgrade", fail_after(schema.upgrade))

    with pytest.raises(ZeroDivisionError):
        database.upgrade()

    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    database.dispose()


def fail_after(upgrade):
    def upgrade_and_fail(connection):
        upgrade(connection)
        raise ZeroDivisionError

    return upgrade_and_fail


def test_an_upgrade_that_would_break_references_is_undone(sqlite_database):
    with (
        pytest.raises(DatabaseError, match="refer to nothing"),
        schema.migrating(sqlite_database._writer) as connection,
    ):
        connection.exec_driver_sql("INSERT INTO study_text VALUES ('nowhere', 'en', 'Title', 'Owner', '', '')")

    with sqlite_database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM study_text")).scalar() == 0
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_migrations_travel_with_the_package():
    assert Path(schema.MIGRATIONS, "env.py").is_file()
    assert "0001_first_tables.py" in {file.name for file in VERSIONS}
