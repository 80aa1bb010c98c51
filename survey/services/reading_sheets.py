"""Spreadsheets that people send back, as text cell by cell. What is no plain text is named by its cell.

A file from outside is looked at before it is read: a workbook is a zip file full of XML, and a small one can unpack to
gigabytes or refer to other files.
"""

import csv
import io
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from exports import unescape
from survey.services.errors import BadFields, FieldProblem

MEGABYTE: Final = 1024 * 1024
LARGEST_FILE: Final = 10 * MEGABYTE
LARGEST_UNPACKED: Final = 50 * MEGABYTE
MOST_PARTS: Final = 200
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
# A sheet of only the smallest cells stays within half a minute and half a gigabyte.
MOST_CELLS: Final = 400_000
SEPARATORS: Final = ",;\t"

# What Excel writes before 2007, and around a workbook that has a password.
_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = 0x1
# Before XML in UTF-8 and UTF-16.
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# What each takes room and time in memory: a cell, a row, a shared text.
_CELL: Final = re.compile(rb"<(?:\w+:)?(?:c|row|si)[\s/>]")
# Not beyond the next "<": without it, a sheet of tags that do not end is looked through from each of them.
_PLACE_OF_CELL: Final = re.compile(rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]+[0-9]+)"')
# For each of these openpyxl makes every cell of the range that it names.
_FILLED: Final = (b"mergeCell", b"hyperlink")
_LAST_COLUMN: Final = 16_384
_LAST_ROW: Final = 1_048_576
_KINDS: Final = {
    "f": "a formula",
    "e": "an error of a formula",
    "b": "a truth value",
    "d": "a date",
}
# Excel keeps fifteen digits of a number; what had more has lost them.
_EXACT: Final = 10**15
_AS_TEXT: Final = "; give the cell the format Text and type it again"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet, row by row from the first; "" where nothing stands. problems: cells that are no text."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[FieldProblem, ...] = ()

    def place(self, row: int, column: int) -> str:
        """A cell as people find it: "Texts!C5". Both count from 1."""
        return f"{self.name}!{get_column_letter(column)}{row}"


def read_workbook(content: bytes, name: str | None, *, takes_numbers: bool = False) -> Sheet:
    """One sheet of an Excel workbook, or the first. BadFields when it cannot be read as a whole.

    takes_numbers: whole numbers are texts of digits, as telephone numbers and ids are where nobody formatted them.
    """
    doubled = _looked_through(content)
    sheet = _sheet_of(_opened(content), name)
    name = sheet.title
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        raise refused(
            f"The sheet {name} reaches to {get_column_letter(sheet.max_column)}{sheet.max_row}; "
            f"{MOST_ROWS:,} rows and {MOST_COLUMNS} columns are the most. Delete what is below and beside the texts."
        )
    problems = [FieldProblem(f"{name}!{place}", f"The cell {place} stands in the file twice.") for place in doubled]
    problems += [
        FieldProblem(f"{name}!{merged}", f"{name}!{merged} is merged into one cell; take the merging back.")
        for merged in sheet.merged_cells.ranges
    ]
    rows = []
    for row in sheet.iter_rows():
        texts = []
        for cell in row:
            text = _digits(cell.value) if takes_numbers else None
            what = "" if text is not None else _no_text(cell)  # type: ignore[arg-type]  # merged cells were told already
            if what:
                place = f"{name}!{cell.coordinate}"
                problems.append(FieldProblem(place, f"{place} holds {what}{_AS_TEXT}."))
            texts.append(text or (unescape(cell.value) if isinstance(cell.value, str) else ""))
        rows.append(tuple(texts))
    return Sheet(name, tuple(rows), tuple(problems))


def read_csv(content: bytes, name: str) -> Sheet:
    """A CSV file, whichever of the usual separators it has. BadFields when it cannot be read as a whole."""
    _require_size(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The file is not in UTF-8 (byte {error.start + 1}). In Excel, save it as “CSV UTF-8”."
        raise refused(message) from error
    if not text.strip():
        raise refused("The file is empty.")
    rows = _separated(text, max(SEPARATORS, key=text.splitlines()[0].count))
    if len(rows) > MOST_ROWS or max(map(len, rows)) > MOST_COLUMNS:
        raise refused(f"The file has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns.")
    return Sheet(name, rows)


def refused(message: str) -> BadFields:
    """The file as a whole cannot be used."""
    return BadFields([FieldProblem("file", message)])


def _separated(text: str, separator: str) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    try:
        rows.extend(map(tuple, csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)))
    except csv.Error as error:
        raise refused(f"Row {len(rows) + 1} of the file cannot be read: {error}.") from error
    return tuple(rows)


