from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from exports.workbook.cells import (
    CellError,
    Content,
    check_rows,
    content,
    escape,
    markup,
    pieces,
    put,
    put_formula,
    unescape,
)

LOOKS_LIKE_SOMETHING_ELSE = [
    "=1+1",
    '=HYPERLINK("http://example.org","x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "#N/A",
    "#REF!",
    "\t=1+1",
    "'=1",
    "{=1}",
    "1",
    "1e5",
    "TRUE",
    "2026-01-01",
    "007",
    " leading and trailing ",
    "   ",
    "two\nlines",
    "a\r\nb",
    "_x0041_",
    "_x005F_x0041_",
    "__x0041_",
    "_x004_",
    "\x00\x01\x0b\x1f",
    "\ufffe\uffff",
    "<b>&amp;</b>",
    "“quotes” Strängnäs 株式会社 🙂",
    "\u202eevil",
]


def saved_and_read(value, **words):
    """The value and the type of a cell after a journey through a file."""
    book = Workbook()
    put(book.active["A1"], value, **words)
    file = BytesIO()
    book.save(file)
    cell = load_workbook(file).active["A1"]
    return cell.value, cell.data_type


@pytest.mark.parametrize("text", LOOKS_LIKE_SOMETHING_ELSE)
def test_text_stays_the_text_it_was(text):
    value, data_type = saved_and_read(text)

    assert (unescape(value), data_type) == (text, "s")


@given(st.text(min_size=1, max_size=200))
def test_any_text_that_the_platform_can_store_comes_back(text):
    value, data_type = saved_and_read(text)

    assert (unescape(value), data_type) == (text, "s")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\t\n"), min_size=1))
def test_ordinary_text_needs_no_decoding(text):
    value, _ = saved_and_read(text)

    assert value == escape(text)
    assert escape(text) == text or "_x" in text or "\ufffe" in text or "\uffff" in text


@given(st.text(alphabet="_x0041F5\x0b\ud800é"))
def test_escaping_can_be_undone(text):
    assert unescape(escape(text)) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (-128, -128),
        (12.5, 12.5),
        (2 / 3, 2 / 3),
        (-0.25, -0.25),
        (1e-300, 1e-300),
        (True, True),
        (False, False),
        (np.int8(-3), -3),
        (np.int64(2**53), 2**53),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("=1"), "=1"),
        (None, None),
        (float("nan"), None),
        (np.float64("nan"), None),
        ("", None),
    ],
)
def test_value_comes_back(value, expected):
    read, _ = saved_and_read(value)

    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize("value", [None, float("nan"), np.nan])
def test_absent_value_can_have_words(value):
    assert saved_and_read(value, absent="n<3") == ("n<3", "s")


def test_time_is_written_in_utc():
    rome = timezone(timedelta(hours=2))

    held = content(datetime(2026, 7, 1, 14, 30, tzinfo=rome))

    assert held == content(datetime(2026, 7, 1, 12, 30, tzinfo=UTC))
    assert float(held.spelled) == pytest.approx(46204 + 12.5 / 24)


def test_date_is_written_as_a_day():
    assert content(date(1900, 3, 1)) == Content("number", "61.0")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (datetime(2026, 7, 1), "Ratings!A2: the time 2026-07-01 00:00:00 does not say in which zone it is."),  # noqa: DTZ001
        (
            date(1900, 2, 28),
            "Ratings!A2: the date 1900-02-28 is before 1900-03-01, where Excel's calendar becomes true.",
        ),
        (float("inf"), "Ratings!A2: an infinite number has no place in a worksheet."),
        (2**53 + 1, "Ratings!A2: the number 9007199254740993 is too large for a worksheet to keep exactly."),
        (b"bytes", "Ratings!A2: a worksheet cannot hold a bytes."),
        ("x" * 32_768, "Ratings!A2: a text of 32,768 characters does not fit into a cell (32,767)."),
        ("🙂" * 16_384, "Ratings!A2: a text of 32,768 characters does not fit into a cell (32,767)."),
        ("\x0b" * 4_682, "Ratings!A2: a text of 32,774 characters does not fit into a cell (32,767)."),
    ],
)
def test_value_that_would_not_survive_is_refused_by_name(value, sentence):
    with pytest.raises(CellError) as refused:
        content(value, place="Ratings!A2")

    assert str(refused.value) == sentence


def test_refusal_names_the_cell():
    book = Workbook()
    book.active.title = "Heat map"

    with pytest.raises(CellError, match=r"^Heat map!B7: "):
        put(book.active["B7"], float("inf"))


def test_refusal_without_a_place_begins_with_the_reason():
    with pytest.raises(CellError, match=r"^an infinite number"):
        content(float("inf"))


@pytest.mark.parametrize("text", ["x" * 32_767, "🙂" * 16_383])
def test_longest_text_is_kept_whole(text):
    assert saved_and_read(text) == (text, "s")


def test_formula_of_ours_is_a_formula():
    book = Workbook()

    put_formula(book.active["A1"], "=1+1")

    assert (book.active["A1"].value, book.active["A1"].data_type) == ("=1+1", "f")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1 & <2>", '<c r="B2" s="4" t="inlineStr"><is><t xml:space="preserve">=1 &amp; &lt;2&gt;</t></is></c>'),
        (True, '<c r="B2" s="4" t="b"><v>1</v></c>'),
        (12.5, '<c r="B2" s="4"><v>12.5</v></c>'),
        (7, '<c r="B2" s="4"><v>7</v></c>'),
        (None, '<c r="B2" s="4"/>'),
    ],
)
def test_cell_is_spelled(value, expected):
    assert markup(content(value), reference="B2", style=4) == expected


@given(st.text(alphabet="ab \n"), st.integers(min_value=1, max_value=10))
def test_pieces_joined_are_the_text(text, longest):
    parts = pieces(text, longest=longest)

    assert "".join(parts) == text
    assert all(len(part) <= longest for part in parts)


def test_pieces_are_cut_between_words():
    assert pieces("one two three", longest=9) == ["one two ", "three"]


def test_rows_beyond_the_worksheet_are_refused():
    check_rows(1_048_576, sheet="Ratings")

    with pytest.raises(CellError, match=r"^Ratings: 1,048,577 rows do not fit"):
        check_rows(1_048_577, sheet="Ratings")
