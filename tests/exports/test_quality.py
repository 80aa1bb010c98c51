"""Signs of careless answering: the published example first, then each rule at its edge."""

import math
from itertools import groupby
from statistics import stdev

import numpy as np
import pytest
from datasets import ITEMS, SHORT_ITEMS, make_codes, make_dataset, make_interview
from hypothesis import given
from hypothesis import strategies as st
from versions import FIT_REWORDED, mixed_dataset, second_version

from exports.quality import (
    AMBER,
    FINE,
    RED,
    evaluation_flags,
    interview_flags,
    items_to_review,
    longest_runs,
    straight_lining,
)

said = st.sampled_from([1, 2, 3, 4, 5, 77, 88, 99, -128])


def array(rows):
    codes = np.array(rows, np.int8)
    return codes, (codes >= 1) & (codes <= 5)


def rated(*answers, **more):
    """Answers to the ten items in their order, one code each or one for all."""
    values = answers * 10 if len(answers) == 1 else answers
    return make_codes({"FAM": 1, "EXIST": 3, "VERDICT": 2} | dict(zip(ITEMS, values, strict=True)) | more)


def one_person(*rows, **changes):
    return make_dataset(
        [(0, practice, row) for practice, row in enumerate(rows)], interviews=[make_interview(**changes)]
    )


def test_the_published_example_of_straight_lining():
    found = straight_lining(*array([[5, 5, 5], [5, 5, 1], [4, 5, 3]]))

    assert found.mir.tolist() == pytest.approx([1, 0.6667, 0.3333], abs=5e-5)
    assert found.qsd.tolist() == pytest.approx([0, 2.309401, 1.0], abs=5e-7)
    assert found.spv.tolist() == pytest.approx([0, 0.4444, 0.6667], abs=5e-5)
    assert (found.mir == 1).mean() == pytest.approx(0.33, abs=5e-3)


@given(st.lists(st.lists(said, min_size=4, max_size=4), max_size=6))
def test_straight_lining_counts_answers_only(rows):
    codes, answered = array(np.reshape(rows, (-1, 4)))

    found = straight_lining(codes, answered)

    for n, row in enumerate(rows):
        own = [code for code in row if 1 <= code <= 5]
        shares = [own.count(code) / len(own) for code in set(own)]
        expected = [
            max(shares, default=math.nan),
            stdev(own) if len(own) > 1 else math.nan,
            1 - sum(share**2 for share in shares) if own else math.nan,
        ]
        assert [found.mir[n], found.qsd[n], found.spv[n]] == pytest.approx(expected, nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(said, min_size=3, max_size=3)), max_size=8))
def test_the_longest_run_is_of_one_person_and_skips_what_was_not_answered(rows):
    codes, answered = array(np.reshape([row for _, row in rows], (-1, 3)))
    owner = np.array([person for person, _ in rows], np.int32)

    found = longest_runs(codes, answered, owner, 3)

    for person in range(3):
        own = [code for of, row in rows if of == person for code in row if 1 <= code <= 5]
        assert found[person] == max((len(list(run)) for _, run in groupby(own)), default=0)


@pytest.mark.parametrize(
    ("rows", "straight", "direction"),
    [
        pytest.param([rated(3)], AMBER, FINE, id="one practice in one line"),
        pytest.param([rated(3), rated(2)], RED, FINE, id="two"),
        pytest.param([rated(5)], AMBER, RED, id="all items highest, obstacles too"),
        pytest.param([rated(1), rated(2, 3, 2, 3, 2, 3, 2, 3, 2, 3)], AMBER, RED, id="all lowest"),
        pytest.param([rated(5, 5, 5, 5, 5, 5, 5, 5, 5, 4)], FINE, FINE, id="one other answer"),
        pytest.param([rated(5, 5, 5, 5, 5, 5, 5, 5, 88, 88)], FINE, FINE, id="one direction only"),
        pytest.param([rated(88, 88, 88, 88, 88, 88, 88, 88, 5, 5)], FINE, FINE, id="the other direction only"),
        pytest.param([rated(5, 88, 88, 88, 88, 88, 88, 88, 88, 5)], AMBER, RED, id="two answers of both directions"),
        pytest.param([rated(88)], FINE, FINE, id="no answer"),
    ],
)
def test_one_line_is_flagged_where_items_point_both_ways(rows, straight, direction):
    found = interview_flags(one_person(*rows))

    assert (found.straight.tolist(), found.direction.tolist()) == ([straight], [direction])


@pytest.mark.parametrize(
    ("rows", "run", "flag"),
    [
        pytest.param([rated(4, 4, 4, 4, 4, 4, 4, 4, 4, 2), rated(1, 2, 1, 2, 1, 2, 1, 2, 1, 2)], 9, FINE, id="nine"),
        pytest.param([rated(1, 4, 4, 4, 4, 4, 4, 4, 4, 4), rated(4, 2, 1, 2, 1, 2, 1, 2, 1, 2)], 10, AMBER, id="ten"),
        pytest.param(
            [rated(1, 4, 4, 4, 4, 4, 4, 4, 4, 4), rated(4, 2, 1, 2, 1, 2, 1, 2, 1, 2), rated(*[1, 2] * 5)],
            10,
            FINE,
            id="ten of thirty are less than half",
        ),
    ],
)
def test_a_long_string_is_ten_and_half_of_what_was_answered(rows, run, flag):
    found = interview_flags(one_person(*rows))

    assert (found.longest_run.tolist(), found.long_string.tolist()) == ([run], [flag])


