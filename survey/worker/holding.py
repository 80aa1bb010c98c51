"""Holding a job: its lease is renewed while the task computes, and what ends the attempt is told to the task."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Self

from survey.database import Database
from survey.services import jobs, watching
from survey.services.errors import LeaseLost
from survey.services.jobs import Held

log = logging.getLogger("survey.worker")

STEP = 1.0  # seconds; a task may say more often how far it is


class Stopped(Exception):  # noqa: N818 (what is told)
    """Somebody wants the job stopped."""


class Ending(Exception):  # noqa: N818 (what is told)
    """The worker is asked to end."""


class Holding:
    """As a block: signs of life every `seconds`, from a thread of its own. A database may be away for a while."""

    def __init__(
        self,
        database: Database,
        held: Held,
        *,
        now: Callable[[], datetime],
        lease: timedelta,
        seconds: float,
        gives_up: threading.Event,
    ) -> None:
        self._database = database
        self._held = held
        self._now = now
        self._lease = lease
        self._seconds = seconds
        self._gives_up = gives_up
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="holding", daemon=True)
        self._ended: Exception | None = None
        self._written = time.monotonic()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def progress(self, done: int, total: int | None = None) -> None:
        """Write down how far the task is; see `Context`."""
        if self._gives_up.is_set():
            raise Ending
        if self._ended is not None:
            raise self._ended
        if done == total or time.monotonic() - self._written >= STEP:
            self._beat(done, total)

    def _renew(self) -> None:
        while not self._over.wait(self._seconds):
            try:
                self._beat()
            except LeaseLost as lost:
                self._ended = lost
                return
            except Stopped as stopped:
                # Held until the task has heard of it, so that nobody begins the same meanwhile.
                self._ended = stopped
            except Exception as error:  # noqa: BLE001 (the next beat tries again; without this thread the lease is lost)
                log.warning("job %s: no sign of life could be written: %s", self._held.id, type(error).__name__)

    def _beat(self, done: int | None = None, total: int | None = None) -> None:
        with self._database.writing() as session:
            now = self._now()
            is_wanted = jobs.beat(session, self._held, now=now, lease=self._lease, done=done, total=total)
            watching.note_worker(session, now=now)
        self._written = time.monotonic()
        if not is_wanted:
            raise Stopped
