"""Open links as visitors meet them."""

import re
import time
import uuid
from datetime import UTC, datetime

import make
import pytest
from sqlalchemy import select, update
from staff import make_app
from visitors import interview_of

from survey.models import Hit, Interview, Link, OpenLink, Respondent, WebSession
from survey.services import joining, studying
from survey.texts import ui


@pytest.fixture
def app(database, now, tmp_path):
    with database.writing() as session:
        study = make.make_study(session, now=now)
        make.make_open_link(session, study, now=now, slug="alps", region_key="lombardy")
    return make_app(database, tmp_path)


def rows(database, table):
    with database.reading() as session:
        return session.scalars(select(table)).all()


def begin(app, *, slug="alps", **consent):
    visitor = app.test_client()
    visitor.get(f"/join/{slug}")
    return visitor, visitor.send(**({"consent": "yes"} | consent))


def test_the_first_page_is_that_of_a_personal_link(app):
    visitor = app.test_client()

    answer = visitor.get("/join/alps?lang=it")

    assert answer.status_code == 200
    assert visitor.page.language == "it"
    assert "Uno studio di prova" in visitor.page.words
    assert "Lombardia" in visitor.page.words
    assert "lead@example.org" in visitor.page.words
    assert str(ui("it")("join.before")) in visitor.page.words
    assert visitor.get(visitor.page.links[-2]).status_code == 200


def test_looking_at_it_has_no_effect(app, database):
    for method in ("GET", "HEAD", "GET", "GET", "HEAD", "GET", "GET"):
        assert app.test_client().open("/join/alps", method=method).status_code == 200

    assert rows(database, Respondent) == rows(database, Hit) == rows(database, Link) == []


def test_consent_leads_to_an_address_without_a_token(app, database):
    visitor, answer = begin(app)

    assert answer.status_code == 200
    assert re.fullmatch(r"/interview/[0-9a-f-]{36}/profile", visitor.address)
    assert visitor.page.form("answers").chosen("REGION") == ["lombardy"]
    (respondent,) = rows(database, Respondent)
    assert respondent.open_link_id == rows(database, OpenLink)[0].id
    assert rows(database, OpenLink)[0].starts == 1


def test_without_consent_the_form_comes_again_and_nothing_is_kept(app, database):
    visitor, answer = begin(app, consent=None)

    assert answer.status_code == 422
    assert visitor.page.h1 == "Interview on good practices"
    assert rows(database, Respondent) == rows(database, Hit) == []


def test_of_a_refusal_nothing_is_kept(app, database):
    visitor = app.test_client()
    visitor.get("/join/alps")
    assert "We keep your answers" in visitor.page.words

    answer = visitor.send(consent="no")

    assert answer.status_code == 200
    assert "We keep your answers" not in visitor.page.words
    assert "No answers have been stored." in visitor.page.words
    for table in (Respondent, Interview, Link, Hit, WebSession):
        assert rows(database, table) == []
    assert rows(database, OpenLink)[0].starts == 0


def test_in_the_same_browser_it_offers_to_go_on(app):
    visitor, _ = begin(app)
    profile = visitor.address

    visitor.get("/join/alps")

    assert visitor.page.h1 == "You have begun already on this device."
    visitor.get(next(link for link in visitor.page.links if "interview" in link), follow_redirects=True)
    assert visitor.address == profile


def test_another_person_in_the_same_browser_is_marked(app, database):
    visitor, _ = begin(app)
    first = interview_of(visitor)
    visitor.get("/join/alps")
    another = next(link for link in visitor.page.links if "another" in link)

    visitor.get(another)
    visitor.send(consent="yes")

    assert interview_of(visitor) != first
    one, two = sorted(rows(database, Respondent), key=lambda each: each.number)
    assert (two.possible_duplicate_of, two.duplicate_reason) == (one.id, "browser")
    assert one.possible_duplicate_of is None


def test_a_form_that_was_open_before_does_not_begin_twice(app, database):
    visitor = app.test_client()
    visitor.get("/join/alps")
    form = visitor.page.form()
    visitor.send(consent="yes")

    answer = visitor.post("/join/alps", data=form.data(consent="yes"))

    assert answer.status_code == 200
    assert visitor.page.h1 == "You have begun already on this device."
    assert len(rows(database, Respondent)) == 1


def test_a_form_that_is_sent_twice_before_the_first_answer_came_begins_once(app, database):
    visitor, twin = app.test_client(), app.test_client()
    visitor.get("/join/alps")
    sent = visitor.page.form().data(consent="yes")
    # The second press goes off with the cookies that the browser had before the first one was answered.
    cookie = visitor.get_cookie("form")
    twin.set_cookie("form", cookie.value)

    addresses = [each.post("/join/alps", data=sent).location for each in (visitor, twin)]

    assert addresses[0] == addresses[1]
    assert len(rows(database, Respondent)) == 1
    assert twin.get(addresses[1]).status_code == 200


