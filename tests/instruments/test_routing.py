"""The way through one evaluation: method, sections 2.3 to 2.6."""

import pytest

from instruments import (
    NOT_ANSWERED,
    NOT_ASSIGNED,
    NOT_REACHED,
    ROUTED,
    Block,
    Mode,
    first_open_step,
    first_untouched_step,
    is_complete,
    load_folder,
    may_be_asked,
    missing_required,
    path,
    row_order,
    settle,
    steps,
    unanswered,
)

TEN = ["NEED", "FIT", "EFF", "ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL"]
BARRIERS = [f"B{number:02}" for number in (*range(1, 14), 90)]
CHANGES = [f"C{number}" for number in range(1, 8)]
ENABLERS = [f"E{number:02}" for number in (*range(1, 12), 90)]


def codes_of(questions):
    return [question.code for question in questions]


def settled(instrument, variant, codes):
    full = {**instrument.unpack(instrument.pack({})), **codes}
    return {**full, **settle(instrument, variant, full)}


def complete(instrument, variant="rq10", **codes):
    """An evaluation with its required questions answered; others as given."""
    return settled(instrument, variant, {"FAM": 1, "EXIST": 3, **dict.fromkeys(TEN, 3), "VERDICT": 4, **codes})


def test_before_any_answer_the_criteria_are_on_the_path_and_what_needs_an_answer_is_not(instrument):
    assert codes_of(path(instrument, "rq10", {})) == [
        *("FAM", "EXIST"),
        *TEN,
        "VERDICT",
        *BARRIERS,
        *("ENABLER", "SURE", "COMMENT"),
    ]


def test_the_short_variant_asks_five_items_and_eight_barriers_and_no_enablers(instrument):
    codes = settled(instrument, "rq5", {"EXIST": 2, "VERDICT": 2, "B90": 1, "C7": 1})

    assert codes_of(path(instrument, "rq5", codes)) == [
        *("FAM", "EXIST", "NEED", "FIT", "LEAD", "SKILL", "COST"),
        *("VERDICT", "CHANGE", "CHANGE_TEXT", "HORIZON"),
        *("B01", "B03", "B05", "B06", "B07", "B08", "B10", "B12", "B90", "BARRIER_TEXT"),
        *("SURE", "COMMENT"),
    ]


def test_what_the_variant_lacks_is_not_assigned(instrument):
    changes = settle(instrument, "rq5", {})

    assert changes == dict.fromkeys(
        ["EFF", "ACC", "PART", "SUST", "LEGAL", "B02", "B04", "B09", "B11", "B13", *ENABLERS], NOT_ASSIGNED
    )


def test_nothing_is_ruled_out_while_the_deciding_answer_is_open(instrument):
    assert settle(instrument, "rq10", instrument.unpack(instrument.pack({}))) == {}


def test_a_practice_that_exists_here_is_asked_about_no_further(instrument):
    codes = settled(instrument, "rq10", {"FAM": 4, "EXIST": 1})

    assert codes_of(path(instrument, "rq10", codes)) == ["FAM", "EXIST", "EXWORK", "COMMENT"]
    assert codes["VERDICT"] == 5
    assert codes["FAM"] == 4
    assert codes["EXWORK"] == NOT_ANSWERED
    assert {codes[name] for name in (*TEN, *CHANGES, "HORIZON", *BARRIERS, *ENABLERS, "SURE")} == {ROUTED}


def test_a_practice_that_exists_here_takes_earlier_answers_off_the_path(instrument):
    before = complete(instrument, VERDICT=2, C1=1, HORIZON=1, B01=1, E01=1, SURE=3)

    after = {**before, **settle(instrument, "rq10", before, {"EXIST": 1}), "EXIST": 1}

    assert after == settled(instrument, "rq10", {"FAM": 1, "EXIST": 1})


def test_answering_exist_differently_later_brings_the_questions_back(instrument):
    before = settled(instrument, "rq10", {"FAM": 4, "EXIST": 1, "EXWORK": 5})

    changes = settle(instrument, "rq10", before, {"EXIST": 2})

    expected = dict.fromkeys([*TEN, "VERDICT", *CHANGES, "HORIZON", *BARRIERS, *ENABLERS, "SURE"], NOT_ANSWERED) | {
        "EXWORK": ROUTED
    }
    assert changes == expected


