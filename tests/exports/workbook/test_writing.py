"""The workbook as a whole: its sheets, and that each says what the tables say."""

import hashlib
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from datasets import golden_dataset, make_dataset, make_interview, make_practice, make_region, make_study
from openpyxl.utils import get_column_letter
from workbooks import read, row_saying, rows_of, written

from exports import Edition, ExportRefused, write_dataset
from exports.workbook import SHEETS, CellError, write_workbook
from exports.workbook.cells import unescape

PRESENTED = ("Read me", "Summary", "Heat map", "Heat map n", "Method", "Checks")
DATA = ("Practice scores", "Ratings", "Codebook")
NASTY = '=1+1 & <b>"x"</b> _x0041_ @SUM(A1) Ström\u202e 株 🙂'


def test_sheets_stand_in_their_order(book):
    assert book.sheetnames == [
        "Read me",
        "Summary",
        "Heat map",
        "Heat map n",
        "Practice scores",
        "Ratings",
        "Codebook",
        "Method",
        "Checks",
    ]
    assert list(SHEETS) == book.sheetnames


def test_workbook_opens_on_the_first_sheet(book):
    assert book.active.title == "Read me"
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["Read me"]


@pytest.mark.parametrize("name", ["practice_scores", "ratings", "codebook"])
def test_data_sheet_holds_the_table(book, tables, name):
    table = getattr(tables, name)
    sheet = book[table.name]

    header, *rows = rows_of(sheet)

    assert header == [column.heading for column in table.columns]
    assert len(rows) == len(table.rows)
    for row, expected in zip(rows, table.rows, strict=True):
        assert row == [None if value == "" else value for value in expected]


@pytest.mark.parametrize("name", DATA)
def test_data_sheet_can_be_filtered_and_scrolled(book, name):
    sheet = book[name]

    assert sheet.auto_filter.ref == f"A1:{get_column_letter(sheet.max_column)}{sheet.max_row}"
    assert sheet.freeze_panes == "C2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.print_title_cols == "$A:$B"


def test_data_sheets_have_the_number_formats_of_their_columns(book, tables):
    for table in (tables.practice_scores, tables.ratings):
        sheet = book[table.name]
        for number, column in enumerate(table.columns, start=1):
            formats = {
                sheet.cell(row, number).number_format
                for row in range(2, 60)
                if not isinstance(sheet.cell(row, number).value, str | None)
            }
            assert formats <= {column.format}, column.key


def test_numbers_stand_right_and_words_left(book):
    sheet = book["Practice scores"]

    assert sheet["A2"].alignment.horizontal == "left"
    assert sheet["F2"].alignment.horizontal == "right"
    # score_basis follows numbers and keeps a distance from them.
    assert (sheet["J1"].value, sheet["K1"].value) == ("n_refused", "score_basis")
    assert sheet["K2"].alignment.indent == sheet["K1"].alignment.indent == 1


def test_rows_of_all_regions_are_bold(book):
    sheet = book["Practice scores"]

    weights = {(sheet.cell(row, 4).value == "ALL", sheet.cell(row, 2).font.bold) for row in range(2, sheet.max_row + 1)}

    assert weights == {(True, True), (False, False)}


@pytest.mark.parametrize("name", SHEETS)
def test_sheet_is_set_up_for_a4(book, name):
    sheet = book[name]

    assert sheet.page_setup.paperSize == 9
    assert sheet.oddFooter.right.text == "&A · page &P of &N"
    assert sheet.oddFooter.left.text == "Life science practices 2026 · internal edition"
    assert sheet.page_margins.left == 0.55
    assert sheet.merged_cells.ranges == set()


@pytest.mark.parametrize("name", SHEETS)
def test_sheet_uses_one_face_and_nothing_small(book, name):
    fonts = {(cell.font.name, cell.font.size >= 10) for row in book[name].iter_rows() for cell in row}

    assert fonts == {("Arial", True)}


@pytest.mark.parametrize("name", PRESENTED)
def test_presented_sheet_begins_with_its_title(book, name):
    title = book[name]["A1"]

    assert title.value
    assert title.font.bold
    assert title.font.size >= 12


