"""`survey mails`: invitations and reminders, what became of them, and what came back."""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from survey.commands.command import Command, Group
from survey.commands.installation import (
    data_dir_option,
    ready,
    region_named,
    settings_of_installation,
    study_named,
    utc_now,
)
from survey.commands.progress import progress
from survey.models import Mail, MailKind, MailState
from survey.queries import mails as queries
from survey.services import contacts, inviting
from survey.services.errors import NoMailServer, NotFound
from survey.services.mailing import bounces, outbox, planning, sending
from survey.services.mailing.planning import Planned
from survey.services.mailing.words import content_of, words_of
from survey.services.sealing import Seal
from survey.settings import Settings
from survey.texts import LANGUAGES

EXAMPLE_TOKEN = "-" * 43
# Of a mail's id: enough for billions of mails.
SHOWN_DIGITS = 12


def study_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option --study, the same for every command of mails."""
    return click.option("--study", "key", required=True, metavar="KEY", help="Which study.")(command)


def simulated_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option --although-simulated of the commands that queue mails."""
    return click.option(
        "--although-simulated", is_flag=True, help="Also where the study has answers that a program made."
    )(command)


@click.group(cls=Group)
def mails() -> None:
    """Invite and remind by mail, see what became of each mail, and note what came back.

    Mails are sent by SURVEY_SMTP_URL (smtp://user:password@host:587 or smtps://…:465) in the name of SURVEY_MAIL_FROM.

    Example:
      survey mails invite --study alps-2026 --dry-run
      survey mails invite --study alps-2026
      survey mails send
      survey mails list --study alps-2026 --state failed
    """


