"""The shipped questionnaire is the method's, sections 2.1 to 2.7, and its texts are the catalogue's."""

import csv
import re
from io import StringIO

import pytest

from instruments import Kind, Mode

TEN = ("NEED", "FIT", "EFF", "ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL")
BARRIERS = tuple(f"B{number:02}" for number in (*range(1, 14), 90))
ENABLERS = tuple(f"E{number:02}" for number in (*range(1, 12), 90))
CHANGES = tuple(f"C{number}" for number in range(1, 8))


def test_the_columns_are_frozen(instrument):
    assert instrument.columns == (
        *("FAM", "EXIST", "EXWORK"),
        *TEN,
        *("VERDICT", *CHANGES, "HORIZON"),
        *BARRIERS,
        *ENABLERS,
        "SURE",
    )
    assert len(instrument.columns) == 49
    assert instrument.text_questions == ("CHANGE_TEXT", "BARRIER_TEXT", "ENABLER_TEXT", "COMMENT")
    assert instrument.profile_columns == ("STAKEHOLDER", "YEARS", "ROLE")


def test_it_speaks_eight_languages(instrument):
    assert instrument.languages == ("en", "it", "fr", "de", "sv", "da", "cs", "hu")


@pytest.mark.parametrize(
    ("codes", "answers", "missing"),
    [
        (("FAM",), (1, 2, 3, 4), (77,)),
        (("EXIST",), (1, 2, 3), (77, 88)),
        (("EXWORK",), (1, 2, 3, 4, 5), (88,)),
        (("NEED", "FIT", "ACC", "LEAD", "SKILL"), (1, 2, 3, 4, 5), (77, 88)),
        (("EFF", "PART", "SUST", "COST", "LEGAL"), (1, 2, 3, 4, 5), (77, 88, 99)),
        (("VERDICT",), (1, 2, 3, 4, 5), (77, 88)),
        (("HORIZON",), (1, 2, 3, 4), (88,)),
        (BARRIERS, (1, 0), (77, 88)),
        (("SURE",), (1, 2, 3), ()),
    ],
)
def test_every_question_has_the_answers_and_missing_codes_of_the_method(instrument, codes, answers, missing):
    for question in (instrument.questions[code] for code in codes):
        assert tuple(option.code for option in question.options) == answers
        assert question.missing == missing
        assert question.offered[Mode.PHONE] == missing
        assert question.offered[Mode.WEB] == tuple(code for code in missing if code != 77)


def test_the_required_questions_are_those_that_make_an_evaluation_count(instrument):
    required = [code for code, question in instrument.questions.items() if question.required]

    assert required == ["FAM", "EXIST", "EXWORK", *TEN, "VERDICT"]


def test_the_short_variant_is_made_of_the_starred_items_and_barriers(instrument):
    left_out = set(instrument.questions) - instrument.variants["rq5"].questions

    assert left_out == {
        *("EFF", "ACC", "PART", "SUST", "LEGAL", "B02", "B04", "B09", "B11", "B13", "ENABLER", "ENABLER_TEXT")
    }
    assert instrument.variants["rq10"].questions == set(instrument.questions)


def test_the_options_of_ticks_have_their_columns_and_something_else_opens_a_text(instrument):
    changes, enablers = instrument.questions["CHANGE"], instrument.questions["ENABLER"]

    assert changes.columns == CHANGES == tuple(option.column for option in changes.options)
    assert enablers.columns == ENABLERS
    assert {option.code for option in (*changes.options, *enablers.options)} == {1}
    assert (changes.max_choices, enablers.max_choices) == (None, 3)
    opened = {
        (option.column or question.code, option.code): option.text_question
        for question in instrument.questions.values()
        for option in question.options
        if option.text_question
    }
    assert opened == {("C7", 1): "CHANGE_TEXT", ("B90", 1): "BARRIER_TEXT", ("E90", 1): "ENABLER_TEXT"}


def test_texts_may_be_2000_characters_long(instrument):
    assert {instrument.questions[code].max_length for code in instrument.text_questions} == {2000}
    assert {instrument.questions[code].kind for code in instrument.text_questions} == {Kind.TEXT}


