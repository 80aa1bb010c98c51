"""Putting a backup in the place of a database. What stood there is kept under another name, never removed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from survey.database import backup as backups
from survey.database import files, manifest, postgres_restore, sqlite_restore
from survey.database.database import Database
from survey.database.errors import DatabaseError
from survey.database.manifest import Contents


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. kept: the name of what stood there before, a file or a schema; None when that held nothing."""

    contents: Contents
    kept: str | None


def restore(
    database: Database, backup: Path, *, replace: bool, prepare: Callable[[Database], None], now: datetime
) -> Restored:
    """Make the database what the backup holds, with the tables of this program's version.

    replace: whether a database that holds something may be set aside. prepare: called with the restored database,
    before anybody can use it. DatabaseError says what refuses it, and then everything is as it was: a damaged or
    newer backup, one of the other kind, a database in use, or one that holds something and is not to be replaced.
    """
    if not backup.is_file():
        raise DatabaseError(f"There is no backup at {backup}.")
    kind = backups.kind_of(backup)
    if kind != database.dialect:
        raise DatabaseError(f"{backup} is a backup of {kind}, but the database to restore is {database.dialect}.")
    aside = f"before_restore_{now.astimezone(UTC):%Y%m%d_%H%M%S}"
    if database.file is None:
        contents = _checked(backup, backup)
        kept = postgres_restore.restore(database, backup, contents, replace=replace, prepare=prepare, aside=aside)
        return Restored(contents, kept)
    database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with files.draft_of(database.file) as draft:
        files.copy(backup, draft)
        # The copy is what counts: the backup may lie on a stick that somebody pulls out.
        contents = _checked(draft, backup)
        kept_file = sqlite_restore.restore(database, draft, replace=replace, prepare=prepare, aside=aside)
    return Restored(contents, None if kept_file is None else str(kept_file))


def _checked(file: Path, backup: Path) -> Contents:
    """The contents of a backup, which has to be what its manifest says. file: the backup or its copy."""
    noted = manifest.read(backup)
    if noted is not None and files.sha256_of(file) != noted.sha256:
        raise DatabaseError(f"{backup} is damaged: it is not the file that was written when the backup was made.")
    contents = backups.look_into(file, name=backup)
    if noted is not None and noted.contents != contents:
        raise DatabaseError(f"{backup} does not hold what {manifest.beside(backup).name} says.")
    return contents
