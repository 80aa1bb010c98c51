"""What a backup contains: noted in a small file beside it when it is made, compared when it is restored."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from survey.database.errors import DatabaseError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in a backup, by looking into it.

    revision: the version of its tables. last_answer_at: None while nothing was answered. rows: by table.
    """

    revision: str
    last_answer_at: datetime | None
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup's contents and fingerprint. sha256: of the whole file, in hexadecimal; size: its bytes."""

    kind: str  # "sqlite" or "postgresql"
    made_at: datetime
    contents: Contents
    size: int
    sha256: str

    def as_json(self) -> str:
        """For people and programs, one line for each thing."""
        contents = asdict(self.contents)
        told = {"format": FORMAT, "kind": self.kind, "made_at": self.made_at, **contents}
        told |= {"size": self.size, "sha256": self.sha256}
        return json.dumps(told, indent=2, default=lambda moment: moment.isoformat()) + "\n"


def beside(backup: Path) -> Path:
    """Where the manifest of a backup is."""
    return backup.with_name(f"{backup.name}.json")


def read(backup: Path) -> Manifest | None:
    """The manifest beside a backup, None when there is none. DatabaseError when it cannot be understood."""
    place = beside(backup)
    if not place.is_file():
        return None
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise DatabaseError(f"{place} was written by a newer program; nothing was changed.")
        last = told["last_answer_at"]
        contents = Contents(told["revision"], datetime.fromisoformat(last) if last else None, dict(told["rows"]))
        made_at = datetime.fromisoformat(told["made_at"])
        return Manifest(told["kind"], made_at, contents, int(told["size"]), str(told["sha256"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DatabaseError(f"{place} cannot be read as the manifest of a backup; nothing was changed.") from error
