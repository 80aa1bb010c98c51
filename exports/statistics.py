"""Formulas for many values: means, quartiles, shares and equal weight for groups, on plain 1-D arrays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]

CONFIDENCE = 0.95
UPPER = 0.5 + CONFIDENCE / 2  # 0.975: the quantile that leaves 2.5 % above
Z = float(ndtri(UPPER))  # 1.959964


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its 95 % t interval; limits are raw and may lie outside 0-100."""

    n: int
    mean: float | None  # None: n = 0
    sd: float | None  # with divisor n - 1; None: n < 2
    low: float | None  # None: n < 2, or all values are equal
    high: float | None


@dataclass(frozen=True, slots=True)
class Quartiles:
    """First quartile, median and third quartile."""

    q1: float
    median: float
    q3: float


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `n`, with the 95 % Wilson interval, all from 0 to 1."""

    count: int
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class EqualGroups:
    """A mean in which every stakeholder group has the same weight, whatever its number of people."""

    mean: float
    low: float | None  # None: the values do not vary within any group
    high: float | None
    se: float
    variance: float  # pooled within the groups
    df: int
    n: int
    n_eff: float  # Kish's effective number of values
    deff: float  # n / n_eff
    groups: tuple[tuple[int, ...], ...]  # the groups present; those of one inner tuple were joined


def mean_interval(values: Floats) -> Mean:
    """Mean, standard deviation and 95 % t interval of finite values; see Mean for what is None when.

    The order of the values does not matter, not even in the last digit: the same data from a database and from a
    file give the same numbers.
    Source: Student 1908; method 3.3.
    """
    n = len(values)
    if n == 0:
        return Mean(n=0, mean=None, sd=None, low=None, high=None)
    mean, squares = _mean_and_squares(values)
    if n == 1:
        return Mean(n=1, mean=mean, sd=None, low=None, high=None)
    sd = math.sqrt(squares / (n - 1))
    low, high = _t_interval(mean, sd / math.sqrt(n), n - 1)
    return Mean(n=n, mean=mean, sd=sd, low=low, high=high)


def quartiles(values: Floats) -> Quartiles | None:
    """Quartiles of type 7 of finite values, as numpy and Excel's QUARTILE.INC give them. None if there is no value.

    Source: Hyndman & Fan 1996, doi:10.1080/00031305.1996.10473566.
    """
    if len(values) == 0:
        return None
    ordered: list[float] = np.sort(values).tolist()
    return Quartiles(q1=_quantile(ordered, 0.25), median=_quantile(ordered, 0.5), q3=_quantile(ordered, 0.75))


def wilson(count: int, n: int) -> Share | None:
    """A share with its 95 % Wilson score interval. None if n = 0. ValueError unless 0 <= count <= n.

    Source: Newcombe 1998, method 3, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.
    """
    if not 0 <= count <= n:
        message = f"{count} of {n} is not a share"
        raise ValueError(message)
    if n == 0:
        return None
    centre = (2 * count + Z * Z) / (2 * (n + Z * Z))
    half = Z * math.sqrt(Z * Z + 4 * count * (1 - count / n)) / (2 * (n + Z * Z))
    # Exactly 0 and 1 by algebra; rounding may miss them.
    low = 0.0 if count == 0 else centre - half
    high = 1.0 if count == n else centre + half
    return Share(count=count, n=n, share=count / n, low=low, high=high)


def equal_group_mean(values: Floats, groups: Ints, *, smallest: int = 2) -> EqualGroups | None:
    """Mean in which every group present weighs the same, so that one busy group does not decide the result.

    values: finite, shape (n,). groups: the group of each value, shape (n,).
    Groups with fewer than `smallest` values are joined to one; if that one is still too small, the smallest other
    group joins it (of equally small ones the first). None if fewer than two groups are left.
    The variance is pooled within the groups: cells are too small for one of their own.
    Source: method 3.5; n_eff after Kish 1965.
    """
    present, counts = np.unique(groups, return_counts=True)
    merged = _merged(dict(zip(present.tolist(), counts.tolist(), strict=True)), smallest)
    if len(merged) <= 1:
        return None
    samples = [values[np.isin(groups, members)] for members in merged]
    centres = [_mean_and_squares(sample) for sample in samples]
    mean = math.fsum(centre for centre, _ in centres) / len(merged)
    n, df = len(values), len(values) - len(merged)
    n_eff = len(merged) ** 2 / math.fsum(1 / len(sample) for sample in samples)
    # Without a second value in any group (only if `smallest` is 1) there is nothing to take a variance from.
    variance = math.fsum(squares for _, squares in centres) / df if df else 0.0
    se = math.sqrt(variance / n_eff)
    low, high = _t_interval(mean, se, df)
    return EqualGroups(
        mean=mean, low=low, high=high, se=se, variance=variance, df=df, n=n, n_eff=n_eff, deff=n / n_eff, groups=merged
    )


def _mean_and_squares(values: Floats) -> tuple[float, float]:
    """Mean and sum of squared deviations of at least one value, correctly rounded sums."""
    first = float(values[0])
    # The mean of equal values may miss them by a rounding, and then they would seem to vary.
    if bool((values == first).all()):
        return first, 0.0
    mean = math.fsum(values.tolist()) / len(values)
    return mean, math.fsum(((values - mean) ** 2).tolist())


def _t_interval(mean: float, se: float, df: int) -> tuple[float, float] | tuple[None, None]:
    """Both limits, or neither when se is 0: that values agree does not make their mean certain."""
    if se == 0:
        return None, None
    half = float(stdtrit(df, UPPER)) * se
    return mean - half, mean + half


def _quantile(ordered: Sequence[float], share: float) -> float:
    position = (len(ordered) - 1) * share
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def _merged(counts: dict[int, int], smallest: int) -> tuple[tuple[int, ...], ...]:
    """The groups after joining the small ones, each as its members, by first member."""
    rest = sorted(group for group, n in counts.items() if n < smallest)
    others = sorted((n, group) for group, n in counts.items() if n >= smallest)
    if rest and others and sum(counts[group] for group in rest) < smallest:
        rest = sorted([*rest, others.pop(0)[1]])
    joined = [(group,) for _, group in others]
    return tuple(sorted([tuple(rest), *joined] if rest else joined))
