"""Cells and margins: the golden cell first, then against a plain recomputation of every figure."""

import math
import statistics
from itertools import product

import numpy as np
import pytest
from datasets import (
    GROUPS,
    ITEMS,
    PRACTICES,
    REGIONS,
    answers_with_score,
    golden_dataset,
    instrument,
    make_codes,
    make_dataset,
    make_interview,
    make_region,
    random_dataset,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import HOME_NOT_ASKED, MODES, RS5, RS10, VERDICT_CODES, Share, results, suppressed
from exports.statistics import equal_group_mean
from instruments import DONT_KNOW, NOT_ANSWERED, REFUSED, Mode, score

VOUCHER, SEED_FUND, INCUBATOR = range(3)
NORTH, SOUTH = range(2)
SHORT_ANSWERS = {"FAM": 1, "EXIST": 3, "NEED": 5, "FIT": 4, "LEAD": 2, "SKILL": 4, "COST": 4, "VERDICT": 1}


def approx(*numbers):
    return pytest.approx(numbers, abs=5e-7)


def people(count, **changes):
    return [make_interview(f"interview-{number}", **changes) for number in range(count)]


def full(points, *, verdict=1):
    return make_codes(answers_with_score(points, verdict=verdict))


def test_golden_cell_has_every_known_figure():
    cell = results(golden_dataset(), threshold=3).cell(VOUCHER, SOUTH)

    assert (cell.n, cell.n_evaluations, cell.basis, cell.shown) == (9, 9, RS10, True)
    assert (cell.mean, cell.sd) == approx(56.666667, 14.895469)
    assert (cell.ci_low, cell.ci_high) == approx(45.216996, 68.116338)
    assert (cell.q1, cell.median, cell.q3) == (47.5, 55.0, 67.5)
    assert (cell.equal_group.mean, cell.equal_group.variance) == approx(55.875, 189.107143)
    assert (cell.equal_group.se, cell.equal_group.low, cell.equal_group.high) == approx(4.612435, 44.968325, 66.781675)
    assert (cell.equal_group.df, cell.equal_group.n_eff, cell.equal_group.deff) == approx(7, 8.888889, 1.0125)
    assert (cell.strict.share, cell.strict.low, cell.strict.high) == approx(0.625, 0.305742, 0.863156)
    assert (cell.broad.share, cell.broad.low, cell.broad.high) == approx(0.875, 0.529112, 0.977583)
    assert (cell.already_here.count, cell.already_here.n) == (1, 9)
    assert (cell.dont_know.count, cell.dont_know.n) == (0, 9)
    assert cell.verdicts == (1, 4, 2, 1, 1, 0, 0)
    assert cell.n_by_group == (5, 3, 1, 0, 0, 0, 0)
    assert cell.missing_groups == tuple(GROUPS.index(group) for group in ("FIN", "INT", "CIV", "OTH"))
    assert cell.n_by_mode == (9, 0)


def test_margins_of_the_golden_cell_are_the_golden_cell():
    found = results(golden_dataset(), threshold=3)

    inner = found.cell(VOUCHER, SOUTH)
    for place in ((VOUCHER, None), (None, SOUTH), (None, None)):
        margin = found.cell(*place)
        assert (margin.practice, margin.region) == place
        assert (margin.mean, margin.ci_low, margin.equal_group, margin.strict) == (
            inner.mean,
            inner.ci_low,
            inner.equal_group,
            inner.strict,
        )


def test_a_cell_without_answers_exists_and_says_nothing():
    cell = results(golden_dataset(), threshold=3).cell(SEED_FUND, NORTH)

    assert (cell.practice, cell.region, cell.n, cell.n_evaluations, cell.n_routed) == (SEED_FUND, NORTH, 0, 0, 0)
    figures = (cell.mean, cell.sd, cell.ci_low, cell.ci_high, cell.median, cell.q1, cell.q3, cell.equal_group)
    assert figures == (None,) * 8
    assert (cell.strict, cell.broad, cell.already_here, cell.dont_know, cell.blocker) == (None,) * 5
    assert (cell.basis, cell.shown, cell.is_home) == (RS10, False, False)
    assert (cell.n_by_group, cell.n_by_mode, cell.verdicts) == ((0,) * 7, (0, 0), (0,) * 7)
    assert cell.missing_groups == tuple(range(7))


def test_a_dataset_without_evaluations_has_all_cells():
    found = results(make_dataset(), threshold=3)

    assert [(cell.practice, cell.region) for cell in found.cells] == list(product((*range(3), None), (*range(2), None)))
    assert {cell.n for cell in found.cells} == {0}


def test_a_dataset_without_practices_and_regions_has_one_cell():
    found = results(make_dataset(practices=(), regions=()), threshold=3)

    assert [(cell.practice, cell.region, cell.n) for cell in found.cells] == [(None, None, 0)]


def test_home_cells_are_flagged_and_margins_are_not():
    found = results(golden_dataset(), threshold=3)

    home = [(cell.practice, cell.region) for cell in found.cells if cell.is_home]
    assert {cell.is_home for cell in found.cells} == {True, False}
    assert home == [(VOUCHER, NORTH)]
    assert found.cell(VOUCHER, NORTH).is_home_not_asked
    assert not found.cell(VOUCHER, SOUTH).is_home_not_asked


def test_a_home_cell_with_answers_shows_them():
    dataset = make_dataset([(number, VOUCHER, full(20)) for number in range(3)], interviews=people(3, region=NORTH))

    found = results(dataset, threshold=3)

    cell = found.cell(VOUCHER, NORTH)
    assert cell.is_home
    assert not cell.is_home_not_asked
    assert found.instead(cell) is None


def test_one_short_interview_puts_its_whole_cell_on_rs5_and_no_other():
    interviews = [*people(2), make_interview("short", variant="rq5", mode=Mode.PHONE)]
    evaluations = [
        (0, VOUCHER, full(30)),
        (1, VOUCHER, full(31)),
        (2, VOUCHER, make_codes(SHORT_ANSWERS, variant="rq5")),
        (0, SEED_FUND, full(31)),
    ]

    found = results(make_dataset(evaluations, interviews=interviews), threshold=3)

    mixed, long = found.cell(VOUCHER, SOUTH), found.cell(SEED_FUND, SOUTH)
    assert (mixed.basis, mixed.n, mixed.n_by_mode) == (RS5, 3, (2, 1))
    # 31 points put the extra point on NEED: RS10 77.5, RS5 80.
    assert mixed.mean == pytest.approx((75 + 80 + 60) / 3)
    assert (long.basis, long.mean) == (RS10, 77.5)
    assert found.cell(None, SOUTH).basis == found.cell(VOUCHER, None).basis == found.cell(None, None).basis == RS5
    assert found.cell(SEED_FUND, None).basis == RS10


def test_a_short_interview_without_a_valid_score_still_decides_the_basis():
    interviews = [make_interview("long"), make_interview("short", variant="rq5")]
    unknown = make_codes(SHORT_ANSWERS | {"NEED": DONT_KNOW, "FIT": DONT_KNOW, "LEAD": DONT_KNOW}, variant="rq5")

    cell = results(
        make_dataset([(0, VOUCHER, full(31)), (1, VOUCHER, unknown)], interviews=interviews), threshold=3
    ).cell(VOUCHER, SOUTH)

    assert (cell.basis, cell.n, cell.n_evaluations, cell.mean) == (RS5, 1, 2, 80.0)


def test_what_exists_here_is_counted_as_routed_and_already_here_but_has_no_score():
    routed = make_codes({"FAM": 2, "EXIST": 1, "EXWORK": 4})

    cell = results(
        make_dataset([(0, VOUCHER, routed), (1, VOUCHER, full(20))], interviews=people(2)), threshold=3
    ).cell(VOUCHER, SOUTH)

    assert (cell.n_evaluations, cell.n_routed, cell.n) == (2, 1, 1)
    assert (cell.already_here.count, cell.already_here.n) == (1, 2)
    assert cell.strict.n == 1


def test_shares_have_the_denominators_of_the_method():
    verdicts = (1, 2, 2, 3, 4, 4, 4, 5, 5, DONT_KNOW, REFUSED)
    evaluations = [(number, VOUCHER, full(20, verdict=verdict)) for number, verdict in enumerate(verdicts)]

    cell = results(make_dataset(evaluations, interviews=people(11)), threshold=3).cell(VOUCHER, SOUTH)

    found = [(share.count, share.n) for share in (cell.strict, cell.broad, cell.already_here, cell.dont_know)]
    assert found == [(3, 7), (4, 7), (2, 9), (1, 10)]
    assert cell.verdicts == (1, 2, 1, 3, 2, 1, 1)


def test_blockers_are_counted_among_those_who_rated_an_obstacle():
    columns = instrument().columns
    rows = []
    for cost, legal in ((5, 1), (1, 5), (2, DONT_KNOW), (DONT_KNOW, REFUSED)):
        row = full(20)
        row[columns.index("COST")], row[columns.index("LEGAL")] = cost, legal
        rows.append(row)
    evaluations = [(number, VOUCHER, row) for number, row in enumerate(rows)]

    cell = results(make_dataset(evaluations, interviews=people(4)), threshold=3).cell(VOUCHER, SOUTH)

    assert (cell.blocker.count, cell.blocker.n) == (2, 3)


@pytest.mark.parametrize(("threshold", "shown", "words"), [(8, True, None), (9, True, None), (10, False, "n<10")])
def test_the_threshold_hides_and_changes_no_figure(threshold, shown, words):
    found = results(golden_dataset(), threshold=threshold)

    cell = found.cell(VOUCHER, SOUTH)
    assert (cell.shown, found.instead(cell)) == (shown, words)
    assert cell.mean == results(golden_dataset(), threshold=3).cell(VOUCHER, SOUTH).mean
    assert found.threshold == threshold


def test_words_in_place_of_a_figure():
    found = results(golden_dataset(), threshold=3)

    assert found.instead(found.cell(VOUCHER, NORTH)) == HOME_NOT_ASKED == "home, not asked"
    assert found.instead(found.cell(SEED_FUND, SOUTH)) == "n<3"
    assert found.instead(found.cell(VOUCHER, SOUTH)) is None
    assert found.instead(found.cell(VOUCHER, SOUTH), 2) == "n<3"
    assert found.instead(found.cell(VOUCHER, SOUTH), 0) == "n<3"
    assert found.instead(found.cell(VOUCHER, SOUTH), 3) is None


@pytest.mark.parametrize(("n", "threshold", "words"), [(2, 3, "n<3"), (3, 3, None), (0, 5, "n<5"), (9, 10, "n<10")])
def test_suppressed_text_names_the_threshold(n, threshold, words):
    assert suppressed(n, threshold) == words


@pytest.mark.parametrize(("practice", "region"), [(3, 0), (-1, 0), (0, 2), (0, -1), (None, 2)])
def test_a_place_outside_is_refused(practice, region):
    with pytest.raises(IndexError, match="there is no number"):
        results(golden_dataset(), threshold=3).cell(practice, region)


def test_scores_of_each_evaluation_come_along():
    found = results(golden_dataset(), threshold=3)

    assert found.scores.rs10.tolist() == [60, 72.5, 55, 80, 47.5, 40, 52.5, 35, 67.5]


def test_rows_in_another_order_give_the_same_results():
    dataset = random_dataset(400, seed=5)
    order = np.random.default_rng(3).permutation(len(dataset))
    shuffled = make_dataset(
        practices=dataset.practices,
        regions=dataset.regions,
        interviews=dataset.interviews,
        codes=dataset.codes[order],
        practice=dataset.practice[order],
        interview=dataset.interview[order],
        texts=({},) * len(dataset),
    )

    assert results(shuffled, threshold=3).cells == results(dataset, threshold=3).cells


item_codes = st.sampled_from([1, 2, 3, 4, 5, 77, 88, 99, -3, NOT_ANSWERED])
evaluation_answers = st.fixed_dictionaries(
    {
        "EXIST": st.sampled_from([1, 2, 3, 77, 88]),
        "VERDICT": st.sampled_from([1, 2, 3, 4, 5, 77, 88, -3]),
        **dict.fromkeys(ITEMS, item_codes),
    }
)


@st.composite
def answered(draw):
    interviews = draw(
        st.lists(
            st.builds(
                lambda region, group, mode, variant: {
                    "region": region,
                    "group": group,
                    "mode": mode,
                    "variant": variant,
                },
                st.integers(0, len(REGIONS) - 1),
                st.integers(0, 3),
                st.sampled_from(Mode),
                st.sampled_from(["rq10", "rq10", "rq10", "rq5"]),
            ),
            max_size=12,
        )
    )
    made = [make_interview(f"interview-{number}", **changes) for number, changes in enumerate(interviews)]
    evaluations = []
    for number, interview in enumerate(made):
        evaluations += [
            (number, practice, make_codes(draw(evaluation_answers), variant=interview.variant))
            for practice in draw(st.sets(st.integers(0, len(PRACTICES) - 1)))
        ]
    return made, evaluations


@settings(max_examples=60)
@given(answered())
def test_every_cell_equals_a_plain_recomputation(interviews_and_evaluations):
    interviews, evaluations = interviews_and_evaluations
    dataset = make_dataset(evaluations, interviews=interviews)

    found = results(dataset, threshold=3)

    for cell in found.cells:
        # No figure is negative, so -1 can stand for "none" where only numbers can be compared.
        found_here, expected = (
            {name: -1 if value is None else value for name, value in part.items()}
            for part in (figures(cell), recomputed(dataset, cell.practice, cell.region))
        )
        assert found_here == pytest.approx(expected, rel=1e-12, abs=1e-12)


def figures(cell):
    shares = {
        name: None if getattr(cell, name) is None else (getattr(cell, name).count, getattr(cell, name).n)
        for name in ("strict", "broad", "already_here", "dont_know", "blocker")
    }
    flat = {f"{name} {part}": value[part] if value else None for name, value in shares.items() for part in (0, 1)}
    return flat | {
        "n_evaluations": cell.n_evaluations,
        "n": cell.n,
        "n_routed": cell.n_routed,
        "is RS5": cell.basis == RS5,
        "mean": cell.mean,
        "sd": cell.sd,
        "has interval": cell.ci_low is not None and cell.ci_high is not None,
        "median": cell.median,
        "equal groups": cell.equal_group.mean if cell.equal_group else None,
        "shown": cell.shown,
        **{f"group {position}": n for position, n in enumerate(cell.n_by_group)},
        **{f"mode {position}": n for position, n in enumerate(cell.n_by_mode)},
        **{f"verdict {code}": n for code, n in zip(VERDICT_CODES, cell.verdicts, strict=True)},
    }


def recomputed(dataset, practice, region):
    """One cell by plain loops over single evaluations."""
    rows = []
    for codes, judged, position in zip(dataset.codes, dataset.practice, dataset.interview, strict=True):
        interview = dataset.interviews[position]
        if practice in (None, judged) and region in (None, interview.region):
            row = dict(zip(dataset.instrument.columns, codes.tolist(), strict=True))
            rows.append((row, interview))
    is_short = any(interview.variant == "rq5" for _, interview in rows)
    scored = [(score(dataset.instrument, RS5 if is_short else RS10, row).value, interview) for row, interview in rows]
    valid = [(value, interview) for value, interview in scored if value is not None]
    values = [value for value, _ in valid]
    verdicts = [row["VERDICT"] for row, _ in rows]
    rated = [
        (row["COST"], row["LEGAL"]) for row, _ in rows if row["COST"] in range(1, 6) or row["LEGAL"] in range(1, 6)
    ]
    said = {code: verdicts.count(code) for code in VERDICT_CODES}
    judged = sum(said[code] for code in (1, 2, 3, 4))
    shares = {
        "strict": (said[1] + said[2], judged),
        "broad": (said[1] + said[2] + said[3], judged),
        "already_here": (said[5], judged + said[5]),
        "dont_know": (said[88], judged + said[5] + said[88]),
        "blocker": (sum(5 in pair for pair in rated), len(rated)),
    }
    flat = {f"{name} {part}": pair[part] if pair[1] else None for name, pair in shares.items() for part in (0, 1)}
    equal = equal_group_mean(np.array(values), np.array([interview.group for _, interview in valid], np.int32))
    spread = statistics.stdev(values) if len(set(values)) > 1 else 0.0
    return flat | {
        "n_evaluations": len(rows),
        "n": len(valid),
        "n_routed": sum(row["EXIST"] == 1 for row, _ in rows),
        "is RS5": is_short,
        "mean": math.fsum(values) / len(values) if values else None,
        "sd": spread if len(values) > 1 else None,
        "has interval": spread > 0,
        "median": statistics.median(values) if values else None,
        "equal groups": equal.mean if equal else None,
        "shown": len(valid) >= 3,
        **{f"group {n}": sum(interview.group == n for _, interview in valid) for n in range(len(GROUPS))},
        **{f"mode {n}": sum(interview.mode == mode for _, interview in valid) for n, mode in enumerate(MODES)},
        **{f"verdict {code}": n for code, n in said.items()},
    }


@pytest.mark.parametrize("size", [0, 1, 7, 500])
def test_cells_add_up_to_their_margins(size):
    found = results(random_dataset(size), threshold=3)

    practices, regions = range(found.n_practices), range(found.n_regions)
    for practice in practices:
        row = [found.cell(practice, region) for region in regions]
        margin = found.cell(practice, None)
        assert sum(cell.n_evaluations for cell in row) == margin.n_evaluations
        assert tuple(map(sum, zip(*(cell.verdicts for cell in row), strict=True))) == margin.verdicts
    for region in regions:
        assert sum(found.cell(practice, region).n_evaluations for practice in practices) == (
            found.cell(None, region).n_evaluations
        )
    assert found.cell(None, None).n_evaluations == size


def test_a_share_keeps_its_counts():
    cell = results(golden_dataset(), threshold=3).cell(VOUCHER, SOUTH)

    assert isinstance(cell.strict, Share)
    assert (cell.strict.count, cell.strict.n) == (5, 8)


def test_a_practice_may_be_at_home_in_several_regions():
    dataset = make_dataset(
        regions=(make_region("north", home_practices=("voucher",)), make_region("south", home_practices=("voucher",)))
    )

    found = results(dataset, threshold=3)

    assert [found.cell(VOUCHER, region).is_home for region in range(2)] == [True, True]
