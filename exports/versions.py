"""Several versions of a questionnaire in one dataset: under which name each of them has its answers there.

The names are those of the newest version. What an older one asked otherwise, or what is asked no more, stands under
its old name with the version behind it, FIT_v1: no answer is lost, and none is counted with what it does not match.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from instruments import Common, Instrument, in_common


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """One version of the questionnaire. names: of each of its columns and text questions in the dataset."""

    instrument: Instrument
    common: Common  # what of it counts together with the newest version
    names: Mapping[str, str]

    @property
    def number(self) -> int:
        """As interviews carry it."""
        return self.instrument.version

    @property
    def apart(self) -> tuple[str, ...]:
        """Its questions that do not count together with the newest version, in order."""
        return tuple(code for code in self.instrument.questions if code not in self.common.questions)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where everything stands: first the newest version's columns in their order, then what stands apart.

    origins: of each column, the instrument that explains it and its name there. versions: by number, oldest first.
    """

    columns: tuple[str, ...]
    text_questions: tuple[str, ...]
    origins: Mapping[str, tuple[Instrument, str]]
    versions: Mapping[int, Version]

    def positions(self, version: int) -> NDArray[np.int64]:
        """Where the columns of a version stand, in its own order."""
        at = {name: position for position, name in enumerate(self.columns)}
        found = self.versions[version]
        return np.array([at[found.names[column]] for column in found.instrument.columns], np.int64)


@lru_cache(maxsize=64)
def layout(newest: Instrument, older: tuple[Instrument, ...] = ()) -> Layout:
    """The layout of a dataset with these versions. older: oldest first."""
    versions = tuple(_version(instrument, newest) for instrument in (*older, newest))
    own = {column: (newest, column) for column in newest.columns}
    origins = own | {
        version.names[column]: (version.instrument, column)
        for version in versions
        for column in version.instrument.columns
        if version.names[column] not in own
    }
    texts = (version.names[code] for version in reversed(versions) for code in version.instrument.text_questions)
    return Layout(
        columns=tuple(origins),
        text_questions=tuple(dict.fromkeys(texts)),
        origins=origins,
        versions={version.number: version for version in versions},
    )


def named_apart(name: str, version: int) -> str:
    """The name of what stands apart. No question of a questionnaire has a small letter in its code."""
    return f"{name}_v{version}"


def _version(instrument: Instrument, newest: Instrument) -> Version:
    common = in_common(instrument, newest)
    names = {
        name: name if code in common.questions else named_apart(name, instrument.version)
        for code, question in instrument.questions.items()
        for name in (question.columns or (code,))
    }
    return Version(instrument, common, names)
