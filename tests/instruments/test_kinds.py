"""What a form may send, what is refused, and how an answer is said."""

import pytest

from instruments import (
    DONT_KNOW,
    NOT_ANSWERED,
    NOT_ASSIGNED,
    NOT_REACHED,
    REFUSED,
    ROUTED,
    Kind,
    Mode,
    Problem,
    Reading,
    clean_text,
    in_words,
    kinds,
    load_folder,
    read,
    unknown_question,
)

NOTHING = Reading()


def problem(question, code, **values):
    return Reading(problem=Problem(question, code, f"error.{code}", values))


@pytest.mark.parametrize(
    ("code", "raw", "codes"),
    [
        ("NEED", ["4"], {"NEED": 4}),
        ("NEED", ["88"], {"NEED": 88}),
        ("EFF", ["99"], {"EFF": 99}),
        ("FAM", ["4"], {"FAM": 4}),
        ("EXWORK", ["5"], {"EXWORK": 5}),
        ("VERDICT", ["5"], {"VERDICT": 5}),
        ("HORIZON", ["88"], {"HORIZON": 88}),
        ("B01", ["1"], {"B01": 1}),
        ("B01", ["0"], {"B01": 0}),
        ("B90", ["88"], {"B90": 88}),
        ("SURE", ["3"], {"SURE": 3}),
    ],
)
@pytest.mark.parametrize("mode", list(Mode))
def test_a_canonical_code_is_read(instrument, code, raw, codes, mode):
    assert read(instrument.questions[code], raw, mode=mode) == Reading(codes)


@pytest.mark.parametrize(
    "value",
    ["٤", " 4", "4 ", "4.0", "+4", "04", "4\n", "four", "6", "0", "-1", "-2", "-128", "4,5", "\uff14", "\ud800", "99"],
)
def test_anything_but_a_canonical_code_is_refused(instrument, value):
    assert read(instrument.questions["NEED"], [value], mode=Mode.WEB) == problem("NEED", "choose_one")


@pytest.mark.parametrize("raw", [["4", "5"], ["4", "4"], ["4", ""], ["", "4"]])
def test_a_single_choice_takes_one_value(instrument, raw):
    assert read(instrument.questions["NEED"], raw, mode=Mode.WEB) == problem("NEED", "choose_one")


@pytest.mark.parametrize("mode", list(Mode))
def test_what_was_refused_on_the_phone_is_taken_in_both_modes(instrument, mode):
    assert read(instrument.questions["FAM"], ["77"], mode=mode) == Reading({"FAM": REFUSED})


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("FAM", "88"),
        ("EXWORK", "77"),
        ("NEED", "99"),
        ("VERDICT", "99"),
        ("HORIZON", "77"),
        ("SURE", "88"),
        ("B01", "99"),
        ("SURE", "77"),
    ],
)
def test_a_missing_code_that_the_method_does_not_list_is_refused(instrument, code, missing):
    assert read(instrument.questions[code], [missing], mode=Mode.PHONE) == problem(code, "choose_one")


@pytest.mark.parametrize("raw", [[], [""]])
@pytest.mark.parametrize(
    ("code", "mode", "reading"),
    [
        ("FAM", Mode.WEB, problem("FAM", "required")),
        ("FAM", Mode.PHONE, problem("FAM", "required")),
        ("NEED", Mode.WEB, problem("NEED", "answer_or_dont_know")),
        ("NEED", Mode.PHONE, problem("NEED", "answer_or_dont_know")),
        ("SURE", Mode.WEB, NOTHING),
        ("B01", Mode.WEB, NOTHING),
        ("HORIZON", Mode.PHONE, NOTHING),
    ],
)
def test_no_answer_is_a_problem_only_where_one_is_required(instrument, code, mode, reading, raw):
    assert read(instrument.questions[code], raw, mode=mode) == reading


def test_dont_know_is_named_only_where_the_mode_shows_it(change):
    folder = change(
        "instrument.yaml", "88: {text: dont_know, shown: [web, phone]}", "88: {text: dont_know, shown: [phone]}"
    )
    question = load_folder(folder).questions["GOOD"]

    assert read(question, [], mode=Mode.WEB) == problem("GOOD", "required")
    assert read(question, [], mode=Mode.PHONE) == problem("GOOD", "answer_or_dont_know")


def test_a_stakeholder_type_is_sent_by_its_key_and_stored_by_its_code(instrument):
    question = instrument.profile_question("STAKEHOLDER")

    assert read(question, ["S3"], mode=Mode.WEB) == Reading({"STAKEHOLDER": 3})
    assert read(question, ["3"], mode=Mode.WEB) == problem("STAKEHOLDER", "choose_one")
    assert read(question, [], mode=Mode.WEB) == problem("STAKEHOLDER", "required")


def test_ticks_are_read_into_one_column_each(instrument):
    changes = instrument.questions["CHANGE"]

    assert read(changes, ["C3", "C6", "C3"], mode=Mode.WEB) == Reading(
        {"C1": 0, "C2": 0, "C3": 1, "C4": 0, "C5": 0, "C6": 1, "C7": 0}
    )


@pytest.mark.parametrize("raw", [[], [""]])
def test_nothing_ticked_is_an_answer(instrument, raw):
    enablers = instrument.questions["ENABLER"]

    assert read(enablers, raw, mode=Mode.WEB) == Reading(dict.fromkeys(enablers.columns, 0))


