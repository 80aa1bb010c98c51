"""`survey study open-link`, `open-links` and `close-open-link`: addresses that anybody may be given."""

from datetime import datetime
from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.installation import (
    data_dir_option,
    installation,
    ready,
    settings_of_installation,
    study_named,
    utc_now,
)
from survey.commands.wording import moment
from survey.models import OpenLink, Study
from survey.services import joining
from survey.services.errors import OpenLinkFull
from survey.services.inviting import end_of


@click.command("open-link", cls=Command)
@click.argument("key")
@click.option("--region", "region_key", metavar="KEY", help="Where people are asked about.  [default: they say it]")
@click.option("--slug", metavar="WORD", help="The end of the address.  [default: made from study and region]")
@click.option(
    "--limit",
    type=int,
    default=joining.STARTS_LIMIT,
    show_default=True,
    help="So many people may start; the address may become known to more.",
)
@click.option("--closes-on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day to start, in UTC.")
@data_dir_option
def open_link(
    key: str, region_key: str | None, slug: str | None, limit: int, closes_on: datetime | None, data_dir: Path | None
) -> None:
    """Make an address that anybody may be given, for a newsletter or a poster, and print it.

    Everyone who starts there becomes a respondent of their own and gets a personal link on request.

    Examples:
      survey study open-link alps-2026 --region lombardy
      survey study open-link alps-2026 --slug alps --limit 200 --closes-on 2026-12-01
    """
    settings = settings_of_installation(data_dir)
    with ready(settings) as database, database.writing() as session:
        made = joining.make_open_link(
            session,
            study_named(session, key),
            region_key=region_key,
            slug=slug,
            limit=limit,
            closes_at=end_of(closes_on.date()) if closes_on else None,
            now=utc_now(),
        )
        click.echo(f"{settings.base_url}/join/{made.slug}")


@click.command("open-links", cls=Command)
@click.argument("key")
@data_dir_option
def open_links(key: str, data_dir: Path | None) -> None:
    """List the open links of a study: slug, region, starts and limit, state.

    Example:
      survey study open-links alps-2026
    """
    with installation(data_dir) as database, database.reading() as session:
        study = study_named(session, key)
        found = joining.open_links_of(session, study)
        for link, region in found:
            where = region.key if region is not None else "any region"
            click.echo(f"{link.slug}\t{where}\t{link.starts} of {link.starts_limit}\t{_state(link, study)}")
    if not found:
        click.echo(f"There is no open link yet; `survey study open-link {key}` makes one.", err=True)


@click.command("close-open-link", cls=Command)
@click.argument("key")
@click.argument("slug")
@data_dir_option
def close_open_link(key: str, slug: str, data_dir: Path | None) -> None:
    """Let nobody start at an open link any more. Who has begun goes on.

    Example:
      survey study close-open-link alps-2026 alps
    """
    with installation(data_dir) as database, database.writing() as session:
        joining.close_open_link(session, study_named(session, key), slug, now=utc_now())
    click.echo(f"The open link {slug} is closed.")


def _state(link: OpenLink, study: Study) -> str:
    now = utc_now()
    if link.closed_at is not None:
        return f"closed at {moment(link.closed_at)}"
    refused = joining.refusal_of(link, study, now)
    if refused is not None:
        return "full" if isinstance(refused, OpenLinkFull) else "takes nobody now"
    return f"open until {moment(link.closes_at)}" if link.closes_at else "open"
