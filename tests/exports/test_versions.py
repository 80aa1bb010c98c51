"""Two versions of the questionnaire in one dataset: nothing is lost, nothing is counted with what it does not match."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from datasets import (
    SHORT_ITEMS,
    answers_with_score,
    instrument,
    make_codes,
    make_dataset,
    make_interview,
    same,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from versions import (
    CHANGE_REWORDED,
    COMMENT_REWORDED,
    EFF_REWORDED,
    FIT_REWORDED,
    VERDICT_REWORDED,
    comparable,
    mixed_dataset,
    row_of,
    second_version,
    width,
)

from exports import (
    DatasetError,
    build_tables,
    rating_scores,
    read_dataset,
    results,
    scores,
    write_dataset,
    write_workbook,
)
from exports.checking import allowed_codes
from instruments import MISSING, NOT_ANSWERED, NOT_ASSIGNED, is_answered

EVERYTHING = (EFF_REWORDED, FIT_REWORDED, VERDICT_REWORDED, COMMENT_REWORDED, CHANGE_REWORDED)
SHORT = {"FAM": 1, "EXIST": 3, "VERDICT": 2} | dict.fromkeys(SHORT_ITEMS, 3)


def alone(evaluations):
    """The evaluations of version 1 as a study gave them before there was a second version."""
    kept = [(row, each) for row, each in enumerate(evaluations) if each[0] == 1]
    return make_dataset(
        [(at, practice, row_of(instrument(), answers, variant)) for at, (_, (_, practice, variant, answers)) in
         enumerate(kept)],
        interviews=[make_interview(f"interview-{row}", variant=each[2], group=row % 3) for row, each in kept],
    )  # fmt: skip


def long(version, points, *, practice=0, verdict=1, **more):
    return version, practice, "rq10", answers_with_score(points, verdict=verdict) | more


def again(dataset):
    file = io.BytesIO()
    write_dataset(dataset, file)
    return read_dataset(io.BytesIO(file.getvalue()))


def mean(dataset, practice=0, region=1):
    cell = results(dataset, threshold=3).cell(practice, region)
    return cell.basis, cell.n_evaluations, cell.n, cell.mean


CODE = st.sampled_from([1, 2, 3, 4, 5, 77, 88])


@st.composite
def evaluated(draw):
    codes = {item: draw(CODE) for item in ("NEED", "FIT", "EFF", "LEAD", "SKILL", "COST", "LEGAL")}
    codes["VERDICT"] = draw(st.sampled_from([1, 2, 3, 4, 5, 88]))
    variant = draw(st.sampled_from(["rq10", "rq5"]))
    kept = {code: value for code, value in codes.items() if variant == "rq10" or code not in {"EFF", "LEGAL"}}
    return draw(st.sampled_from([1, 2])), draw(st.integers(0, 2)), variant, {"FAM": 1, "EXIST": 3} | kept


@settings(max_examples=40)
@given(st.lists(evaluated(), max_size=8), st.sampled_from([(), (FIT_REWORDED,), EVERYTHING]))
def test_every_old_answer_is_exported_and_every_old_score_is_what_it_was(evaluations, edits):
    """Seen to fail when an older version's answers all stood under the newest version's names."""
    dataset = mixed_dataset(second_version(*edits), evaluations)
    before = alone(evaluations)

    assert same(again(dataset).part(1), before)
    table = build_tables(dataset).ratings
    rows = [row for row, (version, *_) in enumerate(evaluations) if version == 1]
    old = build_tables(before).ratings
    for column in old.columns[6:]:  # Behind what identifies a row.
        name = column.key
        apart = f"{name}_v1" if f"{name}_v1" in {each.key for each in table.columns} else name
        assert [table.column(apart)[row] for row in rows] == list(old.column(name))


def test_columns_are_those_of_the_newest_version_then_what_stands_apart():
    newest = second_version(*EVERYTHING)
    dataset = mixed_dataset(newest, [long(1, 20), long(2, 30, TIME=4)], [{"COMMENT_v1": "then"}, {"COMMENT": "now"}])

    changed = ("C1_v1", "C2_v1", "C3_v1", "C4_v1", "C5_v1", "C6_v1", "C7_v1")
    assert dataset.columns == (*newest.columns, "FIT_v1", "EFF_v1", "VERDICT_v1", *changed)
    assert dataset.version.tolist() == [1, 2]
    assert dataset.column("TIME").tolist() == [NOT_ASSIGNED, 4]
    assert dataset.column("FIT").tolist() == [NOT_ASSIGNED, 4]
    assert dataset.column("FIT_v1").tolist() == [3, NOT_ASSIGNED]
    assert dataset.column("NEED").tolist() == [3, 4]
    assert dataset.part(1).texts == ({"COMMENT": "then"},)
    assert dataset.part(2).column("TIME").tolist() == [4]


def test_a_question_that_moved_or_was_added_parts_nothing():
    dataset = mixed_dataset(second_version(), [long(1, 20, SURE=2), long(1, 24), long(2, 28, SURE=3), long(2, 32)])

    assert dataset.columns == second_version().columns
    assert dataset.column("SURE").tolist() == [2, NOT_ANSWERED, 3, NOT_ANSWERED]
    assert mean(dataset) == ("RS10", 4, 4, 65.0)
    assert "All" not in "".join(str(fact) for fact in build_tables(dataset).facts if "apart" in fact.key)


def test_where_only_the_ten_items_differ_a_cell_with_both_rests_on_the_five():
    evaluations = [long(1, 20), long(2, 20), long(2, 40), long(2, 40, practice=1)]
    dataset = mixed_dataset(second_version(EFF_REWORDED), evaluations)

    fives = rating_scores(dataset.part(1), "RS5").tolist() + rating_scores(dataset.part(2), "RS5").tolist()[:2]
    assert mean(dataset) == ("RS5", 3, 3, pytest.approx(sum(fives) / 3))
    assert mean(dataset, practice=1) == ("RS10", 1, 1, 100.0)
    assert scores(dataset).rs10.tolist()[1:] == [50, 100, 100]
    assert build_tables(dataset).ratings.column("rs10_v1") == (50.0, None, None, None)


def test_scores_with_an_item_in_other_words_are_in_no_figure_but_their_verdicts_are():
    """Seen to fail when a common scale needed the same rules only, not common items: both were averaged."""
    dataset = mixed_dataset(second_version(FIT_REWORDED), [long(1, 0), long(1, 0), long(2, 40), long(2, 40, verdict=4)])

    cell = results(dataset, threshold=1).cell(0, 1)
    assert (cell.basis, cell.n_evaluations, cell.n, cell.mean) == ("RS10", 4, 2, 100.0)
    assert (cell.strict.count, cell.strict.n, cell.blocker.n) == (3, 4, 4)
    table = build_tables(dataset).ratings
    assert (table.column("rs10"), table.column("rs10_v1")) == ((None, None, 100.0, 100.0), (0.0, 0.0, None, None))
    assert table.column("FIT") == (NOT_ASSIGNED, NOT_ASSIGNED, 5, 5)


def test_a_short_interview_of_a_version_that_does_not_count_decides_no_basis():
    dataset = mixed_dataset(second_version(FIT_REWORDED), [(1, 0, "rq5", SHORT), long(2, 20)])

    assert mean(dataset) == ("RS10", 2, 1, 50.0)


def test_what_is_declared_comparable_counts_together():
    dataset = mixed_dataset(second_version(FIT_REWORDED, comparable("FIT")), [long(1, 20), long(2, 40)])

    assert mean(dataset) == ("RS10", 2, 2, 75.0)
    facts = {fact.key: fact.value for fact in build_tables(dataset).facts}
    assert facts["apart_v1"] == (
        "Answers to version 1 count together with those to version 2 where both ask in the same words and offer the "
        "same answers. In other words but declared comparable: FIT."
    )


def test_a_verdict_in_other_words_is_counted_for_itself():
    evaluations = [long(1, 20, verdict=1), long(1, 20, verdict=88), long(2, 20, verdict=4)]
    dataset = mixed_dataset(second_version(VERDICT_REWORDED), evaluations)

    cell = results(dataset, threshold=1).cell(0, 1)
    assert (cell.strict.count, cell.strict.n, cell.dont_know.count, cell.n) == (0, 1, 0, 3)
    table = build_tables(dataset).ratings
    assert (table.column("verdict"), table.column("verdict_v1")) == ((-1, -1, 4), (1, 88, -1))
    assert (table.column("strict_v1"), table.column("dk_v1")) == ((1, None, None), (0, 1, None))


def test_the_workbook_says_what_stands_apart_and_adds_up():
    dataset = mixed_dataset(
        second_version(*EVERYTHING), [long(1, 20), (1, 1, "rq5", SHORT), long(2, 30), long(2, 30, practice=2)]
    )
    tables = build_tables(dataset)

    facts = {fact.key: (fact.label, fact.value) for fact in tables.facts}
    assert facts["interviews_v1"] == ("Interviews with version 1", 2)
    assert facts["interviews_v2"] == ("Interviews with version 2", 2)
    assert facts["instrument_v1_digest"] == ("Questionnaire, version 1, SHA-256", instrument().digest)
    assert facts["apart_v1"][1].endswith(
        "Kept apart and in no figure: FIT_v1, EFF_v1, VERDICT_v1, C1_v1, C2_v1, C3_v1, C4_v1, C5_v1, C6_v1, C7_v1, "
        "COMMENT_v1, rs10_v1, rs5_v1, verdict_v1, verdict_score_v1, strict_v1, broad_v1, dk_v1, exist_v1."
    )
    assert all(check.is_ok for check in tables.checks_made)
    method = [paragraph for section, paragraph in tables.method.rows if section == "Version 1"]
    assert [paragraph.split(".")[0] for paragraph in method[4:]] == ["FIT", "EFF", "VERDICT"]
    variables = {(row[0], row[1]): row[2] for row in tables.codebook.rows if row[4] is None}
    assert variables["Ratings", "FIT_v1"] == "Fit with the region; as asked in version 1"
    assert variables["Ratings", "strict_v1"].endswith("empty: no stand taken; as asked in version 1")
    assert ("JSON", "C1_v1") in variables
    assert {name for sheet, name in variables if sheet == "Ratings"} == {each.key for each in tables.ratings.columns}


def cells(dataset):
    file = io.BytesIO()
    write_workbook(dataset, file)
    book = load_workbook(io.BytesIO(file.getvalue()), data_only=True)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_the_workbook_of_the_file_has_the_same_cells():
    dataset = mixed_dataset(second_version(*EVERYTHING), [long(1, 20), long(1, 30), long(2, 30), long(2, 40)])

    found = cells(dataset)

    assert found == cells(again(dataset))
    assert not [row for row in found["Checks"] if "FAIL" in row]


def test_a_file_of_one_version_says_nothing_of_others():
    file = io.BytesIO()
    write_dataset(make_dataset([(0, 0, make_codes(answers_with_score(20)))], interviews=[make_interview()]), file)

    assert "older" not in json.loads(file.getvalue())


def test_several_versions_are_not_scored_by_the_rules_of_one():
    with pytest.raises(ValueError, match="scored one by one"):
        rating_scores(mixed_dataset(second_version(), [long(1, 20)]), "RS10")


@pytest.mark.parametrize("column", ["FIT_v1", "VERDICT_v1"])
def test_a_column_apart_allows_what_its_version_offered(column):
    origin = mixed_dataset(second_version(*EVERYTHING), []).layout.origins[column]

    assert allowed_codes(*origin) == {1, 2, 3, 4, 5} | MISSING | {NOT_ANSWERED}
    assert is_answered({column: 3}, (column,))


def problems(make):
    with pytest.raises(DatasetError) as caught:
        make()
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_an_older_version_comes_before_a_newer_one():
    first, second = instrument(), second_version()
    empty = np.empty((0, 0), np.int8)

    assert problems(lambda: make_dataset(instrument=first, older=(second,), codes=empty)) == [
        ("older[0]", "version 2 does not come before version 1")
    ]
    assert problems(lambda: make_dataset(instrument=second, older=(first, first), codes=empty)) == [
        ("older[0]", "version 1 does not come before version 1")
    ]
    assert problems(lambda: make_dataset(older=(replace(first, key="other"),), codes=empty)) == [
        ("older[0]", "other is not the questionnaire replicability")
    ]


def test_an_older_version_in_a_file_must_be_the_one_that_was_asked():
    file = io.BytesIO()
    write_dataset(mixed_dataset(second_version(), [long(1, 20)]), file)
    tree = json.loads(file.getvalue())
    tree["older"][0]["digest"] = "0" * 64

    found = problems(lambda: read_dataset(io.BytesIO(json.dumps(tree).encode())))

    assert [path for path, _ in found] == ["older[0].digest"]


def test_a_code_in_a_column_that_its_version_does_not_have_is_told():
    codes = np.full((1, width(instrument(), second_version())), NOT_ASSIGNED, np.int8)
    codes[0, second_version().columns.index("TIME")] = 3

    found = problems(
        lambda: make_dataset(
            instrument=second_version(),
            older=(instrument(),),
            interviews=[make_interview()],
            codes=codes,
            practice=np.zeros(1, np.int32),
            interview=np.zeros(1, np.int32),
            texts=({},),
        )
    )

    assert found == [(f"codes[0][{second_version().columns.index('TIME')}]", "version 1 has no column TIME")]


def test_a_version_that_is_not_in_the_dataset_is_told():
    evaluations = [long(1, 20)]
    interviews = [make_interview("interview-0", instrument_version=3)]
    dataset = mixed_dataset(second_version(), evaluations)

    found = problems(lambda: mixed_dataset_with(dataset, interviews))

    assert found == [("interviews[0].instrument_version", "3 is not the version 1 or 2 of the instrument")]


def mixed_dataset_with(dataset, interviews):
    return make_dataset(
        instrument=dataset.instrument,
        older=dataset.older,
        interviews=interviews,
        codes=dataset.codes,
        practice=dataset.practice,
        interview=dataset.interview,
        texts=dataset.texts,
    )
