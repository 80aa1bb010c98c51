"""What visitors see when something is refused or goes wrong, and what every answer carries."""

import gzip
import logging
import re
import uuid
from pathlib import Path

import pytest
from client import BadPageError
from flask.testing import FlaskClient
from sqlalchemy import text
from staff import make_app

from survey.database import Busy, DatabaseError, Reason, Unavailable
from survey.web.database import reading
from survey.web.guards import public, refuse_unguarded_views


@pytest.fixture
def app(sqlite_database, tmp_path):
    return make_app(sqlite_database, tmp_path)


def add_page(app, view):
    app.add_url_rule("/only-here", "only_here", public(view), methods=["GET", "POST"])


def test_a_surprise_says_a_number_and_nothing_about_the_inside(app, caplog):
    def breaks():
        message = "secret detail of /srv/survey.db"
        raise RuntimeError(message)

    add_page(app, breaks)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    visitor = app.test_client()

    with caplog.at_level(logging.ERROR), pytest.raises(BadPageError, match="status 500"):
        visitor.get("/only-here")

    assert visitor.page.h1 == "Something went wrong on our side. Please try again later."
    number = re.search(r"number: ([0-9a-f]{12})", visitor.page.words)[1]
    assert "secret" not in visitor.page.words
    assert number in caplog.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    "address",
    ["/studies/%00/results", "/studies/%00", "/join/%00", "/link/%00", "/nowhere/%00"],
)
def test_an_address_with_a_zero_byte_is_not_found(database, tmp_path, address):
    visitor = FlaskClient(make_app(database, tmp_path))

    assert visitor.get(address).status_code == 404


def test_a_busy_database_asks_to_try_again(app):
    def waits():
        raise Busy

    add_page(app, waits)
    visitor = app.test_client()

    with pytest.raises(BadPageError, match="status 503"):
        visitor.get("/only-here")

    assert "could not be saved" in visitor.page.h1


@pytest.mark.parametrize("raised", [DatabaseError("gone"), Unavailable(Reason.DISK_FULL, "secret detail")])
def test_a_database_that_fails_is_told_and_what_was_typed_comes_back(app, caplog, raised):
    def fails():
        raise raised

    add_page(app, fails)
    app.config["WTF_CSRF_ENABLED"] = False
    visitor = app.test_client()

    for send, heading in ((visitor.get, "Something went wrong"), (visitor.post, "could not be saved")):
        with pytest.raises(BadPageError, match="status 503"):
            send("/only-here", data={"COMMENT": "A long thought."})
        assert heading in visitor.page.h1
        assert "What was saved before is safe." in visitor.page.words
        assert "secret" not in visitor.page.words

    assert "A long thought." in visitor.page.words
    assert f"unavailable: {raised.message}" in caplog.text


def test_a_script_is_told_why_and_when_to_come_again(app):
    def fails():
        raise Unavailable(Reason.DISK_FULL, "secret detail")

    app.add_url_rule("/api/only-here", "only_here", public(fails))

    answer = FlaskClient(app).get("/api/only-here")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (answer.json["code"], answer.json["reason"]) == ("unavailable", "disk_full")
    assert "secret" not in answer.text


def test_a_script_is_told_the_number_of_a_surprise(app, caplog):
    def breaks():
        raise RuntimeError

    app.add_url_rule("/api/only-here", "only_here", public(breaks))
    app.config["PROPAGATE_EXCEPTIONS"] = False

    answer = FlaskClient(app).get("/api/only-here")

    assert (answer.status_code, answer.json["code"]) == (500, "internal_server_error")
    assert answer.json["message"].endswith(f"tell us this number: {answer.json['number']}")
    assert answer.json["number"] in caplog.text


def test_what_a_driver_says_while_a_page_reads_is_told(app, sqlite_file):
    def reads():
        return str(reading().scalar(text("SELECT 1")))

    add_page(app, reads)
    Path(f"{sqlite_file}-wal").mkdir()

    with pytest.raises(BadPageError, match="status 503"):
        app.test_client().get("/only-here")


