"""What every answer says to browsers: what may load, who may frame it, what may be kept."""

from typing import Final

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)

SECURITY_HEADERS: Final[tuple[tuple[str, str], ...]] = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    # Not no-referrer: the check of cross-site requests over HTTPS needs it, on our own pages only.
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
# The token goes on to no other address, not even our own, where a proxy may write referrers down. The check of
# cross-site requests still sees which site a form comes from; "no-referrer" would keep that from it.
REFERRER_OF_LINKS: Final = "strict-origin"
ONE_YEAR: Final = 31_536_000


def init_app(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer, errors included."""
    headers = SECURITY_HEADERS
    if https:
        headers = (*headers, ("Strict-Transport-Security", f"max-age={ONE_YEAR}"))

    def add(response: Response) -> Response:
        for name, value in headers:
            response.headers[name] = value
        if (request.view_args or {}).get("token"):
            response.headers["Referrer-Policy"] = REFERRER_OF_LINKS
        if request.endpoint == "static":
            # The address carries the version (survey.web.assets), so a stored copy is right for ever.
            versioned = response.status_code in {200, 304} and "v" in request.args
            response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable" if versioned else "no-cache"
        else:
            # Answers and names may stand on any page; a shared computer must not keep them.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.after_request(add)
