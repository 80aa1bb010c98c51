"""Too much at once: who has waited too long is told to come again, before anything is done for them.

A server that says how long a request has waited for a thread is kept from falling behind: what it cannot do in time it
refuses in a tenth of a millisecond, and what it does is still wanted. Saves wait longer than pages, so that pages are
refused first. A form is always taken: its page would have to give back what was typed, which is as much work.

A moment in which everything stood still is no reason to refuse anybody: what piled up is done faster than people come
back. So this begins when waiting has been too long for a while, and ends when nobody waits any more. In between only a
third of that waiting is allowed: each who waits holds a connection, and the server looks through all of them.
"""

import time
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wrappers import Request, Response

from survey.services.errors import Busy
from survey.texts import LANGUAGES
from survey.web.headers import SECURITY_HEADERS
from survey.web.languages import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Where the server says it, in seconds.
WAITED = "survey.waited"
LONGEST_FOR_SAVES = 0.75
LONGEST_FOR_PAGES = 0.5
A_WHILE = 0.3
SHARE = 1 / 3
HARDLY = 0.1  # what nobody calls waiting
# Who watches over the server wants to know whether it works, and files are sent in no time.
ALWAYS = ("/health/", "/static/")
SCRIPTS = "/api/"


class Patience:
    """An application that refuses what has waited too long, with 503 and Retry-After."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        self._app, self._inner = app, inner
        # Made once for each language: the same words for everybody.
        self._refusal = cache(self._make_refusal)
        # Since when, by `time.monotonic()`, requests have waited too long; None while they do not. Threads may write
        # over each other here: it is the same moment to all of them.
        self._since: float | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        if self._refuses(environ.get(WAITED, 0), _longest(environ)):
            language = Request(environ).accept_languages.best_match(LANGUAGES) or DEFAULT
            refusal = self._refusal(language, for_script=environ["PATH_INFO"].startswith(SCRIPTS))
            return refusal(environ, start_response)
        return self._inner(environ, start_response)

    def _refuses(self, waited: float, longest: float) -> bool:
        now, since = time.monotonic(), self._since
        if waited < HARDLY:
            self._since = None
        elif since is not None and now - since >= A_WHILE:
            return waited > SHARE * longest
        elif since is None and waited > longest:
            self._since = now
        return False

    def _make_refusal(self, language: str, *, for_script: bool) -> Response:
        # Nobody's address: pages of staff would speak English.
        path = f"{SCRIPTS if for_script else '/'}busy"
        with self._app.test_request_context(path, headers={"Accept-Language": language}):
            made = self._app.make_response(self._app.handle_user_exception(Busy()))
        # Headers of our own instead of those of a request: nobody's cookie may be in what everybody gets.
        headers = [*SECURITY_HEADERS, ("Cache-Control", "no-store"), ("Retry-After", made.headers["Retry-After"])]
        return Response(made.get_data(), made.status, headers, content_type=made.content_type)


def init_app(app: Flask) -> None:
    """Stand before the application, after everything else has been put around it."""
    app.wsgi_app = Patience(app, app.wsgi_app)  # type: ignore[method-assign]


def _longest(environ: "WSGIEnvironment") -> float:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path.startswith(ALWAYS):
        return float("inf")
    if path.startswith(SCRIPTS) and method == "POST":
        return LONGEST_FOR_SAVES
    return LONGEST_FOR_PAGES if method in {"GET", "HEAD"} else float("inf")
