import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from processes import handed_down

from survey.commands import main
from survey.database import Database

SURVEY = Path(sys.executable).with_name("survey")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to be in, and an environment that says nothing about an installation."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "SURVEY_DATA_DIR", "SURVEY_SECRET_KEY", "SURVEY_BASE_URL", "SURVEY_JOBS_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def survey():
    """Calls a command in this process; gives its exit code and what it wrote."""

    def call(*arguments, **more):
        # A refusal must come as a sentence; anything else is a mistake of ours and rises.
        return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False, **more)

    return call


@pytest.fixture
def start():
    """Starts a command in a process of its own, and ends what is still running afterwards.

    held: a socket to hand down, as service managers do.
    """
    running = []

    def begin(*arguments, held=None, **environ):
        command = [SURVEY, *map(str, arguments)]
        process = subprocess.Popen(
            command if held is None else handed_down(command, held),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **environ},
            pass_fds=() if held is None else (held.fileno(),),
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def installation(folder, sqlite_file):
    """A database with all tables in ./var, as `survey db upgrade` leaves it."""
    (folder / "var").mkdir()
    sqlite_file.rename(folder / "var" / "survey.db")
    database = Database(None, data_dir=folder / "var")
    yield database
    database.dispose()
