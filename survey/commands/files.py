"""Files that a command leaves behind."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from survey.commands.refusals import writing_to

T = TypeVar("T")


def write_whole(output: Path, write: Callable[[BinaryIO], T]) -> T:
    """Write a file under another name and give it its own when it is whole and on the disk; else leave no trace."""
    with writing_to(output):
        handle, draft = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.", suffix=".part")
    try:
        with writing_to(output), os.fdopen(handle, "wb") as file:
            written = write(file)
            file.flush()
            os.fsync(file.fileno())
        with writing_to(output):
            Path(draft).replace(output)
            return written
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
