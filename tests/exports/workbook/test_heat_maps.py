"""Both grids: every value where it belongs, on its colour, and the two alike."""

import pytest
from datasets import golden_dataset, make_dataset, make_practice, make_region
from openpyxl.utils import get_column_letter
from workbooks import read, row_saying, written

from exports import HOME_NOT_ASKED, build_tables
from exports.workbook.heat_maps import Grid, order_of
from exports.workbook.styles import HEAT, Look, heat, heat_step


def header_of(sheet):
    return row_saying(sheet, "Practice")


def expected_rows(dataset, table):
    """What the sheet should say, from the table alone: title -> values, all regions first."""
    return {row[0]: [row[-1], *row[1:-1]] for row in table.rows}


@pytest.mark.parametrize("name", ["heat_map", "heat_map_n"])
def test_grid_holds_the_table(book, dataset, tables, name):
    table = getattr(tables, name)
    sheet = book[table.name]
    header = header_of(sheet)
    expected = expected_rows(dataset, table)

    rows = [[cell.value for cell in row] for row in sheet.iter_rows(header + 1, header + 1 + len(dataset.practices))]

    assert {row[0] for row in rows} == set(expected)
    for title, _, *values in rows:
        assert values == ["home" if value == HOME_NOT_ASKED else value for value in expected[title]], title


def test_headings_name_the_regions(book, dataset):
    for name in ("Heat map", "Heat map n"):
        sheet = book[name]
        headings = [cell.value for cell in sheet[header_of(sheet)]]
        assert headings == ["Practice", "Category", "All regions", *(region.name for region in dataset.regions)]
        assert all(cell.alignment.wrap_text for cell in sheet[header_of(sheet)])


def test_both_grids_have_the_same_order_so_that_one_can_flip(book):
    orders = [
        [row[0].value for row in book[name].iter_rows(header_of(book[name]) + 1)] for name in ("Heat map", "Heat map n")
    ]

    assert orders[0][:100] == orders[1][:100]
    assert header_of(book["Heat map"]) == header_of(book["Heat map n"])
    widths = [[book[name].column_dimensions[letter].width for letter in "ABCDN"] for name in ("Heat map", "Heat map n")]
    assert widths[0] == widths[1]


def test_rows_stand_by_category_then_by_score(dataset, tables):
    order = order_of(dataset, tables.heat_map)
    categories = list(dict.fromkeys(practice.category for practice in dataset.practices))

    keys = []
    for position in order[:-1]:
        score = tables.heat_map.rows[position][-1]
        figure = -score if isinstance(score, float) else 1
        keys.append((categories.index(dataset.practices[position].category), figure))

    assert keys == sorted(keys)
    assert order[-1] is None
    assert sorted(order[:-1]) == list(range(len(dataset.practices)))


def test_practices_without_a_score_come_last_by_title():
    dataset = make_dataset(
        practices=(make_practice("b", title="B"), make_practice("a", title="A")), regions=(make_region(),)
    )

    assert order_of(dataset, build_tables(dataset).heat_map) == (1, 0, None)


def test_scores_show_no_decimals_but_keep_them(book, tables):
    sheet = book["Heat map"]
    scores = [
        cell for row in sheet.iter_rows(header_of(sheet) + 1) for cell in row if cell.data_type == "n" and cell.value
    ]

    assert {cell.number_format for cell in scores} == {"0"}
    assert any(cell.value != round(cell.value) for cell in scores)


