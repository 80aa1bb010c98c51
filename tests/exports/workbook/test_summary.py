"""The summary: figures with their n, and charts that show the cells beside them."""

import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from datasets import (
    answers_with_score,
    golden_dataset,
    make_codes,
    make_dataset,
    make_interview,
    make_practice,
    make_region,
)
from openpyxl.utils import range_boundaries
from workbooks import read, row_saying, rows_of, written

from exports import Edition, build_tables, clipped
from exports.result_tables import Shown
from exports.workbook.summary import EACH, VERDICTS, ends, key_figures

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
SPREADSHEET = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


def part(file, name):
    with zipfile.ZipFile(BytesIO(file)) as archive:
        return ET.fromstring(archive.read(name))  # noqa: S314  # we wrote it


@pytest.fixture(scope="module")
def scores_chart(file):
    return part(file, "xl/charts/chart1.xml")


@pytest.fixture(scope="module")
def verdicts_chart(file):
    return part(file, "xl/charts/chart2.xml")


def referred(book, reference):
    sheet, cells = re.fullmatch(r"'(.+)'!(.+)", reference).groups()
    first_column, first_row, last_column, last_row = range_boundaries(cells.replace("$", ""))
    assert first_column == last_column
    return [book[sheet].cell(row, first_column).value for row in range(first_row, last_row + 1)]


def copied(source):
    """The chart's own copy, with None where it has no point."""
    count = int(source.find(f".//{C}ptCount").get("val"))
    points = {int(point.get("idx")): point.find(f"{C}v").text for point in source.iter(f"{C}pt")}
    return [points.get(position) for position in range(count)]


def test_key_figures_stand_with_n_and_interval(book, tables, dataset):
    sheet = book["Summary"]
    everything = tables.results.cell(None, None)

    mean = [cell.value for cell in sheet[row_saying(sheet, "Mean score, 0 to 100")]][:6]
    strict = [cell.value for cell in sheet[row_saying(sheet, "Yes, as it is or with small changes")]][:6]

    assert mean == [mean[0], None, everything.n, everything.mean, everything.ci_low, everything.ci_high]
    share = everything.strict
    assert strict == [strict[0], None, share.n, share.share, share.low, share.high]
    assert sheet.cell(row_saying(sheet, "Evaluations: one person, one practice"), 4).value == len(dataset)


def test_key_figures_on_few_answers_are_hidden():
    dataset = make_dataset([(0, 0, make_codes(answers_with_score(20)))], interviews=[make_interview()])
    tables = build_tables(dataset)

    figures = {figure.key: figure for figure in key_figures(Shown(dataset, tables.results, Edition.INTERNAL))}

    assert (figures["mean"].n, figures["mean"].value, figures["mean"].low) == (1, "n<3", "n<3")
    assert (figures["strict"].n, figures["strict"].value) == (1, "n<3")
    assert figures["evaluations"].value == 1


def test_both_ends_of_the_order_are_shown(book, tables):
    sheet = book["Summary"]
    header = row_saying(sheet, "Practice")
    table = tables.summary_scores
    chosen = [*table.rows[:EACH], *[row for row in table.rows if isinstance(row[4], float)][-EACH:]]
    keys = [column.key for column in table.columns]

    rows = rows_of(sheet, header + 1, header + 2 * EACH)

    assert [row[1] for row in rows] == ["Highest 10"] * 10 + ["Lowest 10"] * 10
    for row, expected in zip(rows, chosen, strict=True):
        figures = dict(zip(keys, expected, strict=True))
        assert [row[0], *row[2:6]] == [figures[key] for key in ("practice", "n", "mean", "ci_low", "ci_high")]
        assert row[6:8] == [figures["mean"] - figures["ci_low"], figures["ci_high"] - figures["mean"]]


def test_summary_warns_of_ordering_what_overlaps(book):
    text = " ".join(str(cell.value) for row in book["Summary"].iter_rows() for cell in row if cell.value)

    assert "Where two intervals overlap, the order of the two practices should not be quoted." in text


