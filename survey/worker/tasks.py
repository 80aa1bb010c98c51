"""What the worker can do: a function for each kind of job. Whoever has a new kind of work adds a line here.

A task may be begun again after it was interrupted anywhere, so what it does has to be the same when done twice. It
opens short transactions of its own, calls `context.progress` between them, and gives what is worth keeping as a result.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from survey.services.mailing import planning, sending
from survey.services.tidying import tidy
from survey.worker.context import Context

log = logging.getLogger("survey.worker")


@dataclass(frozen=True, slots=True)
class Task:
    """every: how long from one to the next where nobody has to ask for it; at most a day."""

    run: Callable[[Context], Mapping[str, Any] | None]
    every: timedelta | None = None


def _tidy(context: Context) -> Mapping[str, Any]:
    return context.database.write(lambda session: tidy(session, now=context.now()))


def _queue_reminders(context: Context) -> Mapping[str, Any]:
    domain = context.settings.mail_domain
    return {"queued": planning.queue_reminders(context.database, domain=domain, now=context.now())}


def _send_mails(context: Context) -> Mapping[str, Any] | None:
    if context.settings.mail_server is None:
        # Mails wait; pages promise none, and the commands for mails say so.
        return None
    outcome = sending.run(context.settings, context.database, clock=context.now, progress=context.progress)
    if outcome.stopped:
        log.warning("mails wait: %s", outcome.stopped)
    return {"outcome": str(outcome), "stopped": outcome.stopped}


TASKS: dict[str, Task] = {
    "plan_reminders": Task(_queue_reminders, every=timedelta(minutes=15)),
    "send_mails": Task(_send_mails, every=timedelta(minutes=1)),
    "tidy": Task(_tidy, every=timedelta(hours=1)),
}
