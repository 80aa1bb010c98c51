"""Backups while people save: each is restored elsewhere, and holds every save acknowledged before it began.

Prints `acked`: saves acknowledged before the start; `lost`: those that are not in it; `twice`; and `integrity`.
"""

import itertools
import os
import random
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from make import CRITERIA, RESPONDENT_ON_WEB, make_interview, make_save, make_study
from sqlalchemy import select

from survey.database import Database
from survey.models import AnswerChange
from survey.services.interviewing import save_answers
from survey.services.proving import differences

pytestmark = pytest.mark.usefixtures("postgresql_programs")

SURVEY = Path(sys.executable).with_name("survey")
SAVERS = 5
PAUSE = 0.1  # of each; together up to 50 saves a second


class Saver(threading.Thread):
    """Somebody who answers one question after the other, and notes what was acknowledged."""

    def __init__(self, database, interview_id, now, seed, over):
        super().__init__()
        self.acknowledged = []
        self._database, self._interview, self._now, self._over = database, interview_id, now, over
        self._generator = random.Random(seed)
        self._codes = {column: itertools.cycle(range(1, 6)) for column in CRITERIA}

    def run(self):
        while not self._over.wait(PAUSE):
            column = self._generator.choice(sorted(CRITERIA))
            save = make_save({column: next(self._codes[column])}, base_revision=1_000_000)
            with self._database.writing() as session:
                save_answers(session, self._interview, 1, save, author=RESPONDENT_ON_WEB, now=self._now)
            self.acknowledged.append((save.op_id, column, save.codes[column]))


@contextmanager
def saving(database, now):
    with database.writing() as session:
        study = make_study(session, now=now)
        interviews = [make_interview(session, study, now=now).id for _ in range(SAVERS)]
    over = threading.Event()
    savers = [Saver(database, interview, now, seed, over) for seed, interview in enumerate(interviews)]
    for saver in savers:
        saver.start()
    try:
        yield savers
    finally:
        over.set()
        for saver in savers:
            saver.join()


def survey(*arguments, **environ):
    """A command in a process of its own, as a nightly job runs it."""
    command = [SURVEY, *map(str, arguments)]
    done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def truth_of(database, acknowledged):
    """lost, twice and integrity of a restored database."""
    with database.reading() as session:
        rows = {}
        for row in session.execute(select(AnswerChange.op_id, AnswerChange.question, AnswerChange.code)):
            rows.setdefault(row.op_id, []).append((row.question, row.code))
        wrong = [*differences(session, lambda _done, _total: None)]
    problems = [*database.check(), *database.damage(is_quick=False), *database.dangling(), *wrong]
    lost = sum((column, code) not in rows.get(op_id, ()) for op_id, column, code in acknowledged)
    twice = sum(len(found) > 1 for op_id, found in rows.items() if op_id in {each[0] for each in acknowledged})
    return lost, twice, problems[0] if problems else "ok"


def back_up_and_restore(database, elsewhere, folder, now, number):
    acked = slowest = 0
    url = database.engine.url.render_as_string(hide_password=False)
    with saving(database, now) as savers:
        while sum(len(saver.acknowledged) for saver in savers) < 20:
            time.sleep(0.05)
        for each in range(number):
            before = [answer for saver in savers for answer in list(saver.acknowledged)]
            begun = time.monotonic()
            survey("backup", folder / f"{each}.backup", DATABASE_URL=url, SURVEY_DATA_DIR=str(folder))
            slowest = max(slowest, time.monotonic() - begun)
            survey(
                "restore", "--replace", folder / f"{each}.backup", DATABASE_URL=elsewhere, SURVEY_DATA_DIR=str(folder)
            )
            restored = Database(elsewhere)
            lost, twice, integrity = truth_of(restored, before)
            restored.dispose()
            acked += len(before)
            assert (lost, twice, integrity) == (0, 0, "ok"), f"backup {each}: {lost=} {twice=} {integrity=}"
    print(f"acked={acked} lost=0 twice=0 integrity=ok backups={number} slowest={slowest:.1f}s")  # noqa: T201


@pytest.fixture
def elsewhere(database, tmp_path, request):
    """The address of another place of the same kind."""
    if database.dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'survey.db'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        url = server.lend()
        yield url
        server.take_back(url)


def test_a_backup_under_saves_holds_all_that_was_acknowledged(database, elsewhere, tmp_path, now):
    """Seen to fail: with the file copied instead of VACUUM INTO, the backup itself refused ("lacks rows of
    answer_change: it has 0 of 62"); with that comparison removed too, 20 of 20 acknowledged saves were lost although
    integrity_check said ok. On PostgreSQL a dump without the rows of the log was refused.
    """
    back_up_and_restore(database, elsewhere, tmp_path, now, 2)


@pytest.mark.long
def test_fifty_backups_under_saves_hold_all_that_was_acknowledged(database, elsewhere, tmp_path, now):
    """Fails as the short one does."""
    back_up_and_restore(database, elsewhere, tmp_path, now, 50)
