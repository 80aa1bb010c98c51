"""Plain rectangles: widths that fit what is in them, and heights that follow."""

from datetime import UTC, datetime

import pytest
from openpyxl import Workbook

from exports import Column, ColumnType, Table
from exports.workbook import data_sheets
from exports.workbook.cells import CellError
from exports.workbook.data_sheets import WIDEST, write_data_sheet

TEXT = Column("text", "text", ColumnType.TEXT, "@", 10)
MOMENT = Column("moment", "moment", ColumnType.MOMENT, "yyyy-mm-dd hh:mm", 10)
NUMBER = Column("number", "number", ColumnType.NUMBER, "0.0", 10)


def written(*rows, columns=(TEXT, NUMBER)):
    sheet = Workbook().active
    table = Table("Sheet", "A table", columns, rows)
    body = write_data_sheet(sheet, table, footer="", frozen=1)
    return sheet, list(body.rows)


def test_column_is_as_wide_as_what_is_in_it():
    sheet, _ = written(("a" * 20, 1.0), ("b", 100.0))
    short, _ = written(("a", 1.0))

    assert sheet.column_dimensions["A"].width > short.column_dimensions["A"].width
    assert sheet.column_dimensions["A"].width == pytest.approx(24, abs=4)


def test_column_of_times_is_as_wide_as_a_time():
    sheet, rows = written(("a", datetime(2026, 1, 1, tzinfo=UTC)), columns=(TEXT, MOMENT))

    assert sheet.column_dimensions["B"].width == pytest.approx(19, abs=2)
    assert rows[0].cells[1][0].spelled == "46023.0"


def test_long_words_are_wrapped_in_rows_as_high_as_they_need():
    sheet, rows = written(("word " * 60, 1.0), ("short", 1.0))

    assert sheet.column_dimensions["A"].width == WIDEST
    assert rows[0].height > 3 * rows[1].height
    assert rows[1].height > 12


def test_row_is_never_higher_than_excel_allows():
    _, rows = written(("word " * 6_000, 1.0))

    assert rows[0].height == 400


def test_rows_beyond_the_worksheet_are_refused(monkeypatch):
    monkeypatch.setattr("exports.workbook.cells.ROW_LIMIT", 2)
    assert written(("a", 1.0))

    with pytest.raises(CellError, match=r"^Sheet: 3 rows do not fit"):
        written(("a", 1.0), ("b", 1.0))


def test_many_columns_print_side_by_side():
    columns = tuple(Column(f"c{number}", "x" * 30, ColumnType.TEXT, "@", 10) for number in range(30))

    sheet, _ = written(("a",) * 30, columns=columns)

    assert sheet.page_setup.fitToWidth == 5
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.column_dimensions["A"].width < data_sheets.WIDEST
