"""The one door through which a value enters a worksheet.

A workbook is opened by people who trust it, and it is full of text that strangers typed. So every value passes here:
a text stays a text whatever it looks like, nothing is shortened, and what a worksheet cannot hold is refused by name.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal, cast
from xml.sax.saxutils import escape as escape_markup

import numpy as np
from openpyxl.cell.cell import Cell
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.worksheet import Worksheet

TEXT_LIMIT: Final = 32_767
"""Characters of one cell. openpyxl cuts what is longer without a word, so the door measures first."""

ROW_LIMIT: Final = 1_048_576
"""Rows of one worksheet."""

WHOLE_NUMBER_LIMIT: Final = 2**53
"""A worksheet keeps numbers as doubles: beyond this a whole number would change its last digits."""

FIRST_DATE: Final = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was; earlier days would be one off."""

# What XML 1.0 cannot carry, what its parsers rewrite (a lone carriage return becomes a line feed), and every
# sequence that a reader of the format would take for such an escape itself.
_TO_ESCAPE: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")

Kind = Literal["blank", "number", "text", "truth"]


class CellError(ValueError):
    """A value that a worksheet cannot hold; the sentence names the value's place."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a cell holds: its kind, and the value as the file spells it."""

    kind: Kind
    spelled: str = ""


_BLANK: Final = Content("blank")


def escape(text: str) -> str:
    """The text with `_xHHHH_` in place of each character that the format cannot carry (ECMA-376, ST_Xstring)."""
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found.group()):04X}_", text)


def unescape(text: str) -> str:
    """The text that `escape` was given, read the way Excel and LibreOffice read it. openpyxl leaves this undone."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)


def content(value: object, *, absent: str = "", place: str = "") -> Content:
    """What a cell holds for this value.

    value: None, bool, int, float, str, date, aware datetime, or numpy's kind of any of these.
    absent: the text to show for None and NaN; the empty text leaves the cell blank.
    place: where the value stands, for the sentence of an error.
    Dates become Excel's day numbers, in UTC. CellError for everything that would not survive.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, bool):
        return Content("truth", "1" if value else "0")
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return _text(absent, place)
    if isinstance(value, int):
        return _whole(value, place)
    if isinstance(value, float):
        if math.isinf(value):
            raise CellError(f"{_at(place)}an infinite number has no place in a worksheet.")
        return Content("number", repr(value))
    if isinstance(value, date):
        return Content("number", repr(_day_number(value, place)))
    raise CellError(f"{_at(place)}a worksheet cannot hold a {type(value).__name__}.")


def at(sheet: Worksheet, row: int, column: int) -> Cell:
    """The cell at this place. openpyxl says that it may be merged into another; this workbook merges none."""
    return cast("Cell", sheet.cell(row, column))


def put(cell: Cell, value: object, *, absent: str = "") -> None:
    """Write the value into the cell; its look is set elsewhere."""
    held = content(value, absent=absent, place=f"{cell.parent.title}!{cell.coordinate}")
    if held.kind == "blank":
        cell.value = None
    elif held.kind == "text":
        cell.value = held.spelled
        # openpyxl takes "=1+1" for a formula and "#N/A" for an error; here a text is a text.
        cell.data_type = "s"
    elif held.kind == "truth":
        cell.value = held.spelled == "1"
    else:
        # Handed over as it is to be spelled: openpyxl would round a number to 16 digits, and doubles need 17.
        cell.value = held.spelled
        cell.data_type = "n"


def put_formula(cell: Cell, formula: str) -> None:
    """Write a formula of ours, beginning with "=". Its value is added when the file is finished."""
    cell.value = formula
    cell.data_type = "f"


def markup(held: Content, *, reference: str, style: int) -> str:
    """The cell as an element of the sheet's XML; a blank one has its look all the same."""
    start = f'<c r="{reference}" s="{style}"'
    if held.kind == "text":
        return f'{start} t="inlineStr"><is><t xml:space="preserve">{escape_markup(held.spelled)}</t></is></c>'
    if held.kind == "truth":
        return f'{start} t="b"><v>{held.spelled}</v></c>'
    if held.kind == "number":
        return f"{start}><v>{held.spelled}</v></c>"
    return f"{start}/>"


def pieces(text: str, *, longest: int = TEXT_LIMIT) -> list[str]:
    """The text in parts of at most `longest` characters, cut between words where there are any.

    Joined, the parts are the text again: a long paragraph goes on in the next row, nothing is lost.
    """
    parts = []
    while len(text) > longest:
        cut = text.rfind(" ", 1, longest) + 1 or longest
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text]


def check_rows(rows: int, *, sheet: str) -> None:
    """CellError when a sheet would need more rows than a worksheet has."""
    if rows > ROW_LIMIT:
        raise CellError(
            f"{sheet}: {rows:,} rows do not fit into a worksheet, which ends at {ROW_LIMIT:,}. "
            "Export fewer regions at a time, or take the JSON file."
        )


def _text(value: str, place: str) -> Content:
    spelled = escape(value)
    # Excel counts UTF-16 units, openpyxl the escaped text; the longer count decides, so that neither cuts.
    length = max(len(spelled), len(value.encode("utf-16-le", "surrogatepass")) // 2)
    if length > TEXT_LIMIT:
        raise CellError(f"{_at(place)}a text of {length:,} characters does not fit into a cell ({TEXT_LIMIT:,}).")
    return Content("text", spelled) if spelled else _BLANK


def _whole(value: int, place: str) -> Content:
    if abs(value) > WHOLE_NUMBER_LIMIT:
        raise CellError(f"{_at(place)}the number {value} is too large for a worksheet to keep exactly.")
    return Content("number", str(int(value)))


def _day_number(value: date, place: str) -> float:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise CellError(f"{_at(place)}the time {value} does not say in which zone it is.")
        value = value.astimezone(UTC).replace(tzinfo=None)
    day = value.date() if isinstance(value, datetime) else value
    if day < FIRST_DATE:
        raise CellError(f"{_at(place)}the date {day} is before {FIRST_DATE}, where Excel's calendar becomes true.")
    return float(to_excel(value))  # type: ignore[no-untyped-call]


def _at(place: str) -> str:
    return f"{place}: " if place else ""
