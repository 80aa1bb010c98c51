"""When a question is asked: conditions on earlier answers, as data.

There is no expression language, so there is nothing to evaluate and nothing to secure. A condition is a list
of clauses that must all hold; each clause looks at one column.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from instruments.codes import NOT_ANSWERED, OPEN


class Test(StrEnum):
    """What a clause asks of a code."""

    __test__ = False  # Not a test class for pytest to collect.

    IS_ONE_OF = "is_one_of"
    IS_NONE_OF = "is_none_of"
    IS_ANSWERED = "is_answered"


class State(StrEnum):
    """What the answers so far say about a condition."""

    HOLDS = "holds"
    FAILS = "fails"
    PENDING = "pending"  # It does not hold yet, but the answer that decides it is still to come.


@dataclass(frozen=True, slots=True)
class Clause:
    """One demand on one column; `codes` is empty for IS_ANSWERED."""

    column: str
    test: Test
    codes: frozenset[int] = frozenset()

    def state(self, codes: Mapping[str, int]) -> State:
        """Where this clause stands. IS_NONE_OF holds until one of the codes is given."""
        code = codes.get(self.column, NOT_ANSWERED)
        if self.test is Test.IS_NONE_OF:
            return State.FAILS if code in self.codes else State.HOLDS
        if code in self.codes or (self.test is Test.IS_ANSWERED and code >= 0):
            return State.HOLDS
        return State.PENDING if code in OPEN else State.FAILS


@dataclass(frozen=True, slots=True)
class Condition:
    """All clauses must hold. A question without a condition is always asked."""

    clauses: tuple[Clause, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that decide."""
        return tuple(clause.column for clause in self.clauses)

    def state(self, codes: Mapping[str, int]) -> State:
        """FAILS as soon as one clause fails for good, else PENDING while one is open, else HOLDS."""
        states = {clause.state(codes) for clause in self.clauses}
        if State.FAILS in states:
            return State.FAILS
        return State.PENDING if State.PENDING in states else State.HOLDS


def holds(condition: Condition | None, codes: Mapping[str, int]) -> bool:
    """Whether a question with this condition is asked now; no condition always holds."""
    return condition is None or condition.state(codes) is State.HOLDS
