"""The folder of a demonstration: whether it is ours, what it remembers, and how it is emptied."""

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

# What a demonstration leaves in its folder. Only these are ever removed; other files may be anybody's.
NOTE = "demo.json"
OURS = (
    "survey.db",
    "survey.db-wal",
    "survey.db-shm",
    "survey.db-journal",
    "survey.db.lock",
    "survey.db.turn",
    "jobs.db",
    "jobs.db-journal",
    "jobs.db.unusable",
    "contact-key",
    "secret-key",
    NOTE,
)

CONSONANTS = "bdfgklmnprstvz"
VOWELS = "aeiou"


class NotOurs(Exception):  # noqa: N818 (a refusal with a reason, not a fault)
    """The folder holds a database that no demonstration has made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the folder remembers between two starts. For its owner's eyes only: it lets people in."""

    # False from the first file on until everything is there, so that a start that was cut off begins again.
    is_complete: bool
    lead_email: str = ""
    lead_password: str = ""
    token: str = ""
    # Where its pages were shown last. Notes of earlier versions do not say.
    base_url: str = ""


def read_note(folder: Path) -> Note | None:
    """The folder's note; None if no demonstration has been here. NotOurs if somebody else's database is."""
    try:
        return Note(**json.loads((folder / NOTE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        if (folder / "survey.db").exists():
            message = f"{folder} holds a database that `survey demo` has not made. Choose another --data-dir."
            raise NotOurs(message) from None
        return None
    except (ValueError, TypeError):
        message = f"{folder / NOTE} cannot be read. Choose another --data-dir, or remove the file and the database."
        raise NotOurs(message) from None


def noted_base_url(folder: Path) -> str:
    """Where the demonstration in this folder showed its pages last; "" if no demonstration was here, or none says."""
    try:
        note = read_note(folder)
    except (NotOurs, OSError):
        return ""
    return note.base_url if note is not None else ""


def write_note(folder: Path, note: Note) -> None:
    """Keep the note, whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes files that only their owner can read.
    handle, draft = tempfile.mkstemp(dir=folder, prefix=f"{NOTE}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(note), file, indent=1)
    Path(draft).replace(folder / NOTE)


def empty(folder: Path) -> None:
    """Remove what a demonstration has left. The note goes last, so that a removal that was cut off can be finished."""
    for name in OURS:
        (folder / name).unlink(missing_ok=True)


def new_password() -> str:
    """A password that can be typed from a screen: eight syllables, 49 bits by chance."""
    syllables = [secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(8)]
    return "-".join("".join(syllables[start : start + 2]) for start in range(0, 8, 2))
