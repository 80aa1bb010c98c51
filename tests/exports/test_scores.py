"""Scores of whole columns: the method's cases first, then equality with the scoring of one evaluation."""

import math

import numpy as np
import pytest
from datasets import ITEMS, NOT_ASSIGNED, instrument, make_codes, make_dataset, make_interview
from hypothesis import given
from hypothesis import strategies as st

from exports import RS5, RS10, rating_scores, scores
from instruments import (
    DONT_KNOW,
    MISSING,
    NOT_ANSWERED,
    NOT_APPLICABLE,
    NOT_REACHED,
    REFUSED,
    ROUTED,
    is_blocked,
    is_replicable,
    score,
    verdict_score,
)

item_codes = st.sampled_from([1, 2, 3, 4, 5, *sorted(MISSING), NOT_ANSWERED])
verdict_codes = st.sampled_from([1, 2, 3, 4, 5, *sorted(MISSING), NOT_ANSWERED])
weight_tables = st.one_of(
    st.none(), st.dictionaries(st.sampled_from(ITEMS), st.floats(0.01, 100, allow_nan=False), max_size=10)
)


def dataset_of(rows, *, variant="rq10"):
    """One interview per row; a row is a mapping of column to code."""
    columns = instrument().columns
    evaluations = [(n, 0, [row.get(column, NOT_ANSWERED) for column in columns]) for n, row in enumerate(rows)]
    interviews = [make_interview(f"interview-{n}", variant=variant) for n in range(len(rows))]
    return make_dataset(evaluations, interviews=interviews)


def items(answers):
    return dict(zip(ITEMS, map(int, answers.split()), strict=True))


@pytest.mark.parametrize(
    ("answers", "rs10", "rs5"),
    [
        pytest.param("5 4 4 3 2 4 3 3 4 2", 60.0, 60.0, id="A"),
        pytest.param("5 4 88 3 2 4 3 88 4 99", 57.142857, 60.0, id="B"),
        pytest.param("88 88 88 88 88 88 3 3 4 2", None, None, id="C"),
        pytest.param("99 99 99 99 99 99 3 3 4 2", None, None, id="D"),
        pytest.param("88 77 4 3 2 4 3 3 4 2", 53.125, 41.666667, id="E"),
        pytest.param("88 77 4 3 88 4 3 3 4 2", 57.142857, None, id="F"),
    ],
)
def test_published_cases_have_their_scores(answers, rs10, rs5):
    found = scores(dataset_of([items(answers)]))

    expected = [math.nan if value is None else value for value in (rs10, rs5)]
    assert [found.rs10[0], found.rs5[0]] == pytest.approx(expected, abs=5e-7, nan_ok=True)


@pytest.mark.parametrize(("scale", "expected"), [(RS10, 63.636364), (RS5, 66.666667)])
def test_published_case_with_a_double_weight_for_need(scale, expected):
    dataset = dataset_of([items("5 4 4 3 2 4 3 3 4 2")])

    assert rating_scores(dataset, scale, weights={"NEED": 2.0})[0] == pytest.approx(expected, abs=5e-7)


@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(ITEMS, item_codes) | {"VERDICT": verdict_codes}), max_size=8),
    weight_tables,
)
def test_columns_agree_with_single_evaluations_to_the_last_bit(rows, weights):
    dataset = dataset_of(rows)
    found = scores(dataset)

    for scale in (RS10, RS5):
        singles = [score(instrument(), scale, row, weights=weights).value for row in rows]
        expected = np.array([math.nan if value is None else value for value in singles], np.float64)
        assert rating_scores(dataset, scale, weights=weights).tobytes() == expected.tobytes()
    assert found.rs10.tobytes() == rating_scores(dataset, RS10).tobytes()
    assert found.rs5.tobytes() == rating_scores(dataset, RS5).tobytes()
    assert found.verdict.tolist() == [row["VERDICT"] for row in rows]
    assert found.blocker.tolist() == [is_blocked(instrument(), row) for row in rows]
    for n, row in enumerate(rows):
        verdict = row["VERDICT"]
        assert none_for_nan(found.verdict_score[n]) == verdict_score(instrument(), verdict)
        assert none_for_nan(found.strict[n]) == is_replicable(instrument(), verdict, "strict")
        assert none_for_nan(found.broad[n]) == is_replicable(instrument(), verdict, "broad")


