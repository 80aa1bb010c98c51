import re

import pytest
from shelves import make_shelf
from versions import FIT_REWORDED

from instruments import registry
from survey.queries.studies import regions_of, study_by_key

CREATE = ("study", "create", "alps", "--title", "Alpine practices", "--owner", "We ask.", "--contact", "a@example.org")


@pytest.fixture
def created(survey, installation):
    assert survey(*CREATE, "--region", "lombardy", "--region", "munich").exit_code == 0
    return installation


def test_a_study_is_made_opened_and_closed(survey, created):
    assert survey("study", "list").output == "alps\tdraft\tAlpine practices\n"
    assert survey("study", "open", "alps").output == "The study alps is open.\n"
    assert survey("study", "list").output == "alps\topen\tAlpine practices\n"
    assert survey("study", "close", "alps").output == "The study alps is closed.\n"
    assert survey("study", "list").output == "alps\tclosed\tAlpine practices\n"


def test_it_has_the_regions_that_were_asked_for(created):
    with created.reading() as session:
        study = study_by_key(session, "alps")
        assert set(regions_of(session, study.id)) == {"lombardy", "munich"}


def test_the_last_day_is_a_date(survey, installation):
    assert survey(*CREATE, "--closes-on", "2026-12-18").exit_code == 0
    assert survey(*CREATE, "--closes-on", "18.12.2026").exit_code == 2

    with installation.reading() as session:
        assert study_by_key(session, "alps").closes_on.isoformat() == "2026-12-18"


def test_an_invitation_prints_a_link_and_nothing_else(survey, created):
    survey("study", "open", "alps")

    result = survey("study", "invite", "--study", "alps", "--region", "munich")

    assert result.exit_code == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/link/[\w-]{43}\n", result.stdout)


def test_the_link_has_the_address_that_others_use(survey, created):
    survey("study", "languages", "alps", "en", "it")

    result = survey(
        *("study", "invite", "--study", "alps", "--region", "munich", "--language", "it"),
        env={"SURVEY_BASE_URL": "https://survey.example.org/"},
    )

    assert result.stdout.startswith("https://survey.example.org/link/")


def test_a_region_that_is_none_is_answered_with_those_there_are(survey, created):
    result = survey("study", "invite", "--study", "alps", "--region", "mars")

    assert result.exit_code == 1
    assert "The study alps has no region 'mars'. It has: lombardy, munich." in result.stderr


@pytest.mark.parametrize(
    "command", [("open", "none"), ("close", "none"), ("invite", "--study", "none", "--region", "x")]
)
def test_a_study_that_is_none_is_not_found(survey, installation, command):
    result = survey("study", *command)

    assert result.exit_code == 1
    assert "There is no study 'none'; `survey study list` names those there are." in result.stderr


def test_the_same_key_twice_is_refused(survey, created):
    result = survey(*CREATE)

    assert result.exit_code == 1
    assert "There is a study with the key 'alps' already." in result.stderr


def test_an_empty_list_says_what_to_do(survey, installation):
    result = survey("study", "list")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "`survey study create` makes one" in result.stderr


def test_a_study_moves_to_a_newer_version_of_its_questionnaire(survey, created, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "HOME", make_shelf(tmp_path / "shelf", [FIT_REWORDED]))

    result = survey("study", "use-instrument", "alps", 2)

    assert result.output == (
        "Answers to version 1 are exported but not counted together with newer ones: FIT, RS10, RS5.\n"
        "New interviews of the study alps have version 2; those that have begun keep theirs.\n"
    )
    with created.reading() as session:
        assert study_by_key(session, "alps").instrument_version == 2


def test_a_version_that_is_not_there_is_refused(survey, created):
    result = survey("study", "use-instrument", "alps", 2)

    assert result.exit_code == 1
    assert "There is no instrument 'replicability' version 2." in result.stderr
