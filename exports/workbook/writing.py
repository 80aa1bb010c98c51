"""From a dataset to the file: every sheet in its order, and then the last pass."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final, cast

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.worksheet import Worksheet

from exports.building import Tables, build_tables
from exports.dataset import Dataset
from exports.editions import Edition, require_available
from exports.provenance import PERCEIVED, simulated_warning
from exports.result_tables import Shown
from exports.results import suppressed
from exports.tables import Table
from exports.workbook import styles
from exports.workbook.checks import write_checks
from exports.workbook.data_sheets import write_data_sheet
from exports.workbook.finishing import Additions, finish
from exports.workbook.heat_maps import Grid, order_of, write_heat_map, write_heat_map_n
from exports.workbook.live_checks import Sheets, can_check_cells, live_checks
from exports.workbook.method import write_method
from exports.workbook.paper import Heading
from exports.workbook.read_me import Entry, write_read_me
from exports.workbook.summary import write_summary

CREATOR: Final = "Replicability Survey"

SHEETS: Final = {
    "Read me": "What this file is, and how to read it",
    "Summary": "Key figures; highest and lowest practices; verdicts; two charts",
    "Heat map": "Mean score of each practice in each region, on ten colours",
    "Heat map n": "The number of valid scores behind each cell of the heat map, in the same grid",
    "Practice scores": "All figures of each practice in each region, one row each, to filter and to sort",
    "Ratings": "One row per evaluation, with its codes and scores",
    "Codebook": "What every variable and every code means",
    "Method": "How the figures were made, question by question and formula by formula",
    "Checks": "Whether the figures add up, as formulas over Ratings",
}
"""The sheets in their order, and what each holds."""

TABS: Final = {"Summary": styles.ACCENT, "Heat map": styles.ACCENT, "Heat map n": styles.ACCENT}
"""Sheets whose tab is coloured: those that are presented."""


def write_workbook(
    dataset: Dataset, file: str | os.PathLike[str] | IO[bytes], *, edition: Edition = Edition.INTERNAL
) -> None:
    """Write the workbook of this dataset.

    file: a path, or a binary file open for writing. Nothing is written to it before the workbook is complete.
    The same dataset gives the same bytes.
    ExportRefused for an edition that is not available; CellError when something does not fit into a worksheet.
    """
    require_available(edition)
    whole = BytesIO()
    _write(dataset, build_tables(dataset, edition=edition), whole, edition)
    whole.seek(0)
    if isinstance(file, str | os.PathLike):
        _replace(Path(file), whole)
    else:
        shutil.copyfileobj(whole, file)


def _replace(path: Path, whole: IO[bytes]) -> None:
    """Put the file in its place in one step: whoever reads it meanwhile has the old one or the new one."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as beside:
        try:
            shutil.copyfileobj(whole, beside)
            beside.close()
            Path(beside.name).replace(path)
        except OSError:
            Path(beside.name).unlink()
            raise


@dataclass(frozen=True, slots=True)
class _Whole:
    """What every sheet is written from. The tables `ratings` and `codebook` are those of an edition that has rows."""

    dataset: Dataset
    tables: Tables
    edition: Edition
    ratings: Table
    codebook: Table

    @property
    def moment(self) -> datetime:
        return self.dataset.study.cut_off.astimezone(UTC)

    @property
    def footer(self) -> str:
        return f"{self.dataset.study.title} · {self.edition} edition"

    def heading(self, title: str, *notes: str) -> Heading:
        """The head of a sheet: its title, where the figures come from, and whether answers were made up."""
        source = f"{self.footer} · answers up to {self.moment:%Y-%m-%d %H:%M} UTC"
        return Heading(title, source, simulated_warning(self.dataset) or "", notes)


