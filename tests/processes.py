"""Talking to commands that run in a process of their own."""

import sys
import threading
import urllib.error
import urllib.request


def lines_until(process, words):
    """What a process prints up to a line, or all of it if the line does not come within a minute."""
    read = []
    watch = threading.Timer(60, process.kill)
    watch.start()
    for line in process.stdout:
        read.append(line)
        if words in line:
            break
    watch.cancel()
    return "".join(read)


HAND_DOWN = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def handed_down(command, held):
    """A command that finds a socket where service managers put it; the number of its process must be known first."""
    return [sys.executable, "-c", HAND_DOWN, str(held.fileno()), *map(str, command)]


def get(address):
    """Status and text of a page of ours."""
    assert address.startswith("http://127.0.0.1:")
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 (checked above)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
