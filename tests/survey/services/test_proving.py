"""What contradicts itself is found, with its place, wherever it stands."""

import uuid
from datetime import timedelta

import pytest
from make import COMPLETE, RESPONDENT_ON_PHONE, give, give_profile, instrument, make_interview, make_study
from sqlalchemy import select, text, update

from survey.models import Evaluation, EvaluationState, Interview, Operation, Region, Study
from survey.services import proving
from survey.services.proving import differences
from survey.services.simulating import simulate

FIRST = "Study test, respondent 1, practice "
COLUMNS = "interview_id, evaluation_id, question, code, revision, author, mode, instrument_version, changed_at, op_id"


@pytest.fixture
def begun(database, now):
    """An interview whose answers were given, changed, taken back, contested and restored by routing."""
    with database.writing() as session:
        study = make_study(session, now=now)
        made = make_interview(session, study, now=now, answers=[COMPLETE, COMPLETE], texts=[{"COMMENT": "Words"}])
        give(session, made, 1, {"EXIST": 1}, now=now)
        give(session, made, 1, {"EXIST": 3, "NEED": 2}, now=now)
        give(session, made, 2, {"NEED": 1}, now=now, base_revision=0, author=RESPONDENT_ON_PHONE)
        last = give(session, made, 1, {}, now=now, texts={"COMMENT": ""})
        give_profile(session, made, now=now + timedelta(minutes=1), region="munich", base_revision=last.revision)
    return made


def found(database):
    with database.reading() as session:
        return list(differences(session, lambda _done, _total: None))


def change(database, statement):
    with database.writing() as session:
        session.execute(statement)


def first(begun):
    return (Evaluation.interview_id == begun.id) & (Evaluation.position == 1)


def test_nothing_is_wrong_with_what_was_answered(database, begun):
    assert found(database) == []


def test_nothing_is_wrong_with_simulated_interviews(database, now):
    with database.writing() as session:
        make_study(session, now=now, simulated=True)
    simulate(database, "test", interviews=40, seed=5, now=now)

    assert found(database) == []


def test_the_progress_is_told(database, begun, monkeypatch):
    monkeypatch.setattr(proving, "STEP", 2)
    told = []
    with database.reading() as session:
        list(differences(session, lambda *numbers: told.append(numbers)))

    total = told[0][1]
    assert told == [(done, total) for done in range(0, total, 2)]


def test_a_code_that_the_log_does_not_know_is_named(database, begun):
    with database.writing() as session:
        evaluation = session.scalars(select(Evaluation).where(first(begun))).one()
        codes = instrument().unpack(evaluation.codes)
        evaluation.codes = instrument().pack(codes | {"FIT": 5})

    (sentence,) = found(database)

    assert sentence.startswith(FIRST)
    assert sentence.endswith(": FIT is 5, but the log leads to 4.")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"revision": 77}, "its revision is 77, but the log ends with"),
        ({"texts": {"COMMENT": "Other words"}}, "the text COMMENT is not the one that the log leads to."),
        ({"state": EvaluationState.ASSIGNED}, "it is called assigned, but by its answers it is complete."),
        ({"codes": b"\x01\x02"}, "its codes cannot be read: "),
    ],
)
def test_whatever_differs_in_an_evaluation_is_named(database, begun, values, words):
    change(database, update(Evaluation).where(first(begun)).values(values))

    (sentence,) = found(database)

    assert sentence.startswith(FIRST)
    assert words in sentence


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"revision": 1}, "the interview's revision is 1, but the log ends with"),
        ({"group_key": "G9"}, "the group is G9, but the kind of organisation says "),
        ({"region_id": None}, "the region is open, but the log leads to munich."),
        ({"codes": b""}, "its codes cannot be read: "),
    ],
)
def test_whatever_differs_in_a_profile_is_named(database, begun, values, words):
    change(database, update(Interview).where(Interview.id == begun.id).values(values))

    (sentence,) = found(database)

    assert sentence.startswith("Study test, respondent 1, profile: ")
    assert words in sentence


def test_a_lost_row_of_the_log_is_found(database, begun):
    with database.writing() as session:
        if database.dialect == "sqlite":
            session.execute(text("DROP TRIGGER answer_change_no_delete"))
        else:
            session.execute(text("ALTER TABLE answer_change DISABLE TRIGGER answer_change_no_change"))
        session.execute(text("DELETE FROM answer_change WHERE question = 'LEAD'"))

    sentences = found(database)

    assert len(sentences) == 2
    assert all(sentence.endswith("LEAD is 2, but the log leads to open.") for sentence in sentences)


def test_an_unknown_question_in_the_log_is_found(database, begun):
    with database.writing() as session:
        session.execute(
            text(
                f"INSERT INTO answer_change ({COLUMNS}) SELECT interview_id, evaluation_id, 'MOOD', 1, revision, "  # noqa: S608
                "author, mode, instrument_version, changed_at, op_id FROM answer_change WHERE question = 'LEAD' "
                "ORDER BY id LIMIT 1"
            )
        )

    (sentence,) = found(database)

    assert "the log has answers to MOOD, which the questionnaire does not ask." in sentence


def test_a_save_that_was_never_noted_is_found(database, begun):
    with database.writing() as session:
        operation = session.scalars(select(Operation).limit(1)).one()
        number = operation.id
        session.delete(operation)

    sentences = found(database)

    assert sentences
    assert all(f"belongs to the save {number}, which was never noted." in sentence for sentence in sentences)


def test_an_evaluation_for_a_region_or_practice_of_another_study_is_found(database, begun, now):
    with database.writing() as session:
        other = make_study(session, now=now, key="other")
        region = session.scalars(select(Region.id).where(Region.study_id == other.id)).first()
        session.execute(update(Evaluation).where(first(begun)).values(region_id=region))

    (sentence,) = found(database)

    assert sentence.startswith(FIRST)
    assert sentence.endswith(": its region belongs to another study.")


def test_a_change_that_belongs_to_another_interview_is_found(database, begun, now):
    with database.writing() as session:
        study = session.get_one(Interview, begun.id).study_id
        other = make_interview(session, session.get_one(Study, study), now=now)
        evaluation = session.scalars(select(Evaluation.id).where(first(begun))).one()
        operation = Operation(
            id=uuid.uuid4(), interview_id=other.id, body_hash=b"\x01" * 32, revision=1, created_at=now
        )
        session.add(operation)
        session.flush()
        session.execute(
            text(
                f"INSERT INTO answer_change ({COLUMNS}) SELECT :interview, :evaluation, 'LEAD', 2, 1, author, mode, "  # noqa: S608
                "instrument_version, changed_at, :operation FROM answer_change ORDER BY id LIMIT 1"
            ),
            {
                "interview": bound(database, other.id),
                "evaluation": bound(database, evaluation),
                "operation": bound(database, operation.id),
            },
        )

    assert any("is about an evaluation of another interview." in sentence for sentence in found(database))


def bound(database, number):
    """An id as plain SQL takes it."""
    return number.hex if database.dialect == "sqlite" else number


def test_a_state_without_any_log_is_found(sqlite_database, now):
    with sqlite_database.writing() as session:
        made = make_interview(session, make_study(session, now=now), now=now)
        session.execute(update(Evaluation).where(first(made)).values(codes=instrument().pack(COMPLETE), revision=3))

    sentences = found(sqlite_database)

    assert any("its revision is 3, but the log ends with 0." in sentence for sentence in sentences)
    assert any("NEED is 5, but the log leads to open." in sentence for sentence in sentences)
