"""Which practices a respondent judges: those that lack judgements most ("deficit first", method 4.3 and 4.4)."""

import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from instruments import Mode, load
from survey.models import Evaluation, EvaluationState, Interview, InterviewState, Practice, Region, Study
from survey.services.answering import first_codes
from survey.services.chance import SECURE, Chance

# Method 4.3: an open assignment counts for less than a judgement, because some are never finished.
OPEN_WEIGHT = 0.7
GROUP_WEIGHT = 0.5
PAIR_WEIGHT = 0.05
NOISE = 0.01
# Method 4.4: a practice that often stood at a place is drawn there less.
PLACE_WEIGHT = 0.02

_EVALUATIONS: Table = Evaluation.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A practice that may be asked."""

    id: uuid.UUID
    category: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A practice that was chosen, and its cost at that moment; the smaller, the more it was needed."""

    practice_id: uuid.UUID
    category: str
    cost: float


@dataclass(slots=True)
class Load:
    """What has been given out in one region so far. n counts judgements, and 0.7 for each open assignment."""

    n: defaultdict[uuid.UUID, float] = field(default_factory=lambda: defaultdict(float))
    n_in_group: defaultdict[uuid.UUID, float] = field(default_factory=lambda: defaultdict(float))
    pairs: Counter[frozenset[uuid.UUID]] = field(default_factory=Counter)
    places: Counter[tuple[uuid.UUID, int]] = field(default_factory=Counter)


def assign(
    session: Session,
    interview_id: uuid.UUID,
    region_id: uuid.UUID,
    group_key: str | None,
    *,
    attempt: int,
    now: datetime,
    chance: Chance = SECURE,
) -> list[Choice]:
    """Fill an interview up with practices for this region and group; gives those that are new, in order.

    Practices without an answer are given back first, so this also serves a change of region. The choice follows
    from the interview's seed and `attempt`. Fewer than wanted, or none, when the study has no more to ask here.
    """
    interview = _interview(session, interview_id)
    study: Study = interview.Study
    is_phone = interview.mode == Mode.PHONE
    promised = study.practices_per_phone_interview if is_phone else study.practices_per_web_interview
    wanted = promised + interview.extra_practices
    session.execute(delete(Evaluation).where(Evaluation.interview_id == interview_id, Evaluation.revision == 0))
    kept = _kept(session, interview_id)
    free = [position for position in range(1, wanted + 1) if position not in kept][: max(wanted - len(kept), 0)]
    chosen = _fill(session, interview, region_id, group_key, kept, free, attempt=attempt, now=now, chance=chance)
    if interview.extra_practices and len(chosen) < len(free):
        # The other region has less to ask: nobody is promised less for that.
        extra = max(interview.extra_practices - len(free) + len(chosen), 0)
        session.execute(update(Interview).where(Interview.id == interview_id).values(extra_practices=extra))
    return chosen


def assign_more(
    session: Session,
    interview_id: uuid.UUID,
    region_id: uuid.UUID,
    group_key: str | None,
    *,
    count: int,
    attempt: int,
    now: datetime,
    chance: Chance = SECURE,
) -> list[Choice]:
    """As `assign`, but `count` practices behind all that the interview has; nothing is given back."""
    kept = _kept(session, interview_id)
    last = max(kept, default=0)
    behind = range(last + 1, last + count + 1)
    interview = _interview(session, interview_id)
    return _fill(session, interview, region_id, group_key, kept, behind, attempt=attempt, now=now, chance=chance)


def how_many_left(session: Session, interview_id: uuid.UUID, region_id: uuid.UUID) -> int:
    """How many practices could still be asked in a region that an interview has not got."""
    study: Study = _interview(session, interview_id).Study
    return len(set(_candidates(session, study, region_id)) - set(_kept(session, interview_id).values()))


