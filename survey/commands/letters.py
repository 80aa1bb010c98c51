"""`survey study letters`: letters to print, in a file of their own."""

from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.files import write_whole
from survey.commands.installation import data_dir_option, ready, settings_of_installation, study_named, utc_now
from survey.factory import create_app
from survey.services.lettering import Choice, numbers_in, write_letters
from survey.services.sealing import Seal
from survey.web.lead.letters import document


@click.command(cls=Command)
@click.argument("key")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Where the letters go: a page (.html) with everything in it, for a browser to print.",
)
@click.option("--region", "region_key", default="", metavar="KEY", help="Only people of this region.")
@click.option("--numbers", default="", metavar="1-40,45", help="Only respondents with these numbers.")
@data_dir_option
def letters(key: str, output: Path, region_key: str, numbers: str, data_dir: Path | None) -> None:
    """Write a letter with a personal link and its QR code for everybody in the list of contacts who has not begun.

    Every call makes new links; earlier ones go on working. The file lets people in: whoever has it can answer for them.

    Examples:
      survey study letters alps-2026 --output letters.html --region lombardy
      survey study letters alps-2026 --output letters.html --numbers 1-40
    """
    settings = settings_of_installation(data_dir)
    choice = Choice(region_key, numbers_in(numbers))
    with ready(settings) as database:
        with database.writing() as session:
            study = study_named(session, key)
            written = write_letters(session, Seal(settings.contact_key_in_use), study, choice, now=utc_now())
        # Links of letters that cannot be written lead nowhere else: nobody has seen them.
        with create_app(settings, database).test_request_context(), database.reading() as session:
            page = document(study_named(session, key), written, today=utc_now().date(), is_alone=True)
        write_whole(output, lambda file: file.write(page.encode()))
    click.echo(f"{output}: {len(written)} letters. Open it in a browser and print it; then remove it.")
