"""What many evaluations say: one cell for every practice and region, with margins."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from exports.dataset import MODES, Dataset
from exports.scores import RS5, RS10, Scores, scores
from exports.statistics import (
    EqualGroups,
    Floats,
    Ints,
    Share,
    equal_group_mean,
    mean_interval,
    quartiles,
    wilson,
)
from instruments import DONT_KNOW, REFUSED

SAME_HERE = 1  # EXIST: the region has the same or almost the same
VERDICT_CODES = (1, 2, 3, 4, 5, DONT_KNOW, REFUSED)  # the order of Cell.verdicts
HOME_NOT_ASKED = "home, not asked"

Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cell:
    """What was said about one practice in one region; None as practice or region stands for all of them.

    Scores are 0-100, shares 0-1; limits are raw. Figures are here whatever n is: `shown` and `instead` say what a
    reader may see. A cell nobody was asked about exists too, with n = 0 and None for its figures.
    """

    practice: int | None
    region: int | None
    is_home: bool  # the practice comes from this region and is not asked there
    n_evaluations: int  # all evaluations, with or without a score
    n: int  # valid scores on the basis
    n_routed: int  # evaluations without items because the region has the practice already (EXIST = 1)
    n_by_group: tuple[int, ...]  # valid scores, by position in dataset.groups
    n_by_mode: tuple[int, ...]  # valid scores, by position in MODES
    basis: str  # "RS10", or "RS5" as soon as one evaluation of the cell has no RS10 that counts: Scores.short
    mean: float | None  # None: n = 0
    sd: float | None  # None: n < 2
    ci_low: float | None  # None: n < 2, or all scores are equal
    ci_high: float | None
    median: float | None
    q1: float | None
    q3: float | None
    equal_group: EqualGroups | None  # None: fewer than two groups after joining the small ones
    missing_groups: tuple[int, ...]  # positions of the groups without a valid score here
    strict: Share | None  # verdict 1 or 2, among 1-4. None, here and below: nobody in the denominator
    broad: Share | None  # verdict 1, 2 or 3, among 1-4
    already_here: Share | None  # verdict 5, among 1-5
    dont_know: Share | None  # verdict 88, among 1-5 and 88
    blocker: Share | None  # cost or rules "would stop the practice", among those who answered at least one of the two
    verdicts: tuple[int, ...]  # how often each of VERDICT_CODES was said
    shown: bool  # n >= K

    @property
    def is_home_not_asked(self) -> bool:
        """True for a home cell without any evaluation, as it should be."""
        return self.is_home and self.n_evaluations == 0


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """All cells of a dataset: practices by regions, then the margins. `cell` finds one."""

    threshold: int  # K
    n_practices: int
    n_regions: int
    cells: tuple[Cell, ...]  # by practice, in each by region; "all" is last in both directions
    scores: Scores  # of each evaluation, in the dataset's order

    def cell(self, practice: int | None, region: int | None) -> Cell:
        """The cell of a practice and a region by their positions; None is "all". IndexError if there is none."""
        row = _position(practice, self.n_practices)
        return self.cells[row * (self.n_regions + 1) + _position(region, self.n_regions)]

    def instead(self, cell: Cell, n: int | None = None) -> str | None:
        """The words that stand in place of a figure of this cell, or None if the figure may be shown.

        n: how many answers the figure rests on; without it, the valid scores.
        Both the page and the workbook ask here, so they cannot differ.
        """
        if cell.is_home_not_asked:
            return HOME_NOT_ASKED
        return suppressed(cell.n if n is None else n, self.threshold)


def suppressed(n: int, threshold: int) -> str | None:
    """`n<3` for a figure on fewer than K = 3 people, else None."""
    return f"n<{threshold}" if n < threshold else None


def results(dataset: Dataset, *, threshold: int) -> Results:
    """Every cell of the dataset and the margins (each practice, each region, everything).

    threshold: K; it decides `shown` and `instead`, never a figure.
    A margin is computed from its evaluations, not from the means of its cells, with a basis of its own.
    """
    rows = _Rows.of(dataset)
    n_practices, n_regions = len(dataset.practices), len(dataset.regions)
    inner = _cells(rows, rows.practice * n_regions + rows.region, n_practices * n_regions)
    by_practice = _cells(rows, rows.practice, n_practices)
    by_region = _cells(rows, rows.region, n_regions)
    everything = _cells(rows, np.zeros_like(rows.practice), 1)

    cells: list[Cell] = []
    for practice, details in enumerate(dataset.practices):
        for region, place in enumerate(dataset.regions):
            is_home = details.id in place.home_practices
            cells.append(_cell(inner[practice * n_regions + region], practice, region, threshold, is_home=is_home))
        cells.append(_cell(by_practice[practice], practice, None, threshold, is_home=False))
    cells.extend(_cell(found, None, region, threshold, is_home=False) for region, found in enumerate(by_region))
    cells.append(_cell(everything[0], None, None, threshold, is_home=False))
    return Results(threshold, n_practices, n_regions, tuple(cells), rows.scores)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The columns that cells are computed from, one entry per evaluation."""

    practice: Ints
    region: Ints
    group: Ints
    mode: Ints
    n_groups: int
    is_short: NDArray[np.bool_]  # answered in a variant without RS10, or in a version whose RS10 does not count here
    is_routed: NDArray[np.bool_]
    verdict: Ints  # position in VERDICT_CODES, or len(VERDICT_CODES) for none of them
    scores: Scores

    @classmethod
    def of(cls, dataset: Dataset) -> "_Rows":
        scored = scores(dataset)
        verdict = np.full(256, len(VERDICT_CODES), np.int32)
        for position, code in enumerate(VERDICT_CODES):
            verdict[code] = position
        return cls(
            practice=dataset.practice,
            region=dataset.region,
            group=dataset.group,
            mode=dataset.mode,
            n_groups=len(dataset.groups),
            is_short=scored.short,
            is_routed=dataset.column("EXIST") == SAME_HERE,
            verdict=verdict[scored.verdict.view(np.uint8)],
            scores=scored,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What one cell's evaluations add up to, before it is known where the cell stands."""

    n_evaluations: int
    n_routed: int
    basis: str
    values: Floats  # the valid scores on the basis
    groups: Ints  # their groups
    n_by_group: tuple[int, ...]
    n_by_mode: tuple[int, ...]
    verdicts: tuple[int, ...]
    blocked: int
    blocker_known: int


def _cells(rows: _Rows, number: Ints, size: int) -> list[_Found]:
    """Add up evaluations by cell number (0 to size - 1), all cells at once.

    Counting and sorting are done once for all cells; what is left for each cell is a slice.
    """
    scored = rows.scores
    is_short = np.bincount(number[rows.is_short], minlength=size) > 0
    value = np.where(is_short[number], scored.rs5, scored.rs10)
    # A stable order is not needed for the figures, which do not depend on it, but makes runs easy to compare.
    order = np.argsort(number, kind="stable")
    order = order[~np.isnan(value[order])]
    ends = np.cumsum(np.bincount(number[order], minlength=size))
    starts = np.concatenate(([0], ends))
    values, groups = value[order], rows.group[order]

    evaluations = np.bincount(number, minlength=size).tolist()
    routed = np.bincount(number[rows.is_routed], minlength=size).tolist()
    blocked = np.bincount(number[scored.blocker], minlength=size).tolist()
    blocker_known = np.bincount(number[scored.blocker_known], minlength=size).tolist()
    by_group = _counts(number[order], groups, size, rows.n_groups)
    by_mode = _counts(number[order], rows.mode[order], size, len(MODES))
    verdicts = _counts(number, rows.verdict, size, len(VERDICT_CODES) + 1)
    return [
        _Found(
            n_evaluations=evaluations[cell],
            n_routed=routed[cell],
            basis=RS5 if is_short[cell] else RS10,
            values=values[starts[cell] : ends[cell]],
            groups=groups[starts[cell] : ends[cell]],
            n_by_group=tuple(by_group[cell]),
            n_by_mode=tuple(by_mode[cell]),
            verdicts=tuple(verdicts[cell][:-1]),
            blocked=blocked[cell],
            blocker_known=blocker_known[cell],
        )
        for cell in range(size)
    ]


def _counts(number: Ints, kind: Ints, size: int, kinds: int) -> list[list[int]]:
    """How often each kind occurs in each cell: `size` rows of `kinds` numbers."""
    flat: Counts = np.bincount(number.astype(np.int64) * kinds + kind, minlength=size * kinds)
    table: list[list[int]] = flat.reshape(size, kinds).tolist()
    return table


def _cell(found: _Found, practice: int | None, region: int | None, threshold: int, *, is_home: bool) -> Cell:
    mean = mean_interval(found.values)
    middle = quartiles(found.values)
    as_is, small, large, no, here, unknown, _refused = found.verdicts
    judged = as_is + small + large + no
    return Cell(
        practice=practice,
        region=region,
        is_home=is_home,
        n_evaluations=found.n_evaluations,
        n=mean.n,
        n_routed=found.n_routed,
        n_by_group=found.n_by_group,
        n_by_mode=found.n_by_mode,
        basis=found.basis,
        mean=mean.mean,
        sd=mean.sd,
        ci_low=mean.low,
        ci_high=mean.high,
        median=middle.median if middle else None,
        q1=middle.q1 if middle else None,
        q3=middle.q3 if middle else None,
        equal_group=equal_group_mean(found.values, found.groups),
        missing_groups=tuple(group for group, n in enumerate(found.n_by_group) if n == 0),
        strict=wilson(as_is + small, judged),
        broad=wilson(as_is + small + large, judged),
        already_here=wilson(here, judged + here),
        dont_know=wilson(unknown, judged + here + unknown),
        blocker=wilson(found.blocked, found.blocker_known),
        verdicts=found.verdicts,
        shown=mean.n >= threshold,
    )


def _position(index: int | None, size: int) -> int:
    if index is None:
        return size
    if not 0 <= index < size:
        message = f"there is no number {index} among {size}"
        raise IndexError(message)
    return index
