"""What each sheet contains, by edition."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError

import pytest
from datasets import (
    ITEMS,
    answers_with_score,
    golden_dataset,
    instrument,
    make_codes,
    make_dataset,
    make_interview,
    make_practice,
    make_region,
    make_study,
    random_dataset,
)

from exports import (
    HOME_NOT_ASKED,
    PERCEIVED,
    Column,
    ColumnType,
    Edition,
    Table,
    build_tables,
    clipped,
    provenance,
    results,
    simulated_warning,
)
from exports.about_tables import Check, checks, checks_table
from exports.codebook import asked_if, codebook, label_of
from exports.method import FIXED_RULES, SIMULATION
from exports.provenance import SIMULATED
from exports.provenance import version as installed_version
from exports.result_tables import ALL, Shown
from exports.tables import number, share, text, whole
from instruments import DONT_KNOW, NOT_ANSWERED, REFUSED, Mode

VOUCHER, SEED_FUND, INCUBATOR = range(3)
SHORT_ANSWERS = {"FAM": 1, "EXIST": 3, "NEED": 5, "FIT": 4, "LEAD": 2, "SKILL": 4, "COST": 4, "VERDICT": 1}
INTERNAL, PARTNER, PUBLIC = Edition.INTERNAL, Edition.PARTNER, Edition.PUBLIC


def full(points, *, verdict=1):
    return make_codes(answers_with_score(points, verdict=verdict))


def judged(rows, **changes):
    """One interview for each (practice, code row)."""
    interviews = [make_interview(f"interview-{number}") for number in range(len(rows))]
    evaluations = [(number, practice, row) for number, (practice, row) in enumerate(rows)]
    return make_dataset(evaluations, **({"interviews": interviews} | changes))


def row_of(table, practice_id, region_id):
    keys = [column.key for column in table.columns]
    for row in table.rows:
        named = dict(zip(keys, row, strict=True))
        if (named["practice_id"], named["region_id"]) == (practice_id, region_id):
            return named
    raise AssertionError


def facts_of(dataset, edition=INTERNAL):
    return {fact.key: fact.value for fact in build_tables(dataset, edition=edition).facts}


# Tables as such


def test_a_column_is_found_by_its_key():
    table = Table("T", "t", (text("a", "A", 5), whole("b", "B")), (("x", 1), ("y", 2)))

    assert table.column("b") == (1, 2)
    with pytest.raises(KeyError, match="c"):
        table.column("c")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (text("k", "H", 5), Column("k", "H", ColumnType.TEXT, "@", 5)),
        (whole("k", "H"), Column("k", "H", ColumnType.INTEGER, "0", 9)),
        (number("k", "H"), Column("k", "H", ColumnType.NUMBER, "0.0", 9)),
        (number("k", "H", form="0.00"), Column("k", "H", ColumnType.NUMBER, "0.00", 9)),
        (share("k", "H"), Column("k", "H", ColumnType.SHARE, "0%", 9)),
    ],
)
def test_columns_have_the_format_of_their_type(column, expected):
    assert column == expected


@pytest.mark.parametrize("edition", Edition)
@pytest.mark.parametrize("dataset", [make_dataset(), golden_dataset(), random_dataset(200)])
def test_every_table_is_a_rectangle_with_distinct_keys_and_a_sheet_name(dataset, edition):
    tables = build_tables(dataset, edition=edition).all

    assert len({table.name for table in tables}) == len(tables)
    for table in tables:
        assert 0 < len(table.name) <= 31
        assert table.title
        assert {len(row) for row in table.rows} <= {len(table.columns)}
        assert len({column.key for column in table.columns}) == len(table.columns)
        assert all(column.heading and column.width > 0 for column in table.columns)


@pytest.mark.parametrize("dataset", [golden_dataset(), random_dataset(200)])
def test_values_have_the_type_of_their_column_or_say_why_not(dataset):
    wanted = {ColumnType.TEXT: (str, int), ColumnType.INTEGER: int, ColumnType.NUMBER: (int, float)}
    wanted |= {ColumnType.SHARE: float, ColumnType.TRUTH: bool}
    words = {"n<3", HOME_NOT_ASKED}

    for table in build_tables(dataset).all:
        if table.name != "Read me":
            for column in table.columns:
                for value in table.column(column.key):
                    assert value is None or value in words or isinstance(value, wanted[column.type])


def test_the_internal_edition_has_all_sheets_in_their_order():
    assert [table.name for table in build_tables(golden_dataset()).all] == [
        "Read me",
        "Summary scores",
        "Summary verdicts",
        "Heat map",
        "Heat map n",
        "Practice scores",
        "Ratings",
        "Codebook",
        "Method",
        "Checks",
    ]


# Heat maps


def test_the_heat_map_has_means_words_and_margins():
    table = build_tables(golden_dataset()).heat_map

    mean = pytest.approx(56.666667, abs=5e-7)
    assert [column.heading for column in table.columns] == ["Practice", "North", "South", "All regions"]
    assert [column.key for column in table.columns] == ["practice", "north", "south", ALL]
    assert table.rows == (
        ("Voucher", HOME_NOT_ASKED, mean, mean),
        ("Seed fund", "n<3", "n<3", "n<3"),
        ("Incubator", "n<3", "n<3", "n<3"),
        ("All practices", "n<3", mean, mean),
    )
    assert "n<3: fewer than 3 valid scores." in table.notes


def test_the_second_heat_map_has_the_same_grid_and_counts():
    tables = build_tables(golden_dataset())

    assert tables.heat_map_n.rows == (
        ("Voucher", HOME_NOT_ASKED, 9, 9),
        ("Seed fund", 0, 0, 0),
        ("Incubator", 0, 0, 0),
        ("All practices", 0, 9, 9),
    )
    assert [column.key for column in tables.heat_map_n.columns] == [column.key for column in tables.heat_map.columns]


def test_the_heat_map_says_how_many_cells_rest_on_the_short_score():
    short = make_interview("short", variant="rq5")
    dataset = judged([(SEED_FUND, make_codes(SHORT_ANSWERS, variant="rq5"))], interviews=[short])
    words = "1 cells hold short interviews of five items: their score is RS5, not RS10."

    assert words in build_tables(dataset).heat_map.notes
    assert not any("RS5" in note for note in build_tables(golden_dataset()).heat_map.notes)


# Practice scores


def test_practice_scores_have_a_row_for_every_cell_and_margin():
    table = build_tables(golden_dataset()).practice_scores

    assert [row[:5] for row in table.rows] == [
        ("voucher", "Voucher", "Business support", "north", "North"),
        ("voucher", "Voucher", "Business support", "south", "South"),
        ("voucher", "Voucher", "Business support", ALL, "All regions"),
        ("seed-fund", "Seed fund", "Business support", "north", "North"),
        ("seed-fund", "Seed fund", "Business support", "south", "South"),
        ("seed-fund", "Seed fund", "Business support", ALL, "All regions"),
        ("incubator", "Incubator", "Business support", "north", "North"),
        ("incubator", "Incubator", "Business support", "south", "South"),
        ("incubator", "Incubator", "Business support", ALL, "All regions"),
        (ALL, "All practices", "", "north", "North"),
        (ALL, "All practices", "", "south", "South"),
        (ALL, "All practices", "", ALL, "All regions"),
    ]


def test_the_golden_cell_has_all_its_figures_in_practice_scores():
    row = row_of(build_tables(golden_dataset()).practice_scores, "voucher", "south")

    shares = {"strict": (0.625, 0.305742, 0.863156, 8), "broad": (0.875, 0.529112, 0.977583, 8)}
    shares |= {"already_here": (1 / 9, 0.019891, 0.435, 9), "dont_know": (0.0, 0.0, 0.299145, 9)}
    shares |= {"blocker": (0.0, 0.0, 0.299145, 9)}
    expected = {
        "n_evaluations": 9,
        "n_valid": 9,
        "n_routed": 0,
        "n_dont_know": 0,
        "n_refused": 0,
        "mean_0_100": 56.666667,
        "ci_low": 45.216996,
        "ci_high": 68.116338,
        "sd": 14.895469,
        "median": 55.0,
        "q1": 47.5,
        "q3": 67.5,
        "iqr": 20.0,
        "equal_group_mean": 55.875,
        "equal_group_ci_low": 44.968325,
        "equal_group_ci_high": 66.781675,
        "equal_group_n_eff": 8.888889,
    }
    for name, values in shares.items():
        keys = (f"{name}_share", f"{name}_ci_low", f"{name}_ci_high", f"{name}_n")
        expected |= dict(zip(keys, values, strict=True))
    assert {key: row[key] for key in expected} == pytest.approx(expected, abs=5e-7)
    words = {key: value for key, value in row.items() if isinstance(value, str)}
    assert words == {
        "practice_id": "voucher",
        "practice": "Voucher",
        "theme": "Business support",
        "region_id": "south",
        "region": "South",
        "score_basis": "RS10",
        "groups_missing": "FIN, INT, CIV, OTH",
        "note": "",
    }
    assert len(row) == len(expected) + len(words)


def test_the_home_cell_says_so_in_practice_scores():
    row = row_of(build_tables(golden_dataset()).practice_scores, "voucher", "north")

    assert (row["mean_0_100"], row["strict_share"], row["note"]) == (HOME_NOT_ASKED,) * 3
    assert (row["n_evaluations"], row["n_valid"], row["groups_missing"]) == (0, 0, "")


def test_an_empty_cell_says_so_in_practice_scores():
    row = row_of(build_tables(golden_dataset()).practice_scores, "seed-fund", "south")

    assert (row["mean_0_100"], row["iqr"], row["equal_group_mean"], row["broad_ci_low"]) == ("n<3",) * 4
    assert (row["strict_n"], row["groups_missing"], row["note"]) == (0, "", "")


def test_each_figure_is_hidden_by_what_it_rests_on():
    rows = [(VOUCHER, full(20, verdict=verdict)) for verdict in (1, 2, 5, DONT_KNOW, REFUSED)]

    row = row_of(build_tables(judged(rows)).practice_scores, "voucher", "south")

    assert (row["mean_0_100"], row["n_valid"]) == (50.0, 5)
    assert (row["strict_share"], row["strict_n"]) == ("n<3", 2)
    assert (row["already_here_share"], row["already_here_n"]) == (pytest.approx(1 / 3), 3)
    assert (row["n_dont_know"], row["n_refused"]) == (1, 1)


def test_notes_tell_why_a_figure_is_missing():
    rows = [(VOUCHER, full(20))] * 3

    note = row_of(build_tables(judged(rows)).practice_scores, "voucher", "south")["note"]

    assert note == "no interval: all scores are equal; no equal-group mean: fewer than two groups"


def test_a_note_tells_that_people_at_home_were_asked():
    interviews = [make_interview(f"interview-{number}", region=0, group=number // 2) for number in range(4)]
    rows = [(VOUCHER, full(20 + number)) for number in range(4)]

    note = row_of(build_tables(judged(rows, interviews=interviews)).practice_scores, "voucher", "north")["note"]

    assert note == "the practice comes from this region"


def test_routed_evaluations_are_counted():
    routed = make_codes({"FAM": 2, "EXIST": 1, "EXWORK": 4})

    row = row_of(build_tables(judged([(VOUCHER, routed), (VOUCHER, full(20))])).practice_scores, "voucher", "south")

    assert (row["n_evaluations"], row["n_valid"], row["n_routed"]) == (2, 1, 1)


# Summary


def test_the_summary_lists_the_best_first_and_what_is_hidden_last():
    rows = [(SEED_FUND, full(points)) for points in (30, 31, 32)]
    rows += [(INCUBATOR, full(points)) for points in (34, 35, 36)]
    rows += [(VOUCHER, full(40))] * 2

    table = build_tables(judged(rows)).summary_scores

    assert [row[:5] for row in table.rows] == [
        ("Incubator", 3, 1, "RS10", 87.5),
        ("Seed fund", 3, 1, "RS10", 77.5),
        ("Voucher", 2, None, None, "n<3"),
    ]


def test_equal_means_and_hidden_practices_are_ordered_by_title():
    dataset = judged(
        [(practice, full(20)) for practice in (3, 3, 3, 0, 0, 0)] + [(1, full(40))],
        practices=tuple(make_practice(key, title=title) for key, title in zip("abcd", "ZYXA", strict=True)),
        regions=(make_region("north"), make_region("south")),
    )

    table = build_tables(dataset).summary_scores

    assert table.column("practice") == ("A", "Z", "X", "Y")


def test_limits_in_the_summary_end_at_0_and_100():
    rows = [(SEED_FUND, full(points)) for points in (0, 20, 40)]

    tables = build_tables(judged(rows))

    assert tables.summary_scores.rows[0][4:7] == (50.0, 0.0, 100.0)
    raw = row_of(tables.practice_scores, "seed-fund", "south")
    assert (raw["ci_low"] < 0, raw["ci_high"] > 100) == (True, True)


@pytest.mark.parametrize(("limit", "drawn"), [(-0.1, 0.0), (0.0, 0.0), (50.5, 50.5), (100.1, 100.0), (None, None)])
def test_a_limit_is_drawn_inside_the_scale(limit, drawn):
    assert clipped(limit) == drawn


def test_a_summary_without_an_interval_leaves_it_empty():
    table = build_tables(judged([(SEED_FUND, full(20))] * 3)).summary_scores

    assert table.rows[0][4:7] == (50.0, None, None)


def test_verdicts_of_a_practice_are_shares_that_add_up_to_1():
    verdicts = (1, 2, 2, 3, 4, 5, DONT_KNOW, DONT_KNOW, REFUSED)

    tables = build_tables(judged([(SEED_FUND, full(20, verdict=verdict)) for verdict in verdicts]))

    row = tables.summary_verdicts.rows[0]
    assert row == ("Seed fund", 8, 1 / 8, 2 / 8, 1 / 8, 1 / 8, 1 / 8, 2 / 8)
    assert tables.summary_verdicts.column("practice") == tables.summary_scores.column("practice")
    assert tables.summary_verdicts.rows[1] == ("Incubator", 0, *["n<3"] * 6)


def test_a_summary_counts_the_regions_that_show_a_figure():
    interviews = [make_interview(f"interview-{number}", region=int(number > 2)) for number in range(5)]

    table = build_tables(judged([(SEED_FUND, full(20))] * 5, interviews=interviews)).summary_scores

    assert table.rows[0][:3] == ("Seed fund", 5, 1)


# Ratings


def test_ratings_have_the_agreed_columns():
    table = build_tables(golden_dataset()).ratings

    assert [column.key for column in table.columns] == [
        "interview_id", "practice_id", "region_id", "group_id", "mode", "instrument_version", *ITEMS,
        "rs10", "rs5", "verdict", "verdict_score", "strict", "broad", "blocker", "dk", "exist", "simulated",
    ]  # fmt: skip
    assert [column.heading for column in table.columns] == [column.key for column in table.columns]


def test_a_rating_has_its_codes_and_scores():
    table = build_tables(golden_dataset()).ratings

    codes = (4, 4, 4, 4, 3, 3, 3, 3, 3, 3)
    expected = ("interview-0", "voucher", "south", "BUS", "web", 1, *codes, 60.0, 60.0)
    assert table.rows[0] == (*expected, 2, pytest.approx(200 / 3), 1, 1, 0, 0, 0, 0)
    assert len(table.rows) == 9


def derived(*rows, **changes):
    """The last ten columns of the ratings of these code rows."""
    return [row[16:] for row in build_tables(judged([(VOUCHER, row) for row in rows], **changes)).ratings.rows]


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (1, (100.0, 1, 1, 0, 0)),
        (3, (pytest.approx(100 / 3), 0, 1, 0, 0)),
        (4, (0.0, 0, 0, 0, 0)),
        (5, (None, None, None, 0, 1)),
        (DONT_KNOW, (None, None, None, 1, None)),
        (REFUSED, (None, None, None, None, None)),
        (NOT_ANSWERED, (None, None, None, None, None)),
    ],
)
def test_what_a_verdict_does_not_say_is_empty(verdict, expected):
    row = derived(full(20, verdict=verdict))[0]

    verdict_score, strict, broad, _blocker, dk, exist = row[3:9]
    assert row[2] == verdict
    assert (verdict_score, strict, broad, dk, exist) == expected


def test_the_means_of_the_flags_are_the_published_shares():
    table = build_tables(random_dataset(600, practices=1, regions=1, short_share=0.0)).ratings
    cell = results(random_dataset(600, practices=1, regions=1, short_share=0.0), threshold=3).cell(0, 0)

    names = {"strict": "strict", "broad": "broad", "blocker": "blocker", "dk": "dont_know", "exist": "already_here"}
    for column, name in names.items():
        flags = [value for value in table.column(column) if value is not None]
        assert (sum(flags), len(flags)) == (getattr(cell, name).count, getattr(cell, name).n)


def test_a_routed_rating_shows_its_codes_and_no_score():
    table = build_tables(judged([(VOUCHER, make_codes({"FAM": 2, "EXIST": 1, "EXWORK": 4}))])).ratings

    assert table.rows[0][6:] == (*(-2,) * 10, None, None, 5, None, None, None, None, 0, 1, 0)


def test_a_short_rating_has_rs5_only():
    row = derived(make_codes(SHORT_ANSWERS, variant="rq5"), interviews=[make_interview(variant="rq5")])[0]

    assert row[:2] == (None, 60.0)


@pytest.mark.parametrize(("interview", "study"), [(True, False), (False, True)])
def test_a_simulated_rating_says_so(interview, study):
    row = derived(full(20), interviews=[make_interview(simulated=interview)], study=make_study(simulated=study))[0]

    assert row[-1] == 1


# Codebook


def test_the_codebook_explains_every_column_of_the_ratings_and_every_coded_column():
    dataset = golden_dataset()
    tables = build_tables(dataset)
    keys = [column.key for column in tables.ratings.columns]

    explained = list(dict.fromkeys(entry.variable for entry in codebook(dataset) if entry.sheet == "Ratings"))
    elsewhere = {entry.variable for entry in codebook(dataset) if entry.sheet == "JSON"}
    assert explained == keys
    assert elsewhere == set(instrument().columns) - set(ITEMS)
    assert tables.codebook.column("variable") == tuple(entry.variable for entry in codebook(dataset))


def codes_of(variable, dataset=None):
    return {
        entry.code: (entry.code_label, entry.is_missing)
        for entry in codebook(dataset or golden_dataset())
        if entry.variable == variable and entry.code is not None
    }


def test_codes_of_an_item_are_explained_answers_first():
    codes = codes_of("COST")

    assert list(codes) == [1, 2, 3, 4, 5, 77, 88, 99, -1, -2, -3, -128]
    assert codes[1] == ("No obstacle", False)
    assert codes[5] == ("It would stop the practice", False)
    assert codes[88] == ("Don't know", True)
    assert codes[-2] == ("Not asked: skipped because of an earlier answer", True)
    assert codes[-128] == ("Not answered", True)


@pytest.mark.parametrize("variable", ["B01", "C7", "E90"])
def test_codes_of_a_tick_are_yes_and_no(variable):
    codes = codes_of(variable)

    assert (codes[0], codes[1]) == (("No", False), ("Yes", False))


def test_lists_of_the_study_are_explained():
    assert codes_of("region_id") == {"north": ("North", False), "south": ("South", False)}
    assert codes_of("practice_id")["seed-fund"] == ("Seed fund", False)
    assert codes_of("group_id")["BUS"] == ("Group BUS", False)
    assert codes_of("mode") == {"web": ("on the web", False), "phone": ("by phone", False)}
    assert codes_of("interview_id") == {}


def entry_of(variable):
    return next(entry for entry in codebook(golden_dataset()) if entry.variable == variable)


@pytest.mark.parametrize(
    ("variable", "label", "kind", "condition", "direction"),
    [
        ("NEED", "Local need", "integer", "EXIST is none of 1", "higher is better"),
        ("COST", "Cost of starting", "integer", "EXIST is none of 1", "higher is worse (reversed in the score)"),
        ("EXWORK", "How well does it work here?", "integer", "EXIST is one of 1", ""),
        ("C1", "What would have to change?: The target group", "integer", "VERDICT is one of 2, 3", ""),
        ("instrument_version", "Version of the questionnaire", "integer", "", ""),
        ("rs5", None, "number", "", ""),
        ("mode", "How the answers were given", "text", "", ""),
    ],
)
def test_a_variable_has_its_label_type_condition_and_direction(variable, label, kind, condition, direction):
    entry = entry_of(variable)

    assert entry.label == label or label is None
    assert (entry.type, entry.asked_if, entry.direction) == (kind, condition, direction)
    assert (entry.code, entry.code_label, entry.is_missing) == (None, "", None)


def test_a_condition_in_words():
    questions = instrument().questions

    assert asked_if(None) == ""
    assert asked_if(questions["CHANGE_TEXT"].show_if) == "C7 is one of 1"
    assert label_of(instrument(), "NEED", questions["NEED"]) == "Local need"


# Read me


def test_the_first_sheet_says_what_it_is():
    dataset = golden_dataset()
    facts = facts_of(dataset)

    assert facts["title"] == "A study for tests"
    assert facts["measured"] == PERCEIVED
    assert facts["catalogue"] == "These practices were invented for tests."
    assert facts["edition"].startswith("internal: for the project team only.")
    assert facts["threshold"] == "K = 3: n<3 stands for fewer than that"
    assert facts["cut_off"] == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert facts["first_submitted"] == facts["last_submitted"] == datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
    assert (facts["evaluations"], facts["scores"], facts["interviews"], facts["interviews_submitted"]) == (9, 9, 9, 9)
    assert (facts["practices"], facts["regions"], facts["languages"]) == (3, 2, "en")
    assert facts["selection"] == "Complete evaluations of people who take part."
    assert "in the JSON export only" in facts["words"]
    assert facts["instrument_digest"] == instrument().digest
    assert facts["sha256"] == provenance(dataset).sha256
    assert facts["revision"] == 7
    assert "simulated" not in facts


def test_the_first_sheet_shows_the_facts_as_rows():
    tables = build_tables(golden_dataset())

    assert tables.read_me.rows == tuple((fact.label, fact.value) for fact in tables.facts)
    assert len({fact.label for fact in tables.facts}) == len(tables.facts)


def test_facts_that_are_unknown_are_left_out():
    dataset = make_dataset(study=make_study(opened_at=None, contact="", catalogue_note=""))

    assert not {"opened_at", "closed_at", "contact", "catalogue", "first_submitted", "languages"} & set(
        facts_of(dataset)
    )
    assert facts_of(dataset)["evaluations"] == 0


def test_interviews_are_counted_by_state_and_language():
    interviews = [
        make_interview("a", state="started", language="it", submitted_at=None),
        make_interview("b"),
        make_interview("c", submitted_at=datetime(2026, 2, 3, tzinfo=UTC)),
    ]

    facts = facts_of(make_dataset(interviews=interviews))

    assert (facts["interviews"], facts["interviews_started"], facts["interviews_submitted"]) == (3, 1, 2)
    assert facts["languages"] == "en, it"
    assert facts["last_submitted"] == datetime(2026, 2, 3, tzinfo=UTC)


def test_simulated_data_are_called_so_everywhere():
    dataset = judged([(VOUCHER, full(20))], study=make_study(simulated=True))
    tables = build_tables(dataset)

    assert facts_of(dataset)["simulated"] == SIMULATED == simulated_warning(dataset)
    assert ("Simulated", f"{SIMULATED} {SIMULATION}") in tables.method.rows


def test_partly_simulated_data_say_how_many():
    dataset = make_dataset(interviews=[make_interview("a", simulated=True), make_interview("b"), make_interview("c")])

    assert simulated_warning(dataset) == f"{SIMULATED} (1 of 3 interviews are simulated.)"


def test_real_data_carry_no_warning():
    assert simulated_warning(golden_dataset()) is None
    assert not [section for section, _ in build_tables(golden_dataset()).method.rows if section == "Simulated"]


def test_a_simulated_study_without_interviews_is_called_so():
    assert simulated_warning(make_dataset(study=make_study(simulated=True))) == SIMULATED


def test_a_checkout_that_was_not_installed_says_so(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(sys.modules["exports.provenance"], "version", missing)

    assert provenance(golden_dataset()).program_version == "not installed"


def test_the_origin_names_data_questionnaire_and_program():
    origin = provenance(golden_dataset())

    assert (origin.instrument, origin.scoring_version, origin.revision) == ("replicability v1", "1", 7)
    assert origin.translations_version == instrument().translations_version
    assert origin.program_version == installed_version("replicability-survey")
    assert origin.selection == "Complete evaluations of people who take part."


# Method


def sections(dataset, edition=INTERNAL):
    found = {}
    for section, paragraph in build_tables(dataset, edition=edition).method.rows:
        found.setdefault(section, []).append(paragraph)
    return found


def test_the_method_has_every_rule():
    found = sections(golden_dataset())

    assert found["What is measured"] == [PERCEIVED]
    assert found["The practices"] == ["These practices were invented for tests."]
    assert found["What counts"] == ["Complete evaluations of people who take part."]
    assert "for obstacles (COST, LEGAL) it is 100 minus that" in found["Item score"][0]
    assert "Weights w: all 1. RS10: NEED, FIT, EFF" in found["Rating score (RS)"][0]
    assert found["When a score is valid"][0].startswith("RS10 needs at least 5 answered items, RS5 at least 3, and the")
    assert {section: [paragraph] for section, paragraph in FIXED_RULES}.items() <= found.items()
    assert found["Small numbers"] == [
        (
            "K = 3 in this edition: a figure that rests on fewer than 3 answers reads n<3. This hides display only: "
            "'Ratings' has every row, so the file stays inside the project team."
        )
    ]


def test_the_method_names_weights_that_are_not_1():
    scoring = replace(instrument().scoring, weights={"NEED": 2.0, "COST": 0.5})
    weighted = replace(golden_dataset(), instrument=replace(instrument(), scoring=scoring))

    assert "Weights w: COST 0.5, NEED 2, all others 1." in sections(weighted)["Rating score (RS)"][0]


def test_the_method_without_a_note_on_the_catalogue_has_no_empty_paragraph():
    dataset = make_dataset(study=make_study(catalogue_note=""))

    assert "The practices" not in sections(dataset)


def test_the_method_has_the_wording_of_every_question_in_the_figures():
    questions = sections(golden_dataset())["Question"]

    assert [question.split(".")[0] for question in questions] == [*ITEMS, "VERDICT", "EXIST"]
    cost = questions[ITEMS.index("COST")]
    assert "[web rq10, web rq5] How big an obstacle would the cost of starting it be in {region}?" in cost
    assert "[phone rq10] Now two questions about obstacles." in cost
    assert "[phone rq5] Now a question about obstacles." in cost
    assert cost.endswith("; 3 A medium obstacle; 4 A big obstacle; 5 It would stop the practice.")
    legal = questions[ITEMS.index("LEGAL")]
    assert "[web rq10] " in legal
    assert "rq5" not in legal
    assert questions[ITEMS.index("EFF")].startswith("EFF. [web rq10, phone rq10] If it was done well")


def test_the_method_names_all_versions():
    versions = " ".join(sections(golden_dataset())["Versions"])
    origin = provenance(golden_dataset())

    for part in (origin.instrument_digest, origin.sha256, origin.translations_version, "Scoring rules, version 1."):
        assert part in versions
    assert "revision 7" in versions


# Checks


def test_all_checks_of_a_good_dataset_hold():
    found = build_tables(random_dataset(300)).checks_made

    assert all(check.is_ok for check in found)
    assert [check.key for check in found] == [
        "evaluations_cells",
        "evaluations_practice_margins",
        "evaluations_region_margins",
        "evaluations_total",
        "groups_add_up",
        "modes_add_up",
        "practice_scores_rows",
        "ratings_rows",
        "ratings_unique",
        "ratings_scores",
        "ratings_mean",
        "ratings_strict",
        "ratings_exist",
    ]


def test_checks_of_the_golden_cell_have_its_numbers():
    found = {check.key: check.found for check in build_tables(golden_dataset()).checks_made}

    assert found == pytest.approx(
        {
            "evaluations_cells": 9,
            "evaluations_practice_margins": 9,
            "evaluations_region_margins": 9,
            "evaluations_total": 9,
            "groups_add_up": 12,
            "modes_add_up": 12,
            "practice_scores_rows": 12,
            "ratings_rows": 9,
            "ratings_unique": 9,
            "ratings_scores": 9,
            "ratings_mean": 56.666667,
            "ratings_strict": 5,
            "ratings_exist": 1,
        },
        abs=5e-7,
    )


def test_checks_of_nothing_hold_and_have_no_mean():
    found = build_tables(make_dataset()).checks_made

    assert all(check.is_ok for check in found)
    assert "ratings_mean" not in {check.key for check in found}


@pytest.mark.parametrize(
    ("expected", "found", "is_ok"),
    [
        (9, 9, True),
        (9, 8, False),
        (0, 1e-10, True),
        (0, 1e-8, False),
        (56.0, 56.0 + 1e-8, True),
        (56.0, 56.0 + 1e-6, False),
    ],
)
def test_a_check_forgives_the_last_digits_only(expected, found, is_ok):
    assert Check("key", "name", expected, found).is_ok == is_ok


def test_a_table_that_lost_a_row_is_found():
    dataset = golden_dataset()
    tables = build_tables(dataset)
    shown = Shown(dataset, tables.results, INTERNAL)
    # Row 6 ("already here") stands twice, in place of rows 7 and 8, one of which says yes.
    wrong = replace(tables.ratings, rows=(*tables.ratings.rows[:7], tables.ratings.rows[6]))

    failed = {check.key for check in checks(shown, tables.practice_scores, wrong) if not check.is_ok}

    assert failed == {check.key for check in tables.checks_made if check.key.startswith("ratings_")}


def test_checks_are_rows_of_their_sheet():
    assert checks_table((Check("k", "Name", 3, 3), Check("k", "Other", 3, 2))).rows == (
        ("Name", 3, 3, True),
        ("Other", 3, 2, False),
    )


# Partner and public


@pytest.mark.parametrize(("edition", "threshold"), [(PARTNER, 5), (PUBLIC, 10)])
def test_other_editions_have_no_rows_of_people(edition, threshold):
    tables = build_tables(golden_dataset(), edition=edition)

    assert tables.ratings is None
    assert tables.codebook is None
    assert tables.results.threshold == threshold
    assert "interview-" not in repr([table.rows for table in tables.all])


@pytest.mark.parametrize("edition", [PARTNER, PUBLIC])
def test_other_editions_show_nothing_below_their_threshold(edition):
    dataset = random_dataset(240, practices=8, regions=4)
    tables = build_tables(dataset, edition=edition)
    threshold = edition.threshold
    words = f"n<{threshold}"
    names = [column.key for column in tables.practice_scores.columns]

    hidden = 0
    for cell, row in zip(tables.results.cells, tables.practice_scores.rows, strict=True):
        named = dict(zip(names, row, strict=True))
        for key in ("mean_0_100", "ci_low", "ci_high", "sd", "median", "q1", "q3", "iqr", "equal_group_mean"):
            assert (named[key] == words) == (cell.n < threshold)
        for key in ("strict", "broad", "already_here", "dont_know", "blocker"):
            found = getattr(cell, key)
            below = found is None or found.n < threshold
            assert (named[f"{key}_share"] == words, named[f"{key}_n"] == words) == (below, below)
            hidden += below
        for key, n in (("n_evaluations", cell.n_evaluations), ("n_valid", cell.n), ("n_routed", cell.n_routed)):
            assert named[key] == (words if n < threshold else n)
    assert hidden > 0
    counts = [value for row in tables.heat_map_n.rows for value in row[1:]]
    assert words in counts
    assert all(value == words or value >= threshold for value in counts)


def test_other_editions_tell_no_small_count_in_the_first_sheet_and_the_checks():
    dataset = judged([(VOUCHER, full(20))] * 4)

    facts = facts_of(dataset, PARTNER)
    tables = build_tables(dataset, edition=PARTNER)

    assert (facts["evaluations"], facts["scores"], facts["interviews"], facts["interviews_submitted"]) == ("n<5",) * 4
    assert {check.expected for check in tables.checks_made} == {12}
    assert sections(dataset, PARTNER)["Small numbers"] == [
        "K = 5 in this edition: a figure that rests on fewer than 5 answers reads n<5."
    ]


def test_other_editions_name_themselves():
    assert facts_of(golden_dataset(), PARTNER)["edition"] == "partner: for the partners of the project"
    assert facts_of(golden_dataset(), PUBLIC)["edition"] == "public: for anyone"


def test_modes_are_named_for_every_mode():
    assert set(codes_of("mode")) == {mode.value for mode in Mode}
