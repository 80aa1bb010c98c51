"""What may stand in instrument.yaml and scoring.yaml, key by key.

Only the shape: whether the keys fit each other is `instruments.checking`. Unknown keys are refused, because a
misspelt key that is quietly ignored is a question that is quietly wrong. Nothing is converted: "4" is not 4.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from instruments.conditions import Test
from instruments.model import Kind, Mode

Name = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,29}$")]  # questions, columns, scales, groups
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,29}$")]  # steps, blocks, variants, lists, conditions
TextKey = Annotated[str, Field(min_length=1)]
ModeName = Annotated[Mode, Field(strict=False)]
Modes = Annotated[dict[ModeName, TextKey], Field(min_length=1)]


class Shape(BaseModel):
    """Unknown keys refused, nothing converted, nothing changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OptionShape(Shape):
    """An answer that needs more than a text: its own key on forms, or a stakeholder group."""

    text: TextKey
    key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]{1,10}$")
    group: str | None = None


class AnswersShape(Shape):
    """A list of answers that several questions use."""

    options: dict[int | str, TextKey | OptionShape] = Field(min_length=1)
    read_aloud: TextKey | None = None


class MissingShape(Shape):
    """A missing code: its words, and the modes that show it as an answer."""

    text: TextKey
    shown: list[ModeName] = []


class ClauseShape(Shape):
    """Exactly one of the three tests."""

    is_one_of: list[int] | None = Field(default=None, min_length=1)
    is_none_of: list[int] | None = Field(default=None, min_length=1)
    is_answered: Literal[True] | None = None

    @property
    def test(self) -> Test | None:
        """The one test that is given; None when none is, or several are."""
        given = [test for test in Test if getattr(self, test) is not None]
        return given[0] if len(given) == 1 else None

    @property
    def codes(self) -> frozenset[int]:
        """The codes that it compares with."""
        return frozenset(self.is_one_of or self.is_none_of or ())


ConditionShape = Annotated[dict[str, ClauseShape], Field(min_length=1)]


class QuestionShape(Shape):
    """One question of an evaluation or of the profile."""

    kind: Annotated[Kind, Field(strict=False)]
    wording: TextKey | Modes
    wording_in: dict[str, Modes] = {}
    label: TextKey | None = None
    hint: TextKey | None = None
    answers: str | dict[int | str, TextKey | OptionShape] | None = None
    missing: list[int] = []
    required: bool = False
    show_if: str | ConditionShape | None = None
    when_skipped: int | None = None
    max_choices: int | None = Field(default=None, ge=1)
    max_length: int | None = Field(default=None, ge=1, le=20_000)

    def wordings(self) -> dict[Mode, str]:
        """A text key for every mode; one that is given alone serves both."""
        if isinstance(self.wording, str):
            return dict.fromkeys(Mode, self.wording)
        first = next(iter(self.wording.values()))
        return {mode: self.wording.get(mode, first) for mode in Mode}


class BlockShape(Shape):
    """Questions under one heading."""

    key: Word
    title: TextKey | None = None
    stem: TextKey | None = None
    questions: list[str] = Field(min_length=1)
    order: Literal["fixed", "shuffled"] = "fixed"
    last: list[str] = []


class StepShape(Shape):
    """What stands on one page."""

    key: Word
    title: TextKey
    blocks: list[BlockShape] = Field(min_length=1)


class VariantShape(Shape):
    """A version of the questionnaire, told by what it leaves out."""

    leaves_out: list[str] = []


class InstrumentShape(Shape):
    """instrument.yaml."""

    key: Word
    version: int = Field(ge=1)
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]] = Field(min_length=1)
    missing: dict[int, MissingShape]
    nothing_ticked: TextKey | None = None
    answers: dict[Word, AnswersShape] = {}
    conditions: dict[Word, ConditionShape] = {}
    groups: dict[Name, TextKey] = {}
    profile: dict[Name, QuestionShape] = {}
    questions: dict[Name, QuestionShape] = Field(min_length=1)
    columns: list[str]
    steps: list[StepShape] = Field(min_length=1)
    variants: dict[Word, VariantShape] = Field(min_length=1)
    other_texts: list[TextKey] = []

    def answers_of(self, question: QuestionShape) -> Mapping[int | str, str | OptionShape]:
        """The answers of a question, written there or named; empty when the name is unknown."""
        if isinstance(question.answers, str):
            named = self.answers.get(question.answers)
            return named.options if named else {}
        return question.answers or {}

    def columns_of(self, code: str) -> tuple[str, ...]:
        """The columns of a question (of an evaluation or the profile), by its kind."""
        question = self.questions.get(code) or self.profile[code]
        if question.kind is Kind.TEXT:
            return ()
        if question.kind is Kind.MULTI:
            return tuple(str(key) for key in self.answers_of(question))
        return (code,)

    def condition_of(self, question: QuestionShape) -> Mapping[str, ClauseShape]:
        """The clauses of its condition, written there or named; empty without one or for an unknown name."""
        if isinstance(question.show_if, str):
            return self.conditions.get(question.show_if, {})
        return question.show_if or {}


_FRACTION = re.compile(r"[0-9]{1,6}/[1-9][0-9]{0,5}")


def _as_number(value: object) -> object:
    """A fraction as written ("200/3") as the nearest float; everything else as it is."""
    return float(Fraction(value)) if isinstance(value, str) and _FRACTION.fullmatch(value) else value


Number = Annotated[float, BeforeValidator(_as_number), Field(allow_inf_nan=False)]


class ScaleShape(Shape):
    """The items of one score."""

    items: list[str] = Field(min_length=1)
    minimum_answered: int = Field(ge=1)
    variant: str


class VerdictShape(Shape):
    """The question that asks for the verdict, and how its answers count."""

    question: str
    scores: dict[int, Number] = Field(min_length=1)
    strict: list[int]
    broad: list[int]
    already_here: int


class ScoringShape(Shape):
    """scoring.yaml."""

    version: str = Field(min_length=1)
    scales: dict[Name, ScaleShape] = Field(min_length=1)
    reversed: list[str] = []
    weights: dict[str, Number] = {}
    stop_flags: dict[str, int] = {}
    verdict: VerdictShape
    comparable: dict[int, list[str]] = {}
