"""Static files: addresses that change when a file does, so that browsers may keep it for ever, and small on the way."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

# Smaller ones gain nothing.
WORTH_COMPRESSING = 500


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
    """Static files only: a compressed page that also holds a secret could give it away by its length (BREACH)."""
    if request.endpoint != "static":
        return response
    response.vary.add("Accept-Encoding")
    # A missing one, one that the browser has already, or a part of one is left alone.
    if response.status_code != 200 or not request.accept_encodings["gzip"]:  # noqa: PLR2004
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) < WORTH_COMPRESSING:
        return response
    response.set_data(_gzip(content))
    response.content_encoding = "gzip"
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)  # The same file, but not the same bytes.
    return response


@cache
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _address(app: Flask, name: str, file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f"{app.static_url_path}/{name}?v={digest}"
