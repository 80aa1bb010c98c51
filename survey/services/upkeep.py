"""What was done to keep the data: when the last backup was made, when everything was checked and what was found.

Notes in the data folder, not in the database: they have to be there when that is not.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

BACKUP, CHECK = "last-backup", "last-check"


@dataclass(frozen=True, slots=True)
class Note:
    """When it was done, and how many things were wrong."""

    at: datetime
    problems: int = 0


def note(data_dir: Path, what: str, *, now: datetime, problems: int = 0) -> None:
    """Write down that something was done now. what: BACKUP or CHECK."""
    # Only a note: where it cannot be written, the work was done all the same.
    with suppress(OSError):
        draft = data_dir / f"{what}.new"
        draft.write_text(f"{now.isoformat()} {problems}\n", encoding="ascii")
        draft.replace(data_dir / what)


def noted(data_dir: Path, what: str) -> Note | None:
    """When it was done last; None if never, or if the note cannot be read."""
    with suppress(OSError, ValueError):
        moment, problems = (data_dir / what).read_text(encoding="ascii").split()
        return Note(datetime.fromisoformat(moment), int(problems))
    return None
