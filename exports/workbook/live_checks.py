"""What the workbook proves about itself: formulas over `Ratings` beside the figures on the other sheets.

Excel's own arithmetic, over the rows that anyone can read, must arrive at what the program wrote. The value of each
formula is worked out here too, from the rows as they are written, and stored in the cell.
"""

import math
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl.utils import get_column_letter, quote_sheetname

from exports.dataset import Dataset
from exports.result_tables import ALL
from exports.results import Results
from exports.tables import Table, Value
from exports.workbook.heat_maps import Grid

MOST_ROWS: Final = 25_000
"""Evaluations up to which every single cell is checked by formula: beyond, a workbook would take long to open
(LibreOffice needs 14 seconds for 20,000)."""

_PLAIN: Final = re.compile(r"[a-z][a-z0-9-]*")
_TOLERANCE: Final = 1e-6

_SHARES: Final = {
    "strict": ("strict", "share 'yes, as it is or with small changes'"),
    "broad": ("broad", "share 'yes, with whatever changes'"),
    "already_here": ("exist", "share 'it already exists here'"),
    "dont_know": ("dk", "share 'don't know'"),
    "blocker": ("blocker", "share 'cost or rules would stop it'"),
}
"""Key figures of the summary that are the mean of a column of 0 and 1."""


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """A figure on one sheet and the formula that must give it again, each with its value.

    is_array: the formula is entered as an array formula.
    """

    name: str
    expected: str
    expected_value: float
    found: str
    found_value: float
    is_array: bool = False

    @property
    def holds(self) -> bool:
        """As the formula in the sheet decides it."""
        return agree(self.expected_value, self.found_value)


@dataclass(frozen=True, slots=True, eq=False)
class Sheets:
    """The tables as they were written, and where the figures stand."""

    dataset: Dataset
    results: Results
    ratings: Table
    scores: Table
    heat_map: Grid
    heat_map_n: Grid
    figures: dict[str, str]  # the cell of each key figure on `Summary`


def agree(expected: float, found: float) -> bool:
    """True if both are equal but for rounding in the last digits."""
    return abs(expected - found) <= _TOLERANCE * max(1.0, abs(expected))


def agreement(expected: str, found: str) -> str:
    """The formula that says TRUE if the numbers in two cells agree."""
    return f"=ABS({expected}-{found})<=0.000001*MAX(1,ABS({expected}))"


def live_checks(sheets: Sheets) -> Iterator[LiveCheck]:
    """All checks of this workbook. Figures that are not shown are not checked: there is nothing to compare."""
    yield from _whole(sheets)
    yield from _key_shares(sheets)
    yield from _spread(sheets)
    if sheets.dataset.practices and sheets.dataset.regions:
        yield from _grids(sheets)
    if can_check_cells(sheets):
        rated = _Rated(sheets.ratings)
        yield from _regions(sheets, rated)
        yield from _cells(sheets, rated)


def can_check_cells(sheets: Sheets) -> bool:
    """Whether COUNTIFS can tell the ids apart (it reads signs in them, and no capitals), and quickly enough."""
    ids = [practice.id for practice in sheets.dataset.practices] + [region.id for region in sheets.dataset.regions]
    return len(sheets.ratings.rows) <= MOST_ROWS and all(_PLAIN.fullmatch(one) for one in ids)


def _whole(sheets: Sheets) -> Iterator[LiveCheck]:
    everything = sheets.results.cell(None, None)
    rows = len(sheets.ratings.rows)
    yield LiveCheck(
        "Evaluations on Summary = rows of Ratings",
        f"=Summary!{sheets.figures['evaluations']}",
        len(sheets.dataset),
        f"=COUNTA({_column(sheets.ratings, 'interview_id')})",
        rows,
    )
    basis = everything.basis.lower()
    found = _numbers(sheets.ratings.column(basis))
    yield LiveCheck(
        f"Valid scores on Heat map n = numbers in Ratings, {basis}",
        f"='Heat map n'!{sheets.heat_map_n.reference(None, None)}",
        everything.n,
        f"=COUNT({_column(sheets.ratings, basis)})",
        len(found),
    )
    if everything.shown and everything.mean is not None:
        yield LiveCheck(
            f"Mean score on Heat map = mean of Ratings, {basis}",
            f"='Heat map'!{sheets.heat_map.reference(None, None)}",
            everything.mean,
            f"=AVERAGE({_column(sheets.ratings, basis)})",
            statistics.fmean(found),
        )


