"""The shipped catalogue, and what the reader says about a broken one."""

import re
import shutil
from pathlib import Path

import pytest

from instruments import load
from survey.catalogue import CATALOGUE_NOTE, CatalogueError, read_catalogue
from survey.texts import LANGUAGES, ui

FOLDER = Path(__file__).parents[2] / "survey/catalogue"


@pytest.fixture
def catalogue():
    return read_catalogue()


@pytest.fixture
def copy(tmp_path):
    """A folder with the shipped files, to be broken."""
    for file in FOLDER.rglob("*.csv"):
        target = tmp_path / file.relative_to(FOLDER)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, target)
    return tmp_path


def change(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder):
    with pytest.raises(CatalogueError) as refused:
        read_catalogue(folder)
    return [(problem.file, problem.row, problem.column, problem.message) for problem in refused.value.problems]


def test_the_catalogue_has_its_practices_regions_and_stakeholders(catalogue):
    counts = [len(part) for part in (catalogue.practices, catalogue.regions, catalogue.categories)]

    assert counts == [99, 11, 9]
    assert [len(catalogue.groups), len(catalogue.stakeholder_types)] == [7, 9]
    assert sum(len(region.partners) for region in catalogue.regions) == 14


def test_everything_is_there_in_all_languages(catalogue):
    assert set(catalogue.languages) == set(LANGUAGES)
    for practice in catalogue.practices:
        assert set(practice.texts) == set(LANGUAGES), practice.key
    for region in catalogue.regions:
        assert set(region.texts) == set(LANGUAGES), region.key


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_translations_stand_in_the_order_of_the_catalogue(catalogue, language):
    lines = (FOLDER / f"translations/{language}.csv").read_text(encoding="utf-8").splitlines()
    found = [tuple(line.split(",")[:2]) for line in lines if line.startswith(("practice,", "region,"))]

    expected = [("practice", practice.key) for practice in catalogue.practices]
    expected += [("region", region.key) for region in catalogue.regions]
    assert found == expected


def test_english_summaries_can_be_read_aloud_in_under_a_minute(catalogue):
    lengths = {practice.key: len(practice.texts["en"].summary.split()) for practice in catalogue.practices}

    assert {key: words for key, words in lengths.items() if not 60 <= words <= 110} == {}


def test_every_category_has_a_practice_and_a_name_on_the_pages(catalogue):
    assert {practice.category for practice in catalogue.practices} == {each.key for each in catalogue.categories}
    for category in catalogue.categories:
        assert ui("en")(f"category.{category.key}") == category.name


def test_every_practice_has_one_main_source_with_a_strength(catalogue):
    for practice in catalogue.practices:
        assert [source.no for source in practice.sources] == list(range(1, len(practice.sources) + 1))
        assert practice.sources[0].strength in {"strong", "medium", "weak"}


def test_stakeholders_are_named_as_the_questionnaire_names_them(catalogue):
    instrument = load("replicability", 1)

    for group in catalogue.groups:
        assert instrument.text(f"profile.group.{group.key}", "en") == group.name
    for kind in catalogue.stakeholder_types:
        assert instrument.text(f"profile.stakeholder.{kind.key}", "en") == kind.name
    options = instrument.profile_question("STAKEHOLDER").options
    assert [(option.key, option.group) for option in options] == [
        (kind.key, kind.group) for kind in catalogue.stakeholder_types
    ]


def test_french_has_no_break_spaces_before_its_punctuation(catalogue):
    wrong = [
        practice.key for practice in catalogue.practices if re.search(r" [?!:;»]|« ", practice.texts["fr"].summary)
    ]

    assert wrong == []


def test_the_note_says_what_the_catalogue_is_not():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert "This is not the NetBioCluE catalogue" in readme
    assert CATALOGUE_NOTE.startswith("This is not the NetBioCluE catalogue.")


def test_an_unbroken_copy_is_the_same_catalogue(copy, catalogue):
    assert read_catalogue(copy) == catalogue


def test_translations_may_be_left_out(copy):
    shutil.rmtree(copy / "translations")
    text = (copy / "regions.csv").read_text(encoding="utf-8")
    (copy / "regions.csv").write_text(re.sub(r"(Europe/[A-Za-z]+),[a-z]{2},", r"\1,en,", text), encoding="utf-8")

    catalogue = read_catalogue(copy)

    assert catalogue.languages == ("en",)
    assert set(catalogue.practices[0].texts) == {"en"}