def test_the_questions_come_back_as_well_when_the_new_answer_is_merged_already(instrument):
    before = settled(instrument, "rq10", {"FAM": 4, "EXIST": 1})

    assert settle(instrument, "rq10", {**before, "EXIST": 2}) == settle(instrument, "rq10", before, {"EXIST": 2})


def test_a_practice_said_to_exist_in_the_verdict_keeps_that_verdict(instrument):
    codes = complete(instrument, VERDICT=5)

    assert settle(instrument, "rq10", codes) == {}
    assert settle(instrument, "rq10", codes, {"EXIST": 2}) == {}
    assert codes["NEED"] == 3


def test_a_verdict_given_in_the_save_that_brings_the_questions_back_is_kept(instrument):
    before = settled(instrument, "rq10", {"FAM": 4, "EXIST": 1})

    assert "VERDICT" not in settle(instrument, "rq10", before, {"EXIST": 2, "VERDICT": 5})


def test_a_routed_verdict_is_taken_back_even_if_everything_else_is_answered_in_the_same_save(instrument):
    before = settled(instrument, "rq10", {"FAM": 4, "EXIST": 1})
    given = dict.fromkeys((*TEN, *BARRIERS, *ENABLERS, "SURE"), 1)

    assert settle(instrument, "rq10", before, {"EXIST": 2, **given})["VERDICT"] == NOT_ANSWERED


def test_taking_exist_back_takes_the_routed_verdict_back(instrument):
    before = settled(instrument, "rq10", {"FAM": 4, "EXIST": 1})

    assert settle(instrument, "rq10", before, {"EXIST": NOT_ANSWERED})["VERDICT"] == NOT_ANSWERED


def test_another_verdict_is_not_taken_for_a_routed_one(instrument):
    before = settled(instrument, "rq10", {"FAM": 4, "EXIST": 1})

    assert "VERDICT" not in settle(instrument, "rq10", {**before, "EXIST": 2, "VERDICT": 1})


@pytest.mark.parametrize(
    ("verdict", "asked", "routed"),
    [
        (1, ["HORIZON"], CHANGES),
        (2, ["CHANGE", "HORIZON"], []),
        (3, ["CHANGE", "HORIZON"], []),
        (4, [], [*CHANGES, "HORIZON"]),
        (5, [], [*CHANGES, "HORIZON"]),
        (77, [], [*CHANGES, "HORIZON"]),
        (88, [], [*CHANGES, "HORIZON"]),
        (NOT_ANSWERED, [], []),
        (NOT_REACHED, [], []),
    ],
)
def test_the_verdict_decides_on_the_follow_ups(instrument, verdict, asked, routed):
    codes = settled(instrument, "rq10", {"EXIST": 3, "VERDICT": verdict})

    follow_ups = {"CHANGE", "HORIZON"}
    assert [code for code in codes_of(path(instrument, "rq10", codes)) if code in follow_ups] == asked
    assert [name for name in (*CHANGES, "HORIZON") if codes[name] == ROUTED] == routed


def test_a_change_off_the_path_becomes_routed_and_comes_back_unanswered(instrument):
    before = complete(instrument, VERDICT=2, C1=1, C2=0, HORIZON=2)

    off = {**before, **settle(instrument, "rq10", before, {"VERDICT": 4}), "VERDICT": 4}
    back = settle(instrument, "rq10", off, {"VERDICT": 3})

    assert (off["C1"], off["HORIZON"]) == (ROUTED, ROUTED)
    assert back == dict.fromkeys([*CHANGES, "HORIZON"], NOT_ANSWERED)


@pytest.mark.parametrize(("column", "text"), [("C7", "CHANGE_TEXT"), ("B90", "BARRIER_TEXT"), ("E90", "ENABLER_TEXT")])
def test_something_else_asks_for_words(instrument, column, text):
    without = complete(instrument, VERDICT=2, **{column: 0})
    ticked = complete(instrument, VERDICT=2, **{column: 1})

    assert text not in codes_of(path(instrument, "rq10", without))
    assert text in codes_of(path(instrument, "rq10", ticked))


def test_what_is_said_behind_a_question_that_is_off_the_path_asks_for_nothing(instrument):
    codes = {"EXIST": 3, "VERDICT": 4, "C7": 1}

    assert "CHANGE_TEXT" not in codes_of(path(instrument, "rq10", codes))
    assert "CHANGE_TEXT" not in codes_of(path(instrument, "rq10", {**codes, "VERDICT": NOT_ANSWERED}))
    assert "CHANGE_TEXT" not in codes_of(path(instrument, "rq10", {**codes, "EXIST": 1, "VERDICT": 2}))


