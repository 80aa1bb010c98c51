"""Backups: made while people answer, looked into before they get their name, never put in the place of another file."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from survey.database import files, manifest, postgres_dump, sqlite_copy
from survey.database.database import Database
from survey.database.errors import DatabaseError
from survey.database.manifest import Contents, Manifest

# Tables that only grow: what stood there when a backup began has to be in it.
GROWING = ("answer_change", "operation")


def back_up(database: Database, target: Path, *, now: datetime) -> Manifest:
    """Write the whole database into one new file, and its manifest beside it.

    Everything that was saved before the call is in it. When it fails, nothing is left behind. DatabaseError says why;
    OSError when the folder cannot be written to.
    """
    place = manifest.beside(target)
    for each in (target, place):
        if each.exists():
            raise DatabaseError(f"{each} is there already, and a backup never replaces a file.")
    if database.current_revision() is None:
        raise DatabaseError("The database has no tables, so there is nothing to back up.")
    before = _growing(database)
    with files.draft_of(target) as draft, files.draft_of(place) as note:
        _write(database, draft)
        contents = look_into(draft, name=target)
        _require_all(contents, before)
        made = Manifest(database.dialect, now, contents, size=draft.stat().st_size, sha256=files.sha256_of(draft))
        note.write_text(made.as_json(), encoding="utf-8")
        try:
            files.publish(draft, target)
            files.publish(note, place)
        except FileExistsError as error:
            raise DatabaseError(f"Somebody else has just made {target}; nothing of it was changed.") from error
    return made


def kind_of(backup: Path) -> str:
    """Of which database a file is a backup: "sqlite" or "postgresql". DatabaseError for anything else."""
    with backup.open("rb") as file:
        head = file.read(16)
    if head == sqlite_copy.MAGIC:
        return "sqlite"
    if head.startswith(postgres_dump.MAGIC):
        return "postgresql"
    raise DatabaseError(f"{backup} is damaged, or no backup of this program.")


def look_into(backup: Path, *, name: Path | None = None) -> Contents:
    """Read a backup from end to end. DatabaseError when it is damaged or of another program.

    name: where it comes from, if this is a copy of it.
    """
    look = {"sqlite": sqlite_copy.look_into, "postgresql": postgres_dump.look_into}[kind_of(backup)]
    return look(backup, name=name)


def _write(database: Database, draft: Path) -> None:
    if database.file is not None:
        sqlite_copy.copy(database.engine, draft)
        return
    with database.reading() as session:
        schema = str(session.scalar(text("SELECT current_schema()")))
    postgres_dump.dump(database.engine.url, schema, draft)


def _growing(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table: session.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608 (names of ours)
            for table in GROWING
        }


def _require_all(contents: Contents, before: dict[str, int]) -> None:
    for table, rows in before.items():
        found = contents.rows.get(table, 0)
        if found < rows:
            raise DatabaseError(f"The backup lacks rows of {table}: it has {found} of {rows}. It was not kept.")
