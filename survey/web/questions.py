"""From a form to answers: what was said, what cannot be taken, and what to show again. The rules are `instruments`'."""

import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from werkzeug.datastructures import MultiDict

from instruments import Kind, Mode, Problem, Question, is_answered, read, unknown_question

# What a page sends beside answers.
CONTROLS: Final = frozenset(
    {"csrf_token", "page_secret", "op_id", "base_revision", "shown", "evaluation", "to", "back", "use_mine"}
)
# A text that lost against another device travels on in the page, so that it can still be chosen.
MINE: Final = "mine-"
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form said about some questions.

    codes, texts: what can be taken. problems: why the rest cannot, by question. shown_codes, shown_texts: what the
    page shows when it comes again: everything that was taken, and what was typed although it cannot be taken.
    strays: fields that no question of the page has.
    """

    codes: Mapping[str, int] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Problem] = field(default_factory=dict)
    shown_codes: Mapping[str, int] = field(default_factory=dict)
    shown_texts: Mapping[str, str] = field(default_factory=dict)
    strays: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a page sends so that its save is done once and on what the person saw.

    evaluation_id: what a page about a practice shows. is_whole: False when it was damaged on the way; nothing can be
    saved then.
    """

    op_id: uuid.UUID
    base_revision: int
    shown: frozenset[str]
    to: str
    back: str
    evaluation_id: uuid.UUID | None
    is_whole: bool


def read_form(
    form: MultiDict[str, str],
    questions: Iterable[Question],
    *,
    shown: Collection[str],
    codes: Mapping[str, int],
    mode: Mode = Mode.WEB,
    demanding: bool,
) -> Typed:
    """Read what a form says about these questions; nothing is demanded here.

    shown: the questions that stood on the page. codes: what is stored. demanding: the person wants to go on, so
    boxes that are all left open mean "none of these"; on the way back they mean nothing yet.
    """
    known = list(questions)
    taken: dict[str, int] = {}
    texts: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    typed_codes: dict[str, int] = {}
    typed_texts: dict[str, str] = {}
    use_mine = set(form.getlist("use_mine"))
    for question in known:
        code = question.code
        raw = form.getlist(MINE + code) if code in use_mine else form.getlist(code)
        if not _says_something(question, raw, shown=shown, codes=codes, demanding=demanding):
            continue
        reading = read(question, raw, mode=mode)
        if reading.problem is None:
            taken.update(reading.codes)
            if reading.text is not None:
                texts[code] = reading.text
            continue
        problems[code] = reading.problem
        if question.kind is Kind.MULTI:
            typed_codes.update({column: int(column in raw) for column in question.columns})
        elif question.kind is Kind.TEXT and raw:
            typed_texts[code] = _CONTROL_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", raw[0])
    names = {question.code for question in known}
    strays = tuple(unknown_question(name) for name in form if not _is_known(name, names))
    return Typed(taken, texts, problems, {**taken, **typed_codes}, {**texts, **typed_texts}, strays)


def read_envelope(form: MultiDict[str, str], *, newest: int = 0, default_to: str = "next") -> Envelope:
    """The hidden fields of a page. A new op_id stands in for one that is no UUID.

    newest: the revision that stands; no page was ever made from a later one.
    """
    op_id, base_revision = as_uuid(form.get("op_id", "")), _revision(form.get("base_revision", ""))
    return Envelope(
        op_id=op_id or uuid.uuid4(),
        base_revision=base_revision if base_revision is not None else 0,
        shown=frozenset(form.get("shown", "").split()),
        to=form.get("to", default_to),
        back=form.get("back", ""),
        evaluation_id=as_uuid(form.get("evaluation", "")),
        is_whole=op_id is not None and base_revision is not None and base_revision <= newest,
    )


def demand(questions: Iterable[Question], *, mode: Mode = Mode.WEB) -> dict[str, Problem]:
    """What to say about required questions that were left open, by question."""
    readings = ((question.code, read(question, [], mode=mode).problem) for question in questions)
    return {code: problem for code, problem in readings if problem is not None}


def _says_something(
    question: Question, raw: list[str], *, shown: Collection[str], codes: Mapping[str, int], demanding: bool
) -> bool:
    if question.kind is Kind.MULTI:
        if question.code not in shown and not raw:
            return False
        return demanding or bool(raw) or is_answered(codes, question.columns)
    if question.kind is Kind.TEXT:
        return bool(raw)
    return any(raw)


def _is_known(name: str, names: Collection[str]) -> bool:
    return name in names or name in CONTROLS or (name.startswith(MINE) and name[len(MINE) :] in names)


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _revision(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 (32 bits)
