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
    verdict = head(sheet, heading, room=sum(_WIDTHS), columns=len(_WIDTHS))
    if not cells_checked:
        verdict = _write_gap(sheet, verdict)
    header = verdict + 2
    _write_headings(sheet, header)
    last = _write_lines(sheet, header + 1, live, made, values)
    _write_verdict(sheet, verdict, range(header + 1, last + 1), values)
    _redden(sheet, f"A{verdict}", f'LEFT(A{verdict},4)="FAIL"')
    _redden(sheet, f"A{header + 1}:F{last}", f"$E{header + 1}<>TRUE")
    set_up(sheet, footer=footer, landscape=True, header_rows=(header, header))
    sheet.freeze_panes = f"A{header + 1}"
    sheet.auto_filter.ref = f"A{header}:F{last}"
    return values


def _write_gap(sheet: Worksheet, row: int) -> int:
    """Say that the single cells were left out; give the next row."""
    text = (
        "Regions and single cells are not checked by formula here: there are too many evaluations, or ids that "
        "a formula cannot tell apart."
    )
    for line in broken(text, sum(_WIDTHS), size=NOTE.size):
        put(at(sheet, row, 1), line)
        dress(at(sheet, row, 1), NOTE)
        row += 1
    return row


def _write_headings(sheet: Worksheet, row: int) -> None:
    for column, text in enumerate(_HEADINGS, start=1):
        put(at(sheet, row, column), text)
        look = replace(HEADING, across={3: "right", 4: "right", 5: "center", 6: "center"}.get(column, "left"))
        dress(at(sheet, row, column), replace(look, upright="top"))
    sheet.row_dimensions[row].height = measure.row_height(1, size=styles.SIZE, padding=FILTER)


def _write_lines(
    sheet: Worksheet, first: int, live: Sequence[LiveCheck], made: Sequence[Check], values: dict[str, object]
) -> int:
    """Write one row per check; give the last of them, or the row before `first` if there are none."""
    for row, check in enumerate(live, start=first):
        _formula(sheet, f"C{row}", check.expected, check.expected_value, values)
        _formula(sheet, f"D{row}", check.found, check.found_value, values, is_array=check.is_array)
        _write_line(sheet, row, check.name, "formula over Ratings", holds=check.holds, values=values)
    for row, other in enumerate(made, start=first + len(live)):
        put(at(sheet, row, 3), other.expected)
        put(at(sheet, row, 4), other.found)
        holds = agree(other.expected, other.found)
        _write_line(sheet, row, other.name, "program, when written", holds=holds, values=values)
    return first + len(live) + len(made) - 1


def _write_verdict(sheet: Worksheet, row: int, lines: range, values: dict[str, object]) -> None:
    """Write whether all of these rows hold."""
    holds = all(values[f"E{number}"] for number in lines)
    whole = f'=IF(COUNTIF(E{lines.start}:E{lines.stop - 1},TRUE)={len(lines)},"{HOLD}","{FAIL}")'
    _formula(sheet, f"A{row}", whole, HOLD if holds else FAIL, values)
    dress(at(sheet, row, 1), _VERDICT)


def _redden(sheet: Worksheet, cells: str, condition: str) -> None:
    """Let the cells be red whenever the condition holds."""
    red = DifferentialStyle(font=Font(color=styles.BAD, bold=True))
    sheet.conditional_formatting.add(cells, Rule(type="expression", formula=[condition], dxf=red))


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
