"""A dataset checks itself: every problem with its place, and none in a good one."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import numpy as np
import pytest
from datasets import (
    answers_with_score,
    golden_dataset,
    instrument,
    make_codes,
    make_dataset,
    make_interview,
    make_practice,
    make_region,
    make_study,
)

from exports import DatasetError, Group, Place
from exports.checking import allowed_codes
from instruments import MISSING, NOT_ANSWERED, Mode

FULL = make_codes(answers_with_score(20))
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - the problem under test


def problems(*evaluations, **changes):
    """Places and messages of a dataset that is refused; one interview unless told otherwise."""
    changes = {"interviews": [make_interview()]} | changes
    with pytest.raises(DatasetError) as caught:
        make_dataset(evaluations, **changes)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def without(*, scales=(), columns=()):
    """The instrument without some scales or columns."""
    whole = instrument()
    kept = {key: scale for key, scale in whole.scoring.scales.items() if key not in scales}
    names = tuple(column for column in whole.columns if column not in columns)
    return replace(whole, scoring=replace(whole.scoring, scales=kept), columns=names)


def test_a_good_dataset_has_columns_for_every_evaluation():
    interviews = [
        make_interview("a", region=0, group=2),
        make_interview("b", region=1, group=4, mode=Mode.PHONE, variant="rq5", simulated=True),
    ]
    dataset = make_dataset([(1, 0, FULL), (0, 2, FULL), (1, 2, FULL)], interviews=interviews)

    assert len(dataset) == 3
    assert dataset.region.tolist() == [1, 0, 1]
    assert dataset.group.tolist() == [4, 2, 4]
    assert dataset.mode.tolist() == [1, 0, 1]
    assert dataset.variant.tolist() == [1, 0, 1]
    assert dataset.simulated.tolist() == [True, False, True]
    assert dataset.column("VERDICT").tolist() == [1, 1, 1]
    assert {array.dtype for array in (dataset.region, dataset.group, dataset.mode, dataset.variant)} == {
        np.dtype(np.int32)
    }


def test_an_empty_dataset_is_fine():
    dataset = make_dataset()

    assert len(dataset) == 0
    assert [array.tolist() for array in (dataset.region, dataset.simulated)] == [[], []]


def test_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match="not in tuple"):
        make_dataset().column("NONSENSE")


def test_nothing_of_it_can_be_changed():
    dataset = golden_dataset()

    with pytest.raises(FrozenInstanceError):
        dataset.revision = 8
    for array in (dataset.codes, dataset.practice, dataset.interview):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_arrays_it_was_made_from_stay_writable():
    codes = np.array([FULL], np.int8)

    make_dataset(
        interviews=[make_interview()],
        codes=codes,
        practice=np.zeros(1, np.int32),
        interview=np.zeros(1, np.int32),
        texts=({},),
    )

    assert codes.flags.writeable


def test_its_short_form_names_it():
    assert repr(golden_dataset()) == "<Dataset 'test', revision 7: 9 evaluations>"


@pytest.mark.parametrize(
    ("study", "interview", "simulated"),
    [(False, False, False), (True, False, True), (False, True, True), (True, True, True)],
)
def test_it_is_simulated_if_anything_in_it_is(study, interview, simulated):
    dataset = make_dataset(
        [(0, 0, FULL)], interviews=[make_interview(simulated=interview)], study=make_study(simulated=study)
    )

    assert dataset.is_simulated == simulated
    assert dataset.simulated.tolist() == [simulated]


def test_all_problems_are_told_at_once():
    found = problems(
        (0, 9, FULL),
        interviews=[make_interview(region=5)],
        region=np.array([4], np.int32),
        study=make_study(title=" "),
        revision=-1,
    )

    assert found == [
        ("study.title", "must not be empty"),
        ("revision", "-1 is less than 0"),
        ("interviews[0].region", "there is no number 5 among the 2 of the list"),
        ("practice[0]", "there is no number 9 among the 3 of the list"),
        ("region[0]", "there is no number 4 among the 2 of the list"),
    ]


def test_problems_read_as_lines():
    with pytest.raises(DatasetError) as caught:
        make_dataset(study=make_study(key=""), revision=-1)

    assert str(caught.value) == "study.key: must not be empty\nrevision: -1 is less than 0"


def test_a_problem_of_the_whole_has_no_place():
    assert str(Place("", "is not a dataset")) == "is not a dataset"


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"study": make_study(target=-1)}, "study.target", "-1 is less than 0"),
        ({"study": make_study(cut_off=NAIVE)}, "study.cut_off", "the time has no zone"),
        ({"study": make_study(opened_at=NAIVE)}, "study.opened_at", "the time has no zone"),
        ({"study": make_study(closed_at=NAIVE)}, "study.closed_at", "the time has no zone"),
        ({"interviews": [make_interview(started_at=NAIVE)]}, "interviews[0].started_at", "the time has no zone"),
        ({"interviews": [make_interview(submitted_at=NAIVE)]}, "interviews[0].submitted_at", "the time has no zone"),
        (
            {"interviews": [make_interview(region=-1)]},
            "interviews[0].region",
            "there is no number -1 among the 2 of the list",
        ),
        (
            {"interviews": [make_interview(region=2)]},
            "interviews[0].region",
            "there is no number 2 among the 2 of the list",
        ),
        (
            {"interviews": [make_interview(group=7)]},
            "interviews[0].group",
            "there is no number 7 among the 7 of the list",
        ),
        (
            {"interviews": [make_interview(variant="rq7")]},
            "interviews[0].variant",
            "the instrument has no variant 'rq7'",
        ),
        (
            {"interviews": [make_interview(instrument_version=2)]},
            "interviews[0].instrument_version",
            "2 is not the version 1 of the instrument",
        ),
        (
            {"interviews": [make_interview("a"), make_interview("b"), make_interview("a")]},
            "interviews[2].id",
            "'a' is the id of interviews[0] already",
        ),
        ({"interviews": [make_interview(" ")]}, "interviews[0].id", "must not be empty"),
        (
            {"practices": (make_practice("voucher"), make_practice("voucher"))},
            "practices[1].id",
            "'voucher' is the id of practices[0] already",
        ),
        (
            {"regions": (make_region("south"), make_region("north", home_practices=("voucher", "fair")))},
            "regions[1].home_practices[1]",
            "there is no practice 'fair'",
        ),
        ({"groups": (Group("BUS", "B"), Group("BUS", "B"))}, "groups[1].id", "'BUS' is the id of groups[0] already"),
        ({"instrument": without(scales=["RS5"])}, "instrument.scoring.scales", "the scale RS5 is missing"),
        ({"instrument": without(scales=["RS10"])}, "instrument.scoring.scales", "the scale RS10 is missing"),
        ({"selection": "a\x00b"}, "selection", "the character U+0000 at position 2 is not text"),
        ({"study": make_study(title="\ud800")}, "study.title", "the character U+D800 at position 1 is not text"),
        ({"study": make_study(contact="a\x1b")}, "study.contact", "the character U+001B at position 2 is not text"),
        (
            {"practices": (make_practice(title="\ufffe"),)},
            "practices[0].title",
            "the character U+FFFE at position 1 is not text",
        ),
        ({"regions": (make_region("a"), make_region("b", name="\x0b"))}, "regions[1].name", None),
        ({"groups": (Group("BUS", "\x0c"),)}, "groups[0].name", None),
        ({"interviews": [make_interview(language="\x01")]}, "interviews[0].language", None),
    ],
)
def test_a_wrong_value_is_told_with_its_place(changes, path, message):
    found = problems(**changes)

    assert [place for place, _ in found] == [path]
    if message is not None:
        assert found[0][1] == message


@pytest.mark.parametrize("column", ["EXIST", "VERDICT"])
def test_a_needed_question_that_is_missing_is_told(column):
    lacking = without(columns=[column])

    found = problems(instrument=lacking, codes=np.empty((0, len(lacking.columns)), np.int8))

    assert found == [("instrument.questions", f"the question {column} is missing")]


@pytest.mark.parametrize("text", ["tab\tand\nnew line\r\n", "é 汉 😀", "=1+1", "\x7f\x85"])
def test_text_of_any_language_is_text(text):
    dataset = make_dataset([(0, 0, FULL)], interviews=[make_interview()], texts=[{"COMMENT": text}])

    assert dataset.texts[0]["COMMENT"] == text


def test_wrong_answers_in_words_are_told_with_their_question():
    found = problems(
        (0, 0, FULL), (0, 1, FULL), texts=[{"COMMENT": "a\x07"}, {"COMMENT": "good", "NEED": "no text question"}]
    )

    assert found == [
        ("texts[0].COMMENT", "the character U+0007 at position 2 is not text"),
        ("texts[1].NEED", "no question of the instrument is answered in words under this name"),
    ]


def test_codes_that_the_instrument_does_not_know_are_told_one_by_one():
    columns = instrument().columns
    first, second = list(FULL), list(FULL)
    first[columns.index("NEED")] = 6
    first[columns.index("VERDICT")] = 0
    second[columns.index("B01")] = 2

    found = problems((0, 0, first), (0, 1, second))

    assert found == [
        (f"codes[0][{columns.index('NEED')}]", "6 is not a code of NEED"),
        (f"codes[0][{columns.index('VERDICT')}]", "0 is not a code of VERDICT"),
        (f"codes[1][{columns.index('B01')}]", "2 is not a code of B01"),
    ]


@pytest.mark.parametrize(
    ("column", "answers"),
    [("NEED", {1, 2, 3, 4, 5}), ("EXIST", {1, 2, 3}), ("B90", {0, 1}), ("C1", {0, 1}), ("E90", {0, 1})],
)
def test_a_column_allows_its_answers_and_every_missing_code(column, answers):
    assert allowed_codes(instrument(), column) == answers | MISSING | {NOT_ANSWERED}


def test_an_unknown_column_allows_nothing():
    with pytest.raises(KeyError, match="NONSENSE"):
        allowed_codes(instrument(), "NONSENSE")


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("codes", np.zeros((1, 49), np.int16), "has the type int16 and the shape (1, 49) instead of int8 and (1, 49)"),
        ("codes", np.zeros((1, 48), np.int8), "has the type int8 and the shape (1, 48) instead of int8 and (1, 49)"),
        ("codes", np.zeros((2, 49), np.int8), "has the type int8 and the shape (2, 49) instead of int8 and (1, 49)"),
        ("practice", np.zeros(2, np.int32), "has the type int32 and the shape (2,) instead of int32 and (1,)"),
        ("practice", np.zeros(1, np.int64), "has the type int64 and the shape (1,) instead of int32 and (1,)"),
        ("interview", np.zeros((1, 1), np.int32), "has the type int32 and the shape (1, 1) instead of int32 and (1,)"),
    ],
)
def test_arrays_of_another_form_are_told(name, array, message):
    assert problems((0, 0, FULL), **{name: array}) == [(name, message)]


@pytest.mark.parametrize("index", [-1, 1])
def test_an_evaluation_without_an_interview_is_told(index):
    assert problems((index, 0, FULL)) == [("interview[0]", f"there is no number {index} among the 1 of the list")]


@pytest.mark.parametrize("index", [-1, 3])
def test_an_evaluation_without_a_practice_is_told(index):
    assert problems((0, index, FULL)) == [("practice[0]", f"there is no number {index} among the 3 of the list")]


def test_an_interview_judges_a_practice_once():
    found = problems(
        (0, 1, FULL), (0, 9, FULL), (1, 1, FULL), (0, 2, FULL), (0, 1, FULL), (0, 1, FULL),
        interviews=[make_interview("a"), make_interview("b")],
    )  # fmt: skip

    again = "the same interview and practice as in row 0"
    assert [(path, message) for path, message in found if path != "practice[1]"] == [
        ("practice[4]", again),
        ("practice[5]", again),
    ]


def test_times_in_other_zones_are_fine():
    assert make_dataset(study=make_study(cut_off=datetime(2026, 1, 1, tzinfo=UTC))).study.cut_off.tzinfo is UTC
