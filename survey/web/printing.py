"""From questions to HTML, in the templates `questions/<kind>.html`.

A question looks the same for everybody of one region who gave one answer, so what was printed is kept. Texts that
people wrote, and mistakes, are printed anew each time and never kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from flask import Flask, current_app
from jinja2 import Environment
from markupsafe import Markup

from instruments import Block, Instrument, Kind, Mode, Question, Step, fill, row_order
from survey.texts import typographic

EXTENSION: Final = "survey-printer"
# About 2 kB each. The shipped questionnaire in one language and region has some 250.
PRINTED_AT_MOST: Final = 6_000
ONE_ROW_AT_MOST: Final = 4  # Choices of up to four short answers stand side by side, like a scale.


@dataclass(frozen=True, slots=True)
class Saved:
    """What another device saved meanwhile, and what this page said, in words."""

    heading: str
    saved: str
    yours_heading: str
    yours: str
    stands: str
    # For texts only: how to choose one's own, and what it is.
    use_mine: str = ""
    mine: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands beside questions on one page, by question: problems, notes, conflicts."""

    problems: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, Saved] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how a question is asked: decides its words."""

    instrument: Instrument
    variant: str
    language: str
    seed: int
    region: str
    origin: str
    practice: str
    mode: Mode = Mode.WEB

    def words(self, key: str) -> str:
        """A text of the questionnaire with the names put in."""
        text = _text(self.instrument, key, self.language)
        if "{" not in text:
            return text
        return fill(text, region=self.region, origin=self.origin, practice=self.practice)

    def wording(self, question: Question) -> str:
        """What is asked."""
        return self.words(question.wording_key(mode=self.mode, variant=self.variant))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that can be chosen, as the template needs it."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as its template needs it. number: 0 for rows and follow-ups, which have none."""

    code: str
    number: int
    wording: str
    hint: str
    answers: tuple[Answer, ...]
    apart: tuple[Answer, ...]
    is_row: bool
    problem: str
    note: str
    conflict: Saved | None
    text: str
    max_length: int | None


@dataclass(frozen=True, slots=True)
class Printed:
    """One block of a page. rows: yes/no rows under one stem; parts: everything else, in order."""

    key: str
    title: str
    stem: str
    number: int
    rows: tuple[Markup, ...]
    parts: tuple[Markup, ...]


class Printer:
    """Prints questions with the macros of one application, and keeps what it printed."""

    def __init__(self, environment: Environment) -> None:
        self._macros = {kind: _macro(environment, kind) for kind in Kind}
        self._kept = lru_cache(maxsize=PRINTED_AT_MOST)(self._print)

    def blocks(
        self,
        place: Place,
        steps: Iterable[Step],
        asked: Sequence[Question],
        *,
        numbers: Mapping[str, int],
        codes: Mapping[str, int],
        texts: Mapping[str, str],
        marks: Marks,
    ) -> tuple[Printed, ...]:
        """The blocks of some steps with the questions of `asked`; blocks without any are left out."""
        by_code = {question.code: question for question in asked}
        printed = []
        for block in (block for step in steps for block in step.blocks):
            found = [by_code[code] for code in _order(block, place.seed, place.mode) if code in by_code]
            if not found:
                continue
            rows: list[Markup] = []
            parts: list[Markup] = []
            for question in found:
                html = self.question(place, question, numbers=numbers, codes=codes, texts=texts, marks=marks)
                (rows if block.stem and question.kind is Kind.YES_NO else parts).append(html)
            title, stem = (place.words(key) if key else "" for key in (block.title, block.stem if rows else None))
            number = numbers.get(block.key, 0)
            printed.append(Printed(block.key, title, stem, number, tuple(rows), tuple(parts)))
        return tuple(printed)

    def question(
        self,
        place: Place,
        question: Question,
        *,
        numbers: Mapping[str, int],
        codes: Mapping[str, int],
        texts: Mapping[str, str],
        marks: Marks,
    ) -> Markup:
        """One question with its answer, from what is kept if it can be."""
        code = question.code
        number = numbers.get(code, 0)
        given = tuple([codes.get(column, -128) for column in question.columns])
        text = texts.get(code, "")
        marked = marks.problems.get(code, ""), marks.notes.get(code, ""), marks.conflicts.get(code)
        print_it = self._print if text or any(marked) else self._kept
        return print_it(
            place.instrument,
            question,
            place.language,
            place.mode,
            place.wording(question),
            number,
            given,
            text,
            *marked,
        )

    def asked(self, kind: Kind, asked: Asked) -> Markup:
        """A question that is not the instrument's own, printed like the others."""
        html: Markup = self._macros[kind](asked)
        return html

    def _print(
        self,
        instrument: Instrument,
        question: Question,
        language: str,
        mode: Mode,
        wording: str,
        number: int,
        given: tuple[int, ...],
        text: str,
        problem: str,
        note: str,
        conflict: Saved | None,
    ) -> Markup:
        answers = tuple(
            Answer(
                option.key,
                _text(instrument, option.text, language),
                (given[index] == 1) if question.kind is Kind.MULTI else (given[0] == option.code),
            )
            for index, option in enumerate(question.options)
        )
        apart = tuple(
            Answer(str(code), _text(instrument, instrument.missing_texts[code], language), given[0] == code)
            for code in question.offered.get(mode, ())
        )
        asked = Asked(
            code=question.code,
            number=number,
            wording=wording,
            hint=_text(instrument, question.hint, language) if question.hint else "",
            answers=answers,
            apart=apart,
            is_row=question.kind is Kind.SCALE or len(answers) <= ONE_ROW_AT_MOST,
            problem=problem,
            note=note,
            conflict=conflict,
            text=text,
            max_length=question.max_length,
        )
        return self.asked(question.kind, asked)


def init_app(app: Flask) -> None:
    """Give the application its printer."""
    app.extensions[EXTENSION] = Printer(app.jinja_env)


def _macro(environment: Environment, kind: Kind) -> Any:
    """The macro `question` of the kind's template."""
    return vars(environment.get_template(f"questions/{kind.value}.html").module)["question"]


def printer() -> Printer:
    """The application's printer."""
    found: Printer = current_app.extensions[EXTENSION]
    return found


@lru_cache(maxsize=1024)
def numbered(instrument: Instrument, path: tuple[Question, ...]) -> Mapping[str, int]:
    """The number of each question on a path, and of each block that counts as one because its rows share a stem.

    A text that explains an answer ("What else?") belongs to that answer and has none.
    """
    on_path = {question.code: question for question in path}
    numbers: dict[str, int] = {}
    for block in (block for step in instrument.steps for block in step.blocks):
        asked = [on_path[code] for code in block.questions if code in on_path]
        if block.stem and asked:
            numbers[block.key] = len(numbers) + 1
            continue
        for question in asked:
            if question.kind is not Kind.TEXT or question.show_if is None:
                numbers[question.code] = len(numbers) + 1
    return numbers


@lru_cache(maxsize=4096)
def _order(block: Block, seed: int, mode: Mode) -> tuple[str, ...]:
    return row_order(block, seed, mode=mode)


@lru_cache(maxsize=8192)
def _text(instrument: Instrument, key: str, language: str) -> str:
    return typographic(instrument.text(key, language))