@pytest.mark.parametrize(("found", "parts"), [(0, set()), (20, {""}), (21, {"Highest 10", "Lowest 10"})])
def test_short_lists_are_shown_whole(found, parts):
    dataset = scored(found)

    chosen = ends(build_tables(dataset).summary_scores)

    assert chosen.shown == found
    assert set(chosen.names) == parts
    assert len(set(chosen.rows)) == len(chosen.rows) == min(found, 20)


def scored(practices):
    """So many practices with three scores each, and one without."""
    return make_dataset(
        [
            (interview, practice, make_codes(answers_with_score((practice + interview) % 41)))
            for practice in range(practices)
            for interview in range(3)
        ],
        interviews=[make_interview(f"interview-{number}", region=0) for number in range(3)],
        practices=tuple(make_practice(f"p-{number}") for number in range(practices + 1)),
        regions=(make_region(),),
    )


def test_charts_refer_to_cells_and_copy_them(book, scores_chart, verdicts_chart):
    for chart in (scores_chart, verdicts_chart):
        sources = [*chart.iter(f"{C}numRef"), *chart.iter(f"{C}strRef")]
        assert len(sources) >= 4
        for source in sources:
            held = referred(book, source.find(f"{C}f").text)
            copy = copied(source)
            if source.tag == f"{C}numRef":
                assert [float(value) for value in copy] == pytest.approx(held, rel=1e-15)
            else:
                assert copy == held


def test_chart_of_scores_has_custom_error_bars(book, scores_chart):
    bars = scores_chart.find(f".//{C}errBars")
    sheet = book["Summary"]
    header = row_saying(sheet, "Practice")

    assert bars.find(f"{C}errBarType").get("val") == "both"
    assert bars.find(f"{C}errValType").get("val") == "cust"
    plus, minus = (bars.find(f"{C}{side}/{C}numRef/{C}f").text for side in ("plus", "minus"))
    assert plus == f"'Summary'!$H${header + 1}:$H${header + 20}"
    assert minus == f"'Summary'!$G${header + 1}:$G${header + 20}"


def test_chart_of_verdicts_is_stacked_to_the_whole(book, verdicts_chart):
    sheet = book["Summary"]
    names = [copied(series.find(f"{C}tx/{C}strRef"))[0] for series in verdicts_chart.iter(f"{C}ser")]
    header = row_saying(sheet, "Yes, as it is", column=3)

    assert verdicts_chart.find(f".//{C}grouping").get("val") == "percentStacked"
    assert verdicts_chart.find(f".//{C}overlap").get("val") == "100"
    assert names == [sheet.cell(header, column).value for column in range(3, 9)]
    fills = [series.find(f"{C}spPr/{A}solidFill/{A}srgbClr").get("val") for series in verdicts_chart.iter(f"{C}ser")]
    assert fills == [fill for fill, _ in VERDICTS.values()]
    for row in rows_of(sheet, header + 1, header + 20):
        assert sum(row[2:8]) == pytest.approx(1)


def test_narrow_parts_of_a_bar_have_no_number(verdicts_chart):
    for series in verdicts_chart.iter(f"{C}ser"):
        shares = [float(value) for value in copied(series.find(f"{C}val/{C}numRef"))]
        unlabelled = {int(label.find(f"{C}idx").get("val")) for label in series.iter(f"{C}dLbl")}
        assert unlabelled == {position for position, share in enumerate(shares) if share < 0.07}


@pytest.mark.parametrize("chart", ["scores_chart", "verdicts_chart"])
def test_chart_has_title_axes_and_their_titles(chart, request):
    chart = request.getfixturevalue(chart)
    texts = ["".join(text.text for text in title.iter(f"{A}t")) for title in chart.iter(f"{C}title")]

    assert len(texts) == 3
    assert all(texts)
    assert [axis.find(f"{C}delete").get("val") for kind in ("catAx", "valAx") for axis in chart.iter(f"{C}{kind}")] == [
        "0",
        "0",
    ]
    assert chart.find(f".//{C}roundedCorners").get("val") == "0"