@mails.command(cls=Command)
@study_option
@click.option("--region", "region_key", metavar="KEY", help="People of this region only.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="So many at most, by number.")
@click.option("--dry-run", is_flag=True, help="Show the list and change nothing.")
@simulated_option
@data_dir_option
def invite(
    key: str,
    region_key: str | None,
    limit: int | None,
    *,
    dry_run: bool,
    although_simulated: bool,
    data_dir: Path | None,
) -> None:
    """Queue an invitation for everybody with an address who has had none, and print the list.

    Each line: the respondent's number, the language, and when the mail may go out (UTC) or why there is none.

    Example:
      survey mails invite --study alps-2026 --region lombardy --limit 50 --dry-run
    """
    _plan(
        key,
        MailKind.INVITATION,
        region_key=region_key,
        limit=limit,
        dry_run=dry_run,
        although_simulated=although_simulated,
        data_dir=data_dir,
    )


@mails.command(cls=Command)
@study_option
@click.option("--dry-run", is_flag=True, help="Show the list and change nothing.")
@simulated_option
@data_dir_option
def remind(key: str, *, dry_run: bool, although_simulated: bool, data_dir: Path | None) -> None:
    """Queue the reminders that are due now, and print who gets which, when, or why not.

    `survey study mail-rules` sets how many reminders there are, how far apart, and the hours.

    Example:
      survey mails remind --study alps-2026 --dry-run
    """
    _plan(
        key,
        MailKind.REMINDER,
        region_key=None,
        limit=None,
        dry_run=dry_run,
        although_simulated=although_simulated,
        data_dir=data_dir,
    )


@mails.command(cls=Command)
@data_dir_option
def send(data_dir: Path | None) -> None:
    """Send what is due now, in all studies. May run beside a worker: no mail goes out twice.

    Example:
      survey mails send
    """
    settings = settings_of_installation(data_dir)
    with ready(settings) as database:
        with progress("Sending") as bar:
            outcome = sending.run(settings, database, clock=utc_now, progress=bar)
        with database.reading() as session:
            waiting = queries.waiting(session)
    click.echo(f"{outcome}; {waiting} waiting." if waiting else f"{outcome}.")
    if outcome.stopped:
        raise click.ClickException(outcome.stopped)


@mails.command("list", cls=Command)
@study_option
@click.option("--state", type=click.Choice([each.value for each in MailState]), help="In this state only.")
@click.option("--show-addresses", is_flag=True, help="With the address of each person, as it is now.")
@data_dir_option
def list_(key: str, state: str | None, *, show_addresses: bool, data_dir: Path | None) -> None:
    """List the mails of a study, newest first: id, respondent, kind, state, time, and what happened last.

    Example:
      survey mails list --study alps-2026 --state uncertain
    """
    settings = settings_of_installation(data_dir)
    with ready(settings) as database, database.reading() as session:
        study = study_named(session, key)
        found = queries.by_state(session, study.id, state=MailState(state) if state else None)
        last = queries.last_events(session, study.id)
        seal = _seal(settings) if show_addresses else None
        for mail, number in found:
            line = [
                mail.id.hex[:SHOWN_DIGITS],
                str(number),
                f"{mail.kind.value} {mail.number}",
                mail.state.value,
                _clock(mail.sent_at or mail.not_before),
                last[mail.id].detail if mail.id in last else "",
            ]
            if seal is not None:
                line.insert(2, _address(session, seal, mail.respondent_id))
            click.echo("\t".join(line))
    counted = Counter(mail.state.value for mail, _ in found)
    click.echo(", ".join(f"{number} {state}" for state, number in sorted(counted.items())) or "No mails.", err=True)


@mails.command(cls=Command)
@click.argument("mail_id")
@data_dir_option
def show(mail_id: str, data_dir: Path | None) -> None:
    """Show the log of one mail. MAIL_ID: as `survey mails list` prints it.

    Example:
      survey mails show 3f2a9c0d1b7e
    """
    with ready(settings_of_installation(data_dir)) as database, database.reading() as session:
        mail = _mail(session, mail_id)
        click.echo(f"{mail.kind.value} {mail.number}, {mail.language}, {mail.message_id}: {mail.state.value}")
        for event in queries.events_of(session, mail.id):
            click.echo(f"{_clock(event.at)}\t{event.what}\t{event.detail}".rstrip())


@mails.command(cls=Command)
@click.argument("mail_ids", nargs=-1, required=True, metavar="MAIL_ID...")
@data_dir_option
def retry(mail_ids: tuple[str, ...], data_dir: Path | None) -> None:
    """Send mails again that failed, were cancelled, or of which nobody knows whether they were taken.

    What speaks against a mail when its turn comes still cancels it: nobody is written to who has finished meanwhile.

    Examples:
      survey mails retry 3f2a9c0d1b7e
      survey mails list --study alps-2026 --state cancelled | cut -f1 | xargs survey mails retry
    """
    with ready(settings_of_installation(data_dir)) as database, database.writing() as session:
        for mail_id in mail_ids:
            outbox.retry(session, _mail(session, mail_id), now=utc_now())
    one = len(mail_ids) == 1
    click.echo("The mail waits to be sent again." if one else f"{len(mail_ids)} mails wait to be sent again.")


@mails.command(cls=Command)
@click.argument("mail_id")
@data_dir_option
def cancel(mail_id: str, data_dir: Path | None) -> None:
    """Do not send a mail that waits.

    Example:
      survey mails cancel 3f2a9c0d1b7e
    """
    with ready(settings_of_installation(data_dir)) as database, database.writing() as session:
        outbox.cancel(session, _mail(session, mail_id), reason="cancelled by a person", now=utc_now())
    click.echo("The mail is cancelled.")


@mails.command(cls=Command)
@study_option
@click.argument("reports", nargs=-1, required=True)
@data_dir_option
def bounce(key: str, reports: tuple[str, ...], data_dir: Path | None) -> None:
    """Note mails that came back, so that nothing more is sent to these addresses.

    REPORTS: addresses, Message-IDs, files with one of them a line, or what mail servers report: single files, mbox
    files, Maildirs or folders of such files. Noting the same twice changes nothing.

    Examples:
      survey mails bounce --study alps-2026 nobody@example.org
      survey mails bounce --study alps-2026 ~/Maildir/.bounces
    """
    settings = settings_of_installation(data_dir)
    found = [report for each in reports for report in bounces.reports_in(each)]
    with ready(settings) as database, database.writing() as session:
        noted = bounces.note(session, _seal(settings), study_named(session, key).id, found, now=utc_now())
    for unknown in noted.unknown:
        click.echo(f"Nobody in the study {key}: {unknown}", err=True)
    click.echo(f"{noted.bounced} new, {noted.known_before} known before, {len(noted.unknown)} of nobody here.")


@mails.command(cls=Command)
@study_option
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="In which language.")
@click.option(
    "--kind",
    type=click.Choice([each.value for each in MailKind]),
    default=MailKind.INVITATION.value,
    show_default=True,
    help="Which mail.",
)
@click.option("--html", is_flag=True, help="The HTML part instead of the text.")
@data_dir_option
def preview(key: str, language: str, kind: str, *, html: bool, data_dir: Path | None) -> None:
    """Print a mail as people would get it, with an invented name and a link that opens nothing.

    Example:
      survey mails preview --study alps-2026 --language it --kind reminder --html > reminder.html
    """
    settings = settings_of_installation(data_dir)
    link = inviting.link_address(settings.base_url, EXAMPLE_TOKEN)
    with ready(settings) as database, database.reading() as session:
        content = content_of(
            study_named(session, key), MailKind(kind), language, name="Ada Lovelace", link=link, stop=f"{link}/stop"
        )
    words = words_of(content)
    click.echo(words.html if html else f"{words.subject}\n\n{words.text}", nl=False)


