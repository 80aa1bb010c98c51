"""Signs of careless answering, for people to look at. They mark, and remove nothing: honest experts can be quick.

Every measure is for all rows at once. Method, section 5.4. Speed is `exports.speed`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exports.dataset import Bool, Dataset, Int8, Int32
from exports.scores import RS10, is_scored_by, own_scores
from instruments import DONT_KNOW, NOT_ANSWERED, NOT_ASSIGNED, NOT_REACHED, REFUSED, ROUTED

Floats: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.integer] | NDArray[np.floating]

FINE, AMBER, RED = 0, 1, 2  # how much a flag says, in every array of flags

RED_PRACTICES = 2  # practices answered in one line
SHORTEST_RUN = 10
LOW_SCORE, HIGH_SCORE = 25, 75
FEW_ANSWERED, VERY_FEW_ANSWERED = 0.30, 0.50  # shares of "don't know" and "prefer not to say"
ITEM_REVIEW = 0.20

_NOT_ASKED: Final = (NOT_ASSIGNED, ROUTED, NOT_REACHED, NOT_ANSWERED)


@dataclass(frozen=True, slots=True, eq=False)
class StraightLining:
    """How alike the answers of each row are. NaN where nothing was answered; qsd needs two answers."""

    mir: Floats  # largest share of one answer, up to 1
    qsd: Floats  # standard deviation, divisor n - 1
    spv: Floats  # 1 - sum of squared shares, 0 when all answers are the same


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationFlags:
    """One entry per evaluation, in the dataset's order."""

    lines: StraightLining
    straight: Bool  # one answer throughout, to favourable and to unfavourable items
    extreme: Bool  # that one answer is the highest or the lowest: it contradicts itself
    contradiction: Bool  # the best verdict with a score below 25, or the worst with one above 75


@dataclass(frozen=True, slots=True, eq=False)
class InterviewFlags:
    """One entry per interview, in the dataset's order; FINE, AMBER or RED where it is a flag."""

    straight: Int8
    direction: Int8
    longest_run: Int32  # of one answer in a row, over all practices
    long_string: Int8
    contradiction: Int8
    unanswered_share: Floats  # "don't know" and "prefer not to say" among the items asked; NaN: none was asked
    unanswered: Int8


