"""The session cookie. It holds a random id and nothing else; what the id stands for is in the database.

Flask's own signed cookie carries only the secret of the CSRF tokens.
"""

import base64
import hmac
import uuid
from datetime import timedelta
from typing import TypeVar

from flask import Flask, after_this_request, current_app, g, request
from werkzeug.wrappers import Response

from survey.services import accounts

R = TypeVar("R", bound=Response)

_COOKIE = "SURVEY_SESSION_COOKIE"


def init_app(app: Flask, *, secure: bool) -> None:
    """Name and lock the cookies. `__Host-` ties them to this host and to HTTPS; plain http cannot use it.

    Templates write `page_secret()` into forms and know how long a session stays open unused.
    """
    prefix = "__Host-" if secure else ""
    app.config[_COOKIE] = f"{prefix}sid"
    app.config.update(
        SESSION_COOKIE_NAME=f"{prefix}form",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    app.jinja_env.globals["page_secret"] = lambda: page_secret(session_token() or "")
    app.jinja_env.globals["idle_minutes"] = accounts.IDLE // timedelta(minutes=1)


def session_token() -> str | None:
    """What the browser holds, or None. Unchecked: `survey.services.accounts` knows if it stands for anybody."""
    opened: str | None = g.get("opened_session")
    return opened or request.cookies.get(current_app.config[_COOKIE])


def page_secret(token: str) -> str:
    """What a page keeps, to show later that it was opened in this session."""
    return _derived("page", token)


def is_secret_of(token: str, given: str) -> bool:
    """Whether a page that gives this was opened in the session."""
    return hmac.compare_digest(page_secret(token).encode(), given.encode(errors="replace"))


def go_on_with(token: str) -> None:
    """Hand the browser a session in place of one that ran out, whatever this request answers."""
    g.opened_session = token
    after_this_request(lambda response: open_session(response, token))


def storage_key(interview_id: uuid.UUID) -> str:
    """The key with which browsers encrypt answers of an interview that wait on the device: 32 bytes in base64."""
    return base64.b64encode(bytes.fromhex(_derived("storage", str(interview_id)))).decode()


def _derived(purpose: str, value: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"{purpose}/{value}".encode(errors="replace"), "sha256").hex()


def open_session(response: R, token: str) -> R:
    """Hand the browser a session that a service has opened. Ends with the browser; the server ends it earlier."""
    response.set_cookie(
        current_app.config[_COOKIE],
        token,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def close_session(response: Response) -> Response:
    """Take the session from the browser; the service has ended it before."""
    g.pop("person", None)
    response.delete_cookie(
        current_app.config[_COOKIE],
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response
