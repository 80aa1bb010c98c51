"""The checks: formulas over the rows, with the values a viewer shows that does not calculate."""

from dataclasses import replace

import pytest
from datasets import golden_dataset, make_dataset, make_practice
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from workbooks import read, row_saying, rows_of, written

from exports import build_tables
from exports.about_tables import Check
from exports.workbook import live_checks
from exports.workbook.checks import FAIL, HOLD, write_checks
from exports.workbook.heat_maps import Grid
from exports.workbook.live_checks import LiveCheck, Sheets, agree, can_check_cells
from exports.workbook.paper import Heading


def text_of(formula):
    return formula.text if isinstance(formula, ArrayFormula) else formula


def sheets_of(dataset, **changes):
    """What the checks compare, without a file."""
    tables = build_tables(dataset)
    rows = (*range(len(dataset.practices)), None)
    made = Sheets(
        dataset=dataset,
        results=tables.results,
        ratings=tables.ratings,
        scores=tables.practice_scores,
        heat_map=Grid("Heat map", (), 6, rows, len(dataset.regions)),
        heat_map_n=Grid("Heat map n", (), 6, rows, len(dataset.regions)),
        figures=dict.fromkeys(("evaluations", "strict", "broad", "already_here", "dont_know", "blocker"), "D9"),
    )
    return replace(made, **changes)


def test_every_check_has_its_formulas_and_their_values(book, values):
    header = row_saying(book["Checks"], "Check")
    formulas, shown = rows_of(book["Checks"], header + 1), rows_of(values["Checks"], header + 1)

    live = [row for row in formulas if row[1] == "formula over Ratings"]
    assert len(live) > 40
    for row, value in zip(formulas, shown, strict=True):
        if row[1] == "formula over Ratings":
            assert text_of(row[2]).startswith("=")
            assert text_of(row[3]).startswith("=")
        assert row[4].startswith("=ABS(")
        assert value[2] == pytest.approx(value[3])
        assert value[4] is True
        assert value[5] in (None, "")


def test_expected_figures_are_those_on_the_sheets(book, values):
    """Follow each reference to the sheet where the figure stands."""
    header = row_saying(book["Checks"], "Check")
    followed = 0
    for row, value in zip(rows_of(book["Checks"], header + 1), rows_of(values["Checks"], header + 1), strict=True):
        reference = text_of(row[2]) if isinstance(row[2], str) else ""
        if "!" in reference and "SUM" not in reference:
            sheet, cell = reference[1:].replace("'", "").split("!")
            assert values[sheet][cell].value == value[2], row[0]
            followed += 1
    assert followed > 30


def test_whole_sheet_says_in_one_line_whether_all_checks_hold(book, values):
    row = row_saying(values["Checks"], HOLD)

    assert book["Checks"].cell(row, 1).value.startswith("=IF(COUNTIF(E")
    assert values["Checks"].freeze_panes == f"A{row + 3}"


def test_failed_check_is_told_in_red_words():
    book = Workbook()
    sheet = book.active
    live = LiveCheck("Sum", "=1", 1, "=2", 2)
    made = Check("key", "Count", 3, 3)

    values = write_checks(sheet, [live], [made], Heading("Checks", "", ""), footer="", cells_checked=True)

    header = row_saying(sheet, "Check")
    assert [values[f"{column}{header + 1}"] for column in "CDEF"] == [1, 2, False, "FAIL"]
    assert [values[f"{column}{header + 2}"] for column in "EF"] == [True, ""]
    assert values[f"A{header - 2}"] == FAIL
    assert sheet.cell(header + 1, 6).font.color.rgb.endswith("9B1C22")
    rules = {str(cells.sqref): [rule.formula for rule in cells.rules] for cells in sheet.conditional_formatting}
    assert rules == {
        f"A{header - 2}": [[f'LEFT(A{header - 2},4)="FAIL"']],
        f"A{header + 1}:F{header + 2}": [[f"$E{header + 1}<>TRUE"]],
    }