def test_when_the_session_is_over_nobody_else_gets_into_it(app, database, now):
    visitor, _ = begin(app)
    with database.writing() as session:
        session.execute(update(WebSession).values(expires_at=now, ended_at=now))

    visitor.get("/join/alps")

    assert "that session is over" in visitor.page.words
    assert [link for link in visitor.page.links if "interview" in link] == []


@pytest.mark.parametrize("language", ["en", "de", "hu"])
def test_who_comes_too_late_is_told_whom_to_ask(app, database, now, language):
    t = ui(language)
    with database.writing() as session:
        session.execute(update(OpenLink).values(starts_limit=1, starts=1))
    visitor = app.test_client()
    answer = visitor.get(f"/join/alps?lang={language}")
    assert (answer.status_code, visitor.page.h1) == (410, t("join.full_title"))
    assert "lead@example.org" in visitor.page.words

    with database.writing() as session:
        session.execute(update(OpenLink).values(closed_at=now))
    answer = visitor.get(f"/join/alps?lang={language}")
    assert (answer.status_code, visitor.page.h1) == (410, t("join.closed_title"))

    with database.writing() as session:
        studying.close_study(session, session.scalars(select(make.Study)).one(), now=now)
    answer = visitor.get(f"/join/alps?lang={language}")
    assert (answer.status_code, visitor.page.h1) == (410, t("error.closed"))
    assert "lead@example.org" in visitor.page.words


def test_the_last_place_is_lost_between_looking_and_starting(app, database):
    visitor = app.test_client()
    visitor.get("/join/alps")
    with database.writing() as session:
        session.execute(update(OpenLink).values(starts_limit=1, starts=1))

    answer = visitor.send(consent="yes")

    assert answer.status_code == 410
    assert "lead@example.org" in visitor.page.words
    assert rows(database, Respondent) == []


@pytest.mark.parametrize("values", [{"starts_limit": 1}, {"closed_at": datetime(2026, 3, 10, tzinfo=UTC)}])
def test_who_has_begun_goes_on_when_nobody_else_can_start(app, database, values):
    visitor, _ = begin(app)
    begun = interview_of(visitor)
    with database.writing() as session:
        session.execute(update(OpenLink).values(**values))

    answer = visitor.get("/join/alps")

    assert answer.status_code == 200
    assert f"/interview/{begun}" in visitor.page.links
    assert app.test_client().get("/join/alps").status_code == 410


def test_a_slug_that_is_none_is_not_found(app):
    for slug in ("none", "../etc", "%00", "é", "x" * 3000):
        assert app.test_client().get(f"/join/{slug}").status_code in {404, 308}


@pytest.mark.parametrize("address", ["/join/%00", "/join/alps%00", "/join/a%00b/privacy", "/studies/%00/results"])
def test_a_null_character_in_an_address_is_not_found(app, address):
    assert app.test_client().get(address).status_code == 404


def test_too_many_starts_of_one_network_wait_and_running_interviews_do_not(app, database, monkeypatch):
    monkeypatch.setattr(joining, "STARTS_OF_A_NETWORK", 2)
    first, _ = begin(app)
    begin(app)

    visitor, answer = begin(app)

    assert answer.status_code == 429
    assert visitor.page.h1 == "There were too many attempts."
    first.send("answers", to="next", STAKEHOLDER="S1", YEARS="2")
    assert "/practice/1/" in first.address
    assert all(len(hit.key) == len("join/") + 64 for hit in rows(database, Hit))
    assert not any("127.0" in hit.key for hit in rows(database, Hit))


def test_somebody_behind_a_proxy_has_a_network_of_their_own(database, now, tmp_path, monkeypatch):
    monkeypatch.setattr(joining, "STARTS_OF_A_NETWORK", 1)
    with database.writing() as session:
        make.make_open_link(session, make.make_study(session, now=now), now=now, slug="alps")

    def starts(app, address):
        visitor = app.test_client()
        visitor.get("/join/alps")
        return visitor.post(
            "/join/alps", data=visitor.page.form().data(consent="yes"), headers={"X-Forwarded-For": address}
        ).status_code

    behind = make_app(database, tmp_path, trusted_proxies=1)
    assert starts(behind, "198.51.100.7") == 303
    assert starts(behind, "198.51.100.99") == 429
    assert starts(behind, "203.0.113.1") == 303
    # What a visitor writes in front of the proxy's own word does not count.
    assert starts(behind, "192.0.2.1, 203.0.113.2") == 429
    # Without a proxy the header is anybody's: all these are one network.
    direct = make_app(database, tmp_path)
    assert [starts(direct, f"192.0.2.{number}") for number in (1, 2)] == [303, 429]


