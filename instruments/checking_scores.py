"""Does scoring.yaml fit the questionnaire? Every misfit with its place."""

from collections.abc import Iterator

from instruments.model import Kind
from instruments.shape import InstrumentShape, ScaleShape, ScoringShape
from instruments.sources import Found, Place, doubled

HIGHEST_SCORE = 100


def check_scoring(shape: InstrumentShape, scoring: ScoringShape) -> Iterator[Found]:
    """All that is wrong with scoring.yaml, seen from the questionnaire."""
    yield from _scales(shape, scoring)
    yield from _items(shape, scoring)
    yield from _verdict(shape, scoring)
    yield from _comparable(shape, scoring)


def _scales(shape: InstrumentShape, scoring: ScoringShape) -> Iterator[Found]:
    for key, scale in scoring.scales.items():
        yield from _scale(shape, scale, ("scales", key))
    variants = [scale.variant for scale in scoring.scales.values()]
    for variant in doubled(variants):
        yield ("scales",), f"two scales are the score of the variant {variant}"
    for variant in shape.variants:
        if variant not in variants:
            yield ("scales",), f"the variant {variant} has no scale"


def _scale(shape: InstrumentShape, scale: ScaleShape, place: Place) -> Iterator[Found]:
    for item in doubled(scale.items):
        yield (*place, "items"), f"{item} stands here twice"
    for item in scale.items:
        if item not in shape.questions:
            yield (*place, "items"), f"there is no question {item!r}"
        elif shape.questions[item].kind is not Kind.SCALE:
            yield (*place, "items"), f"{item} is of the kind {shape.questions[item].kind}, not a scale"
    if scale.minimum_answered > len(scale.items):
        yield (*place, "minimum_answered"), f"there are only {len(scale.items)} items"
    if scale.variant not in shape.variants:
        yield (*place, "variant"), f"there is no variant {scale.variant!r}"
        return
    for item in scale.items:
        if item in shape.variants[scale.variant].leaves_out:
            yield (*place, "items"), f"{item} is not asked in the variant {scale.variant}"


def _items(shape: InstrumentShape, scoring: ScoringShape) -> Iterator[Found]:
    items = {item for scale in scoring.scales.values() for item in scale.items}
    for item in doubled(scoring.reversed):
        yield ("reversed",), f"{item} stands here twice"
    for item in scoring.reversed:
        if item not in items:
            yield ("reversed",), f"{item} is an item of no scale"
    for item, weight in scoring.weights.items():
        if item not in items:
            yield ("weights", item), "this is an item of no scale"
        if weight <= 0:
            yield ("weights", item), "a weight is more than 0"
    for code, flag in scoring.stop_flags.items():
        if code not in shape.questions:
            yield ("stop_flags", code), "there is no such question"
        elif flag not in shape.answers_of(shape.questions[code]):
            yield ("stop_flags", code), f"{flag} is none of its answers"


def _verdict(shape: InstrumentShape, scoring: ScoringShape) -> Iterator[Found]:
    verdict = scoring.verdict
    question = shape.questions.get(verdict.question)
    if question is None or question.kind not in {Kind.CHOICE, Kind.SCALE}:
        yield ("verdict", "question"), f"there is no question {verdict.question!r} with one answer of several"
        return
    answers = shape.answers_of(question)
    for code, score in verdict.scores.items():
        if code not in answers:
            yield ("verdict", "scores", code), f"{code} is none of its answers"
        if not 0 <= score <= HIGHEST_SCORE:
            yield ("verdict", "scores", code), f"a score is from 0 to {HIGHEST_SCORE}"
    for part, codes, within, name in (
        ("strict", verdict.strict, verdict.broad, "broad"),
        ("broad", verdict.broad, verdict.scores, "scores"),
    ):
        for code in codes:
            if code not in within:
                yield ("verdict", part), f"{code} is not in {name}"
    if verdict.already_here not in answers or verdict.already_here in verdict.scores:
        yield ("verdict", "already_here"), f"{verdict.already_here} must be an answer without a score"


def _comparable(shape: InstrumentShape, scoring: ScoringShape) -> Iterator[Found]:
    for older, codes in scoring.comparable.items():
        if not 0 < older < shape.version:
            yield ("comparable", older), "this is no older version"
        for code in doubled(codes):
            yield ("comparable", older), f"{code} stands here twice"
        for code in codes:
            if code not in shape.questions:
                yield ("comparable", older), f"there is no question {code!r}"
