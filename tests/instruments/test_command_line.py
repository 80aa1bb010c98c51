"""python -m instruments: what it prints, where, and with which exit code."""

import subprocess
import sys

import pytest

from instruments import load
from instruments.__main__ import main


def test_a_sound_questionnaire_is_said_to_be_sound(tiny_folder, capsys):
    assert main(["check", str(tiny_folder)]) == 0
    assert capsys.readouterr() == (
        "tiny v1: no problems. 7 questions in 7 columns, 34 texts in 2 languages.\n",
        "",
    )


@pytest.mark.parametrize("name", ["replicability", "replicability/v1"])
def test_a_published_questionnaire_is_found_by_its_name(name, capsys):
    assert main(["digest", name]) == 0
    assert capsys.readouterr().out == f"{load().digest}\n"


def test_a_questionnaire_is_found_by_one_of_its_files(tiny_folder, tiny, capsys):
    assert main(["digest", str(tiny_folder / "texts.csv")]) == 0
    assert capsys.readouterr().out == f"{tiny.digest}\n"


def test_without_a_name_every_published_questionnaire_is_checked(capsys):
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("replicability v1: no problems. ")


def test_a_changed_published_questionnaire_is_shown_but_does_not_pass_the_check(shelf, capsys):
    """Seen to fail with `load_folder` in the place of `load_checked`: the check said "no problems"."""
    folder = shelf / "questionnaires" / "tiny" / "v1"
    assert main(["check", str(folder)]) == 0
    texts = folder / "texts.csv"
    texts.write_text(texts.read_text(encoding="utf-8").replace("English HERE", "Is it here?"), encoding="utf-8")
    capsys.readouterr()

    assert main(["digest", str(folder)]) == 0
    assert main(["check", str(texts)]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert "tiny v1 was published with other questions, codes or English wording" in err
    assert "undo the change, or make it in a new folder v2 and publish that" in err


@pytest.mark.parametrize("command", ["check", "show", "digest"])
def test_every_problem_of_a_broken_questionnaire_goes_to_stderr(command, change, capsys):
    change("instrument.yaml", "phone: HARD.phone", "phone: HARD.fone")
    folder = change("scoring.yaml", "already_here: 3", "already_here: 2")

    assert main([command, str(folder)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"{folder}/instrument.yaml:30: questions.HARD.wording.phone: there is no text 'HARD.fone'",
        f"{folder}/scoring.yaml:13: verdict.already_here: 2 must be an answer without a score",
        f"{folder}/texts.csv:22: HARD.phone: nothing in instrument.yaml uses this text",
    ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("mystery", "the questionnaire mystery v1 is not published\n"),
        ("replicability/v7", "the questionnaire replicability v7 is not published\n"),
        ("nowhere/instrument.yaml", "there is no file 'nowhere/instrument.yaml'\n"),
        ("replicability/vx", "there is no file 'replicability/vx'\n"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(name, sentence, capsys):
    assert main(["check", name]) == 2
    assert capsys.readouterr() == ("", sentence)


def test_the_questions_are_shown_with_their_codes(tiny_folder, capsys):
    assert main(["show", str(tiny_folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tiny v1"
    assert "variant short: HERE GOOD END WHY WHY_TEXT" in lines
    assert lines[lines.index("  GOOD (scale, required) Is {practice} good in {region}?") :][:5] == [
        "  GOOD (scale, required) Is {practice} good in {region}?",
        "       1  English grade.1",
        "       2  English grade.2",
        "       3  English grade.3",
        "      88  English dont_know",
    ]


def test_the_questions_are_shown_in_another_language(tiny_folder, capsys):
    assert main(["show", str(tiny_folder), "--language", "it"]) == 0
    assert "  GOOD (scale, required) In {region}: {practice} va bene?\n" in capsys.readouterr().out


def test_a_language_that_is_not_there_is_refused(tiny_folder, capsys):
    assert main(["show", str(tiny_folder), "--language", "xx"]) == 2
    assert capsys.readouterr() == ("", "tiny has no texts in 'xx'; there are: en, it\n")


@pytest.mark.parametrize("arguments", [[], ["show"], ["digest"], ["mend", "tiny"], ["check", "a", "b"]])
def test_a_command_that_cannot_be_understood_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: python -m instruments" in capsys.readouterr().err


def test_help_explains(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])

    assert caught.value.code == 0
    assert "say what is wrong with it, everything at once, with file, line and key" in capsys.readouterr().out


def test_it_runs_as_a_program(tiny_folder):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "instruments", "check", str(tiny_folder / "nothing")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"there is no file '{tiny_folder / 'nothing'}'\n"
