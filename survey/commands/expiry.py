"""The option that says when a personal link ends, the same for every command that makes one."""

from datetime import datetime

import click

from survey.commands.installation import utc_now
from survey.services.inviting import end_of

expires_on_option = click.option(
    "--expires-on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The link's last day, in UTC.  [default: thirty days after the study's last day]",
)


def end_of_life(expires_on: datetime | None) -> datetime | None:
    """The moment at which a link with this last day ends; None for the usual one."""
    if expires_on is None:
        return None
    end = end_of(expires_on.date())
    if end <= utc_now():
        raise click.ClickException(f"The last day {expires_on.date()} is over already.")
    return end
