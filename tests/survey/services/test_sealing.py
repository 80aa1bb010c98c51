"""What names a person cannot be read without the key, nor under another respondent."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.services.errors import Unreadable
from survey.services.sealing import Seal

ADA, GRACE = uuid.uuid4(), uuid.uuid4()
SEAL = Seal("k" * 64)


@given(st.text())
def test_a_sealed_text_opens_again(text):
    assert SEAL.open(SEAL.close(text, of=ADA), of=ADA) == text


def test_nothing_of_the_text_shows_and_twice_the_same_text_looks_different():
    sealed = SEAL.close("ada@example.org", of=ADA)

    assert b"ada" not in sealed
    assert sealed != SEAL.close("ada@example.org", of=ADA)


@pytest.mark.parametrize(
    ("sealed", "key", "of"),
    [
        (SEAL.close("Ada", of=ADA), "l" * 64, ADA),
        (SEAL.close("Ada", of=ADA), "k" * 64, GRACE),
        (SEAL.close("Ada", of=ADA)[:-1], "k" * 64, ADA),
        (b"\x02" + SEAL.close("Ada", of=ADA)[1:], "k" * 64, ADA),
        (b"\x01short", "k" * 64, ADA),
        (b"", "k" * 64, ADA),
    ],
    ids=["another key", "another person", "cut", "another way", "too short", "nothing"],
)
def test_what_cannot_be_opened_is_told(sealed, key, of):
    with pytest.raises(Unreadable, match="SURVEY_CONTACT_KEY"):
        Seal(key).open(sealed, of=of)


def test_a_print_finds_the_same_text_with_the_same_key_only():
    assert SEAL.print_of("ada@example.org") == Seal("k" * 64).print_of("ada@example.org")
    assert len(SEAL.print_of("")) == 32
    assert SEAL.print_of("ada@example.org") != SEAL.print_of("grace@example.org")
    assert SEAL.print_of("ada@example.org") != Seal("l" * 64).print_of("ada@example.org")
