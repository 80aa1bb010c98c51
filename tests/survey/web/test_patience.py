"""Who has waited too long for a thread is told to come again, cheaply, and loses nothing that was typed."""

import pytest
from staff import make_app

from survey.web import patience
from survey.web.headers import SECURITY_HEADERS
from survey.web.patience import HARDLY, LONGEST_FOR_PAGES, LONGEST_FOR_SAVES, SHARE, WAITED

SAVE = "/api/v1/interviews/00000000-0000-4000-8000-000000000000/answers"


@pytest.fixture
def app(sqlite_database, tmp_path):
    app = make_app(sqlite_database, tmp_path)
    # The tests' own browser takes every status from 500 for a mistake; here 503 is an answer.
    app.test_client_class = None
    return app


@pytest.fixture
def overload(app, monkeypatch):
    """Somebody has waited too long, and that was a while ago."""
    monkeypatch.setattr(patience, "A_WHILE", 0)
    assert ask(app, "GET", "/sign-in", LONGEST_FOR_PAGES + 0.01).status_code == 200


def ask(app, method, path, waited, language="en"):
    headers = {"Accept-Language": language}
    return app.test_client().open(path, method=method, headers=headers, environ_overrides={WAITED: waited})


@pytest.mark.parametrize(
    ("method", "path", "longest"), [("GET", "/sign-in", LONGEST_FOR_PAGES), ("POST", SAVE, LONGEST_FOR_SAVES)]
)
def test_what_has_waited_too_long_is_refused_and_nothing_else(app, overload, method, path, longest):
    allowed = SHARE * longest
    in_time, late = ask(app, method, path, allowed - 0.01), ask(app, method, path, allowed + 0.01)

    assert in_time.status_code in {200, 400}
    assert (late.status_code, late.headers["Retry-After"]) == (503, "2")
    assert all(late.headers[name] == value for name, value in SECURITY_HEADERS)
    assert late.headers["Cache-Control"] == "no-store"


def test_what_piled_up_in_a_moment_is_done(app, monkeypatch):
    monkeypatch.setattr(patience, "A_WHILE", 60)

    assert [ask(app, "GET", "/sign-in", 9).status_code for _ in range(5)] == [200] * 5


def test_it_ends_when_nobody_waits_any_more(app, overload):
    assert ask(app, "GET", "/sign-in", 9).status_code == 503
    assert ask(app, "GET", "/sign-in", HARDLY + 0.01).status_code == 200
    assert ask(app, "GET", "/sign-in", 9).status_code == 503

    assert ask(app, "GET", "/sign-in", HARDLY / 2).status_code == 200
    assert ask(app, "GET", "/sign-in", LONGEST_FOR_PAGES).status_code == 200


def test_a_save_waits_longer_than_a_page():
    assert LONGEST_FOR_SAVES > LONGEST_FOR_PAGES


def test_a_script_reads_json_and_a_person_a_page_in_their_language(app, overload):
    assert ask(app, "POST", SAVE, 9).json["code"] == "busy"

    english, italian = (ask(app, "GET", "/sign-in", 9, language).text for language in ("en", "it"))
    assert "Many people are saving at this moment" in english
    assert "In questo momento molte persone stanno salvando" in italian


def test_a_refusal_is_nobodys_in_particular(app, overload):
    page = ask(app, "GET", "/sign-in", 9)

    assert page.status_code == 503
    assert "Set-Cookie" in ask(app, "GET", "/sign-in", 0).headers
    assert "Set-Cookie" not in page.headers
    assert "csrf_token" not in page.text


@pytest.mark.parametrize(("method", "path"), [("POST", "/sign-in"), ("GET", "/health/live"), ("GET", "/static/x.css")])
def test_forms_files_and_questions_of_health_are_always_taken(app, overload, method, path):
    assert ask(app, method, path, 60).status_code in {200, 400, 404}
