"""What one line of each file must look like. What lines must be to each other is checked in `reading`."""

import re
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict

SHORTEST_SUMMARY, LONGEST_SUMMARY = 45, 125  # words; a card is read in under a minute
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ADDRESS = re.compile(r"https?://\S+\.\S+")
_NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_YEAR = re.compile(r"(1[89]|20)\d\d")
_ZONE = re.compile(r"[A-Z][A-Za-z]+(/[A-Z][A-Za-z_]+)+")
_CODE = re.compile(r"[A-Z][A-Z0-9]{0,15}")


def _tidy(text: str) -> str:
    if text != text.strip() or "  " in text:
        raise ValueError("has spaces at an end or two in a row")
    if "\n" in text or "\r" in text:
        raise ValueError("has a line break")
    return text


def _filled(text: str) -> str:
    if not text:
        raise ValueError("is blank")
    return text


def _slug(text: str) -> str:
    return _matching(_SLUG, text, "is not made of small letters, digits and single hyphens")


def _address(text: str) -> str:
    return _matching(_ADDRESS, text, "is not an address that begins with http:// or https://")


def _nuts(text: str) -> str:
    return _matching(_NUTS, text, "is not a NUTS code") if text else text


def _country(text: str) -> str:
    return _matching(_COUNTRY, text, "is not a country of two capital letters (ISO 3166-1)")


def _year(text: str) -> str:
    return _matching(_YEAR, text, "is not a year of four digits") if text else text


def _code(text: str) -> str:
    return _matching(_CODE, text, "is not a short code in capital letters")


def _number(text: str) -> str:
    return _matching(re.compile(r"[1-9]\d?"), text, "is not a number from 1 to 99")


def _summary(text: str) -> str:
    words = len(text.split())
    if not SHORTEST_SUMMARY <= words <= LONGEST_SUMMARY:
        raise ValueError(f"has {words} words; {SHORTEST_SUMMARY} to {LONGEST_SUMMARY} fit a card")
    return text


def _zone(text: str) -> str:
    # A small machine may have no list of zones; then the form has to do.
    if not _ZONE.fullmatch(text) or (_zones() and text not in _zones()):
        raise ValueError(f"is {text!r}, which is no time zone such as Europe/Rome")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _matching(pattern: re.Pattern[str], text: str, complaint: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{complaint}: {text!r}")
    return text


Tidy = Annotated[str, AfterValidator(_tidy)]
Filled = Annotated[Tidy, AfterValidator(_filled)]
Slug = Annotated[Filled, AfterValidator(_slug)]
Address = Annotated[Filled, AfterValidator(_address)]
Nuts = Annotated[Tidy, AfterValidator(_nuts)]
Country = Annotated[Filled, AfterValidator(_country)]
Year = Annotated[Tidy, AfterValidator(_year)]
Code = Annotated[Filled, AfterValidator(_code)]
Number = Annotated[Filled, AfterValidator(_number)]
Summary = Annotated[Filled, AfterValidator(_summary)]
Zone = Annotated[Filled, AfterValidator(_zone)]


class Line(BaseModel):
    """A line of a file; its fields are the columns, in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PracticeLine(Line):
    id: Slug
    title: Filled
    category: Filled
    lifecycle_stage: Literal["emerging", "growing", "mature"]
    origin_organisation: Filled
    origin_region: Filled
    origin_country: Country
    nuts: Nuts
    start_year: Year
    summary: Summary
    source_title: Filled
    source_url: Address


class SourceLine(Line):
    practice_id: Slug
    no: Number
    strength: Literal["strong", "medium", "weak", ""]
    title: Filled
    url: Address


class CategoryLine(Line):
    id: Slug
    name: Filled
    description: Filled


class RegionLine(Line):
    id: Slug
    name: Filled
    spoken_name: Filled
    country: Country
    nuts: Nuts
    partner_organisations: Filled
    timezone: Zone
    default_language: Filled
    note: Tidy


class GroupLine(Line):
    id: Code
    name: Filled
    description: Filled


class TypeLine(Line):
    id: Code
    group: Code
    name: Filled
    description: Filled


class NutsLine(Line):
    code: Nuts
    level: Literal["0", "1", "2", "3"]
    name: Filled
    version: Filled


class TranslationLine(Line):
    kind: Literal["practice", "region"]
    id: Slug
    title: Filled
    summary: Tidy
