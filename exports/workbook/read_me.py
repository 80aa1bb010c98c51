"""The sheet `Read me`: what this file is, what is in it and how to read it, on one printed page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from exports.about_tables import Fact
from exports.tables import Value
from exports.workbook import measure, styles
from exports.workbook.cells import at, put
from exports.workbook.paper import Heading, fit_row, head, set_up, set_widths
from exports.workbook.styles import Look, dress

_WIDTHS: Final = (38.0, 82.0)
_LABEL: Final = Look(ink=styles.INK_2, wrap=True, below=styles.LINE)
_VALUE: Final = Look(wrap=True, below=styles.LINE)
_LINK: Final = Look(ink=styles.ACCENT, link=True, below=styles.LINE)
_SECTION: Final = Look(size=styles.SECTION, bold=True, upright="bottom", below=styles.INK)

_IN_HEADING: Final = frozenset({"title", "simulated", "measured"})
"""Facts that the head of the sheet says already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the contents."""

    sheet: str
    text: str


def how_to_read(threshold: int) -> tuple[tuple[str, str], ...]:
    """What the signs in the cells mean."""
    return (
        (
            f"n<{threshold}",
            f"Fewer than {threshold} answers: no figure is shown, it would say too little and too much.",
        ),
        ("home", "The practice comes from this region and was not asked there."),
        ("An empty cell", "There is nothing to state: no answer was possible, or no interval can be computed."),
        ("Codes 77, 88, 99", "Prefer not to say, don't know, not applicable. Negative codes: not asked. See Codebook."),
        (
            "95 % from, to",
            "The 95 % interval of a figure. Where the intervals of two figures overlap, do not order the two.",
        ),
    )


def write_read_me(
    sheet: Worksheet,
    facts: Sequence[Fact],
    heading: Heading,
    *,
    contents: Sequence[Entry],
    threshold: int,
    footer: str,
) -> None:
    """Write the sheet. Facts that its head says are not repeated."""
    set_up(sheet, footer=footer, landscape=False)
    sheet.page_setup.fitToHeight = 1
    set_widths(sheet, _WIDTHS)
    row = head(sheet, heading, room=sum(_WIDTHS), columns=len(_WIDTHS))
    row = _section(sheet, row, "Contents")
    for entry in contents:
        _line(sheet, row, entry.sheet, entry.text, label=_LINK)
        reference = at(sheet, row, 1).coordinate
        target = f"{quote_sheetname(entry.sheet)}!A1"
        at(sheet, row, 1).hyperlink = Hyperlink(ref=reference, location=target, tooltip=f"Go to {entry.sheet}")
        dress(at(sheet, row, 1), _LINK)  # openpyxl gives a linked cell a style of its own.
        row += 1
    row = _section(sheet, row, "How to read it")
    for sign, meaning in how_to_read(threshold):
        _line(sheet, row, sign, meaning, label=replace(_LABEL, bold=True, ink=styles.INK))
        row += 1
    row = _section(sheet, row, "About these data")
    for fact in facts:
        if fact.key not in _IN_HEADING:
            _line(sheet, row, fact.label, fact.value, label=_LABEL)
            row += 1


def _section(sheet: Worksheet, row: int, title: str) -> int:
    for column in (1, 2):
        dress(at(sheet, row, column), _SECTION)
    put(at(sheet, row, 1), title)
    sheet.row_dimensions[row].height = measure.row_height(1, size=styles.SECTION, padding=18)
    return row + 1


def _line(sheet: Worksheet, row: int, label_text: str, value: Value, *, label: Look) -> None:
    formats: dict[type, str] = {str: styles.TEXT, int: styles.WHOLE, datetime: styles.MOMENT}
    look = replace(_VALUE, format=formats[type(value)])
    for column, (content, its_look) in enumerate(((label_text, label), (value, look)), start=1):
        put(at(sheet, row, column), content)
        dress(at(sheet, row, column), its_look)
    shown = value if isinstance(value, str) else ""
    fit_row(sheet, row, [(label_text, _WIDTHS[0], label), (shown, _WIDTHS[1], look)], padding=6)
