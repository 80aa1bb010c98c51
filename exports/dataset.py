"""What an export accepts: one study's evaluations as columns, checked when made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from exports.checking import problems_of
from exports.records import DatasetError, Group, Interview, Practice, Region, Study
from exports.versions import Layout, layout
from instruments import Instrument, Mode

Int8: TypeAlias = NDArray[np.int8]
Int32: TypeAlias = NDArray[np.int32]
Bool: TypeAlias = NDArray[np.bool_]

MODES = tuple(Mode)  # The order of every array and tuple that counts by mode.


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dataset:
    """All evaluations of one study that count, one row each.

    instrument: the newest version. older: earlier versions that interviews of this study keep, oldest first.
    codes: int8, shape (evaluations, len(columns)), the method's own codes. `layout` says where the answers to each
    version stand; a column that an evaluation's version does not have holds NOT_ASSIGNED.
    practice, region, interview: int32, shape (evaluations,), positions in `practices`, `regions` and `interviews`.
    region: the one the practice was judged for. It is not the interview's when the respondent gave another region
    after judging: an answer about one region says nothing about another.
    texts: for each evaluation, its answers in words by question code, or its name in `layout` ({} if none).
    selection: in words, which evaluations were taken. revision: of the study's data, 0 or more.
    The arrays are made read-only. Raises DatasetError with every problem.
    An empty dataset (no evaluation, no interview) is fine.
    """

    study: Study
    instrument: Instrument
    practices: tuple[Practice, ...]
    regions: tuple[Region, ...]
    groups: tuple[Group, ...]
    interviews: tuple[Interview, ...]
    codes: Int8
    practice: Int32
    region: Int32
    interview: Int32
    texts: tuple[Mapping[str, str], ...]
    selection: str
    revision: int
    older: tuple[Instrument, ...] = ()

    def __post_init__(self) -> None:
        problems = tuple(problems_of(self))
        if problems:
            raise DatasetError(problems)
        for name in ("codes", "practice", "region", "interview"):
            array = getattr(self, name).view()
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        """Short: the whole content, with the instrument, would fill every traceback."""
        return f"<Dataset {self.study.key!r}, revision {self.revision}: {len(self)} evaluations>"

    def __len__(self) -> int:
        """Number of evaluations."""
        return len(self.practice)

    @property
    def layout(self) -> Layout:
        """Under which name each version has its answers here."""
        return layout(self.instrument, self.older)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `codes`: the newest instrument's, then what of older ones stands apart."""
        return self.layout.columns

    def column(self, name: str) -> Int8:
        """The codes of one column, one per evaluation. ValueError if there is none of that name."""
        return self.codes[:, self.columns.index(name)]

    def part(self, version: int) -> "Dataset":
        """The evaluations of one version, in their order, as a dataset of that version alone.

        It is what was answered, under the names of that time. KeyError if the dataset has no such version.
        """
        found = self.layout.versions[version]
        rows = np.flatnonzero(self.version == version)
        kept, interview = np.unique(self.interview[rows], return_inverse=True)
        back = {name: own for own, name in found.names.items()}
        return replace(
            self,
            instrument=found.instrument,
            older=(),
            interviews=tuple(self.interviews[position] for position in kept.tolist()),
            codes=self.codes[np.ix_(rows, self.layout.positions(version))],
            practice=self.practice[rows],
            region=self.region[rows],
            interview=interview.astype(np.int32),
            texts=tuple({back[name]: text for name, text in self.texts[row].items()} for row in rows.tolist()),
        )

    @property
    def version(self) -> Int32:
        """Version of the instrument that was asked, per evaluation."""
        return self._of_interview(lambda interview: interview.instrument_version)

    @property
    def group(self) -> Int32:
        """Position of the stakeholder group, per evaluation."""
        return self._of_interview(lambda interview: interview.group)

    @property
    def mode(self) -> Int32:
        """Position in MODES, per evaluation."""
        return self._of_interview(lambda interview: MODES.index(interview.mode))

    @property
    def variant(self) -> Int32:
        """Position in the instrument's variants, per evaluation."""
        positions = {key: position for position, key in enumerate(self.instrument.variants)}
        return self._of_interview(lambda interview: positions[interview.variant])

    @property
    def simulated(self) -> Bool:
        """True where the evaluation was made up by a program."""
        made_up = self._of_interview(lambda interview: int(interview.simulated or self.study.simulated))
        return made_up.astype(np.bool_)

    @property
    def is_simulated(self) -> bool:
        """True if anything in it was made up by a program."""
        return self.study.simulated or any(interview.simulated for interview in self.interviews)

    def _of_interview(self, value: Callable[[Interview], int]) -> Int32:
        table = np.fromiter((value(interview) for interview in self.interviews), np.int32, len(self.interviews))
        return table[self.interview]
