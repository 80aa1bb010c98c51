import pytest
from openpyxl import load_workbook

from survey.queries.studies import study_by_key

CREATE = ("study", "create", "alps", "--title", "Alpine practices", "--owner", "We ask.", "--contact", "a@example.org")


@pytest.fixture
def created(survey, installation):
    made = survey(*CREATE, "--region", "lombardy", "--language", "en", "--language", "it")
    assert made.output == (
        "The study alps is there, as a draft. `survey study open alps` lets answers in.\n"
        "Texts missing before that: 2. `survey study languages alps` names them.\n"
    )
    return installation


def revision(database):
    with database.reading() as session:
        return study_by_key(session, "alps").revision


def write_in(file, **words):
    """Fill cells as a translator does."""
    book = load_workbook(file)
    for place, text in words.items():
        book["Texts"][place].value = text
    book.save(file)


def test_a_study_shows_its_languages_and_what_is_missing(survey, created):
    shown = survey("study", "languages", "alps")

    assert (shown.exit_code, shown.stdout) == (0, "en\tEnglish\nit\tItalian\n")
    assert shown.stderr == "study.title in Italian is missing.\nstudy.owner in Italian is missing.\n"


def test_languages_are_set_and_unknown_ones_refused(survey, created):
    assert survey("study", "languages", "alps", "da", "en").stdout == "da\tDanish\nen\tEnglish\n"
    unknown = survey("study", "languages", "alps", "xx")

    assert unknown.exit_code == 1
    assert "There is no language 'xx'." in unknown.stderr
    with created.reading() as session:
        assert study_by_key(session, "alps").languages == ["da", "en"]


def test_a_long_list_ends_with_how_many_more(survey, installation):
    every = [word for code in ("it", "fr", "de", "sv", "da", "cs", "hu") for word in ("--language", code)]
    survey(*CREATE, *every)
    with installation.writing() as session:
        for text in study_by_key(session, "alps").texts:
            text.purpose = "Why"

    refused = survey("study", "open", "alps")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: study.title in Italian is missing.\nstudy.title in French is missing.\n")
    lines = refused.stderr.splitlines()
    assert len(lines) <= 21
    assert len(lines) == 14 or lines[-1].startswith("… and ")


def test_an_invitation_in_a_language_that_the_study_lacks_is_refused(survey, created):
    refused = survey("study", "invite", "--study", "alps", "--region", "lombardy", "--language", "hu")

    assert refused.exit_code == 1
    assert "The study alps has no language 'hu'. It has: en, it." in refused.stderr


@pytest.mark.parametrize("name", ["texts.xlsx", "texts.CSV"])
def test_texts_go_out_and_come_back_unchanged(survey, created, name):
    before = revision(created)

    out = survey("study", "export-texts", "alps", "--output", name)
    back = survey("study", "import-texts", "alps", name)

    assert (out.exit_code, out.output) == (0, f"{name}: 204 texts; 2 are needed and missing.\n")
    assert (back.exit_code, back.output) == (0, "The sheet holds the texts that the study has; nothing changes.\n")
    assert revision(created) == before


def test_a_translation_opens_the_study(survey, created):
    survey("study", "export-texts", "alps", "--output", "texts.xlsx")
    write_in("texts.xlsx", D2="Pratiche alpine", D3="Lo chiediamo noi.")

    tried = survey("study", "import-texts", "alps", "texts.xlsx", "--dry-run")
    assert survey("study", "open", "alps").exit_code == 1
    done = survey("study", "import-texts", "alps", "texts.xlsx")

    said = "new: study.title in Italian: “Pratiche alpine”\nnew: study.owner in Italian: “Lo chiediamo noi.”\n"
    assert tried.output == f"{said}2 new. Nothing was saved.\n"
    assert done.output == f"{said}2 new. Saved.\n"
    assert survey("study", "open", "alps").output == "The study alps is open.\n"


def test_a_sheet_with_a_mistake_changes_nothing(survey, created):
    survey("study", "export-texts", "alps", "--output", "texts.xlsx")
    write_in("texts.xlsx", D2="Pratiche alpine", D3="=1+1")
    before = revision(created)

    refused = survey("study", "import-texts", "alps", "texts.xlsx")

    assert refused.exit_code == 1
    assert refused.stderr == ("Error: Texts!D3 holds a formula; give the cell the format Text and type it again.\n")
    assert revision(created) == before


@pytest.mark.parametrize(
    ("command", "code", "sentence"),
    [
        (("export-texts", "alps", "--output", "texts.xls"), 2, "texts.xls must end with .xlsx or .csv."),
        (("export-texts", "none", "--output", "texts.csv"), 1, "There is no study 'none'"),
        (("export-texts", "alps", "--output", "no/where.csv"), 1, "no/where.csv cannot be written: No such file"),
        (("import-texts", "alps", "texts.ods"), 2, "texts.ods must end with .xlsx or .csv."),
        (("import-texts", "alps", "gone.xlsx"), 1, "gone.xlsx cannot be read: No such file or directory."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(survey, created, command, code, sentence):
    result = survey("study", *command)

    assert result.exit_code == code
    assert sentence in result.stderr