def test_what_was_not_reached_stays_so_on_the_path_and_is_open_again(instrument):
    codes = {**complete(instrument), "SUST": NOT_REACHED}

    assert settle(instrument, "rq10", codes) == {}
    assert codes_of(missing_required(instrument, "rq10", codes)) == ["SUST"]


def test_a_change_of_variant_assigns_what_it_has(instrument):
    codes = settled(instrument, "rq5", {"EXIST": 3})

    changes = settle(instrument, "rq10", codes)

    assert set(changes.values()) == {NOT_ANSWERED}
    assert "EFF" in changes


def test_an_evaluation_is_complete_when_the_required_questions_on_its_path_are_answered(instrument):
    assert is_complete(instrument, "rq10", complete(instrument))
    assert is_complete(instrument, "rq10", settled(instrument, "rq10", {"FAM": 77, "EXIST": 1, "EXWORK": 88}))
    assert not is_complete(instrument, "rq10", complete(instrument, VERDICT=NOT_ANSWERED))
    assert not is_complete(instrument, "rq10", {})


def test_a_missing_code_that_a_person_gave_answers_a_required_question(instrument):
    assert is_complete(instrument, "rq10", complete(instrument, NEED=88, EFF=99, EXIST=77, VERDICT=88))


def test_missing_required_names_the_questions_in_order_in_one_step_or_in_all(instrument):
    codes = settled(instrument, "rq10", {"FAM": 1, "EXIST": 3, "NEED": 4})

    assert codes_of(missing_required(instrument, "rq10", codes)) == [*TEN[1:], "VERDICT"]
    assert codes_of(missing_required(instrument, "rq10", codes, "verdict")) == ["VERDICT"]
    assert missing_required(instrument, "rq10", codes, "know") == ()


def test_unanswered_counts_optional_questions_but_no_texts(instrument):
    codes = complete(instrument, VERDICT=2, C7=1, SURE=1, E01=1)

    assert codes_of(unanswered(instrument, "rq10", codes)) == ["HORIZON", *BARRIERS]
    assert codes_of(unanswered(instrument, "rq10", codes, "verdict")) == ["HORIZON"]


def test_an_unknown_variant_or_step_is_refused(instrument):
    with pytest.raises(KeyError, match="rq7"):
        path(instrument, "rq7", {})
    with pytest.raises(KeyError, match="nowhere"):
        missing_required(instrument, "rq10", {}, "nowhere")
    with pytest.raises(KeyError, match="nowhere"):
        may_be_asked(instrument, "rq10", {}, "nowhere")


def test_a_step_without_a_question_on_the_path_is_left_out(instrument):
    asked = [step.key for step in steps(instrument, "rq10", {})]
    exists = [step.key for step in steps(instrument, "rq10", settled(instrument, "rq10", {"EXIST": 1}))]

    assert asked == ["know", "criteria", "verdict", "barriers"]
    assert exists == ["know", "barriers"]


def test_the_first_open_step_is_the_first_with_a_required_question_left(instrument):
    assert first_open_step(instrument, "rq10", {}) == "know"
    assert first_open_step(instrument, "rq10", complete(instrument, LEGAL=NOT_ANSWERED)) == "criteria"
    assert first_open_step(instrument, "rq10", complete(instrument, VERDICT=NOT_ANSWERED)) == "verdict"
    assert first_open_step(instrument, "rq10", complete(instrument)) is None


def test_the_first_untouched_step_is_the_first_without_any_answer(instrument):
    exists = settled(instrument, "rq10", {"FAM": 1, "EXIST": 1})

    assert first_untouched_step(instrument, "rq10", {}) == "know"
    assert first_untouched_step(instrument, "rq10", {"FAM": 1}) == "criteria"
    assert first_untouched_step(instrument, "rq10", complete(instrument)) == "barriers"
    assert first_untouched_step(instrument, "rq10", complete(instrument, E01=0)) is None
    assert first_untouched_step(instrument, "rq10", exists) is None


