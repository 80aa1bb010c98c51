"""People, roles and sessions, each by one select."""

import uuid

import pytest
from rows import FIRST, HASH, insert, insert_valid, study, uid, web_session

from survey.models import Role
from survey.queries import people

ADA = "ada@example.org"


@pytest.fixture
def filled(database):
    with database.writing() as session:
        insert_valid(session)
        insert(session, "study", study("other"))
        insert(
            session,
            "web_session",
            web_session(b"\x09" * 32)
            | {"person_id": None, "interview_id": uid("interview 1"), "link_id": FIRST["link"]["id"]},
        )
    return database


def test_a_person_is_found_by_address(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = people.person_by_email(session, ADA)
        nobody = people.person_by_email(session, "ada@example.com")

    assert (found.id, found.name) == (uuid.UUID(uid(ADA)), "Ada")
    assert nobody is None
    assert queries.count == 2


def test_roles_are_those_of_the_study_and_those_for_all(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        here = people.roles_of(session, uuid.UUID(uid(ADA)), uuid.UUID(uid("study")))
        there = people.roles_of(session, uuid.UUID(uid(ADA)), uuid.UUID(uid("other")))
        of_nobody = people.roles_of(session, uuid.UUID(uid("nobody")), uuid.UUID(uid("study")))

    assert (here, there, of_nobody) == ({Role.LEAD, Role.ADMIN}, {Role.ADMIN}, set())
    assert queries.count == 3


def test_a_session_of_staff_comes_with_its_person(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = people.session_of_person(session, HASH)
        assert found is not None
        opened, person = found
        nothing = people.session_of_person(session, b"\x00" * 32)
        respondents = people.session_of_person(session, b"\x09" * 32)

    assert (opened.person_id, person.email) == (uuid.UUID(uid(ADA)), ADA)
    assert nothing is None
    assert respondents is None
    assert queries.count == 3


def test_a_session_of_a_respondent_comes_with_its_interview(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = people.session_of_interview(session, b"\x09" * 32)
        staff = people.session_of_interview(session, HASH)

    assert found.interview_id == uuid.UUID(uid("interview 1"))
    assert found.seen_at.isoformat() == "2026-03-10T09:30:00+00:00"
    assert (found.ended_at, found.revoked_at, found.last_answer_at) == (None, None, None)
    assert staff is None
    assert queries.count == 2
