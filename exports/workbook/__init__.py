"""The Excel workbook: the tables of `exports`, made to be presented as they are. Nothing else here knows openpyxl."""

from exports.workbook.cells import CellError, unescape
from exports.workbook.text_sheet import TEXTS, TextRow, write_text_sheet
from exports.workbook.writing import SHEETS, write_workbook

__all__ = ["SHEETS", "TEXTS", "CellError", "TextRow", "unescape", "write_text_sheet", "write_workbook"]
