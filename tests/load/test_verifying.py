"""The comparison after a load notices every answer that the server called saved and the database does not hold."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import make
import pytest
from respondents import ASKED, let_in
from sqlalchemy import insert, select, text
from verifying import verify

from survey.models import AnswerChange

NOW = datetime.now(UTC)


@pytest.fixture
def person(database):
    """Somebody who was told that two answers are saved, and was told the truth."""
    with database.writing() as session:
        begun = make.make_interview(session, make.make_study(session, now=NOW), now=NOW, answers=[{"EXIST": 3}])
    (person,) = let_in(database, [begun.id])
    for _ in range(2):
        given = person.next_answer()
        codes = {given.question: given.value}
        save = make.make_save(codes, base_revision=person.revision, op_id=uuid.UUID(given.op_id))
        with database.writing() as session:
            saved = make.save_answers(session, begun.id, given.position, save, author=begun.author, now=NOW)
        person.saved(given, saved.revision)
    return person


def counts(database, person):
    found = verify(database, [person])
    assert found.holds == (not (found.lost or found.twice or found.forbidden))
    return found.acknowledged, found.lost, found.twice, found.forbidden


def test_nothing_is_wrong_when_all_that_was_said_is_true(database, person):
    assert counts(database, person) == (2, 0, 0, 0)


def test_an_answer_that_was_never_written_is_lost(database, person):
    invented = replace(person.acknowledged[0], op_id=str(uuid.uuid4()))
    person.acknowledged.insert(0, invented)

    assert counts(database, person) == (3, 1, 0, 0)


def test_an_answer_that_does_not_stand_is_lost(database, person):
    with database.writing() as session:
        session.execute(text("UPDATE evaluation SET codes = (SELECT codes FROM evaluation WHERE position = 2)"))

    assert counts(database, person) == (2, 2, 0, 0)


def test_an_answer_in_the_log_twice_is_found(database, person):
    columns = [column for column in AnswerChange.__table__.columns if column.name != "id"]
    again = select(*columns).where(AnswerChange.question == "NEED")
    with database.writing() as session:
        session.execute(insert(AnswerChange).from_select([column.name for column in columns], again))

    assert counts(database, person) == (2, 0, 1, 0)


def test_an_answer_that_was_refused_must_not_be_there(database, person):
    person.refused.append(person.acknowledged[0])

    assert counts(database, person) == (2, 0, 0, 1)


def test_people_answer_one_question_after_the_other_and_never_the_same_twice(person):
    first = [person.next_answer() for _ in ASKED]

    assert [given.question for given in first[:3]] == ["FIT", "EFF", "ACC"]
    assert {given.op_id for given in first}.isdisjoint(given.op_id for given in person.acknowledged)
