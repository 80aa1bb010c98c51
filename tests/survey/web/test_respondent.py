"""Respondents' pages one by one: what they show, what they refuse, and that nothing typed is ever lost."""

import shutil
import uuid
from datetime import UTC, datetime, timedelta

import make
import pytest
from staff import make_app
from visitors import CRITERIA, KNOW, address_of, at_first_practice, begin, interview_of, open_link, problems_of

from survey.database import Database
from survey.models import AnswerChange, Interview, InterviewState
from survey.services import inviting, studying
from survey.services.interviewing import overview
from survey.web.database import EXTENSION

UNKNOWN = "x" * 43
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


class House:
    """An installation with one open study, and what a test wants to know of it."""

    def __init__(self, app, database, now):
        self.app, self.database, self.now = app, database, now
        with database.reading() as session:
            self.study_id = session.query(make.Study.id).scalar()

    def token(self, **invited):
        with self.database.writing() as session:
            return self._invite(session, **invited).token

    def _invite(self, session, **invited):
        return make.make_invited(session, session.get(make.Study, self.study_id), now=self.now, **invited)

    def practice(self, visitor, position=1):
        with self.database.reading() as session:
            return overview(session, interview_of(visitor)).practices[position - 1]

    def count(self, table):
        with self.database.reading() as session:
            return session.query(table).count()

    def close(self):
        with self.database.writing() as session:
            studying.close_study(session, session.get(make.Study, self.study_id), now=self.now)


