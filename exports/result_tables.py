"""The sheets with results: heat maps, practice scores and what the charts of the summary show."""

from collections.abc import Callable
from dataclasses import dataclass

from exports.dataset import Dataset
from exports.editions import Edition
from exports.results import HOME_NOT_ASKED, Cell, Results, suppressed
from exports.scores import RS10
from exports.statistics import Share
from exports.tables import Column, Table, Value, number, share, text, whole

ALL = "ALL"
ALL_REGIONS = "All regions"
ALL_PRACTICES = "All practices"

MARGIN_NOTE = (
    "Margins are computed from their evaluations, not from the cells. One person judges several practices: the "
    "intervals of the row 'All practices' take these judgements as independent and are somewhat too narrow."
)


PRACTICE_SCORES = (
    text("practice_id", "practice_id", 28),
    text("practice", "practice", 40),
    text("theme", "theme", 26),
    text("region_id", "region_id", 20),
    text("region", "region", 26),
    whole("n_evaluations", "n_evaluations", 14),
    whole("n_valid", "n_valid"),
    whole("n_routed", "n_routed"),
    whole("n_dont_know", "n_dont_know", 13),
    whole("n_refused", "n_refused", 11),
    text("score_basis", "score_basis", 12),
    number("mean_0_100", "mean_0_100", 12),
    number("ci_low", "ci_low"),
    number("ci_high", "ci_high"),
    number("sd", "sd"),
    number("median", "median"),
    number("q1", "q1"),
    number("q3", "q3"),
    number("iqr", "iqr"),
    number("equal_group_mean", "equal_group_mean", 18),
    number("equal_group_ci_low", "equal_group_ci_low", 19),
    number("equal_group_ci_high", "equal_group_ci_high", 20),
    number("equal_group_n_eff", "equal_group_n_eff", 18),
    text("groups_missing", "groups_missing", 24),
    *(
        column
        for name in ("strict", "broad", "already_here", "dont_know", "blocker")
        for column in (
            share(f"{name}_share", f"{name}_share", 18),
            share(f"{name}_ci_low", f"{name}_ci_low", 19),
            share(f"{name}_ci_high", f"{name}_ci_high", 20),
            whole(f"{name}_n", f"{name}_n", 15),
        )
    ),
    text("note", "note", 40),
)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Results as one edition may show them."""

    dataset: Dataset
    results: Results
    edition: Edition

    def figure(self, cell: Cell, value: float | None, n: int | None = None) -> Value:
        """A figure that rests on n answers (the valid scores if not told), or the words in its place."""
        words = self.results.instead(cell, n)
        return value if words is None else words

    def count(self, n: int) -> Value:
        """A count of people. The project team sees all of them; other editions none below K."""
        if self.edition is Edition.INTERNAL:
            return n
        words = suppressed(n, self.results.threshold)
        return n if words is None else words

    def share(self, cell: Cell, found: Share | None) -> tuple[Value, Value, Value, Value]:
        """A share, its limits, and the size of its denominator."""
        n = found.n if found else 0
        values = (found.share, found.low, found.high) if found else (None, None, None)
        share_, low, high = (self.figure(cell, value, n) for value in values)
        return share_, low, high, self.count(n)

    def practice_title(self, practice: int | None) -> str:
        """The practice's title, or "All practices"."""
        return ALL_PRACTICES if practice is None else self.dataset.practices[practice].title

    def region_name(self, region: int | None) -> str:
        """The region's name, or "All regions"."""
        return ALL_REGIONS if region is None else self.dataset.regions[region].name


def heat_map(shown: Shown) -> Table:
    """Mean rating score of each practice in each region, with margins."""
    threshold = shown.results.threshold
    inner = (cell for cell in shown.results.cells if cell.region is not None and cell.practice is not None)
    short = sum(cell.basis != RS10 for cell in inner)
    notes = [
        "Mean rating score, 0 (not replicable at all) to 100 (completely), as stakeholders of the region expect it.",
        f"{suppressed(0, threshold)}: fewer than {threshold} valid scores.",
        MARGIN_NOTE,
    ]
    if short:
        notes.append(f"{short} cells hold short interviews of five items: their score is RS5, not RS10.")
    rows = _grid(shown, lambda cell: shown.figure(cell, cell.mean))
    title = "Perceived replicability by practice and region"
    return Table("Heat map", title, _grid_columns(shown, number), rows, tuple(notes))


def heat_map_n(shown: Shown) -> Table:
    """The valid scores behind each cell of the heat map."""
    rows = _grid(shown, lambda cell: HOME_NOT_ASKED if cell.is_home_not_asked else shown.count(cell.n))
    notes = ("Number of valid rating scores behind each cell of the sheet 'Heat map'.",)
    return Table("Heat map n", "Valid scores by practice and region", _grid_columns(shown, whole), rows, notes)


def practice_scores(shown: Shown) -> Table:
    """All figures of every cell, one row each: practices, in each its regions, then ALL."""
    rows = tuple(_practice_row(shown, cell) for cell in shown.results.cells)
    notes = (
        "Intervals are 95 %: t for the mean, Wilson for shares. Limits are raw and may lie outside 0-100.",
        "score_basis is RS5 as soon as one evaluation of the row is of the short variant; the two are never mixed.",
        MARGIN_NOTE,
    )
    return Table("Practice scores", "Practice scores by region", PRACTICE_SCORES, rows, notes)


