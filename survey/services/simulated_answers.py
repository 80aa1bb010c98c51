"""What an invented person answers: seeded effects of practices, regions and groups, and much that is not an answer.

Nothing here knows the database. The numbers are made up so that tables have something to show: differences between
regions and practices, groups that see money and rules differently, people who do not know.
"""

# ruff: noqa: PLR2004 (the numbers are made up, and each says what it is where it stands)

import random
from collections.abc import Mapping
from dataclasses import dataclass

from instruments import DONT_KNOW, NOT_APPLICABLE, REFUSED, Instrument, Question
from survey.services.simulated_words import BARRIERS, CHANGES, COMMENTS, ENABLERS

# How much easier (+) or harder (-) a criterion is met than the others, in points of the five-point scale.
_CRITERIA: Mapping[str, float] = {
    "NEED": 0.6, "FIT": 0.3, "EFF": 0.1, "ACC": 0.2, "LEAD": -0.4,
    "SKILL": 0.1, "PART": 0.1, "SUST": -0.7, "COST": -0.4, "LEGAL": 0.3,
}  # fmt: skip
_OBSTACLES = frozenset({"COST", "LEGAL"})
# What a stakeholder group sees more darkly or brightly than others.
_VIEWS: Mapping[str, Mapping[str, float]] = {
    "BUS": {"NEED": 0.2, "LEGAL": -0.4},
    "RES": {"SKILL": 0.3, "SUST": -0.2},
    "GOV": {"LEGAL": 0.4, "LEAD": 0.3, "COST": -0.3},
    "FIN": {"COST": -0.5, "SUST": -0.4, "EFF": -0.2},
    "INT": {"LEAD": 0.4, "PART": 0.3},
}
# A barrier is named the more, the worse its criterion was judged. B13 follows from what exists already.
_BEHIND_BARRIER: Mapping[str, str] = {
    "B01": "COST", "B02": "SUST", "B03": "LEGAL", "B04": "LEGAL", "B05": "LEAD", "B06": "ACC", "B07": "SKILL",
    "B08": "NEED", "B09": "PART", "B10": "ACC", "B11": "FIT", "B12": "PART",
}  # fmt: skip
_HELP_FOR: Mapping[str, tuple[str, ...]] = {
    "COST": ("E01", "E09"), "SUST": ("E01", "E02"), "LEGAL": ("E07",), "LEAD": ("E03",), "ACC": ("E02", "E10"),
    "SKILL": ("E06", "E05"), "NEED": ("E04",), "PART": ("E08",), "FIT": ("E04", "E05"), "EFF": ("E10",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opinion:
    """Answers about one practice, as a form would send them."""

    codes: dict[str, int]
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented respondent. mildness: points on the scale that this person judges better than others."""

    group: str
    language: str
    mildness: float


class World:
    """What is true of practices and regions in one simulation; the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def promise(self, practice: str, region: str) -> float:
        """How well a practice would do in a region, in points of the scale around its middle."""
        return (
            self._draw(f"practice/{practice}", 0.55)
            + self._draw(f"region/{region}", 0.4)
            + self._draw(f"both/{practice}/{region}", 0.35)
        )

    def exists(self, practice: str, region: str) -> tuple[float, float]:
        """The share of people who say that the same is there already, and that something similar is."""
        is_common = self._draw(f"there/{practice}/{region}", 1.0) > 1.2
        return (0.55, 0.35) if is_common else (0.03, 0.25)

    def _draw(self, what: str, spread: float) -> float:
        return random.Random(f"{self._seed}/{what}").gauss(0, spread)  # noqa: S311 (repeatable on purpose)


def opinion(
    instrument: Instrument,
    variant: str,
    person: Person,
    *,
    practice: str,
    region: str,
    world: World,
    generator: random.Random,
) -> Opinion:
    """One person's answers about one practice: everything that this variant asks after these answers."""
    asked = {
        code: question
        for code, question in instrument.questions.items()
        if code in instrument.variants[variant].questions
    }
    codes = {
        "FAM": _chosen(generator, {1: 45, 2: 33, 3: 17, 4: 5}),
        "EXIST": _existing(world, practice, region, generator),
    }
    texts: dict[str, str] = {}
    if codes["EXIST"] == 1:
        codes["EXWORK"] = DONT_KNOW if generator.random() < 0.08 else _chosen(generator, {2: 10, 3: 30, 4: 40, 5: 20})
        _comment(person, texts, generator)
        return Opinion(codes, texts)
    seen = _criteria(asked, person, world.promise(practice, region), codes["FAM"], generator)
    codes |= {item: code for item, (code, _) in seen.items()}
    points = {item: value for item, (_, value) in seen.items()}
    codes["VERDICT"] = _verdict(codes, points, generator)
    _what_would_change(asked, codes, texts, generator)
    codes |= _barriers(asked, points, codes["EXIST"], generator)
    if codes.get("B90") == 1:
        texts["BARRIER_TEXT"] = generator.choice(BARRIERS)
    if "ENABLER" in asked:
        codes |= _enablers(asked["ENABLER"], points, generator)
        if codes["E90"] == 1:
            texts["ENABLER_TEXT"] = generator.choice(ENABLERS)
    codes["SURE"] = _chosen(generator, {1: 40, 2: 50, 3: 10} if codes["FAM"] == 1 else {1: 15, 2: 55, 3: 30})
    _comment(person, texts, generator)
    return Opinion(codes, texts)


def _existing(world: World, practice: str, region: str, generator: random.Random) -> int:
    same, similar = world.exists(practice, region)
    drawn = generator.random()
    if drawn < same:
        return 1
    if drawn < same + similar:
        return 2
    return DONT_KNOW if generator.random() < 0.1 else 3


def _criteria(
    asked: Mapping[str, Question], person: Person, promise: float, familiar: int, generator: random.Random
) -> dict[str, tuple[int, float]]:
    """Each criterion's code, and what the person thinks behind it: points around 3, higher is better."""
    seen: dict[str, tuple[int, float]] = {}
    for item, ease in _CRITERIA.items():
        if item not in asked:
            continue
        view = _VIEWS.get(person.group, {}).get(item, 0.0)
        points = 3 + promise + person.mildness + ease + view + generator.gauss(0, 0.7)
        rounded = min(5, max(1, round(points)))
        seen[item] = (
            _or_no_answer(asked[item], 6 - rounded if item in _OBSTACLES else rounded, familiar, generator),
            points,
        )
    return seen


def _or_no_answer(question: Question, code: int, familiar: int, generator: random.Random) -> int:
    drawn = generator.random()
    if drawn < 0.005 and REFUSED in question.missing:
        return REFUSED
    if drawn < (0.10 if familiar == 1 else 0.04):
        return DONT_KNOW
    if drawn > 0.98 and NOT_APPLICABLE in question.missing:
        return NOT_APPLICABLE
    return code


def _verdict(codes: Mapping[str, int], points: Mapping[str, float], generator: random.Random) -> int:
    if generator.random() < 0.06:
        return DONT_KNOW
    if codes["EXIST"] == 2 and generator.random() < 0.05:
        return 5
    mean = sum(points.values()) / len(points) + generator.gauss(0, 0.35)
    if codes.get("COST") == 5 or codes.get("LEGAL") == 5:
        mean -= 0.5
    return 1 if mean > 3.7 else 2 if mean > 2.95 else 3 if mean > 2.2 else 4


def _what_would_change(
    asked: Mapping[str, Question], codes: dict[str, int], texts: dict[str, str], generator: random.Random
) -> None:
    if codes["VERDICT"] in {2, 3}:
        columns = asked["CHANGE"].columns
        ticked = generator.sample(columns[:-1], k=codes["VERDICT"] - 1)
        if generator.random() < 0.05:
            ticked.append(columns[-1])
            texts["CHANGE_TEXT"] = generator.choice(CHANGES)
        codes.update({column: int(column in ticked) for column in columns})
    if codes["VERDICT"] in {1, 2, 3}:
        codes["HORIZON"] = DONT_KNOW if generator.random() < 0.07 else _chosen(generator, {1: 20, 2: 45, 3: 25, 4: 10})


def _barriers(
    asked: Mapping[str, Question], points: Mapping[str, float], exists: int, generator: random.Random
) -> dict[str, int]:
    mean = sum(points.values()) / len(points)
    codes: dict[str, int] = {}
    for code in asked:
        if code == "B90":
            codes[code] = int(generator.random() < 0.03)
        elif code == "B13":
            codes[code] = int(generator.random() < (0.6 if exists == 2 else 0.1))
        elif code in _BEHIND_BARRIER:
            # From about one in eight who judge the criterion well to nearly all who judge it badly.
            likely = min(0.95, max(0.12, 0.95 - 0.25 * (points.get(_BEHIND_BARRIER[code], mean) - 1)))
            codes[code] = DONT_KNOW if generator.random() < 0.03 else int(generator.random() < likely)
    return codes


def _enablers(question: Question, points: Mapping[str, float], generator: random.Random) -> dict[str, int]:
    """Up to three, for what was judged worst."""
    worst = sorted(points, key=lambda item: points[item])
    helpful = dict.fromkeys(generator.choice(_HELP_FOR[item]) for item in worst)
    ticked = list(helpful)[: generator.randint(1, question.max_choices or 3)]
    if generator.random() < 0.03:
        ticked[-1] = "E90"
    return {column: int(column in ticked) for column in question.columns}


def _comment(person: Person, texts: dict[str, str], generator: random.Random) -> None:
    if generator.random() < 0.15:
        texts["COMMENT"] = generator.choice(COMMENTS[person.language])


def _chosen(generator: random.Random, weights: Mapping[int, int]) -> int:
    return generator.choices(tuple(weights), weights=tuple(weights.values()))[0]
