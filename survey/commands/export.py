"""`survey export`: results to take away."""

from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.files import write_whole
from survey.commands.installation import data_dir_option, installation, utc_now
from survey.commands.progress import progress
from survey.services.collecting import collect
from survey.services.exporting import Format, require_edition, write_export


@click.command(cls=Command)
@click.option("--study", required=True, metavar="KEY", help="Which study.")
@click.option(
    "--edition",
    type=click.Choice(["internal", "partner", "public"]),
    required=True,
    help="For whom. Only the internal edition can be made in this version; it stays inside the project team.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice([format_.value for format_ in Format]),
    required=True,
    help="xlsx: the workbook. json: all data and the questionnaire in one file, which `python -m exports` reads.",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write. A file that is there is replaced, but only once the new one is whole.",
)
@data_dir_option
def export(study: str, edition: str, format_: str, output: Path, data_dir: Path | None) -> None:
    """Write the results of a study as a workbook or as data.

    The file can be read by its owner only: it holds single answers, if without names.

    Examples:
      survey export --study demo --edition internal --format xlsx --output demo.xlsx
      survey export --study demo --edition internal --format json --output demo.json
      python -m exports demo.json demo.xlsx
    """
    require_edition(edition)
    with installation(data_dir) as database, progress(f"Writing {output.name}"):
        # The database is let go before the file is made, which takes much longer: others may save meanwhile.
        with database.reading() as session:
            dataset = collect(session, study, now=utc_now())
        write_whole(output, lambda file: write_export(dataset, edition=edition, format=format_, file=file))
    click.echo(f"{output}: {len(dataset):,} evaluations from {len(dataset.interviews):,} interviews, {_size(output)}.")


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1_000_000:,.2f} MB"
