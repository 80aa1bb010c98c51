"""A worker in this process: hears messages, and looks every minute for what no message told of."""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from huey.consumer import Consumer

from survey.database import Database
from survey.settings import Settings, SettingsError
from survey.worker.messenger import make_queue
from survey.worker.running import USUAL, Pace, Runner
from survey.worker.tasks import TASKS, Task

log = logging.getLogger("survey.worker")

TOLD_EVERY = 60.0  # seconds
POLL = 2.0  # seconds between two looks into a queue that cannot wake anybody
LONGEST_END = 8.0  # seconds for the running job; promised are ten for everything


class _Consumer(Consumer):  # type: ignore[misc]
    """huey's, without its handlers of signals: a server's process would be deaf to Ctrl-C and SIGTERM."""

    def _set_signal_handlers(self) -> None:
        """The process has its own."""

    def has_ended(self) -> bool:
        """Whether its threads end in the time they have."""
        return bool(self._join_workers())


class _Calm(logging.Filter):
    """huey tells of each look that failed with a traceback, every two seconds for as long as a server is away."""

    def __init__(self, *, every: float) -> None:
        super().__init__()
        self._every = every
        self._last = -every

    def filter(self, record: logging.LogRecord) -> bool:
        is_new = record.created - self._last >= self._every
        if is_new:
            self._last = record.created
            record.exc_info = None
        return is_new


class _Worker:
    def __init__(self, settings: Settings, runner: Runner, *, look_every: float) -> None:
        self._settings = settings
        self._runner = runner
        self._look_every = look_every
        self._consumer: _Consumer | None = None
        self._over = threading.Event()
        self._minutes = threading.Thread(target=self._run, name="minutes", daemon=True)

    def start(self) -> None:
        self._listen()
        self._minutes.start()

    def end(self, seconds: float) -> None:
        self._over.set()
        if self._consumer is not None:
            self._consumer.stop()
        self._runner.end(seconds)
        # What is still busy now ends with the process.
        if seconds and self._consumer is not None and self._consumer.has_ended():
            self._consumer.huey.storage.close()

    def _run(self) -> None:
        while True:
            try:
                self._runner.look()
            except Exception as error:  # noqa: BLE001 (what is wrong now may be mended in a minute)
                log.warning("the worker cannot look for jobs now: %s", type(error).__name__)
            if self._over.wait(self._look_every):
                return
            if self._consumer is None:
                self._listen()

    def _listen(self) -> None:
        """Hear messages from now on. A queue that cannot be reached is tried again in a minute."""
        try:
            queue, _ = make_queue(self._settings, self._receive)
            self._consumer = _Consumer(
                queue, periodic=False, max_delay=POLL, scheduler_interval=60, shutdown_timeout=1.5
            )
            self._consumer.start()
        except SettingsError:
            raise
        except Exception as error:  # noqa: BLE001 (each kind of queue has its own errors)
            log.warning("the queue cannot be reached; jobs begin up to a minute late: %s", type(error).__name__)

    def _receive(self, job_id: uuid.UUID) -> None:
        try:
            self._runner.work(job_id)
        except Exception as error:  # noqa: BLE001 (huey would log its words, which may name somebody)
            log.warning("job %s cannot be taken now: %s", job_id, type(error).__name__)


@contextmanager
def working(
    settings: Settings,
    database: Database,
    *,
    now: Callable[[], datetime],
    tasks: Mapping[str, Task] = TASKS,
    pace: Pace = USUAL,
) -> Iterator[None]:
    """Jobs are done in threads of this process until the block is left, which takes ten seconds at most.

    What is then still running has been given back or keeps its lease; the process is expected to end.
    """
    runner = Runner(settings, database, tasks, now=now, pace=pace)
    worker = _Worker(settings, runner, look_every=pace.look)
    with _calm_huey():
        worker.start()
        seconds = LONGEST_END
        try:
            yield
        except SystemExit:
            # Somebody asked a second time to stop, and is obeyed at once.
            seconds = 0
            raise
        finally:
            worker.end(seconds)


@contextmanager
def _calm_huey() -> Iterator[None]:
    logging.getLogger("huey").setLevel(logging.ERROR)
    calm = _Calm(every=TOLD_EVERY)
    loggers = [logging.getLogger(f"huey.consumer.{name}") for name in ("Worker", "Scheduler")]
    for each in loggers:
        each.addFilter(calm)
    try:
        yield
    finally:
        for each in loggers:
            each.removeFilter(calm)
