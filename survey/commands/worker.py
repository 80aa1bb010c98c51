"""`survey worker`: work that waits outside of requests."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.installation import data_dir_option, ready, settings_of_installation, utc_now
from survey.commands.stopping import told_to_stop
from survey.worker import Runner, working
from survey.worker.tasks import TASKS

NICENESS = 10  # who answers goes before what waits


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="Do all that is due now, and end: for a timer instead of a service.")
@data_dir_option
def worker(*, once: bool, data_dir: Path | None) -> None:
    """Do the work that waits outside of requests, such as mails, until Ctrl-C or SIGTERM.

    `survey serve` on SQLite has a worker in it, unless it is told otherwise; with PostgreSQL run this beside it, with
    the same settings. It runs with lower priority, one job at a time, and ends within ten seconds: a job that is not
    done until then is given back and begun again by the next worker. More workers may run at once; none does what
    another does. With --once it ends with 1 if a job failed for good.

    Examples:
      survey worker
      survey worker --once
      DATABASE_URL=postgresql://survey@localhost/survey SURVEY_JOBS_URL=redis://localhost survey worker
    """
    settings = settings_of_installation(data_dir, needs_key=True)
    with ready(settings) as database, _log():
        if hasattr(os, "nice"):
            os.nice(NICENESS)
        if once:
            runner = Runner(settings, database, TASKS, now=utc_now)
            runner.look()
            if runner.failed:
                raise click.ClickException(f"{runner.failed} jobs failed for good. `survey jobs list` shows them.")
            click.echo("Everything that was due is done or waits for another try.")
            return
        with told_to_stop() as stop, working(settings, database, now=utc_now):
            click.echo("Working. Stop with Ctrl-C.")
            # In steps, because Windows hears Ctrl-C only between two of them.
            while not stop.wait(1):
                pass
        click.echo("Stopped.")


@contextmanager
def _log() -> Iterator[None]:
    """Lines on stderr for each job that begins and ends, and for what went wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root, own = logging.getLogger(), logging.getLogger("survey.worker")
    before = own.level
    root.addHandler(handler)
    own.setLevel(logging.INFO)
    try:
        yield
    finally:
        own.setLevel(before)
        root.removeHandler(handler)
