"""A table in a file, .xlsx or .csv: headings in its first row, and everything under them as text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey.services.errors import BadFields, FieldProblem
from survey.services.reading_sheets import LARGEST_FILE, Sheet, read_csv, read_workbook, refused


@dataclass(frozen=True, slots=True)
class Row:
    """number: as a spreadsheet counts, the headings being row 1. values: by heading, "" for an empty cell."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """headings: in small letters, without space around them. rows: those that are not empty."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """The table in a file; a workbook's is on its first sheet. The name's end says which kind of file it is.

    BadFields with everything that keeps it from being read exactly; each problem names its cell or row.
    """
    content = _content(path)
    if path.suffix.lower() == ".csv":
        sheet = read_csv(content, path.stem)
    elif path.suffix.lower() == ".xlsx":
        sheet = read_workbook(content, None, takes_numbers=True)
    else:
        raise refused(f"{path.name} is neither .xlsx nor .csv; save it as one of these.")
    problems = [*sheet.problems, *_problems_of_headings(sheet), *_fields_too_many(sheet)]
    if problems:
        raise BadFields(problems)
    headings = _headings(sheet)
    rows = [
        Row(number, dict(zip(headings, [*texts, *[""] * len(headings)], strict=False)))
        for number, texts in enumerate(sheet.rows[1:], 2)
        if any(text.strip() for text in texts)
    ]
    return Table(headings, tuple(rows))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise refused(f"{path} cannot be read: {error.strerror or error}.") from error


def _headings(sheet: Sheet) -> tuple[str, ...]:
    """The first row without the empty cells at its end."""
    headings = [text.strip().lower() for text in sheet.rows[0]] if sheet.rows else []
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)


def _problems_of_headings(sheet: Sheet) -> Iterator[FieldProblem]:
    headings: Sequence[str] = _headings(sheet)
    if not headings:
        yield FieldProblem("row 1", "The first row holds no headings.")
    for column, heading in enumerate(headings, 1):
        place = sheet.place(1, column)
        if not heading:
            yield FieldProblem(place, f"{place} is empty; every column needs a heading.")
        elif headings.index(heading) < column - 1:
            yield FieldProblem(place, f"{place} is a second heading {heading!r}.")


def _fields_too_many(sheet: Sheet) -> Iterator[FieldProblem]:
    """Fields beside the table, mostly from a separator in a text that has no quotation marks."""
    width = len(_headings(sheet))
    for number, texts in enumerate(sheet.rows[1:], 2):
        if any(text.strip() for text in texts[width:]):
            yield FieldProblem(f"row {number}", f"Row {number} has more fields than there are headings.")
