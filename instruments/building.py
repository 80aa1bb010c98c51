"""From the checked files to an Instrument."""

import hashlib
import json
from collections.abc import Mapping

from instruments.checking_questions import option_key
from instruments.conditions import Clause, Condition
from instruments.model import (
    Block,
    Group,
    Instrument,
    Kind,
    Mode,
    Option,
    Question,
    Scale,
    Scoring,
    Step,
    Variant,
)
from instruments.shape import InstrumentShape, OptionShape, QuestionShape, ScoringShape
from instruments.wording import Texts


def build(shape: InstrumentShape, scoring: ScoringShape, texts: Texts, sources: Mapping[str, str]) -> Instrument:
    """The instrument. All three parts were checked, alone and against each other."""
    questions = {code: _question(shape, code, question) for code, question in shape.questions.items()}
    profile = tuple(_question(shape, code, question) for code, question in shape.profile.items())
    return Instrument(
        key=shape.key,
        version=shape.version,
        languages=tuple(shape.languages),
        questions=questions,
        steps=tuple(_steps(shape)),
        variants={
            key: Variant(key, frozenset(questions) - set(variant.leaves_out)) for key, variant in shape.variants.items()
        },
        profile=profile,
        groups=tuple(Group(key, text) for key, text in shape.groups.items()),
        scoring=_scoring(shape, scoring),
        missing_texts={code: missing.text for code, missing in shape.missing.items()},
        nothing_ticked=shape.nothing_ticked or "",
        texts=texts,
        columns=tuple(shape.columns),
        text_questions=tuple(code for code, question in questions.items() if question.kind is Kind.TEXT),
        profile_columns=tuple(column for question in profile for column in question.columns),
        group_by_code={
            option.code: option.group for question in profile for option in question.options if option.group is not None
        },
        translations_version=_translations_version(shape, texts),
        digest=_digest(shape, texts),
        sources=dict(sources),
    )


def _question(shape: InstrumentShape, code: str, question: QuestionShape) -> Question:
    named = shape.answers[question.answers] if isinstance(question.answers, str) else None
    wordings = question.wordings()
    return Question(
        code=code,
        kind=question.kind,
        columns=shape.columns_of(code),
        options=tuple(_option(shape, question, key, option) for key, option in shape.answers_of(question).items()),
        missing=tuple(question.missing),
        offered={mode: _offered(shape, question, mode) for mode in Mode},
        required=question.required,
        show_if=_condition(shape, question),
        when_skipped=question.when_skipped,
        wordings=wordings,
        wordings_in={variant: dict(modes) for variant, modes in question.wording_in.items()},
        label=question.label or wordings[Mode.WEB],
        hint=question.hint,
        read_aloud=named.read_aloud if named else None,
        max_choices=question.max_choices,
        max_length=question.max_length,
    )


def _offered(shape: InstrumentShape, question: QuestionShape, mode: Mode) -> tuple[int, ...]:
    return tuple(code for code in question.missing if mode in shape.missing[code].shown)


def _option(shape: InstrumentShape, question: QuestionShape, key: int | str, option: str | OptionShape) -> Option:
    is_multi = question.kind is Kind.MULTI
    column = str(key) if is_multi else None
    code = 1 if is_multi else int(key)
    return Option(
        code=code,
        key=option_key(key, option),
        text=option.text if isinstance(option, OptionShape) else option,
        column=column,
        group=option.group if isinstance(option, OptionShape) else None,
        text_question=_text_opened_by(shape, column or _code_of(shape, question), code),
    )


def _code_of(shape: InstrumentShape, question: QuestionShape) -> str:
    return next((code for code, other in shape.questions.items() if other is question), "")


def _text_opened_by(shape: InstrumentShape, column: str, code: int) -> str | None:
    """The text question whose whole condition is that this column has this code."""
    for name, question in shape.questions.items():
        clauses = shape.condition_of(question)
        if question.kind is Kind.TEXT and list(clauses) == [column] and clauses[column].is_one_of == [code]:
            return name
    return None


def _condition(shape: InstrumentShape, question: QuestionShape) -> Condition | None:
    clauses = tuple(
        Clause(column, clause.test, clause.codes)
        for column, clause in shape.condition_of(question).items()
        if clause.test is not None
    )
    return Condition(clauses) if clauses else None


def _steps(shape: InstrumentShape) -> list[Step]:
    return [
        Step(
            step.key,
            step.title,
            tuple(
                Block(block.key, block.title, block.stem, tuple(block.questions), block.order, tuple(block.last))
                for block in step.blocks
            ),
        )
        for step in shape.steps
    ]


def _scoring(shape: InstrumentShape, scoring: ScoringShape) -> Scoring:
    items = dict.fromkeys(item for scale in scoring.scales.values() for item in scale.items)
    verdict = scoring.verdict
    return Scoring(
        version=scoring.version,
        scales={
            key: Scale(key, tuple(scale.items), scale.minimum_answered, scale.variant)
            for key, scale in scoring.scales.items()
        },
        ranges={item: _range(shape, item) for item in items},
        reversed_items=frozenset(scoring.reversed),
        weights={item: float(weight) for item, weight in scoring.weights.items() if weight != 1},
        stop_flags=dict(scoring.stop_flags),
        verdict=verdict.question,
        verdict_scores={code: float(score) for code, score in verdict.scores.items()},
        strict=frozenset(verdict.strict),
        broad=frozenset(verdict.broad),
        already_here=verdict.already_here,
        comparable={older: frozenset(codes) for older, codes in scoring.comparable.items()},
    )


def _range(shape: InstrumentShape, item: str) -> tuple[int, int]:
    codes = [int(code) for code in shape.answers_of(shape.questions[item])]
    return min(codes), max(codes)


def _digest(shape: InstrumentShape, texts: Texts) -> str:
    """SHA-256 over structure, codes and English wording, in canonical JSON.

    Languages and comments are no part of it, nor is scoring.yaml: they may be improved after fieldwork.
    The order of questions, answers and steps is a part.
    """
    structure = shape.model_dump(mode="json", exclude={"languages"}, exclude_defaults=True)
    asked = [_as_pairs(structure), sorted((key, words["en"]) for key, words in texts.items())]
    return _hash(asked)


def _as_pairs(value: object) -> object:
    """Mappings as lists of pairs: their order counts, and no key changes its type on the way to JSON."""
    if isinstance(value, dict):
        return [[str(key), _as_pairs(item)] for key, item in value.items()]
    return [_as_pairs(item) for item in value] if isinstance(value, list) else value


def _translations_version(shape: InstrumentShape, texts: Texts) -> str:
    """Twelve hexadecimal digits that change with any word of any translation: nobody has to remember a number."""
    others = sorted(language for language in shape.languages if language != "en")
    return _hash([[language, sorted((key, words[language]) for key, words in texts.items())] for language in others])[
        :12
    ]


def _hash(value: object) -> str:
    canonical = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