def test_all_mistakes_are_told_at_once_with_their_places(copy):
    change(copy, "practices.csv", "biobasque-strategy,", "Bio Basque,")
    change(copy, "regions.csv", "Europe/Rome,it", "Europe/Atlantis,xx")
    change(copy, "stakeholder_types.csv", "S2,BUS", "S2,BIZ")
    (copy / "categories.csv").unlink()

    found = problems(copy)

    assert ("categories.csv", None, "", "the file is missing") in found
    slug = "is not made of small letters, digits and single hyphens: 'Bio Basque'"
    assert ("practices.csv", 2, "id", slug) in found
    zone = "is 'Europe/Atlantis', which is no time zone such as Europe/Rome"
    assert ("regions.csv", 2, "timezone", zone) in found
    assert ("stakeholder_types.csv", 3, "group", "there is no group 'BIZ'") in found
    assert ("sources.csv", 2, "practice_id", "there is no practice 'biobasque-strategy'") in found


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("practices.csv", ",ES,ES21,2002,", ",ES,ES99,2002,", (2, "nuts", "no NUTS code in nuts_codes.csv: 'ES99'")),
        ("practices.csv", ",ES,ES21,2002,", ",FR,ES21,2002,", (2, "nuts", "'ES21' is not in FR")),
        ("practices.csv", ",ES,ES21,2002,", ",ES,ES21,02,", (2, "start_year", "not a year")),
        ("practices.csv", ",ES,ES21,2002,", ",Spain,ES21,2002,", (2, "origin_country", "two capital letters")),
        ("practices.csv", ",emerging,", ",budding,", (2, "lifecycle_stage", "emerging")),
        ("practices.csv", "Around the year 2000", "Around  the year 2000", (2, "summary", "spaces")),
        ("practices.csv", "Around the year 2000", "Around the\nyear 2000", (2, "summary", "line break")),
        ("practices.csv", "https://www.spri.eus", "www.spri.eus", (2, "source_url", "not an address")),
        ("practices.csv", "biodundee-partnership,", "biobasque-strategy,", (3, "id", "stands in row 2 already")),
        ("sources.csv", "biobasque-strategy,1,strong", "biobasque-strategy,1,", (2, "strength", "first source")),
        ("sources.csv", "biobasque-strategy,2,,", "biobasque-strategy,1,weak,", (3, "no", "stands in row 2 already")),
        ("stakeholder_groups.csv", "BUS,Companies,", "BUS,,", (2, "name", "is blank")),
        ("stakeholder_groups.csv", "BUS,Companies,", "BUS,Companies,more,", (2, "", "has 4 fields instead of 3")),
        ("stakeholder_groups.csv", "id,name", "key,name", (1, "", "the columns are")),
        ("stakeholder_groups.csv", '"Start-ups, small', '"Start-ups" small', (2, "", "cannot be read")),
        ("translations/it.csv", "practice,biobasque-strategy,", "practice,nobody,", (2, "id", "no practice 'nobody'")),
        ("translations/it.csv", "lombardy,Lombardia", "lombardy,Lombardia (MI)", (101, "title", "brackets")),
        ("regions.csv", ",UKH,", ",UKM71,", None),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_row_and_column(copy, file, old, new, expected):
    change(copy, file, old, new)

    if expected is None:  # Another region of the same country is a choice, not a mistake.
        assert read_catalogue(copy)
        return
    row, column, words = expected
    assert any(
        (found[0], found[1], found[2]) == (file, row, column) and words in found[3] for found in problems(copy)
    ), problems(copy)


def test_a_practice_without_a_main_source_is_named(copy):
    change(copy, "sources.csv", "biobasque-strategy,1,strong", "biobasque-strategy,9,")

    message = "sources.csv has no first source of 'biobasque-strategy'"
    assert problems(copy) == [("practices.csv", 2, "source_url", message)]


def test_one_mistake_is_told_once(copy):
    change(copy, "practices.csv", "Around the year 2000", "Around  the year 2000")
    change(copy, "sources.csv", "biobasque-strategy,1,strong", "biobasque-strategy,1,")

    assert [problem[:3] for problem in problems(copy)] == [
        ("practices.csv", 2, "summary"),
        ("sources.csv", 2, "strength"),
    ]


def test_a_file_that_is_empty_or_not_in_utf8_is_named(copy):
    (copy / "categories.csv").write_bytes(b"")
    (copy / "regions.csv").write_bytes("id,name\névry".encode("latin-1"))

    found = problems(copy)

    assert ("categories.csv", None, "", "the file is empty") in found
    assert ("regions.csv", None, "", "the file is not in UTF-8") in found
