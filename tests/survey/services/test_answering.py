import threading
import uuid
from datetime import timedelta
from itertools import pairwise

import pytest
from make import (
    ALREADY_HERE,
    COMPLETE,
    CRITERIA,
    KNOW,
    RESPONDENT_ON_WEB,
    give,
    instrument,
    make_begun,
    make_interview,
    make_save,
    make_study,
    make_submitted,
)
from sqlalchemy import func, select

from instruments import DONT_KNOW, NOT_ANSWERED, NOT_ASSIGNED, ROUTED, Mode
from survey.models import AnswerChange, Evaluation, EvaluationState, Interview, InterviewState, Operation, Study
from survey.services.errors import (
    AlreadySubmitted,
    BadInput,
    ConflictingAnswer,
    Declined,
    NotFound,
    OperationReused,
    StudyClosed,
    UnknownRevision,
    Withdrawn,
)
from survey.services.interviewing import Author, Saved, save_answers
from survey.services.studying import close_study

INTERVIEWER = Author("person:7", Mode.PHONE)


@pytest.fixture
def interview(database, now):
    with database.writing() as session:
        return make_interview(session, make_study(session, now=now), now=now)


def evaluation(database, begun, position=1):
    with database.reading() as session:
        return session.scalars(
            select(Evaluation).where(Evaluation.interview_id == begun.id, Evaluation.position == position)
        ).one()


def codes_of(database, begun, position=1):
    return instrument().unpack(evaluation(database, begun, position).codes)


def log_of(database, begun, position=1):
    with database.reading() as session:
        rows = session.execute(
            select(AnswerChange.question, AnswerChange.code, AnswerChange.text, AnswerChange.author)
            .join(Evaluation, Evaluation.id == AnswerChange.evaluation_id)
            .where(Evaluation.interview_id == begun.id, Evaluation.position == position)
            .order_by(AnswerChange.revision, AnswerChange.id)
        )
        return [(row.question, row.text if row.code is None else row.code, row.author) for row in rows]


def everything(database):
    """Every stored thing that a save could change."""
    with database.reading() as session:
        return (
            session.execute(select(Interview.__table__).order_by(Interview.id)).all(),
            session.execute(select(Evaluation.__table__).order_by(Evaluation.id)).all(),
            session.scalar(select(func.count()).select_from(AnswerChange)),
            session.scalar(select(func.count()).select_from(Operation)),
            session.scalars(select(Study.revision)).all(),
        )


def test_an_answer_is_kept_as_state_and_in_the_log(database, interview, now):
    before = evaluation(database, interview)
    save = make_save({"NEED": 4, "FIT": DONT_KNOW}, {"COMMENT": "Sì, già visto\nqui"}, base_revision=before.revision)

    with database.writing() as session:
        saved = save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now)

    after = evaluation(database, interview)
    assert saved == Saved(after.revision, now, ("NEED", "FIT", "COMMENT"))
    assert (codes_of(database, interview)["NEED"], codes_of(database, interview)["FIT"]) == (4, DONT_KNOW)
    assert after.texts == {"COMMENT": "Sì, già visto\nqui"}
    assert log_of(database, interview) == [
        ("NEED", 4, "respondent"),
        ("FIT", DONT_KNOW, "respondent"),
        ("COMMENT", "Sì, già visto\nqui", "respondent"),
    ]
    with database.reading() as session:
        assert session.scalar(select(Interview.last_answer_at)) == now


def test_an_evaluation_is_assigned_then_started_then_complete_and_can_become_open_again(database, interview, now):
    states = [evaluation(database, interview).state]
    for codes in (KNOW, CRITERIA, {"VERDICT": 2}, {"NEED": NOT_ANSWERED}):
        with database.writing() as session:
            give(session, interview, 1, codes, now=now)
        states.append(evaluation(database, interview).state)

    assert states == [
        EvaluationState.ASSIGNED,
        EvaluationState.STARTED,
        EvaluationState.STARTED,
        EvaluationState.COMPLETE,
        EvaluationState.STARTED,
    ]


def test_taking_everything_back_leaves_an_evaluation_as_it_was_assigned(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, {"FAM": 2}, now=now, texts={"COMMENT": "Hm"})

    with database.writing() as session:
        give(session, interview, 1, {"FAM": NOT_ANSWERED}, now=now, texts={"COMMENT": ""})

    after = evaluation(database, interview)
    assert (after.state, after.texts) == (EvaluationState.ASSIGNED, {})


