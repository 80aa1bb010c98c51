import pytest
from faults.installations import install


@pytest.fixture
def installation(database, tmp_path):
    """An installation on SQLite and on PostgreSQL in turn."""
    return install(database, tmp_path)


@pytest.fixture
def sqlite_installation(sqlite_database, tmp_path):
    return install(sqlite_database, tmp_path)


@pytest.fixture
def postgresql_installation(postgresql_database, tmp_path):
    return install(postgresql_database, tmp_path)
