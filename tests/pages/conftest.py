"""A browser of this machine, and an installation to visit. Without Chromium these tests are skipped."""

import pytest
from live import browsing, chromium, world


@pytest.fixture(scope="session")
def browser():
    if chromium() is None:
        pytest.skip("no Chromium on this machine")
    pytest.importorskip("playwright", reason="Playwright is not installed")
    with browsing() as running:
        yield running


@pytest.fixture(scope="session")
def installation():
    """One open study of invented answers, served on a port of this machine."""
    with world() as made:
        yield made


@pytest.fixture
def visit(browser):
    """`visit(width, height, …)` gives a page in a browser of its own; what it complains about fails the test."""
    contexts = []
    complaints = []

    def visiting(width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{page.url}: {message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("requestfailed", lambda request: complaints.extend(_failed(request)))
        page.on("request", lambda request: complaints.extend(_foreign(request.url)))
        return page

    yield visiting
    for context in contexts:
        context.close()
    # A browser writes a line to its console for every answer with a status of mistakes; that is no complaint of ours.
    assert [each for each in complaints if "the server responded with a status of" not in each] == []


def _failed(request):
    # Going on before a page has loaded everything is no failure.
    return [] if "ERR_ABORTED" in str(request.failure) else [f"{request.url}: {request.failure}"]


def _foreign(address):
    return [] if address.startswith(("http://127.0.0.1:", "data:")) else [f"asks another machine: {address}"]
