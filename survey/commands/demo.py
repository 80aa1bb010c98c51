"""`survey demo`: everything needed to look around, in one command."""

import os
import shlex
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.installation import DEFAULT_DIR, note_demo, opened, utc_now
from survey.commands.progress import progress
from survey.commands.refusals import writing_to
from survey.commands.server import listen_at, run
from survey.demo import (
    DemoStudy,
    Note,
    NotOurs,
    demo_study,
    empty,
    fill,
    link_token,
    new_password,
    open_slug,
    read_note,
    write_note,
)
from survey.factory import create_app
from survey.settings import Settings
from survey.worker import working

HOST = "127.0.0.1"
INTERVIEWS = 250


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0: any free one.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the demonstration keeps its data.  [default: SURVEY_DATA_DIR, else ./var/demo]",
)
@click.option("--fresh", is_flag=True, help="Throw away what an earlier demonstration left there, and begin again.")
@click.option("--no-serve", is_flag=True, help="Make the data and end, without serving pages.")
@click.option(
    "--interviews",
    type=click.IntRange(1, 100_000),
    default=INTERVIEWS,
    show_default=True,
    help="How many interviews are simulated when the data are made.",
)
def demo(*, port: int, data_dir: Path | None, fresh: bool, no_serve: bool, interviews: int) -> None:
    """Try it out: a study on the shipped catalogue, filled with simulated answers and marked as such.

    Prints the address, an account that may see the results, a personal link that leads to the questions, and an open
    link at which anybody may start. The data stay for the next start. Later commands in the same folder find them, too:
    `survey export --study demo …`. The links that they print lead to where the demonstration runs, or ran last.

    Examples:
      survey demo
      survey demo --port 8080 --data-dir trying-it-out --fresh
    """
    folder = (data_dir or Path(os.environ.get("SURVEY_DATA_DIR") or DEFAULT_DIR / "demo")).expanduser().absolute()
    with ExitStack() as stack:
        listening = None if no_serve else stack.enter_context(listen_at(HOST, port))
        served_port = listening.getsockname()[1] if listening else port
        with writing_to(folder):
            known = _known(folder, fresh=fresh)
            if known is None:
                write_note(folder, Note(is_complete=False))
        settings = Settings.from_environment(
            {"SURVEY_DATA_DIR": str(folder), "SURVEY_BASE_URL": f"http://{HOST}:{served_port or 8000}"}
        )
        study = demo_study(utc_now())
        database = stack.enter_context(opened(settings))
        database.upgrade()
        if known is None:
            password = new_password()
            with progress("Simulating interviews") as bar:
                fill(database, study, password=password, interviews=interviews, now=utc_now(), progress=bar)
            known = Note(is_complete=True, lead_email=study.lead_email, lead_password=password)
        elif _was_given("interviews"):
            click.echo("The data of the last start are kept; --interviews counts with --fresh only.", err=True)
        token = link_token(database, study, known=known.token, now=utc_now())
        slug = open_slug(database, study, now=utc_now())
        note = replace(known, token=token, base_url=settings.base_url)
        with writing_to(folder):
            write_note(folder, note)
        note_demo(folder)
        click.echo(_words(settings, study, note, slug, data_dir))
        if listening is not None:
            click.echo("\nStop with Ctrl-C.")
            with working(settings, database, now=utc_now):
                run(create_app(settings, database), listening, base_url=settings.base_url)
            click.echo("Stopped.")


def _known(folder: Path, *, fresh: bool) -> Note | None:
    """What an earlier start has left, if it is to be used; else the folder has been emptied and there is None."""
    try:
        note = read_note(folder)
    except NotOurs as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if note is not None and (fresh or not note.is_complete):
        empty(folder)
        return None
    return note


def _was_given(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def _words(settings: Settings, study: DemoStudy, note: Note, slug: str, data_dir: Path | None) -> str:
    base = settings.base_url
    start = shlex.join(["survey", "demo", *(["--data-dir", str(data_dir)] if data_dir else [])])
    return "\n".join((
        "A demonstration: the practices are real, all answers were made by a program.",
        "",
        f"  Start page      {base}/",
        f"  To answer       {base}/link/{note.token}",
        f"  Open to all     {base}/join/{slug}",
        f"  To see results  {base}/studies/{study.key}/results",
        f"                  sign in as  {note.lead_email}",
        f"                  password    {note.lead_password}",
        f"  Workbook        survey export --study {study.key} --edition internal --format xlsx --output demo.xlsx",
        f"  Data            {settings.data_dir}",
        f"  Start again     {start}",
    ))  # fmt: skip
