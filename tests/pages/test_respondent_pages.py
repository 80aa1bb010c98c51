"""A respondent's pages in a real browser: without scripts, at the width of a phone, and for everybody."""

import pytest
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

    assert names[-3:] == ["receipt", "link-unknown", "declined"]


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
