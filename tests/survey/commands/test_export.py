import json
import os
import stat
import sys

import make
import pytest
from openpyxl import load_workbook

from survey.commands.installation import LAST_DEMO, note_demo
from survey.database import Database


def fill(database, now, key="test"):
    with database.writing() as session:
        study = make.make_study(session, now=now, key=key)
        make.make_interview(session, study, now=now, answers=[make.COMPLETE])


@pytest.fixture
def study(installation, now):
    fill(installation, now)
    return installation


def export(survey, output="out.xlsx", *, edition="internal", format_="xlsx", study="test", more=(), **invoke):
    return survey(
        *("export", "--study", study, "--edition", edition, "--format", format_, "--output", output), *more, **invoke
    )


def test_a_workbook_is_written(survey, study, folder):
    result = export(survey)

    assert result.exit_code == 0
    assert result.output.startswith("out.xlsx: 1 evaluations from 1 interviews, 0.")
    assert "Heat map" in load_workbook(folder / "out.xlsx").sheetnames


def test_data_are_written(survey, study, folder):
    assert export(survey, "out.json", format_="json").exit_code == 0

    document = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert (document["format"], document["study"]["key"], len(document["codes"])) == (2, "test", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_the_file_is_for_its_owner(survey, study, folder):
    export(survey)

    assert stat.S_IMODE((folder / "out.xlsx").stat().st_mode) == 0o600


@pytest.mark.parametrize("edition", ["partner", "public"])
def test_other_editions_are_refused_before_anything_is_written(survey, study, folder, edition):
    result = export(survey, edition=edition)

    assert result.exit_code == 1
    assert f"The {edition} edition is not available in this version" in result.stderr
    assert not (folder / "out.xlsx").exists()


@pytest.mark.parametrize(("option", "value"), [("edition", "secret"), ("format_", "pdf")])
def test_words_that_are_none_are_a_wrong_call(survey, option, value):
    assert export(survey, **{option: value}).exit_code == 2


def test_an_unknown_study_is_refused_and_nothing_is_written(survey, study, folder):
    before = set(folder.iterdir())

    result = export(survey, study="none")

    assert (result.exit_code, result.stderr) == (1, "Error: There is no study 'none'.\n")
    assert set(folder.iterdir()) == before


def test_a_file_that_is_there_is_replaced(survey, study, folder):
    (folder / "out.json").write_text("old")

    assert export(survey, "out.json", format_="json").exit_code == 0
    assert json.loads((folder / "out.json").read_text(encoding="utf-8"))["format"] == 2


def test_a_folder_that_is_missing_is_named(survey, study):
    result = export(survey, "nowhere/out.xlsx")

    assert result.exit_code == 1
    assert result.stderr == "Error: nowhere/out.xlsx cannot be written: No such file or directory.\n"


def test_a_folder_as_output_is_a_wrong_call(survey, study, folder):
    (folder / "out").mkdir()

    assert export(survey, "out").exit_code == 2


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(survey, study, folder, monkeypatch):
    (folder / "out.json").write_text("old")
    before = set(folder.iterdir())

    def full(_number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = export(survey, "out.json", format_="json")

    assert result.exit_code == 1
    assert result.stderr == "Error: out.json cannot be written: No space left on device.\n"
    assert (folder / "out.json").read_text() == "old"
    assert set(folder.iterdir()) == before


def test_without_any_installation_it_says_how_to_make_one_and_makes_nothing(survey, folder):
    result = export(survey)

    assert result.exit_code == 1
    assert "`survey db upgrade` makes one" in result.stderr
    assert list(folder.iterdir()) == []


class TestWhichInstallation:
    """--data-dir, then the environment, then ./var, then the last demonstration."""

    @pytest.fixture
    def place(self, sqlite_template, folder, now):
        def make_place(name):
            database = Database(None, data_dir=folder / name)
            database.upgrade()
            fill(database, now, key=f"study-in-{name}")
            database.dispose()
            return folder / name

        return make_place

    def test_the_folder_of_the_last_demonstration_is_found(self, survey, place):
        demo = place("demo")
        note_demo(demo)

        result = export(survey, study="study-in-demo")

        assert (result.exit_code, result.stderr) == (0, f"Using the demonstration in {demo}.\n")

    def test_a_database_in_var_comes_before_it(self, survey, place):
        note_demo(place("demo"))
        place("var")

        assert export(survey, study="study-in-var").exit_code == 0
        assert export(survey, study="study-in-demo").exit_code == 1

    def test_the_environment_comes_before_both(self, survey, place):
        note_demo(place("demo"))
        place("var")
        chosen = {"SURVEY_DATA_DIR": str(place("chosen"))}

        assert export(survey, study="study-in-chosen", env=chosen).exit_code == 0
        assert export(survey, study="study-in-demo", env=chosen).exit_code == 1

    def test_the_database_url_comes_before_the_folder(self, survey, place):
        environ = {
            "DATABASE_URL": f"sqlite:///{place('url')}/survey.db",
            "SURVEY_DATA_DIR": str(place("chosen")),
        }

        assert export(survey, study="study-in-url", env=environ).exit_code == 0

    def test_the_option_comes_before_everything(self, survey, place):
        environ = {
            "DATABASE_URL": f"sqlite:///{place('url')}/survey.db",
            "SURVEY_DATA_DIR": str(place("chosen")),
        }
        place("option")

        result = export(survey, study="study-in-option", more=("--data-dir", "option"), env=environ)

        assert (result.exit_code, result.stderr) == (0, "")

    def test_a_demonstration_that_is_gone_is_not_looked_for(self, survey, folder):
        note_demo(folder / "gone")

        assert "There is no database at" in export(survey).stderr

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x00", b"a" * 10_000])
    def test_a_note_that_is_damaged_is_as_if_it_were_not_there(self, survey, folder, content):
        (folder / LAST_DEMO).parent.mkdir()
        (folder / LAST_DEMO).write_bytes(content)

        assert "There is no database at" in export(survey).stderr

    def test_no_key_is_needed_and_none_is_made(self, survey, place):
        place("var")

        result = export(survey, study="study-in-var", env={"SURVEY_BASE_URL": "https://survey.example.org"})

        assert result.exit_code == 0
