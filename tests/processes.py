"""Talking to commands that run in a process of their own."""

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


def get(address):
    """Status and text of a page of ours."""
    assert address.startswith("http://127.0.0.1:")
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 (checked above)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
