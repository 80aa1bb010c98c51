"""An interview as a save needs it: one select, locked against others who save the same interview."""

import threading
import uuid

import pytest
from rows import answer_change, evaluation, insert, insert_valid, interview, uid
from sqlalchemy import text

from survey.models import EvaluationState, InterviewState, StudyState
from survey.queries import cases

FIRST, SECOND = uuid.UUID(uid("interview 1")), uuid.UUID(uid("interview 2"))


@pytest.fixture
def filled(database):
    """Two interviews: the first with two evaluations, written backwards, and a log."""
    with database.writing() as session:
        insert_valid(session)
        insert(session, "interview", interview(2))
        insert(session, "evaluation", evaluation(2, "second practice") | {"texts": '{"COMMENT": "Møn"}'})
        insert(session, "answer_change", answer_change(3) | {"question": "COST"})
        insert(session, "answer_change", answer_change(2) | {"question": "LEGAL"})
        insert(session, "answer_change", answer_change(2) | {"question": "SUST"})
        insert(session, "answer_change", answer_change(4) | {"evaluation_id": None, "question": "ROLE"})
    return database


def test_a_case_comes_with_its_judgement_in_one_select(filled, count_queries):
    with filled.writing() as session, count_queries(filled) as queries:
        case, judgement = cases.case_with_judgement(session, FIRST, 2)

    assert (case.interview_id, case.state, case.study_state) == (FIRST, InterviewState.STARTED, StudyState.OPEN)
    assert (case.profile, case.revision, case.instrument_key) == (b"\x80\x80\x80", 0, "replicability")
    assert judgement == cases.Judgement(
        id=uuid.UUID(uid("evaluation 2")),
        position=2,
        state=EvaluationState.ASSIGNED,
        codes=b"\x80" * 49,
        texts={"COMMENT": "Møn"},
        revision=0,
    )
    assert queries.count == 1


@pytest.mark.parametrize(("interview_id", "position"), [(FIRST, 3), (FIRST, 0), (SECOND, 1), (uuid.UUID(int=0), 1)])
def test_there_is_no_case_where_there_is_no_pair(filled, interview_id, position):
    with filled.writing() as session:
        assert cases.case_with_judgement(session, interview_id, position) is None


def test_a_case_alone_is_the_same_locked_or_not(filled, count_queries):
    with filled.writing() as session, count_queries(filled) as queries:
        locked = cases.case_alone(session, SECOND)
    with filled.reading() as session:
        read = cases.case_to_read(session, SECOND)
        nothing = cases.case_to_read(session, uuid.UUID(int=0))

    assert locked == read
    assert locked.interview_id == SECOND
    assert nothing is None
    assert queries.count == 1


def test_judgements_come_by_position(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = cases.judgements_of(session, FIRST)
        none = cases.judgements_of(session, SECOND)

    assert [judgement.position for judgement in found] == [1, 2]
    assert none == []
    assert queries.count == 2


def test_an_operation_is_found_by_its_id(filled):
    with filled.reading() as session:
        found = cases.operation_by_id(session, uuid.UUID(uid("operation")))
        nothing = cases.operation_by_id(session, uuid.UUID(int=0))

    assert (found.interview_id, found.revision) == (FIRST, 1)
    assert nothing is None


def test_the_log_comes_oldest_first_and_apart_for_profile_and_practice(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        of_practice = cases.log_of_judgement(session, uuid.UUID(uid("evaluation 1")))
        of_profile = cases.log_of_profile(session, FIRST)

    assert [(row.question, row.revision) for row in of_practice] == [
        ("NEED", 1),
        ("LEGAL", 2),
        ("SUST", 2),
        ("COST", 3),
    ]
    assert [row.question for row in of_profile] == ["ROLE"]
    assert queries.count == 2


def test_two_who_save_the_same_interview_follow_each_other(filled):
    seen = []

    def save():
        with filled.writing() as session:
            case, _ = cases.case_with_judgement(session, FIRST, 1)
            seen.append(case.revision)
            session.execute(text("UPDATE interview SET revision = revision + 1 WHERE receipt = 'R-1'"))

    threads = [threading.Thread(target=save) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == list(range(8))
