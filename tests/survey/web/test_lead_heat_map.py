from dataclasses import replace

import pytest
from datasets import (
    answers_with_score,
    golden_dataset,
    make_codes,
    make_dataset,
    make_interview,
    make_practice,
    make_region,
    random_dataset,
)

from exports import results
from instruments import Mode
from survey.web.lead.heat_map import (
    CellWords,
    Choice,
    Heading,
    Option,
    Order,
    ShareWords,
    State,
    every_cell,
    heat_map,
    read_choice,
)

EVERYTHING = Choice(category=None, region=None, order=Order.SCORE)


def page_of(dataset, **choice):
    return heat_map(dataset, results(dataset, threshold=3), replace(EVERYTHING, **choice))


def dataset_with(scores_by_practice, *, practices=None):
    """Practices with a list of scores each, all in the second region. A score is a multiple of 2.5."""
    practices = practices or [make_practice(key) for key in scores_by_practice]
    home = tuple(practice.id for practice in practices if practice.id == "voucher")
    n_people = max(len(scores) for scores in scores_by_practice.values())
    return make_dataset(
        [
            (person, position, make_codes(answers_with_score(round(score / 2.5))))
            for position, scores in enumerate(scores_by_practice.values())
            for person, score in enumerate(scores)
        ],
        interviews=[make_interview(f"interview-{person}") for person in range(n_people)],
        practices=tuple(practices),
        regions=(make_region("north", home_practices=home), make_region("south")),
    )


def titles(page):
    return [row.title for row in page.rows]


def test_the_golden_cell_is_printed_with_its_interval_and_shares():
    page = page_of(golden_dataset())

    cell = page.rows[0].cells[2]

    # Method 3.5: nine people, mean 56.67, interval 45.22 to 68.12, median 55; verdicts 1:1, 2:4, 3:2, 4:1, 5:1.
    assert cell == CellWords(
        practice="Voucher",
        region="South",
        n=9,
        n_evaluations=9,
        basis="RS10",
        instead=None,
        state=None,
        score="57",
        step=5,
        interval=("45", "68"),
        median="55",
        strict=ShareWords("63", "31", "86", 5, 8),
        broad=ShareWords("88", "53", "98", 7, 8),
        dont_know=ShareWords("0", "0", "30", 0, 9),
        already_here=ShareWords("11", "2", "43", 1, 9),
        hidden={},
    )


def test_the_margins_come_first_in_each_row_and_in_the_row_over_all_practices():
    page = page_of(golden_dataset())

    assert [(cell.practice, cell.region) for cell in page.total.cells] == [
        (None, None),
        (None, "North"),
        (None, "South"),
    ]
    assert [(cell.practice, cell.region) for cell in page.rows[0].cells] == [
        ("Voucher", None),
        ("Voucher", "North"),
        ("Voucher", "South"),
    ]
    assert page.total.cells[0].score == "57"


def test_a_cell_of_two_people_shows_no_figure_at_all():
    page = page_of(dataset_with({"voucher": [50, 60]}))

    cell = page.rows[0].cells[2]

    assert (cell.n, cell.state, cell.instead) == (2, State.FEW, "n<3")
    assert (cell.score, cell.step, cell.interval, cell.median) == (None, None, None, None)
    assert (cell.strict, cell.broad, cell.dont_know, cell.already_here) == (None, None, None, None)
    assert set(cell.hidden.values()) == {"n<3"}


def test_a_home_region_says_so():
    dataset = make_dataset()

    page = page_of(dataset)

    home = next(row for row in page.rows if row.title == "Voucher").cells[1]
    assert (home.region, home.state, home.instead) == ("North", State.HOME, "home, not asked")


def test_a_share_that_rests_on_too_few_is_hidden_although_the_score_is_shown():
    # Three scores; one of the three did not answer the verdict, so the shares rest on two.
    codes = [make_codes(answers_with_score(20)) for _ in range(2)] + [
        make_codes(answers_with_score(20) | {"VERDICT": 77})
    ]
    dataset = make_dataset(
        [(person, 0, row) for person, row in enumerate(codes)],
        interviews=[make_interview(f"interview-{person}") for person in range(3)],
    )

    cell = page_of(dataset).rows[0].cells[2]

    assert cell.score == "50"
    assert cell.interval is None
    assert cell.strict is None
    assert cell.hidden["strict"] == "n<3"


def test_a_share_of_nobody_is_hidden_like_one_of_too_few():
    codes = [make_codes(answers_with_score(20) | {"VERDICT": 77})] * 3
    dataset = make_dataset(
        [(person, 0, row) for person, row in enumerate(codes)],
        interviews=[make_interview(f"interview-{person}") for person in range(3)],
    )

    cell = page_of(dataset).rows[0].cells[2]

    assert cell.strict is None
    assert cell.hidden["strict"] == "n<3"


def test_practices_stand_by_score_and_hidden_scores_come_last_by_title():
    page = page_of(
        dataset_with({"low": [20, 30, 40], "zulu": [100, 100], "high": [80, 80, 90], "alpha": [0, 0], "mid": [50] * 3})
    )

    assert titles(page) == ["High", "Mid", "Low", "Alpha", "Zulu"]


