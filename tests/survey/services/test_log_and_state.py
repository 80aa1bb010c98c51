"""The log is the truth: the state follows from it, and no answer is lost or overruled in silence."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import RESPONDENT_ON_WEB, give, instrument, make_interview, make_save, make_study, random_codes
from sqlalchemy import select

from instruments import NOT_ANSWERED, ROUTED, Mode, settle
from survey.models import Evaluation
from survey.queries.cases import log_of_judgement
from survey.services.answering import first_codes
from survey.services.history import CONFLICT, ROUTING, codes_from_log, texts_from_log
from survey.services.interviewing import Author, save_answers
from survey.services.operations import logged

CLIENTS = (RESPONDENT_ON_WEB, Author("person:7", Mode.PHONE), Author("person:8", Mode.PHONE))


def state_and_log(session, begun, position=1):
    evaluation = session.scalars(
        select(Evaluation)
        .where(Evaluation.interview_id == begun.id, Evaluation.position == position)
        .execution_options(populate_existing=True)
    ).one()
    return evaluation, logged(log_of_judgement(session, evaluation.id))


def assert_state_follows_from_log(session, begun, variant, position=1):
    evaluation, log = state_and_log(session, begun, position)
    codes = instrument().unpack(evaluation.codes)
    assert codes_from_log(log, first_codes(instrument(), variant)) == codes
    assert texts_from_log(log) == evaluation.texts
    # Routing has nothing left to do.
    assert settle(instrument(), variant, codes) == {}
    return codes, log


@pytest.mark.parametrize("mode", [Mode.WEB, Mode.PHONE])
@pytest.mark.parametrize("seed", range(4))
def test_the_state_of_an_evaluation_can_be_rebuilt_from_its_log(database, now, mode, seed):
    generator = random.Random(seed)
    with database.writing() as session:
        begun = make_interview(session, make_study(session, now=now), now=now, mode=mode)
    variant = "rq5" if mode is Mode.PHONE else "rq10"

    for _ in range(15):
        codes = random_codes(generator, variant=variant)
        texts = {"COMMENT": generator.choice(["", "a", "b"])} if generator.random() < 0.3 else {}
        seen = generator.choice([0, 3, 6, 1000])
        with database.writing() as session:
            base = min(seen, state_and_log(session, begun)[0].revision)
            save = make_save(codes, texts, base_revision=base)
            save_answers(session, begun.id, 1, save, author=generator.choice(CLIENTS), now=now)
        with database.reading() as session:
            assert_state_follows_from_log(session, begun, variant)


COLUMNS = ("FAM", "EXIST", "NEED", "VERDICT", "HORIZON", "SURE")


def with_a_verdict_like_routings(codes):
    """The third verdict is 5, "already here", which is also what routing enters where a practice exists."""
    return {column: 5 if (column, code) == ("VERDICT", 3) else code for column, code in codes.items()}


saves = st.lists(
    st.tuples(
        st.integers(0, 2),  # which client
        st.dictionaries(st.sampled_from(COLUMNS), st.integers(1, 3), min_size=1, max_size=3).map(
            with_a_verdict_like_routings
        ),
        st.booleans(),  # whether the client looks at the page again before it saves
        st.booleans(),  # whether the reply is lost and the same save is sent again
    ),
    max_size=12,
)


@pytest.fixture
def study(sqlite_database, now):
    with sqlite_database.writing() as session:
        return make_study(session, now=now)


def shown(page, standing):
    """The codes that a page shows; a verdict that nobody has given is routing's, and not shown."""
    codes = instrument().unpack(page.codes)
    said, _ = standing.get("VERDICT", (None, 0))
    return codes | {"VERDICT": codes["VERDICT"] if codes["VERDICT"] == said else None}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(saves)
def test_clients_lose_nothing_and_overrule_nobody_in_silence(sqlite_database, study, now, steps):
    """Three clients, each with the page it saw last. The model: what stands with its revision, and what each saw."""
    with sqlite_database.writing() as session:
        begun = make_interview(session, study, now=now)
    bases, seen = [0, 0, 0], [{}, {}, {}]
    standing: dict[str, tuple[int, int]] = {}

    for client, codes, looks, repeats in steps:
        with sqlite_database.writing() as session:
            if looks:
                page, _ = state_and_log(session, begun)
                bases[client], seen[client] = page.revision, shown(page, standing)
            save = make_save(codes, base_revision=bases[client])
            saved = save_answers(session, begun.id, 1, save, author=CLIENTS[client], now=now)
            if repeats:
                again = save_answers(session, begun.id, 1, save, author=CLIENTS[client], now=now)
                assert (again.replayed, again.revision) == (True, saved.revision)
            expected_conflicts = set()
            for column, code in codes.items():
                stands, revision = standing.get(column, (None, 0))
                if revision <= bases[client]:
                    if stands != code:
                        standing[column] = code, saved.revision
                elif code not in {stands, seen[client].get(column)}:
                    expected_conflicts.add(column)
            assert {conflict.question for conflict in saved.conflicts} == expected_conflicts
            state, log = assert_state_follows_from_log(session, begun, "rq10")
            for column, code in codes.items():
                people = {row.value for row in log if row.question == column and row.author not in {ROUTING, CONFLICT}}
                assert code in people
            for column, (code, _) in standing.items():
                # What stands is what the model says, or routing has set it aside.
                assert state[column] in {code, ROUTED} or (column == "VERDICT" and state["EXIST"] == 1)


def test_every_answer_ever_sent_is_in_the_log(database, now):
    with database.writing() as session:
        begun = make_interview(session, make_study(session, now=now), now=now)
        for code in (1, 2, NOT_ANSWERED, 3):
            give(session, begun, 1, {"NEED": code}, now=now)
        give(session, begun, 1, {"NEED": 4}, now=now, base_revision=0, author=CLIENTS[1])

        _, log = state_and_log(session, begun)
    assert [row.value for row in log if row.question == "NEED"] == [1, 2, NOT_ANSWERED, 3, 4, 3]
