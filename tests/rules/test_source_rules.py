"""Rules of the house that a reader would otherwise have to remember."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("instruments", "exports", "survey")


def python_files(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported_names(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def test_instruments_import_the_standard_library_pydantic_and_ruamel_only():
    allowed = set(sys.stdlib_module_names) | {"instruments", "pydantic", "pydantic_core", "ruamel"}

    strangers = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files("instruments")
        for name in imported_names(path)
        if name not in allowed
    }

    assert strangers == set()


def test_services_and_queries_leave_the_transaction_to_the_caller():
    calls = re.compile(r"\.(commit|rollback)\(")

    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files("survey/services", "survey/queries")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if calls.search(line) and not path.name.startswith("simulating")
    ]

    assert found == []


def test_templates_never_switch_escaping_off():
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false|\bstyle=|<script(?![^>]*\bsrc=)", re.IGNORECASE)

    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "survey/templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unsafe.search(line)
    ]

    assert found == []


def test_a_todo_names_its_issue():
    open_end = re.compile(r"\b(TODO|FIXME|XXX)\b(?!.*#\d+)")

    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files(*PACKAGES)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if open_end.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("package", ["instruments", "exports"])
def test_a_pure_package_loads_neither_the_web_nor_the_database(package):
    program = (
        f"import sys, {package}; "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'flask', 'sqlalchemy', 'jinja2', 'survey'}))"
    )

    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_the_makefile_prints_every_command_and_the_guide_names_the_main_ones():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert {"dev", "check", "test", "fix", "pictures", "bench"} <= set(targets)
    assert all(f"make {name}" in guide for name in ("venv", "dev", "test", "check"))
