"""Every answer saves itself, and the page says honestly what is saved: real browser, real server, faults on purpose."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from tour import choose, interview_id, press, send

from survey.models import AnswerChange, Interview, InterviewState, WebSession
from survey.services.interviewing import overview

API = re.compile("/api/v1/interviews/")


@pytest.fixture
def at_practice(installation):
    """`at_practice(page)` goes to the first step of the first practice and gives the interview's id."""

    def going(page, link=None):
        page.goto(link or installation.link())
        choose(page, consent="yes")
        send(page)
        press(page)
        page.wait_for_url(re.compile("/practice/1/know"))
        return interview_id(page)

    return going


def stored(installation, interview, position=1):
    with installation.database.reading() as session:
        return overview(session, uuid.UUID(str(interview))).practices[position - 1]


def log_of(installation, interview, question):
    with installation.database.reading() as session:
        rows = session.query(AnswerChange).filter_by(interview_id=uuid.UUID(str(interview)), question=question)
        return [row.code if row.text is None else row.text for row in rows.order_by(AnswerChange.id)]


def state(page):
    return page.locator("#save-state")


def saved(page, act):
    """Do something and wait until the server has taken what comes of it."""
    with page.expect_response(lambda reply: reply.url.endswith("/answers") and reply.ok):
        act()
    expect(state(page)).to_have_attribute("data-state", "saved")


def answer(page, name, value):
    page.locator(f'input[name="{name}"][value="{value}"]').check()


def test_an_answer_is_saved_before_any_button_is_pressed(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)

    saved(page, lambda: answer(page, "FAM", 2))

    expect(state(page)).to_contain_text(re.compile(r"Saved at \d\d:\d\d"))
    assert stored(installation, interview).codes["FAM"] == 2
    page.reload()
    assert page.locator('input[name="FAM"][value="2"]').is_checked()


