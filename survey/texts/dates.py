"""Days in words, on pages and in mails, by Babel."""

from datetime import date
from functools import cache

from babel import Locale
from babel.dates import format_date


@cache
def locale_of(language: str) -> Locale:
    """Our English is European: day before month, 24 hours."""
    return Locale.parse("en_GB" if language == "en" else language)


def long_date(day: date, language: str) -> str:
    """With its weekday: "Friday 18 December 2026"."""
    return format_date(day, "full", locale=locale_of(language))


def short_date(day: date, language: str) -> str:
    """Without the weekday: "18 December 2026"."""
    return format_date(day, "long", locale=locale_of(language))
