"""The Excel workbook: the tables of `exports`, made to be presented as they are. Only this package knows openpyxl."""

from exports.workbook.cells import CellError
from exports.workbook.writing import SHEETS, write_workbook

__all__ = ["SHEETS", "CellError", "write_workbook"]
