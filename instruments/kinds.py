"""What each kind of question takes as an answer, and how an answer is said in words.

To add a kind: a reader and a speaker here, and a template for it. Expected refusals are values (`Problem`),
never exceptions: a respondent's slip is no surprise.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from instruments.codes import DONT_KNOW, NOT_ANSWERED
from instruments.model import Instrument, Kind, Mode, Question

# Control characters but tab and line feed, lone halves of surrogate pairs, and the two code points that no XML
# file (and so no workbook) can hold.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer cannot be taken. text_key is a sentence of the interface texts, values its placeholders."""

    question: str
    code: str
    text_key: str
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a form said about one question.

    codes: column -> code; empty when nothing was said. text: the words, "" when emptied; None when the question
    takes none or nothing was sent. problem: why nothing could be read, or what is missing.
    """

    codes: Mapping[str, int] = field(default_factory=dict)
    text: str | None = None
    problem: Problem | None = None


def read(question: Question, raw: Sequence[str], *, mode: Mode) -> Reading:
    """Read the raw values that a form sent for a question that was shown; no value is an empty sequence.

    Values are option keys ("4", "S1", "C1") and missing codes ("88") exactly as written; nothing is converted.
    A missing code is taken in every mode that may see an earlier answer, so in both; `question.offered` tells
    what to show. MULTI with nothing ticked is an answer: 0 in every column.
    """
    return _READERS[question.kind](question, raw, mode)


def unknown_question(code: str) -> Problem:
    """An answer was sent for something that is not asked here."""
    return _problem(code, "unknown_question")


def clean_text(raw: str, question: str = "") -> str | Problem:
    """The text as it is to be stored: as written, but with one line feed for each line end of a form.

    Control characters (but tab and line feed) and lone surrogates are refused, not dropped: nothing that a
    person wrote is changed behind their back.
    """
    text = raw.replace("\r\n", "\n")
    return _problem(question, "text_not_allowed") if _NOT_TEXT.search(text) else text


def in_words(
    instrument: Instrument, question: Question, codes: Mapping[str, int], texts: Mapping[str, str], language: str
) -> str:
    """The answer as a person would read it; "" when there is none. Missing codes have words too."""
    return _SPEAKERS[question.kind](instrument, question, codes, texts, language)


def _problem(question: str, code: str, **values: int) -> Problem:
    return Problem(question, code, f"error.{code}", values)


def _read_single(question: Question, raw: Sequence[str], mode: Mode) -> Reading:
    if not any(raw):
        return _read_nothing(question, mode)
    known = {option.key: option.code for option in question.options}
    known |= {str(code): code for code in question.missing}
    if len(raw) != 1 or raw[0] not in known:
        return Reading(problem=_problem(question.code, "choose_one"))
    return Reading({question.code: known[raw[0]]})


def _read_nothing(question: Question, mode: Mode) -> Reading:
    if not question.required:
        return Reading()
    code = "answer_or_dont_know" if DONT_KNOW in question.offered[mode] else "required"
    return Reading(problem=_problem(question.code, code))


def _read_multi(question: Question, raw: Sequence[str], mode: Mode) -> Reading:
    ticked = {value for value in raw if value}
    if not ticked <= {option.key for option in question.options}:
        return Reading(problem=_problem(question.code, "choose_one"))
    if question.max_choices is not None and len(ticked) > question.max_choices:
        return Reading(problem=_problem(question.code, "max_choices", max=question.max_choices))
    if not ticked and question.required:
        return _read_nothing(question, mode)
    return Reading({key: int(key in ticked) for key in question.columns})


def _read_text(question: Question, raw: Sequence[str], _mode: Mode) -> Reading:
    if not raw:
        return Reading()
    if len(raw) > 1:
        return Reading(problem=_problem(question.code, "text_not_allowed"))
    text = clean_text(raw[0], question.code)
    if isinstance(text, Problem):
        return Reading(problem=text)
    if question.max_length is not None and len(text) > question.max_length:
        return Reading(problem=_problem(question.code, "too_long", max=question.max_length))
    return Reading(text=text)


def _say_single(
    instrument: Instrument, question: Question, codes: Mapping[str, int], _texts: Mapping[str, str], language: str
) -> str:
    return _say(instrument, question, codes.get(question.code, NOT_ANSWERED), language)


def _say(instrument: Instrument, question: Question, code: int, language: str) -> str:
    if code == NOT_ANSWERED:
        return ""
    keys = {option.code: option.text for option in question.options}
    return instrument.text(keys[code] if code in keys else instrument.missing_texts[code], language)


def _say_multi(
    instrument: Instrument, question: Question, codes: Mapping[str, int], _texts: Mapping[str, str], language: str
) -> str:
    given = [codes.get(column, NOT_ANSWERED) for column in question.columns]
    if max(given) < 0:  # Nothing was said; what routing says is said of all columns alike.
        return _say(instrument, question, max(given), language)
    ticked = [option.text for option, code in zip(question.options, given, strict=True) if code == 1]
    return "; ".join(instrument.text(key, language) for key in ticked or [instrument.nothing_ticked])


def _say_text(
    _instrument: Instrument, question: Question, _codes: Mapping[str, int], texts: Mapping[str, str], _language: str
) -> str:
    return texts.get(question.code, "")


_READERS: Mapping[Kind, Callable[[Question, Sequence[str], Mode], Reading]] = {
    Kind.SCALE: _read_single,
    Kind.CHOICE: _read_single,
    Kind.YES_NO: _read_single,
    Kind.MULTI: _read_multi,
    Kind.TEXT: _read_text,
}

_SPEAKERS: Mapping[Kind, Callable[[Instrument, Question, Mapping[str, int], Mapping[str, str], str], str]] = {
    Kind.SCALE: _say_single,
    Kind.CHOICE: _say_single,
    Kind.YES_NO: _say_single,
    Kind.MULTI: _say_multi,
    Kind.TEXT: _say_text,
}
