"""Dates, times and countries in words, by Babel."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_time, get_timezone_location
from flask import Flask

from survey.texts import language_name, typographic
from survey.texts.dates import locale_of, long_date, short_date


def init_app(app: Flask) -> None:
    """Templates write `{{ day | long_date(language) }}`."""
    for function in (long_date, short_date, clock, local_date, city_of_zone, origin_with_country, language_name):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["typographic"] = typographic


def clock(moment: datetime, language: str, zone: str) -> str:
    """The time of day in a zone: "14:32"."""
    return format_time(moment, "short", tzinfo=ZoneInfo(zone), locale=locale_of(language))


def local_date(moment: datetime, language: str, zone: str) -> str:
    """The day it was in a zone, with its weekday."""
    return long_date(moment.astimezone(ZoneInfo(zone)).date(), language)


def city_of_zone(zone: str, language: str) -> str:
    """The city a zone is named after, in the page's language: "Copenaghen"."""
    return get_timezone_location(ZoneInfo(zone), locale=locale_of(language), return_city=True)


@cache
def country(code: str, language: str) -> str:
    """The country's name; the code itself where Babel has none."""
    name: str = locale_of(language).territories.get(code, code)
    return name


def origin(region: str, code: str, language: str) -> str:
    """Where a practice comes from, in a sentence or on its own. The catalogue has regions in English only.

    What is a whole country is said in the page's language.
    """
    return country(code, language) if region == country(code, "en") else region


def origin_with_country(region: str, code: str, language: str) -> str:
    """As `origin`, with the country, unless that is said already ("Cork and Ireland")."""
    place = origin(region, code, language)
    if country(code, "en") in region or place == country(code, language):
        return place
    return f"{place}, {country(code, language)}"
