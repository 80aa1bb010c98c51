"""The sheet `Summary`: what a lead says first, with number of people and interval beside every figure.

Two sections of one shape: a table on the left and, to its right, a chart of that table whose bars stand beside its
rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from openpyxl.chart import BarChart
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from exports.result_tables import Shown
from exports.results import Cell
from exports.statistics import Share
from exports.tables import Table, Value
from exports.workbook import charts, measure, styles
from exports.workbook.cells import at, put
from exports.workbook.charts import Answer, Cells
from exports.workbook.finishing import Picture
from exports.workbook.paper import NOTE, Heading, broken, fit_row, head, set_up, set_widths
from exports.workbook.styles import HEADING, Look, dress

EACH: Final = 10
"""Practices at each end of the order. Those between them stand on `Practice scores`."""

_NAMES: Final = (40.0, 62.0)  # The column of practices, at least and at most; longer titles are wrapped.
_WIDTHS: Final = (12.0,) * 7  # The other columns of a table.
_GAP: Final = 2.5
_CHART_WIDTHS: Final = (12.0,) * 8
_CHART: Final = (9, 17)  # Columns, counted from 0, that a chart lies over.
_TABLE: Final = 8  # Columns of a table.
_BAND: Final = 24.0  # Points of a section's title.
_AXIS: Final = 3  # Rows below a table over which the chart's lower axis runs,
_LEGEND: Final = 5  # and the same with a legend.
_FULL_WIDTH: Final = 945.0  # Pixels between the margins of a landscape A4 page, less what LibreOffice adds to columns.
_FULL_HEIGHT: Final = 495.0  # Points.
_SMALLEST_SCALE: Final = 40

READING: Final = (
    "n: the answers that a figure rests on. A score is the mean of what people of a region expect, 0 to 100.",
    "95 % from, to: the interval of the figure. Where two intervals overlap, do not put the two figures in an order.",
    "Shares are of those who took a stand, if they are about yes; else of all who gave a verdict. See Method.",
    "The colours of the charts repeat the numbers in the tables beside them.",
)

_SECTION: Final = Look(size=styles.SECTION, bold=True)
_TEXT: Final = Look(below=styles.LINE)
_QUIET: Final = Look(below=styles.LINE, ink=styles.INK_3)

VERDICTS: Final = {
    "as_is": styles.HEAT[9],
    "small_changes": styles.HEAT[6],
    "large_changes": styles.HEAT[4],
    "no": styles.ANSWER_NO,
    "already_here": styles.ANSWER_HERE,
    "dont_know": styles.ANSWER_UNKNOWN,
}
"""Fill and ink of each kind of verdict: the favourable dark, the unfavourable pale, what takes no stand grey."""


@dataclass(frozen=True, slots=True)
class _Page:
    """The sheet, and the measures that its titles ask for. line: points of a row of its tables."""

    sheet: Worksheet
    widths: tuple[float, ...]
    line: float

    @property
    def room(self) -> float:
        """The width of a table."""
        return sum(self.widths[:_TABLE])


@dataclass(frozen=True, slots=True)
class Written:
    """What else the summary needs and what the checks refer to."""

    pictures: tuple[Picture, ...]
    figures: dict[str, str]  # of each key figure, by its key, the cell of its value


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One line of the key figures. format: of the value and its limits."""

    key: str
    label: str
    n: Value
    value: Value
    low: Value
    high: Value
    format: str


@dataclass(frozen=True, slots=True)
class Ends:
    """The practices at both ends of the order, by position in the summary's tables, and what to call each end."""

    rows: tuple[int, ...]
    names: tuple[str, ...]
    shown: int  # practices that have a figure


def key_figures(shown: Shown) -> tuple[KeyFigure, ...]:
    """The whole study in figures, each with its n and interval."""
    cell = shown.results.cell(None, None)
    shares = (
        ("strict", "Yes, as it is or with small changes", cell.strict),
        ("broad", "Yes, with whatever changes", cell.broad),
        ("already_here", "It already exists here", cell.already_here),
        ("dont_know", "Don't know if it could be repeated", cell.dont_know),
        ("blocker", "Cost or rules would stop it", cell.blocker),
    )
    return (
        KeyFigure(
            "evaluations", "Evaluations: one person, one practice", None, len(shown.dataset), None, None, styles.WHOLE
        ),
        KeyFigure("interviews", "Interviews", None, len(shown.dataset.interviews), None, None, styles.WHOLE),
        _mean(shown, cell),
        *(_share(shown, cell, key, label, found) for key, label, found in shares),
    )


