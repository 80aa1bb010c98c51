"""`survey study links`, `reissue-link`, `revoke-link` and `code`: the ways in of one respondent."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from survey.commands.command import Command
from survey.commands.expiry import end_of_life, expires_on_option
from survey.commands.installation import (
    data_dir_option,
    installation,
    ready,
    settings_of_installation,
    study_named,
    utc_now,
)
from survey.commands.wording import moment
from survey.models import Link, Respondent, Study
from survey.queries.respondents import links_of, respondent_by_number
from survey.services import handing_over, inviting
from survey.services.accounts import Passwords
from survey.services.errors import NotFound


@click.command(cls=Command)
@click.argument("key")
@click.argument("number", type=click.IntRange(1))
@data_dir_option
def links(key: str, number: int, data_dir: Path | None) -> None:
    """List the personal links of a respondent: when each was made and whether it is alive. No link can be shown again.

    Example:
      survey study links alps-2026 17
    """
    with installation(data_dir) as database, database.reading() as session:
        found = links_of(session, _numbered(session, study_named(session, key), number).id)
        lines = [f"made {moment(link.created_at)}\t{_state(link)}" for link in found]
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo(f"Respondent {number} has no link; `survey study reissue-link {key} {number}` makes one.", err=True)


@click.command("reissue-link", cls=Command)
@click.argument("key")
@click.argument("number", type=click.IntRange(1))
@expires_on_option
@data_dir_option
def reissue_link(key: str, number: int, expires_on: datetime | None, data_dir: Path | None) -> None:
    """Make a new personal link for a respondent and print it, once. Earlier ones are dead at the next request.

    Example:
      survey study reissue-link alps-2026 17
    """
    end = end_of_life(expires_on)
    settings = settings_of_installation(data_dir)
    with ready(settings) as database, database.writing() as session:
        respondent = _numbered(session, study_named(session, key), number)
        token = inviting.reissue(session, respondent.id, now=utc_now(), expires_at=end)
    click.echo(inviting.link_address(settings.base_url, token))


@click.command("revoke-link", cls=Command)
@click.argument("key")
@click.argument("number", type=click.IntRange(1))
@data_dir_option
def revoke_link(key: str, number: int, data_dir: Path | None) -> None:
    """End all personal links of a respondent, and the sessions that they opened. Answers stay.

    Example:
      survey study revoke-link alps-2026 17
    """
    with installation(data_dir) as database, database.writing() as session:
        respondent = _numbered(session, study_named(session, key), number)
        ended = inviting.revoke(session, respondent.id, now=utc_now())
    click.echo(f"Links of respondent {number} that were ended: {ended}.")


@click.command(cls=Command)
@click.argument("key")
@click.argument("number", type=click.IntRange(1))
@data_dir_option
def code(key: str, number: int, data_dir: Path | None) -> None:
    """Make a short code to read out on the phone, and print it, once. It opens the interview once, within ten minutes.

    The respondent types number and code at the address that is printed. An earlier code of theirs is dead.

    Example:
      survey study code alps-2026 17
    """
    settings = settings_of_installation(data_dir)
    with ready(settings) as database, database.writing() as session:
        respondent = _numbered(session, study_named(session, key), number)
        made = handing_over.make_code(
            session,
            respondent.id,
            made_by="command",
            now=utc_now(),
            passwords=Passwords(
                time_cost=settings.argon2_time_cost,
                memory_kib=settings.argon2_memory_kib,
                parallelism=settings.argon2_parallelism,
            ),
        )
    click.echo(f"Address  {settings.base_url}/code\nNumber   {made.number}\nCode     {made.code}")


def _numbered(session: Session, study: Study, number: int) -> Respondent:
    found = respondent_by_number(session, study.id, number)
    if found is None:
        raise NotFound(f"The study {study.key} has no respondent {number}.")
    return found


def _state(link: Link) -> str:
    if link.revoked_at is not None:
        return f"revoked {moment(link.revoked_at)}"
    if link.expires_at is None:
        return "alive"
    return f"{'alive until' if utc_now() < link.expires_at else 'expired'} {moment(link.expires_at)}"