def none_for_nan(value):
    return None if math.isnan(value) else value


@pytest.mark.parametrize(
    ("verdict", "points", "strict", "broad", "dk", "here"),
    [
        (1, 100, 1, 1, False, False),
        (2, 200 / 3, 1, 1, False, False),
        (3, 100 / 3, 0, 1, False, False),
        (4, 0, 0, 0, False, False),
        (5, None, None, None, False, True),
        (DONT_KNOW, None, None, None, True, False),
        (REFUSED, None, None, None, False, False),
        (NOT_REACHED, None, None, None, False, False),
    ],
)
def test_a_verdict_says_what_the_method_derives_from_it(verdict, points, strict, broad, dk, here):
    found = scores(dataset_of([{"VERDICT": verdict}]))

    derived = [none_for_nan(column[0]) for column in (found.verdict_score, found.strict, found.broad)]
    assert derived == [points, strict, broad]
    assert (found.dk[0], found.exist_here[0]) == (dk, here)


@pytest.mark.parametrize(
    ("cost", "legal", "blocked", "known"),
    [
        (5, 1, True, True),
        (1, 5, True, True),
        (5, 5, True, True),
        (4, 4, False, True),
        (5, DONT_KNOW, True, True),
        (DONT_KNOW, 1, False, True),
        (3, NOT_ASSIGNED, False, True),
        (DONT_KNOW, REFUSED, False, False),
        (ROUTED, ROUTED, False, False),
        (NOT_ANSWERED, NOT_ANSWERED, False, False),
    ],
)
def test_a_blocker_is_known_as_soon_as_one_obstacle_was_rated(cost, legal, blocked, known):
    found = scores(dataset_of([{"COST": cost, "LEGAL": legal}]))

    assert (bool(found.blocker[0]), bool(found.blocker_known[0])) == (blocked, known)


def test_a_short_interview_has_no_rs10_although_five_items_would_do():
    answers = {"FAM": 1, "EXIST": 3, "NEED": 5, "FIT": 4, "LEAD": 2, "SKILL": 4, "COST": 4, "VERDICT": 1}
    dataset = make_dataset([(0, 0, make_codes(answers, variant="rq5"))], interviews=[make_interview(variant="rq5")])

    found = scores(dataset)

    assert math.isnan(found.rs10[0])
    assert found.rs5[0] == 60.0
    assert rating_scores(dataset, RS10)[0] == 60.0


def test_an_evaluation_of_what_exists_here_has_no_score():
    dataset = make_dataset([(0, 0, make_codes({"FAM": 2, "EXIST": 1, "EXWORK": 4}))], interviews=[make_interview()])

    found = scores(dataset)

    assert math.isnan(found.rs10[0])
    assert math.isnan(found.rs5[0])
    assert found.exist_here[0]


@pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf])
def test_a_weight_that_is_not_positive_is_refused(weight):
    with pytest.raises(ValueError, match="the weight of NEED is"):
        rating_scores(dataset_of([]), RS10, weights={"NEED": weight})


def test_an_unknown_scale_is_refused():
    with pytest.raises(KeyError, match="RS7"):
        rating_scores(dataset_of([]), "RS7")


def test_half_of_the_weight_must_be_answered():
    rare = dict.fromkeys(ITEMS[:5], 3) | dict.fromkeys(ITEMS[5:], DONT_KNOW)
    dataset = dataset_of([rare])

    equal = rating_scores(dataset, RS10)
    just_enough = rating_scores(dataset, RS10, weights=dict.fromkeys(ITEMS[:5], 1.0))
    too_little = rating_scores(dataset, RS10, weights={ITEMS[9]: 1.5})

    assert equal[0] == just_enough[0] == 50.0
    assert math.isnan(too_little[0])


def test_what_is_not_applicable_has_no_weight():
    light = dict.fromkeys(ITEMS[:5], 3) | dict.fromkeys(ITEMS[5:], NOT_APPLICABLE)

    found = rating_scores(dataset_of([light]), RS10, weights=dict.fromkeys(ITEMS[:5], 0.5))

    assert found.tolist() == [50.0]


def test_no_evaluation_has_no_score():
    found = scores(make_dataset())

    assert [len(getattr(found, name)) for name in found.__slots__] == [0] * 11
