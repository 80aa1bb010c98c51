"""Our intervals against those of statsmodels, on many random inputs; skipped where it is not installed."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exports.statistics import equal_group_mean, mean_interval, wilson

# Imported before the first test: it takes longer than hypothesis lets one example take.
api = pytest.importorskip("statsmodels.api")
proportion = pytest.importorskip("statsmodels.stats.proportion")
weightstats = pytest.importorskip("statsmodels.stats.weightstats")

shares = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
samples = st.lists(st.integers(0, 400).map(lambda quarter: quarter / 4), min_size=2, max_size=60)


@given(shares)
def test_wilson_interval_agrees_with_statsmodels(count_n):
    count, n = count_n

    found = wilson(count, n)

    expected = proportion.proportion_confint(count, n, alpha=0.05, method="wilson")
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-12)


@given(samples)
def test_t_interval_agrees_with_statsmodels(sample):
    assume(len(set(sample)) > 1)

    found = mean_interval(np.array(sample))

    expected = weightstats.DescrStatsW(sample).tconfint_mean(alpha=0.05)
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.lists(samples.filter(lambda sample: len(set(sample)) > 1), min_size=2, max_size=5))
def test_equal_group_mean_agrees_with_a_contrast_of_statsmodels(parts):
    values = np.concatenate(parts)
    groups = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])

    found = equal_group_mean(values, groups)

    # One mean per group with a common variance is a regression on indicators; equal weights are a contrast.
    fit = api.OLS(values, np.eye(len(parts))[groups]).fit()
    contrast = fit.t_test(np.full(len(parts), 1 / len(parts)))
    assert found.mean == pytest.approx(float(contrast.effect[0]), rel=1e-9, abs=1e-9)
    assert found.se == pytest.approx(float(np.squeeze(contrast.sd)), rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(np.squeeze(contrast.conf_int())), rel=1e-8, abs=1e-8)
