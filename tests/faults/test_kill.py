"""The server is killed in the middle of saving, again and again."""

import random
import statistics

import pytest
from faults.clients import Load
from faults.served import LONGEST_START


def kill_again_and_again(installation, kills, seed=1):
    generator = random.Random(seed)
    starts = []
    with installation.serving() as served:
        # Whoever has bad luck is killed many times in a row.
        clients = installation.clients(served, patience=600)
        with Load(clients) as load:
            for _ in range(kills):
                load.wait_for(generator.randint(3, 15))
                served.kill()
                starts.append(served.start())
            load.wait_for(10)
    usual = statistics.median(starts)
    installation.assert_whole(clients, f"kills={kills} usual_start={usual:.1f}s slowest_start={max(starts):.1f}s")
    # The usual one, because a busy machine can hold up any single start.
    assert usual < LONGEST_START


def test_a_killed_server_has_lost_nothing(sqlite_installation):
    """Seen to fail when the API replied at once and committed 50 ms later: 72 acknowledged, most of them lost."""
    kill_again_and_again(sqlite_installation, 5)


@pytest.mark.long
def test_two_hundred_kills_have_lost_nothing(installation):
    """Fails as the short one does."""
    kill_again_and_again(installation, 200)
