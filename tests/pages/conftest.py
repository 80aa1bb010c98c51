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
    """`visit(width, height, …)` gives a page in a browser of its own; what it complains about fails the test.

    is_cut_off: the test breaks the connection on purpose, so failed requests are no complaint.
    """
    contexts = []
    complaints = []

    def visiting(width=1280, height=900, *, is_cut_off=False, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{page.url}: {message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        if not is_cut_off:
            page.on("requestfailed", lambda request: complaints.extend(_failed(request)))
        page.on("request", lambda request: complaints.extend(_foreign(request.url)))
        return page

    yield visiting
    for context in contexts:
        context.close()
    assert [each for each in complaints if not any(line in each for line in _ORDINARY)] == []


# A browser writes a line to its console for every answer with a status of mistakes, and for every request that fails
# (which is a complaint of its own, see above).
_ORDINARY = ("the server responded with a status of", "Failed to load resource: net::ERR_")


def _failed(request):
    # Going on before a page has loaded everything is no failure.
    return [] if "ERR_ABORTED" in str(request.failure) else [f"{request.url}: {request.failure}"]


def _foreign(address):
    return [] if address.startswith(("http://127.0.0.1:", "data:")) else [f"asks another machine: {address}"]
