"""A sheet of texts for people to fill in and send back: one row per text, one column per language."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exports.workbook import measure, styles
from exports.workbook.cells import at, put
from exports.workbook.paper import TITLE, fit_row, set_up, set_widths
from exports.workbook.styles import HEADING, Look, dress

TEXTS: Final = "Texts"
GUIDE: Final = "How to fill it in"
_CREATOR: Final = "Replicability Survey"
# The first columns say which text a row is; the others are written in.
_KEY_COLUMNS: Final = 2
_KEY_WIDTHS: Final = (38.0, 36.0)
_WIDTH: Final = 46.0
_GUIDE_WIDTHS: Final = (24.0, 92.0)
_KEY: Final = Look(ink=styles.INK_2, fill=styles.PAPER, wrap=True, upright="top", below=styles.LINE, format=styles.TEXT)
_WORDS: Final = Look(wrap=True, upright="top", below=styles.LINE, format=styles.TEXT)
_WANTED: Final = replace(_WORDS, fill=styles.WARN_TINT)
_LABEL: Final = Look(ink=styles.INK_2, wrap=True, upright="top", below=styles.LINE)


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text in all its languages, behind what says which it is. wanted: columns that are empty and should not be."""

    cells: tuple[str, ...]
    wanted: frozenset[str] = frozenset()


def write_text_sheet(
    rows: Sequence[TextRow],
    file: IO[bytes],
    *,
    title: str,
    columns: Sequence[str],
    guide: Sequence[tuple[str, str]],
) -> None:
    """Write the workbook: the texts first, and a second sheet that says how to fill them in.

    Every cell is a text, whatever it looks like, and stays one when somebody types into it. CellError for a text that
    does not fit into a cell.
    """
    book = Workbook()
    properties = book.properties
    properties.title, properties.creator, properties.language = title, _CREATOR, "en"
    texts = book.worksheets[0]
    texts.title = TEXTS
    _write_texts(texts, rows, columns, footer=title)
    _write_guide(book.create_sheet(GUIDE), title, guide)
    book.save(file)


def _write_texts(sheet: Worksheet, rows: Sequence[TextRow], columns: Sequence[str], *, footer: str) -> None:
    set_up(sheet, footer=footer, landscape=True, header_rows=(1, 1))
    widths = (*_KEY_WIDTHS, *(_WIDTH for _ in columns[_KEY_COLUMNS:]))
    set_widths(sheet, widths)
    for number, name in enumerate(columns, start=1):
        cell = at(sheet, 1, number)
        put(cell, name)
        dress(cell, replace(HEADING, format=styles.TEXT))
        # Also for rows that somebody adds below.
        sheet.column_dimensions[get_column_letter(number)].number_format = styles.TEXT
    for number, row in enumerate(rows, start=2):
        shown = []
        for column, (name, text, width) in enumerate(zip(columns, row.cells, widths, strict=True), start=1):
            look = _KEY if column <= _KEY_COLUMNS else _WANTED if name in row.wanted else _WORDS
            put(at(sheet, number, column), text)
            dress(at(sheet, number, column), look)
            shown.append((text, width, look))
        fit_row(sheet, number, shown)
    sheet.freeze_panes = "B2"


def _write_guide(sheet: Worksheet, title: str, guide: Sequence[tuple[str, str]]) -> None:
    set_up(sheet, footer=title, landscape=False)
    set_widths(sheet, _GUIDE_WIDTHS)
    put(at(sheet, 1, 1), title)
    dress(at(sheet, 1, 1), TITLE)
    sheet.row_dimensions[1].height = measure.row_height(1, size=styles.TITLE, padding=12)
    for number, line in enumerate(guide, start=2):
        for column, text in enumerate(line, start=1):
            put(at(sheet, number, column), text)
            dress(at(sheet, number, column), _LABEL if column == 1 else replace(_LABEL, ink=styles.INK))
        fit_row(sheet, number, [(text, width, _LABEL) for text, width in zip(line, _GUIDE_WIDTHS, strict=True)])
