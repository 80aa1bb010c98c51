import subprocess
import sys

import click
import pytest

from survey.commands import COMMANDS, main

LOADS = """
import sys
from click.testing import CliRunner
from survey.commands import main
result = CliRunner().invoke(main, sys.argv[2:])
assert result.exit_code == 0, result.output
print(*[name for name in sys.argv[1].split(",") if name in sys.modules])
"""


def loaded_by(*arguments, of):
    return subprocess.run(
        [sys.executable, "-c", LOADS, ",".join(of), *arguments], capture_output=True, text=True, check=True
    ).stdout.split()


def commands(group, *names):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        yield (*names, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *names, name)


ALL = dict(commands(main))


def test_help_lists_every_command(survey):
    result = survey("--help")

    assert result.exit_code == 0
    assert all(f"\n  {name} " in result.output for name in COMMANDS)


def test_help_loads_none_of_them():
    assert loaded_by("--help", of=["sqlalchemy", "flask", "numpy", "openpyxl", "pydantic"]) == []


def test_export_loads_no_pages():
    assert loaded_by("export", "--help", of=["flask", "wtforms", "jinja2", "waitress", "sqlalchemy"]) == ["sqlalchemy"]


@pytest.mark.parametrize("names", ALL, ids=" ".join)
def test_every_command_explains_itself_with_an_example_that_fits(survey, names):
    result = survey(*names, "--help")

    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"    survey {' '.join(names)}" in result.output
    example = result.output[result.output.index("Example") :]
    assert "\b" not in example


@pytest.mark.parametrize("names", [names for names, command in ALL.items() if not isinstance(command, click.Group)])
def test_options_that_are_unknown_are_a_wrong_call(survey, names):
    assert survey(*names, "--no-such-option").exit_code == 2


def test_unknown_commands_are_a_wrong_call(survey):
    result = survey("dance")

    assert result.exit_code == 2
    assert "No such command 'dance'" in result.output


def test_the_version_is_told(survey):
    result = survey("--version")

    assert result.exit_code == 0
    assert result.output.startswith("survey, version ")
