"""In which language a page speaks, and which others its menu offers."""

from collections.abc import Mapping, Sequence

from flask import Flask, g, request

from survey.texts import LANGUAGES, language_names, on_offer, ui

DEFAULT = "en"
# Staff pages are written in English.
STAFF = frozenset({"account", "lead"})


def init_app(app: Flask) -> None:
    """Every template knows `language`, `t` (the texts of that language) and `languages`, which can be chosen."""
    app.context_processor(
        lambda: {"language": page_language(), "t": ui(page_language()), "languages": offered_languages()}
    )


def asked_language() -> str | None:
    """The language that the address asks for (`?lang=it`), if it is one of ours."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else None


def use_language(language: str, offered: Sequence[str]) -> str:
    """Let the rest of the request, error pages included, speak this language and offer those of the study."""
    g.language, g.offered_languages = language, offered
    return language


def speak_as_sent() -> str:
    """Let the rest of the request speak the language that a form behind no study sends along, else the page's."""
    return use_language(on_offer(LANGUAGES, request.form.get("lang"), page_language()), LANGUAGES)


def page_language() -> str:
    """The language in use; without one, what the address or else the browser asks for."""
    if "language" not in g:
        wishes = (asked_language(), request.accept_languages.best_match(LANGUAGES), DEFAULT)
        g.language = DEFAULT if request.blueprint in STAFF else on_offer(LANGUAGES, *wishes)
    found: str = g.language
    return found


def offered_languages() -> Mapping[str, str]:
    """What the page's menu offers: each language's own name for itself, by code. All, where there is no study."""
    names = language_names()
    return {code: names[code] for code in g.get("offered_languages", LANGUAGES)}
