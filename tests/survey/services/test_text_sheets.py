"""A study's texts go out to translators and come back: whole, unchanged, or refused by the cell."""

import csv
import io
from string import ascii_letters

import make
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from instruments import Problem, clean_text
from survey.database import Database
from survey.services.errors import BadFields
from survey.services.text_sheets import COLUMNS, SheetFormat, changes_in, export_texts
from survey.services.wording import Change, set_texts, texts_of
from survey.texts import LANGUAGES

ODD = (
    "=1+1", "+1", "-1", "@SUM(A1)", "#N/A", "007", "1e5", "2026-03-10", "TRUE", "_x000D_", "_x0041_", " a ",
    "\ta", "a\nb", "a;b\t,c", '"', '""a', "'a", "<b>&amp;</b>", "{{7*7}}", "%s {0}", "\u202eabc", "e\u0301",
    "\U0001f600", "\u00a0?", "\ufeff",
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=40),
    st.text(alphabet='=+-@;,\t\n"_x0D <&' + ascii_letters[:6], max_size=30),
).filter(lambda text: not isinstance(clean_text(text), Problem))


@pytest.fixture
def draft(sqlite_database, now):
    with sqlite_database.writing() as session:
        yield session, make.make_study(session, now=now, catalogue=make.make_catalogue(2), is_open=False)


@pytest.fixture
def opened(sqlite_database, now):
    with sqlite_database.writing() as session:
        yield session, make.make_study(session, now=now, catalogue=make.make_catalogue(2), languages=["en", "it"])


def exported(session, study, kind):
    file = io.BytesIO()
    export_texts(session, study, kind, file)
    return file.getvalue()


def sheet(*rows, header=("key", "en", "it"), name="Texts"):
    """A workbook as somebody else's program writes it."""
    book = Workbook()
    book.active.title = name
    for row in (header, *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def comma(*rows, header=("key", "en", "it")):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([header, *rows])
    return file.getvalue().encode()


def refusals(session, study, content, kind=SheetFormat.XLSX):
    with pytest.raises(BadFields) as refused:
        changes_in(session, study, content, kind)
    return [problem.message for problem in refused.value.problems]


@pytest.mark.parametrize("kind", SheetFormat)
def test_the_texts_that_go_out_come_back_as_they_are(database, now, kind):
    with database.writing() as session:
        study = make.make_study(session, now=now)
        before = study.revision, texts_of(session, study)

        changes = changes_in(session, study, exported(session, study, kind), kind)
        set_texts(session, study, changes)

        assert changes == ()
        assert (study.revision, texts_of(session, study)) == before


@pytest.mark.parametrize("kind", SheetFormat)
def test_each_odd_text_comes_back_as_it_is(draft, kind):
    session, study = draft
    keys = [text.key for text in texts_of(session, study)]
    cells = [(key, language) for key in keys for language in LANGUAGES][: len(ODD)]
    set_texts(session, study, [Change(*cell, "", odd) for cell, odd in zip(cells, ODD, strict=True)])

    assert changes_in(session, study, exported(session, study, kind), kind) == ()


@pytest.mark.parametrize("kind", SheetFormat)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.dictionaries(st.sampled_from(LANGUAGES), WORDS, min_size=1))
def test_odd_texts_come_back_as_they_are(kind, words, odd_study):
    session, study = odd_study
    practice = next(text.key for text in texts_of(session, study) if text.key.startswith("practice."))
    keys = ("study.purpose", "region.lombardy.name", practice)
    set_texts(session, study, [Change(key, each, "", text) for key in keys for each, text in words.items()])
    before = texts_of(session, study)

    assert changes_in(session, study, exported(session, study, kind), kind) == ()
    assert texts_of(session, study) == before


@pytest.fixture(scope="module")
def odd_study(sqlite_template, tmp_path_factory):
    file = tmp_path_factory.mktemp("odd") / "survey.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    now = make.datetime.fromisoformat("2026-03-10T09:30:00+00:00")
    with database.writing() as session:
        yield session, make.make_study(session, now=now, catalogue=make.make_catalogue(1), is_open=False)
    database.dispose()


