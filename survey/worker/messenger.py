"""Messages that wake a worker, by huey: in a file beside the data, or through PostgreSQL or Redis.

huey delivers at most once and forgets what a killed worker had in hand. Here that costs a minute and no job: a message
only names a row of the table `job`.
"""

import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

from huey import Huey
from huey.exceptions import ConfigurationError
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import PostgresStorage, RedisStorage
from sqlalchemy import make_url

from survey.settings import Settings, SettingsError
from survey.worker.queue_file import QueueFile

log = logging.getLogger("survey.worker")

NAME = "survey"
FILE = "jobs.db"


class Messenger:
    """Wakes workers. Opens nothing until the first message, and keeps the queue open until `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: tuple[Huey, Callable[[str], object]] | None = None

    def announce(self, job_id: uuid.UUID) -> None:
        """Tell the workers of a job, once the transaction that made it is committed. Nothing depends on it."""
        try:
            if self._opened is None:
                self._opened = make_queue(self._settings, _received_elsewhere)
            _, send = self._opened
            send(str(job_id))
        except SettingsError:
            raise
        except Exception as error:  # noqa: BLE001 (each kind of queue has its own errors)
            log.warning("no worker could be told; jobs begin up to a minute later: %s", type(error).__name__)

    def close(self) -> None:
        """Close the queue, if it was opened."""
        if self._opened is not None:
            self._opened[0].storage.close()


def make_queue(settings: Settings, receive: Callable[[uuid.UUID], None]) -> tuple[Huey, Callable[[str], object]]:
    """The queue of these settings, and what sends a message. receive: called by a consumer for each message.

    SettingsError when what the queue needs is not installed; errors of its own kind when it cannot be reached.
    """
    try:
        queue = Huey(NAME, results=False, serializer=_Json(), **_storage(settings))
    except ConfigurationError as error:
        raise SettingsError((f"SURVEY_JOBS_URL cannot be used: {error}",)) from error

    # By this name messages find their function, in each version of the program.
    @queue.task(name="run_job")  # type: ignore[untyped-decorator]
    def run_job(job_id: str) -> None:
        receive(uuid.UUID(job_id))

    return queue, run_job


def _storage(settings: Settings) -> dict[str, Any]:
    url = settings.jobs_url
    if url is None:
        return {"storage_class": QueueFile, "filename": str(settings.data_dir / FILE)}
    kind = url.partition(":")[0].partition("+")[0]
    if kind == "sqlite":
        return {"storage_class": QueueFile, "filename": make_url(url).database}
    if kind in {"redis", "rediss"}:
        return {"storage_class": RedisStorage, "url": url}
    # PostgreSQL's own library does not know names of drivers.
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return {"storage_class": PostgresStorage, "dsn": dsn, "table_prefix": "survey_queue"}


class _Json(Serializer):  # type: ignore[misc]
    """huey's own is pickle, by which whoever can write to the queue could run a program here."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def _received_elsewhere(_job_id: uuid.UUID) -> None:
    """For who only sends."""
