"""One million answers to counts per practice, region, question and answer: code rows against SQL GROUP BY on rows.

Both sides read a SQLite file with the same answers and give the same counts; a wrong count stops the run.
"""

import sqlite3
import tempfile
import time
from pathlib import Path

import numpy as np
from pairs import Ratios, in_turn

from instruments import load

PRACTICES, REGIONS = 99, 11
CODES = np.array([1, 2, 3, 4, 5, 88, 99], dtype=np.int8)
# A byte as found -> its place in CODES.
PLACE = np.zeros(256, dtype=np.int32)
PLACE[CODES.view(np.uint8)] = np.arange(len(CODES))


def make_answers(answers: int, *, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes (evaluations x columns), practice and region of each evaluation."""
    random = np.random.default_rng(seed)
    columns = len(load("replicability", 1).columns)
    evaluations = answers // columns + 1
    codes = random.choice(CODES, size=(evaluations, columns))
    return codes, random.integers(PRACTICES, size=evaluations), random.integers(REGIONS, size=evaluations)


def fill(path: Path, codes: np.ndarray, practice: np.ndarray, region: np.ndarray) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE evaluation (id INTEGER PRIMARY KEY, practice INT, region INT, codes BLOB)")
        file.execute(
            "CREATE TABLE answer"
            " (evaluation INT, question INT, code INT, PRIMARY KEY (evaluation, question)) WITHOUT ROWID",
        )
        file.executemany(
            "INSERT INTO evaluation VALUES (?, ?, ?, ?)",
            ((n, int(practice[n]), int(region[n]), codes[n].tobytes()) for n in range(len(codes))),
        )
        file.executemany(
            "INSERT INTO answer VALUES (?, ?, ?)",
            ((n, column, int(code)) for n in range(len(codes)) for column, code in enumerate(codes[n])),
        )
    file.close()


def counts_from_code_rows(path: Path, columns: int) -> np.ndarray:
    """The counts, shape (practice, region, question, answer)."""
    file = sqlite3.connect(path)
    rows = file.execute("SELECT practice, region, codes FROM evaluation").fetchall()
    file.close()
    codes = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.uint8).reshape(len(rows), columns)
    cell = np.fromiter((row[0] * REGIONS + row[1] for row in rows), dtype=np.int32, count=len(rows))
    start = (cell[:, None] * columns + np.arange(columns, dtype=np.int32)) * len(CODES)
    flat = np.bincount((start + PLACE[codes]).ravel(), minlength=PRACTICES * REGIONS * columns * len(CODES))
    return flat.reshape(PRACTICES, REGIONS, columns, len(CODES))


def counts_by_sql(path: Path, columns: int) -> np.ndarray:
    """The same counts by GROUP BY over one row per answer."""
    file = sqlite3.connect(path)
    rows = file.execute(
        "SELECT practice, region, question, code, COUNT(*)"
        " FROM answer JOIN evaluation ON id = evaluation GROUP BY 1, 2, 3, 4",
    ).fetchall()
    file.close()
    found = np.zeros((PRACTICES, REGIONS, columns, len(CODES)), dtype=np.int64)
    for practice, region, question, code, number in rows:
        found[practice, region, question, PLACE[code]] = number
    return found


def measure(answers: int = 1_000_000, pairs: int = 5) -> Ratios:
    columns = len(load("replicability", 1).columns)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.db"
        fill(path, *make_answers(answers, seed=20261125))
        if not np.array_equal(counts_from_code_rows(path, columns), counts_by_sql(path, columns)):
            message = "the two ways count differently"
            raise AssertionError(message)

        def cost(way) -> float:
            start = time.process_time()
            way(path, columns)
            return time.process_time() - start

        return in_turn(
            f"{answers:,} answers to counts, code rows against SQL GROUP BY on rows (CPU)",
            lambda: cost(counts_from_code_rows),
            lambda: cost(counts_by_sql),
            pairs=pairs,
        )
