"""Outcome codes: the table of the method, which code of a case holds, and what answers amount to."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.dispositions import (
    DISPOSITIONS,
    Event,
    Rank,
    Symbol,
    disposition,
    final_code,
    interview_code,
)
from instruments import Mode

WEB, PHONE = Mode.WEB, Mode.PHONE
events = st.lists(st.sampled_from(list(DISPOSITIONS)).map(lambda key: Event(*key)), min_size=1, max_size=8)


def phone(*codes):
    return [Event(PHONE, code) for code in codes]


# Method 5.1, as printed there: symbol, modes, codes.
TABLE = """
I  pw 1.1
P  pw 1.2
R  pw 2.11 2.111 2.112 2.12
R  w  2.1121 2.1122
NC pw 2.20
NC p  2.21 2.22 2.221 2.222
NC w  2.26 2.27
O  pw 2.30 2.31 2.32 2.33 2.331 2.332 2.35 2.36
UH pw 3.10 3.11
UH p  3.12 3.13 3.14 3.15 3.16
UH w  3.19
UR pw 3.20 3.21
UO w  3.30 3.40
UO pw 3.90 3.91
NE pw 4.10 4.70 4.80 4.81 4.90
NE w  4.11 4.12
NE p  4.20 4.30 4.31 4.32 4.33
"""


def test_the_table_is_the_methods():
    expected = {
        (mode, code): symbol
        for symbol, modes, *codes in map(str.split, TABLE.strip().splitlines())
        for mode in Mode
        if mode.value[0] in modes
        for code in codes
    }

    assert {key: row.symbol.value for key, row in DISPOSITIONS.items()} == expected


def test_a_code_belongs_to_its_mode():
    assert disposition(WEB, "2.112").name == "implicit refusal"
    assert disposition(PHONE, "2.112").name == "refusal by the person"
    for mode, code in [(WEB, "3.13"), (PHONE, "3.19"), (PHONE, "4.50"), (WEB, "4.50")]:
        with pytest.raises(KeyError):
            disposition(mode, code)


def test_codes_hold_in_the_methods_order():
    order = phone("1.1", "1.2", "4.70", "2.112", "2.12", "2.111", "2.36", "2.21", "3.13")

    for _ in range(20):
        shuffled = random.Random(_).sample(order, len(order))
        while shuffled:
            best = final_code(shuffled)
            assert best == min(shuffled, key=order.index)
            shuffled.remove(best)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        pytest.param(["2.112", "3.13"], "2.112", id="no answer never overwrites a refusal"),
        pytest.param(["4.70", "3.13", "3.12"], "4.70", id="nor a proof that nobody is eligible"),
        pytest.param(["4.10", "2.112"], "4.10", id="nor does a refusal overwrite that proof"),
        pytest.param(["2.111", "1.1"], "1.1", id="a refusal that was turned is an interview"),
        pytest.param(["2.21", "3.13", "3.13"], "2.21", id="confirmed once, then silence"),
        pytest.param(["2.21", "2.222"], "2.21", id="confirmed once, then the machine"),
        pytest.param(["3.13", "3.12", "3.14"], "3.14", id="the latest of equal ones"),
        pytest.param(["3.20", "3.13"], "3.20", id="the organisation was reached"),
        pytest.param(["3.11", "3.13"], "3.13", id="an attempt is more than none"),
        pytest.param(["4.32", "2.112"], "2.112", id="a dead line proves nothing once the person was reached"),
        pytest.param(["2.21", "4.32"], "2.21", id="nor once the person was confirmed"),
        pytest.param(["3.13", "4.32", "3.13"], "4.32", id="but more than nobody answering"),
    ],
)
def test_one_code_of_a_case_holds(codes, expected):
    assert final_code(phone(*codes)) == Event(PHONE, expected)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (Event(WEB, "2.1121"), Event(PHONE, "3.13"), Event(WEB, "2.1121")),
        (Event(WEB, "2.1121"), Event(PHONE, "2.31"), Event(PHONE, "2.31")),
        (Event(WEB, "2.112"), Event(PHONE, "2.111"), Event(PHONE, "2.111")),
        (Event(WEB, "2.111"), Event(PHONE, "2.111"), Event(WEB, "2.111")),
        (Event(WEB, "3.19"), Event(PHONE, "3.13"), Event(PHONE, "3.13")),
        (Event(PHONE, "2.112"), Event(WEB, "1.2"), Event(WEB, "1.2")),
    ],
)
def test_modes_are_weighed_together(first, second, expected):
    assert final_code([first, second]) == final_code([second, first]) == expected


@given(events)
def test_what_was_learned_is_never_lost(case):
    ranks = [disposition(*(event.mode, event.code)).rank for event in case]

    holding = final_code(case)
    later = [final_code(case[: n + 1]) for n in range(len(case))]

    assert disposition(holding.mode, holding.code).rank == min(ranks)
    assert [disposition(event.mode, event.code).rank for event in later] == [
        min(ranks[: n + 1]) for n in range(len(ranks))
    ]


def test_nothing_attempted_has_no_code():
    assert final_code([]) is None


def test_every_symbol_and_every_rank_is_used():
    assert {row.symbol for row in DISPOSITIONS.values()} == set(Symbol)
    assert {row.rank for row in DISPOSITIONS.values()} == set(Rank)


@pytest.mark.parametrize(
    ("assigned", "judged", "scored", "expected"),
    [
        (10, 8, 8, "1.1"),
        (10, 7, 10, "1.2"),
        (10, 1, 1, "1.2"),
        (10, 0, 1, "1.2"),
        (10, 0, 0, "2.12"),
        (0, 0, 0, "2.12"),
        (4, 4, 4, "1.1"),
        (4, 3, 4, "1.2"),
        (5, 4, 4, "1.1"),
        (1, 1, 1, "1.1"),
    ],
)
def test_answers_amount_to_complete_partial_or_break_off(assigned, judged, scored, expected):
    assert interview_code(consented=True, assigned=assigned, judged=judged, scored=scored) == expected


def test_without_consent_answers_amount_to_nothing():
    assert interview_code(consented=False, assigned=5, judged=0, scored=0) is None


@pytest.mark.parametrize(("assigned", "judged", "scored"), [(5, 3, 2), (5, -1, 0), (5, 0, 6)])
def test_counts_that_cannot_be_are_refused(assigned, judged, scored):
    with pytest.raises(ValueError, match=f"{judged} judged of {scored} scored of {assigned}"):
        interview_code(consented=True, assigned=assigned, judged=judged, scored=scored)
