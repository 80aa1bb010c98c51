"""The questionnaires that this package ships, and the proof that a published one has not changed."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from instruments.loading import STRUCTURE, load_folder
from instruments.model import Instrument
from instruments.sources import FileProblem, InstrumentError

HOME = Path(__file__).parent
LIST = "published.toml"


class NotPublishedError(LookupError):
    """Nobody published this questionnaire in this version."""


@dataclass(frozen=True, slots=True, order=True)
class Published:
    """A line of published.toml: what was asked in the field under this name."""

    key: str
    version: int
    digest: str

    def folder(self, home: Path) -> Path:
        """Where its files stand."""
        return home / "questionnaires" / self.key / f"v{self.version}"


def load(key: str = "replicability", version: int = 1) -> Instrument:
    """A published questionnaire, read once and kept.

    NotPublishedError when there is none. InstrumentError when its files are broken, or when what they ask is no
    longer what was published.
    """
    return load_published(HOME, key, version)


def load_all() -> tuple[Instrument, ...]:
    """Every published questionnaire, by key and version. A server asks before it starts; raises as `load`."""
    return tuple(load(entry.key, entry.version) for entry in published())


def load_checked(folder: Path) -> Instrument:
    """As `load_folder`; a folder that belongs to a published version must also still be what was published.

    That is a folder questionnaires/KEY/vVERSION under a published.toml which names it.
    """
    instrument = load_folder(folder)
    place = folder.resolve()
    home = place.parent.parent.parent
    for entry in published(home) if (home / LIST).is_file() else ():
        if entry.folder(home) == place:
            return _unchanged(instrument, entry, home)
    return instrument


def published(home: Path = HOME) -> tuple[Published, ...]:
    """All published questionnaires, by key and version."""
    entries = tomllib.loads((home / LIST).read_text(encoding="utf-8"))
    return tuple(sorted(Published(**entry) for entry in entries.get("published", [])))


def digest(instrument: Instrument) -> str:
    """SHA-256 over structure, codes and English wording, as 64 hexadecimal digits."""
    return instrument.digest


@lru_cache(maxsize=16)
def load_published(home: Path, key: str, version: int) -> Instrument:
    """As `load`, from another folder with a published.toml and questionnaires/KEY/vVERSION."""
    for entry in published(home):
        if (entry.key, entry.version) == (key, version):
            return _unchanged(load_folder(entry.folder(home)), entry, home)
    message = f"the questionnaire {key} v{version} is not published"
    raise NotPublishedError(message)


def _unchanged(instrument: Instrument, entry: Published, home: Path) -> Instrument:
    file = str(entry.folder(home) / STRUCTURE)
    name = f"{entry.key} v{entry.version}"
    if (instrument.key, instrument.version) != (entry.key, entry.version):
        message = f"this file calls itself {instrument.key} v{instrument.version}, but stands where {name} belongs"
        raise InstrumentError((FileProblem(file, 0, "", message),))
    if instrument.digest != entry.digest:
        message = (
            f"{name} was published with other questions, codes or English wording "
            f"(digest {entry.digest[:12]}, now {instrument.digest[:12]}). People have answered the published "
            f"version: undo the change, or make it in a new folder v{entry.version + 1} and publish that"
        )
        raise InstrumentError((FileProblem(file, 0, "", message),))
    return instrument
