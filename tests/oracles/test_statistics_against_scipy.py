"""Our intervals against those of scipy, on many random inputs."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from exports.statistics import Z, mean_interval, wilson

shares = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
samples = st.lists(st.integers(0, 400).map(lambda quarter: quarter / 4), min_size=2, max_size=60)


def test_z_is_scipys():
    assert pytest.approx(float(stats.norm.ppf(0.975)), rel=1e-14) == Z


@given(samples)
def test_t_interval_agrees_with_scipy(sample):
    assume(len(set(sample)) > 1)

    found = mean_interval(np.array(sample))

    expected = stats.t.interval(0.95, len(sample) - 1, loc=np.mean(sample), scale=stats.sem(sample))
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert found.sd == pytest.approx(np.std(sample, ddof=1), rel=1e-12)


@given(shares)
def test_wilson_interval_agrees_with_scipy(count_n):
    count, n = count_n

    found = wilson(count, n)

    expected = stats.binomtest(count, n).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
