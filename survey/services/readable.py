"""Numbers and codes that are read out on the phone, and what people make of them when they type."""

import re
import unicodedata
from typing import Final

from survey.services.chance import Chance

# No 0 and O, no 1, I and L. 31^8 codes are 39 bits.
LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 8
LONGEST_NUMBER: Final = 9
# What stands between the letters, or around them, says nothing.
_BETWEEN = re.compile(r"[\s.,:;_\-\u2010-\u2015\u2212]+")
_DIGITS = str.maketrans("OILol", "01101")


def new_code(chance: Chance) -> str:
    """Eight letters and digits in two groups: "R7KD-4M2Q"."""
    letters = [LETTERS[chance.below(len(LETTERS))] for _ in range(LENGTH)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def as_code(typed: str) -> str | None:
    """The code as `new_code` writes it, whatever letters' case and signs between them; None when it cannot be one."""
    letters = _bare(typed).upper()
    if len(letters) != LENGTH or not set(letters) <= set(LETTERS):
        return None
    return f"{letters[:4]}-{letters[4:]}"


def as_number(typed: str) -> int | None:
    """A number that was typed, with O for 0 and I or L for 1 where somebody misread it; None when it cannot be one."""
    digits = _bare(typed).translate(_DIGITS)
    if not digits.isascii() or not digits.isdigit() or len(digits) > LONGEST_NUMBER:
        return None
    return int(digits) or None


def _bare(typed: str) -> str:
    # Also digits of full width, as some keyboards have them.
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", typed[:200]))
