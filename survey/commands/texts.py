"""`survey study export-texts` and `import-texts`: the texts of a study, to translators and back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.files import write_whole
from survey.commands.installation import data_dir_option, installation, study_named
from survey.commands.refusals import shortened
from survey.services import text_sheets, wording
from survey.services.reading_sheets import LARGEST_FILE
from survey.services.text_sheets import SheetFormat
from survey.services.wording import Change
from survey.texts import language_name

LONGEST_SHOWN = 60  # characters of a text in a line about it


@click.command(cls=Command)
@click.argument("key")
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write: a name that ends with .xlsx or .csv. A file that is there is replaced.",
)
@data_dir_option
def export_texts(key: str, output: Path, data_dir: Path | None) -> None:
    """Write the study's texts into a sheet for translators.

    One row per text, one column per language. In the workbook the cells are tinted that are needed and empty, and a
    second sheet says how to fill them in. `survey study import-texts` takes the file back.

    Examples:
      survey study export-texts alps-2026 --output texts.xlsx
      survey study export-texts alps-2026 --output texts.csv
    """
    format_ = _format_of(output)
    with installation(data_dir) as database, database.reading() as session:
        found = study_named(session, key)
        missing = len(wording.missing_texts(session, found))
        count = write_whole(output, lambda file: text_sheets.export_texts(session, found, format_, file))
    needed = f"; {missing:,} are needed and missing" if missing else ""
    click.echo(f"{output}: {count:,} texts{needed}.")


@click.command(cls=Command)
@click.argument("key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@data_dir_option
def import_texts(key: str, file: Path, dry_run: bool, data_dir: Path | None) -> None:  # noqa: FBT001 (an option)
    """Take the study's texts from a sheet that came back.

    All of it or nothing: whatever cannot be taken is named by its cell. Rows and columns that are left out change
    nothing; an emptied cell empties its text. An open study keeps every text that its respondents need.

    Examples:
      survey study import-texts alps-2026 texts.xlsx --dry-run
      survey study import-texts alps-2026 texts.xlsx
    """
    format_ = _format_of(file)
    content = _content(file)
    with installation(data_dir) as database, database.writing() as session:
        found = study_named(session, key)
        wording.hold(session, found)
        changes = text_sheets.changes_in(session, found, content, format_)
        if not dry_run:
            wording.set_texts(session, found, changes)
    for line in shortened(list(_in_words(changes))):
        click.echo(line)
    click.echo(_summary(changes, is_saved=not dry_run))


def _format_of(file: Path) -> SheetFormat:
    ending = file.suffix.lower().removeprefix(".")
    if ending not in set(SheetFormat):
        raise click.BadParameter(f"{file.name} must end with .xlsx or .csv.")
    return SheetFormat(ending)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            # One byte more than is taken, so that more is seen and not read.
            return opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror or error}.") from error


def _in_words(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        what = f"{change.kind}: {change.key} in {language_name(change.language)}"
        told = " → ".join(f"“{_short(text)}”" for text in (change.before, change.after) if text)
        yield f"{what}: {told}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"


def _summary(changes: Sequence[Change], *, is_saved: bool) -> str:
    if not changes:
        return "The sheet holds the texts that the study has; nothing changes."
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in Counter(change.kind for change in changes).items())
    return f"{kinds}. {'Saved.' if is_saved else 'Nothing was saved.'}"
