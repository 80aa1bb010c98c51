"""What pages show: one select each, in the language asked for and in English where that is missing."""

import uuid

import pytest
from rows import FIRST, evaluation, insert, insert_valid, region, uid

from survey.queries import pages

INTERVIEW = uuid.UUID(uid("interview 1"))


@pytest.fixture
def filled(database):
    with database.writing() as session:
        insert_valid(session)
        insert(session, "evaluation", evaluation(2, "second practice"))
        danish = {"language": "da"}
        insert(session, "study_text", FIRST["study_text"] | danish | {"title": "Undersøgelse"})
        insert(session, "practice_text", FIRST["practice_text"] | danish | {"title": "Praksis"})
        insert(session, "region_text", FIRST["region_text"] | danish | {"name": "Sjælland"})
        insert(session, "source", FIRST["source"] | {"no": 2, "title": "Another page"})
        insert(session, "region", region("another region") | {"position": 0})
        insert(session, "region", region("third region"))
    return database


def test_a_page_is_one_select_in_the_language_asked_for(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        row = pages.page_row(session, INTERVIEW, 1, "da")

    assert (row.title, row.title_en) == ("Undersøgelse", "Study")
    assert (row.practice_title, row.practice_title_en) == ("Praksis", "P")
    assert (row.region_name, row.region_name_en) == ("Sjælland", "Zealand")
    assert (row.practice_key, row.source_title, row.codes) == ("practice", "A page", b"\x80" * 49)
    assert queries.count == 1


def test_without_a_language_the_respondents_own_is_used(filled):
    with filled.reading() as session:
        row = pages.page_row(session, INTERVIEW, 1, None)

    assert (row.language, row.title, row.practice_title) == ("en", "Study", "P")


def test_what_is_not_translated_is_there_in_english(filled):
    with filled.reading() as session:
        row = pages.page_row(session, INTERVIEW, 1, "hu")

    assert (row.title, row.title_en, row.practice_title, row.practice_title_en) == (None, "Study", None, "P")


def test_a_practice_without_texts_and_sources_is_a_page_all_the_same(filled):
    with filled.reading() as session:
        row = pages.page_row(session, INTERVIEW, 2, "en")

    assert (row.position, row.practice_key, row.practice_title_en) == (2, "second practice", None)
    assert (row.source_title, row.source_url) == (None, None)


def test_there_is_no_page_where_there_is_no_practice(filled):
    with filled.reading() as session:
        assert pages.page_row(session, INTERVIEW, 3, "en") is None
        assert pages.page_row(session, uuid.UUID(int=0), 1, "en") is None
        assert pages.head_row(session, uuid.UUID(int=0), "en") is None


def test_the_head_tells_what_was_believed_before(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        row = pages.head_row(session, INTERVIEW, "da")

    assert (row.study_key, row.respondent_number, row.title) == ("study", 1, "Undersøgelse")
    assert (row.preset_region_id, row.stakeholder) == (uuid.UUID(uid("region")), None)
    assert queries.count == 1


def test_practices_and_stops_come_by_position_whatever_their_number(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        practices = pages.practice_rows(session, INTERVIEW, "da")
        stops = pages.stop_rows(session, INTERVIEW)

    assert [(row.position, row.practice_title) for row in practices] == [(1, "Praksis"), (2, None)]
    assert [tuple(row) for row in stops] == [(1, "assigned"), (2, "assigned")]
    assert queries.count == 2


def test_regions_come_in_the_order_of_the_study(filled, count_queries):
    with filled.reading() as session, count_queries(filled) as queries:
        found = pages.region_rows(session, INTERVIEW, "da")

    assert [row.key for row in found] == ["another region", *sorted(["region", "third region"], key=uid)]
    assert {row.key: (row.name, row.name_en) for row in found}["region"] == ("Sjælland", "Zealand")
    assert queries.count == 1
