"""The shipped questionnaire, a tiny one, and a way to break the tiny one."""

import shutil
from pathlib import Path

import pytest

from instruments import InstrumentError, load, load_folder

TINY = Path(__file__).parents[1] / "fixtures" / "questionnaires" / "tiny"
FILES = ("instrument.yaml", "scoring.yaml", "texts.csv")


@pytest.fixture
def instrument():
    return load()


@pytest.fixture(scope="session")
def tiny():
    return load_folder(TINY)


@pytest.fixture
def tiny_folder(tmp_path):
    """A copy of the tiny questionnaire that a test may spoil."""
    for name in FILES:
        (tmp_path / name).write_bytes((TINY / name).read_bytes())
    return tmp_path


@pytest.fixture
def shelf(tmp_path_factory):
    """A folder with the tiny questionnaire published as tiny v1."""
    home = tmp_path_factory.mktemp("shelf")
    shutil.copytree(TINY, home / "questionnaires" / "tiny" / "v1")
    entry = f'[[published]]\nkey = "tiny"\nversion = 1\ndigest = "{load_folder(TINY).digest}"\n'
    (home / "published.toml").write_text(entry, encoding="utf-8")
    return home


@pytest.fixture
def change(tiny_folder):
    """Replace text in a file of the tiny questionnaire; the old text must be there once."""

    def change(file, old, new):
        path = tiny_folder / file
        before = path.read_text(encoding="utf-8")
        assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {file}"
        path.write_text(before.replace(old, new), encoding="utf-8")
        return tiny_folder

    return change


@pytest.fixture
def problems_of():
    """The problems of a folder as "file:line key: message", files without their folder."""

    def problems_of(folder):
        with pytest.raises(InstrumentError) as caught:
            load_folder(folder)
        return [
            f"{Path(problem.file).name}:{problem.line} {problem.key}: {problem.message}"
            for problem in caught.value.problems
        ]

    return problems_of
