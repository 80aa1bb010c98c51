"""How one save is weighed against what stands: what changes, what is in conflict, what routing adds.

Nothing here knows the database. The profile and the judgement of a practice are weighed the same way.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from instruments import NOT_ANSWERED, NOT_ASSIGNED, ROUTED, Instrument, Mode, settle
from survey.services.errors import ConflictingAnswer, UnknownRevision
from survey.services.history import CONFLICT, ROUTING, History, Value

RESPONDENT = "respondent"
SIMULATION = "simulation"


@dataclass(frozen=True, slots=True)
class Author:
    """Who answers, and by which way: "respondent", "simulation" or "person:<id>" for an interviewer."""

    name: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class Save:
    """What a client sends.

    op_id: made by the client, once per press; the same save sent again carries the same one.
    base_revision: the `revision` that the client's page was built from. bases: the same by question, for a page that
    has seen later answers to some questions than to others.
    evaluation_id: what the page showed at its position, which another region fills anew; None when the client has not
    said so, and for the profile.
    codes: by column; NOT_ANSWERED takes an answer back. texts: by text question; "" takes a text back.
    """

    op_id: uuid.UUID
    base_revision: int
    codes: Mapping[str, int] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, int] = field(default_factory=dict)
    evaluation_id: uuid.UUID | None = None

    def base_of(self, question: str) -> int:
        """The revision at which the person saw this question."""
        return self.bases.get(question, self.base_revision)

    def is_older(self, questions: Iterable[str], revision: int) -> bool:
        """Whether one of the questions may have changed since the person saw it."""
        return any(self.base_of(question) < revision for question in questions)


@dataclass(frozen=True, slots=True)
class Saved:
    """The reply to a save.

    revision: what the client's next save builds on. changed: columns and texts that this save changed, without
    what routing changed. conflicts: questions that somebody else answered differently since `base_revision`;
    what was saved first stands, everything else of the save is kept. replayed: the same save had come before; its
    conflicts are those of now.
    """

    revision: int
    saved_at: datetime
    changed: tuple[str, ...] = ()
    replayed: bool = False
    conflicts: tuple[ConflictingAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One row for the log."""

    question: str
    value: Value
    author: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a save leads to: the new state, and how it came to it."""

    codes: dict[str, int]
    texts: dict[str, str]
    changes: tuple[Change, ...]
    conflicts: tuple[ConflictingAnswer, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """What the author changed and what stands."""
        lost = {change.question for change in self.changes if change.author == CONFLICT}
        return tuple(
            change.question
            for change in self.changes
            if change.author not in {ROUTING, CONFLICT} and change.question not in lost
        )


Columns: TypeAlias = Mapping[str, tuple[str, ...]]


def weigh(
    save: Save,
    columns: Columns,
    *,
    codes: Mapping[str, int],
    texts: Mapping[str, str],
    history: History | None,
    author: Author,
) -> Plan:
    """Put a save on top of what stands, question by question.

    columns: the columns of each question of the save; () for a text. history: needed when somebody saved after the
    client's page was built, or when an answer is sent for a question that routing has set aside; None otherwise.
    A value that the client's page already had is not a change, even if somebody else has changed it since: a
    plain form sends back everything that it shows. A code that stands because routing put it there is nobody's word;
    a page does not show such a question, so the same code from a person is a change, though only for the log.
    """
    new_codes, new_texts = dict(codes), dict(texts)
    changes: list[Change] = []
    conflicts: list[ConflictingAnswer] = []
    for question, own in columns.items():
        base = save.base_of(question)
        now, given = _values(question, own, codes, texts), _given(question, own, save)
        wanted = {name: value for name, value in given.items() if _is_news(name, now[name], value, history, since=base)}
        if not wanted:
            continue
        changes += [Change(name, value, author.name) for name, value in wanted.items()]
        theirs = history.last_change(own or (question,), since=base) if history is not None else None
        if theirs is not None:
            # The losing value stays in the log; what stood before it is put back by the next line of the log.
            changes += [Change(name, now[name], CONFLICT) for name in wanted]
            text = texts.get(question, "") if not own else None
            kept = {name: codes[name] for name in own}
            conflicts.append(ConflictingAnswer(question, kept, text, theirs.author, theirs.mode, theirs.changed_at))
            continue
        _apply(wanted, new_codes, new_texts)
    return Plan(new_codes, new_texts, tuple(changes), tuple(conflicts))


def route(
    instrument: Instrument,
    variant: str,
    plan: Plan,
    *,
    before: Mapping[str, int],
    recall: Callable[[], Mapping[str, int]],
) -> Plan:
    """Add what the instrument's routing changes. Answers that come back on the path are those last given.

    before: the codes before this save. recall: the last answer of a person by column; asked only when something
    comes back on the path.
    """
    codes = dict(plan.codes)
    # Not what differs from before: a person may have said the very code that routing had put there.
    given = {name: codes[name] for name in plan.changed if name in codes}
    moved = settle(instrument, variant, before, given)
    # An answer that is restored can open or close further questions, so settle until nothing moves. Conditions only
    # look back, so every round decides at least one question for good.
    for _ in range(len(instrument.questions)):
        if not moved:
            break
        for column, code in moved.items():
            codes[column] = recall().get(column, NOT_ANSWERED) if code == NOT_ANSWERED else code
        moved = settle(instrument, variant, codes)
    routed = tuple(Change(column, code, ROUTING) for column, code in codes.items() if code != plan.codes[column])
    return Plan(codes, plan.texts, plan.changes + routed, plan.conflicts)


def refuse_unknown_revision(save: Save, newest: int) -> None:
    """Raise UnknownRevision for a save that claims to build on more than there is. newest: that of the interview."""
    if max(save.base_revision, *save.bases.values(), 0) > newest:
        raise UnknownRevision


def questions_of(save: Save, owners: Mapping[str, str]) -> tuple[str, ...]:
    """The questions that a save touches, each once, in the order sent. owners: question by column or text."""
    return tuple(dict.fromkeys(owners[name] for name in (*save.codes, *save.texts)))


def _values(
    question: str, own: tuple[str, ...], codes: Mapping[str, int], texts: Mapping[str, str]
) -> dict[str, Value]:
    if own:
        return {name: codes.get(name, NOT_ANSWERED) for name in own}
    return {question: texts.get(question, "")}


def _given(question: str, own: tuple[str, ...], save: Save) -> dict[str, Value]:
    if own:
        return {name: save.codes[name] for name in own if name in save.codes}
    return {question: save.texts[question]}


def _is_news(name: str, now: Value, given: Value, history: History | None, *, since: int) -> bool:
    if history is None:
        return _is_change(now, given)
    may_be_routed = now == given and isinstance(given, int) and given != NOT_ANSWERED
    return (may_be_routed or _is_change(now, given)) and not history.knows(name, given, since=since)


def _is_change(now: Value, given: Value) -> bool:
    # A form that leaves a question open does not take back what routing decided.
    return now != given and not (given == NOT_ANSWERED and now in {ROUTED, NOT_ASSIGNED})


def _apply(wanted: Mapping[str, Value], codes: dict[str, int], texts: dict[str, str]) -> None:
    for name, value in wanted.items():
        if isinstance(value, int):
            codes[name] = value
        elif value:
            texts[name] = value
        else:
            texts.pop(name, None)


def owners_of(columns: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """The question of each column, and of each text, which has none."""
    return {name: question for question, own in columns for name in (own or (question,))}
