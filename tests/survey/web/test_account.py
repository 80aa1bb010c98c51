import re
from datetime import UTC, datetime, timedelta

import make
import pytest
import time_machine
from sqlalchemy import select
from staff import make_app, sign_in, signed_in

from survey.database import Database
from survey.models import Person, WebSession

MORNING = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
FOREIGN = ("//evil.example/x", "/\\evil.example", "javascript:alert(1)", "https://evil.example/", "/\t/evil.example")


@pytest.fixture
def app(sqlite_database, tmp_path, now):
    with sqlite_database.writing() as session:
        make.make_study(session, now=now)
        make.make_person(session, now=now)
    return make_app(sqlite_database, tmp_path)


@pytest.fixture
def client(app):
    return app.test_client()


def sessions_of(database):
    with database.reading() as session:
        return session.scalars(select(WebSession).order_by(WebSession.created_at)).all()


def without_what_differs(html):
    """A page without the secret of its form and without what was typed."""
    return re.sub(r'name="csrf_token"[^>]*>|value="[^"]*"', "", html)


def test_the_start_page_tells_both_kinds_of_visitors_where_to_go(client):
    answer = client.get("/")

    assert answer.status_code == 200
    assert "personal link" in client.page.words
    assert "/sign-in" in client.page.links


def test_the_start_page_leads_staff_to_their_studies(app):
    client = signed_in(app)

    client.get("/")

    assert "/studies" in client.page.links
    assert "Lea Lead" in client.page.words


