"""`survey jobs`: what waits for the worker, runs or has failed, for who runs the installation."""

import json
import uuid
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import click

from survey.commands.command import Command, Group
from survey.commands.installation import data_dir_option, ready, settings_of_installation, utc_now
from survey.models import Job, JobState
from survey.queries import jobs as rows
from survey.services import jobs as services
from survey.services.errors import NotFound
from survey.worker import Messenger

COLUMNS = "{:<36}  {:<16}  {:<9}  {:>11}  {:>8}  {:>5}  {}"


@click.group(cls=Group)
def jobs() -> None:
    """What waits for the worker, runs or has failed.

    Example:
      survey jobs list --state failed
    """


@jobs.command("list", cls=Command)
@click.option("--state", type=click.Choice([state.value for state in JobState]), help="Only jobs in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@data_dir_option
def list_jobs(*, state: str | None, limit: int, data_dir: Path | None) -> None:
    """List jobs, newest first. Finished ones are forgotten after a day, failed ones after thirty.

    Examples:
      survey jobs list
      survey jobs list --state failed --limit 1000
    """
    now = utc_now()
    with ready(settings_of_installation(data_dir)) as database, database.reading() as session:
        found = rows.newest_jobs(session, limit=limit, state=JobState(state) if state else None)
        if not found:
            click.echo("There are no such jobs." if state else "There are no jobs.")
            return
        click.echo(COLUMNS.format("job", "kind", "state", "progress", "attempts", "age", "error").rstrip())
        for job in found:
            attempts = f"{job.attempts}/{job.attempts_limit}"
            age = in_short(now - job.created_at)
            line = COLUMNS.format(str(job.id), job.kind, job.state, _progress(job), attempts, age, job.error or "")
            click.echo(line.rstrip())


@jobs.command(cls=Command)
@click.argument("job_id", type=click.UUID)
@data_dir_option
def show(*, job_id: uuid.UUID, data_dir: Path | None) -> None:
    """Show everything that is known about a job.

    Example:
      survey jobs show 0b5d2c1e-6f6e-4f6b-9a57-2f0c3a3f9d11
    """
    with ready(settings_of_installation(data_dir)) as database, database.reading() as session:
        job = rows.job_by_id(session, job_id)
        if job is None:
            raise NotFound(f"There is no job {job_id}.")
        facts = {
            "job": job.id,
            "kind": job.kind,
            "state": job.state,
            "progress": _progress(job),
            "attempts": f"{job.attempts} of {job.attempts_limit}",
            "study": job.study_id,
            "arguments": json.dumps(job.arguments, ensure_ascii=False),
            "asked for by": job.created_by,
            "asked for at": _moment(job.created_at),
            "not before": _moment(job.not_before),
            "begun at": _moment(job.started_at),
            "worker": job.worker,
            "held until": _moment(job.leased_until),
            "over at": _moment(job.finished_at),
            "result": json.dumps(job.result, ensure_ascii=False),
            "error": job.error,
        }
        for name, value in facts.items():
            click.echo(f"{name:<13} {'-' if value in {None, ''} else value}")


@jobs.command(cls=Command)
@click.argument("job_id", type=click.UUID)
@data_dir_option
def cancel(*, job_id: uuid.UUID, data_dir: Path | None) -> None:
    """Let a job not be done. One that runs is stopped where it next says how far it is.

    Example:
      survey jobs cancel 0b5d2c1e-6f6e-4f6b-9a57-2f0c3a3f9d11
    """
    with ready(settings_of_installation(data_dir)) as database, database.writing() as session:
        state = services.cancel(session, job_id, by="command", now=utc_now())
    is_running = state is JobState.RUNNING
    click.echo("It is running, and its worker is told to stop." if is_running else "It will not be done.")


@jobs.command(cls=Command)
@click.argument("job_id", type=click.UUID)
@data_dir_option
def retry(*, job_id: uuid.UUID, data_dir: Path | None) -> None:
    """Let a job that failed or was cancelled be tried again, with all its attempts.

    Example:
      survey jobs retry 0b5d2c1e-6f6e-4f6b-9a57-2f0c3a3f9d11
    """
    settings = settings_of_installation(data_dir)
    with ready(settings) as database, database.writing() as session:
        services.retry(session, job_id, now=utc_now())
    with closing(Messenger(settings)) as messenger:
        messenger.announce(job_id)
    click.echo("It waits for the worker.")


def in_short(age: timedelta) -> str:
    """45s, 12m, 5h or 3d; a clock that was set back gives 0s."""
    seconds = max(0, int(age.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _progress(job: Job) -> str:
    if job.total is None:
        return str(job.done) if job.done else "-"
    return f"{job.done}/{job.total}"


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
