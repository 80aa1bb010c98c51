"""What the worker can do: a function for each kind of job. Whoever has a new kind of work adds a line here.

A task may be begun again after it was interrupted anywhere, so what it does has to be the same when done twice. It
opens short transactions of its own, calls `context.progress` between them, and gives what is worth keeping as a result.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from survey.services.tidying import tidy
from survey.worker.context import Context


@dataclass(frozen=True, slots=True)
class Task:
    """every: how long from one to the next where nobody has to ask for it; at most a day."""

    run: Callable[[Context], Mapping[str, Any] | None]
    every: timedelta | None = None


def _tidy(context: Context) -> Mapping[str, Any]:
    return context.database.write(lambda session: tidy(session, now=context.now()))


TASKS: dict[str, Task] = {
    "tidy": Task(_tidy, every=timedelta(hours=1)),
}
