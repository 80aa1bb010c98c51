"""python -m exports DATASET.json WORKBOOK.xlsx: the workbook of any dataset, without a server or a database."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from exports.editions import Edition, ExportRefused
from exports.files import read_dataset
from exports.records import DatasetError
from exports.workbook import CellError, write_workbook

# A broken file may have millions of problems; nobody reads more than these.
MOST_SHOWN = 1000

EPILOG = """\
exit codes: 0 the workbook was written; 1 it was not, and the reason is on standard error; 2 the command was wrong.
The dataset file is what `survey export --format json` writes; exports/README.md describes it.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    given = _parser().parse_args(arguments)
    source, target = Path(given.dataset), Path(given.workbook)
    if target.suffix.lower() != ".xlsx":
        return _failed(2, f"{target}: a workbook's name ends in .xlsx")
    try:
        with source.open("rb") as file:
            dataset = read_dataset(file)
    except OSError as error:
        return _failed(1, f"{source}: {error.strerror}")
    except DatasetError as error:
        return _failed(1, *_shown(source, error))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        # Written beside the target and renamed: whoever opens the target finds the old file or the whole new one.
        with part.open("xb") as file:
            write_workbook(dataset, file, edition=Edition(given.edition))
        part.replace(target)
    except OSError as error:
        return _failed(1, f"{target}: {error.strerror}")
    except (CellError, ExportRefused) as error:
        return _failed(1, f"{target}: {error}")
    finally:
        part.unlink(missing_ok=True)
    print(f"{target}: {len(dataset)} evaluations, {given.edition} edition")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m exports",
        description="Write the Excel workbook of a dataset file: scores, shares and rows of every evaluation.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dataset", metavar="DATASET.json", help="the dataset to read")
    parser.add_argument("workbook", metavar="WORKBOOK.xlsx", help="the workbook to write; an old one is replaced")
    parser.add_argument(
        "--edition",
        choices=[edition.value for edition in Edition],
        default=Edition.INTERNAL.value,
        help="who may read it (default: %(default)s, for the project team)",
    )
    return parser


def _shown(source: Path, error: DatasetError) -> list[str]:
    lines = [f"{source}: {problem}" for problem in error.problems[:MOST_SHOWN]]
    more = len(error.problems) - MOST_SHOWN
    return [*lines, f"{source}: and {more} more problems"] if more > 0 else lines


def _failed(code: int, *lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