@pytest.mark.parametrize(
    ("expected", "found", "holds"),
    [(0, 0, True), (0, 1e-7, True), (0, 1, False), (1e9, 1e9 + 1, True), (50, 50.1, False)],
)
def test_numbers_agree_but_for_rounding(expected, found, holds):
    assert agree(expected, found) is holds


def test_checks_of_the_golden_cell_hold():
    checks = list(live_checks.live_checks(sheets_of(golden_dataset())))

    assert all(check.holds for check in checks)
    found = {check.name: check.found_value for check in checks}
    assert found["Mean score on Heat map = mean of Ratings, rs10"] == pytest.approx(56.666667)
    assert found["Practice scores, q1 of ALL = q1 of Ratings"] == pytest.approx(47.5)
    assert found["South: valid scores on Heat map n = count in Ratings, rs10"] == 9


def test_wrong_row_is_found_in_its_cell_and_in_the_margin():
    sheets = sheets_of(golden_dataset())
    keys = [column.key for column in sheets.scores.columns]
    wrong = [list(row) for row in sheets.scores.rows]
    for row in wrong:
        if row[0] == "voucher" and isinstance(row[keys.index("mean_0_100")], float):
            row[keys.index("mean_0_100")] += 1
            row[keys.index("n_valid")] += 1
    broken = replace(sheets, scores=replace(sheets.scores, rows=tuple(tuple(row) for row in wrong)))

    failed = {check.name: check.found_value for check in live_checks.live_checks(broken) if not check.holds}

    assert failed == {
        "Practices in each region: rows of Practice scores with another n than Ratings": 1,
        "Practices in each region: rows of Practice scores with another mean than Ratings": 1,
        "Practices in all regions: rows of Practice scores with another n than Ratings": 1,
        "Practices in all regions: rows of Practice scores with another mean than Ratings": 1,
    }


def test_lost_row_of_ratings_is_found():
    sheets = sheets_of(golden_dataset())
    broken = replace(sheets, ratings=replace(sheets.ratings, rows=sheets.ratings.rows[1:]))

    failed = [check.name for check in live_checks.live_checks(broken) if not check.holds]

    assert "Evaluations on Summary = rows of Ratings" in failed
    assert "Mean score on Heat map = mean of Ratings, rs10" in failed
    assert "Practices in each region: rows of Practice scores with another n than Ratings" in failed


def test_figures_that_are_not_shown_are_not_checked():
    names = [check.name for check in live_checks.live_checks(sheets_of(make_dataset()))]

    assert not [name for name in names if "mean score" in name.lower() or name.startswith("Summary,")]
    assert "North: valid scores on Heat map n = count in Ratings, rs10" in names


@pytest.mark.parametrize("practice", ["Upper", "1e5", "a*", "=x", ""])
def test_ids_that_a_formula_cannot_tell_apart_are_not_checked_by_one(practice):
    plain = make_dataset(practices=(make_practice("plain-1"),), regions=make_dataset().regions[1:])
    odd = make_dataset(practices=(make_practice(practice),), regions=plain.regions) if practice else plain

    assert can_check_cells(sheets_of(plain))
    assert can_check_cells(sheets_of(odd)) is (odd is plain)


def test_many_evaluations_are_checked_as_a_whole_only(monkeypatch):
    monkeypatch.setattr(live_checks, "MOST_ROWS", 8)
    sheets = sheets_of(golden_dataset())

    names = [check.name for check in live_checks.live_checks(sheets)]

    assert not can_check_cells(sheets)
    assert "Mean score on Heat map = mean of Ratings, rs10" in names
    assert not [name for name in names if name.startswith(("South:", "Practices in"))]


def test_sheet_says_when_single_cells_are_not_checked():
    dataset = make_dataset(practices=(make_practice("Upper"),), regions=make_dataset().regions[1:])

    sheet = read(written(dataset))["Checks"]

    assert any("are not checked by formula here" in str(row[0]) for row in rows_of(sheet))