def test_a_workbook_is_all_text_with_a_frozen_header_and_a_guide(draft):
    session, study = draft
    set_texts(session, study, [Change("study.title", "en", "x", "=1+1"), Change("study.title", "da", "x", "")])

    book = load_workbook(io.BytesIO(exported(session, study, SheetFormat.XLSX)))

    texts = book["Texts"]
    assert book.sheetnames == ["Texts", "How to fill it in"]
    assert tuple(cell.value for cell in texts[1]) == COLUMNS
    assert texts.freeze_panes == "B2"
    assert (texts["C2"].value, texts["C2"].data_type) == ("=1+1", "s")
    assert {cell.number_format for row in texts.iter_rows() for cell in row} == {"@"}
    assert all(cell.alignment.wrap_text for row in texts.iter_rows() for cell in row)
    da = texts.cell(2, COLUMNS.index("da") + 1)
    assert da.value is None
    assert da.fill.start_color.rgb != texts["D2"].fill.start_color.rgb


def test_a_csv_opens_in_excel(draft):
    session, study = draft

    content = exported(session, study, SheetFormat.CSV)

    assert content.startswith(b"\xef\xbb\xbfkey,context,en,it,")
    assert b"Eine Studie zum Testen" in content


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_a_csv_comes_back_however_it_was_saved(draft, separator, mark, line):
    session, study = draft
    rows = [["key", "it"], ["study.title", '"Uno, due; tre' + line + 'e ""quattro"""']]
    content = mark + line.join(separator.join(row) for row in rows) + line

    changes = changes_in(session, study, content.encode(), SheetFormat.CSV)

    assert changes == (Change("study.title", "it", make.TITLES["it"], 'Uno, due; tre\ne "quattro"'),)


def test_a_row_of_a_csv_may_end_before_cells_that_are_empty_anyway(draft):
    session, study = draft

    changes = changes_in(session, study, comma(("study.purpose", "Why")), SheetFormat.CSV)

    assert [(change.kind, change.language) for change in changes] == [("new", "en")]


def test_what_changes_is_told_and_made(opened):
    session, study = opened
    revision = study.revision
    content = sheet(
        ("study.title", "New words", None),
        (None, None, None),
        ("study.purpose", "Why", "Perché"),
        header=("Key ", "EN", "it"),
    )
    # A title that is needed cannot go; so it is put back first.
    assert refusals(session, study, content) == ["Texts!C2: study.title is needed in Italian while the study is open."]
    content = sheet(("study.title", "New words", make.TITLES["it"]), ("study.purpose", "Why", " Perché "))

    changes = changes_in(session, study, content, SheetFormat.XLSX)
    set_texts(session, study, changes)

    assert [(change.kind, change.key, change.language, change.after) for change in changes] == [
        ("changed", "study.title", "en", "New words"),
        ("new", "study.purpose", "en", "Why"),
        ("new", "study.purpose", "it", " Perché "),
    ]
    assert study.revision == revision + 1
    assert next(text for text in study.texts if text.language == "it").purpose == " Perché "


def test_an_open_study_keeps_what_its_respondents_need(opened):
    session, study = opened
    rows = [
        ("study.title", None, "  "),
        ("study.purpose", "Only in English", None),
        ("region.lombardy.name", "Lombardy", None),
    ]

    assert refusals(session, study, sheet(*rows)) == [
        "Texts!C4: region.lombardy.name is needed in Italian while the study is open.",
        "Texts: study.purpose is needed in Italian while the study is open.",
        "Texts!B2: study.title is needed in English while the study is open.",
        "Texts!C2: study.title is needed in Italian while the study is open.",
    ]


