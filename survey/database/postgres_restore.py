"""Making the tables of a dump in a PostgreSQL database; the old ones stay in a schema of another name."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from survey.database import postgres_dump, schema
from survey.database.database import Database
from survey.database.errors import DatabaseError
from survey.database.manifest import Contents

OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
""")


def restore(
    database: Database,
    backup: Path,
    contents: Contents,
    *,
    replace: bool,
    prepare: Callable[[Database], None],
    aside: str,
) -> str | None:
    """Set the old schema aside, load the dump and bring its tables up to date. When that fails, the old one is back.

    Gives the name under which the old schema is kept; None when it held no rows.
    """
    schema.require_known(contents.revision)
    database.dispose()
    with database.engine.begin() as connection:
        name, is_moved, holds_rows = _set_aside(connection, aside, replace=replace)
    database.dispose()
    try:
        postgres_dump.load(database.engine.url, backup)
        _compare(database, backup, contents)
        database.upgrade()
        prepare(database)
    except BaseException:
        database.dispose()
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')
            put_back = f'ALTER SCHEMA "{aside}" RENAME TO "{name}"' if is_moved else f'CREATE SCHEMA "{name}"'
            connection.exec_driver_sql(put_back)
        raise
    if is_moved and not holds_rows:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f'DROP SCHEMA "{aside}" CASCADE')
    return aside if holds_rows else None


def _set_aside(connection: Connection, aside: str, *, replace: bool) -> tuple[str, bool, bool]:
    """Rename the schema if it has tables. Gives its name, whether it was renamed, and whether it held rows."""
    name = str(connection.scalar(text("SELECT current_schema()")))
    if connection.scalar(OTHERS):
        raise DatabaseError("The database is in use. Stop the server and all else that is connected, then repeat this.")
    tables = inspect(connection).get_table_names()
    filled = [
        table
        for table in tables
        if table != "alembic_version" and connection.scalar(text(f'SELECT 1 FROM "{table}" LIMIT 1'))  # noqa: S608 (names from the database)
    ]
    if filled and not replace:
        raise DatabaseError(
            "The database holds data. Use --replace to put the backup in its place; it will be kept in another schema."
        )
    if tables:
        connection.exec_driver_sql(f'ALTER SCHEMA "{name}" RENAME TO "{aside}"')
        connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
    return name, bool(tables), bool(filled)


def _compare(database: Database, backup: Path, contents: Contents) -> None:
    with database.reading() as session:
        for table, rows in contents.rows.items():
            found = session.scalar(text(f'SELECT count(*) FROM "{table}"'))  # noqa: S608 (names from the dump)
            if found != rows:
                raise DatabaseError(f"Of {backup} only {found} rows of {table} came back, not {rows}.")