def test_every_score_stands_on_the_colour_of_the_number_it_shows(book):
    sheet = book["Heat map"]
    seen = set()
    for row in sheet.iter_rows(header_of(sheet) + 1, min_col=3):
        for cell in row:
            if isinstance(cell.value, float):
                fill, ink = HEAT[min(9, int(cell.value + 0.5) // 10)]
                assert (cell.fill.start_color.rgb[2:], cell.font.color.rgb[2:]) == (fill, ink)
                seen.add(fill)
            else:
                assert cell.fill.fill_type is None

    assert len(seen) >= 7


@pytest.mark.parametrize(
    ("score", "step"),
    [(0.0, 0), (9.4, 0), (9.5, 1), (59.4999, 5), (59.5, 6), (60.0, 6), (89.9, 9), (99.9, 9), (100.0, 9)],
)
def test_step_of_a_score_follows_the_number_shown(score, step):
    assert heat_step(score) == step
    assert heat(score, Look()).fill == HEAT[step][0]


def luminance(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_scale_is_readable_and_falls_in_every_step():
    fills = [luminance(fill) for fill, _ in HEAT]

    assert fills == sorted(fills, reverse=True)
    for fill, ink in HEAT:
        light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_scale_stands_above_the_grid_in_words(book):
    sheet = book["Heat map"]
    row = row_saying(sheet, "Score, low to high", column=2)

    steps = [sheet.cell(row, 3 + step) for step in range(10)]

    assert [cell.value for cell in steps][::9] == ["0\N{EN DASH}9", "90\N{EN DASH}100"]
    assert [cell.fill.start_color.rgb[2:] for cell in steps] == [fill for fill, _ in HEAT]


def test_small_numbers_are_tinted(book):
    sheet = book["Heat map n"]
    tints = {
        (isinstance(cell.value, int) and cell.value < 3, cell.fill.fill_type)
        for row in sheet.iter_rows(header_of(sheet) + 1, header_of(sheet) + 100, min_col=3)
        for cell in row
    }

    assert tints == {(True, "solid"), (False, None)}


@pytest.mark.parametrize("name", ["Heat map", "Heat map n"])
def test_grid_is_frozen_filtered_and_printed_as_one_expects(book, dataset, name):
    sheet = book[name]
    header = header_of(sheet)
    last = get_column_letter(3 + len(dataset.regions))

    assert sheet.freeze_panes == f"D{header + 1}"
    # The row of all practices is not among those that the filter hides or sorts.
    assert sheet.auto_filter.ref == f"A{header}:{last}{header + len(dataset.practices)}"
    assert sheet.cell(header + len(dataset.practices) + 1, 1).value == "All practices"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToWidth == 1
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.print_title_rows, sheet.print_title_cols) == (f"${header}:${header}", "$A:$A")


@pytest.mark.parametrize(("practices", "pages"), [(0, 1), (12, 1), (22, 1), (33, 2), (99, 4)])
def test_the_row_of_all_practices_is_never_printed_alone(practices, pages):
    dataset = make_dataset(
        practices=tuple(make_practice(f"p{number}", title=f"Practice {number}") for number in range(practices)),
        regions=tuple(make_region(f"r{number}", name=f"Region {number}") for number in range(11)),
    )

    book = read(written(dataset))

    assert [book[name].page_setup.fitToHeight for name in ("Heat map", "Heat map n")] == [pages, pages]


def test_notes_stand_below_the_grid(book, tables):
    sheet = book["Heat map"]
    below = " ".join(
        str(row[0].value) for row in sheet.iter_rows(row_saying(sheet, "All practices") + 1) if row[0].value
    )

    for note in tables.heat_map.notes:
        assert note in below


def test_hidden_cells_say_so():
    book = read(written(golden_dataset()))
    sheet = book["Heat map"]
    row = row_saying(sheet, "Voucher")

    values = [sheet.cell(row, column).value for column in (3, 4, 5)]

    assert values == [pytest.approx(56.666667), "home", pytest.approx(56.666667)]
    assert sheet.cell(row_saying(sheet, "Incubator"), 5).value == "n<3"


def test_region_with_an_endless_word_has_a_bearable_width():
    dataset = make_dataset(regions=(make_region("a", name="x" * 500),), practices=())

    sheet = read(written(dataset))["Heat map"]

    assert sheet.column_dimensions["D"].width == 30


def test_grid_knows_where_its_cells_are():
    grid = Grid("Heat map", (), header=6, rows=(1, 0, None), regions=2)

    assert grid.reference(1, None) == "C7"
    assert grid.reference(0, 1) == "E8"
    assert grid.reference(None, 0) == "D9"
    assert grid.block(margin=False) == "'Heat map'!$D$7:$E$8"
    assert grid.block(margin=True) == "'Heat map'!$C$7:$C$8"


def test_rows_are_high_enough_for_their_titles(book):
    sheet = book["Heat map"]
    assert all(
        sheet.row_dimensions[row].height >= 12.7
        for row in range(1, sheet.max_row)
        if sheet.cell(row, 1).value and row <= row_saying(sheet, "All practices")
    )