def test_equal_scores_stand_by_title():
    page = page_of(dataset_with({"b": [50] * 3, "a": [50] * 3}))

    assert titles(page) == ["A", "B"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.TITLE, ["Alpha", "Beta", "Gamma"]),
        (Order.PEOPLE, ["Gamma", "Alpha", "Beta"]),
        (Order.CATEGORY, ["Beta", "Gamma", "Alpha"]),
    ],
)
def test_other_orders(order, expected):
    practices = [
        make_practice("gamma", category="one", category_name="A first category"),
        make_practice("beta", category="one", category_name="A first category"),
        make_practice("alpha", category="two", category_name="b second category"),
    ]
    dataset = dataset_with({"gamma": [50] * 4, "beta": [50] * 3, "alpha": [50] * 3}, practices=practices)

    assert titles(page_of(dataset, order=order)) == expected


def test_a_category_leaves_its_practices_only_and_all_practices_stay_all():
    practices = [make_practice("gamma", category="one"), make_practice("beta", category="two")]
    dataset = dataset_with({"gamma": [50] * 4, "beta": [100] * 3}, practices=practices)

    page = page_of(dataset, category="two")

    assert titles(page) == ["Beta"]
    assert page.total.cells[0].n == 7
    assert page.n_practices == 2
    assert page.is_filtered


def test_a_region_leaves_its_column_beside_all_regions_and_decides_the_order():
    dataset = random_dataset(600, practices=4, regions=3)

    page = page_of(dataset, region=2)

    assert page.regions == (Heading("Region-02", ""),)
    assert all(len(row.cells) == 2 for row in page.rows)
    found = results(dataset, threshold=3)
    means = {
        dataset.practices[practice].title: found.cell(practice, 2).mean for practice in range(len(dataset.practices))
    }
    assert titles(page) == sorted(means, key=means.__getitem__, reverse=True)


def test_cells_are_counted_without_margins():
    dataset = dataset_with({"voucher": [50, 60], "fund": [50, 60, 70]})

    page = page_of(dataset)

    # Two practices in two regions; the voucher comes from the first region.
    assert (page.n_shown, page.n_few, page.n_home) == (1, 2, 1)
    assert (page.n_interviews, page.n_evaluations) == (3, 5)


def test_a_cell_with_a_short_interview_rests_on_five_criteria():
    short = {
        key: code for key, code in answers_with_score(20).items() if key not in {"EFF", "ACC", "PART", "SUST", "LEGAL"}
    }
    dataset = make_dataset(
        [
            (0, 0, make_codes(answers_with_score(20))),
            (1, 0, make_codes(answers_with_score(20))),
            (2, 0, make_codes(short, variant="rq5")),
            (0, 1, make_codes(answers_with_score(20))),
            (1, 1, make_codes(answers_with_score(20))),
            (3, 1, make_codes(answers_with_score(20))),
        ],
        interviews=[
            make_interview("a"),
            make_interview("b"),
            make_interview("c", mode=Mode.PHONE, variant="rq5"),
            make_interview("d"),
        ],
    )

    page = page_of(dataset, order=Order.TITLE)

    by_title = {row.title: row.cells[2] for row in page.rows}
    assert by_title["Voucher"].is_short
    assert not by_title["Seed fund"].is_short
    assert (page.has_short, page.has_long) == (True, True)


def test_every_cell_stands_in_the_plain_table_once():
    page = page_of(random_dataset(600, practices=4, regions=3))

    cells = list(every_cell(page))

    assert len(cells) == (4 + 1) * (3 + 1)
    assert len({(cell.practice, cell.region) for cell in cells}) == len(cells)
    assert cells[0].practice is None


def test_a_study_without_practices_and_regions_has_an_empty_map():
    dataset = make_dataset(practices=(), regions=())

    page = page_of(dataset)

    assert page.rows == ()
    assert page.regions == ()
    assert [cell.n for cell in page.total.cells] == [0]


def test_choices_are_read_from_an_address():
    dataset = make_dataset()

    choice = read_choice({"category": "support", "region": "south", "sort": "title"}, dataset)

    assert choice == Choice(category="support", region=1, order=Order.TITLE)


@pytest.mark.parametrize(
    "asked", [{}, {"category": "", "region": "", "sort": ""}, {"category": "x", "region": "-1", "sort": "score; DROP"}]
)
def test_what_is_not_understood_is_as_if_it_were_not_there(asked):
    assert read_choice(asked, make_dataset()) == EVERYTHING


def test_lists_to_choose_from_name_every_category_once_and_all_regions():
    practices = [
        make_practice("c", category="z", category_name="Zeta"),
        make_practice("b", category="a", category_name="alpha"),
        make_practice("a", category="z", category_name="Zeta"),
    ]

    page = page_of(dataset_with({"c": [50], "b": [50], "a": [50]}, practices=practices), category="a")

    assert page.categories == (Option("a", "alpha"), Option("z", "Zeta"))
    assert page.all_regions == (Option("north", "North"), Option("south", "South"))


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("Lombardy (Milan)", Heading("Lombardy", "Milan")),
        ("Essonne (Évry, Paris region)", Heading("Essonne", "Évry, Paris region")),
        ("Dundee and Tayside", Heading("Dundee and Tayside", "")),
        ("A (b) c", Heading("A (b) c", "")),
    ],
)
def test_a_place_in_brackets_stands_below_the_name(name, heading):
    assert Heading.of(name) == heading
