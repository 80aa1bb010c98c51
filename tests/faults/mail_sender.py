"""Sends what is due, in a process of its own that a test can kill: DATABASE_URL PORT."""

import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from mailing import BASE, SEAL  # noqa: E402 (the path is set above)

from survey.database import Database  # noqa: E402 (as above)
from survey.services.mailing.sending import House, send_due  # noqa: E402 (as above)
from survey.services.mailing.transport import Transport  # noqa: E402 (as above)
from survey.settings import Encryption, MailServer  # noqa: E402 (as above)


def main(url, port):
    server = MailServer("127.0.0.1", int(port), Encryption.NONE, "Survey", "survey@example.org")
    database = Database(url)
    with Transport(server) as transport:
        send_due(House(database, SEAL, server, BASE, lambda: datetime.now(UTC)), transport)
    database.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