def ends(scores: Table) -> Ends:
    """The highest and the lowest practices; all of them when both ends would meet."""
    found = sum(isinstance(mean, float) for mean in scores.column("mean"))
    if found <= 2 * EACH:
        return Ends(tuple(range(found)), ("",) * found, found)
    rows = (*range(EACH), *range(found - EACH, found))
    return Ends(rows, (f"Highest {EACH}",) * EACH + (f"Lowest {EACH}",) * EACH, found)


def write_summary(
    sheet: Worksheet, shown: Shown, scores: Table, verdicts: Table, heading: Heading, *, footer: str
) -> Written:
    """Write key figures, both tables and both charts. Without a practice that has a figure there is no chart."""
    chosen = ends(scores)
    page = _page(sheet, [str(scores.column("practice")[position]) for position in chosen.rows])
    row = head(sheet, heading, room=sum(page.widths), columns=len(page.widths)) + 1
    _write_reading(page, row)
    row, figures = _write_key_figures(page, row, key_figures(shown))
    pictures: tuple[Picture, ...] = ()
    page_ends = row
    if chosen.rows:
        row, picture = _write_scores(page, row + 1, scores, chosen, shown.results.threshold)
        page_ends = row
        row, other = _write_verdicts(page, row + 1, verdicts, chosen)
        pictures = (picture, other)
        sheet.row_breaks.append(Break(id=page_ends))
    else:
        put(at(sheet, row + 1, 1), f"No practice has {shown.results.threshold} valid scores yet, so there is no order.")
        dress(at(sheet, row + 1, 1), NOTE)
    set_up(sheet, footer=footer, landscape=True)
    _scale(page, page_ends, row)
    return Written(pictures, figures)


def _page(sheet: Worksheet, titles: Sequence[str]) -> _Page:
    """The measures of the page: as wide as the longest title, up to a limit; rows as high as a title needs."""
    least, most = _NAMES
    width = min(max(measure.column_width(titles, size=styles.SIZE), least), most)
    lines = max((measure.lines(title, width, size=styles.SIZE) for title in titles), default=1)
    widths = (width, *_WIDTHS, _GAP, *_CHART_WIDTHS)
    set_widths(sheet, widths)
    return _Page(sheet, widths, measure.row_height(lines, size=styles.SIZE, padding=6))


def _mean(shown: Shown, cell: Cell) -> KeyFigure:
    mean, low, high = (shown.figure(cell, value) for value in (cell.mean, cell.ci_low, cell.ci_high))
    return KeyFigure("mean", "Mean score, 0 to 100", shown.count(cell.n), mean, low, high, styles.SCORE)


def _share(shown: Shown, cell: Cell, key: str, label: str, found: Share | None) -> KeyFigure:
    value, low, high, n = shown.share(cell, found)
    return KeyFigure(key, label, n, value, low, high, styles.SHARE)


def _write_key_figures(page: _Page, row: int, figures: Sequence[KeyFigure]) -> tuple[int, dict[str, str]]:
    row = _write_band(page, row, "All practices in all regions")
    _write_header(page, row, ("", "", "n", "Figure", "95 % from", "95 % to"))
    for figure in figures:
        row += 1
        values = (figure.label, "", figure.n, figure.value, figure.low, figure.high)
        formats = (styles.TEXT, styles.TEXT, styles.WHOLE, figure.format, figure.format, figure.format)
        _write_row(page, row, values, formats, strong=3)
    first = row - len(figures) + 1
    cells = {figure.key: f"D{first + number}" for number, figure in enumerate(figures)}
    return row + 1, cells


