"""Texts, wordings, rows of bytes."""

import pytest

from instruments import NOT_ANSWERED, Mode, fill


def test_a_text_is_found_by_key_and_language(instrument):
    assert instrument.text("answer.yes", "hu") == "Igen"


@pytest.mark.parametrize(("key", "language"), [("answer.maybe", "en"), ("answer.yes", "no")])
def test_a_text_that_is_not_there_is_named(instrument, key, language):
    with pytest.raises(KeyError, match=f"replicability v1 has no text '{key}' in the language '{language}'"):
        instrument.text(key, language)


@pytest.mark.parametrize(
    ("mode", "variant", "begins"),
    [
        (Mode.WEB, "rq10", "How big an obstacle"),
        (Mode.WEB, "rq5", "How big an obstacle"),
        (Mode.WEB, None, "How big an obstacle"),
        (Mode.PHONE, "rq10", "Now two questions about obstacles."),
        (Mode.PHONE, "rq5", "Now a question about obstacles."),
        (Mode.PHONE, None, "Now two questions about obstacles."),
    ],
)
def test_the_wording_depends_on_mode_and_variant(instrument, mode, variant, begins):
    cost = instrument.questions["COST"]

    assert instrument.wording(cost, language="en", mode=mode, variant=variant).startswith(begins)


def test_names_are_filled_in_once_and_nothing_else_is_touched():
    text = "{practice} from {origin} in {region}, {region}; {other} {} {0} %s"

    filled = fill(text, region="{origin}", origin="{practice}", practice=r"\1 {region}")

    assert filled == r"\1 {region} from {practice} in {origin}, {origin}; {other} {} {0} %s"


def test_a_row_holds_one_signed_byte_per_column(instrument):
    row = instrument.pack({"FAM": 4, "SURE": -2, "EXIST": 88})

    assert row == b"\x04\x58" + b"\x80" * 46 + b"\xfe"


def test_an_unpacked_row_has_every_column(instrument):
    codes = instrument.unpack(instrument.pack({"NEED": 99, "B90": 0}))

    assert codes == {**dict.fromkeys(instrument.columns, NOT_ANSWERED), "NEED": 99, "B90": 0}
    assert list(codes) == list(instrument.columns)


def test_a_profile_is_packed_the_same_way(instrument):
    row = instrument.pack_profile({"STAKEHOLDER": 9, "ROLE": 1})

    assert row == b"\x09\x80\x01"
    assert instrument.unpack_profile(row) == {"STAKEHOLDER": 9, "YEARS": NOT_ANSWERED, "ROLE": 1}


@pytest.mark.parametrize("length", [0, 48, 50])
def test_a_row_of_another_length_is_refused(instrument, length):
    with pytest.raises(ValueError, match=r"zip\(\)"):
        instrument.unpack(bytes(length))


@pytest.mark.parametrize("code", [128, -129, 1000])
def test_a_code_that_fits_no_byte_is_refused(instrument, code):
    with pytest.raises(ValueError, match="a code does not fit one signed byte"):
        instrument.pack({"NEED": code})


def test_a_code_for_a_column_that_is_not_there_is_refused(instrument):
    with pytest.raises(ValueError, match="no such column: C8, COMMENT"):
        instrument.pack({"C8": 1, "COMMENT": 1, "NEED": 1})


def test_a_question_of_the_profile_is_found_by_its_code(instrument):
    assert instrument.profile_question("YEARS").columns == ("YEARS",)
    with pytest.raises(KeyError, match="NEED"):
        instrument.profile_question("NEED")


def test_an_instrument_is_shown_in_few_words(instrument):
    assert repr(instrument) == f"<Instrument replicability v1 {instrument.digest[:12]}>"
