"""Published questionnaires for tests: a folder with the shipped one and later versions that are made here."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from instruments import load_folder, registry

Edit = tuple[str, str, str]  # file, text that stands there once, what replaces it

TEXTS, STRUCTURE, SCORING = "texts.csv", "instrument.yaml", "scoring.yaml"


def edit(folder: Path, edits: Iterable[Edit]) -> None:
    """Replace texts in the files of a questionnaire; the old text must be there once."""
    for file, old, new in edits:
        path = folder / file
        before = path.read_text(encoding="utf-8")
        assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {file}"
        path.write_text(before.replace(old, new), encoding="utf-8")


def folder_of(home: Path, version: int, key: str = "replicability") -> Path:
    """Where a version stands."""
    return home / "questionnaires" / key / f"v{version}"


def make_shelf(home: Path, *later: Iterable[Edit]) -> Path:
    """The shipped questionnaire as version 1 and, made from it by edits and published in turn, version 2, 3, …"""
    for version, edits in enumerate(((), *later), 1):
        folder = folder_of(home, version)
        shutil.copytree(folder_of(Path(registry.__file__).parent, 1), folder)
        edit(folder, [] if version == 1 else [(STRUCTURE, "version: 1\n", f"version: {version}\n"), *edits])
        publish(home, folder)
    return home


def publish(home: Path, folder: Path) -> None:
    """Add the questionnaire in this folder to the list of published ones, as it stands now."""
    made = load_folder(folder)
    with (home / registry.LIST).open("a", encoding="utf-8") as published:
        published.write(f'[[published]]\nkey = "{made.key}"\nversion = {made.version}\ndigest = "{made.digest}"\n')
