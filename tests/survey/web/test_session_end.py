"""A session that runs out costs nobody an answer: not the one whose page stayed open, nor who has to come in again."""

import shutil
from datetime import UTC, datetime, timedelta

import make
import pytest
import time_machine
from staff import make_app
from visitors import address_of, at_first_practice, interview_of

from survey.database import Database
from survey.models import Link
from survey.services.interviewing import overview

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture
def database(sqlite_template, tmp_path):
    file = tmp_path / "survey.db"
    shutil.copyfile(sqlite_template, file)
    found = Database(f"sqlite:///{file}")
    with found.writing() as session:
        make.make_study(session, now=NOW)
    yield found
    found.dispose()


@pytest.fixture(autouse=True)
def clock():
    """The time of day, which a test may move."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def app(database, tmp_path):
    return make_app(database, tmp_path)


@pytest.fixture
def token(database):
    with database.writing() as session:
        return make.make_invited(session, session.query(make.Study).one(), now=NOW).token


@pytest.fixture
def visitor(app, token):
    """A browser on the step with the most to write, without a script."""
    found = at_first_practice(app, token)
    found.get(address_of(found, "practice/1/barriers"))
    return found


def stored(database, visitor):
    with database.reading() as session:
        return overview(session, interview_of(visitor)).practices[0]


@pytest.mark.parametrize("away", [timedelta(minutes=61), timedelta(hours=25), timedelta(days=6)])
def test_a_page_that_stayed_open_is_saved_as_if_nobody_had_been_away(database, visitor, clock, away):
    clock.shift(away)

    answer = visitor.send("answers", B01=1, COMMENT="Long thought about.", to="next")

    assert answer.status_code == 200
    assert stored(database, visitor).texts == {"COMMENT": "Long thought about."}
    assert stored(database, visitor).codes["B01"] == 1
    assert visitor.get(address_of(visitor, "review")).status_code == 200


def test_every_form_of_an_interview_goes_on(visitor, clock):
    visitor.get(address_of(visitor, "later"))
    clock.shift(timedelta(hours=2))

    assert visitor.send("languages", lang="it").status_code == 200
    assert visitor.page.language == "it"


def test_going_on_by_the_form_ends_the_session_before(app, visitor, clock):
    address = visitor.address
    before = visitor.get_cookie("sid").value
    clock.shift(timedelta(hours=2))
    visitor.send("answers", B01=1, to="later")

    stranger = app.test_client()
    stranger.set_cookie("sid", before)

    assert visitor.get_cookie("sid").value != before
    assert stranger.get(address).status_code == 401


def test_a_later_visitor_of_the_same_browser_needs_the_link(visitor, clock):
    address = visitor.address
    clock.shift(timedelta(hours=2))

    assert visitor.send("answers", page_secret=None, B01=1).status_code == 401
    assert visitor.get(address).status_code == 401


def test_a_secret_of_another_session_opens_nothing(app, database, token, visitor, clock):
    other = at_first_practice(app, token)
    secret = other.page.form("answers").values("page_secret")[0]
    clock.shift(timedelta(hours=2))

    assert visitor.send("answers", page_secret=secret, B01=1, to="next").status_code == 401

    assert stored(database, visitor).codes["B01"] == -128


def test_after_a_week_the_page_keeps_everything_until_the_link_is_opened(app, database, token, visitor, clock):
    clock.shift(timedelta(days=8))
    text = 'First line,\r\nsecond </script><b>line</b> "quoted".'
    asked = visitor.address

    answer = visitor.send("answers", B01=1, B02=0, ENABLER=["E01", "E02"], COMMENT=text, to="next")
    assert answer.status_code == 401
    assert "Your answers are still here" in visitor.page.words
    kept = visitor.page
    assert visitor.send(follow=False).status_code == 401  # Pressed too early: nothing is lost.
    assert visitor.page.form().data() | {"csrf_token": 0} == kept.form().data() | {"csrf_token": 0}
    other_tab = visitor.page
    visitor.get(f"/link/{token}")
    visitor.send()
    visitor.page, visitor.address = other_tab, asked
    assert visitor.send().status_code == 200

    found = stored(database, visitor)
    assert (found.codes["B01"], found.codes["B02"], found.codes["E01"], found.codes["E02"]) == (1, 0, 1, 1)
    assert found.texts == {"COMMENT": text.replace("\r\n", "\n")}


def test_a_revoked_link_is_not_gone_on_with(database, visitor, clock):
    with database.writing() as session:
        session.query(Link).update({"revoked_at": NOW})
    clock.shift(timedelta(hours=2))

    assert visitor.send("answers", B01=1, to="next").status_code == 401
    assert stored(database, visitor).codes["B01"] == -128


def test_pages_say_how_long_they_stay_open(visitor):
    for page in ("later", "privacy"):
        visitor.get(address_of(visitor, page))
        assert "a page closes after 60 minutes without an answer" in visitor.page.words
