"""Dataset to JSON and back. The file needs nothing beside it: the instrument travels in full."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO, ClassVar, Literal, TypeAlias

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from exports.checking import unusable_text
from exports.dataset import Dataset
from exports.records import FILE_RULES, DatasetError, Group, Interview, Place, Practice, Region, Study
from exports.versions import layout
from instruments import Instrument, InstrumentError, load_sources

FORMAT = 2  # 1 had no region of an evaluation: it was taken for the interview's
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # Windows editors put it in front.

# A million evaluations take some 150 MB. What is larger is not ours, and would fill the memory before it is refused.
LARGEST = 256 * 1024 * 1024

Code: TypeAlias = Annotated[int, Field(ge=-128, le=127)]
Index: TypeAlias = Annotated[int, Field(ge=0, le=2**31 - 1)]

LONGEST_SHOWN = 60  # characters of a wrong value in a sentence about it

# Long lists of bare numbers: their types are checked by pydantic, and no text or key can hide there.
NUMBERS = frozenset({"codes", "practice", "region", "interview"})


@dataclass(frozen=True, slots=True)
class _InstrumentPart:
    """The instrument as the text of the files it is written in, and the digest it had when the data were written."""

    __pydantic_config__: ClassVar = FILE_RULES

    digest: str
    sources: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Document:
    """The file as it stands, with the types of JSON."""

    __pydantic_config__: ClassVar = FILE_RULES

    format: Literal[2]
    study: Study
    instrument: _InstrumentPart
    practices: tuple[Practice, ...]
    regions: tuple[Region, ...]
    groups: tuple[Group, ...]
    interviews: tuple[Interview, ...]
    columns: tuple[str, ...]
    codes: list[list[Code]]
    practice: list[Index]
    region: list[Index]
    interview: list[Index]
    texts: tuple[dict[str, str], ...]
    selection: str
    revision: Index
    older: tuple[_InstrumentPart, ...] = ()


_DOCUMENT = TypeAdapter(_Document)
_PARTS: dict[str, TypeAdapter[Any]] = {
    "study": TypeAdapter(Study),
    "practices": TypeAdapter(tuple[Practice, ...]),
    "regions": TypeAdapter(tuple[Region, ...]),
    "groups": TypeAdapter(tuple[Group, ...]),
    "interviews": TypeAdapter(tuple[Interview, ...]),
}


def write_dataset(dataset: Dataset, file: BinaryIO) -> None:
    """Write the dataset as JSON in UTF-8; equal datasets give equal bytes."""
    file.writelines(encoded(dataset))


def encoded(dataset: Dataset) -> Iterator[bytes]:
    """The file in pieces.

    One line for each practice, interview and evaluation, with the codes as the method's own numbers: a person can
    read and compare such a file, any language can load it without a decoder of ours, and gzip makes it as small as
    packed bytes would be.
    """
    yield f'{{"format":{FORMAT}'.encode()
    yield _member("study", _dumped("study", dataset.study))
    yield _member("instrument", _with_sources(dataset.instrument))
    if dataset.older:
        yield _member("older", [_with_sources(instrument) for instrument in dataset.older])
    for name in ("practices", "regions", "groups", "interviews"):
        yield from _lines(name, _dumped(name, getattr(dataset, name)))
    yield _member("columns", dataset.columns)
    yield from _lines("codes", dataset.codes.tolist())
    yield _member("practice", dataset.practice.tolist())
    yield _member("region", dataset.region.tolist())
    yield _member("interview", dataset.interview.tolist())
    yield from _lines("texts", (dict(sorted(texts.items())) for texts in dataset.texts))
    yield _member("selection", dataset.selection)
    yield _member("revision", dataset.revision)
    yield b"\n}\n"


def read_dataset(file: BinaryIO) -> Dataset:
    """Read what write_dataset wrote. Raises DatasetError with every problem and its place in the JSON."""
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DatasetError([Place("", f"the file is larger than {LARGEST // 1024**2} MB")])
    tree = _parsed(content)
    if not isinstance(tree, dict):
        raise DatasetError([Place("", "the file holds no JSON object")])
    found = tree.get("format")
    if type(found) is not int or found != FORMAT:
        raise DatasetError([Place("format", f"is {_short(found)}; this version reads format {FORMAT}")])
    problems = list(_tree_problems(tree))
    try:
        document = _DOCUMENT.validate_json(content.removeprefix(BYTE_ORDER_MARK), strict=True)
    except ValidationError as error:
        known = {problem.path for problem in problems}
        new = (place for place in _places(error) if place.path not in known)
        # "Not JSON" without a place is the other parser's word for something that was already found with its place.
        problems.extend(place for place in new if place.path or not problems)
        raise DatasetError(problems) from None
    instrument = _instrument("instrument", document.instrument, problems)
    parts = enumerate(document.older)
    older = tuple(filter(None, [_instrument(f"older[{position}]", part, problems) for position, part in parts]))
    if instrument is not None and len(older) == len(document.older):
        problems.extend(_column_problems(document, layout(instrument, older).columns))
    if problems or instrument is None:
        raise DatasetError(problems)
    return Dataset(
        study=document.study,
        instrument=instrument,
        practices=document.practices,
        regions=document.regions,
        groups=document.groups,
        interviews=document.interviews,
        codes=np.array(document.codes, np.int8).reshape(len(document.codes), len(document.columns)),
        practice=np.array(document.practice, np.int32),
        region=np.array(document.region, np.int32),
        interview=np.array(document.interview, np.int32),
        texts=document.texts,
        selection=document.selection,
        revision=document.revision,
        older=older,
    )


def _with_sources(instrument: Instrument) -> dict[str, object]:
    return {"digest": instrument.digest, "sources": dict(instrument.sources)}


def _dumped(part: str, value: object) -> Any:
    return _PARTS[part].dump_python(value, mode="json")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _member(name: str, value: object) -> bytes:
    return f',\n"{name}":{_json(value)}'.encode()


def _lines(name: str, values: Iterable[object]) -> Iterator[bytes]:
    yield f',\n"{name}":['.encode()
    before = b"\n"
    for value in values:
        yield before + _json(value).encode()
        before = b",\n"
    yield b"]"


def _parsed(content: bytes) -> Any:
    """The JSON tree. Keys that stand twice and numbers that are none are left in it as _Repeated and NaN."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError([Place("", f"the file is not UTF-8 text (byte {error.start + 1})")]) from None
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        message = f"the file is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise DatasetError([Place("", message)]) from None
    except RecursionError:
        raise DatasetError([Place("", "the file is not a dataset: its brackets are nested too deeply")]) from None
    except ValueError:  # Python's own limit of 4,300 digits
        raise DatasetError([Place("", "the file holds a number of more than 4,300 digits")]) from None


