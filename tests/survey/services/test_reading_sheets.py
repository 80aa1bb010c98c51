"""Files from outside: what is no workbook, is dangerous or damaged is refused in a sentence, soon and without harm."""

import io
import re
import resource
import time
import zipfile

import pytest
from openpyxl import Workbook

from survey.services import reading_sheets
from survey.services.errors import BadFields
from survey.services.reading_sheets import read_workbook

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(rows, *, doctype="", declaration='<?xml version="1.0" encoding="UTF-8"?>', extra=()):
    """A small workbook with these rows as they are to be spelled; None leaves the sheet's part out."""
    plain = io.BytesIO()
    book = Workbook()
    book.active.title = "Texts"
    book.save(plain)
    made = io.BytesIO()
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            if name != "xl/worksheets/sheet1.xml":
                after.writestr(name, before.read(name))
            elif rows is not None:
                after.writestr(
                    name,
                    f'{declaration}{doctype}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
                    f"<sheetData>{rows}</sheetData></worksheet>",
                )
        for name, content in extra:
            after.writestr(name, content)
    return made.getvalue()


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


LOL = '<!DOCTYPE z [<!ENTITY a0 "lol">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip
NASTY = {
    "nothing": b"",
    "no zip": b"key,en\n",
    "old or locked": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "cut off": workbook("")[:-300],
    "no sheet part": workbook(None),
    "three million cells": workbook('<row><c t="inlineStr"><is><t>A</t></is></c></row>' * 1_000_000),
    "one enormous cell": workbook(cell("A1", "A" * 60_000_000)),
    "many cells": workbook("<row>" + "<c/>" * 500_000 + "</row>"),
    "entities": workbook(cell("A1", "&a9;"), doctype=LOL),
    "a file of the machine": workbook(cell("A1", "&e;"), doctype='<!DOCTYPE z [<!ENTITY e SYSTEM "file:///etc/hostname">]>'),
    "a foreign definition": workbook("<row/>", doctype='<!DOCTYPE z SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "an endless row number": workbook('<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'),
    "the last row": workbook(f'<row r="1048576">{cell("A1048576", "x")}</row>'),
    "a column beyond": workbook('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>'),
    "a shared text that is none": workbook('<row r="1"><c r="A1" t="s"><v>x</v></c></row>'),
    "another encoding": workbook("<row/>", declaration='<?xml version="1.0" encoding="UTF-16"?>'),
    "all cells merged": workbook('</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells><sheetData>'),
    "a link over all cells": workbook(
        '</sheetData><hyperlinks><x:hyperlink xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        "ref = 'A1&#58;XFD1048576' location='A1'/></hyperlinks><sheetData>"
    ),
    "tags that do not end": workbook("<c " * 300_000 + "a" * 10_000_000),
    "three million rows": workbook('<row ht="1"/>' * 3_000_000),
    "entities in a part of another name": workbook("<row/>", extra=[("xl/worksheets/other.bin", LOL + "<z>&a9;</z>")]),
    "macros": workbook("<row/>", extra=[("xl/vbaProject.bin", b"x")]),
    "many parts": workbook("<row/>", extra=[(f"x/{n}", b"") for n in range(300)]),
}  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_what_is_no_workbook_is_refused_soon_and_in_a_sentence(name):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()

    with pytest.raises(BadFields) as refused:
        read_workbook(NASTY[name], "Texts")

    assert re.fullmatch(r"[A-Z].*\.", refused.value.message)
    assert time.process_time() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_a_part_that_is_there_twice_is_refused():
    content = io.BytesIO(workbook("<row/>"))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", b"<x/>")

    with pytest.raises(BadFields, match="no workbook as Excel writes it"):
        read_workbook(content.getvalue(), "Texts")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (f'<row r="1">{cell("A1", "a")}{cell("A1", "b")}</row>', "The cell A1 stands in the file twice."),
        ('<row r="1"><c r="A1"><f>HYPERLINK("http://evil.example")</f><v>5</v></c></row>', "Texts!A1 holds a formula"),
        ('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>', "Texts!A1 holds an error of a formula"),
        ('<row r="1"><c r="A1"><v>5</v></c></row>', "Texts!A1 holds a number"),
        ('<row r="1"><c r="A1" t="b"><v>1</v></c></row>', "Texts!A1 holds a truth value"),
    ],
)
def test_a_cell_that_is_no_text_is_named(rows, problem):
    sheet = read_workbook(workbook(rows), "Texts")

    assert [each.message.startswith(problem) for each in sheet.problems] == [True]


def test_parts_that_are_not_needed_are_left_alone():
    extra = [("../../evil.txt", "slip"), ("xl/externalLinks/externalLink1.xml", "<externalLink/>")]

    sheet = read_workbook(workbook(f'<row r="1">{cell("A1", "key")}</row>', extra=extra), "Texts")

    assert (sheet.rows, sheet.problems) == ((("key",),), ())


def test_a_file_that_is_too_large_is_not_opened(monkeypatch):
    monkeypatch.setattr(reading_sheets, "LARGEST_FILE", 100)

    with pytest.raises(BadFields, match="larger than"):
        read_workbook(workbook("<row/>"), "Texts")
