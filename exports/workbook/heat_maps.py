"""The sheets `Heat map` and `Heat map n`: one grid twice, to flip between score and number of answers.

The ten colours are plain fills, not conditional formats. The numbers are stored values, so the colours can be as well:
they then show in previews, on phones and in programs that know no formula rules, they survive sorting and copying into
slides, and a colour cannot disagree with the number that the same line of code wrote. The number is always in the cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from exports.dataset import Dataset
from exports.result_tables import ALL, ALL_PRACTICES, ALL_REGIONS
from exports.results import HOME_NOT_ASKED
from exports.tables import Table, Value
from exports.workbook import measure, styles
from exports.workbook.cells import at, put
from exports.workbook.paper import FILTER, NOTE, Heading, broken, fit_row, head, landscape_pages, set_up, set_widths
from exports.workbook.styles import HEADING, HEAT, Look, dress, heat

HOME: Final = "home"
"""What a cell says when the practice comes from this region and is not asked there."""

LEADING: Final = ("Practice", "Category")
"""The columns before the grid; then all regions, then each region."""

ALL_COLUMN: Final = len(LEADING) + 1
_WIDEST: Final = (52.0, 32.0)  # Longer titles and names of categories are wrapped.
_CELL_WIDTH: Final = 11.5
_WIDEST_CELL: Final = 30.0
_SCALE: Final = tuple(
    (f"{step * 10}\N{EN DASH}{step * 10 + 9 + (step == len(HEAT) - 1)}", *colours) for step, colours in enumerate(HEAT)
)
_Legend: TypeAlias = tuple[str, Sequence[tuple[str, str, str]]]  # A caption; words, fill and ink of each colour.

_NAME: Final = Look(wrap=True, below=styles.LINE)
_CATEGORY: Final = Look(wrap=True, ink=styles.INK_3, below=styles.LINE)
_SCORE: Final = Look(across="center", around=styles.WHITE, format="0")
_COUNT: Final = Look(across="center", format="0", below=styles.LINE)
_TOTAL: Final = Look(bold=True, wrap=True, above=styles.INK, below=styles.INK)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the grid of a sheet stands: the checks refer to its cells."""

    sheet: str
    widths: tuple[float, ...]  # of all columns, in Excel's unit
    header: int  # row of the headings
    rows: tuple[int | None, ...]  # the practice of each row, from the row below the header; None is all practices
    regions: int

    def column(self, region: int | None) -> int:
        """The column of a region; None is all regions."""
        return ALL_COLUMN if region is None else ALL_COLUMN + 1 + region

    def row(self, practice: int | None) -> int:
        """The row of a practice; None is all practices."""
        return self.header + 1 + self.rows.index(practice)

    def reference(self, practice: int | None, region: int | None) -> str:
        """The cell of a practice and a region."""
        return f"{get_column_letter(self.column(region))}{self.row(practice)}"

    def block(self, *, margin: bool) -> str:
        """The cells of all practices: in all regions together (the margin), or in each region."""
        first, last = (ALL_COLUMN, ALL_COLUMN) if margin else (ALL_COLUMN + 1, ALL_COLUMN + self.regions)
        start, end = self.header + 1, self.header + len(self.rows) - 1
        corners = f"${get_column_letter(first)}${start}:${get_column_letter(last)}${end}"
        return f"{quote_sheetname(self.sheet)}!{corners}"


def order_of(dataset: Dataset, scores: Table) -> tuple[int | None, ...]:
    """The practices in the order of the rows: by category as in the catalogue, in each the highest score first."""
    categories = list(dict.fromkeys(practice.category for practice in dataset.practices))
    everywhere = scores.column(ALL)

    def place(position: int) -> tuple[int, float, str]:
        practice, score = dataset.practices[position], everywhere[position]
        found = -score if isinstance(score, float) else 1.0
        return categories.index(practice.category), found, practice.title

    return *sorted(range(len(dataset.practices)), key=place), None


def write_heat_map(
    sheet: Worksheet, table: Table, dataset: Dataset, heading: Heading, *, order: Sequence[int | None], footer: str
) -> Grid:
    """Write the scores, each on its colour."""
    grid = _write_frame(sheet, dataset, heading, order=order, legend=("Score, low to high", _SCALE))
    for practice in order:
        for region, value in _regions(dataset, table, practice):
            look = replace(_SCORE, bold=practice is None or region is None)
            look = heat(value, look) if isinstance(value, float) else _unscored(look)
            _write(sheet, grid, practice, region, value, look)
    _finish(sheet, grid, table.notes, footer=footer)
    return grid


def write_heat_map_n(
    sheet: Worksheet,
    table: Table,
    dataset: Dataset,
    heading: Heading,
    *,
    order: Sequence[int | None],
    footer: str,
    threshold: int,
) -> Grid:
    """Write the number of answers behind each score; numbers below the threshold are tinted."""
    legend = ("Too few for a figure", ((f"0\N{EN DASH}{threshold - 1}", *styles.FEW),))
    grid = _write_frame(sheet, dataset, heading, order=order, legend=legend)
    for practice in order:
        for region, value in _regions(dataset, table, practice):
            look = replace(_COUNT, bold=practice is None or region is None)
            if isinstance(value, int) and value < threshold:
                fill, ink = styles.FEW
                look = replace(look, fill=fill, ink=ink)
            _write(sheet, grid, practice, region, value, look if isinstance(value, int) else _unscored(look))
    _finish(sheet, grid, table.notes, footer=footer)
    return grid


