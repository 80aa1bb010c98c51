"""Files that are made to do harm, or that say something else than they seem to."""

import io
import time
import zipfile

import openpyxl
import pytest

from survey.services.errors import BadFields
from survey.services.reading_tables import read_table

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(rows, *, doctype="", declaration='<?xml version="1.0" encoding="UTF-8"?>', extra=None, doubled=False):
    """A small workbook with one sheet of these rows of XML."""
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        **(extra or {}),
    }
    if rows is not None:
        sheet = f'{declaration}{doctype}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        parts["xl/worksheets/sheet1.xml"] = sheet
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


def cell(place, inside, more=""):
    return f'<c r="{place}"{more}>{inside}</c>'


def text(place, words):
    return cell(place, f"<is><t>{words}</t></is>", ' t="inlineStr"')


HEADINGS = f'<row r="1">{text("A1", "email")}{text("B1", "name")}</row>'
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BAD = {
    "empty": b"",
    "no workbook": b"email,name\n",
    "cut off": workbook(HEADINGS)[:-300],
    "three million cells": workbook("<row><c t='inlineStr'><is><t>A</t></is></c></row>" * 3_000_000),
    "a cell of 300 MB": workbook(f"<row>{text('A1', 'A' * 300_000_000)}</row>"),
    "entities that multiply": workbook(
        f"<row>{text('A1', '&a9;')}</row>", doctype=f'<!DOCTYPE z [<!ENTITY a0 "lol">{ENTITIES}]>'
    ),
    "a file from outside": workbook(
        f"<row>{text('A1', 'X&e;Y')}</row>", doctype='<!DOCTYPE z [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    ),
    "a doctype from outside": workbook("<row/>", doctype='<!DOCTYPE z SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "a row far below": workbook(f'{HEADINGS}<row r="99999999999">{cell("A99999999999", "<v>1</v>")}</row>'),
    "a shared text that is none": workbook(f"""<row r="1">{cell("A1", "<v>x</v>", ' t="s"')}</row>"""),
    "a column that is none": workbook(f'<row r="1">{cell("ZZZZ1", "<v>1</v>")}</row>'),
    "no number": workbook(f'{HEADINGS}<row r="2">{cell("A2", "<v>1e999</v>")}</row>'),
    "no sheet": workbook(None),
    "another encoding": workbook(HEADINGS, declaration='<?xml version="1.0" encoding="UTF-16"?>'),
    "macros": workbook(HEADINGS, extra={"xl/vbaProject.bin": "x"}),
    "a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "many parts": workbook(HEADINGS, extra={f"xl/x{n}.xml": "<x/>" for n in range(300)}),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_workbook_is_refused_with_a_sentence_and_soon(tmp_path, name):
    file = tmp_path / "contacts.xlsx"
    file.write_bytes(BAD[name])
    began = time.monotonic()

    with pytest.raises(BadFields) as refusal:
        read_table(file)

    assert time.monotonic() - began < 25
    assert all(problem.message.endswith(".") for problem in refusal.value.problems)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (cell("A2", '<f>HYPERLINK("http://evil.example")</f><v>5</v>'), "S!A2 holds a formula"),
        (cell("A2", "<v>#N/A</v>", ' t="e"'), "S!A2 holds an error of a formula"),
        (cell("A2", "<v>1</v>", ' t="b"'), "S!A2 holds a truth value"),
        (cell("A2", "<v>1.5</v>"), "S!A2 holds a number"),
        (cell("A2", "<v>12345678901234567890</v>"), "S!A2 holds a number"),
        (cell("A2", "<v>1</v>") + cell("A2", "<v>2</v>"), "A2 stands in the file twice"),
    ],
)
def test_a_cell_that_is_no_certain_text_is_named(tmp_path, row, says):
    file = tmp_path / "contacts.xlsx"
    file.write_bytes(workbook(f'{HEADINGS}<row r="2">{row}</row>'))

    with pytest.raises(BadFields) as refusal:
        read_table(file)

    assert any(says in problem.message for problem in refusal.value.problems)


def test_a_date_is_named(tmp_path, now):
    file = tmp_path / "contacts.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["email"])
    book.active.append([now.date()])
    book.save(file)

    with pytest.raises(BadFields, match="A2 holds a date"):
        read_table(file)


def test_rows_in_any_order_are_all_read(tmp_path):
    file = tmp_path / "contacts.xlsx"
    rows = "".join(f'<row r="{n}">{text(f"A{n}", f"p{n}@example.org")}</row>' for n in (5, 2, 3))
    file.write_bytes(workbook(rows + HEADINGS))

    table = read_table(file)

    assert [(row.number, row.values["email"]) for row in table.rows] == [
        (2, "p2@example.org"),
        (3, "p3@example.org"),
        (5, "p5@example.org"),
    ]


def test_parts_that_would_land_elsewhere_are_left_alone(tmp_path):
    file = tmp_path / "contacts.xlsx"
    file.write_bytes(workbook(HEADINGS, extra={"../../evil.txt": "slip"}))

    assert read_table(file).rows == ()
    assert not (tmp_path.parent.parent / "evil.txt").exists()


@pytest.mark.parametrize("name", ["contacts.xls", "contacts.xlsm", "contacts", "contacts.ods"])
def test_other_kinds_of_files_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(workbook(HEADINGS))

    with pytest.raises(BadFields, match=r"is neither \.xlsx nor \.csv"):
        read_table(tmp_path / name)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path):
    with pytest.raises(BadFields, match="cannot be read: No such file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "large.csv").write_bytes(b"email\n" + b"x" * (10 * 1024 * 1024))
    with pytest.raises(BadFields, match="larger than 10 MB"):
        read_table(tmp_path / "large.csv")