def test_nothing_ticked_is_a_problem_where_a_tick_is_required(change):
    folder = change("instrument.yaml", "max_choices: 1", "max_choices: 1, required: true")
    question = load_folder(folder).questions["WHY"]

    assert read(question, [], mode=Mode.WEB) == problem("WHY", "required")
    assert read(question, ["W1"], mode=Mode.WEB) == Reading({"W1": 1, "W9": 0})


@pytest.mark.parametrize("value", ["C8", "c1", "1", "E01", " C1"])
def test_an_unknown_tick_is_refused(instrument, value):
    assert read(instrument.questions["CHANGE"], ["C1", value], mode=Mode.WEB) == problem("CHANGE", "choose_one")


def test_three_enablers_are_taken_and_four_are_too_many(instrument):
    enablers = instrument.questions["ENABLER"]

    assert read(enablers, ["E01", "E02", "E90"], mode=Mode.WEB).problem is None
    assert read(enablers, ["E01", "E02", "E03", "E90"], mode=Mode.WEB) == problem("ENABLER", "max_choices", max=3)
    assert read(instrument.questions["CHANGE"], [f"C{n}" for n in range(1, 8)], mode=Mode.WEB).problem is None


def test_a_comment_is_read_as_written(instrument):
    assert read(instrument.questions["COMMENT"], [" =1+1\r\n\tÅ 👍 "], mode=Mode.WEB) == Reading(text=" =1+1\n\tÅ 👍 ")


def test_an_empty_comment_takes_the_text_back_and_an_absent_one_says_nothing(instrument):
    assert read(instrument.questions["COMMENT"], [""], mode=Mode.WEB) == Reading(text="")
    assert read(instrument.questions["COMMENT"], [], mode=Mode.WEB) == NOTHING


def test_a_text_has_a_length(instrument):
    comment = instrument.questions["COMMENT"]

    assert read(comment, ["é" * 2000], mode=Mode.WEB).text == "é" * 2000
    assert read(comment, ["a\r\n" * 1000], mode=Mode.WEB).text == "a\n" * 1000
    assert read(comment, ["a" * 2001], mode=Mode.WEB) == problem("COMMENT", "too_long", max=2000)


def test_two_texts_for_one_question_are_refused(instrument):
    assert read(instrument.questions["COMMENT"], ["a", "b"], mode=Mode.WEB) == problem("COMMENT", "text_not_allowed")


@pytest.mark.parametrize(
    "raw", ["a\x00", "\x0b", "\x1b[2J", "\x7f", "\x85", "\x9f", "\ud800", "a\udfff b", "\r", "a\rb", "\uffff", "\ufffe"]
)
def test_a_text_with_control_characters_or_half_a_character_is_refused(instrument, raw):
    assert clean_text(raw) == Problem("", "text_not_allowed", "error.text_not_allowed", {})
    assert read(instrument.questions["COMMENT"], [raw], mode=Mode.WEB) == problem("COMMENT", "text_not_allowed")


@pytest.mark.parametrize(
    "raw", ["", "\t", "\n", "a\nb", "\u2028", "\u200f", "\u202e", "e\u0301", "\U0001f44d", "{region}", "<b>", "\xa0"]
)
def test_any_other_text_stays_as_it_is(raw):
    assert clean_text(raw) == raw


def test_an_answer_to_something_else_is_a_problem():
    assert unknown_question("OTHER.NEED") == Problem("OTHER.NEED", "unknown_question", "error.unknown_question", {})


@pytest.mark.parametrize(
    ("code", "codes", "language", "words"),
    [
        ("NEED", {"NEED": 4}, "en", "Mostly"),
        ("NEED", {"NEED": 4}, "de", "Größtenteils"),
        ("COST", {"COST": 5}, "en", "It would stop the practice"),
        ("NEED", {"NEED": DONT_KNOW}, "en", "Don't know"),
        ("NEED", {"NEED": REFUSED}, "en", "Prefer not to say"),
        ("NEED", {"NEED": ROUTED}, "en", "Not asked: skipped because of an earlier answer"),
        ("NEED", {"NEED": NOT_ASSIGNED}, "en", "Not asked: not assigned"),
        ("NEED", {"NEED": NOT_REACHED}, "en", "Not reached: the interview ended earlier"),
        ("NEED", {"NEED": NOT_ANSWERED}, "en", ""),
        ("NEED", {}, "en", ""),
        ("B01", {"B01": 0}, "en", "No"),
        ("B01", {"B01": 1}, "it", "Sì"),
        ("CHANGE", {"C1": 1, "C2": 0, "C6": 1}, "en", "The target group; The size or scale"),
        ("CHANGE", {"C1": 0}, "en", "None of these"),
        ("CHANGE", {}, "en", ""),
        ("CHANGE", {f"C{n}": ROUTED for n in range(1, 8)}, "en", "Not asked: skipped because of an earlier answer"),
        ("COMMENT", {}, "en", "as written"),
        ("CHANGE_TEXT", {}, "en", ""),
    ],
)
def test_an_answer_is_said_in_words(instrument, code, codes, language, words):
    assert in_words(instrument, instrument.questions[code], codes, {"COMMENT": "as written"}, language) == words


def test_a_profile_answer_is_said_in_words(instrument):
    question = instrument.profile_question("STAKEHOLDER")

    assert in_words(instrument, question, {"STAKEHOLDER": 2}, {}, "en") == "Large company"


def test_a_code_that_means_nothing_has_no_words(instrument):
    with pytest.raises(KeyError):
        in_words(instrument, instrument.questions["NEED"], {"NEED": 6}, {}, "en")


def test_every_kind_has_a_reader_and_a_speaker():
    assert set(kinds._READERS) == set(Kind)
    assert set(kinds._SPEAKERS) == set(Kind)
