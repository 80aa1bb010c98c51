import io
import os
import pty
import time

import pytest

from survey.commands import progress as module
from survey.commands.progress import Progress, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def at_once(monkeypatch):
    """Draw from the start and often, so that no test waits."""
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr(module, "STEP_SECONDS", 0.005)


def until(condition):
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


def test_what_is_done_soon_draws_nothing():
    terminal = Terminal()

    with Progress("Counting", terminal) as bar:
        bar(1, 2)

    assert terminal.getvalue() == ""


def test_a_bar_shows_how_much_is_done_and_is_gone_at_the_end(at_once):
    terminal = Terminal()

    with Progress("Counting", terminal) as bar:
        bar(1_500, 3_000)
        until(lambda: "1,500 of 3,000" in terminal.getvalue())

    assert f"Counting [{'#' * 14}{'-' * 14}] 1,500 of 3,000" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_without_a_number_the_seconds_show(at_once):
    terminal = Terminal()

    with Progress("Writing", terminal):
        until(lambda: "Writing … 0 s" in terminal.getvalue())


def test_an_error_ends_the_drawing(at_once):
    terminal = Terminal()

    def break_off():
        with Progress("Writing", terminal):
            until(lambda: "Writing" in terminal.getvalue())
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        break_off()

    assert terminal.getvalue().endswith("\r\x1b[K")


def test_nothing_is_drawn_into_a_pipe(at_once, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)

    with progress("Writing") as bar:
        bar(1, 2)
        time.sleep(0.05)

    assert stream.getvalue() == ""


def test_it_draws_on_a_real_terminal(at_once, monkeypatch):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        with progress("Writing"):
            seen = os.read(ours, 100)
    os.close(ours)

    assert b"Writing" in seen