@pytest.fixture(scope="module")
def template(sqlite_template, tmp_path_factory):
    """A database with one open study, made once and copied for every test."""
    file = tmp_path_factory.mktemp("respondent") / "template.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    with database.writing() as session:
        make.make_study(session, now=NOW, simulated=True)
    database.dispose()
    return file


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One application for all tests, because its templates take long to compile; each test gives it a database."""
    folder = tmp_path_factory.mktemp("app")
    return make_app(Database(f"sqlite:///{folder / 'none.db'}"), folder)


@pytest.fixture
def house(app, template, tmp_path):
    file = tmp_path / "survey.db"
    shutil.copyfile(template, file)
    database = Database(f"sqlite:///{file}")
    app.extensions[EXTENSION] = database
    yield House(app, database, NOW)
    database.dispose()


@pytest.fixture
def visitor(house):
    """A browser on the first step of the first practice."""
    return at_first_practice(house.app, house.token())


# The link ------------------------------------------------------------------------------------------------------


def test_opening_a_link_changes_nothing(house):
    token = house.token()
    for method in ("GET", "HEAD", "GET"):
        visitor = house.app.test_client()
        answer = visitor.open(f"/link/{token}", method=method)
        assert answer.status_code == 200
        assert not any("sid=" in cookie for cookie in answer.headers.getlist("Set-Cookie"))

    assert house.count(Interview) == 0


@pytest.mark.parametrize("token", [UNKNOWN, "short", "%00", "x" * 4000, "..%2f..%2fetc", "é" * 43])
def test_an_unknown_link_is_explained_without_a_hint(house, token):
    visitor = house.app.test_client()

    answer = visitor.get(f"/link/{token}")

    assert answer.status_code == 404
    assert visitor.page.h1 in {"This link is not valid or has expired.", "This page does not exist."}


@pytest.mark.parametrize(
    "tail", ["/", ".", ")", ">", ",", ";", "'", '"', " ", "/.", ").", "%2F", "%3E", "%22 ", "”", "»", "%E2%80%8B"]
)
def test_what_a_mail_program_puts_behind_a_link_is_no_part_of_it(house, tail):
    token = house.token()
    visitor = house.app.test_client()

    answer = visitor.get(f"/link/{token}{tail}?lang=it")

    assert (answer.status_code, answer.location) == (308, f"/link/{token}?lang=it")
    assert visitor.get(answer.location).status_code == 200


@pytest.mark.parametrize("tail", ["x", "-", "_", "=", "/x", "./x", "%00", "é", "/privacy/", "/../../sign-in"])
def test_nothing_that_could_be_meant_is_cut_off_a_link(house, tail):
    token = house.token()
    visitor = house.app.test_client()

    for address in (f"/link/{token}{tail}", f"/link/{token[:-1]}{tail}", f"/link/{token[:-1]}."):
        assert visitor.get(address).status_code == 404


def test_a_tail_tells_nobody_which_links_there_are(house):
    assert house.app.test_client().get(f"/link/{UNKNOWN}.").location == f"/link/{UNKNOWN}"


def test_expired_and_revoked_links_look_like_unknown_ones(house):
    expired = house.token(expires_at=house.now - timedelta(days=1))
    with house.database.writing() as session:
        revoked = house._invite(session)
        inviting.revoke(session, revoked.respondent_id, now=house.now)
    bodies = set()
    for token in (UNKNOWN, expired, revoked.token):
        answer = house.app.test_client().get(f"/link/{token}")
        assert answer.status_code == 404
        bodies.add(answer.get_data(as_text=True))

    assert len(bodies) == 1


def test_the_landing_says_who_asks_why_how_long_and_who_sees_the_answers(house):
    with house.database.writing() as session:
        for text in session.get(make.Study, house.study_id).texts:
            text.purpose = "To decide <soon> what the regions do." if text.language == "en" else ""
    visitor = open_link(house.app, house.token())

    said = visitor.page.words

    assert "Who asks The project Test asks on behalf of its partners." in said
    assert "Why To decide <soon> what the regions do." in said
    assert "About 25 minutes" in said
    assert "Nobody but the study team sees single answers." in said
    assert any("/privacy" in link for link in visitor.page.links)
    assert "mailto:lead@example.org" in visitor.page.links
    visitor.get(f"{visitor.address}?lang=it")
    assert "Perché" not in visitor.page.words


def test_the_language_of_the_address_is_used_and_an_unknown_one_is_not(house):
    token = house.token(language="it")
    visitor = house.app.test_client()

    visitor.get(f"/link/{token}")
    assert (visitor.page.language, visitor.page.h1) == ("it", "Intervista sulle buone pratiche")
    visitor.get(f"/link/{token}?lang=hu")
    assert visitor.page.language == "hu"
    visitor.get(f"/link/{token}?lang=../etc")
    assert visitor.page.language == "it"


@pytest.mark.parametrize("said", [{}, {"consent": ["yes", "no"]}, {"consent": "perhaps"}])
def test_consent_has_to_be_said_and_is_never_guessed(house, said):
    visitor = open_link(house.app, house.token())

    answer = visitor.send(**said)

    assert answer.status_code == 422
    assert visitor.page.title.startswith("Error: ")
    assert problems_of(visitor) == ["consent"]
    assert house.count(Interview) == 0


def test_declining_stores_that_and_nothing_else(house):
    token = house.token()
    visitor = open_link(house.app, token)

    visitor.send(consent="no")

    assert "No answers have been stored" in visitor.page.words
    assert house.count(AnswerChange) == 0
    with house.database.reading() as session:
        assert [interview.state for interview in session.query(Interview)] == [InterviewState.DECLINED]
    visitor = open_link(house.app, token)
    assert "You have chosen not to take part" in visitor.page.words
    assert visitor.post(f"/link/{token}", data={"consent": "yes"}).status_code == 400


def test_who_declined_by_a_slip_can_think_again(house):
    token = house.token()
    visitor = open_link(house.app, token)
    visitor.send(consent="no")

    visitor.get(next(address for address in visitor.page.links if "again" in address))
    # The question stands there as before, and is not answered by itself.
    assert visitor.send().status_code == 422
    visitor.send(consent="yes")

    assert visitor.page.h1 == "About you"
    with house.database.reading() as session:
        assert [interview.state for interview in session.query(Interview)] == [InterviewState.STARTED]


def test_after_starting_no_address_holds_the_token(house):
    token = house.token()
    visitor = open_link(house.app, token)

    answer = visitor.send(consent="yes", follow=False)

    assert token not in answer.location
    cookies = answer.headers.getlist("Set-Cookie")
    sid = next(cookie for cookie in cookies if cookie.startswith("sid="))
    assert "HttpOnly" in sid
    assert "SameSite=Lax" in sid
    assert "Secure" not in sid


def test_over_https_cookies_are_bound_to_the_host(house, tmp_path):
    visitor = make_app(house.database, tmp_path, base_url="https://survey.example.org").test_client()
    link = f"https://localhost/link/{house.token()}"
    visitor.get(link)

    answer = visitor.post(
        link, data=visitor.page.form().data(consent="yes"), headers={"Referer": link}, follow_redirects=False
    )

    sid = next(cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("__Host-sid="))
    assert "Secure" in sid
    assert "Path=/" in sid
    assert "Domain" not in sid
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_closed_study_says_so_everywhere(house, visitor):
    token = house.token()
    house.close()

    for address in (f"/link/{token}", visitor.address, address_of(visitor, "review"), address_of(visitor, "profile")):
        answer = visitor.get(address)
        assert (answer.status_code, visitor.page.h1) == (410, "This study is closed. Answers can no longer be given.")


def test_privacy_can_be_read_before_and_during_the_interview(house, visitor):
    visitor.get(address_of(visitor, "privacy"))
    assert "lead@example.org" in visitor.page.words

    visitor.get(f"/link/{house.token()}/privacy?lang=de")

    assert visitor.page.language == "de"
    assert "lead@example.org" in visitor.page.words


# The profile ---------------------------------------------------------------------------------------------------


def test_the_profile_needs_a_kind_of_organisation_and_a_region(house):
    visitor = begin(house.app, house.token(region=None, stakeholder=None))

    answer = visitor.send("answers", YEARS=4, to="next")

    assert answer.status_code == 422
    assert problems_of(visitor) == ["STAKEHOLDER", "REGION"]
    assert visitor.page.form("answers").chosen("YEARS") == ["4"]


@pytest.mark.parametrize(("field", "value"), [("REGION", "atlantis"), ("STAKEHOLDER", "S99"), ("YEARS", "77")])
def test_a_wrong_code_in_the_profile_is_told_and_the_rest_is_kept(house, field, value):
    visitor = begin(house.app, house.token())

    answer = visitor.send("answers", **({"ROLE": 2} | {field: value}), to="next")

    assert answer.status_code == 422
    assert problems_of(visitor) == [field]
    assert visitor.page.form("answers").chosen("ROLE") == ["2"]


def test_another_region_says_what_happens_and_each_practice_says_which_region_it_is_about(house):
    visitor = at_first_practice(house.app, house.token(region="lombardy"))
    visitor.send("answers", **KNOW, to="later")
    was = "You judge this practice for the region that you gave before: Lombardy (Milan)."

    visitor.get(address_of(visitor, "profile"))
    assert "practices that you have already answered keep the region" in visitor.page.words
    visitor.send("answers", REGION="munich", to="next")

    assert was in visitor.page.words
    visitor.get(address_of(visitor, "practice/2/know"))
    assert was not in visitor.page.words
    visitor.get(address_of(visitor, "review"))
    assert visitor.page.words.count(was) == 1


def test_who_comes_back_sees_the_region_that_was_corrected(house):
    token = house.token(region="lombardy")
    at_first_practice(house.app, token)
    elsewhere = open_link(house.app, token)
    assert "Lombardy?" in elsewhere.page.words
    visitor = begin(house.app, token)
    visitor.get(address_of(visitor, "profile"))
    visitor.send("answers", REGION="munich", to="next")

    elsewhere.get(f"/link/{token}")

    assert "Munich and Upper Bavaria?" in elsewhere.page.words
    assert "Lombardy?" not in elsewhere.page.words


def test_a_profile_from_a_revision_that_does_not_exist_is_shown_again_with_what_was_typed(house):
    visitor = begin(house.app, house.token())

    answer = visitor.send("answers", base_revision=1, STAKEHOLDER=3, REGION="munich", to="next")

    assert answer.status_code == 422
    assert visitor.page.form("answers").chosen("REGION") == ["munich"]
    assert house.count(AnswerChange) == 0
    visitor.send("answers", to="next")
    assert visitor.address.endswith("/practice/1/know")


def test_the_language_changes_in_the_middle_of_the_profile_and_keeps_it(house):
    visitor = begin(house.app, house.token())

    visitor.send("answers", YEARS=3, to="language-it")

    assert visitor.page.language == "it"
    assert visitor.page.form("answers").chosen("YEARS") == ["3"]


def test_the_profile_can_be_corrected_from_the_review(house, visitor):
    visitor.get(address_of(visitor, "profile?back=review"))

    visitor.send("answers", REGION="munich", to="next")

    assert visitor.address == address_of(visitor, "practice/1/know") or visitor.page.h1 == "Review your answers"
    visitor.get(address_of(visitor, "profile"))
    assert visitor.page.form("answers").chosen("REGION") == ["munich"]


# One practice --------------------------------------------------------------------------------------------------


def test_valid_answers_are_kept_when_others_are_missing(house, visitor):
    visitor.send("answers", **KNOW, to="next")

    answer = visitor.send("answers", NEED=5, FIT=88, EFF=99, to="next")

    assert answer.status_code == 422
    assert problems_of(visitor) == ["ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL"]
    assert visitor.page.form("answers").chosen("FIT") == ["88"]
    assert house.practice(visitor).codes["NEED"] == 5
    assert "autofocus" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("sent", "problem"),
    [({"NEED": "9"}, "NEED"), ({"NEED": "99"}, "NEED"), ({"FIT": ["1", "2"]}, "FIT"), ({"ACC": "<b>"}, "ACC")],
)
def test_a_wrong_answer_is_told_and_the_others_are_saved(house, visitor, sent, problem):
    visitor.send("answers", **KNOW, to="next")

    answer = visitor.send("answers", **(CRITERIA | sent), to="next")

    assert answer.status_code == 422
    assert problems_of(visitor) == [problem]
    codes = house.practice(visitor).codes
    assert codes[problem] == -128
    assert [codes[code] for code in CRITERIA if code != problem] == [
        number for code, number in CRITERIA.items() if code != problem
    ]


@pytest.mark.parametrize("name", ["BOGUS", "codes", "state", "NEED", "is_admin"])
def test_a_question_that_the_page_does_not_ask_is_refused_and_the_rest_is_saved(house, visitor, name):
    answer = visitor.send("answers", **KNOW, **{name: "3"}, to="next")

    assert answer.status_code == 422
    assert "Something was sent that is not asked on this page" in visitor.page.words
    assert house.practice(visitor).codes["FAM"] == KNOW["FAM"]
    assert house.practice(visitor).codes["NEED"] == -128


@pytest.mark.parametrize(
    "damage",
    [
        {"op_id": "1"},
        {"op_id": None},
        {"base_revision": "-1"},
        {"base_revision": "²"},
        {"base_revision": "2"},
        {"to": "elsewhere"},
    ],
)
def test_a_damaged_page_saves_nothing_and_shows_everything_again(house, visitor, damage):
    answer = visitor.send("answers", **KNOW, **({"to": "next"} | damage))

    assert answer.status_code == 422
    assert visitor.page.form("answers").chosen("FAM") == [str(KNOW["FAM"])]
    assert house.practice(visitor).codes["FAM"] == -128
    visitor.send("answers", to="next")
    assert visitor.address.endswith("/criteria")


def test_follow_up_questions_appear_and_are_no_mistake(visitor):
    visitor.send("answers", **KNOW, to="next")
    visitor.send("answers", **CRITERIA, to="next")

    answer = visitor.send("answers", VERDICT=2, to="next")

    assert answer.status_code == 200
    assert visitor.address.endswith("/verdict?more=CHANGE")
    assert "This question follows from your answer." in visitor.page.words
    assert {"CHANGE", "HORIZON"} <= visitor.page.form("answers").names()
    visitor.send("answers", CHANGE=["C1", "C7"], to="next")
    assert visitor.address.endswith("/verdict?more=CHANGE_TEXT")
    visitor.send("answers", CHANGE_TEXT="By whom?", to="next")
    assert visitor.address.endswith("/barriers")


def test_an_answer_taken_off_the_path_by_another_one_is_no_mistake(house, visitor):
    visitor.send("answers", **KNOW, to="next")
    visitor.send("answers", **CRITERIA, to="next")
    visitor.send("answers", VERDICT=2, to="next")
    visitor.send("answers", CHANGE=["C1"], HORIZON=1, to="next")
    visitor.get(address_of(visitor, "practice/1/verdict"))

    visitor.send("answers", VERDICT=4, to="next")

    assert visitor.address.endswith("/barriers")
    codes = house.practice(visitor).codes
    assert (codes["VERDICT"], codes["C1"], codes["HORIZON"]) == (4, -2, -2)


def test_too_many_choices_stay_ticked(visitor):
    visitor.send("answers", **KNOW, to="next")
    visitor.get(address_of(visitor, "practice/1/barriers"))

    answer = visitor.send("answers", ENABLER=["E01", "E02", "E03", "E04"], B01=1, to="next")

    assert answer.status_code == 422
    assert visitor.page.form("answers").chosen("ENABLER") == ["E01", "E02", "E03", "E04"]
    assert visitor.page.form("answers").chosen("B01") == ["1"]


@pytest.mark.parametrize("text", ["x" * 2001, "bell \x07"])
@pytest.mark.parametrize("to", ["next", "previous", "later", "language-it"])
def test_a_text_that_cannot_be_stored_is_shown_again_whatever_was_pressed(visitor, text, to):
    visitor.get(address_of(visitor, "practice/1/barriers"))

    answer = visitor.send("answers", COMMENT=text, to=to)

    assert answer.status_code == 422
    assert problems_of(visitor) == ["COMMENT"]
    assert visitor.page.form("answers").chosen("COMMENT") == [text.replace("\x07", "\N{REPLACEMENT CHARACTER}")]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "</textarea><b>", '"><img src=x>', "{{ 7*7 }}", "\n\n two  lines\n", "Ř 🦉"]
)
def test_texts_come_back_exactly_as_they_were_written(house, visitor, text):
    address = address_of(visitor, "practice/1/barriers")
    visitor.get(address)

    visitor.send("answers", COMMENT=text, to="later")

    assert house.practice(visitor).texts == {"COMMENT": text}
    visitor.get(address)
    assert visitor.page.form("answers").chosen("COMMENT") == [text]
    visitor.get(address_of(visitor, "review"))


def test_previous_and_later_demand_nothing(house, visitor):
    visitor.send("answers", **KNOW, to="next")

    visitor.send("answers", NEED=4, to="previous")

    assert visitor.address.endswith("/practice/1/know")
    assert house.practice(visitor).codes["NEED"] == 4
    visitor.send("answers", to="previous")
    assert visitor.page.h1 == "About you"


def test_boxes_left_open_mean_none_only_when_going_on(house, visitor):
    visitor.get(address_of(visitor, "practice/1/barriers"))
    visitor.send("answers", to="later")
    assert house.practice(visitor).codes["E01"] == -128

    visitor.get(address_of(visitor, "practice/1/barriers"))
    visitor.send("answers", to="next")

    assert house.practice(visitor).codes["E01"] == 0


def test_the_language_changes_in_the_middle_of_a_page_and_loses_nothing(house, visitor):
    visitor.send("answers", FAM=3, to="language-hu")

    assert visitor.page.language == "hu"
    assert visitor.page.form("answers").chosen("FAM") == ["3"]
    visitor.send("answers", EXIST=3, to="language-en")
    assert visitor.page.form("answers").chosen("EXIST") == ["3"]


def test_the_whole_practice_on_one_page_is_remembered(house, visitor):
    visitor.send("answers", **KNOW, to="layout-whole")
    assert visitor.address.endswith("/practice/1/all")

    visitor.send("answers", **CRITERIA, VERDICT=4, to="next")

    assert visitor.address.endswith("/practice/2/all")
    visitor.send("answers", to="later")
    visitor.get(address_of(visitor, "").rstrip("/"), follow_redirects=True)
    assert visitor.address.endswith("/all")
    visitor.send("answers", to="layout-steps")
    assert visitor.address.endswith("/know")


def test_pressing_twice_is_one_save(house, visitor):
    form = visitor.page.form("answers").data(**KNOW, to="next")
    address = visitor.address

    first = visitor.post(address, data=form)
    once = house.count(AnswerChange)
    second = visitor.post(address, data=form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert house.count(AnswerChange) == once


def test_a_page_sent_again_with_other_answers_is_another_save(house, visitor):
    form = visitor.page.form("answers").data(**KNOW, to="next")
    address = visitor.address
    visitor.post(address, data=form)

    answer = visitor.post(address, data=form | {"FAM": ["4"]})

    # The old page did not know of its own save: both answers are shown, and the saved one stands.
    assert answer.status_code == 409
    assert house.practice(visitor).codes["FAM"] == KNOW["FAM"]


def test_a_verdict_given_while_another_device_took_its_question_away_is_not_lost(house, visitor):
    def elsewhere(**codes):
        with house.database.writing() as session:
            save = make.make_save(codes, base_revision=make.revision_of(session, interview_of(visitor), 1))
            now = house.now
            make.save_answers(session, interview_of(visitor), 1, save, author=make.RESPONDENT_ON_WEB, now=now)

    visitor.send("answers", **KNOW, to="next")
    visitor.get(address_of(visitor, "practice/1/verdict"))
    elsewhere(EXIST=1)
    aside = house.practice(visitor).codes["VERDICT"]

    visitor.send("answers", VERDICT=5, to="next")
    elsewhere(EXIST=3)

    assert (aside, house.practice(visitor).codes["VERDICT"]) == (5, 5)


def test_a_text_that_lost_can_still_be_chosen(house, visitor):
    visitor.get(address_of(visitor, "practice/1/barriers"))
    with house.database.writing() as session:
        make.save_answers(
            session,
            interview_of(visitor),
            1,
            make.make_save({}, {"COMMENT": "First."}),
            author=make.RESPONDENT_ON_WEB,
            now=house.now,
        )

    answer = visitor.send("answers", COMMENT="Second.", to="next")
    assert answer.status_code == 409
    assert visitor.page.form("answers").chosen("COMMENT") == ["First."]
    visitor.send("answers", use_mine=["COMMENT"], to="later")

    assert house.practice(visitor).texts == {"COMMENT": "Second."}


def test_a_step_on_which_nothing_is_asked_leads_to_one_where_something_is(visitor):
    visitor.send("answers", FAM=1, EXIST=1, to="next")
    visitor.send("answers", EXWORK=3, to="next")
    assert visitor.address.endswith("/practice/1/barriers")

    answer = visitor.get(address_of(visitor, "practice/1/criteria"))

    assert answer.status_code == 303
    assert answer.location.endswith("/practice/1/know")


@pytest.mark.parametrize(
    "page",
    [
        "practice/99/know",
        "practice/1/nowhere",
        "practice/0/know",
        "practice/-1/know",
        f"practice/{2**63}/know",
        "x",
    ],
)
def test_pages_that_do_not_exist_are_not_found(visitor, page):
    assert visitor.get(address_of(visitor, page)).status_code == 404


@pytest.mark.parametrize("page", ["practice/1/know", "practice/6/all", "review", "review?lang=it"])
def test_before_the_profile_is_whole_later_pages_lead_to_it(house, page):
    visitor = begin(house.app, house.token())

    answer = visitor.get(address_of(visitor, page))

    assert (answer.status_code, answer.location) == (303, address_of(visitor, "profile"))


def test_a_practice_too_many_or_of_somebody_else_leads_to_no_profile(house, visitor):
    other = begin(house.app, house.token())

    for address in (address_of(visitor, "practice/7/know"), address_of(other, "practice/1/know")):
        assert visitor.get(address).status_code == 404


# Protection ----------------------------------------------------------------------------------------------------


def test_a_form_that_cannot_be_confirmed_saves_nothing_and_loses_nothing(house, visitor):
    visitor.get(address_of(visitor, "practice/1/barriers"))
    address = visitor.address

    answer = visitor.send("answers", csrf_token="stale", B01=1, COMMENT="Long thought about.", to="next")

    assert answer.status_code == 400
    assert "please send them once more" in visitor.page.words
    assert visitor.page.form("answers").chosen("COMMENT") == ["Long thought about."]
    assert house.practice(visitor).texts == {}
    visitor.send("answers", to="later")
    assert house.practice(visitor).texts == {"COMMENT": "Long thought about."}
    assert house.practice(visitor).codes["B01"] == 1
    assert address.endswith("barriers")


def test_another_site_cannot_send_our_forms(house, visitor):
    form = visitor.page.form("answers").data(**KNOW, to="next")

    answer = visitor.post(visitor.address, data=form, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 400
    assert house.practice(visitor).codes["FAM"] == -128


def test_every_form_without_a_token_changes_nothing(house, visitor):
    token = house.token()
    with house.database.writing() as session:
        slug = make.make_open_link(session, session.get(make.Study, house.study_id), now=house.now).slug
    before = house.count(AnswerChange), house.count(Interview)
    interview_id = interview_of(visitor)

    for rule in house.app.url_map.iter_rules():
        if "POST" not in rule.methods or not rule.endpoint.startswith("respondent."):
            continue
        values = {"token": token, "interview_id": interview_id, "position": 1, "step": "know", "slug": slug}
        with house.app.test_request_context():
            address = house.app.url_for(rule.endpoint, _anchor=None, **{name: values[name] for name in rule.arguments})
        assert visitor.post(address, data={"FAM": "1", "consent": "yes"}).status_code == 400, address

    assert (house.count(AnswerChange), house.count(Interview)) == before


def test_without_a_session_the_page_asks_for_the_link_and_gives_back_what_was_written(house, visitor):
    visitor.get(address_of(visitor, "practice/1/barriers"))
    visitor.delete_cookie("sid")

    answer = visitor.send("answers", COMMENT="Many words.", to="next")

    assert answer.status_code == 401
    assert visitor.page.h1 == "Please open your personal link again."
    assert "Many words." in visitor.page.words
    assert visitor.get(address_of(visitor, "review")).status_code == 401


def test_a_revoked_link_ends_its_sessions(house):
    with house.database.writing() as session:
        invitation = house._invite(session)
    visitor = at_first_practice(house.app, invitation.token)
    with house.database.writing() as session:
        inviting.revoke(session, invitation.respondent_id, now=house.now)

    assert visitor.get(visitor.address).status_code == 401


def test_somebody_elses_interview_is_not_found_like_one_that_does_not_exist(house, visitor):
    other = at_first_practice(house.app, house.token())
    bodies = []
    for interview_id in (interview_of(other), uuid.uuid4()):
        for page in ("profile", "practice/1/know", "review", "receipt", "later", "privacy"):
            answer = visitor.get(f"/interview/{interview_id}/{page}")
            assert answer.status_code == 404
            bodies.append(answer.get_data(as_text=True))

    assert len(set(bodies)) == 1


def test_a_body_that_is_too_large_is_refused(visitor):
    answer = visitor.send("answers", COMMENT="x" * 300_000, to="next")

    assert answer.status_code == 413


@pytest.mark.parametrize("next_page", ["/sign-in", "//evil.example"])
def test_no_answer_leads_to_another_site(visitor, next_page):
    answer = visitor.send("answers", **KNOW, to="next", back=next_page, follow=False)

    assert answer.location.startswith("/interview/")


# The end -------------------------------------------------------------------------------------------------------


def submitted(house):
    with house.database.writing() as session:
        study = session.get(make.Study, house.study_id)
        return make.make_submitted(session, study, now=house.now)


def test_the_review_does_not_submit_while_something_needed_is_open(house, visitor):
    visitor.send("answers", FAM=1, to="later")
    visitor.get(address_of(visitor, "review"))
    assert "Yes, submit" not in visitor.page.words
    token = visitor.page.forms[0].data()["csrf_token"]

    answer = visitor.post(address_of(visitor, "submit"), data={"csrf_token": token, "op_id": str(uuid.uuid4())})

    assert answer.status_code == 422
    assert any(link.endswith("practice/1/know?back=review#EXIST") for link in visitor.page.links)


def test_the_address_that_submits_leads_to_the_review_when_it_is_asked_for(house, visitor):
    address = address_of(visitor, "submit")

    answer = visitor.get(address)

    assert (answer.status_code, answer.location) == (303, address_of(visitor, "review"))
    assert house.app.test_client().get(address).status_code == 401
    assert at_first_practice(house.app, house.token()).get(address).status_code == 404


def test_a_change_from_the_review_leads_back_to_it(visitor):
    visitor.send("answers", **KNOW, to="next")
    visitor.get(address_of(visitor, "practice/1/know?back=review"))

    visitor.send("answers", FAM=4, to="next")

    assert visitor.page.h1 == "Review your answers"


def test_a_list_that_was_passed_by_is_not_called_an_answer(visitor):
    address = address_of(visitor, "review")
    visitor.get(address)
    assert "Nothing chosen" not in visitor.page.words
    visitor.get(address_of(visitor, "practice/1/barriers"))

    visitor.send("answers", to="next")

    visitor.get(address)
    assert "Nothing chosen" in visitor.page.words
    assert "None of these" not in visitor.page.words


def test_after_submitting_every_page_leads_to_the_receipt(house):
    begun = submitted(house)
    visitor = open_link(house.app, begun.token)
    assert "Your answers have been submitted." in visitor.page.words
    csrf = make_csrf(house, visitor)
    visitor.post(f"/link/{begun.token}", data={"csrf_token": csrf})

    for page in ("profile", "practice/1/know", "review", "submit", "later"):
        answer = visitor.get(f"/interview/{begun.id}/{page}", follow_redirects=True)
        assert answer.status_code == 200
        assert visitor.page.h1 == "Thank you"
    answer = visitor.post(
        f"/interview/{begun.id}/practice/1/know", data={"csrf_token": csrf, "FAM": "1"}, follow_redirects=False
    )
    assert answer.location == f"/interview/{begun.id}/receipt"


def make_csrf(house, visitor):
    """A token of forms for this browser, from a page that has one."""
    visitor.get(f"/link/{house.token()}")
    return visitor.page.form().data()["csrf_token"]


@pytest.mark.parametrize("language", ["en", "it", "fr", "de", "sv", "da", "cs", "hu"])
def test_every_page_speaks_every_language(house, language):
    visitor = begin(house.app, house.token(language=language), lang=language)
    visitor.send("answers", to="next")
    visitor.send("answers", to="next")
    visitor.send("answers", **KNOW, to="layout-whole")
    visitor.send("answers", **CRITERIA, VERDICT=2, to="next")
    visitor.send("answers", CHANGE=["C7"], HORIZON=1, to="later")
    for page in ("review", "privacy", "later", "profile"):
        assert visitor.get(address_of(visitor, page)).status_code == 200
        assert visitor.page.language == language
    visitor.get(f"/link/{submitted(house).token}?lang={language}")

    assert visitor.page.language == language
    assert "{" not in visitor.page.words


def test_a_page_needs_few_statements(house, visitor, count_queries):
    address = visitor.address

    with count_queries(house.database) as queries:
        visitor.get(address)

    assert queries.count <= 4, queries.statements


def test_every_kind_of_question_has_a_template(house):
    kinds = {kind.value for kind in make.load("replicability", 1).questions["FAM"].kind.__class__}

    found = {
        name.removeprefix("questions/").removesuffix(".html")
        for name in house.app.jinja_env.list_templates()
        if name.startswith("questions/")
    }

    assert found == kinds
