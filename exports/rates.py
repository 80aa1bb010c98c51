"""Outcome rates of a sample by the formulas of AAPOR: response, cooperation, refusal, contact, location.

AAPOR Standard Definitions, 10th edition (2023); method, section 5.2. Counts may be weighted.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from exports.dispositions import Symbol

G = TypeVar("G", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates from 0 to 1; None where there is nothing to divide by.

    e: the share of the cases of unknown eligibility that is taken to be eligible.
    """

    e: float | None
    rr1: float | None
    rr2: float | None
    rr3: float | None
    rr4: float | None
    rr5: float | None
    rr6: float | None
    coop1: float | None
    coop2: float | None
    coop3: float | None
    coop4: float | None
    ref1: float | None
    ref2: float | None
    ref3: float | None
    con1: float | None
    con2: float | None
    con3: float | None
    loc1: float | None
    loc2: float | None


def tally(symbols: Iterable[str], weights: Iterable[float] | None = None) -> dict[str, float]:
    """How many cases, or how much weight, each symbol has; those that do not occur are left out.

    ValueError for an unknown symbol, a weight that is negative or not finite, and lists of different length.
    """
    found: defaultdict[str, list[float]] = defaultdict(list)
    cases = list(symbols)
    for symbol, weight in zip(cases, [1.0] * len(cases) if weights is None else weights, strict=True):
        found[Symbol(symbol)].append(_checked(weight))
    return {symbol: math.fsum(parts) for symbol, parts in found.items()}


def rates(counts: Mapping[str, float], *, e: float | None = None) -> Rates:
    """All rates of one sample.

    counts: by symbol; one that is missing counts 0. e: from 0 to 1; None estimates it by E / (E + NE), the share of
    the cases of known eligibility that are eligible; without any of these it is None, and so are the rates with it.
    ValueError for an unknown symbol, a count that is negative or not finite, and an e outside 0 to 1.
    """
    n = dict.fromkeys(Symbol, 0.0) | {Symbol(symbol): _checked(count) for symbol, count in counts.items()}
    if e is not None and not 0 <= e <= 1:
        raise ValueError(f"e is {e}; it must be from 0 to 1")
    i, p, r = n[Symbol.COMPLETE], n[Symbol.PARTIAL], n[Symbol.REFUSAL]
    other, non_contact = n[Symbol.OTHER], n[Symbol.NON_CONTACT]
    interviews = i + p
    contacted = interviews + r + other
    eligible = contacted + non_contact
    unknown = n[Symbol.UNKNOWN_HOUSEHOLD] + n[Symbol.UNKNOWN_RESPONDENT] + n[Symbol.UNKNOWN_OTHER]
    used = _share(eligible, eligible + n[Symbol.NOT_ELIGIBLE]) if e is None else e
    everybody = eligible + unknown
    estimated = None if used is None else eligible + used * unknown
    return Rates(
        e=used,
        rr1=_share(i, everybody),
        rr2=_share(interviews, everybody),
        rr3=_share(i, estimated),
        rr4=_share(interviews, estimated),
        rr5=_share(i, eligible),
        rr6=_share(interviews, eligible),
        coop1=_share(i, contacted),
        coop2=_share(interviews, contacted),
        coop3=_share(i, interviews + r),
        coop4=_share(interviews, interviews + r),
        ref1=_share(r, everybody),
        ref2=_share(r, estimated),
        ref3=_share(r, eligible),
        con1=_share(contacted, everybody),
        con2=_share(contacted, estimated),
        con3=_share(contacted, eligible),
        loc1=_share(eligible, everybody),
        loc2=_share(eligible, estimated),
    )


def rates_by_group(
    symbols: Sequence[str], groups: Sequence[G], *, weights: Sequence[float] | None = None, e: float | None = None
) -> dict[G, Rates]:
    """The rates of each group that occurs, in the order of first occurrence.

    symbols, groups, weights: one per case; a group may be a pair such as (region, stakeholder group).
    e: one value for all groups. None estimates it in each group from its own cases; where groups are small, hand in
    the `e` of the whole sample. ValueError as in `rates` and for lists of different length.
    """
    members: defaultdict[G, list[tuple[str, float]]] = defaultdict(list)
    for symbol, group, weight in zip(
        symbols, groups, [1.0] * len(symbols) if weights is None else weights, strict=True
    ):
        members[group].append((symbol, weight))
    return {
        group: rates(tally((symbol for symbol, _ in cases), (weight for _, weight in cases)), e=e)
        for group, cases in members.items()
    }


def _checked(count: float) -> float:
    if not 0 <= count < math.inf:
        raise ValueError(f"a count or weight is {count}; it must be 0 or more")
    return float(count)


def _share(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None
