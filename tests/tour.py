"""A walk through every page of a respondent, fresh and with mistakes. Tests and photographs go the same way."""

import re
import uuid

CRITERIA = ("NEED", "FIT", "EFF", "ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL")


def choose(page, **answers):
    """Tick or choose answers as a person does: by their rows."""
    for name, value in answers.items():
        for each in value if isinstance(value, list) else [value]:
            page.locator(f'input[name="{name}"][value="{each}"]').check()


def press(page, to="next"):
    """Press the button of the form that leads there; the hidden one for the Enter key is not it."""
    with page.expect_navigation():
        page.locator(f'.actions button[name="to"][value="{to}"], .small button[name="to"][value="{to}"]').click()


def send(page):
    """Press the one button of a page with one form."""
    with page.expect_navigation():
        page.locator("main form .actions button.btn--primary").click()


def interview_id(page):
    return uuid.UUID(re.search(r"/interview/([0-9a-f-]{36})", page.url)[1])


def tour(page, world, *, language="en"):
    """Gives the name of each page when it stands there, in the order of a real interview."""
    link = world.link(language=language)
    page.goto(link)
    yield "landing"
    send(page)
    yield "landing-error"
    page.goto(f"{link}/privacy")
    yield "privacy"
    page.goto(f"{link}/stop")
    yield "stop"
    page.goto(link)
    choose(page, consent="yes")
    send(page)
    yield "profile"
    page.goto(page.url)
    left = link
    link = yield from _profile_with_mistakes(page, world, language)

    yield "know"
    press(page)
    yield "know-error"
    choose(page, FAM=1, EXIST=3)
    press(page)
    yield "criteria"
    choose(page, NEED=4, FIT=4, EFF=88, ACC=3)
    press(page)
    yield "criteria-error"
    choose(page, LEAD=3, SKILL=5, PART=99, SUST=2, COST=4, LEGAL=2)
    press(page)
    yield "verdict"
    choose(page, VERDICT=2)
    press(page)
    yield "verdict-more"
    choose(page, CHANGE=["C3", "C7"], HORIZON=2)
    press(page)
    yield "verdict-text"
    page.locator("textarea[name=CHANGE_TEXT]").fill("The city would have to pay for it, not the region.")
    press(page)
    yield "barriers"
    choose(page, B01=1, B02=1, B03=0, B90=1, ENABLER=["E01", "E02", "E03", "E04"])
    page.locator("textarea[name=COMMENT]").fill("A good idea.")
    press(page)
    yield "barriers-error"
    page.locator('input[name="ENABLER"][value="E04"]').uncheck()
    choose(page, SURE=2)
    press(page)
    yield "barriers-text"
    press(page)

    press(page, "layout-whole")
    yield "whole"
    press(page)
    yield "whole-error"
    yield from _conflict(page, world)
    choose(page, FAM=2, EXIST=1)
    press(page)
    yield "exists-here"
    choose(page, EXWORK=4)
    press(page)
    press(page, "later")
    yield "later"
    page.goto(link)
    yield "welcome-back"
    send(page)
    review = re.sub(r"/practice/.*", "/review", page.url)
    page.goto(review)
    yield "review-open"
    for position in range(3, 7):
        world.answer_elsewhere(interview_id(page), position, {"FAM": 2, "EXIST": 1, "EXWORK": position - 1})
    page.goto(review)
    yield "review"
    for fold in page.locator("details.fold > summary").all():
        if fold.locator("xpath=..").get_attribute("open") is None:
            fold.click()
    yield "review-unfolded"
    with page.expect_navigation():
        page.locator('form[action$="/more"] button').click()
    yield "practice-more"
    page.goto(review)
    yield "review-more"
    send(page)
    yield "receipt"
    yield from _my_data(page, world, link, left)
    yield from _refusals(page, world, language)


def _profile_with_mistakes(page, world, language):
    """A respondent of whom nothing is known can leave the profile empty. Gives the link of one who does not."""
    known = page.url
    page.context.clear_cookies()
    page.goto(world.link(region=None, stakeholder=None, language=language))
    choose(page, consent="yes")
    send(page)
    press(page)
    yield "profile-error"
    page.context.clear_cookies()
    page.goto(known)
    yield "expired"
    link = world.link(language=language)
    page.goto(link)
    choose(page, consent="yes")
    send(page)
    choose(page, YEARS=3, ROLE=1)
    press(page)
    return link


def _conflict(page, world):
    """Two devices at once: what was saved first stands until the person chooses."""
    page.goto(page.url)
    world.answer_elsewhere(
        interview_id(page), int(re.search(r"/practice/(\d+)", page.url)[1]), {"NEED": 2}, {"COMMENT": "Other words."}
    )
    choose(page, NEED=5, LEAD=2)
    page.locator("textarea[name=COMMENT]").fill("My words on this device.")
    # With the script the page stays and shows both answers; without it the page comes again with them.
    page.locator('.actions button[name="to"][value="previous"]').click()
    page.locator("#COMMENT-conflict").wait_for()
    # Somebody looks at it: a page does not go before anybody can have seen it.
    page.wait_for_timeout(1_100)
    yield "conflict"


def _my_data(page, world, link, left):
    """What is stored, a copy of it, correcting it, and leaving; from the receipt that the link shows.

    left: the link of somebody who stopped half-way, for the end of the study.
    """
    interview = interview_id(page)
    world.keep_contact(interview)
    page.goto(link)
    yield "receipt-by-link"
    with page.expect_navigation():
        page.locator('main form[action*="/my-data"] button').click()
    yield "my-data"
    my_data = page.url
    page.goto(f"{world.url}/interview/{interview}/my-data/answers")
    yield "my-answers"
    page.goto(f"{world.url}/interview/{interview}/my-data/contact")
    yield "contact"
    page.locator("#email").fill("no address")
    page.locator("#phone").fill("1" * 41)
    send(page)
    yield "contact-error"
    page.locator("#email").fill("maria@biotech.example")
    page.locator("#phone").fill("")
    send(page)
    yield "contact-saved"
    with page.expect_navigation():
        page.locator('form[action*="/wish"] button').click()
    yield "opted-out"
    page.goto(my_data)
    page.locator("main a.btn--bad").click()
    page.wait_for_url(re.compile("/withdraw$"))
    yield "withdraw"
    with page.expect_navigation():
        page.locator("main form button").click()
    yield "withdrawn"
    with world.closed():
        page.goto(left)
        yield "closed"


def _refusals(page, world, language):
    page.context.clear_cookies()
    page.goto(f"{world.url}/link/{'x' * 43}?lang={language}")
    yield "link-unknown"
    page.goto(world.link(language=language))
    choose(page, consent="no")
    send(page)
    yield "declined"
