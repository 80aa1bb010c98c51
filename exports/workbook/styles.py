"""The look of the workbook: the pages' design tokens, as fonts, fills and lines of a worksheet.

Quiet and typographic: ink on white, hairlines between rows, one accent, colour only where it stands for a number that
is written in the same cell.
"""

from dataclasses import dataclass, replace
from typing import Final

from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

FACE: Final = "Arial"
"""On every Windows and Mac; Linux has Liberation Sans of the same widths, so measured columns fit everywhere."""

SIZE: Final = 10.0  # Nothing is smaller: accessible spreadsheets begin at 10 points.
LEAD: Final = 11.0
TITLE: Final = 18.0
SECTION: Final = 13.0

INK: Final = "1A2226"
INK_2: Final = "465258"
INK_3: Final = "5B676D"
LINE: Final = "DCDDD5"
LINE_2: Final = "B9BDB6"
PAPER: Final = "F6F6F1"
WHITE: Final = "FFFFFF"
ACCENT: Final = "0B4A5B"
WARN: Final = "704600"
WARN_TINT: Final = "F7ECD4"
BAD: Final = "9B1C22"
OK: Final = "1F5C3A"

_DARK: Final = "141C20"
HEAT: Final = (
    ("F6F4E6", _DARK),
    ("E7E9D0", _DARK),
    ("D0DDBD", _DARK),
    ("AFD2B5", _DARK),
    ("8CC3B3", _DARK),
    ("6EB1B0", _DARK),
    ("337B8B", WHITE),
    ("20657A", WHITE),
    ("124F65", WHITE),
    ("0B384B", WHITE),
)
"""Fill and ink of each ten points of a score, low to high. Luminance falls in every step: the order survives colour
blindness and a grey printer; the ink reaches 4.8:1 on each."""

BAR: Final = HEAT[4][0]
"""Fill of plain bars: dark enough to be seen on white, light enough for an error bar to be seen on it."""

ANSWER_NO: Final = ("E7E2CF", _DARK)
ANSWER_HERE: Final = ("A9B0B3", _DARK)
ANSWER_UNKNOWN: Final = (WHITE, _DARK)
"""Fill and ink of the answers that stand outside the scale of a stacked bar."""

FEW: Final = ("FAF3E1", "4A3000")
"""Fill and ink of a number of answers that is below the threshold."""

TEXT: Final = "@"
GENERAL: Final = "General"
WHOLE: Final = "#,##0"
SCORE: Final = "0"
SHARE: Final = "0%"
MOMENT: Final = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks. Colours are six hexadecimal digits; a line is the colour of a thin border."""

    size: float = SIZE
    bold: bool = False
    ink: str = INK
    fill: str | None = None
    format: str = GENERAL
    across: str = "left"
    upright: str = "center"
    wrap: bool = False
    indent: int = 0
    below: str | None = None
    above: str | None = None
    around: str | None = None
    link: bool = False


HEADING: Final = Look(bold=True, ink=INK_2, wrap=True, upright="bottom", below=INK, fill=PAPER)
"""The header row of every table."""


def heat_step(score: float) -> int:
    """The step, 0 to 9, of a score from 0 to 100.

    By the whole number that the cell shows (halves away from zero, as Excel rounds), so that a cell that reads 60 never
    has the colour of the fifties.
    """
    return max(0, min(9, int(score + 0.5) // 10))


def heat(score: float, base: Look) -> Look:
    """The look of a score on the heat scale."""
    fill, ink = HEAT[heat_step(score)]
    return replace(base, fill=fill, ink=ink)


def dress(cell: Cell, look: Look) -> None:
    """Give the cell its look."""
    cell.font = Font(
        name=FACE, size=look.size, bold=look.bold, color=look.ink, underline="single" if look.link else None
    )
    cell.alignment = Alignment(horizontal=look.across, vertical=look.upright, wrap_text=look.wrap, indent=look.indent)
    cell.number_format = look.format
    if look.fill:
        cell.fill = PatternFill("solid", start_color=look.fill, end_color=look.fill)
    if look.around:
        side = Side(style="thin", color=look.around)
        cell.border = Border(left=side, right=side, top=side, bottom=side)
    elif look.below or look.above:
        cell.border = Border(bottom=_line(look.below), top=_line(look.above))


def style_number(sheet: Worksheet, look: Look) -> int:
    """The number under which the workbook's style table has this look, for rows that we spell ourselves."""
    cell = WriteOnlyCell(sheet)
    dress(cell, look)
    return cell.style_id


def _line(colour: str | None) -> Side | None:
    return Side(style="thin", color=colour) if colour else None
