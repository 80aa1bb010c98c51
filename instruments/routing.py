"""What is asked next: the path through one evaluation, and what it makes of the codes.

The path depends on a few answers only. It is worked out once for each combination of them and kept
(`instruments.plans`), because every saved page asks several of the questions below.

`codes` is one evaluation as `Instrument.unpack` gives it; a column that is absent counts as not answered.
Every function raises KeyError for a variant or step that the instrument does not have.
"""

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from instruments.codes import NOT_ANSWERED, SKIPPED, is_answered
from instruments.conditions import State
from instruments.model import Block, Instrument, Kind, Mode, Question, Step
from instruments.plans import plan_for, taken_back

NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


def path(instrument: Instrument, variant: str, codes: Mapping[str, int]) -> tuple[Question, ...]:
    """The questions that are asked, in order, given the answers so far."""
    return plan_for(instrument, variant, codes).path


def settle(
    instrument: Instrument, variant: str, codes: Mapping[str, int], given: Mapping[str, int] = NOTHING
) -> dict[str, int]:
    """The changes that routing makes to the codes once `given`, the answers of this save, are among them.

    NOT_ASSIGNED for what the variant lacks. ROUTED (or the question's `when_skipped`) for what earlier answers
    rule out. NOT_ANSWERED for what comes back. While the deciding answer is still open, nothing is ruled out.
    `codes` without `given` is the state before; when both are merged already, leave `given` out: only then can
    a `when_skipped` code not be told from the same answer given in this very save. Idempotent.
    """
    now = {**codes, **given}
    changes = dict.fromkeys(taken_back(instrument, variant, codes, given), NOT_ANSWERED)
    now.update(changes)
    plan = plan_for(instrument, variant, now)
    changes.update((column, code) for column, code in plan.skipped if now.get(column) != code)
    changes.update((column, NOT_ANSWERED) for column in plan.open if now.get(column) in SKIPPED)
    return changes


def steps(instrument: Instrument, variant: str, codes: Mapping[str, int]) -> tuple[Step, ...]:
    """The steps on which something is asked."""
    by_step = plan_for(instrument, variant, codes).by_step
    return tuple(step for step in instrument.steps if by_step[step.key])


def missing_required(
    instrument: Instrument, variant: str, codes: Mapping[str, int], step: str | None = None
) -> tuple[Question, ...]:
    """Required questions on the path without an answer, in one step or in all."""
    asked = _asked(instrument, variant, codes, step)
    return tuple(question for question in asked if question.required and not is_answered(codes, question.columns))


def unanswered(
    instrument: Instrument, variant: str, codes: Mapping[str, int], step: str | None = None
) -> tuple[Question, ...]:
    """Questions on the path without an answer, required or not; a text left empty is not counted."""
    asked = _asked(instrument, variant, codes, step)
    return tuple(
        question for question in asked if question.kind is not Kind.TEXT and not is_answered(codes, question.columns)
    )


def is_complete(instrument: Instrument, variant: str, codes: Mapping[str, int]) -> bool:
    """Whether every required question on the path is answered: then the evaluation counts."""
    return not missing_required(instrument, variant, codes)


def first_open_step(instrument: Instrument, variant: str, codes: Mapping[str, int]) -> str | None:
    """The first step with a required question left open; None when the evaluation is complete."""
    for step in instrument.steps:
        if missing_required(instrument, variant, codes, step.key):
            return step.key
    return None


def first_untouched_step(instrument: Instrument, variant: str, codes: Mapping[str, int]) -> str | None:
    """The first step on which nothing is answered yet although something could be: where to go on after a break.

    None when every step with coded questions has an answer. Texts alone make no step untouched.
    """
    for step in instrument.steps:
        columns = [column for question in _asked(instrument, variant, codes, step.key) for column in question.columns]
        if columns and not is_answered(codes, tuple(columns)):
            return step.key
    return None


def may_be_asked(
    instrument: Instrument, variant: str, codes: Mapping[str, int], step: str | None = None
) -> tuple[Question, ...]:
    """What one page has to hold to work without a script, in order.

    The questions of the step (or of all) that are on the path, and those that an answer on the same page can
    bring onto it.
    """
    on_path = set(_asked(instrument, variant, codes, step))
    here: set[str] = set()
    found = []
    for code in _questions_of(instrument, step):
        question = instrument.questions[code]
        if question in on_path or (
            code in instrument.variants[variant].questions
            and question.show_if is not None
            and all(clause.column in here or clause.state(codes) is State.HOLDS for clause in question.show_if.clauses)
        ):
            here.update(question.columns)
            found.append(question)
    return tuple(found)


def row_order(block: Block, seed: str | int, *, mode: Mode = Mode.WEB) -> tuple[str, ...]:
    """The rows of a block in the order in which one respondent sees them; same seed, same order, for ever.

    A shuffled block is in random order on the web; on the phone it keeps its order and starts anywhere. Its
    `last` rows come last in both. Method, section 2.6.
    """
    if block.order == "fixed":
        return block.questions
    rows = [code for code in block.questions if code not in block.last]
    if mode is Mode.PHONE:
        start = int(_draw(seed, block.key), 16) % len(rows) if rows else 0
        rows = rows[start:] + rows[:start]
    else:
        rows.sort(key=lambda code: _draw(seed, code))
    return (*rows, *block.last)


def _draw(seed: str | int, name: str) -> str:
    """A random-looking word that is the same on every machine and in every version of Python."""
    return sha256(f"{seed}:{name}".encode()).hexdigest()


def _asked(instrument: Instrument, variant: str, codes: Mapping[str, int], step: str | None) -> tuple[Question, ...]:
    plan = plan_for(instrument, variant, codes)
    return plan.path if step is None else plan.by_step[step]


def _questions_of(instrument: Instrument, step: str | None) -> tuple[str, ...]:
    return tuple(code for each in instrument.steps if step in {None, each.key} for code in each.questions)
