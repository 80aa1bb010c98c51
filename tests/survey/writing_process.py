"""Another process that writes, started by the tests of the database: `python writing_process.py WHAT URL [NUMBER]`.

It prints a line for everything that is committed, and `ready` when it holds what the test wants it to hold.
"""

import os
import sys
import time

from sqlalchemy import text

from survey.database import Database

READ = text("SELECT revision FROM study FOR UPDATE")
READ_SQLITE = text("SELECT revision FROM study")
WRITE = text("UPDATE study SET revision = :revision")


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def increment(database):
    """Read, then write: what is lost when two do it at once without waiting for each other."""
    with database.writing() as session:
        revision = session.scalar(READ_SQLITE if database.dialect == "sqlite" else READ) + 1
        session.execute(WRITE, {"revision": revision})
    return revision


def increments(database, number):
    say("ready")
    for _ in range(number):
        increment(database)


def acknowledge(database, _number):
    """Write without a pause until killed, and say each revision once it is saved."""
    while True:
        say(increment(database))


def hammer(database, number):
    """Write without a pause for that many seconds."""
    say("ready")
    end = time.monotonic() + number
    while time.monotonic() < end:
        increment(database)


def hold(database, number):
    """Keep the right to write for that many seconds."""
    with database.writing() as session:
        session.scalar(READ_SQLITE if database.dialect == "sqlite" else READ)
        say("ready")
        time.sleep(number)


def fork(database, number):
    """Write in a child and in its parent at once, with what the child inherited."""
    increment(database)
    child = os.fork()
    for _ in range(number):
        increment(database)
    if child == 0:
        os._exit(0)
    _, status = os.waitpid(child, 0)
    say(f"status {status}")


if __name__ == "__main__":
    what, url, *number = sys.argv[1:]
    act = {function.__name__: function for function in (increments, acknowledge, hammer, hold, fork)}[what]
    act(Database(url), *(int(part) for part in number or ["0"]))
