"""From the text of a file to plain values, with the line of each and every problem.

Nothing here knows what a questionnaire is. YAML 1.2 is composed to nodes and the values are made here, because
that is the only way to see duplicate keys, the line of each key, and all of it at once.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import StringIO
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_DECIMAL_NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?")

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands: ("questions", "FAM", "answers", 1)."""

Found: TypeAlias = tuple[Place, str]
"""What is wrong, and where."""

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str | int, Plain] | None"


@dataclass(frozen=True, slots=True, order=True)
class FileProblem:
    """One thing that is wrong with a file. line counts from 1; 0 when the file as a whole is meant."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        """As a compiler would say it: file:line: key: message."""
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.key, self.message) if part)


class InstrumentError(Exception):
    """A questionnaire that cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: tuple[FileProblem, ...]) -> None:
        """problems: at least one; sorted by file and line."""
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(slots=True)
class Document:
    """A YAML file as plain values, and the line on which each stands."""

    file: str
    value: Plain = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[FileProblem] = field(default_factory=list)

    def problem(self, place: Place, message: str) -> None:
        """Note a problem at a place; the nearest place above it that has a line gives the line."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        self.problems.append(FileProblem(self.file, self.lines.get(known, 0), ".".join(map(str, place)), message))

    def note(self, found: Iterable[Found]) -> None:
        """Note several problems."""
        for place, message in found:
            self.problem(place, message)


def read_yaml(file: str, text: str) -> Document:
    """Read one YAML document. Duplicate keys, aliases and odd tags are problems, not values."""
    document = Document(file)
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        document.problems.append(FileProblem(file, line, "", f"this is not YAML: {error.problem}"))
    except (YAMLError, RecursionError, ValueError, OverflowError) as error:
        # The last two come from an escape like "\\UFFFFFFFF" that names no character.
        message = str(error).partition("\n")[0]
        document.problems.append(FileProblem(file, 0, "", f"this is not YAML: {message}"))
    else:
        if isinstance(node, MappingNode):
            document.value = _Reader(document).value(node, ())
        else:
            document.problem((), "the file must hold keys and values")
    return document


class _Reader:
    """Turns nodes into values, and remembers which it has seen: the second time means an alias."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def value(self, node: Node, place: Place) -> Plain:
        self.document.lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in self.seen:
            self.document.problem(place, "aliases (*name) are not used here: write the value again")
            return None
        self.seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*place, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: MappingNode, place: Place) -> Plain:
        values: dict[str | int, Plain] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, place) if isinstance(key_node, ScalarNode) else None
            line = key_node.start_mark.line + 1
            if isinstance(key, bool) or not isinstance(key, str | int):
                self._problem_on(line, place, "a key must be a word or a whole number")
            elif key in values:
                self._problem_on(line, (*place, key), "this key stands here twice")
            else:
                self.document.lines[(*place, key)] = line
                values[key] = self.value(value_node, (*place, key))
        return values

    def _problem_on(self, line: int, place: Place, message: str) -> None:
        name = ".".join(map(str, place))
        self.document.problems.append(FileProblem(self.document.file, line, name, message))

    def _scalar(self, node: Node, place: Place) -> str | int | float | bool | None:
        text = str(node.value)
        match str(node.tag).removeprefix("tag:yaml.org,2002:"):
            case "str" if not _HALF_CHARACTER.search(text):
                return text
            case "null":
                return None
            case "bool" if text.lower() in {"true", "false"}:
                return text.lower() == "true"
            case "int" if _WHOLE_NUMBER.fullmatch(text):
                return int(text)
            case "float" if _DECIMAL_NUMBER.fullmatch(text):
                return float(text)
            case _:
                self.document.problem(place, f"{text!r} is not a word, a plain number, true, false or null")
                return None


@dataclass(slots=True)
class Sheet:
    """A CSV file as rows of cells with their line, header apart."""

    file: str
    header: tuple[str, ...] = ()
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)


def read_csv(file: str, text: str) -> Sheet:
    """Read comma separated text. A byte order mark at the start, as spreadsheets write it, is no problem."""
    sheet = Sheet(file)
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if row and not sheet.header:
                sheet.header = tuple(row)
            elif row:
                sheet.rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        sheet.problems.append(FileProblem(file, line, "", f"this is not CSV: {error}"))
    return sheet


def doubled(values: Iterable[str | int]) -> list[str | int]:
    """The values that stand more than once, each once."""
    return [value for value, times in Counter(values).items() if times > 1]