def straight_lining(codes: Int8, answered: Bool) -> StraightLining:
    """The three measures for each row. codes, answered: shape (rows, items).

    Source: Kim et al. 2019, doi:10.1177/0894439317752406.
    """
    n = answered.sum(axis=1)
    values = np.where(answered, codes, 0)
    kinds = np.unique(codes[answered]) if answered.any() else np.zeros(1, np.int8)
    counts = np.stack([((codes == kind) & answered).sum(axis=1) for kind in kinds], axis=1)
    shares = _divided(counts, n[:, None])
    mean = _divided(values.sum(axis=1), n)
    squares = np.where(answered, (codes - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return StraightLining(
        mir=shares.max(axis=1), qsd=np.sqrt(_divided(squares, n - 1)), spv=1 - (shares**2).sum(axis=1)
    )


def longest_runs(codes: Int8, answered: Bool, owner: Int32, n_owners: int) -> Int32:
    """The longest run of one answer for each owner of rows; 0 without an answer.

    codes, answered: shape (rows, items), in the order in which they were asked; rows of one owner need not be
    neighbours. owner: of each row, 0 to n_owners - 1. An item without an answer neither ends a run nor lengthens it.
    """
    order = np.argsort(owner, kind="stable")
    told = answered[order]
    said = codes[order][told]
    of = np.broadcast_to(owner[order][:, None], told.shape)[told]
    longest = np.zeros(n_owners, np.int32)
    if len(said):
        first = np.flatnonzero(np.r_[True, (said[1:] != said[:-1]) | (of[1:] != of[:-1])])
        np.maximum.at(longest, of[first], np.diff(np.r_[first, len(said)]).astype(np.int32))
    return longest


def evaluation_flags(dataset: Dataset) -> EvaluationFlags:
    """The flags of each evaluation, each by the items and rules of its own version."""
    size = len(dataset)
    mir, qsd, spv = (np.full(size, np.nan) for _ in range(3))
    straight, extreme, contradiction = (np.zeros(size, np.bool_) for _ in range(3))
    for rows, part in _by_version(dataset):
        codes, answered, _ = _items(part)
        lines = straight_lining(codes, answered)
        mir[rows], qsd[rows], spv[rows] = lines.mir, lines.qsd, lines.spv
        straight[rows] = _one_line(part, codes, answered)
        extreme[rows] = straight[rows] & _at_an_end(part, codes, answered)
        contradiction[rows] = _contradictions(part)
    return EvaluationFlags(StraightLining(mir=mir, qsd=qsd, spv=spv), straight, extreme, contradiction)


def interview_flags(dataset: Dataset) -> InterviewFlags:
    """The flags of each interview, over all its evaluations."""
    found = evaluation_flags(dataset)
    size = len(dataset.interviews)
    n_answered, n_asked, n_unanswered, longest = (np.zeros(size, np.int32) for _ in range(4))
    for rows, part in _by_version(dataset):
        owner = dataset.interview[rows]
        codes, answered, asked = _items(part)
        n_answered += _per_interview(answered.sum(axis=1), owner, size)
        n_asked += _per_interview(asked.sum(axis=1), owner, size)
        n_unanswered += _per_interview(np.isin(codes, (DONT_KNOW, REFUSED)).sum(axis=1), owner, size)
        # An interview keeps one version, so that no run is cut in two here.
        longest = np.maximum(longest, longest_runs(codes, answered, owner, size))
    share = _divided(n_unanswered, n_asked)
    n_straight, n_extreme, n_contradicting = (
        _per_interview(flag, dataset.interview, size) for flag in (found.straight, found.extreme, found.contradiction)
    )
    return InterviewFlags(
        straight=_levels(n_straight >= 1, n_straight >= RED_PRACTICES),
        direction=_levels(n_extreme > 0, red=n_extreme > 0),
        longest_run=longest,
        long_string=_levels((longest >= SHORTEST_RUN) & (2 * longest >= n_answered)),
        contradiction=_levels(n_contradicting > 0),
        unanswered_share=share,
        unanswered=_levels(share > FEW_ANSWERED, share > VERY_FEW_ANSWERED),
    )


def items_to_review(dataset: Dataset) -> dict[str, float]:
    """Items of one version whose wording should be read again, each with its share of non-answers.

    ValueError for a dataset of several versions: take a `part` of it. Source: method 5.4, more than 20 %.
    """
    if dataset.older:
        raise ValueError("the versions of the questionnaire have items of their own")
    codes, _, asked = _items(dataset)
    shares = _divided(np.isin(codes, (DONT_KNOW, REFUSED)).sum(axis=0), asked.sum(axis=0))
    names = dataset.instrument.scoring.scales[RS10].items
    return {name: share for name, share in zip(names, shares.tolist(), strict=True) if share > ITEM_REVIEW}


def _by_version(dataset: Dataset) -> Iterator[tuple[Bool, Dataset]]:
    """For each version its rows, and its evaluations as a dataset of their own."""
    if not dataset.older:
        yield np.ones(len(dataset), np.bool_), dataset
        return
    for number in dataset.layout.versions:
        yield dataset.version == number, dataset.part(number)


def _items(part: Dataset) -> tuple[Int8, Bool, Bool]:
    """The codes of the rated items of one version; which are answers on the scale, and which were asked."""
    scoring = part.instrument.scoring
    items = scoring.scales[RS10].items
    codes = np.stack([part.column(item) for item in items], axis=1)
    lowest, highest = np.array([scoring.ranges[item] for item in items], np.int8).T
    return codes, (codes >= lowest) & (codes <= highest), ~np.isin(codes, _NOT_ASKED)


def _one_line(part: Dataset, codes: Int8, answered: Bool) -> Bool:
    """True where all answers are the same and items of both directions are among them."""
    reversed_ = np.isin(part.instrument.scoring.scales[RS10].items, list(part.instrument.scoring.reversed_items))
    both = (answered & reversed_).any(axis=1) & (answered & ~reversed_).any(axis=1)
    highest = np.where(answered, codes, np.iinfo(np.int8).min).max(axis=1)
    lowest = np.where(answered, codes, np.iinfo(np.int8).max).min(axis=1)
    same: Bool = both & (highest == lowest)
    return same


def _at_an_end(part: Dataset, codes: Int8, answered: Bool) -> Bool:
    """True where every answer is its item's highest, or every answer its item's lowest."""
    ranges = part.instrument.scoring.ranges
    lowest, highest = np.array([ranges[item] for item in part.instrument.scoring.scales[RS10].items], np.int8).T
    at_end: Bool = (~answered | (codes == lowest)).all(axis=1) | (~answered | (codes == highest)).all(axis=1)
    return at_end


def _contradictions(part: Dataset) -> Bool:
    found = own_scores(part)
    points = part.instrument.scoring.verdict_scores.values()
    score = np.where(is_scored_by(part, RS10), found.rs10, found.rs5)
    praised_but_low = (found.verdict_score == max(points)) & (score < LOW_SCORE)
    refused_but_high = (found.verdict_score == min(points)) & (score > HIGH_SCORE)
    contradicts: Bool = praised_but_low | refused_but_high
    return contradicts


def _per_interview(values: NDArray[np.integer] | Bool, owner: Int32, size: int) -> Int32:
    return np.bincount(owner, weights=values, minlength=size).astype(np.int32)


def _levels(amber: Bool, red: Bool | None = None) -> Int8:
    """RED where red holds, else AMBER where amber holds, else FINE."""
    flags = np.where(amber, AMBER, FINE)
    return (flags if red is None else np.where(red, RED, flags)).astype(np.int8)


def _divided(part: Numbers, whole: Numbers) -> Floats:
    """Part / whole, NaN where whole is not above 0."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    found: Floats = np.divide(part, whole, out=np.full(shape, np.nan), where=np.broadcast_to(whole > 0, shape))
    return found
