"""What a visit costs over the wire, in bytes that Chromium received: headers, pages, style sheets and scripts."""

import re

import pytest
from tour import choose, press, send

FIRST_VISIT = 90_000
LATER_PAGE = 20_000


class Scale:
    """Weighs what one page receives; `taken()` gives the bytes since it was last asked."""

    def __init__(self, page):
        self._page = page
        self._bytes = 0
        network = page.context.new_cdp_session(page)
        network.on("Network.loadingFinished", self._add)
        network.send("Network.enable")

    def _add(self, event):
        self._bytes += event["encodedDataLength"]

    def taken(self):
        self._page.wait_for_load_state("networkidle")
        taken, self._bytes = self._bytes, 0
        return round(taken)


@pytest.fixture
def weigh(visit):
    def weighing(**options):
        page = visit(320, 700, **options)
        return page, Scale(page)

    return weighing


def lead_to(page, path):
    """Go to another page of the interview by a link, as a page of ours does."""
    address = re.sub(r"(/interview/[^/]+)/.*", rf"\1/{path}", page.url)
    with page.expect_navigation():
        page.evaluate("(address) => { location.href = address; }", address)


@pytest.mark.parametrize("language", ["en", "hu"])
def test_a_visit_weighs_little(installation, weigh, language):
    page, scale = weigh()
    weights = {}
    page.goto(installation.link(language=language))
    landing = scale.taken()
    choose(page, consent="yes")
    send(page)
    profile = scale.taken()
    press(page)
    first_visit = landing + profile + scale.taken()
    choose(page, FAM=1, EXIST=3)
    press(page)
    weights["criteria"] = scale.taken()
    for path in ("practice/1/barriers", "practice/1/all", "later", "review", "privacy", "profile"):
        lead_to(page, path)
        weights[path] = scale.taken()

    assert first_visit <= FIRST_VISIT
    assert {path: weight for path, weight in weights.items() if weight > LATER_PAGE} == {}
    assert weights["review"] > 2_000  # It was weighed at all.
