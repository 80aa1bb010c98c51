"""What a task is given: its job, its surroundings, and the means to say how far it is."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from survey.database import Database
from survey.settings import Settings


class Progress(Protocol):
    def __call__(self, done: int, total: int | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Context:
    """One attempt at a job.

    progress: to be called between the task's transactions, every few seconds, with how much is done. It is the one
    place where a task can be ended: it raises when the job is in other hands, is to be stopped, or the worker ends. The
    task lets that pass, and leaves everything so that it can be begun again.
    """

    settings: Settings
    database: Database
    now: Callable[[], datetime]
    job_id: uuid.UUID
    study_id: uuid.UUID | None
    arguments: Mapping[str, Any]
    progress: Progress = field(repr=False)
