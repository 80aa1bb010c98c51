"""Datasets for tests: plain functions that make real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from exports import Dataset, Group, Interview, Practice, Region, Study
from instruments import NOT_ANSWERED, NOT_ASSIGNED, Instrument, Mode, load, settle

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ITEMS = ("NEED", "FIT", "EFF", "ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL")
SHORT_ITEMS = ("NEED", "FIT", "LEAD", "SKILL", "COST")
GROUPS = ("BUS", "RES", "GOV", "FIN", "INT", "CIV", "OTH")

# Practices: the first comes from the first region and is not asked there.
PRACTICES = ("voucher", "seed-fund", "incubator")
REGIONS = ("north", "south")


@lru_cache
def instrument() -> Instrument:
    return load("replicability", 1)


def make_study(**changes) -> Study:
    study = Study(
        key="test",
        title="A study for tests",
        state="open",
        simulated=False,
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
        closed_at=None,
        cut_off=NOW,
        contact="lead@example.org",
        catalogue_note="These practices were invented for tests.",
        target=10,
    )
    return replace(study, **changes)


def make_practice(key: str = "voucher", **changes) -> Practice:
    practice = Practice(
        id=key,
        title=key.replace("-", " ").capitalize(),
        category="support",
        category_name="Business support",
        origin="North",
        origin_country="IT",
        nuts="ITC1",
        start_year=2005,
        organisation="An agency",
        source_url="https://example.org/practice",
    )
    return replace(practice, **changes)


def make_region(key: str = "south", **changes) -> Region:
    return replace(Region(id=key, name=key.capitalize(), nuts="", country="IT", home_practices=()), **changes)


def make_interview(key: str = "interview-0", **changes) -> Interview:
    interview = Interview(
        id=key,
        region=1,
        group=0,
        mode=Mode.WEB,
        variant="rq10",
        instrument_version=1,
        state="submitted",
        started_at=datetime(2026, 2, 1, 9, 0, tzinfo=UTC),
        submitted_at=datetime(2026, 2, 1, 9, 30, tzinfo=UTC),
        language="en",
        simulated=False,
    )
    return replace(interview, **changes)


def make_codes(answers: Mapping[str, int], *, variant: str = "rq10") -> list[int]:
    """The code row of one evaluation: the answers, and what routing makes of them."""
    codes = dict.fromkeys(instrument().columns, NOT_ANSWERED) | dict(answers)
    codes |= settle(instrument(), variant, codes)
    return [codes[column] for column in instrument().columns]


def answers_with_score(points: int, *, verdict: int = 1) -> dict[str, int]:
    """Full answers to ten items that score points * 2.5 on RS10. points: 0 to 40."""
    per_item = [points // 10 + (item < points % 10) for item in range(10)]
    better = {item: 1 + n for item, n in zip(ITEMS, per_item, strict=True)}
    reversed_ = {item: 6 - better[item] for item in ("COST", "LEGAL")}
    return {"FAM": 1, "EXIST": 3, "VERDICT": verdict} | better | reversed_


def make_dataset(
    evaluations: Sequence[tuple[int, int, Sequence[int]]] = (),
    *,
    interviews: Sequence[Interview] = (),
    texts: Sequence[Mapping[str, str]] | None = None,
    **changes,
) -> Dataset:
    """evaluations: (position of the interview, position of the practice, code row of `make_codes`).

    Every practice is judged for the interview's own region, unless `region` says otherwise.
    """
    interview = np.asarray(changes.get("interview", [interview for interview, _, _ in evaluations]), np.int32)
    own_regions = np.array([each.region for each in changes.get("interviews", interviews)], np.int32)
    known = interview[(interview >= 0) & (interview < len(own_regions))]
    fields = {
        "study": make_study(),
        "instrument": instrument(),
        "practices": tuple(make_practice(key) for key in PRACTICES),
        "regions": (make_region("north", home_practices=("voucher",)), make_region("south")),
        "groups": tuple(Group(key, f"Group {key}") for key in GROUPS),
        "interviews": tuple(interviews),
        "codes": np.array([row for _, _, row in evaluations], np.int8).reshape(-1, len(instrument().columns)),
        "practice": np.array([practice for _, practice, _ in evaluations], np.int32),
        "region": own_regions[known] if len(known) == len(interview) else np.zeros(len(interview), np.int32),
        "interview": interview,
        "texts": tuple({} for _ in evaluations) if texts is None else tuple(dict(words) for words in texts),
        "selection": "Complete evaluations of people who take part.",
        "revision": 7,
    }
    return Dataset(**(fields | changes))


# Method 3.5: the golden cell. Scores by group, and verdicts as counted there: 1:1, 2:4, 3:2, 4:1, 5:1.
GOLDEN_SCORES = (60, 72.5, 55, 80, 47.5, 40, 52.5, 35, 67.5)
GOLDEN_GROUPS = ("BUS", "BUS", "BUS", "BUS", "BUS", "RES", "RES", "RES", "GOV")
GOLDEN_VERDICTS = (2, 2, 2, 1, 3, 3, 5, 4, 2)


def golden_dataset() -> Dataset:
    """The golden cell as codes: practice 0 in region 1 ("south"), nine people."""
    interviews = [
        make_interview(f"interview-{position}", group=GROUPS.index(group))
        for position, group in enumerate(GOLDEN_GROUPS)
    ]
    evaluations = [
        (position, 0, make_codes(answers_with_score(round(score / 2.5), verdict=verdict)))
        for position, (score, verdict) in enumerate(zip(GOLDEN_SCORES, GOLDEN_VERDICTS, strict=True))
    ]
    return make_dataset(evaluations, interviews=interviews)


def random_dataset(
    size: int, *, practices: int = 5, regions: int = 3, seed: int = 1, short_share: float = 0.2
) -> Dataset:
    """A large dataset of plausible codes, quickly: every interview judges practices 0, 1, … in turn."""
    random = np.random.default_rng(seed)
    per_interview = min(6, practices)
    n_interviews = -(-size // per_interview)
    columns = instrument().columns
    codes = np.full((size, len(columns)), NOT_ANSWERED, np.int8)
    interview = np.arange(size, dtype=np.int32) // per_interview
    first = random.integers(0, practices, n_interviews)
    practice = ((first[interview] + np.arange(size) % per_interview) % practices).astype(np.int32)
    is_short = random.random(n_interviews) < short_share
    for item in ITEMS:
        codes[:, columns.index(item)] = random.choice(
            [1, 2, 3, 4, 5, 77, 88], size, p=[0.1, 0.2, 0.3, 0.2, 0.1, 0.02, 0.08]
        )
        if item not in SHORT_ITEMS:
            codes[is_short[interview], columns.index(item)] = NOT_ASSIGNED
    codes[:, columns.index("VERDICT")] = random.choice([1, 2, 3, 4, 5, 77, 88], size)
    codes[:, columns.index("EXIST")] = random.choice([2, 3], size)
    places = random.integers(0, regions, n_interviews)
    groups = random.integers(0, len(GROUPS), n_interviews)
    return make_dataset(
        practices=tuple(make_practice(f"practice-{number:03}") for number in range(practices)),
        regions=tuple(make_region(f"region-{number:02}") for number in range(regions)),
        interviews=tuple(
            make_interview(
                f"interview-{number}",
                region=int(places[number]),
                group=int(groups[number]),
                variant="rq5" if is_short[number] else "rq10",
                mode=Mode.PHONE if is_short[number] else Mode.WEB,
            )
            for number in range(n_interviews)
        ),
        codes=codes,
        practice=practice,
        interview=interview,
        texts=({},) * size,
    )


def same(first: Dataset, second: Dataset) -> bool:
    """Whether two datasets say the same, the instrument by its digest and files."""
    arrays = all(
        np.array_equal(getattr(first, name), getattr(second, name))
        and getattr(first, name).dtype == getattr(second, name).dtype
        for name in ("codes", "practice", "region", "interview")
    )
    plain = ("study", "practices", "regions", "groups", "interviews", "texts", "selection", "revision")
    instruments_agree = (
        first.instrument.digest == second.instrument.digest and first.instrument.sources == second.instrument.sources
    )
    return arrays and instruments_agree and all(getattr(first, name) == getattr(second, name) for name in plain)
