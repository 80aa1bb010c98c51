"""Signs of answering too fast, each at its edge."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.quality import AMBER, FINE, RED
from exports.speed import is_too_fast, not_read_out, page_profile, profile_flags, speed_flags, speed_index

NAN = math.nan


def test_the_index_compares_with_the_middle_of_the_same_kind():
    web, phone = [400.0] * 19 + [200.0, NAN, 0.0], [900.0] * 20
    seconds = np.array([*web, *phone])

    found = speed_index(seconds, np.array([0] * 22 + [1] * 20))

    assert found[:20].tolist() == [1.0] * 19 + [2.0]
    assert np.isnan(found[20:22]).all()
    assert found[22:].tolist() == [1.0] * 20


def test_of_nineteen_nobody_is_compared():
    assert np.isnan(speed_index(np.full(19, 60.0), np.zeros(19, np.int32))).all()


@given(st.lists(st.floats(0.1, 1e5), min_size=20, max_size=40), st.floats(0.01, 100))
def test_the_index_does_not_depend_on_the_unit(seconds, factor):
    same = np.zeros(len(seconds), np.int32)

    found = speed_index(np.array(seconds) * factor, same)

    assert found == pytest.approx(speed_index(np.array(seconds), same))


def test_twice_as_fast_is_red_and_a_little_less_amber():
    assert speed_flags(np.array([1.0, 1.7499, 1.75, 1.9999, 2.0, 9.0, NAN])).tolist() == [
        *[FINE, FINE, AMBER, AMBER, RED, RED, FINE]
    ]


@pytest.mark.parametrize(
    ("seconds", "words", "fast"),
    [(0.99, 1, True), (1.0, 1, False), (1.0, 3, False), (2.99, 10, True), (3.0, 10, False), (NAN, 10, False)],
)
def test_an_item_needs_a_second_and_three_tenths_for_each_word(seconds, words, fast):
    assert is_too_fast(np.array([seconds]), np.array([words])).tolist() == [fast]


def test_a_page_profile_counts_each_page_as_far_as_its_median():
    seconds = np.array([[10.0, 4.0, 0.0], [20.0, 8.0, 0.0], [30.0, NAN, 5.0], [NAN, NAN, NAN], [5.0, 8.0, 0.0]])

    # Medians: 15, 8, 0.
    assert page_profile(seconds).tolist() == pytest.approx(
        [(10 / 15 + 0.5 + 1) / 3, 1, 1, NAN, (5 / 15 + 1 + 1) / 3], nan_ok=True
    )
    assert np.isnan(page_profile(np.full((2, 1), NAN))).all()


def test_the_lowest_tenth_of_profiles_is_flagged():
    assert profile_flags(np.array([*np.linspace(0.5, 1, 20), NAN])).tolist() == [AMBER] * 2 + [FINE] * 19
    assert profile_flags(np.array([1.0, 1.0])).tolist() == [FINE, FINE]
    assert profile_flags(np.array([NAN])).tolist() == [FINE]


def test_items_faster_than_reading_aloud_mark_the_interview():
    words = np.full(30, 8)
    seconds = np.array([1.99, *[2.0] * 9, 1.9, 1.9, *[3.0] * 8, *[NAN] * 9, 2.5])
    interview = np.repeat([0, 1, 2], 10)

    assert not_read_out(seconds, words, interview, 4).tolist() == [FINE, RED, FINE, FINE]
