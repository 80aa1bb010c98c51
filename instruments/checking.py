"""Do the parts of a questionnaire fit each other? Every misfit with its place, none of them fatal to the next check.

Shape and types are settled before (`instruments.shape`). Single questions are checked in
`instruments.checking_questions`, the way through them in `instruments.checking_paths`, scales in
`instruments.checking_scores`, texts in `instruments.wording`.
"""

from collections.abc import Iterator

from instruments.checking_paths import check_paths
from instruments.checking_questions import check_questions
from instruments.codes import MISSING, SPOKEN
from instruments.model import Kind
from instruments.shape import InstrumentShape, OptionShape
from instruments.sources import Found, doubled


def check_structure(shape: InstrumentShape) -> Iterator[Found]:
    """All that is wrong with instrument.yaml by itself."""
    yield from _languages(shape)
    yield from _missing(shape)
    yield from _nothing_ticked(shape)
    yield from _named(shape)
    yield from check_questions(shape)
    yield from _groups(shape)
    yield from _columns(shape)
    yield from check_paths(shape)


def _languages(shape: InstrumentShape) -> Iterator[Found]:
    for language in doubled(shape.languages):
        yield ("languages",), f"{language} stands here twice"
    if "en" not in shape.languages:
        yield ("languages",), "English (en) is missing: it is the wording that a version is known by"


def _missing(shape: InstrumentShape) -> Iterator[Found]:
    for code in sorted(MISSING - shape.missing.keys(), reverse=True):
        yield ("missing",), f"the code {code} has no text"
    for code, missing in shape.missing.items():
        if code not in MISSING:
            yield ("missing", code), "this is none of the missing codes 77, 88, 99, -1, -2, -3"
        elif missing.shown and code not in SPOKEN:
            yield ("missing", code), "only 77, 88 and 99 can be shown as answers"


def _nothing_ticked(shape: InstrumentShape) -> Iterator[Found]:
    has_multi = any(question.kind is Kind.MULTI for question in shape.questions.values())
    if has_multi and shape.nothing_ticked is None:
        yield ("nothing_ticked",), "a question of the kind multi needs words for an answer without a tick"
    if shape.nothing_ticked is not None and not has_multi:
        yield ("nothing_ticked",), "there is no question of the kind multi"


def _named(shape: InstrumentShape) -> Iterator[Found]:
    """Lists and conditions that nothing uses are leftovers, or the other half of a spelling mistake."""
    questions = [*shape.questions.values(), *shape.profile.values()]
    used = {question.answers for question in questions if isinstance(question.answers, str)}
    yield from ((("answers", name), "no question uses this") for name in shape.answers if name not in used)
    used = {question.show_if for question in questions if isinstance(question.show_if, str)}
    yield from ((("conditions", name), "no question uses this") for name in shape.conditions if name not in used)


def _groups(shape: InstrumentShape) -> Iterator[Found]:
    """Either no question sorts people into groups, or one does, with every one of its answers."""
    sorting = set()
    for code, question in shape.profile.items():
        answers = shape.answers_of(question)
        groups = {
            key: option.group for key, option in answers.items() if isinstance(option, OptionShape) and option.group
        }
        for key in answers if groups else ():
            sorting.add(code)
            if key not in groups:
                yield ("profile", code, "answers", key), "this answer belongs to no group"
            elif groups[key] not in shape.groups:
                yield ("profile", code, "answers", key), f"there is no group {groups[key]!r}"
    if len(sorting) > 1:
        yield ("profile",), "only one question of the profile can sort people into groups"


def _columns(shape: InstrumentShape) -> Iterator[Found]:
    expected = [column for code in shape.questions for column in shape.columns_of(code)]
    for column in doubled(expected):
        yield ("questions",), f"two questions or answers would be stored in the column {column}"
    for column in doubled(shape.columns):
        yield ("columns",), f"{column} stands here twice"
    for column in [column for column in expected if column not in shape.columns]:
        yield ("columns",), f"{column} is missing"
    for column in [column for column in shape.columns if column not in expected]:
        yield ("columns",), f"no question is stored in {column}"
    if sorted(shape.columns) == sorted(expected) and shape.columns != expected:
        wrong = next(pair for pair in zip(shape.columns, expected, strict=True) if pair[0] != pair[1])
        yield ("columns",), f"the order is not that of the questions: {wrong[0]} stands where {wrong[1]} belongs"
