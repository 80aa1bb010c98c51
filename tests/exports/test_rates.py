"""Outcome rates against published numbers first, then against what holds for every sample."""

from collections import Counter
from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.dispositions import Symbol
from exports.rates import Rates, rates, rates_by_group, tally

NAMES = tuple(field.name for field in fields(Rates))
counts = st.dictionaries(st.sampled_from(list(Symbol)), st.integers(0, 500), max_size=9)
shares = st.one_of(st.none(), st.floats(0, 1))


def close(found, digits, **expected):
    values = asdict(found)
    assert {name: round(values[name], digits) for name in expected} == expected


def test_the_example_of_outcomerate():
    found = rates({"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1}, e=0.9)

    assert found.e == 0.9
    close(found, 3, rr1=0.364, rr2=0.545, rr3=0.370, rr4=0.556, rr5=0.444, rr6=0.667)
    close(found, 3, coop1=0.500, coop2=0.750, coop3=0.571, coop4=0.857)
    close(found, 3, ref1=0.091, ref2=0.093, ref3=0.111, con1=0.727, con2=0.741, con3=0.889, loc1=0.818, loc2=0.833)


def test_the_weighted_example_of_outcomerate():
    symbols = ["I", "P", "I", "UO", "R", "I", "NC", "I", "O", "P", "UH"]
    weights = [1.3] * 6 + [2.5] * 5

    close(rates(tally(symbols)), 2, rr2=0.55, con1=0.73)
    close(rates(tally(symbols, weights)), 2, rr2=0.50, con1=0.69)


def test_the_example_with_an_estimated_e():
    found = rates({"I": 180, "P": 20, "R": 45, "NC": 60, "O": 15, "UH": 50, "UO": 30, "NE": 40})

    close(found, 6, e=0.888889)
    close(found, 4, rr1=0.4500, rr2=0.5000, rr3=0.4602, rr4=0.5114, rr5=0.5625, rr6=0.6250)
    close(found, 4, coop1=0.6923, coop2=0.7692, coop3=0.7347, coop4=0.8163)
    close(found, 4, ref1=0.1125, ref2=0.1151, ref3=0.1406, con1=0.6500, con2=0.6648, con3=0.8125)


def test_the_example_of_responserates():
    found = asdict(rates({"I": 100, "NC": 20}))

    expected = {"rr": 0.833, "coop": 1, "ref": 0, "con": 0.833}
    assert {name: round(found[name], 3) for name in NAMES if name.rstrip("123456") in expected} == {
        name: expected[name.rstrip("123456")] for name in NAMES if name.rstrip("123456") in expected
    }


def test_an_organisation_that_was_reached_is_unknown_as_in_the_tenth_edition():
    found = rates({"I": 10, "P": 2, "R": 3, "NC": 4, "O": 1, "UH": 5, "UR": 7, "UO": 6, "NE": 8}, e=0.4)

    known, unknown = 20, 18
    assert found.rr1 == found.con1 * 10 / 16 == pytest.approx(10 / (known + unknown))
    assert found.rr4 == pytest.approx(12 / (known + 0.4 * unknown))
    assert found.loc1 == pytest.approx(known / (known + unknown))
    assert (found.rr5, found.coop1, found.ref3, found.con3) == (10 / 20, 10 / 16, 3 / 20, 16 / 20)


@given(counts)
def test_what_was_other_unknown_before_2023_gives_the_same_rates_as_reached(n):
    moved = n | {Symbol.UNKNOWN_OTHER: 0, Symbol.UNKNOWN_RESPONDENT: n.get("UR", 0) + n.get("UO", 0)}

    assert rates(moved) == rates(n)


def test_without_cases_there_is_no_rate():
    assert set(asdict(rates({})).values()) == {None}


def test_without_a_case_of_known_eligibility_only_rates_over_everybody_exist():
    found = {name: value for name, value in asdict(rates({"UH": 3})).items() if value is not None}

    assert found == {"rr1": 0, "rr2": 0, "ref1": 0, "con1": 0, "loc1": 0}


def test_with_a_given_e_of_nothing_the_unknown_do_not_count():
    found = rates({"I": 1, "UH": 3}, e=0)

    assert (found.rr1, found.rr3, found.rr5) == (0.25, 1, 1)


@given(counts, shares)
def test_rates_are_ordered_as_their_formulas_say(n, e):
    found = rates(n, e=e)

    known = {name: value for name, value in asdict(found).items() if value is not None}
    assert all(0 <= value <= 1 + 1e-12 for value in known.values())
    for lower, higher in [
        *[
            ("rr1", "rr2"),
            ("rr3", "rr4"),
            ("rr5", "rr6"),
            ("rr1", "rr3"),
            ("rr3", "rr5"),
            ("rr2", "rr4"),
            ("rr4", "rr6"),
        ],
        *[("coop1", "coop2"), ("coop3", "coop4"), ("coop1", "coop3"), ("coop2", "coop4"), ("rr5", "coop1")],
        *[("ref1", "ref2"), ("ref2", "ref3"), ("con1", "con2"), ("con2", "con3"), ("con1", "loc1"), ("loc1", "loc2")],
    ]:
        if lower in known and higher in known:
            assert known[lower] <= known[higher] + 1e-12, (lower, higher)


@given(counts, st.floats(0.01, 100), shares)
def test_rates_do_not_depend_on_the_unit_of_the_counts(n, factor, e):
    scaled = {symbol: count * factor for symbol, count in n.items()}

    expected, found = asdict(rates(n, e=e)), asdict(rates(scaled, e=e))
    assert {name for name in NAMES if found[name] is None} == {name for name in NAMES if expected[name] is None}
    assert all(found[name] == pytest.approx(expected[name]) for name in NAMES if found[name] is not None)


@given(st.lists(st.tuples(st.sampled_from([*Symbol]), st.sampled_from("AB"), st.sampled_from("xy"), st.floats(0, 9))))
def test_groups_have_the_rates_of_their_own_cases(cases):
    symbols = [symbol for symbol, *_ in cases]
    pairs = [(region, group) for _, region, group, _ in cases]
    weights = [weight for *_, weight in cases]

    plain = rates_by_group(symbols, pairs)
    weighted = rates_by_group(symbols, pairs, weights=weights, e=0.5)

    assert list(plain) == list(weighted) == list(dict.fromkeys(pairs))
    for pair in plain:
        mine = [n for n in range(len(cases)) if pairs[n] == pair]
        assert plain[pair] == rates(Counter(symbols[n] for n in mine))
        assert weighted[pair] == rates(tally([symbols[n] for n in mine], [weights[n] for n in mine]), e=0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rates({"X": 1}), "'X' is not a valid Symbol"),
        (lambda: rates({"I": -1}), "a count or weight is -1"),
        (lambda: rates({"I": float("nan")}), "a count or weight is nan"),
        (lambda: rates({"I": float("inf")}), "a count or weight is inf"),
        (lambda: rates({}, e=1.1), "e is 1.1"),
        (lambda: rates({}, e=float("nan")), "e is nan"),
        (lambda: tally(["U"]), "'U' is not a valid Symbol"),
        (lambda: tally(["I"], [-1.0]), "a count or weight is -1"),
        (lambda: tally(["I"], [1.0, 2.0]), "zip"),
        (lambda: rates_by_group(["I"], []), "zip"),
    ],
)
def test_what_is_no_sample_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