def _write_scores(page: _Page, row: int, table: Table, chosen: Ends, threshold: int) -> tuple[int, Picture]:
    whole = f"all {chosen.shown} practices" if len(chosen.rows) == chosen.shown else "highest and lowest practices"
    top = row
    row = _write_band(page, row, f"Mean score, {whole}")
    _write_header(page, row, ("Practice", "Part", "n", "Mean score", "95 % from", "95 % to", "Below", "Above"))
    names, counts, means, lows, highs = (table.column(key) for key in ("practice", "n", "mean", "ci_low", "ci_high"))
    first = row + 1
    minus: list[Value] = []
    plus: list[Value] = []
    for part, position in zip(chosen.names, chosen.rows, strict=True):
        row += 1
        mean, low, high = means[position], lows[position], highs[position]
        minus.append(mean - low if isinstance(mean, float) and isinstance(low, float) else None)
        plus.append(high - mean if isinstance(mean, float) and isinstance(high, float) else None)
        values = (names[position], part, counts[position], mean, low, high, minus[-1], plus[-1])
        formats = (styles.TEXT, styles.TEXT, styles.WHOLE, *([styles.SCORE] * 5))
        _write_row(page, row, values, formats, strong=3, quiet=(1, 6, 7))
    chosen_names = [names[position] for position in chosen.rows]
    chart = charts.scores_with_intervals(
        title=f"Mean score and 95 % interval, {whole}",
        names=Cells(page.sheet.title, 1, first, chosen_names),
        scores=Cells(page.sheet.title, 4, first, [means[position] for position in chosen.rows]),
        minus=Cells(page.sheet.title, 7, first, minus),
        plus=Cells(page.sheet.title, 8, first, plus),
        axis="Mean score, 0 to 100",
        category_axis="Practice",
    )
    _place(page, chart, top, first, row, foot=_AXIS)
    note = (
        f"Practices with at least {threshold} valid scores, over all regions. Where two intervals overlap, the order "
        "of the two practices should not be quoted. The last two columns are the arms of the interval in the chart."
    )
    described = (
        f"Horizontal bars of the mean score, 0 to 100, with its 95 % interval: {whole}, over all regions. "
        f"{_said(table, chosen.rows[0], 'Highest')} {_said(table, chosen.rows[-1], 'Lowest')} "
        "The table beside it holds the same figures."
    )
    return _write_notes(page, row + 1, note, rows=_AXIS), Picture("Mean scores", described)


def _write_verdicts(page: _Page, row: int, table: Table, chosen: Ends) -> tuple[int, Picture]:
    keys = tuple(VERDICTS)
    top = row
    row = _write_band(page, row, "Could it be repeated here? Verdicts on the same practices")
    headings = {column.key: column.heading for column in table.columns}
    _write_header(page, row, ("Practice", "n", *(headings[key] for key in keys)))
    header, first = row, row + 1
    columns = {column.key: table.column(column.key) for column in table.columns}
    for position in chosen.rows:
        row += 1
        values = (columns["practice"][position], columns["n"][position], *(columns[key][position] for key in keys))
        formats = (styles.TEXT, styles.WHOLE, *([styles.SHARE] * len(keys)))
        _write_row(page, row, values, formats, strong=0)
    answers = [
        Answer(
            name=Cells(page.sheet.title, number, header, [headings[key]]),
            shares=Cells(page.sheet.title, number, first, [columns[key][position] for position in chosen.rows]),
            fill=fill,
            ink=ink,
            line=styles.LINE_2 if fill == styles.WHITE else styles.WHITE,
        )
        for number, (key, (fill, ink)) in enumerate(VERDICTS.items(), start=3)
    ]
    chart = charts.answers_stacked(
        title="Could it be repeated here? Share of each verdict",
        names=Cells(page.sheet.title, 1, first, [columns["practice"][position] for position in chosen.rows]),
        answers=answers,
        axis="Share of the verdicts",
        category_axis="Practice",
    )
    _place(page, chart, top, first, row, foot=_LEGEND)
    note = "In the order of the table above. All verdicts but refusals, over all regions; each row adds up to 100 %."
    best, last = (columns["practice"][chosen.rows[end]] for end in (0, -1))
    described = (
        f"Bars of equal length, divided by verdict: {', '.join(headings[key] for key in keys)}. "
        f"The same practices in the same order, from {best} to {last}. The table beside it holds the same figures."
    )
    return _write_notes(page, row + 1, note, rows=_LEGEND), Picture("Verdicts", described)


def _said(table: Table, position: int, end: str) -> str:
    """One practice in words: "Highest: JIC innovation vouchers, 68 (64 to 71, n 47)."."""
    name, n, mean, low, high = (table.column(key)[position] for key in ("practice", "n", "mean", "ci_low", "ci_high"))
    interval = f"{low:.0f} to {high:.0f}, " if isinstance(low, float) and isinstance(high, float) else ""
    return f"{end}: {name}, {mean:.0f} ({interval}n {n})."