@pytest.mark.parametrize("name", PRESENTED)
def test_presented_sheet_says_that_answers_are_simulated(book, name):
    line = book[name]["A3"]

    assert line.value.startswith("SIMULATED DATA")
    assert line.fill.start_color.rgb.endswith("F7ECD4")


@pytest.mark.parametrize("name", PRESENTED)
def test_presented_sheet_of_real_answers_says_nothing_of_the_kind(name):
    book = read(written(golden_dataset()))

    assert not any("SIMULATED" in str(cell.value) for row in book[name].iter_rows() for cell in row)


def test_columns_are_never_narrower_than_excel_shows_or_wider_than_it_allows(book):
    for sheet in book:
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert all(2 <= width <= 255 for width in widths), sheet.title


def test_properties_name_the_program_and_no_person(book):
    properties = book.properties

    assert properties.title == "Life science practices 2026: perceived replicability"
    assert (properties.creator, properties.lastModifiedBy) == ("Replicability Survey", "Replicability Survey")
    assert f"{properties.modified:%Y-%m-%d %H:%M}" == "2026-11-24 17:30"


def test_contents_link_to_every_other_sheet(book):
    sheet = book["Read me"]
    first = row_saying(sheet, "Contents") + 1

    links = [
        (sheet.cell(row, 1).value, sheet.cell(row, 1).hyperlink.location)
        for row in range(first, first + len(SHEETS) - 1)
    ]

    assert links == [(name, f"'{name}'!A1") for name in SHEETS if name != "Read me"]


def shown(value):
    """Excel's clock has no zone and stops at milliseconds."""
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=None, microsecond=round(value.microsecond, -3) % 1_000_000)


def test_read_me_tells_the_facts(book, tables):
    sheet = book["Read me"]
    said = {row[0]: row[1] for row in rows_of(sheet)}

    for fact in tables.facts:
        if fact.key not in {"title", "simulated", "measured"}:
            assert said[fact.label] == shown(fact.value), fact.key
    assert said["n<3"].startswith("Fewer than 3 answers")
    assert any("before any transfer" in str(row[0]) for row in rows_of(sheet, 1, 8))


def test_read_me_states_the_checksum_of_the_data(book, dataset):
    data = BytesIO()
    write_dataset(dataset, data)

    digest = hashlib.sha256(data.getvalue()).hexdigest()

    assert any(digest == cell.value for row in book["Read me"].iter_rows() for cell in row)


def test_read_me_prints_on_one_page(book):
    assert (book["Read me"].page_setup.fitToWidth, book["Read me"].page_setup.fitToHeight) == (1, 1)


def test_times_are_dates_in_utc(book):
    sheet = book["Read me"]
    cell = sheet.cell(row_saying(sheet, "Data complete up to (UTC)"), 2)

    assert (cell.is_date, cell.number_format, f"{cell.value:%H:%M}") == (True, "yyyy-mm-dd hh:mm", "17:30")


def test_method_tells_every_paragraph(book, tables):
    sheet = book["Method"]
    header = row_saying(sheet, "Section")

    paragraphs = [(row[0], row[1]) for row in rows_of(sheet, header + 1)]

    assert paragraphs == [tuple(row) for row in tables.method.rows]
    assert sheet.print_title_rows == f"${header}:${header}"
    assert sheet.freeze_panes == f"A{header + 1}"
    assert all(sheet.cell(row, 2).alignment.wrap_text for row in range(header, sheet.max_row + 1))


def test_same_dataset_gives_the_same_bytes(dataset, file):
    assert written(dataset) == file


def test_workbook_of_an_empty_study_can_be_written():
    book = read(written(make_dataset()), data_only=True)

    assert book["Ratings"].max_row == 1
    assert any("No practice has 3 valid scores yet" in str(row[0]) for row in rows_of(book["Summary"]))
    assert book["Summary"]._charts == []
    assert all(row[4] is True for row in rows_of(book["Checks"], row_saying(book["Checks"], "Check") + 1))


@pytest.mark.parametrize(
    "lists",
    [{"practices": (), "regions": (make_region(),)}, {"regions": ()}, {"practices": (), "regions": ()}],
)
def test_workbook_without_practices_or_regions_can_be_written(lists):
    book = read(written(make_dataset(**lists)), data_only=True)

    assert book["Checks"].cell(row_saying(book["Checks"], "All checks hold."), 1).value