def test_a_page_holds_what_an_answer_on_it_can_bring_onto_the_path(instrument):
    fresh = instrument.unpack(instrument.pack({}))

    assert codes_of(may_be_asked(instrument, "rq10", fresh, "know")) == ["FAM", "EXIST", "EXWORK"]
    assert codes_of(may_be_asked(instrument, "rq10", fresh, "verdict")) == [
        *("VERDICT", "CHANGE", "CHANGE_TEXT", "HORIZON")
    ]
    assert codes_of(may_be_asked(instrument, "rq10", fresh)) == list(instrument.questions)


def test_a_page_does_not_hold_what_another_page_has_ruled_out(instrument):
    exists = settled(instrument, "rq10", {"EXIST": 1})

    assert may_be_asked(instrument, "rq10", exists, "criteria") == ()
    assert codes_of(may_be_asked(instrument, "rq10", exists, "barriers")) == ["COMMENT"]
    assert codes_of(may_be_asked(instrument, "rq10", exists)) == list(instrument.questions)


def test_a_page_of_the_short_variant_holds_its_questions_only(instrument):
    held = codes_of(may_be_asked(instrument, "rq5", {}, "criteria"))

    assert held == ["NEED", "FIT", "LEAD", "SKILL", "COST"]
    assert "ENABLER_TEXT" not in codes_of(may_be_asked(instrument, "rq5", {}))


def test_an_answered_question_opens_the_one_that_asks_whether_it_is(tiny):
    assert "ROW" not in codes_of(path(tiny, "long", {"HERE": 2}))
    assert "ROW" in codes_of(path(tiny, "long", {"HERE": 2, "END": 1}))
    assert "ROW" in codes_of(path(tiny, "long", {"HERE": 1}))


def test_every_clause_of_a_condition_must_hold(change):
    folder = change(
        "instrument.yaml", "show_if: {W9: {is_one_of: [1]}}", "show_if: {END: {is_one_of: [2]}, GOOD: {is_one_of: [1]}}"
    )
    both = load_folder(folder)

    assert "WHY_TEXT" in codes_of(path(both, "long", {"HERE": 2, "END": 2, "GOOD": 1}))
    assert "WHY_TEXT" not in codes_of(path(both, "long", {"HERE": 2, "END": 2, "GOOD": 2}))
    assert "WHY_TEXT" not in codes_of(path(both, "long", {"HERE": 2, "END": 2}))


def barriers(instrument):
    return next(block for step in instrument.steps for block in step.blocks if block.key == "barriers")


def test_rows_are_shuffled_by_the_seed_and_something_else_stays_last(instrument):
    block = barriers(instrument)

    orders = {row_order(block, seed) for seed in range(40)}

    assert len(orders) == 40
    assert all(sorted(order) == sorted(block.questions) for order in orders)
    assert {order[-2:] for order in orders} == {("B90", "BARRIER_TEXT")}
    assert len({order[0] for order in orders}) > 5


def test_the_same_seed_gives_the_same_order_for_ever(instrument):
    # By hand: printf 'respondent 7:B01' | sha256sum, for every row, sorted.
    assert row_order(barriers(instrument), "respondent 7") == (
        *("B08", "B05", "B06", "B11", "B09", "B02", "B04", "B12", "B01", "B03", "B13", "B10", "B07"),
        *("B90", "BARRIER_TEXT"),
    )


def test_on_the_phone_rows_keep_their_order_and_start_anywhere(instrument):
    block = barriers(instrument)
    rows = list(block.questions[:-2])

    orders = {row_order(block, seed, mode=Mode.PHONE) for seed in range(200)}

    assert orders == {(*rows[start:], *rows[:start], "B90", "BARRIER_TEXT") for start in range(13)}


def test_the_same_seed_gives_the_same_start_on_the_phone_for_ever(instrument):
    # By hand: the remainder of printf 'respondent 7:barriers' | sha256sum, read as a hexadecimal number, by 13.
    assert row_order(barriers(instrument), "respondent 7", mode=Mode.PHONE)[0] == "B08"


def test_a_block_in_fixed_order_stays_as_it_is(instrument):
    for block in (block for step in instrument.steps for block in step.blocks if block.order == "fixed"):
        assert row_order(block, 1) == block.questions
        assert row_order(block, 1, mode=Mode.PHONE) == block.questions


@pytest.mark.parametrize("mode", list(Mode))
def test_a_shuffled_block_whose_rows_are_all_last_stays_as_it_is(mode):
    block = Block("rows", None, None, ("R1", "R2"), "shuffled", ("R1", "R2"))

    assert row_order(block, 1, mode=mode) == ("R1", "R2")
