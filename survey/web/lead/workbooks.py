"""The workbook of a study. A large one is made in a process of its own.

In this one it would take a core for seconds, in which those who answer wait for the interpreter.
"""

import os
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

from exports import Dataset
from exports.workbook import write_workbook

# Evaluations; below, the other process would take as long to start as the workbook takes.
LARGE = 2_000


def write(dataset: Dataset, file: BinaryIO, *, large: int = LARGE) -> None:
    """Write the workbook into an open file."""
    if len(dataset) < large:
        write_workbook(dataset, file)
        return
    # Not by fork, which would take along locks that other threads hold.
    context = get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=context, initializer=_give_way) as aside,
    ):
        path = Path(folder) / "workbook.xlsx"
        aside.submit(write_workbook, dataset, path).result()
        with path.open("rb") as whole:
            shutil.copyfileobj(whole, file)


def _give_way() -> None:
    """People who answer come first."""
    if hasattr(os, "nice"):
        os.nice(10)
