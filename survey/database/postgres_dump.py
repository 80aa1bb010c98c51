"""A dump of a PostgreSQL database of one moment, by PostgreSQL's own programs, and a look into it.

Source: https://www.postgresql.org/docs/current/app-pgdump.html (a dump is consistent and stops nobody).
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from sqlalchemy import URL

from survey.database.errors import DatabaseError
from survey.database.manifest import Contents

MAGIC = b"PGDMP"
END_OF_ROWS = b"\\.\n"
_COPY = re.compile(rb'COPY (?:"?\w+"?\.)?"?(\w+)"? \((.*)\) FROM stdin;\n')


def dump(url: URL, schema: str, draft: Path) -> None:
    """Write the tables of one schema into a file, in PostgreSQL's custom format."""
    _run("pg_dump", "--format=custom", f"--schema={schema}", f"--file={draft}", *_address(url), url=url)


def load(url: URL, backup: Path) -> None:
    """Make the tables of a dump in an empty schema, all or nothing."""
    listed = _run("pg_restore", "--list", str(backup))
    # The schema is there; making it once more would be refused.
    entries = [line for line in listed.splitlines(keepends=True) if not re.search(r" (SCHEMA|COMMENT) - ", line)]
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "list"
        listing.write_text("".join(entries), encoding="utf-8")
        how = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--use-list={listing}")
        _run("pg_restore", *how, *_address(url), str(backup), url=url)


def look_into(backup: Path, *, name: Path | None = None) -> Contents:
    """Read a dump from end to end. DatabaseError when it is damaged or has no tables of ours.

    name: where it comes from, if this is a copy of it.
    """
    name = name or backup
    rows: dict[str, int] = {}
    revision, last = "", b""
    with _as_script(backup, name) as script:
        for line in script:
            found = _COPY.fullmatch(line)
            if found is None:
                continue
            table, columns = found[1].decode(), found[2].split(b", ")
            moment = columns.index(b"changed_at") if table == "answer_change" else None
            count = 0
            for row in iter(script.readline, END_OF_ROWS):
                if not row:
                    break
                count += 1
                if moment is not None:
                    # Times of one zone in one form: the later one is the later word.
                    last = max(last, row.rstrip(b"\n").split(b"\t")[moment])
                elif table == "alembic_version":
                    revision = row.decode().strip()
            rows[table] = count
    if not revision or "answer_change" not in rows:
        raise DatabaseError(f"{name} is a dump of another program.")
    last_answer_at = datetime.fromisoformat(last.decode()).astimezone(UTC) if last else None
    return Contents(revision, last_answer_at, dict(sorted(rows.items())))


@contextmanager
def _as_script(backup: Path, name: Path) -> Iterator[IO[bytes]]:
    """The dump as the statements that it stands for, line by line; DatabaseError at the end if it was not whole."""
    command = [_program("pg_restore"), "--file=-", str(backup)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()) as process:  # noqa: S603 (our own words)
        try:
            yield cast("IO[bytes]", process.stdout)
        except BaseException:
            process.kill()
            raise
        words = cast("IO[bytes]", process.stderr).read().decode(errors="replace")
    if process.returncode:
        raise DatabaseError(f"{name} is damaged: {_last_line(words)}")


def _run(program: str, *arguments: str, url: URL | None = None) -> str:
    command = [_program(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=_environment(url), check=False)  # noqa: S603 (our own words)
    if done.returncode:
        raise DatabaseError(f"{program} was refused: {_last_line(done.stderr)}")
    return done.stdout


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise DatabaseError(
            f"{name} is not installed, or not on the PATH. It belongs to PostgreSQL's own programs "
            "(Debian: apt install postgresql-client)."
        )
    return found


def _address(url: URL) -> list[str]:
    """The option that names the database. Others on this machine can read it, so the password is not in it."""
    query = {name: value for name, value in url.query.items() if name not in {"password", "options"}}
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return [f"--dbname={shown.render_as_string(hide_password=False)}"]


def _environment(url: URL | None = None) -> dict[str, str]:
    environ = {**os.environ, "PGTZ": "UTC", "LC_ALL": "C"}
    if url is not None:
        password = url.password or url.query.get("password")
        if isinstance(password, str):
            environ["PGPASSWORD"] = password
    return environ


def _last_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1] if lines else "it did not say why."
