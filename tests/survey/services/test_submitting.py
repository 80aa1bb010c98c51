import re
import threading
import uuid
from datetime import timedelta

import pytest
from make import (
    ALREADY_HERE,
    COMPLETE,
    CRITERIA,
    KNOW,
    RESPONDENT_ON_WEB,
    make_begun,
    make_interview,
    make_save,
    make_study,
    make_submitted,
)
from sqlalchemy import func, select

from survey.models import Interview, InterviewState, Operation, Study
from survey.services.errors import (
    BadFields,
    Declined,
    MissingAnswer,
    MissingAnswers,
    NotFound,
    OperationReused,
    StudyClosed,
    Withdrawn,
)
from survey.services.interviewing import receipt_of, save_answers, set_language, set_layout, submit
from survey.services.studying import close_study


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now, practices_per_web_interview=3)


def hand_in(database, begun, now, op_id=None):
    with database.writing() as session:
        return submit(session, begun.id, op_id=op_id or uuid.uuid4(), author=begun.author, now=now)


def test_a_whole_interview_is_submitted_with_a_receipt(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE, ALREADY_HERE, COMPLETE | {"SURE": 2}])

    receipt = hand_in(database, begun, now)

    with database.reading() as session:
        interview = session.get(Interview, begun.id)
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", receipt.number)
    assert (receipt.submitted_at, receipt.judged, receipt.assigned) == (now, 3, 3)
    # 14 barriers, enablers and "how sure" of the first and, less one, of the third; nothing of the second.
    assert receipt.left_open == 16 + 15
    assert (interview.state, interview.submitted_at, interview.receipt) == (
        InterviewState.SUBMITTED,
        now,
        receipt.number,
    )


def test_submitting_again_gives_the_same_receipt(database, study, now):
    with database.writing() as session:
        begun = make_submitted(session, study, now=now)
    first = hand_in(database, begun, now)

    again = hand_in(database, begun, now + timedelta(days=1))
    with database.writing() as session:
        close_study(session, session.get(Study, study.id), now=now)
    after_closing = hand_in(database, begun, now + timedelta(days=2))

    assert first == again == after_closing
    with database.reading() as session:
        assert receipt_of(session, begun.id) == first


def test_two_submits_at_once_give_one_receipt(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE] * 3)
    receipts = []
    threads = [threading.Thread(target=lambda: receipts.append(hand_in(database, begun, now))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(receipts) == 3
    assert len(set(receipts)) == 1


def test_every_required_question_that_is_open_is_listed_with_its_place(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE, KNOW | CRITERIA, {"FAM": 1}])

    with pytest.raises(MissingAnswers) as refused:
        hand_in(database, begun, now)

    # While nobody knows whether it exists already, everything is still to be asked.
    assert refused.value.places == (
        MissingAnswer(2, "verdict", "VERDICT"),
        MissingAnswer(3, "know", "EXIST"),
        *(MissingAnswer(3, "criteria", item) for item in CRITERIA),
        MissingAnswer(3, "verdict", "VERDICT"),
    )
    with database.reading() as session:
        assert session.get(Interview, begun.id).state is InterviewState.STARTED


def test_an_interview_without_a_profile_lists_the_profile(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)

    with pytest.raises(MissingAnswers) as refused:
        hand_in(database, begun, now)

    assert refused.value.places == (MissingAnswer(None, None, "REGION"), MissingAnswer(None, None, "STAKEHOLDER"))


def test_an_interview_that_has_ended_otherwise_is_not_submitted(database, study, now):
    with database.writing() as session:
        closed = make_interview(session, study, now=now, answers=[COMPLETE] * 3)
        withdrawn = make_interview(session, study, now=now, answers=[COMPLETE] * 3)
        declined = make_interview(session, study, now=now, answers=[COMPLETE] * 3)
        session.get(Interview, withdrawn.id).state = InterviewState.WITHDRAWN
        session.get(Interview, declined.id).state = InterviewState.DECLINED
        close_study(session, session.get(Study, study.id), now=now)

    for begun, error in ((closed, StudyClosed), (withdrawn, Withdrawn), (declined, Declined)):
        with pytest.raises(error):
            hand_in(database, begun, now)
    with database.reading() as session:
        assert session.scalar(select(func.count(Interview.receipt))) == 0


def test_an_operation_that_saved_answers_cannot_submit(database, study, now):
    save = make_save({"SURE": 2})
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE] * 3)
        save_answers(session, begun.id, 1, save, author=RESPONDENT_ON_WEB, now=now)

    with pytest.raises(OperationReused):
        hand_in(database, begun, now, op_id=save.op_id)


def test_submitting_is_an_operation_and_results_notice_it(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE] * 3)
    with database.reading() as session:
        before = session.get(Study, study.id).revision
    op_id = uuid.uuid4()

    hand_in(database, begun, now, op_id)

    with database.reading() as session:
        assert session.get(Operation, op_id).interview_id == begun.id
        assert session.get(Study, study.id).revision == before + 1


def test_there_is_no_receipt_before_submitting(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)

    for interview_id in (begun.id, uuid.uuid4()):
        with pytest.raises(NotFound), database.reading() as session:
            receipt_of(session, interview_id)


def test_language_and_layout_are_remembered(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)
        set_language(session, begun.id, "hu", now=now)
        set_layout(session, begun.id, "whole", now=now)

    with database.reading() as session:
        interview = session.get(Interview, begun.id)
        assert (interview.language, interview.layout) == ("hu", "whole")


def test_a_language_without_texts_and_an_unknown_layout_are_refused(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)

    for setter, value in ((set_language, "la"), (set_layout, "sideways")):
        with pytest.raises(BadFields), database.writing() as session:
            setter(session, begun.id, value, now=now)