def test_the_revision_of_the_study_rises_only_when_results_could_show_the_change(database, interview, now):
    def revision():
        with database.reading() as session:
            return session.scalar(select(Study.revision))

    revisions = [revision()]
    for codes in (KNOW, CRITERIA, {"VERDICT": 2}, {"SURE": 3}, {"SURE": 3}, {"NEED": NOT_ANSWERED}):
        with database.writing() as session:
            give(session, interview, 1, codes, now=now)
        revisions.append(revision())

    assert [after - before for before, after in pairwise(revisions)] == [0, 0, 1, 1, 0, 1]


def test_an_unchanged_answer_is_neither_logged_nor_a_new_revision(database, interview, now):
    with database.writing() as session:
        first = give(session, interview, 1, {"NEED": 4}, now=now)

    with database.writing() as session:
        second = give(session, interview, 1, {"NEED": 4}, now=now + timedelta(minutes=1))

    assert second == Saved(first.revision, now + timedelta(minutes=1))
    assert log_of(database, interview) == [("NEED", 4, "respondent")]


def test_the_same_save_again_gets_its_first_reply_with_what_stands_now_and_changes_nothing(database, interview, now):
    save = make_save({"NEED": 4})
    with database.writing() as session:
        first = save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now)
    with database.writing() as session:
        give(session, interview, 1, {"NEED": 2}, now=now)
    before = everything(database)

    with database.writing() as session:
        again = save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now + timedelta(hours=1))

    stands = ConflictingAnswer("NEED", {"NEED": 2}, None, "respondent", "web", now)
    assert again == Saved(first.revision, first.saved_at, replayed=True, conflicts=(stands,))
    assert everything(database) == before