@pytest.mark.parametrize(
    ("item", "verdict", "flag"),
    [(2, 1, FINE), (1, 1, AMBER), (1, 2, FINE), (4, 4, FINE), (5, 4, AMBER), (5, 3, FINE), (5, 88, FINE)],
)
@pytest.mark.parametrize("variant", ["rq10", "rq5"])
def test_a_verdict_against_the_score_is_flagged(item, verdict, flag, variant):
    answers = dict.fromkeys(ITEMS, item) | {"COST": 6 - item, "LEGAL": 6 - item}
    codes = make_codes({"FAM": 1, "EXIST": 3, "VERDICT": verdict} | answers, variant="rq10")
    if variant == "rq5":
        own = {name: code for name, code in answers.items() if name in SHORT_ITEMS}
        codes = make_codes({"FAM": 1, "EXIST": 3, "VERDICT": verdict} | own, variant="rq5")

    found = interview_flags(one_person(codes, variant=variant))

    assert found.contradiction.tolist() == [flag]


@pytest.mark.parametrize(
    ("answers", "share", "flag"),
    [
        ((88, 77, 88, 3, 2, 4, 3, 2, 4, 2), 0.3, FINE),
        ((88, 77, 88, 88, 2, 4, 3, 2, 4, 2), 0.4, AMBER),
        ((88, 77, 88, 88, 77, 4, 3, 2, 4, 2), 0.5, AMBER),
        ((88, 77, 88, 88, 77, 88, 3, 2, 4, 2), 0.6, RED),
        ((88, 99, 99, 99, 99, 4, 3, 2, 4, 2), 0.1, FINE),
        ((88, -128, -128, -128, -128, -128, -128, -128, -128, 2), 0.5, AMBER),
        ((-128,) * 10, math.nan, FINE),
    ],
)
def test_many_non_answers_are_flagged(answers, share, flag):
    found = interview_flags(one_person(rated(*answers)))

    assert found.unanswered_share.tolist() == pytest.approx([share], nan_ok=True)
    assert found.unanswered.tolist() == [flag]


def test_items_of_the_long_variant_do_not_count_as_unanswered_in_the_short_one():
    codes = make_codes({"FAM": 1, "EXIST": 3, "VERDICT": 2} | dict.fromkeys(SHORT_ITEMS, 88), variant="rq5")

    found = interview_flags(one_person(codes, variant="rq5"))

    assert found.unanswered_share.tolist() == [1]


def test_an_item_that_every_fourth_cannot_answer_is_to_be_reviewed():
    rows = [rated(88, 3, 3, 3, 3, 3, 3, 3, 3, 3), *[rated(3)] * 3]
    dataset = make_dataset(
        [(n, 0, row) for n, row in enumerate(rows)], interviews=[make_interview(str(n)) for n in "0123"]
    )

    assert items_to_review(dataset) == {"NEED": 0.25}


def test_a_fifth_is_not_more_than_a_fifth():
    rows = [rated(88, 3, 3, 3, 3, 3, 3, 3, 3, 3), *[rated(3)] * 4]
    dataset = make_dataset(
        [(n, 0, row) for n, row in enumerate(rows)], interviews=[make_interview(str(n)) for n in "01234"]
    )

    assert items_to_review(dataset) == {}


def test_each_person_has_flags_of_their_own():
    rows = [(0, 0, rated(3)), (1, 0, rated(1, 2, 3, 4, 5, 1, 2, 3, 4, 5)), (0, 1, rated(3))]
    dataset = make_dataset(rows, interviews=[make_interview("a"), make_interview("b")])

    assert evaluation_flags(dataset).straight.tolist() == [True, False, True]
    assert interview_flags(dataset).straight.tolist() == [RED, FINE]
    assert interview_flags(dataset).longest_run.tolist() == [20, 1]


def test_nobody_has_no_flags_and_silence_none_raised():
    nobody = interview_flags(make_dataset())
    silent = interview_flags(make_dataset(interviews=[make_interview()]))

    assert [len(getattr(nobody, name)) for name in nobody.__slots__] == [0] * 7
    assert [getattr(silent, name)[0] for name in ("straight", "direction", "long_string", "unanswered")] == [FINE] * 4
    assert math.isnan(silent.unanswered_share[0])


def test_each_version_is_looked_at_by_its_own_questions():
    answers = {"FAM": 1, "EXIST": 3, "VERDICT": 2} | dict.fromkeys(ITEMS, 1)
    low = answers | {"VERDICT": 1, "COST": 5, "LEGAL": 5}
    dataset = mixed_dataset(second_version(FIT_REWORDED), [(1, 0, "rq10", answers), (2, 0, "rq10", low)])

    found = interview_flags(dataset)

    assert (found.direction.tolist(), found.contradiction.tolist()) == ([RED, FINE], [FINE, AMBER])
    assert found.longest_run.tolist() == [10, 8]
    with pytest.raises(ValueError, match="versions of the questionnaire"):
        items_to_review(dataset)
