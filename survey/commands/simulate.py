"""`survey simulate`: invented answers."""

from pathlib import Path

import click

from survey.commands.command import Command
from survey.commands.installation import data_dir_option, installation, utc_now
from survey.commands.progress import progress
from survey.services.simulating import simulate as simulate_interviews


@click.command(cls=Command)
@click.option("--study", required=True, metavar="KEY", help="The study to fill. It must be open.")
@click.option("--interviews", required=True, type=click.IntRange(1, 1_000_000), help="How many people are invented.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same answers.")
@data_dir_option
def simulate(study: str, interviews: int, seed: int, data_dir: Path | None) -> None:
    """Fill a study with simulated answers, for trying out and for planning.

    They go through the same steps as real ones, with people who do not know, break off or decline. Whatever is made is
    marked as simulated on every page and in every workbook.

    Example:
      survey simulate --study demo --interviews 100 --seed 7
    """
    with installation(data_dir) as database, progress("Simulating interviews") as bar:
        made = simulate_interviews(database, study, interviews=interviews, seed=seed, now=utc_now(), progress=bar)
    click.echo(str(made))
