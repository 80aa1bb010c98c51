"""Where figures come from: which data, which questionnaire, which version of the rules."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from exports.dataset import Dataset
from exports.files import encoded

PERCEIVED = (
    "Perceived replicability, before any transfer: what stakeholders of a region expect. It is not evidence "
    "that a practice works there."
)
SIMULATED = "SIMULATED DATA: these answers were made by a program, not given by people. Do not quote any figure."


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a reader needs to find the same data and rules again."""

    instrument: str  # "replicability v1"
    instrument_digest: str
    scoring_version: str
    translations_version: str
    program_version: str
    sha256: str  # of the dataset as `write_dataset` writes it: the checksum of the JSON export
    revision: int
    selection: str


def provenance(dataset: Dataset) -> Provenance:
    """The origin of everything that is computed from this dataset."""
    instrument = dataset.instrument
    return Provenance(
        instrument=f"{instrument.key} v{instrument.version}",
        instrument_digest=instrument.digest,
        scoring_version=instrument.scoring.version,
        translations_version=instrument.translations_version,
        program_version=_program_version(),
        sha256=sha256(dataset),
        revision=dataset.revision,
        selection=dataset.selection,
    )


def sha256(dataset: Dataset) -> str:
    """SHA-256 of the dataset's JSON file, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for piece in encoded(dataset):
        digest.update(piece)
    return digest.hexdigest()


def simulated_warning(dataset: Dataset) -> str | None:
    """The sentence that stands on every page and sheet as long as anything was made up; None for real answers."""
    if not dataset.is_simulated:
        return None
    made_up = Counter(interview.simulated or dataset.study.simulated for interview in dataset.interviews)
    if not made_up[False]:
        return SIMULATED
    return f"{SIMULATED} ({made_up[True]} of {made_up.total()} interviews are simulated.)"


def _program_version() -> str:
    try:
        return version("replicability-survey")
    except PackageNotFoundError:  # Run from a checkout that was never installed.
        return "not installed"
