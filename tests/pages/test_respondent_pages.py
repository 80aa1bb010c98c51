"""A respondent's pages in a real browser: without scripts, at the width of a phone, and for everybody."""

import pytest
from playwright.sync_api import expect
from tour import choose, interview_id, press, send, tour

accessible = pytest.importorskip("accessible", reason="axe is not installed", exc_type=ModuleNotFoundError)


@pytest.mark.parametrize(
    ("widths", "scheme", "language"),
    [((320,), "light", "de"), ((768, 1280), "dark", "en")],
)
def test_everybody_can_use_every_page(installation, visit, widths, scheme, language):
    page = visit(widths[-1], 900, color_scheme=scheme, reduced_motion="reduce")
    found = {}

    for name in tour(page, installation, language=language):
        found |= accessible.obstacles(page, name, widths)

    assert found == {}


@pytest.mark.parametrize("word", ["Medizinprodukteverordnung", "internationaliseringscheckar"])
def test_the_longest_word_of_a_title_fits_a_small_phone(installation, visit, word):
    page = visit(320, 700)
    page.goto(installation.link(language="de"))
    choose(page, consent="yes")
    send(page)
    press(page)
    assert "/practice/1/know" in page.url

    # Which practices somebody is asked is drawn by lot; the title is put where it would stand.
    page.locator("#practice-title").evaluate("(heading, word) => { heading.textContent = `Hilfe: ${word}`; }", word)

    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert beyond <= 0


def test_the_whole_interview_works_without_scripts_on_a_phone(installation, visit):
    page = visit(320, 700, java_script_enabled=False)

    names = list(tour(page, installation))

    assert names[-5:] == ["withdraw", "withdrawn", "closed", "link-unknown", "declined"]


def test_mistakes_are_found_at_once(installation, visit):
    page = visit()
    page.goto(installation.link())
    choose(page, consent="yes")
    send(page)
    press(page)
    press(page)

    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.id") == "FAM"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "FAM"


def test_the_enter_key_goes_on_and_does_not_change_the_language(installation, visit):
    page = visit()
    page.goto(installation.link())
    choose(page, consent="yes")
    send(page)
    choose(page, YEARS=2)

    with page.expect_navigation():
        page.locator('input[name="YEARS"][value="2"]').press("Enter")

    assert "/practice/1/know" in page.url
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_follow_up_question_is_in_view(installation, visit):
    page = visit(320, 700, reduced_motion="reduce")
    page.goto(installation.link())
    choose(page, consent="yes")
    send(page)
    press(page)
    choose(page, FAM=1, EXIST=1)

    press(page)

    box = page.locator("#EXWORK").bounding_box()
    assert 0 < box["y"] < 350
    assert interview_id(page)


def test_every_page_has_a_title_of_its_own(installation, visit):
    page = visit(java_script_enabled=False)

    titles = {name: page.title() for name in tour(page, installation)}

    steps = ("know", "criteria", "verdict", "barriers")
    pages = ("landing", "privacy", "profile", *steps, "whole", "later", "review", "receipt", "link-unknown", "declined")
    pages += ("my-data", "my-answers", "contact", "withdraw", "withdrawn", "closed")
    assert len({titles[name] for name in pages}) == len(pages), titles
    assert all(title.endswith(" · Replicability Survey") for title in titles.values())
    assert [name for name, title in titles.items() if title.startswith("Error: ")] == [
        "landing-error", "profile-error", "know-error", "criteria-error", "barriers-error", "whole-error", "conflict",
        "contact-error",
    ]  # fmt: skip


def at_the_last_step(installation, page):
    page.goto(installation.link())
    choose(page, consent="yes")
    send(page)
    press(page)
    page.goto(page.url.replace("/know", "/barriers"))
    page.wait_for_load_state("networkidle")
    return page.locator("textarea[name=COMMENT]"), page.locator("#COMMENT-left")


def test_a_text_says_what_is_left_near_its_limit_and_loses_nothing_beyond(installation, visit):
    page = visit(320, 700)
    comment, left = at_the_last_step(installation, page)
    limit = int(comment.get_attribute("data-limit"))
    comment.fill("short")
    expect(left).to_be_empty()

    comment.fill("\N{MICROSCOPE}" * (limit - 150))
    expect(left).to_have_text("Characters left: 150")
    comment.fill("x" * (limit + 7))
    expect(left).to_have_text("Characters too many: 7")
    expect(page.locator("#COMMENT-problem")).to_contain_text(f"no more than {limit} characters")
    expect(left).to_have_text("Characters too many: 7")
    assert accessible.obstacles(page, "too long", (320, 1280)) == {}
    press(page)

    assert page.locator(".error-summary").is_visible()
    assert page.locator("textarea[name=COMMENT]").input_value() == "x" * (limit + 7)


def test_what_is_left_is_not_said_with_every_key(installation, visit):
    page = visit()
    comment, left = at_the_last_step(installation, page)
    limit = int(comment.get_attribute("data-limit"))
    comment.fill("x" * (limit - 50))
    expect(left).to_have_text("Characters left: 50")
    page.evaluate("window.said = 0")
    left.evaluate("(place) => new MutationObserver(() => { said += 1; }).observe(place, { childList: true })")

    comment.press_sequentially("ten keys..")

    expect(left).to_have_text("Characters left: 40")
    assert page.evaluate("said") == 1


def test_going_back_in_the_browser_shows_what_is_saved_now(installation, visit):
    page = visit()
    page.goto(installation.link())
    choose(page, consent="yes")
    send(page)
    press(page)
    choose(page, FAM=1, EXIST=3)
    press(page)
    interview = interview_id(page)
    installation.answer_elsewhere(interview, 1, {"FAM": 2})

    page.go_back()

    expect(page.locator('input[name="FAM"][value="2"]')).to_be_checked()
    expect(page.locator('input[name="EXIST"][value="3"]')).to_be_checked()


@pytest.mark.parametrize("path", ["practice/1/know", "review"])
def test_a_page_that_the_browser_kept_is_loaded_again(installation, visit, path):
    page = visit()
    page.goto(installation.link())
    choose(page, consent="yes")
    send(page)
    press(page)
    page.goto(page.url.replace("practice/1/know", path))
    page.wait_for_load_state("networkidle")

    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
