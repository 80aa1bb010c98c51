import pytest

from survey.web.lead.figures import heat_step, limits, per_cent, rounded


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (62.5, "63"),
        (61.5, "62"),
        (0.5, "1"),
        (-0.5, "-1"),
        (62.499, "62"),
        (0.0, "0"),
        (100.0, "100"),
        # What adding up leaves of 59.5: a spreadsheet looks at 15 digits only.
        (59.49999999999999, "60"),
        (59.4999999999, "59"),
    ],
)
def test_halves_are_rounded_away_from_zero_as_a_spreadsheet_does(value, words):
    assert rounded(value) == words


@pytest.mark.parametrize(("share", "words"), [(0.625, "63"), (0.0, "0"), (1.0, "100"), (1 / 3, "33")])
def test_shares_are_whole_per_cent(share, words):
    assert per_cent(share) == words


def test_limits_end_with_the_scale():
    assert limits(-12.3, 104.0) == ("0", "100")
    assert limits(12.5, 99.4) == ("13", "99")


@pytest.mark.parametrize(
    ("score", "step"), [(0.0, 0), (9.4, 0), (9.5, 1), (59.4, 5), (59.5, 6), (60.0, 6), (99.0, 9), (100.0, 9)]
)
def test_the_colour_follows_the_printed_digits(score, step):
    assert heat_step(score) == step
