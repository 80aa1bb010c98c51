"""An installation to break: a database with begun interviews, and what is right about it afterwards."""

import random
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import make
from faults.clients import Client
from faults.served import Served
from faults.truth import compare

from survey.database import Database

CLIENTS = 8


@dataclass
class Installation:
    """A database with begun interviews, and the personal links that lead to them."""

    url: str
    folder: Path
    database: Database
    tokens: list[str]
    opened: list[Client] = field(default_factory=list)

    def clients(self, served, number=CLIENTS, *, at=None, **more):
        """Browsers that have followed their links. at: another address in front of the server."""
        made = [
            Client(at or served.address, token, random.Random(seed), **more)
            for seed, token in enumerate(self.tokens[:number])
        ]
        self.opened += made
        return [client.open() for client in made]

    @contextmanager
    def serving(self, **how):
        """A running server, ended with the block."""
        served = Served(self.url, self.folder, **how)
        served.start()
        try:
            yield served
        finally:
            for client in self.opened:
                client.close()
            if served.process.poll() is None:
                served.stop()

    def assert_whole(self, clients, note=""):
        """Nothing that was acknowledged is lost or was done twice, and the database is sound."""
        found = compare(self.database, clients, note=note)
        assert found.is_whole, found
        return found


def install(database, folder, interviews=CLIENTS):
    """Interviews that have begun, with questions open about six practices each."""
    now = datetime.now(UTC)
    with database.writing() as session:
        study = make.make_study(session, now=now)
        made = [
            make.make_interview(session, study, now=now, stakeholder=number % 5 + 1, answers=[make.KNOW] * 6)
            for number in range(interviews)
        ]
    url = database.engine.url.render_as_string(hide_password=False)
    return Installation(url, folder, database, [each.token for each in made])
