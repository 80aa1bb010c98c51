"""From a dataset to the file: every sheet in its order, and then the last pass."""

import os
import shutil
from collections.abc import Sequence
from datetime import UTC
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
from exports.workbook.heat_maps import order_of, write_heat_map, write_heat_map_n
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


def _write(dataset: Dataset, tables: Tables, file: IO[bytes], edition: Edition) -> None:
    # An edition that is available has rows, and a codebook for them.
    ratings, codebook = cast("Table", tables.ratings), cast("Table", tables.codebook)
    shown = Shown(dataset, tables.results, edition)
    book = _book(dataset)
    sheets = {name: _sheet(book, name) for name in SHEETS}
    sheets["Read me"].sheet_view.tabSelected = True
    footer = f"{dataset.study.title} · {edition} edition"
    moment = dataset.study.cut_off.astimezone(UTC)
    source = f"{dataset.study.title} · {edition} edition · answers up to {moment:%Y-%m-%d %H:%M} UTC"
    simulated = simulated_warning(dataset) or ""
    additions = Additions(moment)

    def heading(title: str, *notes: str) -> Heading:
        return Heading(title, source, simulated, notes)

    write_read_me(
        sheets["Read me"],
        tables.facts,
        heading(dataset.study.title, PERCEIVED),
        contents=_contents(tables, ratings, codebook),
        threshold=tables.results.threshold,
        footer=footer,
    )
    summary = write_summary(
        sheets["Summary"],
        shown,
        tables.summary_scores,
        tables.summary_verdicts,
        heading("Summary", PERCEIVED),
        footer=footer,
    )
    additions.pictures.extend(summary.pictures)
    order = order_of(dataset, tables.heat_map)
    few = suppressed(0, tables.results.threshold)
    signs = f"Scores from 0 to 100. {few}: too few answers. home: the practice comes from this region; not asked there."
    heat_map = write_heat_map(
        sheets["Heat map"], tables.heat_map, dataset, heading(tables.heat_map.title, signs), order=order, footer=footer
    )
    heat_map_n = write_heat_map_n(
        sheets["Heat map n"],
        tables.heat_map_n,
        dataset,
        heading(tables.heat_map_n.title, "The same grid as Heat map. Tinted: fewer answers than a figure needs."),
        order=order,
        footer=footer,
        threshold=tables.results.threshold,
    )
    for table, frozen, strong in ((tables.practice_scores, 2, "region_id"), (ratings, 2, None), (codebook, 2, None)):
        body = write_data_sheet(sheets[table.name], table, footer=footer, frozen=frozen, strong=strong)
        additions.bodies[table.name] = body
    write_method(sheets["Method"], tables.method, heading(tables.method.title), footer=footer)
    proof = Sheets(dataset, tables.results, ratings, tables.practice_scores, heat_map, heat_map_n, summary.figures)
    additions.values["Checks"] = write_checks(
        sheets["Checks"],
        tuple(live_checks(proof)),
        tables.checks_made,
        heading(tables.checks.title),
        footer=footer,
        cells_checked=can_check_cells(proof),
    )
    saved = BytesIO()
    book.save(saved)
    finish(saved, file, SHEETS, additions)


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


def _contents(tables: Tables, ratings: Table, codebook: Table) -> Sequence[Entry]:
    rows = {table.name: len(table.rows) for table in (tables.practice_scores, ratings, codebook)}
    return [
        Entry(name, f"{text} ({rows[name]:,} rows)" if name in rows else text)
        for name, text in SHEETS.items()
        if name != "Read me"
    ]