class _Repeated(dict[str, Any]):
    """A JSON object in which a key stands more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.names = sorted({name for name in names if names.count(name) > 1})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    return values if len(values) == len(pairs) else _Repeated(pairs)


def _tree_problems(tree: dict[str, Any]) -> Iterator[Place]:
    """What types do not tell: keys that stand twice, numbers that are none, characters that are no text."""
    stack: list[tuple[str, Any]] = [("", tree)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            if isinstance(value, _Repeated):
                yield from (Place(_joined(path, name), "this key stands here twice") for name in value.names)
            for name in value:
                yield from unusable_text(path, name)
            members = ((_joined(path, name), value[name]) for name in value if path or name not in NUMBERS)
            stack.extend(members)
        elif isinstance(value, list):
            stack.extend((f"{path}[{position}]", member) for position, member in enumerate(value))
        elif isinstance(value, str):
            yield from unusable_text(path, value)
        elif isinstance(value, float) and not math.isfinite(value):
            yield Place(path, "is not a number")


def _instrument(path: str, part: _InstrumentPart, problems: list[Place]) -> Instrument | None:
    """The instrument; None, and problems for everything that is wrong with it."""
    try:
        instrument = load_sources(part.sources)
    except InstrumentError as error:
        problems.extend(Place(f"{path}.sources.{problem.file}", str(problem)) for problem in error.problems)
        return None
    if instrument.digest != part.digest:
        message = f"the instrument has the digest {instrument.digest}: it is not the one that the data belong to"
        problems.append(Place(f"{path}.digest", message))
    return instrument


def _column_problems(document: _Document, columns: tuple[str, ...]) -> Iterator[Place]:
    """Columns and sizes, without which no array can be made."""
    if document.columns != columns:
        yield Place("columns", f"are not those of the instrument: {', '.join(columns)}")
    for position, row in enumerate(document.codes):
        if len(row) != len(columns):
            yield Place(f"codes[{position}]", f"has {len(row)} codes instead of {len(columns)}")
    for name in ("practice", "region", "interview", "texts"):
        size = len(getattr(document, name))
        if size != len(document.codes):
            yield Place(name, f"has {size} entries for {len(document.codes)} rows of codes")


def _places(error: ValidationError) -> Iterator[Place]:
    for problem in error.errors(include_url=False):
        path = ""
        for step in problem["loc"]:
            path = f"{path}[{step}]" if isinstance(step, int) else _joined(path, step)
        yield Place(path, _sentence(problem["type"], problem["msg"], problem["input"]))


def _sentence(kind: str, message: str, found: object) -> str:
    if kind == "missing":
        return "is missing"
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        return "is not a key of this format"
    if kind == "json_invalid":
        return message
    return f"{message.removeprefix('Input ')}, not {_short(found)}"


def _short(value: object) -> str:
    """A value as JSON would show it, cut to a length that fits a line."""
    shown = json.dumps(value, default=str)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
