"""How wide a text is, so that columns fit and wrapped rows are as high as their lines.

Excel fits neither when a program writes the file, and a viewer may not either. The widths are Arial's, in thousandths
of the font size; Liberation Sans has the same.
"""

import math
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

_REGULAR: Final = {
    191: "'",
    222: "ijl\u2019\u2018ł",
    260: "|",
    278: " !,./:;I[\\]ft\u0131·\u00a0",
    333: "()-`r“”",
    334: "{}",
    350: "•",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    549: "±≥≤",
    556: "#$0123456789?L_abdeghnopqu\u2013Łđ",
    584: "+<=>~\u00d7\u2212",
    611: "FTZøß",
    667: "&ABEKPSVXY",
    722: "CDHNRUwĐ",
    778: "GOQØ",
    833: "Mm",
    889: "%æ",
    944: "Wœ",
    1000: "—…ÆŒ→←",
    1015: "@",
}
_BOLD: Final = {
    238: "'",
    278: " ,./I\\ijl\u2019\u2018ł\u0131·\u00a0",
    280: "|",
    333: "!()-:;[]`ft",
    350: "•",
    389: "*r{}",
    474: '"',
    500: "z“”",
    549: "±≥≤",
    556: "#$0123456789J_aceksvxy\u2013",
    584: "+<=>^~\u00d7\u2212",
    611: "?FLTZbdghnopquøßŁđ",
    667: "EPSVXY",
    722: "&ABCDHKNRUĐ",
    778: "GOQwØ",
    833: "M",
    889: "%mæ",
    944: "Wœ",
    975: "@",
    1000: "—…ÆŒ→←",
}
_WIDTHS: Final = {
    bold: {character: width for width, characters in table.items() for character in characters}
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}
_OTHER: Final = 667  # Letters of other scripts: as wide as a capital, rather a little too much.
_WIDE: Final = 1000  # East Asian characters fill the square.

_DIGIT: Final = 7  # Pixels of the widest digit of Arial 10 at 96 dots per inch: the unit of a column's width.
_PADDING: Final = 5  # Pixels that Excel keeps free in a column.
_SLACK: Final = 1.03  # Screens round each letter to whole pixels.
_LEADING: Final = 1.27  # Height of a line in font sizes: 12.7 points for Arial 10.
TALLEST_ROW: Final = 400.0
"""Points. Excel's own limit is 409.5."""


def pixels(text: str, *, size: float, bold: bool = False) -> float:
    """The width of one line of text on a screen of 96 dots per inch."""
    return sum(_width(character, bold) for character in text) * size * 96 / 72 / 1000 * _SLACK


def column_width(texts: Iterable[str], *, size: float, bold: bool = False) -> float:
    """The width, in Excel's unit, of a column in which each of these texts stands on one line."""
    return width_of_pixels(max((pixels(text, size=size, bold=bold) for text in texts), default=0.0))


def width_of_pixels(widest: float) -> float:
    """A column's width in Excel's unit for contents of so many pixels, in whole pixels and with air on both sides."""
    return round((math.ceil(widest) + 2 * _PADDING) / _DIGIT, 2)


def pixels_of_width(width: float) -> int:
    """How many pixels a column of this width takes on the screen."""
    return round(width * _DIGIT)


def lines(text: str, width: float, *, size: float, bold: bool = False) -> int:
    """How many lines the text takes in a column of this width (Excel's unit) when it is wrapped between words."""
    room = width * _DIGIT - _PADDING
    return sum(_lines_of_paragraph(paragraph, room, size, bold) for paragraph in text.split("\n"))


def row_height(line_count: int, *, size: float, padding: float = 4.0) -> float:
    """The height, in points, of a row of so many lines."""
    return round(line_count * size * _LEADING + padding, 2)


def _lines_of_paragraph(paragraph: str, room: float, size: float, bold: bool) -> int:  # noqa: FBT001  # private, positional for speed
    count, used = 1, 0.0
    space = pixels(" ", size=size, bold=bold)
    for word in paragraph.split(" "):
        width = pixels(word, size=size, bold=bold)
        needed = used + space + width if used else width
        if needed <= room:
            used = needed
            continue
        # A word wider than the column is broken wherever the line ends.
        count += (1 if used else 0) + max(0, math.ceil(width / room) - 1)
        used = width % room if width > room else width
    return count


@cache
def _width(character: str, bold: bool) -> int:  # noqa: FBT001  # private, cached by position
    widths = _WIDTHS[bold]
    plain = unicodedata.normalize("NFD", character)[0]  # An accent does not widen its letter.
    if plain in widths:
        return widths[plain]
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _OTHER
