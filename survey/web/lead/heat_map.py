"""The heat map as a page shows it: which practices and regions, in which order, every figure as it is printed.

All figures come from `exports`, which also fills the workbook; here they are chosen, put in order and rounded.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from exports import RS5, Cell, Dataset, Results, Share
from survey.web.lead.figures import heat_step, limits, per_cent, rounded


class Order(StrEnum):
    """In which order the practices stand."""

    SCORE = "score"
    TITLE = "title"
    CATEGORY = "category"
    PEOPLE = "people"


class State(StrEnum):
    """Why a cell has no score."""

    FEW = "few"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants to see. None: all of them."""

    category: str | None
    region: int | None
    order: Order


@dataclass(frozen=True, slots=True)
class ShareWords:
    """A share in per cent with its interval, and what it counts."""

    percent: str
    low: str
    high: str
    count: int
    n: int


@dataclass(frozen=True, slots=True)
class CellWords:
    """One cell as it is printed. `practice` or `region` is None in a margin."""

    practice: str | None
    region: str | None
    n: int
    n_evaluations: int
    basis: str
    # The words that stand in place of the score, and why; both None where there is a score.
    instead: str | None
    state: State | None
    # All None where `instead` is not; the interval also where all scores are equal.
    score: str | None
    step: int | None
    interval: tuple[str, str] | None
    median: str | None
    # None: nobody in the denominator, or too few to show.
    strict: ShareWords | None
    broad: ShareWords | None
    dont_know: ShareWords | None
    already_here: ShareWords | None
    # What stands in place of each share that is None, by its name.
    hidden: Mapping[str, str]

    @property
    def is_short(self) -> bool:
        """Whether the score rests on the five criteria of the short questionnaire."""
        return self.basis == RS5


