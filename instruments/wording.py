"""The words of a questionnaire: texts.csv, one row per text, one column per language.

Translators edit this sheet, so whatever can go wrong in it is told with its line: a cell left empty, a
placeholder lost on the way, a key that nothing asks for.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from instruments.model import PLACEHOLDERS
from instruments.shape import InstrumentShape, OptionShape, QuestionShape, StepShape
from instruments.sources import FileProblem, Found, Place, Sheet

Texts: TypeAlias = Mapping[str, Mapping[str, str]]
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def collect_texts(sheet: Sheet) -> Texts | None:
    """Text key -> language -> words; None when the first line is wrong.

    What is wrong with the sheet by itself is noted in `sheet.problems`.
    """
    if sheet.header[:2] != ("key", "en"):
        sheet.problems.append(FileProblem(sheet.file, 1, "", "the first line must begin with: key,en"))
        return None
    texts: dict[str, Mapping[str, str]] = {}
    for line, row in sheet.rows:
        found = list(_row_problems(row, sheet.header))
        if row[0] in texts:
            found.append("this key stands here twice")
        texts[row[0]] = dict(zip(sheet.header[1:], row[1:], strict=False))
        sheet.problems += [FileProblem(sheet.file, line, row[0], message) for message in found]
    return texts


def _row_problems(row: list[str], header: tuple[str, ...]) -> Iterator[str]:
    if not row[0]:
        yield "the key is missing"
    if len(row) != len(header):
        yield f"{len(row)} cells instead of {len(header)}"
        return
    expected = Counter(_BRACES.findall(row[1]))
    for language, words in zip(header[1:], row[1:], strict=True):
        if not words.strip():
            yield f"{language} is empty"
            continue
        if words != words.strip():
            yield f"{language} begins or ends with a space"
        if _CONTROL.search(words):
            yield f"{language} has a control character in it"
        for brace in _BRACES.finditer(words):
            if brace[1] not in PLACEHOLDERS:
                yield f"{language} has {brace[0]!r}; known are {{region}}, {{origin}} and {{practice}}"
        if Counter(_BRACES.findall(words)) != expected:
            yield f"{language} has not the same placeholders as English"


def used_texts(shape: InstrumentShape) -> Iterator[Found]:
    """Every text key that instrument.yaml names, with its place."""
    yield from ((("missing", code), missing.text) for code, missing in shape.missing.items())
    if shape.nothing_ticked:
        yield ("nothing_ticked",), shape.nothing_ticked
    for name, answers in shape.answers.items():
        yield from _options(answers.options, ("answers", name, "options"))
        if answers.read_aloud:
            yield ("answers", name, "read_aloud"), answers.read_aloud
    for key, text in shape.groups.items():
        yield ("groups", key), text
    for part, questions in (("profile", shape.profile), ("questions", shape.questions)):
        for code, question in questions.items():
            yield from _question(question, (part, code))
    for number, step in enumerate(shape.steps):
        yield from _step(step, ("steps", number))
    yield from ((("other_texts", number), text) for number, text in enumerate(shape.other_texts))


def _step(step: StepShape, place: Place) -> Iterator[Found]:
    yield (*place, "title"), step.title
    for index, block in enumerate(step.blocks):
        for name, heading in (("title", block.title), ("stem", block.stem)):
            if heading:
                yield (*place, "blocks", index, name), heading


def _question(question: QuestionShape, place: Place) -> Iterator[Found]:
    if isinstance(question.wording, str):
        yield (*place, "wording"), question.wording
    else:
        yield from (((*place, "wording", mode), key) for mode, key in question.wording.items())
    for variant, modes in question.wording_in.items():
        yield from (((*place, "wording_in", variant, mode), key) for mode, key in modes.items())
    for name, key in (("label", question.label), ("hint", question.hint)):
        if key:
            yield (*place, name), key
    if not isinstance(question.answers, str):
        yield from _options(question.answers or {}, (*place, "answers"))


def _options(options: Mapping[int | str, str | OptionShape], place: Place) -> Iterator[Found]:
    for code, option in options.items():
        yield (*place, code), option.text if isinstance(option, OptionShape) else option


def check_keys(shape: InstrumentShape, texts: Texts) -> Iterator[Found]:
    """Keys that instrument.yaml names and texts.csv lacks."""
    for place, key in used_texts(shape):
        if key not in texts:
            yield place, f"there is no text {key!r}"


def check_header(shape: InstrumentShape, sheet: Sheet) -> Iterator[FileProblem]:
    """The languages of the sheet must be those of the questionnaire, in the same order."""
    header = ("key", *shape.languages)
    if sheet.header[:2] == ("key", "en") and sheet.header != header:
        yield FileProblem(sheet.file, 1, "", f"the first line must be: {','.join(header)}")


def check_unused(shape: InstrumentShape, sheet: Sheet) -> Iterator[FileProblem]:
    """Texts that nothing asks for: leftovers, or the other half of a spelling mistake."""
    used = {key for _, key in used_texts(shape)}
    for line, row in sheet.rows:
        if row[0] not in used:
            yield FileProblem(sheet.file, line, row[0], "nothing in instrument.yaml uses this text")
