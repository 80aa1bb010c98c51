"""The last pass over the saved file: what openpyxl cannot write.

Rows of the large sheets, which it writes an order of magnitude slower; the value of each formula, without which viewers
that do not calculate show nothing; the alternative text of charts; and times that do not depend on the clock, so that
the same data give the same file, byte for byte.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Final
from xml.sax.saxutils import escape as escape_markup
from xml.sax.saxutils import quoteattr

from openpyxl.utils import get_column_letter

from exports.workbook.cells import Content, content, markup

_EPOCH_OF_ZIP: Final = (1980, 1, 1, 0, 0, 0)
_LEVEL: Final = 6  # Of compression: level 1 is twice as fast and makes files half as large again.

_FORMULA: Final = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f[^>]*>.*?</f>)<v ?/></c>', re.DOTALL)
_SPACES: Final = re.compile(r"<t>([ \t\n]+)</t>")
_CHART_NAME: Final = re.compile(r'(<(?:xdr:)?cNvPr [^>]*?name=)"Chart ([0-9]+)"')
_MODIFIED: Final = re.compile(r"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_DIMENSION: Final = re.compile(r'<dimension ref="[^"]*" ?/>')
_END_OF_ROWS: Final = "</sheetData>"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that we spell ourselves: each cell with the number of its style. height in points, None for the usual."""

    cells: tuple[tuple[Content, int], ...]
    height: float | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """Rows that follow those which openpyxl wrote. first: the number of the first of them."""

    first: int
    count: int
    width: int  # columns of the sheet
    rows: Iterable[Row]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a chart is called and what it shows, for people who do not see it."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Additions:
    """What the saved file still lacks, by sheet name."""

    moment: datetime  # aware; the file's time of change
    bodies: dict[str, Body] = field(default_factory=dict)
    values: dict[str, dict[str, object]] = field(default_factory=dict)  # of formulas, by cell reference
    pictures: list[Picture] = field(default_factory=list)  # in the order of the charts


class FinishingError(RuntimeError):
    """The saved file is not as this pass expects it: a fault in this package, not in the data."""


def finish(saved: IO[bytes], file: IO[bytes], names: Iterable[str], additions: Additions) -> None:
    """Copy the saved workbook to `file` with the additions.

    names: of all sheets, in order; openpyxl numbers their parts in that order.
    """
    sheets = {f"xl/worksheets/sheet{number}.xml": name for number, name in enumerate(names, start=1)}
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as to:
        for part in source.namelist():
            entry = zipfile.ZipInfo(part, _EPOCH_OF_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            text = source.read(part).decode()
            with to.open(entry, "w", force_zip64=part in sheets) as written:
                for piece in _finished(text, part, sheets.get(part), additions):
                    written.write(piece.encode())


def _finished(text: str, part: str, sheet: str | None, additions: Additions) -> Iterator[str]:
    if part == "docProps/core.xml":
        moment = additions.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = _MODIFIED.sub(rf"\g<1>{moment}\g<2>", text)
    elif part.startswith("xl/drawings/drawing"):
        text = _CHART_NAME.sub(lambda found: _named(found, additions.pictures), text)
    elif sheet is not None:
        text = _with_values(text, sheet, additions.values.get(sheet, {}))
        text = _SPACES.sub(r'<t xml:space="preserve">\1</t>', text)
        if sheet in additions.bodies:
            yield from _with_body(text, additions.bodies[sheet])
            return
    yield text


def _named(found: re.Match[str], pictures: list[Picture]) -> str:
    picture = pictures[int(found[2]) - 1]
    return f"{found[1]}{quoteattr(picture.name)} descr={quoteattr(picture.description)}"


def _with_values(text: str, sheet: str, values: Mapping[str, object]) -> str:
    met = set()

    def with_value(found: re.Match[str]) -> str:
        reference, attributes, formula = found.groups()
        met.add(reference)
        held = content(values[reference], place=f"{sheet}!{reference}")
        # An empty text is a value too: without its type, the cell would hold a number that is missing.
        kind = {"number": "", "truth": ' t="b"'}.get(held.kind, ' t="str"')
        value = escape_markup(held.spelled)
        return f'<c r="{reference}"{attributes}{kind}>{formula}<v>{value}</v></c>'

    text = _FORMULA.sub(with_value, text)
    if met != set(values):
        raise FinishingError(f"{sheet}: formulas and their values do not match: {sorted(met ^ set(values))}")
    return text


def _with_body(text: str, body: Body) -> Iterator[str]:
    head, end, tail = text.partition(_END_OF_ROWS)
    last = f"{get_column_letter(body.width)}{max(1, body.first + body.count - 1)}"
    yield _DIMENSION.sub(f'<dimension ref="A1:{last}"/>', head, count=1)
    letters = [get_column_letter(number) for number in range(1, body.width + 1)]
    for number, row in enumerate(body.rows, start=body.first):
        height = "" if row.height is None else f' ht="{row.height}" customHeight="1"'
        cells = "".join(
            markup(held, reference=f"{letter}{number}", style=style)
            for letter, (held, style) in zip(letters, row.cells, strict=True)
        )
        yield f'<row r="{number}"{height}>{cells}</row>'
    yield end + tail
