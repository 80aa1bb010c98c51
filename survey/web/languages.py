"""In which language a page speaks."""

from flask import Flask, g, request

from survey.texts import LANGUAGES, language_names, ui

DEFAULT = "en"
# Staff pages are written in English.
STAFF = frozenset({"account", "lead"})


def init_app(app: Flask) -> None:
    """Every template knows `language`, `t` (the texts of that language) and `language_names`."""
    app.context_processor(lambda: {"language": page_language(), "t": ui(page_language())})
    app.jinja_env.globals["language_names"] = language_names()


def asked_language() -> str | None:
    """The language that the address asks for (`?lang=it`), if it is one of ours."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else None


def use_language(language: str) -> str:
    """Let the rest of the request, error pages included, speak this language."""
    g.language = language if language in LANGUAGES else DEFAULT
    found: str = g.language
    return found


def page_language() -> str:
    """The language in use; without one, what the address or else the browser asks for."""
    if "language" not in g:
        negotiated = asked_language() or request.accept_languages.best_match(LANGUAGES) or DEFAULT
        g.language = DEFAULT if request.blueprint in STAFF else negotiated
    found: str = g.language
    return found
