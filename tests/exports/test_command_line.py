"""python -m exports: a workbook or a reason, never half a file, and no server in memory."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from datasets import golden_dataset, random_dataset

from exports import CellError, write_dataset, write_workbook
from exports import __main__ as command_line
from exports.__main__ import main


@pytest.fixture
def dataset_file(tmp_path):
    path = tmp_path / "dataset.json"
    with path.open("wb") as file:
        write_dataset(golden_dataset(), file)
    return path


def broken(path, **changes):
    """The dataset file with some keys replaced."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_writes_the_same_workbook_as_the_package(dataset_file, capsys):
    target = dataset_file.with_name("workbook.xlsx")

    code = main([str(dataset_file), str(target)])

    expected = BytesIO()
    write_workbook(golden_dataset(), expected)
    assert code == 0
    assert capsys.readouterr().out == f"{target}: 9 evaluations, internal edition\n"
    assert target.read_bytes() == expected.getvalue()
    assert left(target.parent) == ["dataset.json", "workbook.xlsx"]


def test_it_runs_without_a_web_server_or_a_database_in_memory(dataset_file):
    target = dataset_file.with_name("workbook.xlsx")
    program = (
        "import runpy, sys\n"
        "try:\n"
        "    runpy.run_module('exports', run_name='__main__', alter_sys=True)\n"
        "finally:\n"
        "    print(sorted({'flask', 'sqlalchemy', 'werkzeug', 'survey'} & set(sys.modules)))\n"
    )

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(dataset_file), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "[]"
    assert target.exists()


def test_it_runs_as_a_module(dataset_file):
    target = dataset_file.with_name("workbook.xlsx")

    done = subprocess.run(
        [sys.executable, "-m", "exports", str(dataset_file), str(target), "--edition", "internal"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_help_explains(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])

    out = capsys.readouterr().out
    assert caught.value.code == 0
    assert "Write the Excel workbook of a dataset file" in out
    assert "exit codes: 0 the workbook was written; 1 it was not" in out
    assert "{internal,partner,public}" in out


@pytest.mark.parametrize(
    "arguments", [[], ["a.json"], ["a.json", "b.xlsx", "c"], ["a.json", "b.xlsx", "--edition", "secret"]]
)
def test_a_wrong_command_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: python -m exports" in capsys.readouterr().err


def test_a_target_that_is_no_workbook_ends_with_2(dataset_file, capsys):
    assert main([str(dataset_file), "result.csv"]) == 2

    assert capsys.readouterr().err == "result.csv: a workbook's name ends in .xlsx\n"


def test_a_dataset_that_is_not_there_ends_with_1(tmp_path, capsys):
    source = tmp_path / "none.json"

    assert main([str(source), str(tmp_path / "workbook.xlsx")]) == 1

    assert capsys.readouterr().err == f"{source}: No such file or directory\n"
    assert left(tmp_path) == []


def test_every_problem_of_a_broken_dataset_is_told_and_nothing_is_written(dataset_file, capsys):
    broken(dataset_file, revision="7", selection=1)
    target = dataset_file.with_name("workbook.xlsx")

    assert main([str(dataset_file), str(target)]) == 1

    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == [
        f"{dataset_file}: selection: should be a valid string, not 1",
        f'{dataset_file}: revision: should be a valid integer, not "7"',
    ]
    assert left(dataset_file.parent) == ["dataset.json"]


def test_a_broken_dataset_leaves_the_old_workbook_as_it_was(dataset_file):
    target = dataset_file.with_name("workbook.xlsx")
    target.write_bytes(b"old")
    broken(dataset_file, revision=-1)

    assert main([str(dataset_file), str(target)]) == 1

    assert target.read_bytes() == b"old"


def test_an_old_workbook_is_replaced(dataset_file):
    target = dataset_file.with_name("WORKBOOK.XLSX")
    target.write_bytes(b"old")

    assert main([str(dataset_file), str(target)]) == 0

    assert target.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(("wrong", "more"), [(1000, 0), (1001, 1)])
def test_thousands_of_problems_are_counted_after_the_first_thousand(tmp_path, capsys, wrong, more):
    source = tmp_path / "dataset.json"
    with source.open("wb") as file:
        write_dataset(random_dataset(1001), file)
    rows = json.loads(source.read_text())["codes"]
    for row in rows[:wrong]:
        row[0] = 44
    broken(source, codes=rows)

    assert main([str(source), str(tmp_path / "workbook.xlsx")]) == 1

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"{source}: codes[0][0]: 44 is not a code of FAM"
    assert lines[999] == f"{source}: codes[999][0]: 44 is not a code of FAM"
    assert lines[1000:] == ([f"{source}: and 1 more problems"] if more else [])


def test_a_folder_that_is_not_there_ends_with_1(dataset_file, capsys):
    target = dataset_file.parent / "none" / "workbook.xlsx"

    assert main([str(dataset_file), str(target)]) == 1

    assert capsys.readouterr().err == f"{target}: No such file or directory\n"


def test_a_target_that_is_a_folder_ends_with_1_and_leaves_nothing_behind(dataset_file, capsys):
    target = dataset_file.with_name("folder.xlsx")
    target.mkdir()

    assert main([str(dataset_file), str(target)]) == 1

    assert capsys.readouterr().err.startswith(f"{target}: ")
    assert left(dataset_file.parent) == ["dataset.json", "folder.xlsx"]


@pytest.mark.parametrize("edition", ["partner", "public"])
def test_an_edition_that_is_not_available_is_refused_and_nothing_is_written(dataset_file, capsys, edition):
    target = dataset_file.with_name("workbook.xlsx")

    assert main([str(dataset_file), str(target), "--edition", edition]) == 1

    assert f"The {edition} edition is not available in this version" in capsys.readouterr().err
    assert left(dataset_file.parent) == ["dataset.json"]


def test_what_a_sheet_cannot_hold_is_a_sentence_and_nothing_is_written(dataset_file, capsys, monkeypatch):
    def refuse(dataset, file, *, edition):
        file.write(b"half")
        raise CellError("Ratings, row 3: too long")

    monkeypatch.setattr(command_line, "write_workbook", refuse)
    target = dataset_file.with_name("workbook.xlsx")

    assert main([str(dataset_file), str(target)]) == 1

    assert capsys.readouterr().err == f"{target}: Ratings, row 3: too long\n"
    assert left(dataset_file.parent) == ["dataset.json"]


def test_an_unforeseen_fault_leaves_nothing_behind(dataset_file, monkeypatch):
    def fail(dataset, file, *, edition):
        file.write(b"half")
        raise RuntimeError

    monkeypatch.setattr(command_line, "write_workbook", fail)

    with pytest.raises(RuntimeError):
        main([str(dataset_file), str(dataset_file.with_name("workbook.xlsx"))])

    assert left(dataset_file.parent) == ["dataset.json"]


def test_the_file_is_as_readable_as_any_other_new_file(dataset_file):
    target = dataset_file.with_name("workbook.xlsx")
    plain = dataset_file.with_name("plain")
    plain.touch()

    main([str(dataset_file), str(target)])

    assert Path(target).stat().st_mode == plain.stat().st_mode
