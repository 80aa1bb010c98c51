"""The sheet `Method`: how the figures were made, in wrapped paragraphs."""

from dataclasses import replace
from typing import Final

from openpyxl.worksheet.worksheet import Worksheet

from exports.tables import Table
from exports.workbook import measure, styles
from exports.workbook.cells import at, pieces, put
from exports.workbook.paper import Heading, fit_row, head, set_up, set_widths
from exports.workbook.styles import HEADING, Look, dress

_WIDTHS: Final = (26.0, 96.0)
_LONGEST: Final = 2_400  # Characters: a paragraph beyond would need a row higher than Excel allows, and goes on below.

_SECTION: Final = Look(bold=True, ink=styles.INK_2, wrap=True, upright="top", below=styles.LINE)
_PARAGRAPH: Final = Look(wrap=True, upright="top", below=styles.LINE)


def write_method(sheet: Worksheet, table: Table, heading: Heading, *, footer: str) -> None:
    """Write the paragraphs, each in a row as high as its lines."""
    set_widths(sheet, _WIDTHS)
    header = head(sheet, heading, room=sum(_WIDTHS), columns=len(_WIDTHS)) + 1
    for column, definition in enumerate(table.columns, start=1):
        put(at(sheet, header, column), definition.heading)
        dress(at(sheet, header, column), replace(HEADING, upright="center"))
    sheet.row_dimensions[header].height = measure.row_height(1, size=styles.SIZE, padding=8)
    row = header
    for section, paragraph in table.rows:
        for part in pieces(str(paragraph), longest=_LONGEST):
            row += 1
            texts = (str(section), part)
            for column, (text, look) in enumerate(zip(texts, (_SECTION, _PARAGRAPH), strict=True), start=1):
                put(at(sheet, row, column), text)
                dress(at(sheet, row, column), look)
            fit_row(sheet, row, [(texts[0], _WIDTHS[0], _SECTION), (part, _WIDTHS[1], _PARAGRAPH)], padding=8)
    set_up(sheet, footer=footer, landscape=False, header_rows=(header, header))
    sheet.freeze_panes = f"A{header + 1}"
