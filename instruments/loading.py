"""Read a questionnaire: three files in, an Instrument out, or every problem of all three at once."""

from collections.abc import Mapping
from pathlib import Path

from instruments.building import build
from instruments.checking import check_structure
from instruments.checking_scores import check_scoring
from instruments.fitting import fit
from instruments.model import Instrument
from instruments.shape import InstrumentShape, ScoringShape
from instruments.sources import Document, FileProblem, InstrumentError, read_csv, read_yaml
from instruments.wording import check_header, check_keys, check_unused, collect_texts

STRUCTURE, SCORING, TEXTS = "instrument.yaml", "scoring.yaml", "texts.csv"


def load_folder(folder: Path) -> Instrument:
    """Read the questionnaire in this folder. InstrumentError with every problem when it cannot be used."""
    sources = {}
    problems = []
    for name in (STRUCTURE, SCORING, TEXTS):
        try:
            sources[name] = (folder / name).read_bytes().decode()
        except OSError as error:
            problems.append(FileProblem(str(folder / name), 0, "", f"cannot be read: {error.strerror}"))
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            problems.append(FileProblem(str(folder / name), line, "", "this is not UTF-8"))
    return _load(sources, folder, problems)


def load_sources(sources: Mapping[str, str], place: Path = Path()) -> Instrument:
    """Read a questionnaire from `Instrument.sources`, for example out of a dataset. As `load_folder`.

    place: what is put before the names of the files in problems.
    """
    problems = [
        FileProblem(str(place / name), 0, "", "this part is missing")
        for name in (STRUCTURE, SCORING, TEXTS)
        if name not in sources
    ]
    return _load(sources, place, problems)


def _load(sources: Mapping[str, str], folder: Path, problems: list[FileProblem]) -> Instrument:
    structure, scores = (_document(sources, folder, name) for name in (STRUCTURE, SCORING))
    shape = fit(structure, InstrumentShape) if structure.value is not None else None
    scoring = fit(scores, ScoringShape) if scores.value is not None else None
    sheet = read_csv(str(folder / TEXTS), sources.get(TEXTS, ""))
    texts = collect_texts(sheet)
    if shape is not None:
        structure.note(check_structure(shape))
    if shape is not None and scoring is not None:
        scores.note(check_scoring(shape, scoring))
    if shape is not None and texts is not None:
        structure.note(check_keys(shape, texts))
        sheet.problems += [*check_header(shape, sheet), *check_unused(shape, sheet)]
    found = [*problems, *structure.problems, *scores.problems, *(sheet.problems if TEXTS in sources else ())]
    if shape is None or scoring is None or texts is None or found:
        raise InstrumentError(tuple(found))
    return build(shape, scoring, texts, sources)


def _document(sources: Mapping[str, str], folder: Path, name: str) -> Document:
    """The file as plain values; nothing at all when there is no such file, which was told before."""
    return read_yaml(str(folder / name), sources[name]) if name in sources else Document(str(folder / name))
