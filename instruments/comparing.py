"""Two versions of a questionnaire: whose answers count together, and whether a study can move from one to the other.

A question is known by its code. Its older answers count with the newer ones where both versions ask it in the same
English words, with the same answers, or where the newer version's scoring.yaml declares it comparable; a place in
another order changes nothing. A score is common where all it rests on is, and the rules are the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from instruments.model import Instrument, Kind, Mode, Question

LANGUAGE = "en"  # The wording that a version is known by.


@dataclass(frozen=True, slots=True)
class Common:
    """What of an older version counts together with a newer one; everything else of it stands apart.

    questions: by code. scales: by key. stop_flags: whether both tell alike what would stop a practice.
    """

    questions: frozenset[str]
    scales: frozenset[str]
    stop_flags: bool


@lru_cache(maxsize=64)
def in_common(older: Instrument, newer: Instrument) -> Common:
    """What counts together. A verdict that is scored by other rules is another question."""
    questions = frozenset(code for code in older.questions if _is_common(older, newer, code))
    return Common(
        questions=questions,
        scales=frozenset(
            key
            for key, scale in older.scoring.scales.items()
            if questions.issuperset(scale.items) and _scale_rules(older, key) == _scale_rules(newer, key)
        ),
        stop_flags=questions.issuperset(older.scoring.stop_flags)
        and older.scoring.stop_flags == newer.scoring.stop_flags,
    )


def misfits(older: Instrument, newer: Instrument) -> tuple[str, ...]:
    """Why a study that has answers to the older version cannot go on with the newer one; empty when it can."""
    return tuple(_misfits(older, newer))


def _misfits(older: Instrument, newer: Instrument) -> Iterator[str]:
    declared = newer.scoring.comparable.get(older.version, frozenset())
    for code, before in older.questions.items():
        after = newer.questions.get(code)
        if after is not None:
            yield from _question_misfits(older, before, after, is_declared=code in declared)
    for code in sorted(declared - older.questions.keys()):
        yield f"{code} is declared comparable with version {older.version}, which has no such question."
    owners, owners_then = _owners(newer), _owners(older)
    for column in sorted(owners.keys() & owners_then.keys()):
        if owners[column] != owners_then[column]:
            yield f"The column {column} belonged to {owners_then[column]}, and now to {owners[column]}."
    for name, lost in (
        ("scale", older.scoring.scales.keys() - newer.scoring.scales.keys()),
        ("variant", older.variants.keys() - newer.variants.keys()),
        ("group", {group.key for group in older.groups} - {group.key for group in newer.groups}),
        ("language", set(older.languages) - set(newer.languages)),
    ):
        yield from (f"The {name} {key} is missing." for key in sorted(lost))


def _question_misfits(older: Instrument, before: Question, after: Question, *, is_declared: bool) -> Iterator[str]:
    code = before.code
    if before.kind is not after.kind:
        yield f"{code} is of the kind {after.kind}, and was {before.kind}: give the new question a code of its own."
    elif before.kind is Kind.MULTI:
        if is_declared and not _answers(before) <= _answers(after):
            yield f"{code} is declared comparable, but lacks answers of version {older.version}."
    elif not _answers(before) <= _answers(after):
        yield f"{code} lacks answers of version {older.version}: give the new question a code of its own."
    elif _answers(before) != _answers(after) and not is_declared:
        yield (
            f"{code} has answers that version {older.version} did not offer: declare it comparable in scoring.yaml, "
            "or give the new question a code of its own."
        )


def _is_common(older: Instrument, newer: Instrument, code: str) -> bool:
    if code not in newer.questions:
        return False
    verdicts = {older.scoring.verdict, newer.scoring.verdict}
    if code in verdicts and _verdict_rules(older) != _verdict_rules(newer):
        return False
    before, after = older.questions[code], newer.questions[code]
    if code in newer.scoring.comparable.get(older.version, ()):
        return before.kind is after.kind and _answers(before) <= _answers(after)
    return _asked(older, before) == _asked(newer, after)


def _answers(question: Question) -> frozenset[tuple[str | None, int]]:
    return frozenset((option.column, option.code) for option in question.options)


def _asked(instrument: Instrument, question: Question) -> tuple[object, ...]:
    """All that a person hears or sees of a question, in English, whatever the keys of the texts are."""
    return (
        question.kind,
        _words(instrument, question.wordings),
        {variant: _words(instrument, wordings) for variant, wordings in question.wordings_in.items()},
        _word(instrument, _stem(instrument, question.code)),
        _word(instrument, question.hint),
        _word(instrument, question.read_aloud),
        [(option.column, option.code, _word(instrument, option.text)) for option in question.options],
        {
            mode: [(code, _word(instrument, instrument.missing_texts[code])) for code in codes]
            for mode, codes in question.offered.items()
        },
    )


def _words(instrument: Instrument, keys: Mapping[Mode, str]) -> dict[Mode, str]:
    return {mode: _word(instrument, key) for mode, key in keys.items()}


def _word(instrument: Instrument, key: str | None) -> str:
    return "" if key is None else instrument.text(key, LANGUAGE)


def _stem(instrument: Instrument, code: str) -> str | None:
    return next(block.stem for step in instrument.steps for block in step.blocks if code in block.questions)


def _owners(instrument: Instrument) -> dict[str, str]:
    return {column: code for code, question in instrument.questions.items() for column in question.columns}


def _scale_rules(instrument: Instrument, key: str) -> tuple[object, ...]:
    scoring = instrument.scoring
    scale = scoring.scales.get(key)
    if scale is None:
        return ()
    items = [
        (item, scoring.ranges[item], item in scoring.reversed_items, scoring.weights.get(item, 1.0))
        for item in scale.items
    ]
    return (items, scale.minimum_answered, scale.variant)


def _verdict_rules(instrument: Instrument) -> tuple[object, ...]:
    scoring = instrument.scoring
    return (scoring.verdict, scoring.verdict_scores, scoring.strict, scoring.broad, scoring.already_here)
