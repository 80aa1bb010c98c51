"""Addresses of static files that change when the file does, so that browsers may keep a file for ever."""

import hashlib
from pathlib import Path

from flask import Flask


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


def _address(app: Flask, name: str, file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f"{app.static_url_path}/{name}?v={digest}"
