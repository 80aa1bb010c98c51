"""What pages say to respondents, in eight languages: `ui_texts.csv` beside this file is the only source.

Staff pages are English and need none of it.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from babel import Locale

LANGUAGES = ("en", "it", "fr", "de", "sv", "da", "cs", "hu")
FILE = Path(__file__).parent / "ui_texts.csv"

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# A straight apostrophe that opens a quotation; every other one is an apostrophe or closes it.
_OPENING = re.compile(r"(?<![^\s(\[])'(?=\w)")

_RANGE = re.compile(r"(?<=\d)-(?=\d)")


class Texts:
    """The texts of one language. Called with a key, it gives the words: `t("progress.practice", n=2, total=6)`."""

    __slots__ = ("_texts", "language")

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The words with the values put in, in one pass. KeyError names an unknown key or a value left out."""
        text = self._texts[key]
        if "{" not in text:
            return text
        return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)

    def around(self, key: str, name: str) -> tuple[str, str]:
        """What stands before and after one placeholder, for a page that puts a link there."""
        before, _, after = self._texts[key].partition(f"{{{name}}}")
        return before, after

    @property
    def texts(self) -> Mapping[str, str]:
        """Words by key, placeholders still in them."""
        return self._texts


def on_offer(offered: Sequence[str], *wishes: str | None) -> str:
    """The language to speak: the first wish that is on offer, else the first on offer."""
    return next((wish for wish in wishes if wish and wish in offered), offered[0])


def typographic(text: str) -> str:
    """Straight apostrophes and the hyphens of ranges ("2-5") as a book has them: files are easier to write without."""
    if "-" in text:
        text = _RANGE.sub("\N{EN DASH}", text)
    if "'" not in text:
        return text
    return _OPENING.sub("\N{LEFT SINGLE QUOTATION MARK}", text).replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def placeholders(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_PLACEHOLDER.findall(text))


@cache
def ui(language: str) -> Texts:
    """The texts of one of `LANGUAGES`; KeyError for another one."""
    return _all_texts()[language]


@cache
def language_names() -> Mapping[str, str]:
    """Each language's own name for itself, by code, in the order of `LANGUAGES`."""
    return {language: ui(language)("language.name") for language in LANGUAGES}


@cache
def language_name(code: str, language: str = "en") -> str:
    """What a language is called in another one: "inglese". The code itself where Babel has no name for it."""
    name: str = Locale.parse(language).languages.get(code, code)
    return name


@cache
def _all_texts() -> Mapping[str, Texts]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        language: Texts(language, {row["key"]: typographic(row[language]) for row in rows}) for language in LANGUAGES
    }