def _write(dataset: Dataset, tables: Tables, file: IO[bytes], edition: Edition) -> None:
    # An edition that is available has rows, and a codebook for them.
    whole = _Whole(dataset, tables, edition, cast("Table", tables.ratings), cast("Table", tables.codebook))
    book = _book(dataset)
    sheets = {name: _sheet(book, name) for name in SHEETS}
    sheets["Read me"].sheet_view.tabSelected = True
    additions = Additions(whole.moment)
    _write_first(sheets, whole)
    summary = write_summary(
        sheets["Summary"],
        Shown(dataset, tables.results, edition),
        tables.summary_scores,
        tables.summary_verdicts,
        whole.heading("Summary", PERCEIVED),
        footer=whole.footer,
    )
    additions.pictures.extend(summary.pictures)
    grids = _write_grids(sheets, whole)
    for table, strong in ((tables.practice_scores, "region_id"), (whole.ratings, None), (whole.codebook, None)):
        body = write_data_sheet(sheets[table.name], table, footer=whole.footer, frozen=2, strong=strong)
        additions.bodies[table.name] = body
    write_method(sheets["Method"], tables.method, whole.heading(tables.method.title), footer=whole.footer)
    proof = Sheets(dataset, tables.results, whole.ratings, tables.practice_scores, *grids, summary.figures)
    additions.values["Checks"] = write_checks(
        sheets["Checks"],
        tuple(live_checks(proof)),
        tables.checks_made,
        whole.heading(tables.checks.title),
        footer=whole.footer,
        cells_checked=can_check_cells(proof),
    )
    saved = BytesIO()
    book.save(saved)
    finish(saved, file, SHEETS, additions)


def _write_first(sheets: Mapping[str, Worksheet], whole: _Whole) -> None:
    """Write what the file is and what is in it."""
    write_read_me(
        sheets["Read me"],
        whole.tables.facts,
        whole.heading(whole.dataset.study.title, PERCEIVED),
        contents=_contents(whole),
        threshold=whole.tables.results.threshold,
        footer=whole.footer,
    )


def _write_grids(sheets: Mapping[str, Worksheet], whole: _Whole) -> tuple[Grid, Grid]:
    """Write both heat maps in one order of rows."""
    dataset, tables = whole.dataset, whole.tables
    threshold = tables.results.threshold
    order = order_of(dataset, tables.heat_map)
    few = suppressed(0, threshold)
    signs = f"Scores from 0 to 100. {few}: too few answers. home: the practice comes from this region; not asked there."
    scores = write_heat_map(
        sheets["Heat map"],
        tables.heat_map,
        dataset,
        whole.heading(tables.heat_map.title, signs),
        order=order,
        footer=whole.footer,
    )
    same = "The same grid as Heat map. Tinted: fewer answers than a figure needs."
    counts = write_heat_map_n(
        sheets["Heat map n"],
        tables.heat_map_n,
        dataset,
        whole.heading(tables.heat_map_n.title, same),
        order=order,
        footer=whole.footer,
        threshold=threshold,
    )
    return scores, counts


def _book(dataset: Dataset) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    # The face of cells that nobody wrote in, and the digit that column widths are counted in.
    # openpyxl has no public way to its first font, which is that of every cell without one.
    font = Font(name=styles.FACE, size=styles.SIZE, color=styles.INK)
    book._fonts = IndexedList([font])  # type: ignore[attr-defined]  # noqa: SLF001
    book._named_styles["Normal"].font = font  # type: ignore[attr-defined]  # noqa: SLF001
    properties = book.properties
    properties.title = f"{dataset.study.title}: perceived replicability"
    properties.subject = "Perceived replicability of good practices, by region"
    properties.creator = properties.lastModifiedBy = CREATOR
    properties.language = "en"
    properties.created = properties.modified = dataset.study.cut_off.astimezone(UTC).replace(tzinfo=None)
    return book


def _sheet(book: Workbook, name: str) -> Worksheet:
    sheet: Worksheet = book.create_sheet(name)
    if name in TABS:
        sheet.sheet_properties.tabColor = TABS[name]
    return sheet


def _contents(whole: _Whole) -> Sequence[Entry]:
    counted = (whole.tables.practice_scores, whole.ratings, whole.codebook)
    rows = {table.name: len(table.rows) for table in counted}
    return [
        Entry(name, f"{text} ({rows[name]:,} rows)" if name in rows else text)
        for name, text in SHEETS.items()
        if name != "Read me"
    ]
