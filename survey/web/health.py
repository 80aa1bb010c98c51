"""Whether the program runs, and whether answers can be saved: for whoever watches over it, and for load balancers.

Words only, no versions and no paths: anybody may ask.
"""

import logging
import shutil
from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DatabaseError as DriverError

from survey.database import Busy, Database, DatabaseError
from survey.queries import jobs
from survey.services import upkeep, watching
from survey.settings import Settings
from survey.web.configuration import settings
from survey.web.database import database, utc_now
from survey.web.guards import public

log = logging.getLogger("survey.web")
bp = Blueprint("health", __name__, url_prefix="/health")

PATIENCE = 1.0  # seconds: who watches wants an answer, not a turn
LEAST_FREE = 0.1  # of the disk; beyond that somebody has to act before saves are refused
# Once a day, and two hours for a night in which it took long.
LONGEST_AGO = timedelta(hours=26)


@bp.get("/live")
@public
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "live"}


@bp.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """200 when an answer could be saved now, else 503 with the problems. Warnings want a person, but not at night.

    worker: whether one was at work in the last two minutes, and what waits for it; None when that cannot be read. The
    pages do without a worker, so it is no problem of theirs.
    """
    try:
        problems = [*_problems(database(), settings())]
        warnings = [*_warnings(database(), settings())]
        worker = None if "database" in problems else _worker(database())
    except Exception:
        log.exception("the look at health failed")
        problems, warnings, worker = ["unknown"], [], None
    status = "not ready" if problems else "ready"
    found = {"status": status, "problems": problems, "warnings": warnings, "worker": worker}
    return found, 503 if problems else 200


def _problems(database: Database, settings: Settings) -> Iterator[str]:
    try:
        database.try_to_write(wait_seconds=PATIENCE)
    except Busy:
        yield "busy"
    except DatabaseError as error:
        log.warning("not ready: %s", error.message)
        yield "database"
    disk = shutil.disk_usage(settings.data_dir if database.file is None else database.file.parent)
    if disk.free < LEAST_FREE * disk.total:
        yield "disk"


def _worker(database: Database) -> dict[str, bool | int | None] | None:
    now = utc_now()
    try:
        with database.reading() as session:
            is_seen = watching.is_worker_seen(session, now=now)
            waiting, since = jobs.due(session, now)
    except (DatabaseError, DriverError):
        return None
    oldest = None if since is None else int((now - since).total_seconds())
    return {"seen": is_seen, "waiting": waiting, "oldest_seconds": oldest}


def _warnings(database: Database, settings: Settings) -> Iterator[str]:
    now = utc_now()
    backup, check = (upkeep.noted(settings.data_dir, what) for what in (upkeep.BACKUP, upkeep.CHECK))
    if backup is None or now - backup.at > LONGEST_AGO:
        yield "backup"
    if check is None or now - check.at > LONGEST_AGO:
        yield "check"
    if check is not None and check.problems:
        yield "differences"
    if database.notice is not None:
        yield "library"