def _regions(dataset: Dataset, table: Table, practice: int | None) -> list[tuple[int | None, Value]]:
    """The values of a practice's row, all regions first."""
    row = table.rows[len(dataset.practices) if practice is None else practice]
    return [(None, row[-1]), *enumerate(row[1:-1])]


def _write(sheet: Worksheet, grid: Grid, practice: int | None, region: int | None, value: Value, look: Look) -> None:
    cell = at(sheet, grid.row(practice), grid.column(region))
    put(cell, HOME if value == HOME_NOT_ASKED else value)
    dress(cell, replace(look, above=styles.INK, below=styles.INK, around=None) if practice is None else look)


def _unscored(look: Look) -> Look:
    return replace(look, ink=styles.INK_3, bold=False, around=None, below=styles.LINE)


def _write_frame(
    sheet: Worksheet, dataset: Dataset, heading: Heading, *, order: Sequence[int | None], legend: _Legend
) -> Grid:
    names = (ALL_REGIONS, *(region.name for region in dataset.regions))
    widths = (*_leading_widths(dataset), *(_cell_width(name) for name in names))
    set_widths(sheet, widths)
    header = head(sheet, heading, room=sum(widths), columns=len(widths))
    header = _write_legend(sheet, header, *legend)
    grid = Grid(sheet.title, widths, header, tuple(order), len(dataset.regions))
    _write_headings(sheet, grid, names)
    for practice in order:
        _write_names(sheet, grid, dataset, practice)
    sheet.freeze_panes = sheet.cell(header + 1, ALL_COLUMN + 1).coordinate
    # The row of all practices stays outside, so that neither sorting nor a filter moves or hides it.
    last = get_column_letter(ALL_COLUMN + len(dataset.regions))
    sheet.auto_filter.ref = f"A{header}:{last}{header + len(order) - 1}"
    return grid


def _write_headings(sheet: Worksheet, grid: Grid, names: Sequence[str]) -> None:
    measured = []
    for number, (text, width) in enumerate(zip((*LEADING, *names), grid.widths, strict=True), start=1):
        look = replace(HEADING, upright="top", across="left" if number <= len(LEADING) else "center")
        put(at(sheet, grid.header, number), text)
        dress(at(sheet, grid.header, number), look)
        measured.append((text, width, look))
    fit_row(sheet, grid.header, measured, padding=FILTER)


def _write_names(sheet: Worksheet, grid: Grid, dataset: Dataset, practice: int | None) -> None:
    row = grid.row(practice)
    title = ALL_PRACTICES if practice is None else dataset.practices[practice].title
    category = "" if practice is None else dataset.practices[practice].category_name
    looks = (_TOTAL, _TOTAL) if practice is None else (_NAME, _CATEGORY)
    for column, (text, look) in enumerate(zip((title, category), looks, strict=True), start=1):
        cell = at(sheet, row, column)
        put(cell, text)
        dress(cell, look)
    fit_row(sheet, row, [(title, grid.widths[0], looks[0]), (category, grid.widths[1], looks[1])], padding=8)


def _finish(sheet: Worksheet, grid: Grid, notes: Sequence[str], *, footer: str) -> None:
    """Write the notes, and set up paper so that the row of all practices does not end up on a page of its own."""
    last = _write_notes(sheet, grid, notes)
    pages = landscape_pages(sheet, last=last, widths=grid.widths, header=grid.header)
    set_up(sheet, footer=footer, landscape=True, header_rows=(grid.header, grid.header), pages=pages)
    sheet.print_title_cols = "A:A"


def _write_notes(sheet: Worksheet, grid: Grid, notes: Sequence[str]) -> int:
    """Write the notes below the grid and give the last row.

    Above the grid they would fill the screen, since what is above is frozen.
    """
    row = grid.header + len(grid.rows) + 2
    for note in notes:
        for line in broken(note, sum(grid.widths), size=NOTE.size):
            put(at(sheet, row, 1), line)
            dress(at(sheet, row, 1), NOTE)
            row += 1
    return row - 1


def _write_legend(sheet: Worksheet, row: int, caption: str, steps: Sequence[tuple[str, str, str]]) -> int:
    """Write what the colours stand for in one row over the grid, and give the row of the headings."""
    cell = at(sheet, row, ALL_COLUMN - 1)
    put(cell, caption)
    dress(cell, Look(ink=styles.INK_3, across="right", indent=1))
    for column, (text, fill, ink) in enumerate(steps, start=ALL_COLUMN):
        cell = at(sheet, row, column)
        put(cell, text)
        dress(cell, Look(fill=fill, ink=ink, across="center", around=styles.WHITE))
    sheet.row_dimensions[row].height = measure.row_height(1, size=styles.SIZE, padding=6)
    sheet.row_dimensions[row + 1].height = 6
    return row + 2


def _leading_widths(dataset: Dataset) -> Sequence[float]:
    """The widths of titles and categories: of the longest, up to a limit."""
    titles = [LEADING[0], ALL_PRACTICES, *(practice.title for practice in dataset.practices)]
    categories = [LEADING[1], *(practice.category_name for practice in dataset.practices)]
    return [
        min(measure.column_width(texts, size=styles.SIZE), widest)
        for texts, widest in zip((titles, categories), _WIDEST, strict=True)
    ]


def _cell_width(name: str) -> float:
    """Wide enough for the longest word of the heading: words are not broken, unless they are beyond all measure."""
    width = measure.column_width(name.split(" "), size=styles.SIZE, bold=True)
    return min(max(_CELL_WIDTH, width), _WIDEST_CELL)
