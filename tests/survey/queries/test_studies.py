"""Studies and regions: found by key, in an order that never changes, in as many selects as are needed for one."""

import uuid

import pytest
from rows import FIRST, insert, insert_valid, person, region, study, uid

from survey.models import Role
from survey.queries import studies

ADA, GRACE = "ada@example.org", "grace@example.org"


@pytest.fixture
def filled(database):
    """Four studies, written in no order; Ada leads one and is an admin of all, Grace is a viewer of two."""
    with database.writing() as session:
        insert_valid(session)
        for key in ("zebra", "apple", "mango"):
            insert(session, "study", study(key))
            for language in ("it", "en"):
                insert(session, "study_text", text_of(key, language))
        for key in ("south", "north"):
            insert(session, "region", region(key))
        insert(session, "person", person(GRACE))
        for key, role in (("zebra", "viewer"), ("apple", "viewer"), ("apple", "interviewer")):
            insert(session, "membership", member(GRACE, key, role))
    return database


def text_of(key, language):
    return FIRST["study_text"] | {"study_id": uid(key), "language": language, "title": f"{key} in {language}"}


def member(email, key, role):
    return {"id": uid(f"{email} {key} {role}"), "person_id": uid(email), "study_id": uid(key), "role": role}


def test_a_study_is_found_by_its_key(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = studies.study_by_key(session, "mango")

    assert found.id == uuid.UUID(uid("mango"))
    assert queries.count == 1


@pytest.mark.parametrize("key", ["", "Mango", "mango ", "man%", "'", "unknown"])
def test_an_unknown_key_finds_nothing(filled, key):
    with filled.reading() as session:
        assert studies.study_by_key(session, key) is None


def test_all_studies_come_by_key_with_their_texts_in_two_selects(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = studies.all_studies(session)
        titles = [[text.title for text in one.texts] for one in found]

    assert [one.key for one in found] == ["apple", "mango", "study", "zebra"]
    assert titles[0] == ["apple in en", "apple in it"]
    assert queries.count == 2


def test_a_person_sees_the_studies_of_their_roles_once_each(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = studies.studies_of(session, uuid.UUID(uid(GRACE)))
        titles = [one.texts[0].title for one in found]

    assert [one.key for one in found] == ["apple", "zebra"]
    assert titles == ["apple in en", "zebra in en"]
    assert queries.count == 2


def test_a_role_everywhere_opens_every_study(filled):
    with filled.reading() as session:
        found = studies.studies_of(session, uuid.UUID(uid(ADA)))

    assert [one.key for one in found] == ["apple", "mango", "study", "zebra"]


def test_a_role_that_is_not_asked_for_opens_nothing(filled):
    with filled.reading() as session:
        leads = studies.studies_of(session, uuid.UUID(uid(GRACE)), as_one_of={Role.LEAD})
        interviewers = studies.studies_of(session, uuid.UUID(uid(GRACE)), as_one_of={Role.INTERVIEWER})
        nobody = studies.studies_of(session, uuid.UUID(uid("nobody")))

    assert leads == []
    assert [one.key for one in interviewers] == ["apple"]
    assert nobody == []


def test_a_region_is_found_in_its_own_study_only(filled):
    with filled.reading() as session:
        there = studies.region_by_key(session, uuid.UUID(uid("study")), "north")
        elsewhere = studies.region_by_key(session, uuid.UUID(uid("mango")), "north")

    assert there.key == "north"
    assert elsewhere is None


def test_regions_with_the_same_position_keep_one_order(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = studies.regions_of(session, uuid.UUID(uid("study")))

    # The fixture gives all of them position 1; then the id decides.
    assert list(found) == sorted(["region", "north", "south"], key=uid)
    assert queries.count == 1
