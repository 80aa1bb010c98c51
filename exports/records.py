"""The records of a dataset: a study, its practices, regions, groups and interviews, and what a problem with them is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from instruments import Mode

# How pydantic reads these values from a file: nothing is converted, and an unknown key is a problem.
FILE_RULES: Final = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, slots=True)
class Place:
    """One problem of a dataset and where it is, as a path into its JSON form."""

    path: str  # "interviews[3].region"; "" is the whole file
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class DatasetError(ValueError):
    """A dataset that cannot be used; `problems` names every one of them."""

    def __init__(self, problems: Iterable[Place]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Study:
    """The survey that the evaluations come from. All times are aware UTC."""

    __pydantic_config__: ClassVar = FILE_RULES

    key: str
    title: str
    state: str
    simulated: bool  # True: made by `survey simulate`, not by people
    opened_at: datetime | None
    closed_at: datetime | None
    cut_off: datetime  # the moment to which the data are complete
    contact: str  # whom a reader may ask; "" if nobody
    catalogue_note: str  # what the catalogue of practices is and is not; "" if there is nothing to say
    target: int  # evaluations wished for in each cell; 0 if none was set


@dataclass(frozen=True, slots=True)
class Practice:
    """A good practice and where it comes from."""

    __pydantic_config__: ClassVar = FILE_RULES

    id: str
    title: str
    category: str
    category_name: str
    origin: str
    origin_country: str
    nuts: str
    start_year: int | None
    organisation: str
    source_url: str


@dataclass(frozen=True, slots=True)
class Region:
    """A region in which practices are judged."""

    __pydantic_config__: ClassVar = FILE_RULES

    id: str
    name: str
    nuts: str
    country: str
    home_practices: tuple[str, ...]  # ids of the practices that come from here and are not asked here


@dataclass(frozen=True, slots=True)
class Group:
    """A stakeholder group for the analysis."""

    __pydantic_config__: ClassVar = FILE_RULES

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Interview:
    """One respondent's case; `region` and `group` are positions in the dataset's lists.

    region: the respondent's own, as last given. What an evaluation is about stands in `Dataset.region`.
    """

    __pydantic_config__: ClassVar = FILE_RULES

    id: str
    region: int
    group: int
    mode: Mode
    variant: str
    instrument_version: int
    state: str
    started_at: datetime | None
    submitted_at: datetime | None
    language: str
    simulated: bool
