"""QR codes as SVG without styles, so that they pass the content security policy and print sharp at any size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import segno

# Readers need four modules of white around the code.
QUIET: Final = 4


@dataclass(frozen=True, slots=True)
class QrCode:
    """size: of the picture in modules, the white around included. path: the dark modules, for `<path d=…>`."""

    size: int
    path: str


def qr_code(address: str) -> QrCode:
    """The code of an address. Level M: a fold or a stain on a letter does no harm."""
    matrix = segno.make(address, error="m", micro=False, boost_error=False).matrix
    return QrCode(len(matrix) + 2 * QUIET, "".join(_runs(matrix)))


def _runs(matrix: Sequence[Sequence[int]]) -> Iterator[str]:
    """One flat rectangle for each run of dark modules in a row."""
    for y, row in enumerate(matrix, QUIET):
        x = QUIET
        for is_dark, modules in groupby(row):
            length = len(list(modules))
            if is_dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length
