"""The pages about one's own data on a small phone, in every language, and what a person does on them."""

import json
import re
import uuid

import make
from tour import choose, interview_id, press, send

from survey.models import Interview, InterviewState
from survey.texts import LANGUAGES, ui

PAGES = {
    "my-data": "my_data.title",
    "my-data/answers": "copy.title",
    "my-data/contact": "contact.correct",
    "withdraw": "withdraw.ask",
    "review": "review.title",
}


def begun(page, installation):
    """An interview in which everything is judged, of somebody whom the study knows. Gives its id."""
    page.goto(installation.link())
    choose(page, consent="yes")
    send(page)
    choose(page, YEARS=3, ROLE=1)
    press(page)
    interview = interview_id(page)
    installation.keep_contact(interview)
    for position in range(1, 7):
        installation.answer_elsewhere(interview, position, make.COMPLETE if position < 3 else make.ALREADY_HERE)
    return interview


def test_no_language_is_too_wide_for_a_small_phone(installation, visit):
    page = visit(320, 700)
    interview = begun(page, installation)
    found = {}

    for language in LANGUAGES:
        for name, title in PAGES.items():
            page.goto(f"{installation.url}/interview/{interview}/{name}?lang={language}")
            assert page.locator("h1").inner_text() == ui(language)(title)
            assert not re.search(r"\{[a-z_]+\}", page.locator("body").inner_text())
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if beyond > 0:
                found[language, name] = beyond

    assert found == {}


def test_a_copy_is_taken_before_withdrawing(installation, visit):
    page = visit(320, 700, java_script_enabled=False)
    interview = begun(page, installation)
    page.goto(f"{installation.url}/interview/{interview}/my-data")

    with page.expect_download() as download:
        page.get_by_text("Download as a file (JSON)").click()
    page.get_by_text("I want to withdraw").click()
    page.get_by_text("Yes, withdraw").click()

    copy = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert len(copy["practices"]) == 6
    assert copy["contact_details"]["name"] == "Maria Rossi"
    assert page.locator("h1").inner_text() == "You have withdrawn your consent."
    with installation.database.reading() as session:
        assert session.get(Interview, uuid.UUID(str(interview))).state is InterviewState.WITHDRAWN


def test_on_paper_a_copy_has_the_answers_and_nothing_to_press(installation, visit):
    page = visit(1280, 900)
    interview = begun(page, installation)
    page.goto(f"{installation.url}/interview/{interview}/my-data/answers")
    buttons = page.locator("main .btn")
    assert buttons.first.is_visible()

    page.emulate_media(media="print")

    assert not any(button.is_visible() for button in buttons.all())
    assert not page.locator(".top-in").is_visible()
    assert page.get_by_text("How well did you know this practice before today?").first.is_visible()
    assert page.get_by_text("Demonstration.").is_visible()