def _key_shares(sheets: Sheets) -> Iterator[LiveCheck]:
    everything = sheets.results.cell(None, None)
    for key, (column, name) in _SHARES.items():
        share = getattr(everything, key)
        flags = _numbers(sheets.ratings.column(column))
        if share is not None and share.n >= sheets.results.threshold:
            yield LiveCheck(
                f"Summary, {name} = mean of Ratings, {column}",
                f"=Summary!{sheets.figures[key]}",
                share.share,
                f"=AVERAGE({_column(sheets.ratings, column)})",
                statistics.fmean(flags),
            )


def _spread(sheets: Sheets) -> Iterator[LiveCheck]:
    everything = sheets.results.cell(None, None)
    values = _numbers(sheets.ratings.column(everything.basis.lower()))
    if not everything.shown or everything.sd is None:
        return
    column = _column(sheets.ratings, everything.basis.lower())
    ordered = statistics.quantiles(values, n=4, method="inclusive")
    last = len(sheets.scores.rows) + 1
    for key, formula, value in (
        ("median", f"=MEDIAN({column})", ordered[1]),
        ("q1", f"=QUARTILE({column},1)", ordered[0]),
        ("q3", f"=QUARTILE({column},3)", ordered[2]),
        ("sd", f"=STDEV({column})", statistics.stdev(values)),
    ):
        position = [definition.key for definition in sheets.scores.columns].index(key)
        cell = f"'Practice scores'!{get_column_letter(position + 1)}{last}"
        expected: float = getattr(everything, key)
        yield LiveCheck(f"Practice scores, {key} of ALL = {key} of Ratings", f"={cell}", expected, formula, value)


def _regions(sheets: Sheets, rated: "_Rated") -> Iterator[LiveCheck]:
    region_column = _column(sheets.ratings, "region_id")
    for position, region in enumerate(sheets.dataset.regions):
        cell = sheets.results.cell(None, position)
        basis = cell.basis.lower()
        column = _column(sheets.ratings, basis)
        values = rated.values(basis, region=region.id)
        yield LiveCheck(
            f"{region.name}: valid scores on Heat map n = count in Ratings, {basis}",
            f"='Heat map n'!{sheets.heat_map_n.reference(None, position)}",
            cell.n,
            f'=COUNTIFS({region_column},"{region.id}",{column},">=0")',
            len(values),
        )
        if cell.shown and cell.mean is not None:
            yield LiveCheck(
                f"{region.name}: mean score on Heat map = mean in Ratings, {basis}",
                f"='Heat map'!{sheets.heat_map.reference(None, position)}",
                cell.mean,
                f'=AVERAGEIFS({column},{region_column},"{region.id}")',
                statistics.fmean(values),
            )


def _grids(sheets: Sheets) -> Iterator[LiveCheck]:
    """The grids, whose rows have another order, against the rows of `Practice scores`."""
    practice, region = (_column(sheets.scores, key) for key in ("practice_id", "region_id"))
    for grid, key, figures in (
        (sheets.heat_map_n, "n_valid", "numbers of scores"),
        (sheets.heat_map, "mean_0_100", "scores"),
    ):
        for names, is_margin in (("all cells", False), ("the column All regions", True)):
            values = [
                value
                for practice_id, region_id, value in zip(
                    *(sheets.scores.column(name) for name in ("practice_id", "region_id", key)), strict=True
                )
                if practice_id != ALL and (region_id == ALL) is is_margin and isinstance(value, int | float)
            ]
            wanted = f'"{ALL}"' if is_margin else f'"<>{ALL}"'
            yield LiveCheck(
                f"{grid.sheet}, {names}: the {figures} add up to those on Practice scores",
                f"=SUM({grid.block(margin=is_margin)})",
                math.fsum(values),
                f'=SUMIFS({_column(sheets.scores, key)},{practice},"<>{ALL}",{region},{wanted})',
                math.fsum(values),
            )


