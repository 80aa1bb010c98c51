import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.workbook import measure


def test_widths_are_those_of_arial():
    # 556 thousandths of 10 points at 96 dots per inch, with the slack for rounding letters to pixels.
    assert measure.pixels("0", size=10) == pytest.approx(0.556 * 10 * 96 / 72 * 1.03)
    assert measure.pixels("m", size=10, bold=True) > measure.pixels("m", size=10)


def test_accents_do_not_widen_letters():
    assert measure.pixels("Strängnäs", size=10) == measure.pixels("Strangnas", size=10)


def test_east_asian_letters_are_square():
    assert measure.pixels("株", size=10) == pytest.approx(10 * 96 / 72 * 1.03)


def test_letter_of_another_script_counts_as_a_capital():
    assert measure.pixels("Ж", size=10) == measure.pixels("E", size=10)


def test_column_fits_its_longest_text():
    widest = measure.column_width(["a", "a longer text"], size=10)

    assert widest == measure.column_width(["a longer text"], size=10)
    assert measure.lines("a longer text", widest, size=10) == 1


def test_column_without_texts_has_only_its_air():
    assert measure.column_width([], size=10) == pytest.approx(10 / 7, abs=0.01)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 20, 1),
        ("one", 20, 1),
        ("one\ntwo", 20, 2),
        ("one two three", 6, 3),
        ("a" * 60, 10, 8),
        ("b " + "a" * 60, 10, 9),
    ],
)
def test_lines_of_wrapped_text(text, width, expected):
    assert measure.lines(text, width, size=10) == expected


@given(st.text(alphabet="abc WM\n", max_size=80), st.floats(min_value=3, max_value=60))
def test_wider_columns_never_need_more_lines(text, width):
    assert measure.lines(text, width + 10, size=10) <= measure.lines(text, width, size=10) + text.count(" ")


def test_row_is_as_high_as_its_lines():
    assert measure.row_height(2, size=10) == pytest.approx(29.4)
