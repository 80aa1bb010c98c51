"""What the answers of one evaluation are worth: rating scores, stop flags, the verdict.

Method, sections 2.5 and 3.1-3.2. Scores run from 0 to 100. "Don't know" is missing, never the middle; "not
applicable" makes the denominator smaller, "don't know" does not. Nothing is imputed.

Sums are taken in the order of the items with plain additions, because `exports` computes the same scores for
whole columns of codes and both must agree to the last bit (the built-in sum() compensates since Python 3.12).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Literal

from instruments.codes import NOT_ANSWERED, NOT_APPLICABLE, SKIPPED
from instruments.model import Instrument, Scoring

_NEVER_ASKED_FOR = SKIPPED | {NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class Score:
    """A rating score with what it rests on. value: 0-100, None when too little was answered."""

    value: float | None
    answered: int
    applicable: int


def item_score(scoring: Scoring, item: str, code: int) -> float | None:
    """0-100, 100 = best for the practice; None for a code that is no answer. KeyError for an unknown item.

    Obstacles are reversed. Method, section 3.1.
    """
    lowest, highest = scoring.ranges[item]
    if not lowest <= code <= highest:
        return None
    value = (code - lowest) / (highest - lowest) * 100
    return 100 - value if item in scoring.reversed_items else value


def score(
    instrument: Instrument, scale_key: str, codes: Mapping[str, int], *, weights: Mapping[str, float] | None = None
) -> Score:
    """The rating score of one evaluation on one scale. Method, section 3.2.

    Valid when at least the scale's minimum of items, and half of the applicable weight, were answered.
    weights: in place of the instrument's own; an item that is not named weighs 1. ValueError when a weight is
    not a positive number. KeyError for an unknown scale.
    """
    scoring = instrument.scoring
    scale = scoring.scales[scale_key]
    own = _checked(scoring.weights if weights is None else weights)
    answered = applicable = 0
    total = weight_answered = weight_applicable = 0.0
    for item in scale.items:
        code = codes.get(item, NOT_ANSWERED)
        if code in _NEVER_ASKED_FOR:
            continue
        weight = own.get(item, 1.0)
        applicable += 1
        weight_applicable += weight
        value = item_score(scoring, item, code)
        if value is not None:
            answered += 1
            weight_answered += weight
            total += weight * value
    is_valid = answered >= scale.minimum_answered and weight_answered >= 0.5 * weight_applicable
    return Score(total / weight_answered if is_valid else None, answered, applicable)


def _checked(weights: Mapping[str, float]) -> Mapping[str, float]:
    for item, weight in weights.items():
        if not 0 < weight < inf:
            message = f"the weight of {item} is {weight}; it must be more than 0"
            raise ValueError(message)
    return weights


def is_blocked(instrument: Instrument, codes: Mapping[str, int]) -> bool:
    """Whether one obstacle alone would stop the practice. Never merged into the score."""
    return any(codes.get(item) == code for item, code in instrument.scoring.stop_flags.items())


def verdict_score(instrument: Instrument, code: int) -> float | None:
    """0-100 for a verdict that takes a stand; None for "already here" and for missing codes."""
    return instrument.scoring.verdict_scores.get(code)


def is_replicable(instrument: Instrument, code: int, reading: Literal["strict", "broad"]) -> bool | None:
    """Whether this verdict says yes. strict: as it is or with small changes; broad: with large ones too.

    None for a verdict that takes no stand. ValueError for another reading.
    """
    if reading not in {"strict", "broad"}:
        message = f"a verdict is read strict or broad, not {reading}"
        raise ValueError(message)
    if code not in instrument.scoring.verdict_scores:
        return None
    return code in (instrument.scoring.strict if reading == "strict" else instrument.scoring.broad)


@lru_cache(maxsize=64)
def scale_of(instrument: Instrument, variant: str) -> str:
    """The scale whose score is published for this variant. KeyError when there is no such variant."""
    for scale in instrument.scoring.scales.values():
        if scale.variant == variant:
            return scale.key
    raise KeyError(variant)
