"""One file of a catalogue: its lines, each with its row, and every mistake that can be seen in it alone."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from survey.catalogue.model import CatalogueProblem
from survey.catalogue.rows import Line

L = TypeVar("L", bound=Line)


class Sheet(Generic[L]):
    """lines: those that are right in themselves. problems: what is wrong with the others, or with the file."""

    def __init__(self, folder: Path, file: str, line: type[L]) -> None:
        self.file = file
        self.lines: list[tuple[int, L]] = []
        self.problems: list[CatalogueProblem] = []
        self._values: list[dict[str, str]] = []
        for row, values in self._rows(folder / file, tuple(line.model_fields)):
            self._values.append(values)
            try:
                self.lines.append((row, line.model_validate(values)))
            except ValidationError as error:
                self.problems += [
                    self.problem(row, str(each["loc"][0]), each["msg"].removeprefix("Value error, "))
                    for each in error.errors()
                ]

    def problem(self, row: int | None, column: str, message: str) -> CatalogueProblem:
        return CatalogueProblem(self.file, row, column, message)

    def repeated(self, *columns: str) -> Iterator[CatalogueProblem]:
        """A problem for each value, or combination of values, that stands twice."""
        seen: dict[tuple[str, ...], int] = {}
        for row, line in self.lines:
            value = tuple(getattr(line, column) for column in columns)
            if value in seen:
                yield self.problem(row, columns[-1], f"{value[-1]!r} stands in row {seen[value]} already")
            seen.setdefault(value, row)

    def values(self, column: str) -> frozenset[str]:
        """What stands in a column, in lines that are wrong elsewhere too: one mistake is told once."""
        return frozenset(values[column] for values in self._values)

    def has(self, **values: str) -> bool:
        """Whether some line, right or wrong, has these values."""
        return any(values.items() <= line.items() for line in self._values)

    def unknown(self, column: str, known: Collection[str], what: str) -> Iterator[CatalogueProblem]:
        """A problem for each value that should name something and does not. A blank names nothing.

        Nothing is said when nothing is known: the file of names is missing or empty, and that is told once.
        """
        for row, line in self.lines:
            value = getattr(line, column)
            if known and value and value not in known:
                yield self.problem(row, column, f"there is no {what} {value!r}")

    def _rows(self, path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
        """Row numbers as a spreadsheet counts them: the header is row 1, and a cell may have several lines."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self.problems.append(self.problem(None, "", "the file is missing"))
            return
        except UnicodeDecodeError:
            self.problems.append(self.problem(None, "", "the file is not in UTF-8"))
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        row = 0
        try:
            for row, values in enumerate(reader, 1):
                if row == 1 and tuple(values) != tuple(columns):
                    message = f"the columns are {', '.join(values)}; expected are {', '.join(columns)}"
                    self.problems.append(self.problem(1, "", message))
                    return
                if len(values) != len(columns):
                    message = f"has {len(values)} fields instead of {len(columns)}"
                    self.problems.append(self.problem(row, "", message))
                elif row > 1:
                    yield row, dict(zip(columns, values, strict=True))
        except csv.Error as error:
            self.problems.append(self.problem(row + 1, "", f"cannot be read: {error}"))
        if row == 0:
            self.problems.append(self.problem(None, "", "the file is empty"))
