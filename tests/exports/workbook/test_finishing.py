"""The last pass: values of formulas, rows of our own, alternative texts, times."""

import zipfile
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from exports.workbook.cells import content, put, put_formula
from exports.workbook.finishing import Additions, Body, FinishingError, Row, finish

MOMENT = datetime(2026, 11, 24, 18, 30, tzinfo=timezone(timedelta(hours=1)))


def finished(book, **additions):
    saved, whole = BytesIO(), BytesIO()
    book.save(saved)
    finish(saved, whole, book.sheetnames, Additions(MOMENT, **additions))
    whole.seek(0)
    return whole


def part(file, name):
    with zipfile.ZipFile(file) as archive:
        return archive.read(name).decode()


@pytest.mark.parametrize("value", [12.5, 0, True, False, "words & <signs>", 0.1 + 0.2])
def test_formula_has_its_value(value):
    book = Workbook()
    put_formula(book.active["B2"], '=IF(1<2,"a&b","")')

    file = finished(book, values={"Sheet": {"B2": value}})

    assert load_workbook(file, data_only=True).active["B2"].value == value
    assert load_workbook(file).active["B2"].value == '=IF(1<2,"a&b","")'


def test_formula_with_an_empty_text_holds_a_text():
    book = Workbook()
    put_formula(book.active["A1"], '=""')

    file = finished(book, values={"Sheet": {"A1": ""}})

    assert '<c r="A1" t="str"><f>""</f><v></v></c>' in part(file, "xl/worksheets/sheet1.xml")


def test_array_formula_has_its_value():
    book = Workbook()
    book.active["A1"] = ArrayFormula("A1", "=SUM(IF(B1:B2>0,1,0))")

    file = finished(book, values={"Sheet": {"A1": 2}})

    assert load_workbook(file, data_only=True).active["A1"].value == 2
    assert load_workbook(file).active["A1"].value.text == "=SUM(IF(B1:B2>0,1,0))"


@pytest.mark.parametrize("values", [{}, {"A1": 1, "A2": 2}])
def test_formula_without_a_value_and_value_without_a_formula_are_faults(values):
    book = Workbook()
    put_formula(book.active["A1"], "=1")

    with pytest.raises((FinishingError, KeyError)):
        finished(book, values={"Sheet": values})


def test_rows_are_added_below_those_that_are_there():
    book = Workbook()
    sheet = book.create_sheet("Rows")
    sheet.append(["a", "b"])
    rows = [
        Row(((content("x"), 0), (content(1), 0))),
        Row(((content(None), 0), (content(True), 0)), height=30.0),
    ]

    file = finished(book, bodies={"Rows": Body(first=2, count=2, width=2, rows=rows)})

    read = load_workbook(file)["Rows"]
    assert [list(row) for row in read.iter_rows(values_only=True)] == [["a", "b"], ["x", 1], [None, True]]
    assert (read.row_dimensions[2].height, read.row_dimensions[3].height) == (None, 30)
    assert '<dimension ref="A1:B3"/>' in part(file, "xl/worksheets/sheet2.xml")


def test_body_without_rows_leaves_the_header():
    book = Workbook()
    book.active.append(["a"])

    file = finished(book, bodies={"Sheet": Body(first=2, count=0, width=1, rows=[])})

    assert '<dimension ref="A1:A1"/>' in part(file, "xl/worksheets/sheet1.xml")
    assert load_workbook(file).active.max_row == 1


def test_text_of_spaces_is_kept():
    book = Workbook()
    put(book.active["A1"], "   ")

    assert '<t xml:space="preserve">   </t>' in part(finished(book), "xl/worksheets/sheet1.xml")


def test_times_are_those_of_the_data():
    file = finished(Workbook())

    with zipfile.ZipFile(file) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert load_workbook(file).properties.modified == datetime(2026, 11, 24, 17, 30, tzinfo=UTC).replace(tzinfo=None)