def _plan(
    key: str,
    kind: MailKind,
    *,
    region_key: str | None,
    limit: int | None,
    dry_run: bool,
    although_simulated: bool,
    data_dir: Path | None,
) -> None:
    settings = settings_of_installation(data_dir)
    now = utc_now()
    with ready(settings) as database:
        with database.reading() as session:
            study = study_named(session, key)
            if not (dry_run or although_simulated):
                planning.require_meant(session, study)
            region = region_named(session, study, region_key) if region_key else None
            planned = planning.plan(session, study, kind, now=now, region=region)
        due = [each for each in planned if each.is_due(now)][:limit]
        for line in _lines(planned, due, now):
            click.echo(line)
        if dry_run:
            click.echo(f"{len(due)} would be queued. Nothing was changed.", err=True)
            return
        queued = planning.queue_planned(
            database, study.id, due, created_by="command", domain=settings.mail_domain, now=now
        )
    click.echo(f"{queued} queued.", err=True)
    if settings.mail_server is None:
        click.echo(NoMailServer.sentence, err=True)


def _lines(planned: Sequence[Planned], due: Sequence[Planned], now: datetime) -> list[str]:
    chosen = {each.respondent_id for each in due}
    lines = []
    for each in planned:
        at = each.decision.at
        if at is None:
            what = f"none: {each.decision.why.value}" if each.decision.why else "none"
        elif each.respondent_id in chosen:
            what = f"{each.kind.value} {each.mail_number} at {_clock(at)}"
        else:
            what = "none: beyond the limit" if each.is_due(now) else f"none yet: not before {_clock(at)}"
        lines.append(f"{each.number}\t{each.language}\t{what}")
    return lines


def _mail(session: Session, given: str) -> Mail:
    """The mail whose id begins so."""
    found = queries.by_beginning(session, given)
    if len(found) != 1:
        raise NotFound(f"There is no mail {given!r}; `survey mails list` prints the ids.")
    return found[0]


def _address(session: Session, seal: Seal, respondent_id: uuid.UUID) -> str:
    identity = contacts.identity_of(session, seal, respondent_id)
    return identity.email if identity else ""


def _seal(settings: Settings) -> Seal:
    return Seal(settings.contact_key_in_use)


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