def _require_size(content: bytes) -> None:
    if not content:
        raise refused("The file is empty.")
    if len(content) > LARGEST_FILE:
        raise refused(f"The file is larger than {LARGEST_FILE // MEGABYTE} MB.")


def _looked_through(content: bytes) -> list[str]:
    """Refuse what is no workbook, or one that is dangerous to read. Gives the cells that stand in a sheet twice."""
    _require_size(content)
    if content.startswith(_OLD_OR_LOCKED):
        raise refused("The file has a password or is of an old Excel. Save it as .xlsx, without a password.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _parts_looked_through(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise refused("The file is damaged or no Excel workbook (.xlsx).") from error


def _parts_looked_through(archive: zipfile.ZipFile) -> list[str]:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or len(set(names)) < len(names) or any(part.flag_bits & _ENCRYPTED for part in parts):
        raise refused("The file is no workbook as Excel writes it. Save it as .xlsx once more.")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise refused("The workbook has macros. Save it as .xlsx.")
    left = LARGEST_UNPACKED
    doubled: list[str] = []
    for part in parts:
        with archive.open(part) as file:
            # Not by what the archive says of itself.
            data = file.read(left + 1)
        left -= len(data)
        if left < 0:
            raise refused(f"The workbook unpacks to more than {LARGEST_UNPACKED // MEGABYTE} MB.")
        if _is_xml(part.filename, data):
            _require_plain_xml(data)
            _require_small_ranges(data)
        if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
            doubled += _doubled(data)
    return doubled


def _is_xml(name: str, data: bytes) -> bool:
    """Whether a part is read as XML: the workbook says which ones are, and their names may be any."""
    return name.endswith((".xml", ".rels")) or data.lstrip().startswith((b"<", *_MARKS)) or data.startswith(b"\0<")


def _require_plain_xml(data: bytes) -> None:
    """No entities, and no encoding in which they could hide."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
        raise refused("The workbook refers to what lies outside it. Save it as .xlsx once more.")
    if sum(1 for _ in _CELL.finditer(data)) > MOST_CELLS:
        raise refused(f"A sheet of the workbook has more than {MOST_CELLS:,} cells.")


def _require_small_ranges(data: bytes) -> None:
    """No merged cells and no links over so many cells that making these would fill the memory."""
    if not any(word in data for word in _FILLED):
        return
    filled = 0

    def note(name: str, attributes: dict[str, str]) -> None:
        nonlocal filled
        if name.rpartition(":")[2].encode() in _FILLED:
            first_column, first_row, last_column, last_row = range_boundaries(attributes.get("ref", "A1"))
            width = (last_column or _LAST_COLUMN) - (first_column or 1) + 1
            filled += width * ((last_row or _LAST_ROW) - (first_row or 1) + 1)

    parser = expat.ParserCreate()
    parser.StartElementHandler = note
    try:
        parser.Parse(data, True)  # noqa: FBT003 (it takes no keyword)
    except expat.ExpatError as error:
        raise refused("The file is damaged or no Excel workbook (.xlsx).") from error
    if filled > MOST_CELLS:
        raise refused(f"Merged cells or links of the workbook reach over more than {MOST_CELLS:,} cells.")


def _doubled(data: bytes) -> Iterator[str]:
    seen: set[bytes] = set()
    for found in _PLACE_OF_CELL.finditer(data):
        if found[1] in seen:
            yield found[1].decode()
        seen.add(found[1])


def _opened(content: bytes) -> Workbook:
    try:
        with warnings.catch_warnings():
            # What openpyxl leaves out (drop-down lists, pictures) is no text.
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(content), keep_links=False)
    except Exception as error:  # openpyxl stumbles over damaged files with whatever comes first
        raise refused("The file is damaged or no Excel workbook (.xlsx).") from error


def _sheet_of(book: Workbook, name: str | None) -> Worksheet:
    wanted = name if name is not None else next(iter(book.sheetnames), None)
    sheet = book[wanted] if wanted in book.sheetnames else None
    if not isinstance(sheet, Worksheet):
        raise refused(f"There is no sheet {name!r}. There are: {', '.join(book.sheetnames)}.")
    return sheet


def _digits(value: object) -> str | None:
    """A whole number as its digits; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return str(int(value)) if value == int(value) and abs(value) < _EXACT else None


def _no_text(cell: Cell) -> str:
    """What a cell holds that is no text; "" for a text or nothing."""
    if cell.value is None or (isinstance(cell.value, str) and cell.data_type in {"s", "inlineStr", "str"}):
        return ""
    if cell.is_date:
        return _KINDS["d"]
    return _KINDS.get(cell.data_type, "a number")
