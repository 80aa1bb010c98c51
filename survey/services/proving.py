"""Proves that the state is what the log says, for every evaluation and profile, in as much memory as one part takes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from instruments import NOT_ANSWERED, Instrument, InstrumentError, load
from survey.queries import proofs
from survey.services.answering import first_codes, state_of
from survey.services.checking import REGION
from survey.services.history import LoggedChange, codes_from_log, texts_from_log
from survey.services.operations import logged
from survey.services.profiling import STAKEHOLDER

STEP = 500  # evaluations between two words about the progress


def differences(session: Session, progress: Callable[[int, int], None]) -> Iterator[str]:
    """Where the database contradicts itself: a sentence with its place for each.

    session: one that reads. progress: told how many evaluations of how many are done.
    """
    proofs.let_it_take_its_time(session)
    total = proofs.how_many_evaluations(session)
    for done, (row, log) in enumerate(_paired(proofs.evaluations(session), proofs.changes_of_evaluations(session))):
        if done % STEP == 0:
            progress(done, total)
        yield from _of_evaluation(row, log)
    for row, log in _paired(proofs.interviews(session), proofs.changes_of_profiles(session)):
        yield from _of_interview(row, log)
    for row in proofs.changes_without_operation(session):
        yield f"Change {row.id} of the log ({row.question}) belongs to the save {row.op_id}, which was never noted."
    for row in proofs.changes_of_another_interview(session):
        yield f"Change {row.id} of the log ({row.question}) is about an evaluation of another interview."


def _paired(
    states: Iterable[Row[*tuple[Any, ...]]], changes: Iterable[Row[*tuple[Any, ...]]]
) -> Iterator[tuple[Row[*tuple[Any, ...]], list[LoggedChange]]]:
    """Each state with its part of the log. Both come in the order of their ids."""
    logs = groupby(changes, key=lambda change: change.id)
    waiting = next(logs, None)
    for state in states:
        # A log without its state is a reference to nothing, which another check tells.
        while waiting is not None and waiting[0] < state.id:
            waiting = next(logs, None)
        if waiting is not None and waiting[0] == state.id:
            yield state, logged(waiting[1])
            waiting = next(logs, None)
        else:
            yield state, []


def _of_evaluation(row: Row[*tuple[Any, ...]], log: list[LoggedChange]) -> Iterator[str]:
    place = f"{_place(row)}, practice {row.practice}"
    if not row.has_own_region:
        yield f"{place}: its region belongs to another study."
    if not row.has_own_practice:
        yield f"{place}: the practice belongs to another study."
    if row.revision != _revision(log):
        yield f"{place}: its revision is {row.revision}, but the log ends with {_revision(log)}."
    if row.texts != (texts := texts_from_log(log)):
        for question in sorted(row.texts.keys() | texts.keys()):
            if row.texts.get(question) != texts.get(question):
                yield f"{place}: the text {question} is not the one that the log leads to."
    try:
        instrument = load(row.instrument_key, row.instrument_version)
        codes = instrument.unpack(row.codes)
    except (InstrumentError, ValueError) as error:
        yield f"{place}: its codes cannot be read: {error}."
        return
    yield from _codes_differ(place, codes, codes_from_log(log, first_codes(instrument, row.variant)))
    if row.state is not (state := state_of(instrument, row.variant, codes, row.texts)):
        yield f"{place}: it is called {row.state.value}, but by its answers it is {state.value}."


def _of_interview(row: Row[*tuple[Any, ...]], log: list[LoggedChange]) -> Iterator[str]:
    place = f"{_place(row)}, profile"
    if row.revision != (row.last_revision or 0):
        yield f"{place}: the interview's revision is {row.revision}, but the log ends with {row.last_revision or 0}."
    if row.region != (region := texts_from_log(log).get(REGION)):
        yield f"{place}: the region is {row.region or 'open'}, but the log leads to {region or 'an open one'}."
    try:
        instrument = load(row.instrument_key, row.instrument_version)
        codes = instrument.unpack_profile(row.codes)
    except (InstrumentError, ValueError) as error:
        yield f"{place}: its codes cannot be read: {error}."
        return
    yield from _codes_differ(place, codes, codes_from_log(log, _first_profile(instrument)))
    group = instrument.group_by_code.get(codes.get(STAKEHOLDER, NOT_ANSWERED))
    if row.group_key != group:
        yield f"{place}: the group is {row.group_key or 'open'}, but the kind of organisation says {group or 'none'}."


def _codes_differ(place: str, codes: Mapping[str, int], expected: Mapping[str, int]) -> Iterator[str]:
    if codes == expected:
        return
    for column in expected:
        if column not in codes:
            yield f"{place}: the log has answers to {column}, which the questionnaire does not ask."
        elif codes[column] != expected[column]:
            yield f"{place}: {column} is {_word(codes[column])}, but the log leads to {_word(expected[column])}."


def _first_profile(instrument: Instrument) -> dict[str, int]:
    return instrument.unpack_profile(instrument.pack_profile({}))


def _revision(log: list[LoggedChange]) -> int:
    return log[-1].revision if log else 0


def _word(code: int) -> str:
    return "open" if code == NOT_ANSWERED else str(code)


def _place(row: Row[*tuple[Any, ...]]) -> str:
    return f"Study {row.study}, respondent {row.respondent}"