def _cells(sheets: Sheets, rated: "_Rated") -> Iterator[LiveCheck]:
    """Every single row of `Practice scores` against the evaluations it rests on."""
    practice, region, basis, n, mean = (
        _column(sheets.scores, key) for key in ("practice_id", "region_id", "score_basis", "n_valid", "mean_0_100")
    )
    practices, regions = (_column(sheets.ratings, key) for key in ("practice_id", "region_id"))
    for names, rows, where in (
        ("in each region", f'({practice}<>"{ALL}")*({region}<>"{ALL}")', f"{practices},{practice},{regions},{region}"),
        ("in all regions", f'({practice}<>"{ALL}")*({region}="{ALL}")', f"{practices},{practice}"),
    ):
        counts, sums = (
            f'IF({basis}="RS10",{ten},{five})'
            for ten, five in (
                tuple(f'COUNTIFS({where},{_column(sheets.ratings, key)},">=0")' for key in ("rs10", "rs5")),
                tuple(f"SUMIFS({_column(sheets.ratings, key)},{where})" for key in ("rs10", "rs5")),
            )
        )
        is_margin = names == "in all regions"
        wrong_n, wrong_mean = rated.wrong(sheets.scores, is_margin=is_margin)
        yield LiveCheck(
            f"Practices {names}: rows of Practice scores with another n than Ratings",
            "=0",
            0,
            f"=SUM(IF({rows},IF({counts}<>{n},1,0),0))",
            wrong_n,
            is_array=True,
        )
        yield LiveCheck(
            f"Practices {names}: rows of Practice scores with another mean than Ratings",
            "=0",
            0,
            f"=SUM(IF({rows}*ISNUMBER({mean}),IF(ABS({sums}-{mean}*{n})>{_TOLERANCE:.6f}*{n},1,0),0))",
            wrong_mean,
            is_array=True,
        )


class _Rated:
    """The scores in `Ratings` by practice and region, in one pass over its rows."""

    def __init__(self, ratings: Table) -> None:
        columns = (ratings.column(key) for key in ("practice_id", "region_id", "rs10", "rs5"))
        self._scores: dict[tuple[Value, Value], tuple[list[float], list[float]]] = {}
        for practice, region, ten, five in zip(*columns, strict=True):
            tens, fives = self._scores.setdefault((practice, region), ([], []))
            tens.extend(_numbers([ten]))
            fives.extend(_numbers([five]))

    def values(self, basis: str, *, practice: Value = None, region: Value = None) -> list[float]:
        """The scores of a practice, a region or both; None is all of them."""
        position = ("rs10", "rs5").index(basis)
        return [
            score
            for (its_practice, its_region), scores in self._scores.items()
            if practice in (None, its_practice) and region in (None, its_region)
            for score in scores[position]
        ]

    def wrong(self, scores: Table, *, is_margin: bool) -> tuple[int, int]:
        """How many rows of `Practice scores` disagree with these in their n, and in their mean."""
        wrong_n = wrong_mean = 0
        by_practice = self._all_regions() if is_margin else self._scores
        keys = ("practice_id", "region_id", "score_basis", "n_valid", "mean_0_100")
        for practice, region, basis, n, mean in zip(*(scores.column(key) for key in keys), strict=True):
            if practice == ALL or (region == ALL) is not is_margin:
                continue
            found = by_practice.get((practice, region), ([], []))[("RS10", "RS5").index(str(basis))]
            wrong_n += len(found) != n
            wrong_mean += isinstance(mean, float) and not agree(mean, math.fsum(found) / len(found))
        return wrong_n, wrong_mean

    def _all_regions(self) -> dict[tuple[Value, Value], tuple[list[float], list[float]]]:
        joined: dict[tuple[Value, Value], tuple[list[float], list[float]]] = {}
        for (practice, _), scores in self._scores.items():
            for whole, part in zip(joined.setdefault((practice, ALL), ([], [])), scores, strict=True):
                whole.extend(part)
        return joined


def _column(table: Table, key: str) -> str:
    """The cells of a data sheet's column, without its header; at least one, so that the reference is valid."""
    position = [column.key for column in table.columns].index(key) + 1
    letter = get_column_letter(position)
    return f"{quote_sheetname(table.name)}!${letter}$2:${letter}${max(2, len(table.rows) + 1)}"


def _numbers(values: Sequence[Value]) -> list[float]:
    return [float(value) for value in values if isinstance(value, int | float)]
