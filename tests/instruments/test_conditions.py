"""When a condition holds, fails, or waits."""

import pytest

from instruments import Clause, Condition, State, Test, holds

ONE_OF = Clause("Q", Test.IS_ONE_OF, frozenset({1, 88}))
NONE_OF = Clause("Q", Test.IS_NONE_OF, frozenset({1, 88}))
ANSWERED = Clause("Q", Test.IS_ANSWERED)

HOLDS, FAILS, PENDING = State.HOLDS, State.FAILS, State.PENDING


@pytest.mark.parametrize(
    ("code", "one_of", "none_of", "answered"),
    [
        (1, HOLDS, FAILS, HOLDS),
        (88, HOLDS, FAILS, HOLDS),
        (0, FAILS, HOLDS, HOLDS),
        (77, FAILS, HOLDS, HOLDS),
        (99, FAILS, HOLDS, HOLDS),
        (-1, FAILS, HOLDS, FAILS),
        (-2, FAILS, HOLDS, FAILS),
        (-3, PENDING, HOLDS, PENDING),
        (-128, PENDING, HOLDS, PENDING),
    ],
)
def test_each_test_of_each_code(code, one_of, none_of, answered):
    states = [Condition((clause,)).state({"Q": code}) for clause in (ONE_OF, NONE_OF, ANSWERED)]

    assert states == [one_of, none_of, answered]


def test_a_column_that_is_absent_is_not_answered():
    assert [clause.state({}) for clause in (ONE_OF, NONE_OF, ANSWERED)] == [PENDING, HOLDS, PENDING]


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        (1, 1, HOLDS),
        (1, 2, FAILS),
        (-128, 2, FAILS),
        (2, -128, FAILS),
        (-128, 1, PENDING),
        (1, -128, PENDING),
    ],
)
def test_all_clauses_must_hold_and_one_that_fails_decides(first, second, state):
    condition = Condition((ONE_OF, Clause("R", Test.IS_ONE_OF, frozenset({1}))))

    assert condition.columns == ("Q", "R")
    assert condition.state({"Q": first, "R": second}) is state
    assert holds(condition, {"Q": first, "R": second}) is (state is HOLDS)


def test_no_condition_always_holds():
    assert holds(None, {})