def choose(
    candidates: Sequence[Candidate],
    so_far: Load,
    *,
    count: int,
    already: Sequence[Candidate] = (),
    cell_target: int,
    group_target: int,
    generator: random.Random,
) -> list[Choice]:
    """The `count` practices that are needed most, the neediest first; all of them when there are not more.

    Where there are no more themes than practices to judge, each theme gets one.
    Source: method 4.3, the greedy rule with cost = n/target + 0.5 n(group)/target + 0.05 pairs + U(0, 0.01).
    """
    chosen: list[Choice] = []
    left = list(candidates)
    themes = {candidate.category for candidate in (*candidates, *already)}
    places = count + len(already)
    while left and len(chosen) < count:
        seen = {candidate.category for candidate in already} | {choice.category for choice in chosen}
        missing = themes - seen
        must = len(themes) <= places and len(missing) >= count - len(chosen)
        pool = [c for c in left if c.category in missing] if must and missing else left
        with_practices = [c.id for c in already] + [choice.practice_id for choice in chosen]
        costed = [(_cost(c, so_far, with_practices, cell_target, group_target, generator), c) for c in pool]
        cost, best = min(costed, key=lambda pair: (pair[0], pair[1].id))
        chosen.append(Choice(best.id, best.category, cost))
        left.remove(best)
    return chosen


def in_order(
    chosen: Sequence[Choice], positions: Sequence[int], so_far: Load, *, generator: random.Random
) -> list[Choice]:
    """A random order in which each practice is about equally often at each place (method 4.4)."""
    left, ordered = list(chosen), []
    for position in positions:
        drawn = [
            (generator.random() + PLACE_WEIGHT * so_far.places[choice.practice_id, position], choice) for choice in left
        ]
        first = min(drawn, key=lambda pair: pair[0])[1]
        ordered.append(first)
        left.remove(first)
    return ordered


def is_home(practice_nuts: str, region_nuts: str) -> bool:
    """Whether a practice comes from a region: equal NUTS codes, or the practice's lies within the region's.

    A practice of a larger area, or one without a code, is at home nowhere.
    """
    return bool(region_nuts) and practice_nuts.startswith(region_nuts)


def _cost(
    candidate: Candidate,
    so_far: Load,
    chosen: Iterable[uuid.UUID],
    cell_target: int,
    group_target: int,
    generator: random.Random,
) -> float:
    return (
        so_far.n[candidate.id] / cell_target
        + GROUP_WEIGHT * so_far.n_in_group[candidate.id] / group_target
        + PAIR_WEIGHT * sum(so_far.pairs[frozenset((candidate.id, other))] for other in chosen)
        + generator.uniform(0, NOISE)
    )


def _interview(session: Session, interview_id: uuid.UUID) -> Any:
    return session.execute(
        select(
            Interview.id,
            Interview.seed,
            Interview.mode,
            Interview.variant,
            Interview.instrument_version,
            Interview.extra_practices,
            Study,
        )
        .join(Study, Study.id == Interview.study_id)
        .where(Interview.id == interview_id)
    ).one()


def _fill(
    session: Session,
    interview: Any,
    region_id: uuid.UUID,
    group_key: str | None,
    kept: Mapping[int, Candidate],
    free: Sequence[int],
    *,
    attempt: int,
    now: datetime,
    chance: Chance,
) -> list[Choice]:
    """Choose practices for the free positions and write them down, in order; fewer when there are no more."""
    study: Study = interview.Study
    generator = random.Random(f"{interview.seed}/{attempt}")  # noqa: S311 (repeatable on purpose, protects nothing)
    load_so_far = _load(session, study.id, region_id, group_key)
    chosen = choose(
        [each for each in _candidates(session, study, region_id) if each not in kept.values()],
        load_so_far,
        count=len(free),
        already=list(kept.values()),
        cell_target=study.cell_target,
        group_target=study.group_target,
        generator=generator,
    )
    places = free[: len(chosen)]
    # On the phone the neediest go first, because those who stop early cost the last ones.
    is_phone = interview.mode == Mode.PHONE
    ordered = chosen if is_phone else in_order(chosen, places, load_so_far, generator=generator)
    instrument = load(study.instrument_key, interview.instrument_version)
    first_row = instrument.pack(first_codes(instrument, interview.variant))
    given = zip(places, ordered, strict=True)
    _give_out(session, interview.id, region_id, given, first_row, now=now, chance=chance)
    return ordered


