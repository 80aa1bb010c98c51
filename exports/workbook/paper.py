"""How every sheet is set up for the screen and for paper, and the block of lines that begins it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from exports.workbook import measure, styles
from exports.workbook.cells import at, put
from exports.workbook.styles import Look, dress

if TYPE_CHECKING:
    from openpyxl.worksheet.header_footer import HeaderFooterItem

A4: Final = 9
_SIDE, _TOP, _FOOT = 0.55, 0.6, 0.75  # Inches.
_LONG, _SHORT = 11.69, 8.27  # Inches of A4.
# Of a page: a smaller rest gets none of its own. Generous, since programs differ by a tenth in what a page holds.
_REST: Final = 1 / 3
_FOOTER: Final = 90  # Characters: Excel calls a file damaged whose footer is longer than 255, codes included.

FILTER: Final = 17.0
"""Points at the foot of a heading that the button of a filter covers: its words stand above."""

TITLE: Final = Look(size=styles.TITLE, bold=True)
UNDER_TITLE: Final = Look(size=styles.LEAD, ink=styles.INK_2)
NOTE: Final = Look(ink=styles.INK_3)
WARNING: Final = Look(bold=True, ink=styles.WARN, fill=styles.WARN_TINT)


@dataclass(frozen=True, slots=True)
class Heading:
    """The lines at the head of a presentation sheet.

    simulated: the line that says that answers were made up, "" if none were.
    """

    title: str
    under: str
    simulated: str
    notes: tuple[str, ...] = ()


def set_up(
    sheet: Worksheet, *, footer: str, landscape: bool, header_rows: tuple[int, int] | None = None, pages: int = 0
) -> None:
    """Print set-up: A4, all columns on one page's width, page numbers, the header rows again on every page.

    footer: said at the left of each page's foot. header_rows: first and last of the rows that are repeated.
    pages: how many at most, the rows made smaller if need be; 0 is as many as they take.
    """
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = pages
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = _SIDE
    margins.top, margins.bottom = _TOP, _FOOT
    margins.header, margins.footer = _TOP / 2, _FOOT / 2
    # An ampersand begins a code in headers and footers; doubled, it is an ampersand.
    foot = cast("HeaderFooterItem", sheet.oddFooter)
    shortened = footer if len(footer) <= _FOOTER else f"{footer[: _FOOTER - 1]}\u2026"
    foot.left.text = shortened.replace("&", "&&")
    foot.right.text = "&A \u00b7 page &P of &N"
    for part in (foot.left, foot.right):
        part.font, part.size, part.color = f"{styles.FACE},Regular", 8, styles.INK_3
    if header_rows:
        sheet.print_title_rows = f"{header_rows[0]}:{header_rows[1]}"
    sheet.sheet_view.showGridLines = False


def landscape_pages(sheet: Worksheet, *, last: int, widths: Iterable[float], header: int) -> int:
    """On how many pages the rows up to `last` stand well: as many as they take, but for a rest that is small.

    widths: of all columns, in Excel's unit. header: the row that is repeated on every page.
    """
    heights = [
        sheet.row_dimensions[row].height or measure.row_height(1, size=styles.SIZE) for row in range(1, last + 1)
    ]
    width = sum(measure.pixels_of_width(each) for each in widths) * 72 / 96
    scale = min(1.0, (_LONG - 2 * _SIDE) * 72 / width)
    room = (_SHORT - _TOP - _FOOT) * 72 / scale
    taken = 1 + (sum(heights) - room) / (room - heights[header - 1])
    return max(1, math.floor(taken + 1 - _REST))


def set_widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    """Set the widths of the first columns, in Excel's unit."""
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def head(sheet: Worksheet, heading: Heading, *, room: float, columns: int) -> int:
    """Write the title block into column A and give the number of the first row below it.

    The lines run over the empty cells to their right.
    room: the width, in Excel's unit, over which a line may run; longer ones take several rows.
    columns: over how many columns the ground of a warning reaches.
    """
    row = _line(sheet, 1, heading.title, TITLE, room, padding=8)
    row = _line(sheet, row, heading.under, UNDER_TITLE, room)
    if heading.simulated:
        for line in broken(heading.simulated, room, size=WARNING.size, bold=True):
            row = banner(sheet, row, line, columns=columns)
    for note in heading.notes:
        row = _line(sheet, row, note, NOTE, room)
    return row


def banner(sheet: Worksheet, row: int, text: str, *, columns: int) -> int:
    """Write a line on the warning colour across so many columns; give the number of the next row."""
    for column in range(1, columns + 1):
        dress(at(sheet, row, column), WARNING)
    put(at(sheet, row, 1), text)
    sheet.row_dimensions[row].height = measure.row_height(1, size=WARNING.size, padding=7)
    return row + 1


def broken(text: str, room: float, *, size: float, bold: bool = False) -> list[str]:
    """The text in lines that fit the room, broken between words."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure.lines(longer, room, size=size, bold=bold) == 1:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fit_row(sheet: Worksheet, row: int, cells: Iterable[tuple[str, float, Look]], *, padding: float = 6.0) -> None:
    """Make the row as high as the longest of its wrapped texts, each with its column's width and look."""
    height = max(
        measure.row_height(measure.lines(text, width, size=look.size, bold=look.bold), size=look.size, padding=padding)
        for text, width, look in cells
    )
    sheet.row_dimensions[row].height = min(height, measure.TALLEST_ROW)


def _line(sheet: Worksheet, row: int, text: str, look: Look, room: float, *, padding: float = 4.0) -> int:
    for line in broken(text, room, size=look.size, bold=look.bold):
        cell = at(sheet, row, 1)
        put(cell, line)
        dress(cell, replace(look, upright="center"))
        sheet.row_dimensions[row].height = measure.row_height(1, size=look.size, padding=padding)
        row += 1
    return row
