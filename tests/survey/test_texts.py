"""Texts for respondents: whole in every language, and each of them used."""

import csv
import re
from pathlib import Path

import pytest

from survey.texts import FILE, LANGUAGES, language_names, placeholders, typographic, ui

SURVEY = Path(__file__).parents[2] / "survey"
# Keys that a table or an f-string names in parts, and texts that later pages need.
NAMED_IN_PARTS = {
    "language.name",
    *(
        f"error.{problem}"
        for problem in (
            "required", "choose_one", "max_choices", "too_long", "text_not_allowed", "answer_or_dont_know",
            "unknown_question",
        )
    ),
}  # fmt: skip
FOR_LATER = {
    "label.comment", "label.practice", "label.required", "label.source", "progress.step",  # the phone
    "nav.cannot_judge", "nav.review", "nav.submit",
}  # fmt: skip


def rows():
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def used_keys():
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("templates", "web", "services/mailing")
        for path in (SURVEY / folder).rglob("*")
        if path.suffix in {".html", ".py"}
    )
    return set(re.findall(r"""["']([a-z_]+\.[a-z_]+)["']""", text))


def test_the_sheet_has_the_languages_in_their_order_and_no_key_twice():
    keys = [row["key"] for row in rows()]

    assert tuple(rows()[0])[1:] == LANGUAGES
    assert len(keys) == len(set(keys))


def test_no_cell_is_empty_or_has_stray_space():
    bad = [
        (row["key"], language)
        for row in rows()
        for language in LANGUAGES
        if not row[language] or row[language] != row[language].strip()
    ]

    assert bad == []


def test_every_language_has_the_same_placeholders():
    bad = [
        (row["key"], language)
        for row in rows()
        for language in LANGUAGES
        if placeholders(row[language]) != placeholders(row["en"])
    ]

    assert bad == []


def test_every_key_that_pages_use_exists_and_every_key_is_used():
    keys = {row["key"] for row in rows()}
    families = {key.split(".")[0] for key in keys}
    # Names such as "respondent.receipt" look alike; keys begin with a family that the sheet has.
    used = {key for key in used_keys() if key.split(".")[0] in families} | NAMED_IN_PARTS

    assert {key for key in keys - used - FOR_LATER if not key.startswith("category.")} == set()
    assert {key for key in used - keys if not (SURVEY / "templates" / key).exists()} - instrument_keys() == set()
    assert FOR_LATER & used == set()


def instrument_keys():
    folder = SURVEY.parent / "instruments" / "questionnaires"
    return {
        row["key"]
        for file in folder.rglob("texts.csv")
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    }


def test_french_has_no_break_spaces_where_its_typography_wants_them():
    bad = [row["key"] for row in rows() if re.search(r" [?!:;»]|« ", row["fr"])]

    assert bad == []


def test_languages_have_their_own_names():
    assert list(language_names().items())[:3] == [("en", "English"), ("it", "Italiano"), ("fr", "Français")]


@pytest.mark.parametrize(
    ("straight", "set_well"),
    [
        ("Don't know", "Don’t know"),
        ("choose 'Don't know'.", "choose ‘Don’t know’."),
        ("dell'impresa", "dell’impresa"),
        ("2-5 years, (1-3)", "2–5 years, (1–3)"),
        ("start-up", "start-up"),
        ("", ""),
    ],
)
def test_apostrophes_and_ranges_are_set_as_in_a_book(straight, set_well):
    assert typographic(straight) == set_well


def test_values_are_put_in_once():
    t = ui("en")

    assert t("progress.practice", n="{total}", total=6) == "Practice {total} of 6"
    assert t.around("privacy.contact", "contact")[1] == ""


def test_a_missing_value_or_key_is_told():
    with pytest.raises(KeyError):
        ui("en")("progress.practice", n=1)
    with pytest.raises(KeyError):
        ui("en")("no.such_key")
    with pytest.raises(KeyError):
        ui("pt")
