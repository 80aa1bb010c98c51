"""A browser at the pages of an installation, for tests: with a link in its hand, or in the middle of an interview."""

import re
import uuid

KNOW = {"FAM": 2, "EXIST": 3}
CRITERIA = {
    "NEED": 5, "FIT": 4, "EFF": 4, "ACC": 3, "LEAD": 2, "SKILL": 4, "PART": 3, "SUST": 3, "COST": 4, "LEGAL": 2,
}  # fmt: skip


def open_link(app, token):
    """A new browser on the landing page."""
    visitor = app.test_client()
    visitor.get(f"/link/{token}")
    return visitor


def begin(app, token, **consent):
    """A new browser on the profile page, or wherever the interview goes on."""
    visitor = open_link(app, token)
    visitor.send(**({"consent": "yes"} | consent))
    return visitor


def at_first_practice(app, token):
    """A new browser on the first step of the first practice."""
    visitor = begin(app, token)
    visitor.send("answers", to="next")
    return visitor


def interview_of(visitor):
    """The id of the interview the browser is in."""
    return uuid.UUID(re.search(r"/interview/([0-9a-f-]{36})", visitor.address)[1])


def address_of(visitor, page):
    """The address of another page of the same interview: "review", "practice/2/know" …"""
    return f"/interview/{interview_of(visitor)}/{page}"


def problems_of(visitor):
    """The questions that the summary of mistakes on the page links to."""
    return [link[1:] for link in visitor.page.links if link.startswith("#") and link != "#main"]
