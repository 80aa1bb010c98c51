"""Does every way through the questions make sense? Conditions, steps and variants; every misfit with its place."""

from collections.abc import Iterator

from instruments.model import Kind
from instruments.shape import BlockShape, ClauseShape, InstrumentShape
from instruments.sources import Found, Place, doubled


def check_paths(shape: InstrumentShape) -> Iterator[Found]:
    """All that is wrong with when, where and in which variant questions are asked."""
    yield from _conditions(shape)
    yield from _steps(shape)
    yield from _variants(shape)


def _conditions(shape: InstrumentShape) -> Iterator[Found]:
    before: dict[str, frozenset[int]] = {}
    ahead = {column for code in shape.questions for column in shape.columns_of(code)}
    for code, question in shape.questions.items():
        place: Place = ("questions", code, "show_if")
        if isinstance(question.show_if, str) and question.show_if not in shape.conditions:
            yield place, f"there is no condition {question.show_if!r}"
        for column, clause in shape.condition_of(question).items():
            if column in before:
                yield from _clause(clause, before[column], (*place, column))
            elif column in ahead:
                yield place, f"the condition looks forward: {column} is asked later, or is the question itself"
            else:
                yield place, f"the condition looks at {column}, which is no column"
        yield from _when_skipped(shape, code)
        before |= _codes_by_column(shape, code)


def _clause(clause: ClauseShape, known: frozenset[int], place: Place) -> Iterator[Found]:
    if clause.test is None:
        yield place, "exactly one of is_one_of, is_none_of and is_answered belongs here"
    for code in sorted(clause.codes - known):
        yield place, f"{code} is none of its codes"


def _codes_by_column(shape: InstrumentShape, code: str) -> dict[str, frozenset[int]]:
    question = shape.questions[code]
    answers = (key for key in shape.answers_of(question) if isinstance(key, int))
    codes = frozenset({1, 0}) if question.kind is Kind.MULTI else frozenset({*answers, *question.missing})
    return dict.fromkeys(shape.columns_of(code), codes)


def _when_skipped(shape: InstrumentShape, code: str) -> Iterator[Found]:
    """A code given by routing can be taken back only if a neighbour on the same way shows that routing gave it."""
    question = shape.questions[code]
    place: Place = ("questions", code, "when_skipped")
    if question.when_skipped is None:
        return
    if question.kind in {Kind.MULTI, Kind.TEXT} or question.show_if is None:
        yield place, "only a question with one code and a condition has when_skipped"
        return
    for key, variant in shape.variants.items():
        asked = [other for other in shape.questions if other not in variant.leaves_out]
        if code in asked and not any(_is_witness(shape, code, other) for other in asked):
            yield place, f"in the variant {key} no other question has the same condition"


def _is_witness(shape: InstrumentShape, code: str, other: str) -> bool:
    """Whether `other` is skipped exactly when `code` is, and keeps a code that says so."""
    question, beside = shape.questions[code], shape.questions[other]
    return (
        beside.when_skipped is None
        and bool(shape.columns_of(other))
        and shape.condition_of(beside) == shape.condition_of(question)
    )


def _steps(shape: InstrumentShape) -> Iterator[Found]:
    blocks = [block for step in shape.steps for block in step.blocks]
    for twice in doubled(step.key for step in shape.steps):
        yield ("steps",), f"two steps have the key {twice}"
    for twice in doubled(block.key for block in blocks):
        yield ("steps",), f"two blocks have the key {twice}"
    for number, step in enumerate(shape.steps):
        for index, block in enumerate(step.blocks):
            yield from _block(shape, block, ("steps", number, "blocks", index))
    placed = [code for block in blocks for code in block.questions]
    for twice in doubled(placed):
        yield ("steps",), f"the question {twice} stands in two places"
    for code in (code for code in shape.questions if code not in placed):
        yield ("steps",), f"the question {code} stands in no step"
    if sorted(placed) == sorted(shape.questions) and placed != list(shape.questions):
        yield ("steps",), "the order of the questions differs from that under 'questions'"


def _block(shape: InstrumentShape, block: BlockShape, place: Place) -> Iterator[Found]:
    for code in block.questions:
        if code not in shape.questions:
            yield (*place, "questions"), f"there is no question {code!r}"
    if block.last and (block.order != "shuffled" or block.questions[-len(block.last) :] != block.last):
        yield (*place, "last"), "here belong the last rows of a shuffled block, in their order"


def _variants(shape: InstrumentShape) -> Iterator[Found]:
    owner = {column: code for code in shape.questions for column in shape.columns_of(code)}
    for key, variant in shape.variants.items():
        place: Place = ("variants", key, "leaves_out")
        for twice in doubled(variant.leaves_out):
            yield place, f"{twice} stands here twice"
        for code in variant.leaves_out:
            if code not in shape.questions:
                yield place, f"there is no question {code!r}"
        for code, question in shape.questions.items():
            for column in shape.condition_of(question):
                if code not in variant.leaves_out and owner.get(column) in variant.leaves_out:
                    yield place, f"{code} depends on {column}, which is left out"
