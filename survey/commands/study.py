"""`survey study`: make, open and close studies, and invite people to answer."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import click

from survey.catalogue import read_catalogue
from survey.commands.command import Command, Group
from survey.commands.expiry import end_of_life, expires_on_option
from survey.commands.installation import (
    data_dir_option,
    installation,
    ready,
    region_named,
    settings_of_installation,
    study_named,
    utc_now,
)
from survey.commands.refusals import shortened
from survey.models import Study
from survey.queries.studies import all_studies
from survey.services import inviting, speaking, studying, wording
from survey.services.mailing import planning
from survey.texts import LANGUAGES, language_name, on_offer

# They need what reads workbooks, hashes codes or prints pages, which takes a while to load.
LATER: Mapping[str, tuple[str, str]] = {
    "export-texts": ("survey.commands.texts:export_texts", "Write the study's texts into a sheet for translators."),
    "import-texts": ("survey.commands.texts:import_texts", "Take the study's texts from a sheet that came back."),
    "import-contacts": ("survey.commands.contacts:import_contacts_command", "Read in whom to ask, from a list."),
    "letters": ("survey.commands.letters:letters", "Write letters to print, with a personal link and a QR code each."),
    "open-link": ("survey.commands.open_links:open_link", "Make an address that anybody may be given."),
    "open-links": ("survey.commands.open_links:open_links", "List the open links of a study."),
    "close-open-link": ("survey.commands.open_links:close_open_link", "Let nobody start at an open link any more."),
    "links": ("survey.commands.links:links", "List the personal links of a respondent."),
    "reissue-link": ("survey.commands.links:reissue_link", "Give a respondent a new link; the old ones are dead."),
    "revoke-link": ("survey.commands.links:revoke_link", "End all personal links of a respondent."),
    "code": ("survey.commands.links:code", "Make a short code to read out on the phone."),
}


@click.group(cls=Group, later=LATER)
def study() -> None:
    """Make, open and close studies, and invite people to answer.

    Example:
      survey study create alps-2026 --title "Alpine practices" --owner "The chamber of Milan" --contact lead@example.org
      survey study open alps-2026
      survey study invite --study alps-2026 --region lombardy --language it
    """


@study.command("list", cls=Command)
@data_dir_option
def list_studies(data_dir: Path | None) -> None:
    """List the studies: key, state and title.

    Example:
      survey study list
    """
    with installation(data_dir) as database, database.reading() as session:
        found = [(each.key, each.state.value, _title(each)) for each in all_studies(session)]
    for key, state, title in found:
        click.echo(f"{key}\t{state}\t{title}")
    if not found:
        click.echo("There is no study yet; `survey study create` makes one.", err=True)


@study.command(cls=Command)
@click.argument("key")
@click.option("--title", required=True, help="What the study is called on pages, in English.")
@click.option("--owner", required=True, help="Who asks and on whose behalf, one sentence in English.")
@click.option("--purpose", default="", help="Why people are asked, in a sentence or two of English.")
@click.option("--contact", required=True, metavar="EMAIL", help="Whom people may write to about their data.")
@click.option(
    "--closes-on", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day for answers: 2026-12-18."
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="KEY",
    help="A region of the shipped catalogue; may be repeated.  [default: all of them]",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(LANGUAGES),
    default=("en",),
    show_default=True,
    help="A language that respondents can choose; may be repeated. The first is for who asks for none of them.",
)
@data_dir_option
def create(
    key: str,
    title: str,
    owner: str,
    purpose: str,
    contact: str,
    languages: tuple[str, ...],
    closes_on: datetime | None,
    regions: tuple[str, ...],
    data_dir: Path | None,
) -> None:
    """Make a study with the shipped catalogue's practices and regions, as a draft.

    KEY names it in addresses and commands: small letters, digits and hyphens. A study opens when its texts are there in
    each of its languages: `survey study export-texts` writes them into a sheet for translators.

    Example:
      survey study create alps-2026 --title "Alpine practices" --owner "The chamber of Milan" --contact lead@example.org
      survey study create two --title Two --owner Me --contact me@example.org --region lombardy --region munich
    """
    with installation(data_dir) as database:
        catalogue = read_catalogue()
        with database.writing() as session:
            made = studying.create_study(
                session,
                key=key,
                titles={"en": title},
                owner={"en": owner},
                purpose={"en": purpose.strip()},
                contact_email=contact,
                closes_on=date(closes_on.year, closes_on.month, closes_on.day) if closes_on else None,
                languages=languages,
                now=utc_now(),
            )
            studying.add_catalogue(session, made, catalogue, regions=regions or None)
            missing = wording.missing_texts(session, made)
    click.echo(f"The study {key} is there, as a draft. `survey study open {key}` lets answers in.")
    if missing:
        click.echo(f"Texts missing before that: {len(missing)}. `survey study languages {key}` names them.")


@study.command(cls=Command)
@click.argument("key")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@data_dir_option
def languages(key: str, codes: tuple[str, ...], data_dir: Path | None) -> None:
    """Show or set the languages that respondents can choose.

    Shows the texts that are missing in them, too. The first language is for who asks for none of them. A study that is
    open takes a language only when every text is there, and none is removed in which interviews have begun.

    Example:
      survey study languages alps-2026
      survey study languages alps-2026 en it de
    """
    with installation(data_dir) as database:
        if codes:
            with database.writing() as session:
                speaking.set_languages(session, study_named(session, key), codes)
        with database.reading() as session:
            found = study_named(session, key)
            offered = tuple(found.languages)
            missing = wording.missing_texts(session, found)
            texts = wording.texts_of(session, found)
    for language in offered:
        untold = wording.undescribed(texts, language)
        note = f"\tpractices shown in another language: {untold}" if untold else ""
        click.echo(f"{language}\t{language_name(language)}{note}")
    for line in shortened([str(each) for each in missing]):
        click.echo(line, err=True)


@study.command("use-instrument", cls=Command)
@click.argument("key")
@click.argument("version", type=click.IntRange(1))
@data_dir_option
def use_instrument(key: str, version: int, data_dir: Path | None) -> None:
    """Ask new respondents a newer version of the questionnaire.

    Interviews that have begun keep the version they began with, and exports hold both. The command refuses a version in
    which the answers given so far would have no place, and says which of them will be counted apart. A study cannot
    go back.

    Example:
      survey study use-instrument alps-2026 2
    """
    with installation(data_dir) as database, database.writing() as session:
        apart = studying.use_instrument(session, study_named(session, key), version)
    for sentence in apart:
        click.echo(sentence)
    click.echo(f"New interviews of the study {key} have version {version}; those that have begun keep theirs.")


@study.command("open", cls=Command)
@click.argument("key")
@data_dir_option
def open_(key: str, data_dir: Path | None) -> None:
    """Let answers in. A closed study opens again.

    Every text has to be there in each of the study's languages; those that are missing are named.

    Example:
      survey study open alps-2026
    """
    with installation(data_dir) as database, database.writing() as session:
        studying.open_study(session, study_named(session, key), now=utc_now())
    click.echo(f"The study {key} is open.")


@study.command(cls=Command)
@click.argument("key")
@data_dir_option
def close(key: str, data_dir: Path | None) -> None:
    """Let no more answers in. What is there stays, and counts.

    Example:
      survey study close alps-2026
    """
    with installation(data_dir) as database, database.writing() as session:
        studying.close_study(session, study_named(session, key), now=utc_now())
    click.echo(f"The study {key} is closed.")


@study.command("mail-rules", cls=Command)
@click.argument("key")
@click.option("--gap-days", type=click.IntRange(1), metavar="N", help="Days between two mails to a person.")
@click.option("--reminders", type=click.IntRange(0), metavar="N", help="Reminders to a person, at most; 0 sends none.")
@click.option(
    "--hours", metavar="FROM-UNTIL", help="When mails may go out where the person is, Monday to Friday, such as 9-17."
)
@data_dir_option
def mail_rules(key: str, gap_days: int | None, reminders: int | None, hours: str | None, data_dir: Path | None) -> None:
    """Set how often and when people are reminded by mail, and print the rules. Without options only print them.

    Example:
      survey study mail-rules alps-2026 --gap-days 7 --reminders 2 --hours 9-17
    """
    with installation(data_dir) as database, database.writing() as session:
        found = study_named(session, key)
        planning.set_rules(session, found, gap_days=gap_days, reminders=reminders, hours=hours)
        click.echo(
            f"At most {found.reminders_limit} reminders, each at least {found.reminder_gap_days} days after the mail "
            f"before, from {found.mail_from_hour} to {found.mail_until_hour} o'clock where the person is, Monday to "
            "Friday."
        )


@study.command(cls=Command)
@click.option("--study", "key", required=True, metavar="KEY", help="Which study.")
@click.option("--region", "region_key", required=True, metavar="KEY", help="Where the person is asked about.")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="In which language the questions begin.  [default: the region's, if the study has it]",
)
@expires_on_option
@data_dir_option
def invite(key: str, region_key: str, language: str | None, expires_on: datetime | None, data_dir: Path | None) -> None:
    """Make a personal link for one person and print it, once: only its hash is kept.

    The link begins with SURVEY_BASE_URL; without it, with where a demonstration shows its pages.

    Example:
      survey study invite --study alps-2026 --region lombardy --language it
    """
    end = end_of_life(expires_on)
    settings = settings_of_installation(data_dir)
    with ready(settings) as database, database.writing() as session:
        found = study_named(session, key)
        region = region_named(session, found, region_key)
        if language and language not in found.languages:
            known = ", ".join(found.languages)
            raise click.ClickException(f"The study {key} has no language {language!r}. It has: {known}.")
        invitation = inviting.invite(
            session,
            found,
            region=region,
            stakeholder=None,
            language=on_offer(found.languages, language, region.default_language),
            now=utc_now(),
            expires_at=end,
        )
    click.echo(inviting.link_address(settings.base_url, invitation.token))


def _title(found: Study) -> str:
    return next((text.title for text in found.texts if text.language == "en"), found.key)
