"""Every test vector of the method, sections 2.5, 3.1 and 3.2, and the edges between them."""

from math import inf, nan

import pytest

from instruments import Score, is_blocked, is_replicable, item_score, scale_of, score, verdict_score

ITEMS = ("NEED", "FIT", "EFF", "ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL")
A = (5, 4, 4, 3, 2, 4, 3, 3, 4, 2)
B = (5, 4, 88, 3, 2, 4, 3, 88, 4, 99)
C = (88, 88, 88, 88, 88, 88, 3, 3, 4, 2)
D = (99, 99, 99, 99, 99, 99, 3, 3, 4, 2)
E = (88, 77, 4, 3, 2, 4, 3, 3, 4, 2)
F = (88, 77, 4, 3, 88, 4, 3, 3, 4, 2)


def answers(row):
    return dict(zip(ITEMS, row, strict=True))


@pytest.mark.parametrize(
    ("row", "scale", "value", "answered", "applicable"),
    [
        (A, "RS10", 60.0, 10, 10),
        (A, "RS5", 60.0, 5, 5),
        (B, "RS10", 57.142857, 7, 9),
        (B, "RS5", 60.0, 5, 5),
        (C, "RS10", None, 4, 10),
        (C, "RS5", None, 1, 5),
        (D, "RS10", None, 4, 4),
        (D, "RS5", None, 1, 1),
        (E, "RS10", 53.125, 8, 10),
        (E, "RS5", 41.666667, 3, 5),
        (F, "RS10", 57.142857, 7, 10),
        (F, "RS5", None, 2, 5),
    ],
)
def test_a_published_row_of_answers_has_its_published_score(instrument, row, scale, value, answered, applicable):
    found = score(instrument, scale, answers(row))

    assert (found.answered, found.applicable) == (answered, applicable)
    assert found.value == (None if value is None else pytest.approx(value, abs=5e-7))


@pytest.mark.parametrize(("scale", "value"), [("RS10", 63.636364), ("RS5", 66.666667)])
def test_a_weight_of_two_counts_an_item_twice(instrument, scale, value):
    assert score(instrument, scale, answers(A), weights={"NEED": 2}).value == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize(
    ("item", "code", "value"),
    [
        ("NEED", 1, 0.0),
        ("NEED", 2, 25.0),
        ("NEED", 3, 50.0),
        ("NEED", 4, 75.0),
        ("NEED", 5, 100.0),
        ("COST", 1, 100.0),
        ("COST", 4, 25.0),
        ("COST", 5, 0.0),
        ("NEED", 0, None),
        ("NEED", 6, None),
        ("NEED", 77, None),
        ("NEED", 88, None),
        ("NEED", 99, None),
        ("NEED", -1, None),
        ("NEED", -2, None),
        ("NEED", -3, None),
        ("NEED", -128, None),
    ],
)
def test_an_item_is_scored_from_0_to_100_and_a_missing_code_never(instrument, item, code, value):
    assert item_score(instrument.scoring, item, code) == value


def test_an_item_of_no_scale_has_no_score(instrument):
    with pytest.raises(KeyError):
        item_score(instrument.scoring, "VERDICT", 1)


def test_reversing_twice_is_nothing(instrument):
    plain = [item_score(instrument.scoring, "NEED", code) for code in range(1, 6)]
    reversed_ = [item_score(instrument.scoring, "COST", code) for code in range(1, 6)]

    assert [100 - value for value in reversed_] == plain


def test_dont_know_stays_in_the_denominator_and_not_applicable_leaves_it(instrument):
    one_of_each = answers((5, 5, 5, 5, 5, 77, 88, -3, 99, -128))

    assert score(instrument, "RS10", one_of_each) == Score(100.0, 5, 9)


@pytest.mark.parametrize("code", [99, -1, -2])
def test_what_was_not_asked_or_does_not_apply_is_not_in_the_denominator(instrument, code):
    assert score(instrument, "RS10", answers((5, 5, 5, 5, 5, *[code] * 5))) == Score(100.0, 5, 5)


@pytest.mark.parametrize("code", [77, 88, -3, -128])
def test_what_was_asked_without_an_answer_is_in_the_denominator(instrument, code):
    assert score(instrument, "RS10", answers((5, 5, 5, 5, 5, *[code] * 5))) == Score(100.0, 5, 10)


