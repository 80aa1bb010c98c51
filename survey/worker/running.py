"""Doing jobs one after the other: claim, renew the lease while the task computes, and say how it ended."""

import contextlib
import json
import logging
import os
import re
import secrets
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from survey.database import Database, DatabaseError
from survey.services import jobs, watching
from survey.services.errors import LeaseLost, SurveyError
from survey.services.jobs import Held
from survey.settings import Settings
from survey.worker.context import Context
from survey.worker.holding import Ending, Holding, Stopped
from survey.worker.tasks import Task

log = logging.getLogger("survey.worker")

PAUSE = 1.0  # seconds between two tries to say how a job ended

_ADDRESS = re.compile(r"\S+@\S+")


class Pace(NamedTuple):
    """How long a job is held without a sign of life, and every how many seconds there is one: three may fail.

    look: seconds from one look for what is due to the next.
    """

    lease: timedelta = timedelta(seconds=60)
    beat: float = 15.0
    look: float = 60.0


USUAL = Pace()


class _End(NamedTuple):
    """How an attempt ended: in words for the log, and the step that the job then takes."""

    words: str
    step: Callable[..., object]


class Runner:
    """One worker. `failed` counts the jobs that it saw fail for good."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        tasks: Mapping[str, Task],
        *,
        now: Callable[[], datetime],
        pace: Pace = USUAL,
    ) -> None:
        self._settings = settings
        self._database = database
        self._tasks = tasks
        self._now = now
        self._pace = pace
        # Other processes may have the same number on another machine, or had it before.
        self.name = f"{os.getpid()}-{secrets.token_hex(6)}"
        self.failed = 0
        # One job at a time, though both a message and the minute may ask for it.
        self._turn = threading.Lock()
        self._held: Held | None = None
        self._is_ending = threading.Event()  # no further job is begun
        self._gives_up = threading.Event()  # the running one is ended where it says how far it is
        self._is_idle = threading.Event()
        self._is_idle.set()

    def look(self) -> None:
        """What is to be done every minute: take up what others left, plan what is due again, and do all that waits."""
        every = {kind: task.every for kind, task in self._tasks.items() if task.every is not None}
        now = self._now()
        with self._database.writing() as session:
            watching.note_worker(session, now=now)
            released = jobs.release_expired(session, now=now)
            jobs.plan(session, every, now=now)
        if released:
            log.warning("%d jobs whose workers were gone are taken up again or ended", released)
        # Whoever is at work does all that is due before it stops.
        if self._turn.acquire(blocking=False):
            try:
                self._do_all()
            finally:
                self._turn.release()

    def work(self, job_id: uuid.UUID) -> None:
        """Do this job, if it is due and nobody has it, and then all others that are due."""
        with self._turn:
            self._do_next(job_id)
            self._do_all()

    def end(self, seconds: float) -> None:
        """Begin nothing more; let the running job come to its end, or give it back, within so many seconds.

        Half of the time it may finish by itself, then it is ended where it says how far it is. What does not say so is
        given back in its place; whoever calls this ends the process at once then.
        """
        self._is_ending.set()
        if self._is_idle.wait(seconds / 2):
            return
        self._gives_up.set()
        if self._is_idle.wait(seconds / 3):
            return
        held = self._held
        if held is not None:
            # Where that fails, its lease runs out.
            with contextlib.suppress(LeaseLost, DatabaseError), self._database.writing() as session:
                jobs.give_back(session, held, now=self._now())
                log.warning("job %s (%s) is given back unfinished", held.id, held.kind)

    def _do_all(self) -> None:
        while self._do_next(None):
            pass

    def _do_next(self, job_id: uuid.UUID | None) -> bool:
        """Claim a job and do it; whether there was one."""
        # In this order, so that `end` either keeps the job from being begun or waits for it.
        self._is_idle.clear()
        try:
            if self._is_ending.is_set():
                return False
            with self._database.writing() as session:
                self._held = jobs.claim(session, job_id, worker=self.name, now=self._now(), lease=self._pace.lease)
            if self._held is None:
                return False
            self._do(self._held)
        finally:
            self._held = None
            self._is_idle.set()
        return True

    def _do(self, held: Held) -> None:
        begun = time.monotonic()
        log.info("job %s (%s) begins, attempt %d", held.id, held.kind, held.attempt)
        try:
            end = self._attempt(held)
            self._settle(held, end.step)
        except LeaseLost:
            log.warning("job %s (%s) is in other hands and left alone", held.id, held.kind)
        else:
            log.info("job %s (%s) %s after %.1f s", held.id, held.kind, end.words, time.monotonic() - begun)

    def _attempt(self, held: Held) -> _End:
        """Run the task. LeaseLost when it has heard that the job is in other hands."""
        task = self._tasks.get(held.kind)
        if task is None:
            unknown = f"This worker does not know jobs of the kind {held.kind}; is it up to date?"
            return _End("is not known", partial(jobs.fail, error=unknown))
        holding = Holding(
            self._database,
            held,
            now=self._now,
            lease=self._pace.lease,
            seconds=self._pace.beat,
            gives_up=self._gives_up,
        )
        context = Context(
            settings=self._settings,
            database=self._database,
            now=self._now,
            job_id=held.id,
            study_id=held.study_id,
            arguments=held.arguments,
            progress=holding.progress,
        )
        try:
            with holding:
                result = task.run(context)
            # A failure of the task, and not of the database when it is written.
            json.dumps(result)
        except Stopped:
            return _End("is stopped", jobs.stop)
        except Ending:
            return _End("is given back", jobs.give_back)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 (a task must not take the worker with it)
            return _End("has failed", partial(jobs.fail, error=_told(held, error)))
        return _End("is done", partial(jobs.finish, result=result))

    def _settle(self, held: Held, step: Callable[..., object]) -> None:
        """Write how the attempt ended; tries for as long as the lease lasts, because the database may be away."""
        last = time.monotonic() + self._pace.lease.total_seconds()
        while True:
            try:
                with self._database.writing() as session:
                    is_last = step(session, held, now=self._now())
            except DatabaseError as error:
                if time.monotonic() > last or self._gives_up.is_set():
                    raise
                log.warning("job %s: its end could not be written yet: %s", held.id, type(error).__name__)
                self._gives_up.wait(PAUSE)
            else:
                self.failed += is_last is True
                return


def _told(held: Held, error: Exception) -> str:
    """A sentence about a failure. The log gets the places in the program, not the words, which may name somebody."""
    if isinstance(error, SurveyError | DatabaseError):
        log.warning("job %s (%s) failed: %s", held.id, held.kind, type(error).__name__)
        return _ADDRESS.sub("(address)", error.message)
    places = [f"{Path(each.filename).name}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)]
    log.error("job %s (%s) failed: %s at %s", held.id, held.kind, type(error).__name__, " > ".join(places))
    return f"Something unexpected went wrong ({type(error).__name__}, {places[-1]})."
