"""What a catalogue holds, and how its mistakes are told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CATALOGUE_NOTE = (
    "This is not the NetBioCluE catalogue. The practices were collected anew from public pages; nothing here is a "
    "result of NetBioCluE, nor endorsed by it or by the organisations named."
)


@dataclass(frozen=True, slots=True)
class CatalogueProblem:
    """One mistake and its place. row: counted as a spreadsheet does, the header is 1; None for the whole file."""

    file: str
    row: int | None
    column: str
    message: str

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}, row {self.row}"
        return f"{place}, {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


class CatalogueError(Exception):
    """A catalogue that cannot be used; `problems` names every mistake in it."""

    def __init__(self, problems: Iterable[CatalogueProblem]) -> None:
        self.problems = tuple(problems)
        self.message = "\n".join(str(problem) for problem in self.problems)
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Category:
    key: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class PracticeWords:
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class CatalogueSource:
    """A page that tells about a practice; number 1 is the main one and has a strength."""

    no: int
    title: str
    url: str
    strength: str


@dataclass(frozen=True, slots=True)
class CataloguePractice:
    """A good practice. category: the key of one. nuts: "" where no region stands for it. texts: by language."""

    key: str
    category: str
    lifecycle_stage: str
    organisation: str
    origin_region: str
    origin_country: str
    nuts: str
    start_year: int | None
    texts: Mapping[str, PracticeWords]
    sources: tuple[CatalogueSource, ...]


@dataclass(frozen=True, slots=True)
class RegionWords:
    """`name` stands in lists, `spoken_name` in a sentence."""

    name: str
    spoken_name: str


@dataclass(frozen=True, slots=True)
class CatalogueRegion:
    key: str
    country: str
    nuts: str
    timezone: str
    default_language: str
    texts: Mapping[str, RegionWords]
    partners: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class StakeholderGroup:
    key: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class StakeholderType:
    key: str
    group: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything in the order of its files."""

    practices: tuple[CataloguePractice, ...]
    regions: tuple[CatalogueRegion, ...]
    categories: tuple[Category, ...]
    groups: tuple[StakeholderGroup, ...]
    stakeholder_types: tuple[StakeholderType, ...]
    languages: tuple[str, ...]