def test_the_next_page_does_not_save_again_what_is_saved(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    answer(page, "FAM", 2)
    answer(page, "EXIST", 3)
    press(page)
    page.wait_for_url(re.compile("/practice/1/(?!know)"))

    assert (log_of(installation, interview, "FAM"), log_of(installation, interview, "EXIST")) == ([2], [3])


def test_a_text_is_saved_while_it_is_written(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    area = page.locator("textarea").last
    name = area.get_attribute("name")

    saved(page, lambda: area.press_sequentially("Ein Wort und noch eins", delay=5))

    assert stored(installation, interview).texts[name] == "Ein Wort und noch eins"


def test_nothing_is_called_saved_while_it_is_being_written(installation, visit, at_practice):
    page = visit()
    at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    saved(page, lambda: answer(page, "FAM", 2))

    page.locator("textarea").last.press("x")

    expect(state(page)).to_have_attribute("data-state", "saving", timeout=300)
    expect(state(page)).to_have_attribute("data-state", "saved")


def test_walking_through_answers_by_the_arrow_keys_saves_the_last_one_only(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.locator('input[name="FAM"][value="1"]').focus()

    def walk():
        for _ in range(3):
            page.keyboard.press("ArrowDown")

    saved(page, walk)

    assert log_of(installation, interview, "FAM") == [4]


def test_an_answer_outlasts_a_server_that_went_back_to_a_backup(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    seen = []

    def claim_to_have_seen_more(route):
        body = route.request.post_data_json
        if not seen:
            body["answers"][0]["base_revision"] = 10_000
        seen.append(body["answers"][0]["base_revision"])
        route.continue_(post_data=json.dumps(body))

    page.route(re.compile("/answers"), claim_to_have_seen_more)

    saved(page, lambda: answer(page, "FAM", 2))

    assert seen == [10_000, 0]
    assert stored(installation, interview).codes["FAM"] == 2


def test_what_is_given_offline_waits_and_arrives_in_order(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.context.set_offline(True)

    answer(page, "FAM", 2)
    expect(state(page)).to_have_attribute("data-state", "offline")
    expect(state(page)).to_contain_text("answers are kept on this device")
    answer(page, "FAM", 3)
    answer(page, "EXIST", 3)
    assert stored(installation, interview).codes["FAM"] == -128
    page.context.set_offline(False)

    expect(state(page)).to_have_attribute("data-state", "saved", timeout=10_000)
    codes = stored(installation, interview).codes
    assert (codes["FAM"], codes["EXIST"]) == (3, 3)


def test_answers_survive_a_closed_tab_and_are_sent_by_the_next_page(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.route(API, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    answer(page, "FAM", 2)
    expect(state(page)).to_have_attribute("data-state", "retry")
    address = page.url
    page.close(run_before_unload=False)

    again = page.context.new_page()
    saved(again, lambda: again.goto(address))

    expect(again.locator('input[name="FAM"][value="2"]')).to_be_checked()
    assert stored(installation, interview).codes["FAM"] == 2
    assert log_of(installation, interview, "FAM") == [2]


def test_thirty_answers_outlast_ten_minutes_offline_and_a_closed_tab(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    page.clock.install()
    interview = at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    page.wait_for_load_state("networkidle")
    address = page.url
    names = dict.fromkeys(page.locator("#answers input[type=radio]").evaluate_all("(all) => all.map((i) => i.name)"))
    page.context.set_offline(True)

    given = {}
    for name in [name for name in names if name != "EXIST"][:30]:
        chosen = page.locator(f'input[name="{name}"]').last
        chosen.check()
        given[name] = int(chosen.get_attribute("value"))
    page.clock.fast_forward("10:00")
    expect(state(page)).to_have_attribute("data-state", "offline")
    page.close(run_before_unload=False)
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(address)

    for _ in range(100):  # ten seconds
        codes = stored(installation, interview).codes
        if {name: codes[name] for name in given} == given:
            break
        again.wait_for_timeout(100)
    assert len(given) >= 25
    assert {name: codes[name] for name in given} == given
    assert [log_of(installation, interview, name) for name in given] == [[code] for code in given.values()]


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_wrong_clock_of_the_device_changes_nothing(installation, visit, at_practice, hours):
    page = visit()
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    interview = at_practice(page)

    saved(page, lambda: answer(page, "FAM", 2))
    saved(page, lambda: answer(page, "FAM", 3))

    assert stored(installation, interview).codes["FAM"] == 3
    assert log_of(installation, interview, "FAM") == [2, 3]


def test_what_waits_on_the_device_cannot_be_read_there(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    page.context.set_offline(True)
    page.locator("textarea").last.fill("Nobody may read this")
    expect(state(page)).to_have_attribute("data-state", "offline")

    kept = page.evaluate(
        """() => new Promise((resolve) => {
            indexedDB.open("replicability-survey").onsuccess = (opened) => {
                const all = opened.target.result.transaction("outbox").objectStore("outbox").getAll();
                all.onsuccess = () => resolve(all.result.map((each) => new TextDecoder().decode(each.data)).join());
            };
        })"""
    )

    assert len(kept) > 50
    assert "Nobody" not in kept
    page.context.set_offline(False)


def test_a_reply_that_is_lost_does_not_save_twice(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    lost = []

    def lose_the_first(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route(API, lose_the_first)
    answer(page, "FAM", 2)

    expect(state(page)).to_contain_text("Online again", timeout=10_000)
    assert lost == [200]
    assert log_of(installation, interview, "FAM") == [2]


def test_a_busy_server_is_asked_again(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    refused = []

    def refuse_twice(route):
        if route.request.method == "POST" and len(refused) < 2:
            refused.append(route.request.post_data_json["op_id"])
            route.fulfill(status=503, json={"code": "busy", "message": "busy"}, headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route(API, refuse_twice)
    answer(page, "FAM", 2)

    expect(state(page)).to_have_attribute("data-state", "retry")
    expect(state(page)).to_have_attribute("data-state", "saved", timeout=15_000)
    assert len(set(refused)) == 1
    assert log_of(installation, interview, "FAM") == [2]


def test_a_stale_form_token_is_renewed_without_a_word(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies(name="form")

    saved(page, lambda: answer(page, "FAM", 2))

    assert stored(installation, interview).codes["FAM"] == 2


def test_a_page_that_slept_asks_whether_to_go_on_and_loses_nothing(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.wait_for_load_state("networkidle")
    with installation.database.writing() as session:
        row = session.query(WebSession).filter_by(interview_id=uuid.UUID(str(interview)), ended_at=None).one()
        row.expires_at = datetime.now(UTC)

    answer(page, "FAM", 2)
    saved(page, page.get_by_role("button", name="Continue", exact=True).click)

    assert page.locator("#pause").is_hidden()
    assert stored(installation, interview).codes["FAM"] == 2


def test_everybody_can_use_what_the_script_shows(installation, visit, at_practice):
    accessible = pytest.importorskip("accessible", reason="axe is not installed", exc_type=ModuleNotFoundError)
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.context.set_offline(True)
    answer(page, "FAM", 3)
    expect(state(page)).to_have_attribute("data-state", "offline")
    found = accessible.obstacles(page, "offline", (320, 1280))
    installation.answer_elsewhere(interview, 1, {"FAM": 1})
    page.context.set_offline(False)
    page.locator("#FAM-conflict button").first.wait_for()
    found |= accessible.obstacles(page, "two answers", (320, 1280))
    with installation.database.writing() as session:
        session.query(WebSession).filter_by(interview_id=uuid.UUID(str(interview))).update(
            {"expires_at": datetime.now(UTC)}
        )
    answer(page, "EXIST", 3)
    page.get_by_role("button", name="Continue", exact=True).wait_for()
    found |= accessible.obstacles(page, "pause", (320, 1280))

    assert found == {}


def test_two_devices_see_each_other(installation, visit, at_practice):
    link = installation.link()
    one, other = visit(), visit(320, 700)
    at_practice(one, link)
    other.goto(link)
    send(other)
    other.goto(one.url)

    answer(one, "FAM", 2)

    expect(other.locator('input[name="FAM"][value="2"]')).to_be_checked(timeout=6_000)
    expect(other.locator("#elsewhere")).to_contain_text("Also open elsewhere")


def test_two_answers_to_one_question_are_both_shown_and_either_can_be_chosen(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.route(re.compile("/news"), lambda route: route.abort())
    for theirs, mine, button, stands in ((1, 3, "Use the saved one", 1), (2, 3, "Keep mine", 3)):
        installation.answer_elsewhere(interview, 1, {"FAM": theirs})
        answer(page, "FAM", mine)

        remark = page.locator("#FAM-conflict")
        expect(remark).to_contain_text("Your answer on this page")
        assert page.locator(f'input[name="FAM"][value="{theirs}"]').is_checked()
        page.get_by_role("button", name=button).click()
        expect(remark).to_have_count(0)
        expect(page.locator(f'input[name="FAM"][value="{stands}"]')).to_be_checked()
        expect(state(page)).not_to_have_attribute("data-state", "saving")
        page.wait_for_timeout(300)
        assert stored(installation, interview).codes["FAM"] == stands
    assert log_of(installation, interview, "FAM")[-1] == 3


def test_a_text_that_is_being_written_is_not_overwritten_by_news(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    area = page.locator("textarea").last
    name = area.get_attribute("name")
    page.route(re.compile("/answers"), lambda route: route.abort())
    area.fill("mine")
    installation.answer_elsewhere(interview, 1, {}, {name: "theirs"})
    page.wait_for_timeout(5_000)
    assert area.input_value() == "mine"

    page.unroute(re.compile("/answers"))

    expect(page.locator(f"#{name}-conflict")).to_contain_text("theirs", timeout=15_000)
    saved(page, page.get_by_role("button", name="Keep mine").click)
    assert stored(installation, interview).texts[name] == "mine"


def test_pressing_twice_is_pressing_once(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    answer(page, "FAM", 2)
    answer(page, "EXIST", 3)

    page.locator(".actions .btn--primary").dblclick()
    page.wait_for_url(re.compile("/practice/1/(?!know)"))

    assert len([url for url in posts if "/practice/" in url]) == 1
    assert log_of(installation, interview, "FAM") == [2]


def test_going_back_sends_nothing_old(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    answer(page, "FAM", 2)
    answer(page, "EXIST", 3)
    press(page)
    page.wait_for_url(re.compile("/practice/1/(?!know)"))
    installation.answer_elsewhere(interview, 1, {"FAM": 1})

    page.go_back()
    expect(page.locator('input[name="FAM"][value="1"]')).to_be_checked(timeout=6_000)
    press(page)
    page.wait_for_url(re.compile("/practice/1/(?!know)"))

    assert stored(installation, interview).codes["FAM"] == 1
    assert log_of(installation, interview, "FAM") == [2, 1]


def test_next_waits_for_what_is_not_saved_yet_and_then_goes_on(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.context.set_offline(True)
    answer(page, "FAM", 2)
    answer(page, "EXIST", 3)
    page.locator(".actions .btn--primary").click()
    page.wait_for_timeout(300)
    assert "/know" in page.url

    page.context.set_offline(False)

    page.wait_for_url(re.compile("/practice/1/(?!know)"), timeout=10_000)
    assert stored(installation, interview).codes["EXIST"] == 3


def test_an_interview_that_was_handed_in_elsewhere_says_so_and_takes_nothing(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    with installation.database.writing() as session:
        row = session.get(Interview, uuid.UUID(str(interview)))
        row.state, row.submitted_at = InterviewState.SUBMITTED, datetime.now(UTC)

    answer(page, "FAM", 2)

    expect(state(page)).to_contain_text("already been submitted", timeout=6_000)
    assert stored(installation, interview).codes["FAM"] == -128


def test_another_interview_in_the_same_browser_costs_no_answer(installation, visit, at_practice):
    link = installation.link()
    page = visit()
    interview = at_practice(page, link)
    page.wait_for_load_state("networkidle")
    at_practice(page.context.new_page())

    answer(page, "FAM", 2)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.locator("#pause")).to_contain_text("Please open your personal link again")
    again = page.context.new_page()
    again.goto(link)
    send(again)
    saved(page, page.get_by_role("button", name="Continue", exact=True).click)

    assert stored(installation, interview).codes["FAM"] == 2


def test_two_tabs_that_slept_both_go_on(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    other = page.context.new_page()
    other.goto(page.url)
    for each in (page, other):
        each.wait_for_load_state("networkidle")
    with installation.database.writing() as session:
        row = session.query(WebSession).filter_by(interview_id=uuid.UUID(str(interview)), ended_at=None).one()
        row.expires_at = datetime.now(UTC)
    answer(page, "FAM", 2)
    answer(other, "EXIST", 3)
    expect(other.locator("#pause")).to_be_visible()

    saved(page, page.get_by_role("button", name="Continue", exact=True).click)
    saved(other, other.get_by_role("button", name="Continue", exact=True).click)

    codes = stored(installation, interview).codes
    assert (codes["FAM"], codes["EXIST"]) == (2, 3)


def test_a_page_about_a_practice_that_was_given_back_says_so_and_saves_nothing_for_its_successor(
    installation, visit, at_practice
):
    link = installation.link()
    page, other = visit(), visit()
    interview = at_practice(page, link)
    other.goto(link)
    send(other)
    other.goto(re.sub("/practice/.*", "/profile", page.url))
    page.route(re.compile("/news"), lambda route: route.fulfill(status=204))
    before = stored(installation, interview).evaluation_id
    saved(other, lambda: answer(other, "REGION", "munich"))
    assert stored(installation, interview).evaluation_id != before

    answer(page, "FAM", 2)

    expect(page.locator("#elsewhere")).to_contain_text("The questions on this page have changed.")
    assert stored(installation, interview).codes["FAM"] == -128


def hold(page, pattern=re.compile("/answers$"), *, reaches=False):
    """Keep the first such request, or with `reaches` its reply, until the function that comes back is called."""
    held = []

    def holding(route):
        if held or (pattern.search("/answers") and route.request.method != "POST"):
            route.continue_()
        else:
            held.append((route, route.fetch() if reaches else None))

    page.route(pattern, holding)

    def release():
        (route, reply), held[:] = held[0], [None]
        if reply is None:
            route.continue_()
        else:
            route.fulfill(response=reply)

    release.held = held
    return release


def until(page, condition):
    for _ in range(50):
        if condition():
            return
        page.wait_for_timeout(100)
    pytest.fail("did not happen")


def leave_on_device(page, *acts):
    """Do these acts while no save goes through, and close the page."""
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('cut off')); }")
    for act in acts:
        act()
        expect(state(page)).to_have_attribute("data-state", "retry")
    page.wait_for_timeout(200)
    page.close(run_before_unload=False)


def test_an_answer_given_meanwhile_does_not_overwrite_what_the_one_before_lost_against(
    installation, visit, at_practice
):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.route(re.compile("/news"), lambda route: route.abort())
    page.wait_for_timeout(300)
    release = hold(page)
    installation.answer_elsewhere(interview, 1, {"FAM": 1})
    answer(page, "FAM", 3)
    until(page, lambda: release.held)
    answer(page, "FAM", 2)
    release()

    expect(page.locator("#FAM-conflict")).to_be_visible()
    assert stored(installation, interview).codes["FAM"] == 1
    saved(page, page.get_by_role("button", name="Keep mine").click)
    assert stored(installation, interview).codes["FAM"] == 2


def test_the_last_of_several_answers_on_the_device_stands(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    saved(page, lambda: answer(page, "FAM", 3))
    address = page.url
    again = page.context.new_page()
    leave_on_device(page, lambda: answer(page, "FAM", 2), lambda: answer(page, "FAM", 3))

    again.goto(address)

    until(again, lambda: log_of(installation, interview, "FAM") == [3, 2, 3])
    assert stored(installation, interview).codes["FAM"] == 3
    expect(again.locator('input[name="FAM"][value="3"]')).to_be_checked()
    assert again.locator("#FAM-conflict").count() == 0


def test_the_last_answer_stands_when_the_page_is_hidden_while_one_is_on_its_way(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    saved(page, lambda: answer(page, "FAM", 3))
    release = hold(page, reaches=True)
    answer(page, "FAM", 2)
    until(page, lambda: release.held)
    answer(page, "FAM", 3)
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
            delete document.hidden;
        }"""
    )
    page.wait_for_timeout(500)
    release()

    until(page, lambda: stored(installation, interview).codes["FAM"] == 3)
    expect(state(page)).to_have_attribute("data-state", "saved")


def test_what_waits_on_the_device_is_sent_even_if_an_answer_is_on_its_way(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    address = page.url
    again = page.context.new_page()
    leave_on_device(page, lambda: answer(page, "FAM", 2))
    session = hold(again, re.compile("/session$"))
    again.goto(address)
    with again.expect_response(lambda reply: reply.url.endswith("/answers") and reply.ok):
        answer(again, "EXIST", 1)
    first = hold(again)
    answer(again, "EXIST", 3)
    until(again, lambda: first.held)
    session()
    again.wait_for_timeout(500)
    first()

    until(again, lambda: stored(installation, interview).codes["EXIST"] == 3)
    until(again, lambda: stored(installation, interview).codes["FAM"] == 2)


def test_what_waits_on_the_device_does_not_cover_what_is_written_now(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    address = page.url
    again = page.context.new_page()
    leave_on_device(page, lambda: page.locator("[name=COMMENT]").fill("old"))
    session = hold(again, re.compile("/session$"))
    again.goto(address)
    again.locator("[name=COMMENT]").press_sequentially("new")
    session()
    again.wait_for_timeout(2_000)

    assert again.locator("[name=COMMENT]").input_value() == "new"


def test_news_leave_a_choice_between_two_answers_on_the_page(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.wait_for_load_state("networkidle")
    installation.answer_elsewhere(interview, 1, {"FAM": 1})
    answer(page, "FAM", 3)
    expect(page.locator("#FAM-conflict")).to_be_visible()

    with page.expect_response(re.compile("/news")):
        pass
    page.wait_for_timeout(300)

    expect(page.locator("#FAM-conflict")).to_be_visible()
    installation.answer_elsewhere(interview, 1, {"FAM": 2})
    page.get_by_role("button", name="Use the saved one").click()
    expect(page.locator('input[name="FAM"][value="2"]')).to_be_checked(timeout=6_000)


def test_news_that_are_not_shown_yet_are_not_overwritten(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.wait_for_load_state("networkidle")
    release = hold(page)
    answer(page, "FAM", 3)
    until(page, lambda: release.held)
    installation.answer_elsewhere(interview, 1, {"FAM": 1})
    with page.expect_response(re.compile("/news")):
        pass
    page.wait_for_timeout(300)
    answer(page, "FAM", 2)
    release()

    expect(page.locator("#FAM-conflict")).to_be_visible()
    assert stored(installation, interview).codes["FAM"] == 1


def test_a_conflict_that_nobody_can_have_seen_yet_keeps_the_page(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    state(page).wait_for()
    installation.answer_elsewhere(interview, 1, {}, {"COMMENT": "Other words."})
    held = []
    is_free = False
    page.route(re.compile("/answers"), lambda route: route.continue_() if is_free else held.append(route))
    button = page.locator('.actions button[name="to"][value="previous"]')

    # Leaving the field saves it; the reply comes just before the key is pressed.
    page.locator("textarea[name=COMMENT]").fill("My words.")
    button.focus()
    is_free = True
    for route in held:
        route.continue_()
    page.locator("#COMMENT-conflict").wait_for()
    page.keyboard.press("Enter")

    expect(page.locator("textarea[name=COMMENT]")).to_be_focused()
    assert page.url.endswith("/all")
    # Who presses again has seen it.
    with page.expect_navigation():
        button.press("Enter")


def test_a_conflict_does_not_take_the_words_that_are_written_meanwhile(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    page.route(re.compile("/news"), lambda route: route.abort())
    page.wait_for_timeout(300)
    installation.answer_elsewhere(interview, 1, {}, {"COMMENT": "theirs"})
    release = hold(page)
    area = page.locator("[name=COMMENT]")
    area.fill("mine")
    until(page, lambda: release.held)
    area.press_sequentially(" and more")
    release()
    page.wait_for_timeout(300)
    assert area.input_value() == "mine and more"

    expect(page.locator("#COMMENT-conflict")).to_contain_text("mine and more")
    saved(page, page.get_by_role("button", name="Keep mine").click)
    assert stored(installation, interview).texts["COMMENT"] == "mine and more"


def test_words_written_while_earlier_ones_are_on_their_way_do_not_collide_with_them(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    page.wait_for_load_state("networkidle")
    release = hold(page, reaches=True)
    area = page.locator("[name=COMMENT]")
    area.fill("mine")
    until(page, lambda: release.held)
    area.press_sequentially(" and more")
    release()

    until(page, lambda: stored(installation, interview).texts.get("COMMENT") == "mine and more")
    assert area.input_value() == "mine and more"
    assert page.locator("#COMMENT-conflict").count() == 0


def test_an_answer_that_others_gave_too_hides_nothing_else_of_theirs(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.route(re.compile("/news"), lambda route: route.abort())
    page.wait_for_timeout(300)
    installation.answer_elsewhere(interview, 1, {"FAM": 2, "EXIST": 3})
    saved(page, lambda: answer(page, "FAM", 2))

    answer(page, "EXIST", 2)

    expect(page.locator("#EXIST-conflict")).to_be_visible()
    assert stored(installation, interview).codes["EXIST"] == 3


def test_next_does_not_leave_two_answers_behind(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.route(re.compile("/news"), lambda route: route.abort())
    page.wait_for_timeout(300)
    release = hold(page)
    installation.answer_elsewhere(interview, 1, {"FAM": 1})
    answer(page, "FAM", 3)
    until(page, lambda: release.held)
    answer(page, "EXIST", 3)
    page.locator(".actions .btn--primary").click()
    release()

    until(page, lambda: stored(installation, interview).codes["EXIST"] == 3)
    page.wait_for_timeout(500)
    assert "/know" in page.url
    expect(page.locator("#FAM-conflict")).to_be_visible()
    expect(state(page)).to_have_attribute("data-state", "problem")


def test_a_box_ticked_and_unticked_leaves_no_answer_waiting(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    page.context.set_offline(True)
    answer(page, "FAM", 2)
    expect(state(page)).to_have_attribute("data-state", "offline")
    answer(page, "ENABLER", "E01")
    page.locator('input[name="ENABLER"][value="E01"]').uncheck()
    page.context.set_offline(False)

    expect(state(page)).to_have_attribute("data-state", "saved", timeout=10_000)


def test_nothing_is_said_to_be_on_the_device_where_nothing_is(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    at_practice(page)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)

    answer(page, "FAM", 2)

    expect(state(page)).to_have_attribute("data-state", "offline")
    expect(state(page)).to_contain_text("This browser keeps nothing on the device")
    expect(state(page)).not_to_contain_text("are kept on this device")
    page.context.set_offline(False)


def test_a_page_that_could_not_ask_for_its_session_asks_again(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    page.route(re.compile("/session$"), lambda route: route.abort(), times=1)
    page.reload()
    page.wait_for_timeout(500)
    saved(page, lambda: answer(page, "EXIST", 3))
    address = page.url
    again = page.context.new_page()
    page.wait_for_timeout(500)
    leave_on_device(page, lambda: answer(page, "FAM", 2))

    again.goto(address)

    until(again, lambda: stored(installation, interview).codes["FAM"] == 2)


def test_a_form_token_that_is_refused_again_and_again_is_no_storm(visit, at_practice):
    page = visit()
    at_practice(page)
    page.wait_for_load_state("networkidle")
    posts = []

    def refuse(route):
        posts.append(route.request.url)
        route.fulfill(status=400, json={"code": "form_token", "form_token": "again"})

    page.route(re.compile("/answers$"), refuse)
    answer(page, "FAM", 2)
    page.wait_for_timeout(2_000)

    assert 2 <= len(posts) <= 6
    page.unroute(re.compile("/answers$"))


def test_a_save_that_can_never_go_through_is_not_called_saved(visit, at_practice):
    page = visit()
    at_practice(page)
    saved(page, lambda: answer(page, "EXIST", 3))
    page.route(re.compile("/answers$"), lambda route: route.fulfill(status=422, json={"code": "unprocessable_entity"}))

    answer(page, "FAM", 2)

    expect(page.locator("#elsewhere")).to_contain_text("Show the page again")
    expect(state(page)).to_have_attribute("data-state", "problem")
    expect(state(page)).to_contain_text("The questions on this page have changed.")


def test_half_a_character_costs_neither_the_text_nor_other_answers(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    area = page.locator("[name=COMMENT]")

    saved(
        page,
        lambda: area.evaluate(
            "(area) => { area.value = 'a \\ud83d b'; area.dispatchEvent(new Event('change', { bubbles: true })); }"
        ),
    )

    assert stored(installation, interview).texts["COMMENT"] == "a \N{REPLACEMENT CHARACTER} b"


def test_a_text_that_was_put_right_is_not_called_wrong_any_more(visit, at_practice):
    page = visit()
    at_practice(page)
    page.goto(page.url.replace("/know", "/all"))
    area = page.locator("[name=COMMENT]")
    area.fill("a\x07b")
    expect(area).to_have_attribute("aria-invalid", "true")

    saved(page, lambda: area.fill("ab"))

    assert area.get_attribute("aria-invalid") is None
    assert page.locator("#COMMENT-problem").count() == 0


def test_a_choice_between_two_answers_leaves_the_keyboard_at_the_chosen_one(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    page.wait_for_load_state("networkidle")
    installation.answer_elsewhere(interview, 1, {"FAM": 2})
    answer(page, "FAM", 3)

    page.get_by_role("button", name="Use the saved one").click()

    expect(page.locator('input[name="FAM"][value="2"]')).to_be_focused()


def test_the_place_for_news_is_there_before_there_are_news(visit, at_practice):
    page = visit()
    at_practice(page)

    # Screen readers announce only what changes in a place that they know.
    assert page.locator("#elsewhere").evaluate("(place) => getComputedStyle(place).display") != "none"
    assert page.locator("#pause").get_attribute("aria-describedby") == "pause-text"


def test_a_button_works_again_when_its_page_never_comes(visit, at_practice):
    page = visit(is_cut_off=True)
    page.clock.install()
    at_practice(page)
    saved(page, lambda: answer(page, "FAM", 2))
    saved(page, lambda: answer(page, "EXIST", 3))
    page.route(re.compile("/practice/1/know"), lambda route: route.fulfill(status=204), times=1)
    page.locator(".actions .btn--primary").click()
    page.clock.fast_forward(20_000)

    press(page)

    page.wait_for_url(re.compile("/practice/1/(?!know)"))


def test_an_answer_that_lost_is_told_on_another_page_and_shown_on_its_own(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    interview = at_practice(page)
    address = page.url
    again = page.context.new_page()
    leave_on_device(page, lambda: answer(page, "FAM", 3))
    installation.answer_elsewhere(interview, 1, {"FAM": 1})

    again.goto(address.replace("/practice/1/", "/practice/2/"))
    expect(state(again)).to_have_attribute("data-state", "problem")
    expect(again.locator("#elsewhere")).to_contain_text("Answers were changed elsewhere in the meantime.")
    again.get_by_role("link", name="Show the page again").click()

    saved(again, again.locator("#FAM-conflict").get_by_role("button", name="Keep mine").click)
    assert stored(installation, interview).codes["FAM"] == 3