def test_the_own_link_is_shown_once_and_brings_back(app, database):
    visitor, _ = begin(app)
    interview = interview_of(visitor)
    assert "Get a link to continue later" in visitor.page.words

    visitor.get(f"/interview/{interview}/link")
    assert "/link/" not in visitor.page.words
    answer = visitor.send()

    token = re.search(r'value="http://127\.0\.0\.1:8000/link/([\w-]{43})"', answer.get_data(as_text=True))[1]
    assert token not in visitor.address
    visitor.get(f"/interview/{interview}/link")
    assert token not in visitor.get(visitor.address).get_data(as_text=True)
    elsewhere = app.test_client()
    elsewhere.get(f"/link/{token}")
    elsewhere.send()
    assert interview_of(elsewhere) == interview
    assert len(rows(database, Link)) == 2


def test_it_is_not_shown_without_end(app):
    visitor, _ = begin(app)
    address = f"/interview/{interview_of(visitor)}/link"

    statuses = []
    for _ in range(11):
        visitor.get(address)
        statuses.append(visitor.send().status_code)

    assert statuses == [200] * 10 + [429]


def test_whose_session_it_is_not_gets_no_link(app):
    begun, _ = begin(app)
    stranger, _ = begin(app)

    assert stranger.get(f"/interview/{interview_of(begun)}/link").status_code == 404
    assert stranger.get(f"/interview/{uuid.uuid4()}/link").status_code == 404


def test_a_break_offers_the_link_to_those_who_have_none(app, database, now):
    visitor, _ = begin(app)
    visitor.send("answers", to="later", YEARS="2")

    assert "you need a link of your own" in visitor.page.words
    visitor.send()
    assert visitor.page.h1 == "Your personal link"


def test_links_that_do_not_open_look_and_take_the_same(app, database, now):
    with database.writing() as session:
        study = session.scalars(select(make.Study)).one()
        revoked, expired = (make.make_invited(session, study, now=now) for _ in range(2))
        make.inviting.revoke(session, revoked.respondent_id, now=now)
        session.execute(update(Link).where(Link.respondent_id == expired.respondent_id).values(expires_at=now))
    bodies, times = set(), []

    for token in (revoked.token, expired.token, "x" * 43, "short"):
        began = time.perf_counter()
        answer = app.test_client().get(f"/link/{token}")
        times.append(time.perf_counter() - began)
        assert answer.status_code == 404
        bodies.add(re.sub(token, "", answer.get_data(as_text=True)))

    assert len(bodies) == 1
    assert "lead@example.org" not in bodies.pop()
    assert "code" in app.test_client().get(f"/link/{'x' * 43}").get_data(as_text=True)


def test_a_token_written_in_groups_opens(app, database, now):
    with database.writing() as session:
        study = session.scalars(select(make.Study)).one()
        token = make.make_invited(session, study, now=now).token
    visitor = app.test_client()

    answer = visitor.get(f"/link/{token[:6]}%20{token[6:12]}%20{token[12:]}", follow_redirects=True)

    assert answer.status_code == 200
    assert visitor.address == f"/link/{token}"


def test_over_https_the_form_of_a_link_is_taken_and_its_token_is_no_referrer(database, now, tmp_path):
    with database.writing() as session:
        token = make.make_invited(session, make.make_study(session, now=now), now=now).token
    app = make_app(database, tmp_path, base_url="https://survey.example.org")
    visitor = app.test_client()
    base = "https://survey.example.org"

    page = visitor.get(f"/link/{token}", base_url=base)
    # What browsers send under "strict-origin": the site and nothing of the page.
    answer = visitor.post(
        f"/link/{token}", base_url=base, data=visitor.page.form().data(consent="yes"), headers={"Referer": f"{base}/"}
    )

    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert answer.status_code == 303
    assert token not in answer.headers["Location"]


def test_no_token_and_no_code_is_written_down(app, database, now, caplog):
    caplog.set_level("DEBUG")
    with database.writing() as session:
        study = session.scalars(select(make.Study)).one()
        invitation = make.make_invited(session, study, now=now)
        code = make.new_code_of(session, invitation.respondent_id, now=now)
    visitor, _ = begin(app)
    visitor.get(f"/link/{invitation.token}")
    visitor.post(f"/link/{invitation.token}", data={"consent": "yes"})
    visitor.get("/code")
    visitor.send(number="1", code="2222-2222")
    visitor.get("/code")
    visitor.send(number=str(code.number), code=code.code)

    assert caplog.records
    assert not any(secret in caplog.text for secret in (invitation.token, code.code))