def test_nasty_texts_stay_texts():
    dataset = make_dataset(
        study=make_study(title=NASTY, contact="=cmd|'/c calc'!A0", catalogue_note="#N/A"),
        practices=(make_practice("a", title=NASTY, category_name="@x"),),
        regions=(make_region("b", name="+1"),),
        interviews=[make_interview(region=0)],
    )

    book = read(written(dataset))

    formulas = {(sheet.title) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
    assert formulas == {"Checks"}
    assert not any(cell.data_type == "e" for sheet in book for row in sheet.iter_rows() for cell in row)
    grid = book["Heat map"]
    header = row_saying(grid, "Practice")
    assert [unescape(str(grid.cell(header + 1, column).value)) for column in (1, 2)] == [NASTY, "@x"]
    assert grid.cell(header, 4).value == "+1"
    assert unescape(book["Codebook"].cell(row_saying(book["Codebook"], "a", 5), 6).value) == NASTY


def test_long_text_goes_on_in_the_next_row_of_the_method():
    words = " ".join(["word"] * 2_000)
    book = read(written(make_dataset(study=make_study(catalogue_note=words))))

    sheet = book["Method"]
    parts = [row[1] for row in rows_of(sheet) if row[1] and row[1].startswith("word")]
    assert len(parts) == 5
    assert "".join(parts) == words
    assert all((sheet.row_dimensions[row].height or 0) <= 409 for row in range(1, sheet.max_row + 1))


def test_text_that_fits_no_cell_is_refused_by_its_place():
    dataset = make_dataset(
        practices=(make_practice("a", title="x" * 32_768),), regions=(make_region("b"),), interviews=()
    )

    with pytest.raises(CellError, match=r"^Heat map!A\d+: a text of 32,768 characters"):
        written(dataset)


def test_text_in_a_data_sheet_that_fits_no_cell_is_refused_by_its_place():
    dataset = golden_dataset()
    interviews = [make_interview("x" * 32_768), *dataset.interviews[1:]]
    long_id = make_dataset([(0, 0, dataset.codes[0].tolist())], interviews=interviews)

    with pytest.raises(CellError, match=r"^Ratings!A2: a text of 32,768 characters"):
        written(long_id)


def test_footer_is_never_longer_than_excel_allows():
    book = read(written(make_dataset(study=make_study(title="A & B " * 60))))

    footer = book["Method"].oddFooter.left.text

    assert len(footer) <= 200
    assert footer.endswith("…")


def test_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"before")

    write_workbook(golden_dataset(), path)

    assert path.read_bytes() == written(golden_dataset())
    assert [found.name for found in tmp_path.iterdir()] == ["book.xlsx"]


def test_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "book.xlsx").mkdir()

    with pytest.raises(OSError, match="book"):
        write_workbook(golden_dataset(), str(tmp_path / "book.xlsx"))

    assert [found.name for found in tmp_path.iterdir()] == ["book.xlsx"]


def test_nothing_is_written_when_something_is_refused(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"before")
    dataset = make_dataset(practices=(make_practice("a", title="x" * 40_000),), regions=())

    with pytest.raises(CellError):
        write_workbook(dataset, path)

    assert path.read_bytes() == b"before"


@pytest.mark.parametrize("edition", [Edition.PARTNER, Edition.PUBLIC])
def test_editions_that_are_not_available_are_refused(edition):
    with pytest.raises(ExportRefused):
        write_workbook(golden_dataset(), BytesIO(), edition=edition)


def test_only_this_package_knows_openpyxl():
    package = Path(__file__).parents[3] / "exports"

    users = {path.parent.name for path in package.rglob("*.py") if "openpyxl" in path.read_text(encoding="utf-8")}

    assert users == {"workbook"}


def test_rows_follow_each_other_without_gaps(file):
    sheet = read(file)["Ratings"]

    numbers = [row[0].row for row in sheet.iter_rows()]

    assert all(after == before + 1 for before, after in pairwise(numbers))
