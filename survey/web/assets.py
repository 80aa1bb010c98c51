"""Static files at addresses that change when a file does, so that browsers may keep it; and less on the way."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

# Smaller ones gain nothing.
WORTH_COMPRESSING = 500
# Of a page, which is sent once: the closest packing would take twice as long for a twelfth less.
FASTEST = 1


def init_app(app: Flask) -> None:
    """Templates write `asset("css/base.css")`. Digests are taken once, at start."""
    folder = Path(app.static_folder or "")
    addresses = {
        file.relative_to(folder).as_posix(): _address(app, file.relative_to(folder).as_posix(), file)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    # A misspelt name fails when the template is tested, not as a picture that is missing for a visitor.
    app.jinja_env.globals["asset"] = addresses.__getitem__
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    is_static = request.endpoint == "static"
    if not is_static and not _is_page_of_ours(response):
        return response
    response.vary.update(["Accept-Encoding"] if is_static else ["Accept-Encoding", "Sec-Fetch-Site"])
    # A missing one, one that the browser has already, or a part of one is left alone.
    if (is_static and response.status_code != 200) or not request.accept_encodings["gzip"]:  # noqa: PLR2004
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) < WORTH_COMPRESSING:
        return response
    response.set_data(_gzip(content) if is_static else gzip.compress(content, FASTEST, mtime=0))
    response.content_encoding = "gzip"
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)  # The same file, but not the same bytes.
    return response


def _is_page_of_ours(response: Response) -> bool:
    """Whether this is a page that one of our own pages led to.

    The length of a compressed page could give away the secrets it holds to somebody who makes a browser ask for it
    again and again with guesses in the address (BREACH). Another site can do that, one of our own pages does not.
    """
    return response.mimetype == "text/html" and request.headers.get("Sec-Fetch-Site") == "same-origin"


@cache
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _address(app: Flask, name: str, file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f"{app.static_url_path}/{name}?v={digest}"