def test_languages_that_the_study_does_not_have_may_be_emptied(opened):
    session, study = opened

    changes = changes_in(session, study, sheet(("study.title", None), header=("key", "hu")), SheetFormat.XLSX)

    assert [(change.kind, change.language) for change in changes] == [("emptied", "hu")]


def test_a_draft_can_be_emptied_but_for_its_name(draft):
    session, study = draft

    assert refusals(session, study, sheet(("study.title", None, None))) == [
        "Texts!B2: study.title is needed in English."
    ]
    kept = sheet(("study.title", make.TITLES["en"], None))
    assert [change.kind for change in changes_in(session, study, kept, SheetFormat.XLSX)] == ["emptied"]


def test_everything_that_is_wrong_is_told_by_its_cell_and_nothing_is_taken(draft):
    session, study = draft
    rows = [
        ("study.title", "Fine", "Bene"),
        ("study.titel", "x", "y"),
        ("study.title", "x", "y"),
        (None, "x", None),
        ("study.owner", "For {region}", "x" * 601),
        ("region.lombardy.name", 5, "=A1"),
        ("region.munich.name", True, make.datetime(2026, 3, 1)),
    ]

    assert refusals(session, study, sheet(*rows)) == [
        "Texts!B7 holds a number; give the cell the format Text and type it again.",
        "Texts!C7 holds a formula; give the cell the format Text and type it again.",
        "Texts!B8 holds a truth value; give the cell the format Text and type it again.",
        "Texts!C8 holds a date; give the cell the format Text and type it again.",
        "Texts!A3: the study has no text 'study.titel'.",
        "Texts!A4: the key 'study.title' stands in row 2 already.",
        "Texts!A5: this row has texts but no key.",
        "Texts!B6: {region} would be shown as it stands: nothing is filled in here.",
        "Texts!C6: the text has 601 characters; 600 are the most.",
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            ("key", "en", "no"),
            "Texts!C1: there is no column 'no'; there are key, context, en, it, fr, de, sv, da, cs, hu.",
        ),
        (("key", "en", "EN "), "Texts!C1: the column 'en' stands here twice."),
        (("key", "context"), "The first row must name the columns: key, context, en, it, fr, de, sv, da, cs, hu."),
        (("en", "it"), "The first row must name the columns: key, context, en, it, fr, de, sv, da, cs, hu."),
    ],
)
def test_columns_that_cannot_be_used_are_named(draft, header, message):
    session, study = draft

    assert message in refusals(session, study, sheet(header=header))
    assert message in refusals(session, study, comma(header=header), SheetFormat.CSV)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (comma(("study.title", "a")), "Texts!C2: the row ends before this cell. To empty"),
        (b"en,key\na\n", "Texts!B2: this row has texts but no key."),
        (comma(("study.title", "a", "b", "c")), "Texts!A2: a text stands beside the columns, in Texts!D2 or further."),
        (comma(("study.title", "a\x07", "b")), "Texts!B2: the text holds a control character"),
        (b'key,en\n"study.title,1\n', "Row 2 of the file cannot be read: unexpected end of data."),
        (b"key,en\nstudy.title," + b"x" * 200_000, "Row 2 of the file cannot be read: field larger than field limit"),
        ("key,en\nstudy.title,Málaga".encode("cp1252"), "The file is not in UTF-8 (byte 21). In Excel, save it as"),
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf\r\n", "The file is empty."),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_with_its_place(draft, content, message):
    session, study = draft

    assert refusals(session, study, content, SheetFormat.CSV)[0].startswith(message)


def test_merged_cells_and_a_missing_sheet_are_named(draft):
    session, study = draft
    book = load_workbook(io.BytesIO(sheet(("study.title", "a", "b"))))
    book["Texts"].merge_cells("B2:C2")
    file = io.BytesIO()
    book.save(file)

    assert refusals(session, study, file.getvalue())[0] == (
        "Texts!B2:C2 is merged into one cell; take the merging back."
    )
    assert refusals(session, study, sheet(name="Tabelle1")) == ["There is no sheet 'Texts'. There are: Tabelle1."]
