"""Sheets that are plain rectangles: one header row, one thing in each cell, no colour that means something.

The header is openpyxl's; the rows below it are spelled by us (see `finishing`), which makes a sheet of 20,000
evaluations a matter of a second.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exports.result_tables import ALL
from exports.tables import Column, ColumnType, Table, Value
from exports.workbook import measure, styles
from exports.workbook.cells import Content, at, check_rows, content, put
from exports.workbook.finishing import Body, Row
from exports.workbook.paper import FILTER, fit_row, set_up, set_widths
from exports.workbook.styles import HEADING, Look, dress, style_number

_Styles: TypeAlias = Sequence[tuple[int, int]]

WIDEST: Final = 48.0
"""Where a column of words begins to wrap, in Excel's unit."""

_NARROWEST: Final = 7.0
_PAGE: Final = 250.0  # Widths of columns on a landscape page at a little more than half its size.
_HEADING_LINES: Final = 3  # A heading may take so many lines before its column grows.


def write_data_sheet(sheet: Worksheet, table: Table, *, footer: str, frozen: int, strong: str | None = None) -> Body:
    """Set the sheet up, write its header, and give the rows that the last pass adds.

    frozen: how many columns stay when one scrolls to the right.
    strong: the key of a column; rows in which it says ALL are set in bold. None: no row is.
    CellError when the rows do not fit into a worksheet, or a value does not fit into a cell.
    """
    check_rows(len(table.rows) + 1, sheet=table.name)
    landscape = len(table.columns) > 5  # noqa: PLR2004  # More do not fit upright.
    set_up(sheet, footer=footer, landscape=landscape, header_rows=(1, 1))
    values = [[row[position] for row in table.rows] for position in range(len(table.columns))]
    widths = [_width(column, held) for column, held in zip(table.columns, values, strict=True)]
    set_widths(sheet, widths)
    indents = _indents(table.columns)
    for number, column in enumerate(table.columns, start=1):
        cell = at(sheet, 1, number)
        put(cell, column.heading)
        dress(cell, replace(HEADING, across=_across(column), upright="top", indent=indents[number - 1]))
    fit_row(
        sheet, 1, [(column.heading, width, HEADING) for column, width in zip(table.columns, widths, strict=True)],
        padding=FILTER,
    )  # fmt: skip
    last = get_column_letter(len(table.columns))
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}2"
    sheet.print_title_cols = f"A:{get_column_letter(frozen)}"
    sheet.auto_filter.ref = f"A1:{last}{len(table.rows) + 1}"
    _pages(sheet, widths)
    # Now, not when the rows are spelled: by then the table of styles has been saved.
    plain, bold = (_styles(sheet, table.columns, widths, bold=bold) for bold in (False, True))
    marked = [column.key for column in table.columns].index(strong) if strong else None
    rows = _rows(table, widths, plain, bold, marked)
    return Body(first=2, count=len(table.rows), width=len(table.columns), rows=rows)


def _pages(sheet: Worksheet, widths: Sequence[float]) -> None:
    """As many pages side by side as the print stays readable on; the frozen columns are repeated on each."""
    sheet.page_setup.fitToWidth = math.ceil(sum(widths) / _PAGE)


def _rows(table: Table, widths: Sequence[float], plain: _Styles, bold: _Styles, marked: int | None) -> Iterator[Row]:
    is_tall = any(width >= WIDEST for width in widths)
    for number, row in enumerate(table.rows, start=2):
        is_strong = marked is not None and row[marked] == ALL
        cells = tuple(_cells(row, bold if is_strong else plain, table.name, number))
        yield Row(cells, _height(row, widths) if is_tall else None)


def _cells(row: Sequence[Value], looks: _Styles, sheet: str, number: int) -> Iterator[tuple[Content, int]]:
    for position, (value, (usual, words)) in enumerate(zip(row, looks, strict=True), start=1):
        try:
            held = content(value)
        except ValueError:
            # Said again with the place, which would be slow to spell for every cell.
            held = content(value, place=f"{sheet}!{get_column_letter(position)}{number}")
        yield held, words if held.kind == "text" else usual


def _styles(sheet: Worksheet, columns: Sequence[Column], widths: Sequence[float], *, bold: bool) -> _Styles:
    """The style numbers of each column: of its values, and of words among them ("n<3")."""
    numbers = []
    for column, width, indent in zip(columns, widths, _indents(columns), strict=True):
        wrap = width >= WIDEST
        look = Look(
            format=column.format,
            across=_across(column),
            bold=bold,
            wrap=wrap,
            upright="top",
            below=styles.LINE,
            indent=indent,
        )
        words = look if column.type is ColumnType.TEXT else replace(look, format=styles.TEXT, ink=styles.INK_3)
        numbers.append((style_number(sheet, look), style_number(sheet, words)))
    return numbers


def _indents(columns: Sequence[Column]) -> list[int]:
    """A step to the right for words that follow a column of numbers, which ends at the line between the two."""
    before = ("left", *(_across(column) for column in columns))
    return [int(_across(column) == "left" and left == "right") for left, column in zip(before, columns, strict=False)]


def _across(column: Column) -> str:
    return "left" if column.type in {ColumnType.TEXT, ColumnType.TRUTH} else "right"


def _width(column: Column, values: Iterable[Value]) -> float:
    """As wide as its values; a heading may wrap."""
    shown = {_shown(value, column) for value in values}
    widest = max((measure.pixels(text, size=styles.SIZE, bold=True) for text in shown), default=0.0)
    word = max(measure.pixels(part, size=styles.SIZE, bold=True) for part in column.heading.split(" "))
    whole = measure.pixels(column.heading, size=styles.SIZE, bold=True) / _HEADING_LINES
    width = measure.width_of_pixels(max(widest, word, whole))
    return min(max(width, _NARROWEST), WIDEST)


def _shown(value: Value, column: Column) -> str:
    """About what a cell shows, for its width."""
    if value is None:
        return ""
    if isinstance(value, str):
        return max(value.split("\n"), key=len)
    if isinstance(value, bool) or column.type is ColumnType.INTEGER:
        return str(value)
    if column.type is ColumnType.MOMENT:
        return "0000-00-00 00:00"
    return f"-{int(value):d}.00" if isinstance(value, float) else str(value)


def _height(row: Sequence[Value], widths: Sequence[float]) -> float:
    lines = max(
        measure.lines(value, width, size=styles.SIZE)
        for value, width in zip(row, widths, strict=True)
        if isinstance(value, str)
    )
    return min(measure.row_height(lines, size=styles.SIZE), measure.TALLEST_ROW)