def test_stakeholder_types_are_sorted_into_seven_groups(instrument):
    groups = [instrument.group_of(code) for code in range(1, 10)]

    assert groups == ["BUS", "BUS", "RES", "RES", "GOV", "FIN", "INT", "CIV", "OTH"]
    assert [group.key for group in instrument.groups] == ["BUS", "RES", "GOV", "FIN", "INT", "CIV", "OTH"]
    with pytest.raises(KeyError):
        instrument.group_of(10)


def test_only_stakeholder_types_have_keys_of_their_own(instrument):
    assert [option.key for option in instrument.profile_question("STAKEHOLDER").options] == [
        f"S{number}" for number in range(1, 10)
    ]
    assert [option.key for option in instrument.questions["NEED"].options] == ["1", "2", "3", "4", "5"]


def test_the_steps_and_their_headings_are_those_of_the_page(instrument):
    headings = {step.key: [instrument.text(block.title, "en") for block in step.blocks] for step in instrument.steps}

    assert headings == {
        "know": ["What you know of it"],
        "criteria": ["Could it work in {region}?", "Obstacles"],
        "verdict": ["All in all"],
        "barriers": ["What would stand in the way", "What would help", "To finish"],
    }
    barriers = instrument.steps[3].blocks[0]
    assert (barriers.stem, barriers.order, barriers.last) == ("barrier.question", "shuffled", ("B90", "BARRIER_TEXT"))


def test_labels_hints_and_lines_to_read_out_are_there(instrument):
    need, fam, fit = (instrument.questions[code] for code in ("NEED", "FAM", "FIT"))

    assert instrument.text(need.label, "en") == "Local need"
    assert instrument.text(fam.label, "en") == "How well did you know this practice before today?"
    assert instrument.text(need.read_aloud, "en") == "Not at all, a little, partly, mostly, or completely?"
    assert (fam.read_aloud, need.hint) == (None, None)
    assert instrument.text(fit.hint, "en") == "Think of your companies, institutions and networks."


def test_scoring_is_that_of_the_method(instrument):
    scoring = instrument.scoring

    assert scoring.scales["RS10"].items == TEN
    assert scoring.scales["RS5"].items == ("NEED", "FIT", "LEAD", "SKILL", "COST")
    assert {key: scale.minimum_answered for key, scale in scoring.scales.items()} == {"RS10": 5, "RS5": 3}
    assert scoring.reversed_items == {"COST", "LEGAL"}
    assert scoring.stop_flags == {"COST": 5, "LEGAL": 5}
    assert scoring.ranges == dict.fromkeys(TEN, (1, 5))
    assert (scoring.version, scoring.weights, scoring.verdict, scoring.already_here) == ("1", {}, "VERDICT", 5)
    assert scoring.verdict_scores == {1: 100.0, 2: 200 / 3, 3: 100 / 3, 4: 0.0}
    assert (scoring.strict, scoring.broad) == ({1, 2}, {1, 2, 3})


def test_no_language_but_english_puts_a_region_into_the_sentence_without_brackets(instrument):
    """A name in brackets needs no preposition, article or case ending."""
    bare = [
        (key, language)
        for key, words in instrument.texts.items()
        for language, text in words.items()
        if language != "en" and re.search(r"(?<!\()\{(region|origin)\}|\{(region|origin)\}(?!\))", text)
    ]

    assert bare == []


def test_french_has_no_break_spaces_before_its_double_marks(instrument):
    broken = [key for key, words in instrument.texts.items() if re.search(r"[^\xa0\u202f][?!:;»]", words["fr"])]

    assert broken == []


def test_the_sheet_of_texts_is_written_the_way_a_program_writes_it(instrument):
    """So that a translator's tool can open and save it without a difference in any other line."""
    source = instrument.sources["texts.csv"]
    rows = list(csv.reader(StringIO(source, newline="")))

    out = StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)

    assert out.getvalue() == source