def _write_reading(page: _Page, row: int) -> None:
    """Write, where the charts of the sections below will stand, what the columns of the key figures say."""
    column = _CHART[0] + 1
    put(at(page.sheet, row, column), "How to read this sheet")
    dress(at(page.sheet, row, column), _SECTION)
    room = sum(page.widths[_CHART[0] :])
    for paragraph in READING:
        for line in broken(paragraph, room, size=styles.SIZE):
            row += 1
            put(at(page.sheet, row, column), line)
            dress(at(page.sheet, row, column), NOTE)


def _write_band(page: _Page, row: int, title: str) -> int:
    put(at(page.sheet, row, 1), title)
    dress(at(page.sheet, row, 1), _SECTION)
    page.sheet.row_dimensions[row].height = _BAND
    return row + 1


def _write_header(page: _Page, row: int, headings: Sequence[str]) -> None:
    measured = []
    for column in range(1, _TABLE + 1):
        heading = headings[column - 1] if column <= len(headings) else ""
        look = HEADING if column <= 1 else replace(HEADING, across="right")
        put(at(page.sheet, row, column), heading)
        dress(at(page.sheet, row, column), look)
        measured.append((heading, page.widths[column - 1], look))
    fit_row(page.sheet, row, measured)


def _write_row(
    page: _Page,
    row: int,
    values: Sequence[Value],
    formats: Sequence[str],
    *,
    strong: int,
    quiet: Sequence[int] = (),
) -> None:
    """Write one line of a table. strong: the position that is set in bold; quiet: those in a lighter ink."""
    for position in range(_TABLE):
        value = values[position] if position < len(values) else None
        cell = at(page.sheet, row, position + 1)
        put(cell, value)
        look = _QUIET if position in quiet or (isinstance(value, str) and position > 0) else _TEXT
        number_format = formats[position] if position < len(formats) else styles.GENERAL
        across = "left" if position == 0 else "right"
        dress(
            cell,
            replace(
                look, bold=position == strong and strong > 0, format=number_format, across=across, wrap=position == 0
            ),
        )
    page.sheet.row_dimensions[row].height = page.line


def _write_notes(page: _Page, row: int, note: str, *, rows: int) -> int:
    """Write the note into the rows below a table, and give the row where the next section may begin."""
    lines = broken(note, page.room, size=NOTE.size)
    for number in range(max(rows, len(lines))):
        put(at(page.sheet, row + number, 1), lines[number] if number < len(lines) else None)
        dress(at(page.sheet, row + number, 1), NOTE)
        page.sheet.row_dimensions[row + number].height = page.line
    return row + max(rows, len(lines))


def _place(page: _Page, chart: BarChart, top: int, first: int, last: int, *, foot: int) -> None:
    """Lay the chart to the right of the table, so that its bars stand beside their rows."""
    end = last + foot
    start, bars, whole = (_height(page.sheet, top, row) for row in (first, last + 1, last + 1))
    whole += foot * page.line
    charts.place_plot(chart, left=0.46, top=start / whole, width=0.51, height=(bars - start) / whole)
    left, right = _CHART
    anchor = TwoCellAnchor(
        editAs="oneCell", _from=AnchorMarker(col=left, row=top - 1), to=AnchorMarker(col=right, row=end)
    )
    chart.anchor = anchor  # type: ignore[assignment]  # The stubs know only the name of a cell.
    page.sheet.add_chart(chart)


def _height(sheet: Worksheet, first: int, end: int) -> float:
    """Points from the top of one row to the top of another."""
    return sum(sheet.row_dimensions[row].height or measure.row_height(1, size=styles.SIZE) for row in range(first, end))


def _scale(page: _Page, first_page: int, last: int) -> None:
    """Print each section on one page of its own.

    Excel ignores page breaks on sheets that are fitted to pages, so the scale is worked out here instead.
    """
    width = sum(measure.pixels_of_width(width) for width in page.widths)
    height = max(_height(page.sheet, 1, first_page), _height(page.sheet, first_page, last + 1))
    scale = min(_FULL_WIDTH / width, _FULL_HEIGHT / height, 1.0)
    page.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=False)
    page.sheet.page_setup.fitToWidth = page.sheet.page_setup.fitToHeight = None
    page.sheet.page_setup.scale = max(_SMALLEST_SCALE, int(100 * scale))
    page.sheet.print_area = f"A1:{get_column_letter(_CHART[1])}{last}"
