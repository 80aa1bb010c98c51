"""The version of the tables: made and changed by the migrations in `survey/migrations`, and by nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from survey.database.errors import DatabaseError

MIGRATIONS = Path(__file__).parent.parent / "migrations"
# Any number, the same in every process of this program.
UPGRADE_LOCK = 7_305_119
TRIGGERS = {
    "sqlite": frozenset({"answer_change_no_update", "answer_change_no_delete", "answer_change_no_replace"}),
    "postgresql": frozenset({"answer_change_no_change", "answer_change_no_truncate"}),
}
TRIGGER_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    # 'O': fires in ordinary sessions, so neither disabled nor for replicas only.
    "postgresql": (
        "SELECT tgname FROM pg_trigger "
        "WHERE tgrelid = to_regclass('answer_change') AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
    ),
}


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, as `alembic.ini` would have them; the connection goes to `env.py`."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The version this program needs."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def revision(connection: Connection) -> str | None:
    """The version the database has; None when it was never upgraded."""
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction in which tables may be rebuilt; committed on leaving.

    On SQLite a table is changed by copying it, and references to it must stand still meanwhile: they are checked at
    the end.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise DatabaseError(
                            "The upgrade would have left rows that refer to nothing; nothing was changed."
                        )
            finally:
                driver.execute("PRAGMA foreign_keys=ON")
        else:
            with connection.begin():
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
                yield connection


def upgrade(connection: Connection) -> None:
    """Run what is missing. DatabaseError when the database is newer than the program."""
    require_known(revision(connection))
    command.upgrade(config(connection), "head")


def downgrade(connection: Connection, target: str) -> None:
    """Go back to an older version, or to "base": no tables. For tests and for a step that went wrong."""
    command.downgrade(config(connection), target)


def problems(connection: Connection) -> tuple[str, ...]:
    """What keeps the tables from being used, a sentence for each."""
    try:
        require_known(revision(connection))
    except DatabaseError as error:
        return (error.message,)
    current, needed = revision(connection), head()
    if current is None:
        return (
            "The database has no tables. `survey db upgrade` makes new ones, `survey restore` brings a backup back.",
        )
    if current != needed:
        return (
            f"The database has version {current}, this program needs {needed}. `survey db upgrade` brings it there.",
        )
    dialect = connection.dialect.name
    missing = TRIGGERS[dialect] - set(connection.scalars(text(TRIGGER_NAMES[dialect])))
    return tuple(f"The trigger {name}, which protects the log of answers, is missing." for name in sorted(missing))


def require_known(current: str | None) -> None:
    """DatabaseError when a version of the tables is one that only a newer program knows. None: no tables yet."""
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseError(
            f"The database has version {current}, which this program does not know: it was made by a newer one. "
            "Nothing was changed; start the newer program."
        )