def test_the_same_save_from_two_threads_is_done_once(database, interview, now):
    save = make_save({"NEED": 4, "FIT": 2})
    replies, start = [], threading.Barrier(2)

    def send():
        start.wait()
        with database.writing() as session:
            replies.append(save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(reply.replayed for reply in replies) == [False, True]
    assert {reply.revision for reply in replies} == {evaluation(database, interview).revision}
    assert log_of(database, interview) == [("NEED", 4, "respondent"), ("FIT", 2, "respondent")]


def test_answers_to_one_practice_from_many_threads_are_all_kept(database, interview, now):
    """The codes of a practice are one row, so that a save built on an old row would undo another's."""
    seen = evaluation(database, interview).revision
    start = threading.Barrier(len(CRITERIA))

    def send(column, code):
        start.wait()
        with database.writing() as session:
            give(session, interview, 1, {column: code}, now=now, base_revision=seen)

    threads = [threading.Thread(target=send, args=answer) for answer in CRITERIA.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    codes = codes_of(database, interview)
    assert {column: codes[column] for column in CRITERIA} == CRITERIA
    with database.reading() as session:
        revisions = session.scalars(select(AnswerChange.revision).where(AnswerChange.question.in_(CRITERIA))).all()
    assert len(set(revisions)) == len(CRITERIA)


@pytest.mark.parametrize(
    "other",
    [
        {"codes": {"NEED": 5}},
        {"codes": {"NEED": 4}, "base_revision": 1},
        {"codes": {"NEED": 4}, "texts": {"COMMENT": "more"}},
    ],
)
def test_an_operation_with_another_body_is_refused(database, interview, now, other):
    op_id = uuid.uuid4()
    with database.writing() as session:
        save_answers(session, interview.id, 1, make_save({"NEED": 4}, op_id=op_id), author=RESPONDENT_ON_WEB, now=now)
    before = everything(database)

    with pytest.raises(OperationReused), database.writing() as session:
        save_answers(session, interview.id, 1, make_save(**other, op_id=op_id), author=RESPONDENT_ON_WEB, now=now)

    assert everything(database) == before


def test_an_operation_of_another_practice_or_interview_is_refused(database, interview, now):
    save = make_save({"NEED": 4})
    with database.writing() as session:
        study = session.scalars(select(Study)).one()
        other = make_interview(session, study, now=now)
        save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now)

    for interview_id, position in ((interview.id, 2), (other.id, 1)):
        with pytest.raises(OperationReused), database.writing() as session:
            save_answers(session, interview_id, position, save, author=RESPONDENT_ON_WEB, now=now)


def test_different_questions_from_two_clients_are_both_kept_without_a_word(database, interview, now):
    seen = evaluation(database, interview).revision

    with database.writing() as session:
        give(session, interview, 1, {"NEED": 4}, now=now, base_revision=seen)
    with database.writing() as session:
        second = give(session, interview, 1, {"FIT": 2}, now=now, base_revision=seen)

    assert second.conflicts == ()
    assert {name: codes_of(database, interview)[name] for name in ("NEED", "FIT")} == {"NEED": 4, "FIT": 2}


def test_a_form_that_sends_back_all_it_shows_does_not_undo_what_somebody_else_changed(database, interview, now):
    with database.writing() as session:
        seen = give(session, interview, 1, {"NEED": 4, "FIT": 4}, now=now).revision
    with database.writing() as session:
        give(session, interview, 1, {"NEED": 1}, now=now, author=INTERVIEWER)

    with database.writing() as session:
        saved = give(session, interview, 1, {"NEED": 4, "FIT": 5}, now=now, base_revision=seen)

    assert (saved.changed, saved.conflicts) == (("FIT",), ())
    assert {name: codes_of(database, interview)[name] for name in ("NEED", "FIT")} == {"NEED": 1, "FIT": 5}


def test_the_same_question_from_two_clients_keeps_the_first_answer_and_reports_it(database, interview, now):
    seen = evaluation(database, interview).revision
    with database.writing() as session:
        give(session, interview, 1, {"NEED": 4}, now=now, base_revision=seen, author=INTERVIEWER)

    with database.writing() as session:
        later = now + timedelta(minutes=1)
        saved = give(session, interview, 1, {"NEED": 2, "FIT": 3}, now=later, base_revision=seen)

    assert saved.conflicts == (ConflictingAnswer("NEED", {"NEED": 4}, None, "person:7", "phone", now),)
    assert saved.changed == ("FIT",)
    assert {name: codes_of(database, interview)[name] for name in ("NEED", "FIT")} == {"NEED": 4, "FIT": 3}


def test_the_losing_answer_of_a_conflict_stays_in_the_log(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, {"NEED": 4}, now=now, base_revision=0, author=INTERVIEWER)
    with database.writing() as session:
        give(session, interview, 1, {"NEED": 2}, now=now, base_revision=0)

    assert log_of(database, interview) == [
        ("NEED", 4, "person:7"),
        ("NEED", 2, "respondent"),
        ("NEED", 4, "conflict"),
    ]


def test_a_conflict_is_reported_again_until_a_person_decides(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, {"NEED": 4}, now=now, base_revision=0, author=INTERVIEWER)
    with database.writing() as session:
        first = give(session, interview, 1, {"NEED": 2}, now=now, base_revision=0)
    with database.writing() as session:
        second = give(session, interview, 1, {"NEED": 2}, now=now, base_revision=0)
    standing = codes_of(database, interview)["NEED"]

    with database.writing() as session:
        decided = give(session, interview, 1, {"NEED": 2}, now=now, base_revision=second.revision)

    assert first.conflicts == second.conflicts
    assert [conflict.author for conflict in second.conflicts] == ["person:7"]
    assert standing == 4
    assert (decided.changed, decided.conflicts, codes_of(database, interview)["NEED"]) == (("NEED",), (), 2)


def test_the_same_answer_from_two_clients_is_no_conflict(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, {"NEED": 4}, now=now, base_revision=0)
    with database.writing() as session:
        saved = give(session, interview, 1, {"NEED": 4}, now=now, base_revision=0)

    assert (saved.changed, saved.conflicts) == ((), ())


def test_a_save_that_claims_to_have_seen_what_is_still_to_come_is_refused(database, interview, now):
    """Else it would never be in conflict with what others save up to that revision."""
    with database.writing() as session:
        known = give(session, interview, 1, {"NEED": 4}, now=now).revision
    before = everything(database)

    with pytest.raises(UnknownRevision, match="does not exist"), database.writing() as session:
        give(session, interview, 1, {"NEED": 2}, now=now, base_revision=known + 1)

    assert everything(database) == before


def test_two_texts_for_one_question_are_a_conflict(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, {}, now=now, texts={"COMMENT": "mine"}, base_revision=0, author=INTERVIEWER)
    with database.writing() as session:
        saved = give(session, interview, 1, {}, now=now, texts={"COMMENT": "yours"}, base_revision=0)

    assert saved.conflicts == (ConflictingAnswer("COMMENT", {}, "mine", "person:7", "phone", now),)
    assert evaluation(database, interview).texts == {"COMMENT": "mine"}


def test_options_of_one_question_ticked_by_two_clients_are_a_conflict(database, interview, now):
    """Else both together could be more than the question allows."""
    with database.writing() as session:
        give(session, interview, 1, COMPLETE, now=now)
        seen = give(session, interview, 1, {"E01": 1, "E02": 1}, now=now).revision
    with database.writing() as session:
        give(session, interview, 1, {"E03": 1}, now=now, base_revision=seen, author=INTERVIEWER)

    with database.writing() as session:
        saved = give(session, interview, 1, {"E01": 0, "E04": 1}, now=now, base_revision=seen)

    assert [conflict.question for conflict in saved.conflicts] == ["ENABLER"]
    assert saved.conflicts[0].codes["E03"] == 1
    codes = codes_of(database, interview)
    assert [codes[name] for name in ("E01", "E02", "E03", "E04")] == [1, 1, 1, NOT_ANSWERED]


def test_routing_sets_aside_what_is_not_asked_and_says_so_in_the_log(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, COMPLETE, now=now)
    length = len(log_of(database, interview))

    with database.writing() as session:
        give(session, interview, 1, {"EXIST": 1}, now=now)

    codes, log = codes_of(database, interview), log_of(database, interview)[length:]
    assert (codes["VERDICT"], codes["EXWORK"]) == (5, NOT_ANSWERED)
    assert {codes[column] for column in CRITERIA} == {ROUTED}
    assert log[0] == ("EXIST", 1, "respondent")
    assert {author for _, _, author in log[1:]} == {"routing"}
    assert ("VERDICT", 5, "routing") in log


def test_answers_come_back_when_their_questions_do(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, COMPLETE | {"B01": 1, "SURE": 2}, now=now)
    before = codes_of(database, interview)
    with database.writing() as session:
        give(session, interview, 1, {"EXIST": 1, "EXWORK": 4}, now=now)

    with database.writing() as session:
        give(session, interview, 1, {"EXIST": 2}, now=now)

    assert codes_of(database, interview) == before | {"EXIST": 2}
    assert evaluation(database, interview).state is EvaluationState.COMPLETE


def test_an_answer_sent_for_a_question_that_is_set_aside_comes_back_later(database, interview, now):
    """As from a page without script that showed the question when it was made."""
    with database.writing() as session:
        give(session, interview, 1, ALREADY_HERE, now=now)
    with database.writing() as session:
        give(session, interview, 1, {"NEED": 3}, now=now)
    aside = codes_of(database, interview)["NEED"]

    with database.writing() as session:
        give(session, interview, 1, {"EXIST": 3}, now=now)

    assert (aside, codes_of(database, interview)["NEED"]) == (ROUTED, 3)


def test_an_answer_sent_again_for_a_question_that_is_set_aside_is_no_news(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, COMPLETE | {"EXIST": 1, "EXWORK": 4}, now=now)
    before = log_of(database, interview)

    with database.writing() as session:
        saved = give(session, interview, 1, {"NEED": COMPLETE["NEED"], "VERDICT": COMPLETE["VERDICT"]}, now=now)

    assert saved.changed == ()
    assert log_of(database, interview) == before


def test_a_verdict_that_routing_had_put_there_is_a_persons_once_a_person_says_it(database, interview, now):
    """ "It already exists here" is what routing enters where the practice exists, and an answer of its own."""
    with database.writing() as session:
        give(session, interview, 1, COMPLETE, now=now)
        give(session, interview, 1, {"EXIST": 1, "EXWORK": 4}, now=now)
    length = len(log_of(database, interview))

    with database.writing() as session:
        saved = give(session, interview, 1, {"EXIST": 3, "VERDICT": 5}, now=now)

    log = log_of(database, interview)[length:]
    assert set(saved.changed) == {"EXIST", "VERDICT"}
    assert [row for row in log if row[0] == "VERDICT"] == [("VERDICT", 5, "respondent")]
    assert codes_of(database, interview)["VERDICT"] == 5


def test_a_verdict_said_while_it_is_set_aside_comes_back_with_its_question(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, ALREADY_HERE, now=now)
        said = give(session, interview, 1, {"VERDICT": 5}, now=now)
        again = give(session, interview, 1, {"VERDICT": 5}, now=now)

    with database.writing() as session:
        give(session, interview, 1, {"EXIST": 3}, now=now)

    assert (said.changed, again.changed) == (("VERDICT",), ())
    assert [row for row in log_of(database, interview) if row[0] == "VERDICT"] == [
        ("VERDICT", 5, "routing"),
        ("VERDICT", 5, "respondent"),
    ]
    assert codes_of(database, interview)["VERDICT"] == 5


def test_routings_verdict_is_nothing_that_an_old_page_showed(database, interview, now):
    with database.writing() as session:
        seen = give(session, interview, 1, ALREADY_HERE, now=now).revision
        give(session, interview, 1, {"EXIST": 3}, now=now, author=INTERVIEWER)

    with database.writing() as session:
        saved = give(session, interview, 1, {"VERDICT": 5}, now=now, base_revision=seen)

    assert saved.changed == ("VERDICT",)
    assert codes_of(database, interview)["VERDICT"] == 5


def test_an_answer_that_the_same_save_takes_off_the_path_is_logged_as_said_and_then_as_routed(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, COMPLETE, now=now)
    length = len(log_of(database, interview))

    with database.writing() as session:
        give(session, interview, 1, {"EXIST": 1, "NEED": 1, "FIT": COMPLETE["FIT"], "VERDICT": 5}, now=now)

    log = log_of(database, interview)[length:]
    assert [row for row in log if row[0] == "NEED"] == [("NEED", 1, "respondent"), ("NEED", ROUTED, "routing")]
    assert [row for row in log if row[0] == "FIT"] == [("FIT", ROUTED, "routing")]  # said before, and not again
    assert [row for row in log if row[0] == "VERDICT"] == [("VERDICT", 5, "respondent")]


def test_the_phone_variant_never_asks_what_it_lacks(database, now):
    with database.writing() as session:
        begun = make_interview(session, make_study(session, now=now), now=now, mode=Mode.PHONE)

    with pytest.raises(BadInput) as refused, database.writing() as session:
        give(session, begun, 1, {"EFF": 3, "NEED": 3}, now=now)

    assert [(problem.question, problem.code) for problem in refused.value.problems] == [("EFF", "unknown_question")]
    assert codes_of(database, begun)["EFF"] == NOT_ASSIGNED


@pytest.mark.parametrize(
    ("codes", "texts", "expected"),
    [
        ({"NEED": 6}, {}, [("NEED", "choose_one")]),
        ({"NEED": 99}, {}, [("NEED", "choose_one")]),
        ({"NEED": ROUTED}, {}, [("NEED", "choose_one")]),
        ({"NEED": 2**40}, {}, [("NEED", "choose_one")]),
        ({"E01": 2}, {}, [("ENABLER", "choose_one")]),
        ({"E01": 1, "E02": 1, "E03": 1, "E04": 1}, {}, [("ENABLER", "max_choices")]),
        ({"NOPE": 1, "COMMENT": 1}, {"NEED": "x"}, [("NOPE", "unknown_question"), ("COMMENT", "unknown_question"),
                                                    ("NEED", "unknown_question")]),
        ({"NEED": 0, "B01": 7}, {"COMMENT": "a\x00b"}, [("NEED", "choose_one"), ("B01", "choose_one"),
                                                        ("COMMENT", "text_not_allowed")]),
        ({}, {"COMMENT": "\ud800"}, [("COMMENT", "text_not_allowed")]),
        ({}, {"COMMENT": "x" * 100_000}, [("COMMENT", "too_long")]),
    ],
)  # fmt: skip
def test_what_the_instrument_does_not_know_is_refused_whole(database, interview, now, codes, texts, expected):
    before = everything(database)

    with pytest.raises(BadInput) as refused, database.writing() as session:
        give(session, interview, 1, codes | {"FAM": 2}, now=now, texts=texts)

    assert [(problem.question, problem.code) for problem in refused.value.problems] == expected
    assert everything(database) == before


def test_too_many_options_are_counted_with_those_that_stand(database, interview, now):
    with database.writing() as session:
        give(session, interview, 1, {"E01": 1, "E02": 1, "E03": 1}, now=now)

    with pytest.raises(BadInput) as refused, database.writing() as session:
        give(session, interview, 1, {"E04": 1}, now=now)

    assert [problem.values for problem in refused.value.problems] == [{"max": 3}]


@pytest.mark.parametrize(
    "text", ["=1+1", "<script>", "\U0001f600 \u0149", "\u202eabc", "a\tb\nc", "e\u0301", "\ufdfd", " spaces "]
)
def test_a_text_is_stored_exactly(database, interview, now, text):
    with database.writing() as session:
        give(session, interview, 1, {}, now=now, texts={"COMMENT": text})

    assert evaluation(database, interview).texts == {"COMMENT": text}


def close(session, begun, now):
    close_study(session, session.scalars(select(Study)).one(), now=now)


def set_state(state, **values):
    def change(session, begun, now):
        interview = session.get(Interview, begun.id)
        interview.state = state
        for name, value in values.items():
            setattr(interview, name, value)

    return change


@pytest.mark.parametrize(
    ("ending", "error"),
    [
        (close, StudyClosed),
        (set_state(InterviewState.WITHDRAWN), Withdrawn),
        (set_state(InterviewState.DECLINED), Declined),
    ],
)
def test_an_interview_that_has_ended_takes_no_answer(database, interview, now, ending, error):
    with database.writing() as session:
        ending(session, interview, now)
    before = everything(database)

    with pytest.raises(error), database.writing() as session:
        give(session, interview, 1, {"NEED": 4}, now=now)

    assert everything(database) == before


def test_a_submitted_interview_takes_no_answer_and_says_since_when(database, now):
    with database.writing() as session:
        begun = make_submitted(session, make_study(session, now=now), now=now)
    before = everything(database)

    with pytest.raises(AlreadySubmitted) as refused, database.writing() as session:
        give(session, begun, 1, {"NEED": 4}, now=now + timedelta(days=1))

    assert refused.value.submitted_at == now
    assert everything(database) == before


def test_a_save_that_was_done_before_the_study_closed_still_gets_its_reply(database, interview, now):
    save = make_save({"NEED": 4})
    with database.writing() as session:
        first = save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now)
    with database.writing() as session:
        close(session, interview, now)

    with database.writing() as session:
        again = save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now)

    assert again == Saved(first.revision, now, replayed=True)


