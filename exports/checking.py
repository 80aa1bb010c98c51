"""Whether a dataset can be used: every problem with its place, so that who made the file can mend it at once."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exports.records import Place
from instruments import MISSING, NOT_ANSWERED, NOT_ASSIGNED, Instrument, Kind

if TYPE_CHECKING:
    from exports.dataset import Dataset

# The parts of an instrument that the statistics speak about by name.
SCALES_NEEDED = ("RS10", "RS5")
COLUMNS_NEEDED = ("EXIST", "VERDICT")

TICKED = (Kind.YES_NO, Kind.MULTI)  # Kinds whose columns hold 1 for yes and 0 for no.

# XML 1.0 has no place for these, so a workbook that held one would be called damaged.
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def allowed_codes(instrument: Instrument, column: str) -> frozenset[int]:
    """What may stand in one column: the answers of its question and every missing code.

    Missing codes are not limited to the ones a form offers: imported data may hold a 99 where ours does not.
    KeyError if the instrument has no such column.
    """
    for question in instrument.questions.values():
        if column in question.columns:
            answers = {0, 1} if question.kind in TICKED else {option.code for option in question.options}
            return frozenset(answers) | MISSING | {NOT_ANSWERED}
    raise KeyError(column)


def problems_of(dataset: "Dataset") -> Iterable[Place]:
    versions = tuple(_version_problems(dataset))
    if versions:  # The columns could not even be named.
        yield from versions
        return
    yield from _instrument_problems("instrument", dataset.instrument)
    for position, instrument in enumerate(dataset.older):
        yield from _instrument_problems(f"older[{position}]", instrument)
    yield from _text_problems(dataset)
    yield from _study_problems(dataset)
    yield from _list_problems(dataset)
    yield from _interview_problems(dataset)
    yield from _array_problems(dataset)


def _version_problems(dataset: "Dataset") -> Iterable[Place]:
    """Older versions are earlier ones of the same questionnaire, in order."""
    newest, after = dataset.instrument, (*dataset.older, dataset.instrument)[1:]
    for position, (instrument, following) in enumerate(zip(dataset.older, after, strict=True)):
        if instrument.key != newest.key:
            yield Place(f"older[{position}]", f"{instrument.key} is not the questionnaire {newest.key}")
        elif instrument.version >= following.version:
            message = f"version {instrument.version} does not come before version {following.version}"
            yield Place(f"older[{position}]", message)


def _instrument_problems(path: str, instrument: Instrument) -> Iterable[Place]:
    for scale in SCALES_NEEDED:
        if scale not in instrument.scoring.scales:
            yield Place(f"{path}.scoring.scales", f"the scale {scale} is missing")
    for column in COLUMNS_NEEDED:
        if column not in instrument.columns:
            yield Place(f"{path}.questions", f"the question {column} is missing")


def _text_problems(dataset: "Dataset") -> Iterable[Place]:
    """Characters that no sheet can hold, wherever a text stands outside the instrument."""
    yield from unusable_text("selection", dataset.selection)
    yield from _record_texts("study", dataset.study)
    for name in ("practices", "regions", "groups", "interviews"):
        for position, record in enumerate(getattr(dataset, name)):
            yield from _record_texts(f"{name}[{position}]", record)
    for position, texts in enumerate(dataset.texts):
        for question, text in texts.items():
            path = f"texts[{position}].{question}"
            if question not in dataset.layout.text_questions:
                yield Place(path, "no question of the instrument is answered in words under this name")
            yield from unusable_text(path, text)


def _record_texts(path: str, record: object) -> Iterable[Place]:
    for name in record.__slots__:  # type: ignore[attr-defined]
        value = getattr(record, name)
        if isinstance(value, str):
            yield from unusable_text(f"{path}.{name}", value)


def unusable_text(path: str, text: str) -> Iterable[Place]:
    """A problem if the text has a character that no workbook can hold."""
    found = NO_TEXT.search(text)
    if found:
        yield Place(path, f"the character U+{ord(found.group()):04X} at position {found.start() + 1} is not text")


def _study_problems(dataset: "Dataset") -> Iterable[Place]:
    study = dataset.study
    for name in ("key", "title"):
        if not getattr(study, name).strip():
            yield Place(f"study.{name}", "must not be empty")
    for name in ("opened_at", "closed_at", "cut_off"):
        yield from _naive_time(f"study.{name}", getattr(study, name))
    if study.target < 0:
        yield Place("study.target", f"{study.target} is less than 0")
    if dataset.revision < 0:
        yield Place("revision", f"{dataset.revision} is less than 0")


def _naive_time(path: str, moment: datetime | None) -> Iterable[Place]:
    if moment is not None and moment.utcoffset() is None:
        yield Place(path, "the time has no zone")


def _list_problems(dataset: "Dataset") -> Iterable[Place]:
    for name in ("practices", "regions", "groups", "interviews"):
        seen: dict[str, int] = {}
        for position, record in enumerate(getattr(dataset, name)):
            path = f"{name}[{position}].id"
            if not record.id.strip():
                yield Place(path, "must not be empty")
            elif record.id in seen:
                yield Place(path, f"{record.id!r} is the id of {name}[{seen[record.id]}] already")
            seen.setdefault(record.id, position)
    practices = {practice.id for practice in dataset.practices}
    for position, region in enumerate(dataset.regions):
        for home, practice in enumerate(region.home_practices):
            if practice not in practices:
                yield Place(f"regions[{position}].home_practices[{home}]", f"there is no practice {practice!r}")


def _interview_problems(dataset: "Dataset") -> Iterable[Place]:
    for position, interview in enumerate(dataset.interviews):
        path = f"interviews[{position}]"
        for name, size in (("region", len(dataset.regions)), ("group", len(dataset.groups))):
            index = getattr(interview, name)
            if not 0 <= index < size:
                yield Place(f"{path}.{name}", f"there is no number {index} among the {size} of the list")
        if interview.variant not in dataset.instrument.variants:
            yield Place(f"{path}.variant", f"the instrument has no variant {interview.variant!r}")
        if interview.instrument_version not in dataset.layout.versions:
            found, expected = interview.instrument_version, " or ".join(map(str, dataset.layout.versions))
            yield Place(f"{path}.instrument_version", f"{found} is not the version {expected} of the instrument")
        for name in ("started_at", "submitted_at"):
            yield from _naive_time(f"{path}.{name}", getattr(interview, name))


def _array_problems(dataset: "Dataset") -> Iterable[Place]:
    n, width = len(dataset.texts), len(dataset.columns)
    shapes = tuple(
        Place(name, f"has the type {array.dtype} and the shape {array.shape} instead of {dtype} and {shape}")
        for name, array, dtype, shape in (
            ("codes", dataset.codes, "int8", (n, width)),
            ("practice", dataset.practice, "int32", (n,)),
            ("region", dataset.region, "int32", (n,)),
            ("interview", dataset.interview, "int32", (n,)),
        )
        if array.dtype != dtype or array.shape != shape
    )
    if shapes:  # Nothing below could be said of such arrays.
        yield from shapes
        return
    for position, (column, origin) in enumerate(dataset.layout.origins.items()):
        codes = dataset.codes[:, position]
        allowed = np.array(sorted(allowed_codes(*origin)), np.int8)
        for row in np.flatnonzero(~np.isin(codes, allowed)).tolist():
            yield Place(f"codes[{row}][{position}]", f"{codes[row]} is not a code of {column}")
    in_range = np.ones(n, np.bool_)
    for name, index, size in (
        ("practice", dataset.practice, len(dataset.practices)),
        ("region", dataset.region, len(dataset.regions)),
        ("interview", dataset.interview, len(dataset.interviews)),
    ):
        wrong = (index < 0) | (index >= size)
        in_range &= ~wrong
        for row in np.flatnonzero(wrong).tolist():
            yield Place(f"{name}[{row}]", f"there is no number {index[row]} among the {size} of the list")
    yield from _repeated_evaluations(dataset, np.flatnonzero(in_range))
    if dataset.older and in_range.all():
        yield from _misplaced_codes(dataset)


def _repeated_evaluations(dataset: "Dataset", rows: NDArray[np.intp]) -> Iterable[Place]:
    """An interview judges a practice once. rows: those whose indices are in range."""
    pair = dataset.interview[rows].astype(np.int64) * len(dataset.practices) + dataset.practice[rows]
    _, first, place = np.unique(pair, return_index=True, return_inverse=True)
    for again in np.flatnonzero(first[place] != np.arange(len(pair))).tolist():
        row, before = int(rows[again]), int(rows[first[place[again]]])
        message = f"the same interview and practice as in row {before}"
        yield Place(f"practice[{row}]", message)


def _misplaced_codes(dataset: "Dataset") -> Iterable[Place]:
    """A version has answers in its own columns only."""
    for version in dataset.layout.versions:
        rows = np.flatnonzero(dataset.version == version)
        others = np.setdiff1d(np.arange(len(dataset.columns)), dataset.layout.positions(version))
        for row, column in np.argwhere(dataset.codes[np.ix_(rows, others)] != NOT_ASSIGNED).tolist():
            path = f"codes[{rows[row]}][{others[column]}]"
            yield Place(path, f"version {version} has no column {dataset.columns[others[column]]}")
