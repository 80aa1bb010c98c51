"""Public holidays of a country, and of its part where the region's NUTS code tells which part it is."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

from holidays import country_holidays

_COUNTRIES: Final = {"EL": "GR", "UK": "GB"}  # as Eurostat writes them

# "de_facto": nobody is at work, such as Midsummer Eve in Sweden. "catholic": Assumption Day in most of Bavaria.
_KINDS: Final = ("public", "de_facto", "catholic")

# The beginning of a NUTS code (2021, UK 2016) and the part of the country as the package names it. In Italy and
# Finland only what holds in a whole region: the feast of a town's patron is nobody's calling hour lost for good.
_PARTS: Final[Mapping[str, str]] = {
    "AT11": "1", "AT21": "2", "AT12": "3", "AT31": "4", "AT32": "5", "AT22": "6", "AT33": "7", "AT34": "8", "AT13": "9",
    "CH011": "VD", "CH012": "VS", "CH013": "GE", "CH021": "BE", "CH022": "FR", "CH023": "SO", "CH024": "NE",
    "CH025": "JU", "CH031": "BS", "CH032": "BL", "CH033": "AG", "CH040": "ZH", "CH051": "GL", "CH052": "SH",
    "CH053": "AR", "CH054": "AI", "CH055": "SG", "CH056": "GR", "CH057": "TG", "CH061": "LU", "CH062": "UR",
    "CH063": "SZ", "CH064": "OW", "CH065": "NW", "CH066": "ZG", "CH070": "TI",
    "DE1": "BW", "DE2": "BY", "DE3": "BE", "DE4": "BB", "DE5": "HB", "DE6": "HH", "DE7": "HE", "DE8": "MV", "DE9": "NI",
    "DEA": "NW", "DEB": "RP", "DEC": "SL", "DED": "SN", "DEE": "ST", "DEF": "SH", "DEG": "TH",
    "ES11": "GA", "ES12": "AS", "ES13": "CB", "ES21": "PV", "ES22": "NC", "ES23": "RI", "ES24": "AR", "ES30": "MD",
    "ES41": "CL", "ES42": "CM", "ES43": "EX", "ES51": "CT", "ES52": "VC", "ES53": "IB", "ES61": "AN", "ES62": "MC",
    "ES63": "CE", "ES64": "ML", "ES70": "CN",
    "FI20": "01",
    "FRF1": "6AE", "FRF33": "57", "FRY1": "971", "FRY2": "972", "FRY3": "973", "FRY4": "974", "FRY5": "976",
    "ITH10": "BZ",
    "PT20": "20", "PT30": "30",
    "UKC": "ENG", "UKD": "ENG", "UKE": "ENG", "UKF": "ENG", "UKG": "ENG", "UKH": "ENG", "UKI": "ENG", "UKJ": "ENG",
    "UKK": "ENG", "UKL": "WLS", "UKM": "SCT", "UKN": "NIR",
}  # fmt: skip


def holiday_on(day: date, country: str, nuts: str = "") -> str | None:
    """The name of the public holiday there, in English where the package has it; None on other days.

    country: ISO 3166 or as Eurostat writes it. None on every day of a country that the package does not know.
    """
    return _of_year(_COUNTRIES.get(country, country), part_of(nuts), day.year).get(day)


def part_of(nuts: str) -> str | None:
    """The part of a country with holidays of its own that a NUTS code lies in; None where it does not tell."""
    return next((_PARTS[nuts[:length]] for length in range(len(nuts), 2, -1) if nuts[:length] in _PARTS), None)


@cache
def _of_year(country: str, part: str | None, year: int) -> Mapping[date, str]:
    try:
        known = country_holidays(country, subdiv=part).supported_categories
        kinds = [kind for kind in _KINDS if kind in known]
        return dict(country_holidays(country, subdiv=part, years=year, categories=kinds, language="en_US"))
    except NotImplementedError:
        return {}
