"""The whole journey from the link to the receipt: every language, phone and desk, with and without script, by keyboard.

The walks of this module that are not marked long cover every language, width and kind of browser, but not every
combination of the three; with `--long` all of them do.
"""

import re
from dataclasses import replace

import make
import pytest
from live import OWNER
from tour import CRITERIA, choose, press, send

from survey.texts import LANGUAGES, ui

accessible = pytest.importorskip("accessible", reason="axe is not installed", exc_type=ModuleNotFoundError)

WIDTHS = (320, 1280)
PRACTICES = 2
WALKS = [
    pytest.param(
        language,
        width,
        with_script,
        marks=[] if (width == WIDTHS[0]) == (with_script == (index % 2 == 0)) else [pytest.mark.long],
    )
    for index, language in enumerate(LANGUAGES)
    for width in WIDTHS
    for with_script in (True, False)
]
# Written by the browser into every page: what the policy kept from happening.
LISTEN_FOR_VIOLATIONS = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


@pytest.fixture(scope="session")
def short(installation):
    """The same installation with a study of two practices, in all languages."""
    with installation.database.writing() as session:
        study = make.make_study(
            session,
            now=installation.now,
            key="short",
            catalogue=make.read_catalogue(),
            titles=dict.fromkeys(LANGUAGES, "Life science practices"),
            owner=dict.fromkeys(LANGUAGES, OWNER["en"]),
            practices_per_web_interview=PRACTICES,
        )
        return replace(installation, study_id=study.id)


@pytest.mark.parametrize(("language", "width", "with_script"), WALKS)
def test_the_whole_journey_in_every_language(short, visit, language, width, with_script):
    page = visit(width, 800, java_script_enabled=with_script, reduced_motion="reduce")
    page.add_init_script(LISTEN_FOR_VIOLATIONS)
    found = {}
    names = []

    for name in journey(page, short.link(language=language)):
        names.append(name)
        assert page.locator("html").get_attribute("lang") == language, name
        assert not re.search(r"\{[a-z_]+\}|\b[a-z]+\.[a-z]+_[a-z]+\b", page.locator("main").inner_text()), name
        if with_script:
            found |= accessible.obstacles(page, name, (width,))
            assert page.evaluate("window.violations") == [], name
        else:
            found |= too_wide(page, name)

    assert found == {}
    steps = ["know", "criteria", "verdict", "barriers"]
    assert names == ["landing", "profile", *(steps * PRACTICES), "review", "receipt"]
    assert page.locator("h1").inner_text() == ui(language)("thanks.title")


def journey(page, link):
    """From the link to the receipt, answering everything; gives each page's name before it is left."""
    page.goto(link)
    yield "landing"
    choose(page, consent="yes")
    send(page)
    yield "profile"
    choose(page, YEARS=3, ROLE=1)
    press(page)
    for _ in range(PRACTICES):
        choose(page, FAM=1, EXIST=3)
        yield "know"
        press(page)
        choose(page, **dict.fromkeys(CRITERIA, 4))
        yield "criteria"
        press(page)
        choose(page, VERDICT=2)
        press(page)
        choose(page, CHANGE="C3", HORIZON=2)
        yield "verdict"
        press(page)
        choose(page, B01=1, B02=0, SURE=3)
        yield "barriers"
        press(page)
    yield "review"
    send(page)
    yield "receipt"


def too_wide(page, name):
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return {f"{name}: {beyond} px too wide": page.url} if beyond > 0 else {}


def test_the_whole_journey_by_keyboard_alone(short, visit):
    page = visit(1280, 900, reduced_motion="reduce")
    page.goto(short.link())
    keys = Keyboard(page)

    keys.choose(consent="yes")
    keys.press_button()
    keys.choose(YEARS=3, ROLE=1)
    keys.press_button("next")
    for _ in range(PRACTICES):
        keys.choose(FAM=1, EXIST=3)
        keys.press_button("next")
        keys.choose(**dict.fromkeys(CRITERIA, 4))
        keys.press_button("next")
        keys.choose(VERDICT=2)
        keys.press_button("next")
        keys.tick(CHANGE="C3")
        keys.choose(HORIZON=2)
        keys.press_button("next")
        keys.choose(B01=1, B02=0, SURE=3)
        keys.type("COMMENT", "Written without a mouse.")
        keys.press_button("next")
    assert "/review" in page.url
    keys.press_button()

    assert page.locator("h1").inner_text() == ui("en")("thanks.title")


class Keyboard:
    """Tab, arrows, space and the enter key, from wherever the focus is."""

    MOST_TABS = 120

    def __init__(self, page):
        self._page = page

    def choose(self, **answers):
        """Radio buttons: Tab goes to the group, arrows and space to the answer."""
        for name, value in answers.items():
            self._tab_to(f'input[name="{name}"]')
            for _ in range(self.MOST_TABS):
                if self._page.evaluate("document.activeElement.value") == str(value):
                    break
                self._page.keyboard.press("ArrowDown")
            self._page.keyboard.press("Space")
            assert self._page.locator(f'input[name="{name}"][value="{value}"]').is_checked(), name

    def tick(self, **answers):
        for name, value in answers.items():
            self._tab_to(f'input[name="{name}"][value="{value}"]')
            self._page.keyboard.press("Space")
            assert self._page.locator(f'input[name="{name}"][value="{value}"]').is_checked(), name

    def type(self, name, text):
        self._tab_to(f'textarea[name="{name}"]')
        self._page.keyboard.type(text)

    def press_button(self, to=None):
        """The button that people see: the one for the enter key stands before the form and has no place to focus."""
        self._tab_to(f'main .actions button[value="{to}"]' if to else "main .actions button.btn--primary")
        with self._page.expect_navigation():
            self._page.keyboard.press("Enter")

    def _tab_to(self, selector):
        for _ in range(self.MOST_TABS):
            if self._page.evaluate("selector => document.activeElement.matches(selector)", selector):
                assert self._is_seen(), f"{selector} has the focus and nobody can see it"
                return
            self._page.keyboard.press("Tab")
        message = f"{self._page.url}: no way to {selector} by {self.MOST_TABS} tabs"
        raise AssertionError(message)

    def _is_seen(self):
        """Whether what has the focus, or its label, stands in the window and shows an outline."""
        return self._page.evaluate(
            """() => {
                const focused = document.activeElement;
                const shown = [focused, focused.closest("label"), focused.nextElementSibling].filter(Boolean);
                const box = focused.getBoundingClientRect();
                const inWindow = box.bottom > 0 && box.top < window.innerHeight;
                const marked = shown.some((each) => {
                    const style = getComputedStyle(each);
                    const hasOutline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
                    return hasOutline || style.boxShadow !== "none";
                });
                return inWindow && marked;
            }"""
        )