@pytest.mark.parametrize("chart", ["scores_chart", "verdicts_chart"])
def test_bars_stand_beside_their_rows(chart, request, book, file):
    number = {"scores_chart": 0, "verdicts_chart": 1}[chart]
    layout = request.getfixturevalue(chart).find(f".//{C}plotArea/{C}layout/{C}manualLayout")
    anchor = part(file, "xl/drawings/drawing1.xml").findall(f"{SPREADSHEET}twoCellAnchor")[number]
    top, end = (int(anchor.find(f"{SPREADSHEET}{side}/{SPREADSHEET}row").text) + 1 for side in ("from", "to"))
    sheet = book["Summary"]
    rows = [row for row in range(top, end) if sheet.cell(row, 3).value is not None][1:]

    whole = height(sheet, top, end)
    assert float(layout.find(f"{C}y").get("val")) * whole == pytest.approx(height(sheet, top, rows[0]), abs=1)
    assert float(layout.find(f"{C}h").get("val")) * whole == pytest.approx(height(sheet, rows[0], rows[-1] + 1), abs=1)


def height(sheet, first, end):
    return sum(sheet.row_dimensions[row].height or 12.7 for row in range(first, end))


def test_charts_have_alternative_text(file, tables):
    drawing = part(file, "xl/drawings/drawing1.xml")

    named = {found.get("name"): found.get("descr") for found in drawing.iter(f"{SPREADSHEET}cNvPr")}

    best = tables.summary_scores.rows[0]
    assert set(named) == {"Mean scores", "Verdicts"}
    assert f"Highest: {best[0]}, {best[4]:.0f} ({best[5]:.0f} to {best[6]:.0f}, n {best[1]})." in named["Mean scores"]
    assert "divided by verdict: Yes, as it is, " in named["Verdicts"]


def test_each_section_prints_on_a_page_of_its_own(book):
    sheet = book["Summary"]

    breaks = [found.id for found in sheet.row_breaks.brk]

    assert len(breaks) == 1
    assert breaks[0] < row_saying(sheet, "Could it be repeated here? Verdicts on the same practices")
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert 40 <= sheet.page_setup.scale <= 100
    assert sheet.page_setup.orientation == "landscape"


def test_interval_that_cannot_be_computed_has_no_arms():
    dataset = make_dataset(
        [(number, 1, make_codes(answers_with_score(20))) for number in range(3)],
        interviews=[make_interview(f"interview-{number}") for number in range(3)],
    )

    file = written(dataset)
    sheet = read(file)["Summary"]

    row = [cell.value for cell in sheet[row_saying(sheet, "Seed fund")]][:8]
    assert row[2:8] == [3, 50.0, None, None, None, None]
    assert copied(part(file, "xl/charts/chart1.xml").find(f".//{C}plus")) == [None]
    descriptions = [found.get("descr") for found in part(file, "xl/drawings/drawing1.xml").iter(f"{SPREADSHEET}cNvPr")]
    assert "Seed fund, 50 (n 3)." in descriptions[0]


def test_interval_ends_at_the_scale():
    sheet = read(written(golden_dataset()))["Summary"]

    row = [cell.value for cell in sheet[row_saying(sheet, "Voucher")]]

    assert (row[4], row[5]) == (clipped(row[4]), clipped(row[5]))
    assert row[4] == pytest.approx(45.216996)


def test_long_titles_are_wrapped_and_no_row_cuts_them():
    dataset = golden_dataset()
    practices = (make_practice("voucher", title="word " * 40), *dataset.practices[1:])
    evaluations = [
        (int(i), int(p), c.tolist()) for i, p, c in zip(dataset.interview, dataset.practice, dataset.codes, strict=True)
    ]

    sheet = read(written(make_dataset(evaluations, interviews=dataset.interviews, practices=practices)))["Summary"]

    row = row_saying(sheet, "word " * 40)
    assert sheet.column_dimensions["A"].width == 62
    assert sheet.cell(row, 1).alignment.wrap_text
    assert sheet.row_dimensions[row].height > 40
