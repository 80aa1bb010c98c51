"""Figures as they are printed: rounded as a spreadsheet rounds, so that page and workbook show the same digits."""

from decimal import ROUND_HALF_UP, Decimal

STEPS = 10  # colours of the heat scale, each for ten points


def rounded(value: float) -> str:
    """A figure without decimals, halves away from zero.

    Python rounds 62.5 to the even 62, a spreadsheet shows 63; and like a spreadsheet this looks at 15 digits only, so
    that 59.499999999999993 is the 59.5 that it was meant to be.
    """
    return str(Decimal(f"{value:.15g}").quantize(Decimal(1), ROUND_HALF_UP))


def per_cent(share: float) -> str:
    """A share from 0 to 1 as whole per cent, without the sign: "62"."""
    return rounded(share * 100)


def limits(low: float, high: float) -> tuple[str, str]:
    """The limits of an interval of scores, cut to the scale; the data keep the raw ones (method 3.3)."""
    return rounded(max(0.0, low)), rounded(min(100.0, high))


def heat_step(score: float) -> int:
    """The colour of a score, 0 to 9, by the digits that are printed: what reads 60 is never coloured as the fifties."""
    return max(0, min(STEPS - 1, int(rounded(score)) // STEPS))