def summary_scores(shown: Shown) -> Table:
    """Practices by their mean over all regions, best first; those below K follow by title, without a figure."""
    cells = [shown.results.cell(practice, None) for practice in range(shown.results.n_practices)]
    cells.sort(key=lambda cell: _by_score(shown, cell))
    rows = tuple(
        (
            shown.practice_title(cell.practice),
            shown.count(cell.n),
            shown.count(_regions_shown(shown, cell.practice)) if cell.shown else None,
            cell.basis if cell.shown else None,
            shown.figure(cell, cell.mean),
            shown.figure(cell, clipped(cell.ci_low)),
            shown.figure(cell, clipped(cell.ci_high)),
            *shown.share(cell, cell.strict)[:3],
        )
        for cell in cells
    )
    columns = (
        text("practice", "Practice", 44),
        whole("n", "Valid scores", 12),
        whole("regions", "Regions with a figure", 12),
        text("basis", "Basis", 8),
        number("mean", "Mean score", 10),
        number("ci_low", "95 % from", 10),
        number("ci_high", "95 % to", 10),
        share("strict_share", "Yes, as it is or with small changes", 14),
        share("strict_ci_low", "95 % from", 10),
        share("strict_ci_high", "95 % to", 10),
    )
    notes = (
        "The order is by the mean; practices whose intervals overlap cannot be told apart. Limits end at 0 and 100.",
    )
    return Table("Summary scores", "Mean rating score of each practice, all regions", columns, rows, notes)


def summary_verdicts(shown: Shown) -> Table:
    """Shares of the verdicts per practice over all regions, in the order of the summary's scores; they add up to 1."""
    cells = [shown.results.cell(practice, None) for practice in range(shown.results.n_practices)]
    cells.sort(key=lambda cell: _by_score(shown, cell))
    rows = []
    for cell in cells:
        said = cell.verdicts[:-1]  # without refusals
        n = sum(said)
        shares = (shown.figure(cell, count / n if n else None, n) for count in said)
        rows.append((shown.practice_title(cell.practice), shown.count(n), *shares))
    columns = (
        text("practice", "Practice", 44),
        whole("n", "Verdicts", 10),
        share("as_is", "Yes, as it is", 12),
        share("small_changes", "Yes, with small changes", 12),
        share("large_changes", "Only with large changes", 12),
        share("no", "No, not within five years", 12),
        share("already_here", "It already exists here", 12),
        share("dont_know", "Don't know", 12),
    )
    notes = ("All verdicts but refusals; shares add up to 100 %.",)
    return Table("Summary verdicts", "Could it be repeated? Verdicts of all regions", columns, tuple(rows), notes)


def clipped(limit: float | None) -> float | None:
    """A limit of a score as it is drawn: not below 0 and not above 100 (method 3.3: for display only)."""
    return None if limit is None else min(100.0, max(0.0, limit))


def _grid_columns(shown: Shown, column: Callable[[str, str, float], Column]) -> tuple[Column, ...]:
    regions = (column(region.id, region.name, 11) for region in shown.dataset.regions)
    return (text("practice", "Practice", 44), *regions, column(ALL, ALL_REGIONS, 11))


def _grid(shown: Shown, value: Callable[[Cell], Value]) -> tuple[tuple[Value, ...], ...]:
    """One row per practice, one value per region; the last row and column are "all"."""
    results = shown.results
    return tuple(
        (
            shown.practice_title(practice),
            *(value(results.cell(practice, region)) for region in (*range(results.n_regions), None)),
        )
        for practice in (*range(results.n_practices), None)
    )


def _practice_row(shown: Shown, cell: Cell) -> tuple[Value, ...]:
    dataset = shown.dataset
    practice = None if cell.practice is None else dataset.practices[cell.practice]
    region = None if cell.region is None else dataset.regions[cell.region]
    *_, n_dont_know, n_refused = cell.verdicts
    spread = None if cell.q1 is None or cell.q3 is None else cell.q3 - cell.q1
    scores = (cell.mean, cell.ci_low, cell.ci_high, cell.sd, cell.median, cell.q1, cell.q3, spread)
    equal = cell.equal_group
    equal_values = (equal.mean, equal.low, equal.high, equal.n_eff) if equal else (None, None, None, None)
    shares = (cell.strict, cell.broad, cell.already_here, cell.dont_know, cell.blocker)
    return (
        practice.id if practice else ALL,
        shown.practice_title(cell.practice),
        practice.category_name if practice else "",
        region.id if region else ALL,
        shown.region_name(cell.region),
        shown.count(cell.n_evaluations),
        shown.count(cell.n),
        shown.count(cell.n_routed),
        shown.count(n_dont_know),
        shown.count(n_refused),
        cell.basis,
        *(shown.figure(cell, value) for value in scores),
        *(shown.figure(cell, value) for value in equal_values),
        ", ".join(dataset.groups[group].id for group in cell.missing_groups) if cell.shown else "",
        *(value for found in shares for value in shown.share(cell, found)),
        _note(cell),
    )


def _note(cell: Cell) -> str:
    if cell.is_home_not_asked:
        return HOME_NOT_ASKED
    notes = []
    if cell.is_home:
        notes.append("the practice comes from this region")
    if cell.shown and cell.ci_low is None:
        notes.append("no interval: all scores are equal")
    if cell.shown and cell.equal_group is None:
        notes.append("no equal-group mean: fewer than two groups")
    return "; ".join(notes)


def _by_score(shown: Shown, cell: Cell) -> tuple[bool, float, str, int]:
    """The best first, equal means by title; what is not shown comes last, and its order tells nothing."""
    mean = cell.mean if cell.shown and cell.mean is not None else 0.0
    return not cell.shown, -mean, shown.practice_title(cell.practice), cell.practice or 0


def _regions_shown(shown: Shown, practice: int | None) -> int:
    """Regions in which this practice has a figure of its own."""
    return sum(shown.results.cell(practice, region).shown for region in range(shown.results.n_regions))
