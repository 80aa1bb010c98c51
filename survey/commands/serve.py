"""`survey serve`: the pages of an installation."""

import os
from contextlib import nullcontext
from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.installation import data_dir_option, in_folder, opened, utc_now
from survey.commands.server import THREADS, is_loopback, listen_at, run
from survey.factory import create_app
from survey.settings import Settings
from survey.worker import working


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0: any free one.")
@click.option("--threads", type=click.IntRange(1, 64), default=THREADS, show_default=True, help="Requests at a time.")
@click.option(
    "--with-worker/--without-worker",
    default=None,
    help="Do the work that waits, such as mails, in this process, too; or leave it to `survey worker`.  "
    "[default: with on SQLite, without on PostgreSQL]",
)
@data_dir_option
def serve(*, host: str, port: int, threads: int, with_worker: bool | None, data_dir: Path | None) -> None:
    """Serve the pages of this installation until Ctrl-C or SIGTERM.

    Run `survey db upgrade` once before. On one's own machine nothing else is needed. What others shall reach needs
    SURVEY_BASE_URL (https), SURVEY_SECRET_KEY, and a proxy in front that speaks HTTPS and adds the visitor's address to
    X-Forwarded-For; SURVEY_TRUSTED_PROXIES=1 says that it does, so that limits are for each network and not for all.

    Examples:
      survey serve
      SURVEY_BASE_URL=https://survey.example.org SURVEY_SECRET_KEY=… survey serve --port 8080
    """
    with listen_at(host, port) as listening:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        environ = in_folder(data_dir, os.environ)
        if is_loopback(host):
            environ["SURVEY_BASE_URL"] = environ.get("SURVEY_BASE_URL") or address
        settings = Settings.from_environment(environ)
        if not is_loopback(host) and not settings.secure_cookies:
            raise click.ClickException(
                f"{host} can be reached by others: set SURVEY_BASE_URL to the https address that they use."
            )
        with opened(settings) as database:
            database.require_sound()
            app = create_app(settings, database)
            works = database.file is not None if with_worker is None else with_worker
            click.echo(
                "Mails and other work that waits are done in this process."
                if works
                else "Mails and other work that waits need `survey worker` beside this process."
            )
            with working(settings, database, now=utc_now) if works else nullcontext():
                click.echo(f"Serving {settings.base_url} at {address}. Stop with Ctrl-C.")
                run(
                    app,
                    listening,
                    base_url=settings.base_url,
                    threads=threads,
                    is_behind_proxies=settings.trusted_proxies > 0,
                )
    click.echo("Stopped.")
