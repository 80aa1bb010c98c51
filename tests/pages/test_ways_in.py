"""Open links, codes and letters in a real browser."""

import re
from datetime import UTC, datetime

import make
import pytest
from tour import choose, interview_id, press, send

from survey.services.contacts import Identity, keep
from survey.services.sealing import Seal
from survey.settings import Settings

accessible = pytest.importorskip("accessible", reason="axe is not installed", exc_type=ModuleNotFoundError)


@pytest.fixture
def open_address(installation):
    with installation.database.writing() as session:
        study = session.get(make.Study, installation.study_id)
        link = make.make_open_link(session, study, now=installation.now, region_key="lombardy")
    return f"{installation.url}/join/{link.slug}"


@pytest.mark.parametrize("has_script", [True, False])
def test_from_an_open_link_to_an_own_link_and_back_on_a_small_phone(installation, open_address, visit, has_script):
    page = visit(320, 700, java_script_enabled=has_script)
    found = {}

    def look(name):
        if has_script:
            found.update(accessible.obstacles(page, name, (320,)))

    page.goto(f"{open_address}?lang=de")
    look("join")
    choose(page, consent="yes")
    send(page)
    look("profile")
    choose(page, STAKEHOLDER="S1", YEARS=2, ROLE=1)
    press(page)
    assert "/practice/1/" in page.url
    begun = interview_id(page)
    press(page, "later")
    look("later")
    with page.expect_navigation():
        page.locator("main form .btn--primary").click()
    look("own-link")
    address = page.locator("#own-link").input_value()
    assert page.locator("[data-copies]").is_visible() is has_script
    page.goto(open_address)
    look("begun already")

    token = re.fullmatch(r"http://127\.0\.0\.1:8000/link/([\w-]{43})", address)[1]
    elsewhere = visit(320, 700, java_script_enabled=has_script)
    elsewhere.goto(f"{installation.url}/link/{token}")
    send_on = elsewhere.locator("main form .btn--primary").first
    with elsewhere.expect_navigation():
        send_on.click()

    assert interview_id(elsewhere) == begun
    assert "/practice/1/" in elsewhere.url
    assert found == {}


def test_number_and_code_are_typed_without_a_mouse(installation, visit):
    now = datetime.now(UTC)
    with installation.database.writing() as session:
        study = session.get(make.Study, installation.study_id)
        invitation = make.make_invited(session, study, now=now, region="lombardy", language="it")
        code = make.new_code_of(session, invitation.respondent_id, now=now)
    page = visit(320, 700)
    page.goto(f"{installation.url}/code")

    for _ in range(20):
        if page.evaluate("document.activeElement.id") == "number":
            break
        page.keyboard.press("Tab")
    page.keyboard.type(str(code.number))
    page.keyboard.press("Tab")
    page.keyboard.type("2222 2222")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert accessible.obstacles(page, "code, wrong", (320, 768, 1280)) == {}
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "code"
    page.keyboard.type(code.code.lower())
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert "/link/" in page.url
    assert page.locator('input[name="consent"]').count() == 2


def test_letters_are_one_page_each_on_paper(installation, visit, tmp_path):
    now = datetime.now(UTC)
    folder = installation.database.file.parent
    seal = Seal(Settings(data_dir=folder, secret_key="x" * 40).contact_key_in_use)
    with installation.database.writing() as session:
        study = session.get(make.Study, installation.study_id)
        for language in ("en", "it", "fr", "de", "sv", "da", "cs", "hu"):
            respondent = make.inviting.enrol(
                session, study, region_id=None, stakeholder=None, language=language, now=now
            )
            keep(session, seal, respondent, Identity(name=f"Reader {language}", organisation="An institute"), now=now)
        make.make_person(session, now=now, email="letters@example.org", study_key="life-science")
    page = visit()
    page.goto(f"{installation.url}/sign-in?next=/studies/life-science/letters")
    page.locator("#email").fill("letters@example.org")
    page.locator("#password").fill(make.PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert accessible.obstacles(page, "letters", (320, 1280)) == {}
    with page.expect_navigation():
        page.locator("main form .btn--primary").click()

    assert page.locator(".letter").count() == 8
    assert "monospace" in page.locator(".address").first.evaluate("each => getComputedStyle(each).fontFamily")
    assert accessible.obstacles(page, "print", (320, 1280)) == {}
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 8
