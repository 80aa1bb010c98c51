"""Is each question complete and possible by itself? Every misfit with its place."""

from collections.abc import Iterator, Mapping

from instruments.codes import HIGHEST_CODE, SPOKEN
from instruments.model import Kind
from instruments.shape import InstrumentShape, OptionShape, QuestionShape
from instruments.sources import Found, Place, doubled


def check_questions(shape: InstrumentShape) -> Iterator[Found]:
    """All that is wrong with single questions, about practices and about the respondent."""
    for code, question in shape.questions.items():
        yield from _question(shape, question, ("questions", code))
    for code, question in shape.profile.items():
        yield from _question(shape, question, ("profile", code))
        yield from _profile_question(shape, question, code)


def _question(shape: InstrumentShape, question: QuestionShape, place: Place) -> Iterator[Found]:
    yield from _answers(shape, question, place)
    yield from _limits(question, place)
    for twice in doubled(question.missing):
        yield (*place, "missing"), f"{twice} stands here twice"
    for code in question.missing:
        if code not in SPOKEN:
            yield (*place, "missing"), f"{code} cannot be given as an answer; only 77, 88 and 99 can"
    for variant in question.wording_in:
        if variant not in shape.variants:
            yield (*place, "wording_in", variant), "there is no such variant"


def _answers(shape: InstrumentShape, question: QuestionShape, place: Place) -> Iterator[Found]:
    answers = shape.answers_of(question)
    if isinstance(question.answers, str) and question.answers not in shape.answers:
        yield (*place, "answers"), f"there is no list of answers {question.answers!r}"
    elif question.kind is Kind.TEXT:
        yield from _text_question(question, place)
    elif not answers:
        yield place, f"a question of the kind {question.kind} needs answers"
    elif question.kind is Kind.MULTI:
        yield from _multi_options(question, answers, place)
    else:
        yield from _codes(answers, place)
        yield from _single_options(question, answers, place)


def _limits(question: QuestionShape, place: Place) -> Iterator[Found]:
    if question.max_choices is not None and question.kind is not Kind.MULTI:
        yield (*place, "max_choices"), "only a question of the kind multi has max_choices"
    if question.max_length is not None and question.kind is not Kind.TEXT:
        yield (*place, "max_length"), "only a question of the kind text has max_length"


def _text_question(question: QuestionShape, place: Place) -> Iterator[Found]:
    if question.answers is not None or question.missing:
        yield place, "a question of the kind text has neither answers nor missing codes"
    if question.required:
        yield (*place, "required"), "a text is never required: nothing to say is an answer too"
    if question.max_length is None:
        yield place, "a question of the kind text needs max_length"


def _multi_options(
    question: QuestionShape, answers: Mapping[int | str, str | OptionShape], place: Place
) -> Iterator[Found]:
    for key, option in answers.items():
        if not isinstance(key, str) or not key.isascii() or not key.isalnum() or not key[0].isupper():
            yield (*place, "answers", key), "an answer of the kind multi is named like a column: C1"
        elif isinstance(option, OptionShape):
            yield (*place, "answers", key), "an answer of the kind multi has a text key and nothing else"
    if question.missing:
        yield (*place, "missing"), "a question of the kind multi has no missing codes: nothing ticked is an answer"
    if question.max_choices is not None and question.max_choices > len(answers):
        yield (*place, "max_choices"), f"there are only {len(answers)} answers"


def _codes(answers: Mapping[int | str, str | OptionShape], place: Place) -> Iterator[Found]:
    for code in answers:
        if not isinstance(code, int) or not 0 <= code <= HIGHEST_CODE:
            yield (*place, "answers", code), f"a code is a whole number from 0 to {HIGHEST_CODE}"
        elif code in SPOKEN:
            yield (*place, "answers", code), f"{code} is a missing code and cannot be an answer"


def _single_options(
    question: QuestionShape, answers: Mapping[int | str, str | OptionShape], place: Place
) -> Iterator[Found]:
    keys = [option_key(code, option) for code, option in answers.items()]
    for key in doubled([*keys, *map(str, question.missing)]):
        if key in keys:
            yield (*place, "answers"), f"two answers have the key {key}"
    if question.kind is Kind.YES_NO and answers.keys() != {1, 0}:
        yield (*place, "answers"), "a question of the kind yes_no has the answers 1 and 0"
    if question.kind is Kind.SCALE and len(answers) == 1:
        yield (*place, "answers"), "a scale has at least two points"
    if question.when_skipped is not None and question.when_skipped not in answers:
        yield (*place, "when_skipped"), f"{question.when_skipped} is none of the answers"


def option_key(code: int | str, option: str | OptionShape) -> str:
    """What a form sends for an option."""
    return option.key if isinstance(option, OptionShape) and option.key else str(code)


def _profile_question(shape: InstrumentShape, question: QuestionShape, code: str) -> Iterator[Found]:
    if code in shape.questions:
        yield ("profile", code), "a question about practices has this name already"
    if question.kind in {Kind.MULTI, Kind.TEXT}:
        yield ("profile", code), f"the profile has no questions of the kind {question.kind}"
    if question.show_if is not None or question.when_skipped is not None:
        yield ("profile", code), "a question of the profile is always asked"
