"""Time runs out for nobody unasked: a warning in time, one press to stay or to go on, in every tab."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from tour import choose, interview_id, press, send

from survey.models import Interview, WebSession
from survey.services.interviewing import overview

FOREVER = timedelta(hours=24)
# A clock that jumps would end requests that begin in the jump, as if they had taken too long.
PATIENT = "AbortSignal.timeout = () => new AbortController().signal;"


@pytest.fixture
def at_practice(installation):
    """`at_practice(page)` goes to the first step of the first practice, by a clock that the test turns."""

    def going(page):
        page.clock.install()
        page.context.add_init_script(PATIENT)
        page.goto(installation.link())
        choose(page, consent="yes")
        send(page)
        press(page)
        page.wait_for_url(re.compile("/practice/1/know"))
        page.wait_for_load_state("networkidle")
        return interview_id(page)

    return going


def away(installation, page, minutes, *, opened=None):
    """Let nothing have happened on the server for so many minutes, and as many pass on the page."""
    with installation.database.writing() as session:
        row = session.query(WebSession).filter_by(interview_id=interview_id(page), ended_at=None).one()
        now = datetime.now(UTC)
        row.seen_at = session.get(Interview, interview_id(page)).last_answer_at = now - timedelta(minutes=minutes)
        row.expires_at = now - (opened or timedelta(minutes=minutes)) + FOREVER
    page.clock.fast_forward(minutes * 60_000)


def seen_at(installation, interview):
    with installation.database.reading() as session:
        return session.query(WebSession.seen_at).filter_by(interview_id=interview, ended_at=None).scalar()


def stay(page):
    with page.expect_response(re.compile("/stay$")):
        page.get_by_role("button", name="Stay on this page").click()


def test_a_warning_comes_five_minutes_before_the_end_and_one_press_stays(installation, visit, at_practice):
    page = visit(320, 700)
    interview = at_practice(page)
    page.locator('input[name="FAM"]').first.focus()

    away(installation, page, 54)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#stay")).to_be_hidden()
    for _ in range(3):
        away(installation, page, 56)
        expect(page.locator("#stay")).to_be_visible()
        expect(page.locator("#stay-text")).to_contain_text("Minutes left: 4.")
        expect(page.get_by_role("button", name="Stay on this page")).to_be_focused()
        stay(page)
        expect(page.locator("#stay")).to_be_hidden()
        assert datetime.now(UTC) - seen_at(installation, interview) < timedelta(minutes=1)

    expect(page.locator('input[name="FAM"]').first).to_be_focused()


def test_the_escape_key_stays_too(installation, visit, at_practice):
    page = visit()
    at_practice(page)
    away(installation, page, 57)
    expect(page.locator("#stay")).to_be_visible()

    with page.expect_response(re.compile("/stay$")):
        page.keyboard.press("Escape")

    expect(page.locator("#stay")).to_be_hidden()


def test_who_answers_is_not_warned(installation, visit, at_practice):
    page = visit()
    at_practice(page)
    away(installation, page, 50)
    with page.expect_response(lambda reply: reply.url.endswith("/answers") and reply.ok):
        page.locator('input[name="FAM"][value="2"]').check()

    with page.expect_response(re.compile("/session$")):
        page.clock.fast_forward(6 * 60_000)

    page.wait_for_load_state("networkidle")
    expect(page.locator("#stay")).to_be_hidden()


def test_staying_in_one_tab_is_staying_in_all(installation, visit, at_practice):
    page = visit()
    at_practice(page)
    other = page.context.new_page()
    other.clock.install()
    other.goto(page.url)
    other.wait_for_load_state("networkidle")
    away(installation, page, 56)
    other.clock.fast_forward(56 * 60_000)
    for each in (page, other):
        expect(each.locator("#stay")).to_be_visible()

    stay(page)
    other.clock.fast_forward(20_000)

    expect(other.locator("#stay")).to_be_hidden()


def test_a_tab_in_the_background_warns_nobody_and_asks_when_it_is_seen(installation, visit, at_practice):
    page = visit()
    at_practice(page)
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => window.isHidden, configurable: true })")
    page.evaluate("window.isHidden = true")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/session") else None)
    away(installation, page, 56)
    assert asked == []
    expect(page.locator("#stay")).to_be_hidden()

    page.evaluate("window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator("#stay")).to_be_visible()


def test_after_the_end_the_page_says_so_and_one_press_goes_on_with_what_was_chosen(installation, visit, at_practice):
    page = visit()
    interview = at_practice(page)
    away(installation, page, 56)
    expect(page.locator("#stay")).to_be_visible()
    away(installation, page, 61)
    expect(page.locator("#pause")).to_be_visible()
    expect(page.locator("#stay")).to_be_hidden()

    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.locator("#pause")).to_be_hidden()
    with page.expect_response(lambda reply: reply.url.endswith("/answers") and reply.ok):
        page.locator('input[name="FAM"][value="2"]').check()

    with installation.database.reading() as session:
        assert overview(session, uuid.UUID(str(interview))).practices[0].codes["FAM"] == 2


def test_nobody_is_asked_to_stay_when_staying_would_not_help(installation, visit, at_practice):
    page = visit()
    at_practice(page)

    with page.expect_response(re.compile("/session$")):
        away(installation, page, 56, opened=FOREVER - timedelta(minutes=3))

    page.wait_for_load_state("networkidle")
    expect(page.locator("#stay")).to_be_hidden()


def test_a_press_that_could_not_be_told_says_so_and_works_the_next_time(installation, visit, at_practice):
    page = visit(is_cut_off=True)
    at_practice(page)
    away(installation, page, 56)
    expect(page.locator("#stay")).to_be_visible()
    page.context.set_offline(True)

    page.get_by_role("button", name="Stay on this page").click()
    expect(page.locator("#stay")).to_contain_text("That did not work.")
    page.context.set_offline(False)
    stay(page)

    expect(page.locator("#stay")).to_be_hidden()


def test_the_review_warns_too_and_hands_in_after_the_end(installation, visit, at_practice):
    page = visit(320, 700, is_cut_off=True)
    interview = at_practice(page)
    for position in range(1, 7):
        installation.answer_elsewhere(interview, position, {"FAM": 2, "EXIST": 1, "EXWORK": 4})
    page.goto(re.sub("/practice/.*", "/review", page.url))
    page.wait_for_load_state("networkidle")
    away(installation, page, 56)
    stay(page)
    expect(page.locator("#stay")).to_be_hidden()
    away(installation, page, 70)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.locator("#pause")).to_be_hidden()
    # Once more, and the button is pressed before the page has noticed.
    page.route(re.compile("/session$"), lambda route: route.abort())
    away(installation, page, 61)

    send(page)

    assert page.url.endswith("/receipt")


def test_everybody_can_use_the_warning(installation, visit, at_practice):
    accessible = pytest.importorskip("accessible", reason="axe is not installed", exc_type=ModuleNotFoundError)
    page = visit()
    at_practice(page)
    away(installation, page, 56)
    expect(page.locator("#stay")).to_be_visible()

    assert accessible.obstacles(page, "stay", (320, 1280)) == {}
