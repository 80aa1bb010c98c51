"""A program that is not ours opens the workbook, calculates everything anew and loses nothing."""

import shutil
import subprocess
import zipfile

import pytest
from openpyxl import load_workbook
from workbooks import row_saying, rows_of

from exports.workbook import SHEETS
from exports.workbook.checks import FAIL, HOLD

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")

pytestmark = pytest.mark.skipif(OFFICE is None, reason="no LibreOffice on this machine")

# Without this, LibreOffice shows the values it finds in the file and calculates nothing.
CALCULATE_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


@pytest.fixture(scope="module")
def convert(tmp_path_factory):
    profile = tmp_path_factory.mktemp("libreoffice")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(CALCULATE_ALWAYS, encoding="utf-8")

    def converted(path, kind):
        target = path.parent / "converted"
        command = [OFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", kind]
        subprocess.run([*command, "--outdir", str(target), str(path)], check=True, capture_output=True, timeout=240)
        return target / f"{path.stem}.{kind}"

    return converted


@pytest.fixture(scope="module")
def path(file, tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "book.xlsx"
    path.write_bytes(file)
    return path


@pytest.fixture(scope="module")
def recalculated_file(convert, path):
    return convert(path, "xlsx")


@pytest.fixture(scope="module")
def recalculated(recalculated_file):
    return load_workbook(recalculated_file, data_only=True)


def test_every_check_holds_when_calculated_anew(recalculated, values):
    sheet = recalculated["Checks"]
    header = row_saying(sheet, "Check")

    rows = rows_of(sheet, header + 1)

    assert sheet.cell(row_saying(sheet, HOLD), 1).value
    assert len(rows) == len(rows_of(values["Checks"], header + 1)) > 40
    for row, stored in zip(rows, rows_of(values["Checks"], header + 1), strict=True):
        assert row[4] is True, row[0]
        assert row[2:4] == [pytest.approx(stored[2]), pytest.approx(stored[3])], row[0]


@pytest.mark.parametrize("name", SHEETS)
def test_no_value_is_lost_or_changed(recalculated, values, name):
    ours, theirs = rows_of(values[name]), rows_of(recalculated[name])

    for number, row in enumerate(ours):
        for position, value in enumerate(row):
            other = theirs[number][position] if position < len(theirs[number]) else None
            if isinstance(value, float):
                assert other == pytest.approx(value)
            else:
                assert (other or None) == (value or None), (name, number + 1, position + 1)


def test_charts_links_and_filters_are_kept(recalculated_file, recalculated):
    with zipfile.ZipFile(recalculated_file) as archive:
        assert sum(name.startswith("xl/charts/chart") for name in archive.namelist()) == 2
    assert recalculated["Read me"]["A6"].hyperlink.location
    assert recalculated["Ratings"].auto_filter.ref


def test_changed_score_is_noticed(convert, path, tmp_path):
    """Someone overwrites one figure: the sheet itself says so."""
    book = load_workbook(path)
    sheet = book["Practice scores"]
    row = next(row for row in range(2, sheet.max_row) if isinstance(sheet.cell(row, 12).value, float))
    assert sheet.cell(1, 12).value == "mean_0_100"
    sheet.cell(row, 12).value += 10
    book.save(tmp_path / "changed.xlsx")

    checks = load_workbook(convert(tmp_path / "changed.xlsx", "xlsx"), data_only=True)["Checks"]

    assert checks.cell(row_saying(checks, FAIL), 1).value
    failed = [row[0] for row in rows_of(checks) if row[5] == "FAIL"]
    assert "Practices in each region: rows of Practice scores with another mean than Ratings" in failed


def test_workbook_becomes_a_pdf(convert, path):
    assert convert(path, "pdf").read_bytes().startswith(b"%PDF")