def test_a_mistake_in_a_statement_stays_a_surprise(app):
    def reads():
        return str(reading().scalar(text("SELECT nothing FROM nowhere")))

    add_page(app, reads)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    with pytest.raises(BadPageError, match="status 500"):
        app.test_client().get("/only-here")


@pytest.mark.parametrize(
    ("method", "address", "status", "title"),
    [
        ("GET", "/nothing", 404, "Cette page n’existe pas."),
        ("DELETE", "/sign-in", 405, "Il n’y a rien à voir à cette adresse."),
        ("GET", f"/interview/{uuid.UUID(int=1)}/language", 405, "Il n’y a rien à voir à cette adresse."),
    ],
)
def test_addresses_that_lead_nowhere_say_so(app, method, address, status, title):
    visitor = app.test_client()

    answer = visitor.open(address, method=method, headers={"Accept-Language": "fr, en;q=0.5"})

    assert (answer.status_code, visitor.page.h1) == (status, title)
    assert ("Allow" in answer.headers) == (status == 405)


def test_files_may_be_kept_when_their_address_carries_their_version(app):
    visitor = app.test_client()
    with app.test_request_context():
        address = app.jinja_env.globals["asset"]("css/base.css")

    for asked, kept in ((address, "public, max-age=31536000, immutable"), ("/static/css/base.css", "no-cache")):
        with visitor.get(asked) as answer:
            assert answer.headers["Cache-Control"] == kept
    with pytest.raises(KeyError):
        app.jinja_env.globals["asset"]("css/misspelt.css")


def test_files_are_small_on_the_way_for_browsers_that_can_unpack_them(app):
    visitor = app.test_client()
    with visitor.get("/static/css/base.css") as plain:
        whole = plain.get_data()
    with visitor.get("/static/css/base.css", headers={"Accept-Encoding": "gzip"}) as packed:
        content, etag = packed.get_data(), packed.headers["ETag"]

        assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert (plain.headers.get("Content-Encoding"), plain.headers["Vary"]) == (None, "Accept-Encoding")
    assert gzip.decompress(content) == whole
    assert len(content) < len(whole) / 2
    headers = {"Accept-Encoding": "gzip", "If-None-Match": etag}
    with visitor.get("/static/css/base.css", headers=headers) as again:
        assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.parametrize("site", [None, "cross-site", "same-site", "none"])
def test_pages_asked_for_from_elsewhere_are_not_packed_because_their_length_would_tell_about_secrets(app, site):
    headers = {"Accept-Encoding": "gzip"} | ({"Sec-Fetch-Site": site} if site else {})

    answer = app.test_client().get("/sign-in", headers=headers)

    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(("address", "status"), [("/sign-in", 200), ("/nowhere", 404)])
def test_pages_that_our_own_lead_to_are_packed(app, address, status):
    headers = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
    plain = FlaskClient(app).get(address).get_data()

    answer = FlaskClient(app).get(address, headers=headers)

    assert (answer.status_code, answer.headers["Content-Encoding"]) == (status, "gzip")
    assert int(answer.headers["Content-Length"]) == len(answer.get_data()) < len(plain)
    assert b"<h1>" in gzip.decompress(answer.get_data())


def test_a_view_without_a_guard_does_not_start(app):
    app.add_url_rule("/forgotten", "forgotten", lambda: "")

    with pytest.raises(RuntimeError, match="forgotten"):
        refuse_unguarded_views(app)


def test_every_view_has_a_guard(app):
    guards = {
        endpoint: view.guard for endpoint, view in app.view_functions.items() if endpoint.startswith("respondent.")
    }

    assert {endpoint for endpoint, guard in guards.items() if guard == "public"} == {
        "respondent.landing",
        "respondent.start",
        "respondent.link_privacy",
        "respondent.my_data_by_link",
        "respondent.before_my_data_by_link",
        "respondent.withdrawn",
        "respondent.stop",
        "respondent.do_stop",
        "respondent.new_link",
        "respondent.join",
        "respondent.join_start",
        "respondent.join_privacy",
        "respondent.code",
        "respondent.use_code",
    }
    assert {guard for guard in guards.values() if guard != "public"} == {"respondent"}