def test_an_item_that_the_row_does_not_have_counts_as_unanswered(instrument):
    assert score(instrument, "RS5", {"NEED": 5, "FIT": 5, "LEAD": 5}) == Score(100.0, 3, 5)


def test_an_evaluation_without_any_item_has_no_score(instrument):
    assert score(instrument, "RS10", answers([-2] * 10)) == Score(None, 0, 0)


def test_half_of_the_applicable_weight_must_be_answered(instrument):
    five_answered = answers((5, 5, 5, 5, 5, *[88] * 5))

    assert score(instrument, "RS10", five_answered).value == 100.0
    assert score(instrument, "RS10", five_answered, weights={"COST": 1.001}).value is None
    assert score(instrument, "RS10", five_answered, weights={"COST": 0.999}).value == 100.0


def test_the_minimum_holds_even_when_the_answered_items_weigh_most(instrument):
    two_answered = answers((5, 88, 88, 88, 88, 5, 88, 88, 88, 88))

    assert score(instrument, "RS5", two_answered, weights={"NEED": 100}).value is None


@pytest.mark.parametrize("weight", [0, -1, nan, inf])
def test_a_weight_that_is_no_positive_number_is_refused(instrument, weight):
    with pytest.raises(ValueError, match=f"the weight of NEED is {weight}; it must be more than 0"):
        score(instrument, "RS10", answers(A), weights={"NEED": weight})


def test_a_weight_below_one_is_a_weight(instrument):
    assert score(instrument, "RS5", {"NEED": 5, "FIT": 1, "LEAD": 1}, weights={"NEED": 0.5, "COST": 0.5}) == Score(
        20.0, 3, 5
    )


def test_the_questionnaires_own_weights_hold_unless_others_are_given(tiny):
    codes = {"GOOD": 3, "HARD": 3}

    assert tiny.scoring.weights == {"GOOD": 1.5}
    assert score(tiny, "LONG", codes).value == 60.0
    assert score(tiny, "LONG", codes, weights={}).value == 50.0


def test_the_range_of_an_item_is_that_of_its_answers(tiny):
    assert [item_score(tiny.scoring, "GOOD", code) for code in (1, 2, 3, 4)] == [0.0, 50.0, 100.0, None]
    assert [item_score(tiny.scoring, "HARD", code) for code in (1, 2, 3, 4)] == [100.0, 50.0, 0.0, None]


def test_an_unknown_scale_is_refused(instrument):
    with pytest.raises(KeyError):
        score(instrument, "RS7", answers(A))


@pytest.mark.parametrize(
    ("codes", "blocked"),
    [
        ({"COST": 5, "LEGAL": 1}, True),
        ({"COST": 1, "LEGAL": 5}, True),
        ({"COST": 5, "LEGAL": 5}, True),
        ({"COST": 4, "LEGAL": 4, "NEED": 5}, False),
        ({"COST": 88, "LEGAL": 99}, False),
        ({"COST": -2, "LEGAL": -1}, False),
        ({}, False),
    ],
)
def test_one_obstacle_that_would_stop_the_practice_blocks_it(instrument, codes, blocked):
    assert is_blocked(instrument, codes) is blocked


@pytest.mark.parametrize(
    ("code", "value", "strict", "broad"),
    [
        (1, 100.0, True, True),
        (2, 200 / 3, True, True),
        (3, 100 / 3, False, True),
        (4, 0.0, False, False),
        (5, None, None, None),
        (77, None, None, None),
        (88, None, None, None),
        (-2, None, None, None),
        (-3, None, None, None),
        (-128, None, None, None),
    ],
)
def test_a_verdict_has_a_score_and_says_yes_or_no_or_takes_no_stand(instrument, code, value, strict, broad):
    assert verdict_score(instrument, code) == value
    assert is_replicable(instrument, code, "strict") is strict
    assert is_replicable(instrument, code, "broad") is broad


@pytest.mark.parametrize("code", [1, 88])
def test_a_verdict_is_read_in_two_ways_only(instrument, code):
    with pytest.raises(ValueError, match="a verdict is read strict or broad, not loose"):
        is_replicable(instrument, code, "loose")


def test_every_variant_has_its_scale(instrument):
    assert {variant: scale_of(instrument, variant) for variant in instrument.variants} == {"rq10": "RS10", "rq5": "RS5"}


def test_an_unknown_variant_has_no_scale(instrument):
    with pytest.raises(KeyError, match="rq7"):
        scale_of(instrument, "rq7")
