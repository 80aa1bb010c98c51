"""Changing the language in a real browser: what is chosen and typed is there afterwards, script or not."""

import make
import pytest
from live import world
from sqlalchemy import select, update
from tour import choose, interview_id, press, send

from survey.models import AnswerChange, Evaluation, PracticeText, Study
from survey.services.interviewing import RESPONDENT

accessible = pytest.importorskip("accessible", reason="axe is not installed", exc_type=ModuleNotFoundError)

LANGUAGES = ("it", "fr", "de", "sv", "da", "cs", "hu", "en", "it", "en")


@pytest.fixture(scope="module")
def installation():
    """An installation of its own: its study changes."""
    with world() as made:
        yield made


def speak(page, language):
    """Choose a language as a person does: from the menu."""
    page.locator(".lang > summary").click()
    with page.expect_navigation():
        page.locator(f".lang button[lang={language}]").click()
    assert page.locator("html").get_attribute("lang") == language


def at_criteria(page, installation):
    page.goto(installation.link())
    choose(page, consent="yes")
    send(page)
    press(page)
    choose(page, FAM=2, EXIST=3)
    press(page, "layout-whole")


@pytest.mark.parametrize("script", [True, False])
def test_ten_changes_in_the_middle_of_a_practice_lose_nothing(installation, visit, script):
    page = visit(320, 700, java_script_enabled=script)
    at_criteria(page, installation)
    typed = {"NEED": 5, "FIT": 88, "COST": 2}
    choose(page, **typed)
    page.locator("textarea[name=COMMENT]").fill("<b> & “è” = 1")

    for language in LANGUAGES:
        speak(page, language)
        for name, value in (typed | {"FAM": 2, "EXIST": 3}).items():
            assert page.locator(f'input[name="{name}"][value="{value}"]').is_checked(), (language, name)
        assert page.locator("textarea[name=COMMENT]").input_value() == "<b> & “è” = 1"

    with installation.database.reading() as session:
        row = session.scalars(
            select(Evaluation).where(Evaluation.interview_id == interview_id(page), Evaluation.position == 1)
        ).one()
        codes = make.instrument().unpack(row.codes)
        given = select(AnswerChange.question).where(AnswerChange.evaluation_id == row.id)
        log = session.scalars(given.where(AnswerChange.author == RESPONDENT)).all()
    assert {name: codes[name] for name in typed} == typed
    assert row.texts == {"COMMENT": "<b> & “è” = 1"}
    assert sorted(log) == sorted([*typed, "FAM", "EXIST", "COMMENT"])


def test_a_practice_that_is_not_translated_says_so_to_everybody(installation, visit):
    page = visit(320, 900)
    page.goto(installation.link(language="da"))
    choose(page, consent="yes")
    send(page)
    with installation.database.writing() as session:
        session.execute(update(PracticeText).where(PracticeText.language == "da").values(summary=""))
    press(page)

    assert page.locator("#practice-title").get_attribute("lang") == "en"
    assert page.locator(".practice").get_by_text("Denne beskrivelse findes kun på engelsk.").is_visible()
    assert accessible.obstacles(page, "not translated", (320, 1280)) == {}


def test_a_study_with_one_language_has_no_menu_and_is_for_everybody(installation, visit):
    with installation.database.writing() as session:
        session.execute(update(Study).values(languages=["en"]))
    page = visit(320, 900)
    page.goto(installation.link())

    assert page.locator(".lang, .languages").count() == 0
    assert accessible.obstacles(page, "one language", (320, 1280)) == {}
