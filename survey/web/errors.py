"""One place where refusals become pages."""

import logging
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

from survey.database import Busy as DatabaseBusy
from survey.database import DatabaseError, Unavailable, in_words
from survey.services import errors
from survey.texts import ui
from survey.web.guards import SessionEnded
from survey.web.languages import page_language

log = logging.getLogger("survey.web")
T = TypeVar("T", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class Words:
    """The text keys of a page that says what happened and what to do."""

    title: str
    text: str


FORM_NOT_OURS = Words("form.title", "form.text")
# What happened, the status it has, and the page that says so.
REFUSALS: dict[type[Exception], tuple[int, Words]] = {
    errors.NotFound: (404, Words("error.not_found", "not_found.text")),
    errors.LinkInvalid: (404, Words("error.link_invalid", "link.text")),
    errors.StudyClosed: (410, Words("error.closed", "closed.text")),
    errors.NotOpenYet: (403, Words("not_open.title", "not_open.text")),
    errors.OpenLinkFull: (410, Words("join.full_title", "join.full_text")),
    errors.OpenLinkClosed: (410, Words("join.closed_title", "join.closed_text")),
    errors.CodeRefused: (422, Words("code.title", "code.refused")),
    errors.Declined: (403, Words("consent.declined", "declined.text")),
    errors.AlreadySubmitted: (409, Words("error.already_submitted", "submitted.text")),
    errors.Withdrawn: (403, Words("withdrawn.title", "withdrawn.text")),
    errors.NoConsent: (403, Words("error.consent", "not_allowed.text")),
    errors.NotAllowed: (403, Words("not_allowed.title", "not_allowed.text")),
    errors.TooManyAttempts: (429, Words("too_many.title", "too_many.text")),
    errors.OperationReused: (422, FORM_NOT_OURS),
    errors.BadInput: (422, FORM_NOT_OURS),
    errors.UnknownRevision: (422, FORM_NOT_OURS),
    errors.OtherPractice: (409, Words("autosave.changed", "autosave.show_again")),
    errors.Busy: (503, Words("error.save_failed", "busy.text")),
    DatabaseBusy: (503, Words("error.save_failed", "busy.text")),
    # Its files were taken away or spoilt while the server runs, its disk is full, its server is gone.
    DatabaseError: (503, Words("error.save_failed", "unavailable.text")),
    # Who runs the server has to put a key back; see the log.
    errors.Unreadable: (503, Words("error.server", "unavailable.text")),
    SessionEnded: (401, Words("expired.title", "expired.text")),
}
STATUSES = {
    400: Words("bad_request.title", "bad_request.text"),
    403: Words("not_allowed.title", "not_allowed.text"),
    404: Words("error.not_found", "not_found.text"),
    405: Words("wrong_way.title", "wrong_way.text"),
    413: Words("too_large.title", "too_large.text"),
    429: Words("too_many.title", "too_many.text"),
    500: Words("error.server", "server.text"),
    503: Words("error.save_failed", "busy.text"),
}
# What a program did wrong is told in detail to who writes programs.
DETAILED = frozenset({400, 422})
LONGEST_CODE = 3  # "C12", "-3"
# Longer texts than this were not typed into one of our fields.
LONGEST_TEXT_TO_RETURN = 20_000


def init_app(app: Flask) -> None:
    """Answer every refusal, every HTTP error and every surprise with a page."""
    for refusal in REFUSALS:
        app.register_error_handler(refusal, _refused)
    for raised in (DBAPIError, PoolTimeout):
        app.register_error_handler(raised, _driver_refused)
    app.register_error_handler(CSRFError, _form_not_ours)
    app.register_error_handler(HTTPException, _http_error)
    app.before_request(_refuse_zero_bytes)
    app.before_request(_refuse_other_sites)
    app.before_request(_refuse_null_characters)


def shows_form_again(view: T) -> T:
    """Marks a view that can show its form with what was typed when the CSRF check refused it.

    The view is called as ever and asks `form_was_refused()` before it acts.
    """
    view.__dict__["shows_form_again"] = True
    return view


def name_contact(email: str) -> None:
    """Let a page that refuses something, later in this request, say whom to ask about this study."""
    g.contact = email


def is_for_script() -> bool:
    """Whether a script asks, which reads JSON."""
    return request.path.startswith("/api/")


def form_was_refused() -> bool:
    """Whether this request failed the CSRF check, so that nothing may be changed."""
    return bool(g.get("form_was_refused", False))


def _refuse_zero_bytes() -> None:
    """Nothing that addresses name has a zero byte in it, and PostgreSQL takes none, not even to look for it."""
    if "\x00" in request.path:
        raise errors.NotFound


def _refuse_other_sites() -> None:
    """Browsers say where a request comes from; no other site has any business sending our forms."""
    if request.method not in {"GET", "HEAD", "OPTIONS"} and request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise CSRFError("The form was sent by another site.")


def _refuse_null_characters() -> None:
    """No address of ours has one, and PostgreSQL refuses to look for it."""
    if "\0" in request.path:
        raise NotFound


def _form_not_ours(error: CSRFError) -> ResponseReturnValue:
    if is_for_script():
        return {"code": "form_token", "detail": error.description, "form_token": generate_csrf()}, 400
    view = current_app.view_functions[str(request.endpoint)]
    if not getattr(view, "shows_form_again", False):
        return _page(FORM_NOT_OURS, 400)
    g.form_was_refused = True
    log.info("form refused: %s", error.description)
    try:
        answer: ResponseReturnValue = current_app.ensure_sync(view)(**(request.view_args or {}))
    except tuple(REFUSALS) as refusal:
        return _refused(refusal)
    return answer


def _refused(error: Exception) -> ResponseReturnValue:
    # The nearest class that has a page: refusals may have children.
    status, words = next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)
    headers = {}
    more = {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(getattr(error, "retry_after", 2))
    if isinstance(error, Unavailable):
        more["reason"] = error.reason.value
    if isinstance(error, DatabaseError) and not isinstance(error, DatabaseBusy):
        # For who runs the server; the visitor can only wait.
        log.error("the database is unavailable: %s", error.message)
        if request.method in {"GET", "HEAD"}:
            words = Words("error.server", words.text)
    if isinstance(error, errors.Unreadable):
        log.error("%s", error.message)
    if status == HTTPStatus.UNAUTHORIZED:
        # Required with 401; browsers know no such scheme and show the page.
        headers["WWW-Authenticate"] = "PersonalLink"
    if is_for_script():
        return _as_json(_code_of(error), words, status, headers, **more)
    if isinstance(error, errors.AlreadySubmitted) and "interview_id" in (request.view_args or {}):
        return redirect(url_for("respondent.receipt", interview_id=(request.view_args or {})["interview_id"]), 303)
    again = _sent_form() if isinstance(error, SessionEnded) else []
    return _page(words, status, typed=_typed_texts(), again=again, headers=headers)


def _driver_refused(error: Exception) -> ResponseReturnValue:
    """While a page reads, a driver's refusal comes as the driver said it; what is a mistake of ours goes on."""
    try:
        with in_words(reads=True):
            raise error
    except DatabaseError as refusal:
        return _refused(refusal)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    number = ""
    if isinstance(error, InternalServerError):
        number = uuid.uuid4().hex[:12]
        log.error("request %s failed", number, exc_info=error.original_exception)
    # Answers such as 405 carry headers that belong to them; the length and type are those of our page.
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    words = STATUSES.get(error.code, STATUSES[400])
    if is_for_script():
        code = HTTPStatus(error.code).phrase.lower().replace(" ", "_")
        detail = {"detail": error.description} if error.code in DETAILED else {}
        return _as_json(code, words, error.code, headers, **detail, **({"number": number} if number else {}))
    return _page(words, error.code, number=number, headers=headers)


def _as_json(code: str, words: Words, status: int, headers: dict[str, str], **more: object) -> ResponseReturnValue:
    """What a script needs to know, with the sentence for the person at the page."""
    t = ui(page_language())
    return {"code": code, "title": t(words.title), "message": t(words.text, **more), **more}, status, headers


def _code_of(error: Exception) -> str:
    """The refusal's name as scripts read it: "study_closed"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def _typed_texts() -> list[str]:
    """What a person had written into a form that cannot be saved, so that the page can give it back."""
    if request.method != "POST":
        return []
    fields = [(name, text.strip()) for name, text in request.form.items() if name.isupper()]
    return [text for name, text in fields if _is_prose(text) and len(text) <= LONGEST_TEXT_TO_RETURN]


def _sent_form() -> list[tuple[str, str]]:
    """Everything a form said, so that it can be sent once more when its sender has come in again."""
    if request.method != "POST":
        return []
    return [each for each in request.form.items(multi=True) if each[0] not in {"csrf_token", "page_secret"}]


def _is_prose(text: str) -> bool:
    return len(text) > LONGEST_CODE or " " in text


def _page(
    words: Words,
    status: int,
    *,
    typed: list[str] | None = None,
    again: list[tuple[str, str]] | None = None,
    number: str = "",
    headers: dict[str, str] | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "errors/error.html",
        title_key=words.title,
        text_key=words.text,
        typed=typed or [],
        again=again or [],
        number=number,
        contact=g.get("contact", ""),
    )
    return page, status, headers or {}
