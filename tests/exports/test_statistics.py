"""The formulas against published numbers first, then against their own promises."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.statistics import (
    EqualGroups,
    Mean,
    Quartiles,
    equal_group_mean,
    mean_interval,
    quartiles,
    wilson,
)

SLEEP_DIFFERENCES = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
SLEEP_GROUP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

TV_A = [35, 43, 36, 39, 28, 28, 29, 25, 38, 27, 26, 32, 29, 40, 35, 41, 37, 31, 45, 34]
TV_B = [27, 15, 4, 41, 49, 25, 10, 30]
TV_C = [8, 14, 12, 15, 30, 32, 21, 20, 34, 7, 11, 24]

BUS, RES, GOV, FIN = 0, 1, 2, 3
GOLDEN = [60, 72.5, 55, 80, 47.5, 40, 52.5, 35, 67.5]
GOLDEN_GROUPS = [BUS] * 5 + [RES] * 3 + [GOV]

scores = st.lists(st.floats(0, 100), min_size=2, max_size=40)


def values(numbers):
    return np.array(numbers, np.float64)


def groups(numbers):
    return np.array(numbers, np.int32)


# Means


def test_sleep_differences_have_the_published_mean_and_interval():
    found = mean_interval(values(SLEEP_DIFFERENCES))

    assert found.n == 10
    assert found.mean == pytest.approx(1.58, abs=1e-12)
    assert found.sd == pytest.approx(1.229995, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)


def test_sleep_differences_have_the_published_t_statistic():
    found = mean_interval(values(SLEEP_DIFFERENCES))

    assert found.mean / (found.sd / math.sqrt(found.n)) == pytest.approx(4.0621, abs=5e-5)


def test_second_sleep_group_has_the_known_mean_and_interval():
    found = mean_interval(values(SLEEP_GROUP_2))

    assert found.mean == pytest.approx(2.33, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((0.8976775, 3.7623225), abs=5e-8)


def test_golden_cell_has_the_known_mean_and_interval():
    found = mean_interval(values(GOLDEN))

    assert found.n == 9
    assert found.mean == pytest.approx(56.666667, abs=5e-7)
    assert found.sd == pytest.approx(14.895469, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((45.216996, 68.116338), abs=5e-7)


@pytest.mark.parametrize(("n", "half"), [(3, 62), (5, 31), (8, 21), (10, 18), (15, 14), (20, 12), (30, 9)])
def test_half_width_for_a_standard_deviation_of_25_is_as_leads_are_told(n, half):
    sample = np.linspace(-1, 1, n)
    sample *= 25 / np.std(sample, ddof=1)

    found = mean_interval(sample)

    assert round((found.high - found.low) / 2) == half


@pytest.mark.parametrize(
    ("tv", "mean", "variance"), [(TV_A, 33.9, 35.358), (TV_B, 25.125, 232.411), (TV_C, 19.0, 87.636)]
)
def test_television_hours_have_the_published_means_and_variances(tv, mean, variance):
    found = mean_interval(values(tv))

    assert found.mean == pytest.approx(mean, abs=1e-12)
    assert found.sd**2 == pytest.approx(variance, abs=5e-4)


def test_television_hours_have_the_published_stratified_mean():
    strata = ((155, TV_A), (62, TV_B), (93, TV_C))

    mean = sum(size * mean_interval(values(tv)).mean for size, tv in strata) / 310

    assert mean == pytest.approx(27.675, abs=1e-9)


def test_no_value_has_no_mean():
    assert mean_interval(values([])) == Mean(n=0, mean=None, sd=None, low=None, high=None)


def test_one_value_has_a_mean_and_no_interval():
    assert mean_interval(values([40])) == Mean(n=1, mean=40.0, sd=None, low=None, high=None)


def test_equal_values_have_no_interval():
    third = 100 / 3

    assert mean_interval(values([third] * 3)) == Mean(n=3, mean=third, sd=0.0, low=None, high=None)


def test_equal_values_whose_plain_mean_misses_them_still_have_no_interval():
    score = 175 / 3  # three items answered; the sum of eleven of these, divided by eleven, is another number
    assert math.fsum([score] * 11) / 11 != score

    assert mean_interval(values([score] * 11)) == Mean(n=11, mean=score, sd=0.0, low=None, high=None)


def test_limits_are_raw():
    found = mean_interval(values([0, 100]))

    assert found.low < 0
    assert found.high > 100


@given(scores, st.randoms(use_true_random=False))
def test_mean_and_interval_do_not_depend_on_the_order(numbers, random):
    shuffled = list(numbers)
    random.shuffle(shuffled)

    assert mean_interval(values(shuffled)) == mean_interval(values(numbers))


@given(scores)
def test_mean_lies_between_the_values_and_inside_its_interval(numbers):
    found = mean_interval(values(numbers))

    assert min(numbers) <= found.mean <= max(numbers)
    if found.low is not None:
        assert found.low <= found.mean <= found.high


# Quartiles


def test_golden_cell_has_the_known_quartiles():
    assert quartiles(values(GOLDEN)) == Quartiles(q1=47.5, median=55.0, q3=67.5)


def test_quartiles_of_the_consensus_example_are_type_7():
    found = quartiles(values([2, 3, 3, 4, 4, 4, 5, 5]))

    assert (found.q1, found.q3) == (3.0, 4.25)


def test_no_value_has_no_quartiles():
    assert quartiles(values([])) is None


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([7], Quartiles(7, 7, 7)),
        ([0, 100], Quartiles(25, 50, 75)),
        ([100, 0, 10], Quartiles(5, 10, 55)),
        ([4, 1, 3, 2], Quartiles(1.75, 2.5, 3.25)),
    ],
)
def test_quartiles_of_few_values(numbers, expected):
    assert quartiles(values(numbers)) == expected


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_quartiles_agree_with_numpy(numbers):
    found = quartiles(values(numbers))

    expected = np.quantile(values(numbers), [0.25, 0.5, 0.75])
    assert [found.q1, found.median, found.q3] == pytest.approx(expected.tolist(), rel=1e-12, abs=1e-12)


# Shares


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (3, 5, 0.2307, 0.8824),
        (5, 5, 0.5655, 1.0),
        (0, 5, 0.0, 0.4345),
    ],
)
def test_wilson_interval_has_the_published_limits(count, n, low, high):
    found = wilson(count, n)

    assert (found.low, found.high) == pytest.approx((low, high), abs=5.1e-5)
    assert (found.count, found.n, found.share) == (count, n, count / n)


@pytest.mark.parametrize(
    ("count", "share", "low", "high"), [(5, 0.625, 0.305742, 0.863156), (7, 0.875, 0.529112, 0.977583)]
)
def test_golden_cell_has_the_known_shares(count, share, low, high):
    found = wilson(count, 8)

    assert found.share == share
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-7)


@pytest.mark.parametrize(("n", "low", "high"), [(5, 0.17, 0.83), (10, 0.24, 0.76), (20, 0.30, 0.70)])
def test_wilson_interval_around_one_half_is_as_leads_are_told(n, low, high):
    # Half of five people cannot be counted, so the limits of both neighbours are averaged.
    below, above = wilson(n // 2, n), wilson(-(-n // 2), n)

    assert ((below.low + above.low) / 2, (below.high + above.high) / 2) == pytest.approx((low, high), abs=0.006)


def test_nobody_has_no_share():
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_what_is_no_share_is_refused(count, n):
    with pytest.raises(ValueError, match=f"{count} of {n} is not a share"):
        wilson(count, n)


@given(st.integers(1, 10_000))
def test_limits_of_none_and_all_are_exactly_0_and_1(n):
    assert wilson(0, n).low == 0.0
    assert wilson(n, n).high == 1.0


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_the_share_and_mirrors(count_n):
    count, n = count_n

    found, mirrored = wilson(count, n), wilson(n - count, n)

    assert 0 <= found.low <= found.share <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


# Equal weight for groups


def test_golden_cell_without_merging_has_the_known_equal_group_mean():
    found = equal_group_mean(values(GOLDEN), groups(GOLDEN_GROUPS), smallest=1)

    assert found.mean == pytest.approx(57.666667, abs=5e-7)
    assert found.variance == pytest.approx(142.5, abs=1e-9)
    assert found.se == pytest.approx(4.927248, abs=5e-7)
    assert found.df == 6
    # The method prints 69.223209, but the limits lie equally far from the mean only with a 7 in place of its 2.
    assert (found.low, found.high) == pytest.approx((45.610124, 69.723209), abs=5e-7)
    assert found.n_eff == pytest.approx(5.869565, abs=5e-7)
    assert found.deff == pytest.approx(1.533333, abs=5e-7)
    assert found.n == 9
    assert found.groups == ((BUS,), (RES,), (GOV,))


def test_golden_cell_has_the_known_equal_group_mean():
    found = equal_group_mean(values(GOLDEN), groups(GOLDEN_GROUPS))

    assert found.mean == 55.875
    assert found.variance == pytest.approx(189.107143, abs=5e-7)
    assert found.se == pytest.approx(4.612435, abs=5e-7)
    assert found.df == 7
    assert (found.low, found.high) == pytest.approx((44.968325, 66.781675), abs=5e-7)
    assert found.n_eff == pytest.approx(8.888889, abs=5e-7)
    assert found.deff == pytest.approx(1.0125, abs=1e-12)
    assert found.n == 9
    assert found.groups == ((BUS,), (RES, GOV))


def test_television_hours_with_equal_weights_have_the_known_pooled_interval():
    found = equal_group_mean(values(TV_A + TV_B + TV_C), groups([0] * 20 + [1] * 8 + [2] * 12))

    assert found.mean == pytest.approx(26.008333, abs=5e-7)
    assert found.variance == pytest.approx(88.180405, abs=5e-7)
    assert found.se == pytest.approx(1.590944, abs=5e-7)
    assert found.df == 37
    assert (found.low, found.high) == pytest.approx((22.7848, 29.2319), abs=5e-5)


@pytest.mark.parametrize("members", [[], [BUS], [BUS] * 5, [BUS, RES], [BUS, RES, GOV], [BUS] * 4 + [RES]])
def test_fewer_than_two_groups_have_no_equal_group_mean(members):
    assert equal_group_mean(values(range(len(members))), groups(members)) is None


def test_small_groups_are_joined_and_stay_apart_from_large_ones():
    found = equal_group_mean(values([10, 20, 50, 70, 60, 80]), groups([BUS, RES, GOV, GOV, FIN, FIN]))

    assert found.groups == ((BUS, RES), (GOV,), (FIN,))
    assert found.mean == pytest.approx((15 + 60 + 70) / 3, abs=1e-12)


def test_a_single_small_person_joins_the_smallest_group_and_of_equal_ones_the_first():
    members = [BUS] * 3 + [RES] * 2 + [GOV] * 2 + [FIN]

    assert equal_group_mean(values(range(8)), groups(members)).groups == ((BUS,), (RES, FIN), (GOV,))


def test_joined_groups_that_are_large_enough_take_nobody_in():
    members = [BUS] * 5 + [RES] * 3 + [GOV] * 3

    assert equal_group_mean(values(range(11)), groups(members), smallest=5).groups == ((BUS,), (RES, GOV))


def test_joined_groups_that_are_still_too_small_take_the_smallest_other_one():
    members = [BUS] * 6 + [FIN] * 5 + [RES] * 2 + [GOV] * 2

    assert equal_group_mean(values(range(15)), groups(members), smallest=5).groups == ((BUS,), (RES, GOV, FIN))


def test_values_that_agree_within_groups_have_no_interval():
    found = equal_group_mean(values([10, 10, 30, 30]), groups([BUS, BUS, RES, RES]))

    assert found == EqualGroups(
        mean=20.0, low=None, high=None, se=0.0, variance=0.0, df=2, n=4, n_eff=4.0, deff=1.0, groups=((BUS,), (RES,))
    )


def test_one_person_in_each_group_leaves_nothing_to_take_a_variance_from():
    found = equal_group_mean(values([10, 30]), groups([BUS, RES]), smallest=1)

    assert (found.mean, found.df, found.variance, found.low, found.high) == (20.0, 0, 0.0, None, None)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 6)), max_size=30), st.integers(1, 5))
def test_every_group_is_in_exactly_one_large_enough_part(rows, smallest):
    members = [group for _, group in rows]

    found = equal_group_mean(values([value for value, _ in rows]), groups(members), smallest=smallest)

    if found is not None:
        assert sorted(group for part in found.groups for group in part) == sorted(set(members))
        assert all(sum(members.count(group) for group in part) >= smallest for part in found.groups)
        assert len(found.groups) >= 2
        assert found.deff >= 1 - 1e-12


@given(st.lists(st.floats(0, 100), min_size=2, max_size=10), st.lists(st.floats(0, 100), min_size=2, max_size=10))
def test_groups_of_equal_size_have_the_plain_mean(first, second):
    size = min(len(first), len(second))
    numbers = values(first[:size] + second[:size])

    found = equal_group_mean(numbers, groups([BUS] * size + [RES] * size))

    assert found.mean == pytest.approx(float(numbers.mean()), abs=1e-9)
    assert found.n_eff == pytest.approx(2 * size)