def _kept(session: Session, interview_id: uuid.UUID) -> dict[int, Candidate]:
    """The practices that an interview has already, by position."""
    rows = session.execute(
        select(Evaluation.position, Evaluation.practice_id, Practice.category)
        .join(Practice, Practice.id == Evaluation.practice_id)
        .where(Evaluation.interview_id == interview_id)
        .order_by(Evaluation.position)
    )
    return {row.position: Candidate(row.practice_id, row.category) for row in rows}


def _give_out(
    session: Session,
    interview_id: uuid.UUID,
    region_id: uuid.UUID,
    choices: Iterable[tuple[int, Choice]],
    first_row: bytes,
    *,
    now: datetime,
    chance: Chance,
) -> None:
    rows = [
        {
            "id": chance.new_id(),
            "interview_id": interview_id,
            "practice_id": choice.practice_id,
            "region_id": region_id,
            "position": position,
            "state": EvaluationState.ASSIGNED,
            "codes": first_row,
            "texts": {},
            "revision": 0,
            "assigned_at": now,
            "assigned_cost": choice.cost,
        }
        for position, choice in choices
    ]
    if rows:
        session.execute(_EVALUATIONS.insert(), rows)


def _candidates(session: Session, study: Study, region_id: uuid.UUID) -> list[Candidate]:
    nuts = session.execute(select(Region.nuts).where(Region.id == region_id)).scalar_one()
    rows = session.execute(
        select(Practice.id, Practice.category, Practice.nuts)
        .where(Practice.study_id == study.id, Practice.active)
        .order_by(Practice.position, Practice.id)
    )
    return [Candidate(row.id, row.category) for row in rows if study.home_regions_asked or not is_home(row.nuts, nuts)]


def _load(session: Session, study_id: uuid.UUID, region_id: uuid.UUID, group_key: str | None) -> Load:
    """Counted by the database: what comes back does not grow with the interviews, only with the practices."""
    given = (
        select(
            Evaluation.interview_id,
            Evaluation.practice_id,
            Evaluation.position,
            (Evaluation.state == EvaluationState.COMPLETE).label("is_judged"),
            Interview.group_key.is_not_distinct_from(group_key).label("is_of_group"),
        )
        .join(Interview, Interview.id == Evaluation.interview_id)
        .where(
            Interview.study_id == study_id,
            Evaluation.region_id == region_id,
            # What somebody left behind who has handed in will never be a judgement.
            or_(
                Interview.state == InterviewState.STARTED,
                and_(Interview.state == InterviewState.SUBMITTED, Evaluation.state == EvaluationState.COMPLETE),
            ),
        )
        .cte("given")
    )
    so_far = Load()
    alike = (given.c.practice_id, given.c.position, given.c.is_judged, given.c.is_of_group)
    for row in session.execute(select(*alike, func.count().label("times")).group_by(*alike).order_by(*alike)):
        weight = row.times * (1 if row.is_judged else OPEN_WEIGHT)
        so_far.n[row.practice_id] += weight
        if row.is_of_group:
            so_far.n_in_group[row.practice_id] += weight
        so_far.places[row.practice_id, row.position] += row.times
    other = given.alias("other")
    # Each pair once, whichever of the two was asked first.
    together = and_(other.c.interview_id == given.c.interview_id, other.c.practice_id > given.c.practice_id)
    pair = (given.c.practice_id, other.c.practice_id.label("other_id"))
    for row in session.execute(
        select(*pair, func.count().label("times")).join_from(given, other, together).group_by(*pair)
    ):
        so_far.pairs[frozenset((row.practice_id, row.other_id))] = row.times
    return so_far
