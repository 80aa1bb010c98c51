"""The page for a code that was read out on the phone."""

import re
from datetime import UTC, datetime

import make
import pytest
from sqlalchemy import select
from staff import make_app
from visitors import begin, interview_of

from survey.models import Interview, Link
from survey.services import inviting


@pytest.fixture
def now():
    """Codes live ten minutes, and pages look at the clock."""
    return datetime.now(UTC)


@pytest.fixture
def app(database, now, tmp_path):
    with database.writing() as session:
        make.make_study(session, now=now)
    return make_app(database, tmp_path)


@pytest.fixture
def invitation(app, database, now):
    with database.writing() as session:
        return make.make_invited(session, session.scalars(select(make.Study)).one(), now=now, language="it")


def new_code(database, invitation, now):
    with database.writing() as session:
        return make.new_code_of(session, invitation.respondent_id, now=now)


def type_in(app, number, code):
    visitor = app.test_client()
    visitor.get("/code")
    return visitor, visitor.send(number=str(number), code=code)


def test_it_opens_the_next_open_question_of_an_interview(app, database, invitation, now):
    begun = begin(app, invitation.token)
    begun.send("answers", to="next", STAKEHOLDER="S1", YEARS="2")
    made = new_code(database, invitation, now)

    visitor, answer = type_in(app, made.number, made.code.lower().replace("-", " "))

    assert answer.status_code == 200
    assert interview_of(visitor) == interview_of(begun)
    assert "/practice/1/" in visitor.address
    assert made.code not in visitor.address
    assert visitor.page.language == "it"


def test_without_an_interview_it_opens_the_first_page_with_consent(app, database, invitation, now):
    made = new_code(database, invitation, now)

    visitor, answer = type_in(app, made.number, made.code)

    assert answer.status_code == 200
    assert "consent" in visitor.page.form().names()
    visitor.send(consent="yes")
    assert re.fullmatch(r"/interview/[0-9a-f-]{36}/profile", visitor.address)


def test_revoking_the_links_ends_the_session_of_a_code(app, database, invitation, now):
    begin(app, invitation.token)
    made = new_code(database, invitation, now)
    visitor, _ = type_in(app, made.number, made.code)
    with database.writing() as session:
        assert inviting.revoke(session, invitation.respondent_id, now=now) == 2

    assert visitor.get(visitor.address).status_code == 401


def test_wrong_expired_and_used_codes_are_one_and_the_same(app, database, invitation, now):
    made = new_code(database, invitation, now)
    type_in(app, made.number, made.code)
    bodies = set()

    for number, code in ((made.number, made.code), (made.number, "2222-2222"), (12, made.code), (12, "x")):
        visitor, answer = type_in(app, number, code)
        assert answer.status_code == 422
        assert visitor.page.title.startswith("Error:")
        body = re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True))
        bodies.add(body)

    assert len(bodies) == 1
    assert "do not open anything" in bodies.pop()


def test_too_many_wrong_ones_wait(app, database, invitation):
    for _ in range(20):
        assert type_in(app, 5, "2222-2222")[1].status_code == 422

    visitor, answer = type_in(app, 5, "2222-2222")

    assert answer.status_code == 429
    assert visitor.page.h1 == "There were too many attempts."


@pytest.mark.parametrize("language", ["it", "fr", "hu"])
def test_the_page_speaks_every_language_and_keeps_it(app, language):
    visitor = app.test_client()
    visitor.get(f"/code?lang={language}")
    assert visitor.page.language == language

    visitor.send(number="1", code="x")

    assert visitor.page.language == language


def test_the_code_is_not_given_back_and_the_number_is(app):
    visitor, answer = type_in(app, 17, "ABCD-EFGH")

    assert visitor.page.form().data()["number"] == ["17"]
    assert "ABCD" not in answer.get_data(as_text=True)


def test_without_the_token_of_the_form_nothing_is_tried(app, database, invitation, now):
    made = new_code(database, invitation, now)

    answer = app.test_client().post("/code", data={"number": made.number, "code": made.code})

    assert answer.status_code == 400
    assert type_in(app, made.number, made.code)[1].status_code == 200


def test_looking_at_the_page_changes_nothing(app, database, invitation):
    for method in ("GET", "HEAD"):
        assert app.test_client().open("/code", method=method).status_code == 200

    with database.reading() as session:
        assert session.scalars(select(Interview)).all() == []
        assert len(session.scalars(select(Link)).all()) == 1


def test_the_start_page_leads_to_it(app):
    visitor = app.test_client()
    visitor.get("/")

    assert "/code" in visitor.page.links
