"""The sheet `Checks`: whether the figures add up, decided by the spreadsheet itself."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from exports.about_tables import Check
from exports.workbook import measure, styles
from exports.workbook.cells import at, put, put_formula
from exports.workbook.live_checks import LiveCheck, agree, agreement
from exports.workbook.paper import FILTER, NOTE, Heading, broken, fit_row, head, set_up, set_widths
from exports.workbook.styles import HEADING, Look, dress

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

_WIDTHS: Final = (84.0, 22.0, 17.0, 17.0, 11.0, 9.0)
_HEADINGS: Final = ("Check", "Found by", "Expected", "Found", "Result", "Failed")
_TEXT: Final = Look(wrap=True, below=styles.LINE)
_QUIET: Final = Look(ink=styles.INK_3, below=styles.LINE)
_NUMBER: Final = Look(across="right", below=styles.LINE, format="#,##0.######")
_RESULT: Final = Look(across="center", bold=True, ink=styles.OK, below=styles.LINE)
_FAILED: Final = Look(across="center", bold=True, ink=styles.BAD, below=styles.LINE)
_VERDICT: Final = Look(size=styles.LEAD, bold=True, ink=styles.OK)

HOLD: Final = "All checks hold."
FAIL: Final = "FAIL: at least one check does not hold. Do not use these figures; see the rows marked FAIL."


def write_checks(
    sheet: Worksheet,
    live: Sequence[LiveCheck],
    made: Sequence[Check],
    heading: Heading,
    *,
    footer: str,
    cells_checked: bool,
) -> dict[str, object]:
    """Write the checks and give the value of each formula by its cell.

    live: found by formulas over `Ratings`. made: found by the program when it wrote the file.
    cells_checked: False if the single cells were left out; the sheet then says so.
    """
    values: dict[str, object] = {}
    set_widths(sheet, _WIDTHS)
    row = head(sheet, heading, room=sum(_WIDTHS), columns=len(_WIDTHS))
    if not cells_checked:
        text = (
            "Regions and single cells are not checked by formula here: there are too many evaluations, or ids that "
            "a formula cannot tell apart."
        )
        for line in broken(text, sum(_WIDTHS), size=NOTE.size):
            put(at(sheet, row, 1), line)
            dress(at(sheet, row, 1), NOTE)
            row += 1
    verdict, header = row, row + 2
    for column, text in enumerate(_HEADINGS, start=1):
        put(at(sheet, header, column), text)
        look = replace(HEADING, across={3: "right", 4: "right", 5: "center", 6: "center"}.get(column, "left"))
        dress(at(sheet, header, column), replace(look, upright="top"))
    sheet.row_dimensions[header].height = measure.row_height(1, size=styles.SIZE, padding=FILTER)
    row = header
    for check in live:
        row += 1
        _formula(sheet, f"C{row}", check.expected, check.expected_value, values)
        _formula(sheet, f"D{row}", check.found, check.found_value, values, is_array=check.is_array)
        _write_line(sheet, row, check.name, "formula over Ratings", holds=check.holds, values=values)
    for other in made:
        row += 1
        put(at(sheet, row, 3), other.expected)
        put(at(sheet, row, 4), other.found)
        _write_line(
            sheet, row, other.name, "program, when written", holds=agree(other.expected, other.found), values=values
        )
    holds = all(values[f"E{number}"] for number in range(header + 1, row + 1))
    whole = f'=IF(COUNTIF(E{header + 1}:E{row},TRUE)={row - header},"{HOLD}","{FAIL}")'
    _formula(sheet, f"A{verdict}", whole, HOLD if holds else FAIL, values)
    dress(at(sheet, verdict, 1), _VERDICT)
    red = Font(color=styles.BAD, bold=True)
    for cells, condition in (
        (f"A{verdict}", f'LEFT(A{verdict},4)="FAIL"'),
        (f"A{header + 1}:F{row}", f"$E{header + 1}<>TRUE"),
    ):
        rule = Rule(type="expression", formula=[condition], dxf=DifferentialStyle(font=red))
        sheet.conditional_formatting.add(cells, rule)
    set_up(sheet, footer=footer, landscape=True, header_rows=(header, header))
    sheet.freeze_panes = f"A{header + 1}"
    sheet.auto_filter.ref = f"A{header}:F{row}"
    return values


def _write_line(
    sheet: Worksheet, row: int, name: str, found_by: str, *, holds: bool, values: dict[str, object]
) -> None:
    put(at(sheet, row, 1), name)
    put(at(sheet, row, 2), found_by)
    _formula(sheet, f"E{row}", agreement(f"C{row}", f"D{row}"), holds, values)
    # An error in a formula is a failure too: then the result is neither TRUE nor FALSE.
    _formula(sheet, f"F{row}", f'=IF(ISERROR(E{row}),"FAIL",IF(E{row},"","FAIL"))', "" if holds else "FAIL", values)
    for column, look in enumerate((_TEXT, _QUIET, _NUMBER, _NUMBER, _RESULT, _FAILED), start=1):
        dress(at(sheet, row, column), look)
    fit_row(sheet, row, [(name, _WIDTHS[0], _TEXT)])


def _formula(
    sheet: Worksheet, reference: str, formula: str, value: object, values: dict[str, object], *, is_array: bool = False
) -> None:
    if is_array:
        sheet[reference] = ArrayFormula(reference, formula)
    else:
        put_formula(cast("Cell", sheet[reference]), formula)
    values[reference] = value
