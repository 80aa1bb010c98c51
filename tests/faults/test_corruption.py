"""A damaged SQLite file: found before anybody is served, or by `survey check`, or without any effect on an answer.

Prints `acked`: answers in the file; `lost`: those that differ although nothing was found; `twice`: always 0, nothing is
sent here; and `integrity`: how the damage was found.
"""

import random
import re
import shutil
from collections import Counter
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from make import make_study
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from survey.commands import main
from survey.database import Database, DatabaseError
from survey.models import AnswerChange, Evaluation, Interview
from survey.services.simulating import simulate

PAGE = 4096
ANSWERS = (
    select(AnswerChange.id, AnswerChange.evaluation_id, AnswerChange.question, AnswerChange.code, AnswerChange.text),
    select(Evaluation.id, Evaluation.practice_id, Evaluation.region_id, Evaluation.codes, Evaluation.texts),
    select(Interview.id, Interview.region_id, Interview.group_key, Interview.codes),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A file with simulated interviews, nobody has it open."""
    folder = tmp_path_factory.mktemp("whole")
    database = Database(None, data_dir=folder)
    database.upgrade()
    now = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    with database.writing() as session:
        make_study(session, now=now, simulated=True)
    simulate(database, "test", interviews=6, seed=3, now=now)
    answers = answers_of(database)
    database.dispose()
    assert [file.name for file in folder.iterdir() if file.name.endswith(("-wal", "-journal"))] == []
    return database.file, answers


def answers_of(database):
    """Every answer in the log and in the state; or the error that reading them gives."""
    try:
        with database.reading() as session:
            return [sorted(map(repr, session.execute(each))) for each in ANSWERS]
    except (DBAPIError, DatabaseError, ValueError, LookupError) as error:
        return type(error).__name__


def look(file):
    """How a damage is found: "start" when no server would serve the file, "check" by `survey check`, else "nothing"."""
    before = file.stat().st_size
    database = Database(f"sqlite:///{file}")
    try:
        database.require_sound()
    except DatabaseError:
        return "start"
    finally:
        database.dispose()
        # Neither made anew nor emptied.
        assert file.stat().st_size == before
    # What is not told in sentences rises here.
    result = CliRunner().invoke(main, ["check", "--data-dir", str(file.parent)], catch_exceptions=False)
    return "check" if result.exit_code == 1 else "nothing"


def damage(whole, folder, places, spoil):
    """Spoil a copy in each place; what nobody found has to be harmless."""
    original, answers = whole
    found, lost = Counter(), 0
    for place in places:
        file = folder / "survey.db"
        shutil.copyfile(original, file)
        spoil(file, place)
        how = look(file)
        found[how] += 1
        if how == "nothing":
            database = Database(f"sqlite:///{file}")
            lost += answers_of(database) != answers
            database.dispose()
    acked = sum(map(len, answers))
    told = " ".join(f"{how}:{number}" for how, number in sorted(found.items()))
    print(f"acked={acked} lost={lost} twice=0 integrity={told}")  # noqa: T201
    assert lost == 0
    return found


def flip(file, place):
    with file.open("r+b") as stream:
        stream.seek(place)
        (byte,) = stream.read(1)
        stream.seek(place)
        stream.write(bytes([byte ^ 1 << place % 8]))


def overwrite(file, place):
    with file.open("r+b") as stream:
        stream.seek(place)
        stream.write(random.Random(place).randbytes(PAGE))


def truncate(file, size):
    with file.open("r+b") as stream:
        stream.truncate(size)


def test_a_flipped_bit_in_a_hundred_places_is_found_or_harmless(whole, tmp_path):
    """SQLite has no checksum for its pages, so a quick look finds few of them: 7; `survey check` finds 42 more, and
    the other 51 stand in free space, in times and in texts of the study, where they change no answer.

    Fails as the next one does, where every place is an answer: few of these hundred are.
    """
    generator = random.Random(11)
    places = [generator.randrange(whole[0].stat().st_size) for _ in range(100)]

    damage(whole, tmp_path, places, flip)


def test_a_flipped_bit_in_an_answer_is_always_found(whole, tmp_path):
    """In the codes of evaluations and in the names of questions in the log: no page, index or rule of SQLite tells.

    Seen to fail without the replay in `survey check`: 60 of 60 found by nothing, and 60 answers other than given.
    """
    original, _ = whole
    held = original.read_bytes()
    database = Database(f"sqlite:///{original}")
    with database.reading() as session:
        rows = [codes for codes in session.scalars(select(Evaluation.codes)) if set(codes) - {0x80, 0xFF}]
    database.dispose()
    generator = random.Random(14)
    places = [held.index(codes) + generator.randrange(len(codes)) for codes in rows]
    places += [match.start() for match in re.finditer(b"SKILL|VERDICT", held)]

    found = damage(whole, tmp_path, generator.sample(places, 60), flip)

    assert found["nothing"] == 0


@pytest.mark.long
def test_a_flipped_bit_in_a_thousand_places_is_found_or_harmless(whole, tmp_path):
    """Fails as the short one does."""
    generator = random.Random(12)
    places = [generator.randrange(whole[0].stat().st_size) for _ in range(1_000)]

    damage(whole, tmp_path, places, flip)


def test_an_overwritten_page_is_found_before_the_start(whole, tmp_path):
    """Seen to fail without the quick look at the start: 27 of 30 were served, and found by `survey check` only."""
    pages = whole[0].stat().st_size // PAGE
    places = [number * PAGE for number in random.Random(13).sample(range(pages), 30)]

    found = damage(whole, tmp_path, places, overwrite)

    assert found["start"] == 30


def test_a_truncated_file_is_found(whole, tmp_path):
    """Before the start, unless only a part of the last page is gone, which SQLite takes for zeros.

    Seen to fail without the look at the size: a file of 0 bytes became a new database of 4096.
    """
    size = whole[0].stat().st_size
    sizes = [0, 1, 50, 100, 512, PAGE - 1, PAGE, size // 2, size - PAGE, size - 1]

    found = damage(whole, tmp_path, sizes, truncate)

    assert found["nothing"] == 0
    assert found["start"] >= len(sizes) - 1


def test_a_missing_file_is_not_made_anew(tmp_path):
    """Seen to fail with an engine that may make files: a database without tables stood there instead."""
    for command in (["serve", "--port", "0"], ["check"], ["backup", str(tmp_path / "b")]):
        result = CliRunner().invoke(main, [*command, "--data-dir", str(tmp_path)], catch_exceptions=False)

        assert result.exit_code == 1
        assert "There is no database" in result.stderr
        assert not (tmp_path / "survey.db").exists()
    print("acked=0 lost=0 twice=0 integrity=refused")  # noqa: T201
