"""What each sheet contains, as plain typed tables; how it looks is the workbook's business."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | datetime | None


class ColumnType(StrEnum):
    """What the values of a column are. None means "nothing to say"; a text in a number column says why (`n<3`)."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    SHARE = "share"  # 0 to 1, shown in per cent
    MOMENT = "moment"  # aware UTC
    TRUTH = "truth"  # True or False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    key: str  # stable name for programs: "practice_id"
    heading: str  # the words in the first row; equal to the key on data sheets
    type: ColumnType
    format: str  # Excel number format; "@" for text
    width: float  # in characters


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: every row has one value per column."""

    name: str  # the sheet's name, at most 31 characters
    title: str  # a sentence above it or in the list of contents
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()

    def column(self, key: str) -> tuple[Value, ...]:
        """The values of one column. KeyError if there is none of that key."""
        for position, column in enumerate(self.columns):
            if column.key == key:
                return tuple(row[position] for row in self.rows)
        raise KeyError(key)


TEXT, WHOLE, SCORE, PER_CENT, MOMENT = "@", "0", "0.0", "0%", "yyyy-mm-dd hh:mm"


def text(key: str, heading: str, width: float) -> Column:
    """A column of words."""
    return Column(key, heading, ColumnType.TEXT, TEXT, width)


def whole(key: str, heading: str, width: float = 9) -> Column:
    """A column of counts or codes."""
    return Column(key, heading, ColumnType.INTEGER, WHOLE, width)


def number(key: str, heading: str, width: float = 9, *, form: str = SCORE) -> Column:
    """A column of scores, with one digit unless told otherwise."""
    return Column(key, heading, ColumnType.NUMBER, form, width)


def share(key: str, heading: str, width: float = 9) -> Column:
    """A column of shares, shown in per cent."""
    return Column(key, heading, ColumnType.SHARE, PER_CENT, width)