def test_after_a_withdrawal_even_a_repeated_save_gets_nothing(database, interview, now):
    save = make_save({"NEED": 4})
    with database.writing() as session:
        save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now)
        session.get(Interview, interview.id).state = InterviewState.WITHDRAWN

    with pytest.raises(Withdrawn), database.writing() as session:
        save_answers(session, interview.id, 1, save, author=RESPONDENT_ON_WEB, now=now)


def test_the_last_day_of_a_study_counts_to_its_end(database, now):
    with database.writing() as session:
        study = make_study(session, now=now, closes_on=now.date())
        begun = make_interview(session, study, now=now)
        give(session, begun, 1, {"NEED": 4}, now=now.replace(hour=23, minute=59))

    with pytest.raises(StudyClosed), database.writing() as session:
        give(session, begun, 1, {"NEED": 5}, now=now.replace(hour=0) + timedelta(days=1))


def test_answers_to_a_practice_that_was_not_assigned_are_not_found(database, interview, now):
    for interview_id, position in ((interview.id, 7), (interview.id, 0), (uuid.uuid4(), 1)):
        with pytest.raises(NotFound), database.writing() as session:
            save_answers(session, interview_id, position, make_save({}), author=RESPONDENT_ON_WEB, now=now)


def test_a_declined_interview_says_so_for_any_practice(database, now):
    with database.writing() as session:
        study = make_study(session, now=now)
        begun = make_begun(session, study, now=now)
        session.get(Interview, begun.id).state = InterviewState.DECLINED

    with pytest.raises(Declined), database.writing() as session:
        give(session, begun, 1, {"NEED": 4}, now=now)


def test_a_save_takes_few_statements(database, interview, now, count_queries):
    with database.writing() as session:
        known = give(session, interview, 1, KNOW, now=now).revision

    with count_queries(database) as started, database.writing() as session:
        known = give(session, interview, 1, CRITERIA, now=now, base_revision=known).revision
    with count_queries(database) as completed, database.writing() as session:
        give(session, interview, 1, {"VERDICT": 2}, now=now, base_revision=known)

    spoken = [[each for each in queries.statements if not each.startswith(("BEGIN", "COMMIT", "SET"))]
              for queries in (started, completed)]  # fmt: skip
    assert [len(each) for each in spoken] == [5, 6]