@dataclass(frozen=True, slots=True)
class Row:
    """One practice, or all of them together: its margin first, then its regions."""

    title: str | None
    category: str | None
    cells: tuple[CellWords, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """An entry of a list to choose from."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A region at the head of its column: "East of England", and below it "Cambridge"."""

    name: str
    detail: str

    @classmethod
    def of(cls, name: str) -> "Heading":
        """A name that ends with a place in brackets is set on two lines."""
        short, bracket, detail = name.partition(" (")
        return cls(short, detail.removesuffix(")")) if bracket and detail.endswith(")") else cls(name, "")


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Everything the page prints."""

    choice: Choice
    categories: tuple[Option, ...]
    all_regions: tuple[Option, ...]
    regions: tuple[Heading, ...]
    rows: tuple[Row, ...]
    total: Row
    n_practices: int  # in the study
    n_interviews: int  # with at least one evaluation that counts
    n_evaluations: int
    threshold: int
    # Cells of practice and region in view, without the margins.
    n_shown: int
    n_few: int
    n_home: int
    has_short: bool  # some cell in view rests on RS5
    has_long: bool  # and some on RS10

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return self.choice.category is not None or self.choice.region is not None


def read_choice(asked: Mapping[str, str], dataset: Dataset) -> Choice:
    """The reader's wishes from an address. What is not understood is as if it were not there."""
    categories = {practice.category for practice in dataset.practices}
    regions = {region.id: position for position, region in enumerate(dataset.regions)}
    category = asked.get("category", "")
    order = asked.get("sort", "")
    return Choice(
        category=category if category in categories else None,
        region=regions.get(asked.get("region", "")),
        order=Order(order) if order in set(Order) else Order.SCORE,
    )


def heat_map(dataset: Dataset, results: Results, choice: Choice) -> HeatMap:
    """The map for a choice. A study without practices or regions gives one without rows or columns."""
    words = _printer(dataset, results)
    practices = [
        position
        for position, practice in enumerate(dataset.practices)
        if choice.category is None or practice.category == choice.category
    ]
    regions = list(range(len(dataset.regions))) if choice.region is None else [choice.region]
    practices.sort(key=_sorting(dataset, results, choice))
    rows = tuple(
        Row(
            title=dataset.practices[practice].title,
            category=dataset.practices[practice].category_name,
            cells=tuple(words(results.cell(practice, region)) for region in (None, *regions)),
        )
        for practice in practices
    )
    total = Row(None, None, tuple(words(results.cell(None, region)) for region in (None, *regions)))
    inner = [cell for row in rows for cell in row.cells[1:]]
    scored = [cell for row in (*rows, total) for cell in row.cells if cell.score is not None]
    return HeatMap(
        choice=choice,
        categories=_categories(dataset),
        all_regions=tuple(Option(region.id, region.name) for region in dataset.regions),
        regions=tuple(Heading.of(dataset.regions[region].name) for region in regions),
        rows=rows,
        total=total,
        n_practices=len(dataset.practices),
        n_interviews=len(set(dataset.interview.tolist())),
        n_evaluations=len(dataset),
        threshold=results.threshold,
        n_shown=sum(cell.state is None for cell in inner),
        n_few=sum(cell.state is State.FEW for cell in inner),
        n_home=sum(cell.state is State.HOME for cell in inner),
        has_short=any(cell.is_short for cell in scored),
        has_long=any(not cell.is_short for cell in scored),
    )


def _categories(dataset: Dataset) -> tuple[Option, ...]:
    names = {practice.category: practice.category_name for practice in dataset.practices}
    return tuple(Option(key, name) for key, name in sorted(names.items(), key=lambda item: item[1].casefold()))


def _sorting(dataset: Dataset, results: Results, choice: Choice) -> Callable[[int], tuple[object, ...]]:
    """The key that puts positions of practices in order; the title decides between equals, so the order is total."""

    def key(practice: int) -> tuple[object, ...]:
        details = dataset.practices[practice]
        cell = results.cell(practice, choice.region)
        by_title = (details.title.casefold(), details.id)
        match choice.order:
            case Order.SCORE:
                # A hidden score must not be told by its place either: those cells come last, by title.
                if cell.mean is None or results.instead(cell) is not None:
                    return (1, 0.0, *by_title)
                return (0, -cell.mean, *by_title)
            case Order.TITLE:
                return by_title
            case Order.CATEGORY:
                return (details.category_name.casefold(), *by_title)
            case Order.PEOPLE:
                return (-cell.n, *by_title)

    return key


def _printer(dataset: Dataset, results: Results) -> Callable[[Cell], CellWords]:
    def words(cell: Cell) -> CellWords:
        instead = results.instead(cell)
        shown = instead is None and cell.mean is not None
        hidden: dict[str, str] = {}

        def share(name: str, value: Share | None) -> ShareWords | None:
            reason = results.instead(cell, value.n if value else 0)
            if reason is not None or value is None:
                hidden[name] = reason or ""
                return None
            return ShareWords(
                percent=per_cent(value.share),
                low=per_cent(value.low),
                high=per_cent(value.high),
                count=value.count,
                n=value.n,
            )

        return CellWords(
            practice=None if cell.practice is None else dataset.practices[cell.practice].title,
            region=None if cell.region is None else dataset.regions[cell.region].name,
            n=cell.n,
            n_evaluations=cell.n_evaluations,
            basis=cell.basis,
            instead=instead,
            state=None if instead is None else _state(cell),
            score=rounded(cell.mean) if shown and cell.mean is not None else None,
            step=heat_step(cell.mean) if shown and cell.mean is not None else None,
            interval=_interval(cell) if shown else None,
            median=rounded(cell.median) if shown and cell.median is not None else None,
            strict=share("strict", cell.strict),
            broad=share("broad", cell.broad),
            dont_know=share("dont_know", cell.dont_know),
            already_here=share("already_here", cell.already_here),
            hidden=hidden,
        )

    return words


def _state(cell: Cell) -> State:
    return State.HOME if cell.is_home_not_asked else State.FEW


def _interval(cell: Cell) -> tuple[str, str] | None:
    if cell.ci_low is None or cell.ci_high is None:
        return None
    return limits(cell.ci_low, cell.ci_high)


def every_cell(page: HeatMap) -> Iterator[CellWords]:
    """The cells in the order of the map: all practices, then each practice, and in each its margin first."""
    for row in (page.total, *page.rows):
        yield from row.cells
