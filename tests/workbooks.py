"""Workbooks for tests: written, and read again."""

from io import BytesIO

from openpyxl import load_workbook

from exports.workbook import write_workbook


def written(dataset):
    """The workbook of a dataset, as bytes."""
    whole = BytesIO()
    write_workbook(dataset, whole)
    return whole.getvalue()


def read(file, **words):
    """A workbook from bytes."""
    return load_workbook(BytesIO(file), **words)


def rows_of(sheet, first=1, last=None):
    """The values of a sheet's rows."""
    return [list(row) for row in sheet.iter_rows(min_row=first, max_row=last, values_only=True)]


def row_saying(sheet, words, column=1):
    """The number of the first row in which a column says so."""
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, column).value == words)
