"""Scores of every evaluation at once, from the matrix of codes; equal to instruments.scoring to the last bit."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exports.dataset import Bool, Dataset, Int8
from exports.versions import Version
from instruments import (
    DONT_KNOW,
    NOT_APPLICABLE,
    NOT_ASSIGNED,
    ROUTED,
    is_replicable,
    item_score,
    verdict_score,
)

RS10, RS5 = "RS10", "RS5"
NOT_APPLIED = (NOT_APPLICABLE, NOT_ASSIGNED, ROUTED)  # an item with one of these is not in the denominator

Floats: TypeAlias = NDArray[np.float64]

# What each figure of an evaluation rests on: a scale, the verdict, or the questions that can stop a practice.
VERDICT, STOP_FLAGS = "verdict", "stop_flags"
RESTS_ON: Final = {
    "rs10": RS10,
    "rs5": RS5,
    "verdict": VERDICT,
    "verdict_score": VERDICT,
    "strict": VERDICT,
    "broad": VERDICT,
    "blocker": STOP_FLAGS,
    "blocker_known": STOP_FLAGS,
    "dk": VERDICT,
    "exist_here": VERDICT,
    "short": RS5,
}
FLAGS = ("blocker", "blocker_known", "dk", "exist_here", "short")  # fields of Scores that are true or false


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One entry per evaluation; NaN stands for "has none", or for none that counts with the newest version."""

    rs10: Floats  # 0-100; NaN as well for evaluations of a variant that is not scored by RS10
    rs5: Floats  # 0-100
    verdict: Int8  # the code as given
    verdict_score: Floats  # 100, 66.7, 33.3, 0 for verdicts 1-4
    strict: Floats  # 1 for verdicts 1 and 2, 0 for 3 and 4
    broad: Floats  # 1 for verdicts 1 to 3, 0 for 4
    blocker: Bool  # cost or rules "would stop the practice"
    blocker_known: Bool  # at least one of the two was answered: the denominator of the blocker share
    dk: Bool  # verdict "I don't know"
    exist_here: Bool  # verdict "it already exists here"
    short: Bool  # no RS10 counts for it, but an RS5 may: a cell that holds it rests on RS5


def scores(dataset: Dataset) -> Scores:
    """Score every evaluation of the dataset, each by the rules of its own version.

    What does not count together with the newest version is left out: NaN, or False. `own_scores` of its part has it.
    """
    if not dataset.older:
        return own_scores(dataset)
    size = len(dataset)
    found: dict[str, NDArray[Any]] = {
        name: np.zeros(size, np.bool_) if name in FLAGS else np.full(size, np.nan) for name in RESTS_ON
    }
    found["verdict"] = np.full(size, NOT_ASSIGNED, np.int8)
    for version in dataset.layout.versions.values():
        rows = dataset.version == version.number
        own = own_scores(dataset.part(version.number))
        for name, values in found.items():
            if counts(version, name):
                values[rows] = getattr(own, name)
        if RS10 not in version.common.scales:
            found["short"][rows] = counts(version, "short")
    return Scores(**found)


def counts(version: Version, name: str) -> bool:
    """Whether a figure of this version (a field of Scores) counts together with the newest version's."""
    basis = RESTS_ON[name]
    if basis == STOP_FLAGS:
        return version.common.stop_flags
    if basis == VERDICT:
        return version.instrument.scoring.verdict in version.common.questions
    return basis in version.common.scales


def own_scores(dataset: Dataset) -> Scores:
    """Score every evaluation of a dataset of one version, with the weights of its instrument."""
    instrument = dataset.instrument
    verdict = dataset.column("VERDICT")
    blocker, blocker_known = _blocked(dataset)
    is_long = is_scored_by(dataset, RS10)
    return Scores(
        rs10=np.where(is_long, rating_scores(dataset, RS10), np.nan),
        rs5=rating_scores(dataset, RS5),
        verdict=verdict,
        verdict_score=_looked_up(verdict, lambda code: verdict_score(instrument, code)),
        strict=_looked_up(verdict, lambda code: is_replicable(instrument, code, "strict")),
        broad=_looked_up(verdict, lambda code: is_replicable(instrument, code, "broad")),
        blocker=blocker,
        blocker_known=blocker_known,
        dk=verdict == DONT_KNOW,
        exist_here=verdict == instrument.scoring.already_here,
        short=~is_long,
    )


def rating_scores(dataset: Dataset, scale_key: str, *, weights: Mapping[str, float] | None = None) -> Floats:
    """The score of one scale for every evaluation of one version, 0-100, NaN where too few items were answered.

    weights: by item code; the instrument's own if None; an item that is not named weighs 1.
    ValueError for a weight that is not positive and for a dataset of several versions, whose rules may differ:
    take a `part` of it. KeyError for an unknown scale.
    Source: method 3.2. The sums run over the items in their order, as in instruments.scoring, so that both agree to
    the last bit.
    """
    if dataset.older:
        raise ValueError("the versions of the questionnaire are scored one by one")
    scoring = dataset.instrument.scoring
    scale = scoring.scales[scale_key]
    used = scoring.weights if weights is None else weights
    for item, weight in used.items():
        if not 0 < weight < math.inf:
            raise ValueError(f"the weight of {item} is {weight}; it must be more than 0")
    size = len(dataset)
    answered = np.zeros(size, np.int32)
    total, weight_answered, weight_applicable = np.zeros(size), np.zeros(size), np.zeros(size)
    for item in scale.items:
        codes = dataset.column(item)
        points = _looked_up(codes, partial(item_score, scoring, item))
        is_answered = ~np.isnan(points)
        weight = used.get(item, 1.0)
        answered += is_answered
        # Where an item was not answered 0.0 is added, which changes no sum.
        total += np.where(is_answered, weight * points, 0.0)
        weight_answered += np.where(is_answered, weight, 0.0)
        weight_applicable += np.where(np.isin(codes, NOT_APPLIED), 0.0, weight)
    valid = (answered >= scale.minimum_answered) & (weight_answered >= 0.5 * weight_applicable)
    found: Floats = np.divide(total, weight_answered, out=np.full(size, np.nan), where=valid)
    return found


def _blocked(dataset: Dataset) -> tuple[Bool, Bool]:
    """Whether a stop flag was raised, and whether the evaluation could have raised one."""
    scoring = dataset.instrument.scoring
    blocked, known = np.zeros(len(dataset), np.bool_), np.zeros(len(dataset), np.bool_)
    for item, stop in scoring.stop_flags.items():
        codes = dataset.column(item)
        blocked |= codes == stop
        known |= ~np.isnan(_looked_up(codes, partial(item_score, scoring, item)))
    return blocked, known


def is_scored_by(dataset: Dataset, scale_key: str) -> Bool:
    """True where the evaluation's variant is scored by that scale.

    Five answers of the short variant would pass for a valid RS10, yet they are an RS5 and must not be mixed with
    the scores of ten items.
    """
    variant = dataset.instrument.scoring.scales[scale_key].variant
    scored: Bool = dataset.variant == list(dataset.instrument.variants).index(variant)
    return scored


def _looked_up(codes: Int8, value: Callable[[int], float | None]) -> Floats:
    """`value` of each code, NaN for None, asked once for each of the codes that occur."""
    table = np.full(256, np.nan)
    for code in np.unique(codes).tolist():
        found = value(code)
        table[code] = np.nan if found is None else float(found)  # code -3 is entry 253, as in the view below
    return table[codes.view(np.uint8)]