def test_the_right_password_opens_a_session_that_only_the_server_knows(client, sqlite_database):
    answer = sign_in(client)

    assert (answer.status_code, answer.location) == (303, "/studies")
    cookie = next(value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("sid="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    token = cookie.split(";")[0].removeprefix("sid=")
    (opened,) = sessions_of(sqlite_database)
    assert opened.person_id is not None
    assert token.encode() not in opened.id_hash


def test_over_https_the_cookie_is_bound_to_this_host(sqlite_database, app, tmp_path):
    client = make_app(sqlite_database, tmp_path, base_url="https://survey.example.org").test_client()
    client.get("/sign-in", base_url="https://survey.example.org")
    form = client.page.form()

    answer = client.post(
        "/sign-in",
        data=form.data(email="lead@example.org", password=make.PASSWORD),
        base_url="https://survey.example.org",
        headers={"Referer": "https://survey.example.org/sign-in"},
    )

    cookie = next(value for name, value in answer.headers if name == "Set-Cookie" and "sid=" in value)
    assert cookie.startswith("__Host-sid=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("email", ["LEAD@Example.ORG", "  lead@example.org "])
def test_the_address_may_be_typed_in_any_case(client, email):
    assert sign_in(client, email=email).status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("lead@example.org", "not the right password"),
        ("nobody@example.org", make.PASSWORD),
        ("no address at all", make.PASSWORD),
        ("lead@example.org", "short"),
        ("lead@example.org", "x" * 100_000),
        ("' OR 1=1 --", "' OR 1=1 --"),
        ("<script>alert(1)</script>", "a wrong password"),
    ],
)
def test_unknown_and_wrong_get_the_same_answer(client, sqlite_database, email, password):
    known = sign_in(client, email="lead@example.org", password="another wrong password")

    answer = sign_in(client, email=email, password=password)

    assert answer.status_code == known.status_code == 422
    assert without_what_differs(answer.text) == without_what_differs(known.text)
    assert password not in answer.text
    assert "do not belong together" in client.page.words
    assert sessions_of(sqlite_database) == []


def test_a_disabled_account_gets_the_same_answer(client, sqlite_database, now):
    known = sign_in(client, password="another wrong password")
    with sqlite_database.writing() as session:
        session.scalars(select(Person)).one().disabled_at = now

    answer = sign_in(client)

    assert answer.status_code == 422
    assert without_what_differs(answer.text) == without_what_differs(known.text)


def test_disabling_an_account_ends_its_sessions(app, sqlite_database, now):
    client = signed_in(app)
    with sqlite_database.writing() as session:
        session.scalars(select(Person)).one().disabled_at = now

    assert client.get("/studies").location.startswith("/sign-in")


def test_empty_fields_are_named_and_linked(client):
    answer = sign_in(client, email="", password="")

    assert answer.status_code == 422
    assert "Enter your e-mail address." in client.page.words
    assert "Enter your password." in client.page.words
    assert {"#email", "#password"} <= set(client.page.links)
    assert client.page.title.startswith("Problem:")


def test_what_was_typed_as_address_stays_and_the_password_does_not(client):
    sign_in(client, email="somebody@example.org", password="a wrong password")

    form = client.page.form()
    assert form.values("email") == ["somebody@example.org"]
    assert form.values("password") == [""]


def test_after_signing_in_the_page_that_was_asked_for_comes(client):
    asked = client.get("/studies/test/results?sort=title&region=munich")
    assert asked.status_code == 303
    assert asked.location == "/sign-in?next=/studies/test/results?sort%3Dtitle%26region%3Dmunich"

    client.get(asked.location)
    answer = client.send(follow=False, email="lead@example.org", password=make.PASSWORD)

    assert answer.location == "/studies/test/results?sort=title&region=munich"


@pytest.mark.parametrize("address", FOREIGN)
def test_no_address_elsewhere_is_gone_to(client, address):
    answer = sign_in(client, back=address)

    assert answer.location == "/studies"


@pytest.mark.parametrize("address", FOREIGN)
def test_no_address_elsewhere_is_gone_to_when_the_form_was_changed(client, address):
    client.get("/sign-in")

    answer = client.send(follow=False, email="lead@example.org", password=make.PASSWORD, next=address)

    assert answer.location == "/studies"


def test_who_is_signed_in_is_not_asked_again(app):
    client = signed_in(app)

    assert client.get("/sign-in?next=/studies/test/results").location == "/studies/test/results"
    assert client.get("/sign-in?next=//evil.example").location == "/studies"


def test_a_form_without_its_secret_does_nothing(client, sqlite_database):
    client.get("/sign-in")

    answer = client.send(follow=False, email="lead@example.org", password=make.PASSWORD, csrf_token=None)

    assert answer.status_code == 400
    assert "once more" in client.page.words
    assert sessions_of(sqlite_database) == []


def test_a_form_that_was_refused_can_be_sent_again(client):
    client.get("/sign-in")
    client.send(follow=False, email="lead@example.org", password=make.PASSWORD, csrf_token="old")

    answer = client.send(follow=False, password=make.PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/studies")


def test_another_site_cannot_sign_anybody_in(client, sqlite_database):
    client.get("/sign-in")
    form = client.page.form()

    answer = client.post(
        "/sign-in",
        data=form.data(email="lead@example.org", password=make.PASSWORD),
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 400
    assert sessions_of(sqlite_database) == []


def test_bytes_that_are_no_text_are_refused(client):
    answer = client.post("/sign-in", data=b"a=%ff%fe", content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400


def test_signing_in_again_ends_what_the_browser_held_before(app, sqlite_database):
    client = signed_in(app)
    first = client.get_cookie("sid").value

    client.get("/")
    form = client.page.form()
    token = form.values("csrf_token")[0]
    client.post(
        "/sign-in", data={"email": "lead@example.org", "password": make.PASSWORD, "csrf_token": token, "next": ""}
    )

    assert client.get_cookie("sid").value != first
    old, new = sessions_of(sqlite_database)
    assert old.ended_at is not None
    assert new.ended_at is None


def test_signing_out_ends_the_session_on_the_server(app):
    client = signed_in(app)
    token = client.get_cookie("sid").value
    client.get("/studies")

    answer = client.send(follow=False)

    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get_cookie("sid") is None
    thief = app.test_client()
    thief.set_cookie("sid", token)
    assert thief.get("/studies").location.startswith("/sign-in")


def test_signing_out_needs_the_button(app):
    client = signed_in(app)

    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert client.get("/studies").status_code == 200


def test_signing_out_without_a_session_is_no_mistake(client):
    client.get("/sign-in")
    token = client.page.form().values("csrf_token")[0]

    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303


def test_a_session_ends_after_an_hour_without_a_page(app):
    with time_machine.travel(MORNING, tick=False) as clock:
        client = signed_in(app)

        clock.shift(timedelta(minutes=59))
        assert client.get("/studies").status_code == 200

        clock.shift(timedelta(minutes=61))
        assert client.get("/studies").location == "/sign-in?next=/studies"


def test_using_pages_keeps_a_session_alive_for_twelve_hours_and_no_longer(app):
    with time_machine.travel(MORNING, tick=False) as clock:
        client = signed_in(app)

        for _ in range(17):
            clock.shift(timedelta(minutes=40))
            assert client.get("/studies").status_code == 200

        clock.shift(timedelta(minutes=41))
        assert client.get("/studies").status_code == 303


def test_a_page_soon_after_another_writes_nothing(app, sqlite_database, count_queries):
    client = signed_in(app)

    with count_queries(sqlite_database) as queries:
        client.get("/studies")

    assert not [statement for statement in queries.statements if not statement.startswith("SELECT")]


def test_a_page_is_shown_although_its_use_cannot_be_noted(app, sqlite_file, tmp_path):
    impatient = Database(f"sqlite:///{sqlite_file}", wait_seconds=0.05)
    another = Database(f"sqlite:///{sqlite_file}")
    with time_machine.travel(MORNING, tick=False) as clock:
        client = signed_in(make_app(impatient, tmp_path))
        clock.shift(timedelta(minutes=10))

        with another.writing():
            answer = client.get("/studies")

    assert answer.status_code == 200
    impatient.dispose()
    another.dispose()


@pytest.mark.parametrize("token", ["", "x", "\udcff", "x" * 4_000, "' OR '1'='1"])
def test_a_cookie_that_stands_for_nobody_is_no_session(client, token):
    client.set_cookie("sid", token.encode(errors="replace").decode())

    assert client.get("/studies").status_code == 303
