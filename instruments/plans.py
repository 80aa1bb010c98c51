"""What follows from the few answers that decide the path, worked out once for each combination of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from instruments.codes import NOT_ANSWERED, NOT_ASSIGNED, ROUTED, SKIPPED
from instruments.conditions import State, holds
from instruments.model import Instrument, Question


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What follows from the answers that decide.

    skipped: columns that are not asked, with the code that says why. open: columns that are asked, or whose
    question waits for the answer that decides.
    """

    path: tuple[Question, ...]
    skipped: tuple[tuple[str, int], ...]
    open: tuple[str, ...]
    by_step: Mapping[str, tuple[Question, ...]]


def plan_for(instrument: Instrument, variant: str, codes: Mapping[str, int]) -> Plan:
    """The plan for these answers. KeyError when there is no such variant."""
    deciding = tuple([codes.get(column, NOT_ANSWERED) for column in _deciding_columns(instrument)])
    return _plan(instrument, variant, deciding)


def taken_back(instrument: Instrument, variant: str, codes: Mapping[str, int], given: Mapping[str, int]) -> list[str]:
    """Columns whose code routing gave (`when_skipped`) and that are asked again now.

    The code alone does not tell: a person may answer "it already exists here" too. Either the condition failed
    before this save, or a neighbour that is skipped together with the question still has ROUTED.
    """
    now = {**codes, **given}
    found = []
    for question, neighbours in _skipped_with_a_code(instrument, variant):
        was_skipped = _is_ruled_out(question, codes) or any(now.get(column) == ROUTED for column in neighbours)
        is_same = question.code not in given and now.get(question.code) == question.when_skipped
        if is_same and was_skipped and not _is_ruled_out(question, now):
            found.append(question.code)
    return found


def _is_ruled_out(question: Question, codes: Mapping[str, int]) -> bool:
    return question.show_if is not None and question.show_if.state(codes) is State.FAILS


@lru_cache(maxsize=64)
def _deciding_columns(instrument: Instrument) -> tuple[str, ...]:
    """The columns that conditions look at, each once."""
    conditions = [question.show_if for question in instrument.questions.values() if question.show_if is not None]
    return tuple(dict.fromkeys(column for condition in conditions for column in condition.columns))


@lru_cache(maxsize=4096)  # The shipped questionnaire has some 2,000 combinations, of which few occur.
def _plan(instrument: Instrument, variant: str, deciding: tuple[int, ...]) -> Plan:
    """One walk through the questions: conditions only look back, so each is decided when it is reached."""
    known = dict(zip(_deciding_columns(instrument), deciding, strict=True))
    asked: list[Question] = []
    skipped: list[tuple[str, int]] = []
    open_columns: list[str] = []
    for question in instrument.questions.values():
        is_assigned = question.code in instrument.variants[variant].questions
        if is_assigned and not _is_ruled_out(question, known):
            is_asked = holds(question.show_if, known)
            open_columns += question.columns
            asked += [question] if is_asked else []
            # What waits, or comes back, has no answer that others could rest on.
            stale = {column for column in question.columns if not is_asked or known.get(column) in SKIPPED}
            known.update(dict.fromkeys(stale, NOT_ANSWERED))
        else:
            code = _code_when_not_asked(question, is_assigned=is_assigned)
            skipped += [(column, code) for column in question.columns]
            known.update(dict.fromkeys(question.columns, code))
    on_path = {question.code for question in asked}
    by_step = {
        step.key: tuple(instrument.questions[code] for code in step.questions if code in on_path)
        for step in instrument.steps
    }
    return Plan(tuple(asked), tuple(skipped), tuple(open_columns), by_step)


def _code_when_not_asked(question: Question, *, is_assigned: bool) -> int:
    if not is_assigned:
        return NOT_ASSIGNED
    return ROUTED if question.when_skipped is None else question.when_skipped


@lru_cache(maxsize=64)
def _skipped_with_a_code(instrument: Instrument, variant: str) -> tuple[tuple[Question, tuple[str, ...]], ...]:
    """Questions with `when_skipped`, each with the columns that are ROUTED exactly when it is skipped."""
    asked = [
        question for code, question in instrument.questions.items() if code in instrument.variants[variant].questions
    ]
    return tuple(
        (
            question,
            tuple(
                column
                for other in asked
                if other.when_skipped is None and other.show_if == question.show_if
                for column in other.columns
            ),
        )
        for question in asked
        if question.when_skipped is not None
    )
