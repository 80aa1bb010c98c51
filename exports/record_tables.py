"""The sheets of plain records: one row per evaluation, and the codebook that explains their columns."""

from collections.abc import Iterator

import numpy as np

from exports.codebook import (
    DERIVED_NAMES,
    IDENTITY_NAMES,
    codebook,
    derived_apart,
    items_apart,
    older_versions,
    rated_items,
)
from exports.dataset import Dataset
from exports.scores import Floats, Scores, own_scores
from exports.tables import Column, ColumnType, Table, Value, number, text, whole
from exports.versions import Version, named_apart
from instruments import NOT_ASSIGNED

_WIDTHS = {"interview_id": 38, "practice_id": 34, "region_id": 22, "instrument_version": 19}
_TEXTS = ("interview_id", "practice_id", "region_id", "group_id", "mode")
_SCORES = ("rs10", "rs5", "verdict_score")


def ratings(dataset: Dataset, scores: Scores) -> Table:
    """One row per evaluation with its codes as given and its scores; what has no score is empty, never 0.

    What an older version has apart stands in columns of its own, behind all others.
    """
    items = rated_items(dataset.instrument)
    interviews, practices = dataset.interviews, dataset.practices
    codes = [dataset.column(item).tolist() for item in items]
    derived = _derived(scores)
    derived["simulated"] = dataset.simulated.astype(int).tolist()
    apart = [found for version in older_versions(dataset) for found in _apart(dataset, version)]
    identity: list[list[Value]] = [[], [], [], [], [], []]
    places = zip(dataset.practice.tolist(), dataset.region.tolist(), dataset.interview.tolist(), strict=True)
    for practice, region, position in places:
        interview = interviews[position]
        values: tuple[Value, ...] = (
            interview.id,
            practices[practice].id,
            dataset.regions[region].id,
            dataset.groups[interview.group].id,
            interview.mode.value,
            interview.instrument_version,
        )
        for column, value in zip(identity, values, strict=True):
            column.append(value)
    columns = tuple(_ratings_column(name, name) for name in (*IDENTITY_NAMES, *items, *DERIVED_NAMES))
    columns += tuple(column for column, _ in apart)
    held = (*(derived[name] for name in DERIVED_NAMES), *(values for _, values in apart))
    rows = tuple(zip(*identity, *codes, *held, strict=True))
    return Table("Ratings", "One row per evaluation: an interview and a practice", columns, rows)


def codebook_table(dataset: Dataset) -> Table:
    """Every variable and every code."""
    columns = (
        text("sheet", "sheet", 10),
        text("variable", "variable", 20),
        text("label", "label", 60),
        text("type", "type", 10),
        Column("code", "code", ColumnType.TEXT, "@", 30),
        text("code_label", "code_label", 50),
        Column("is_missing", "is_missing", ColumnType.TRUTH, "General", 12),
        text("asked_if", "asked_if", 26),
        text("direction", "direction", 40),
    )
    rows = tuple(
        (
            entry.sheet,
            entry.variable,
            entry.label,
            entry.type,
            entry.code,
            entry.code_label,
            entry.is_missing,
            entry.asked_if,
            entry.direction,
        )
        for entry in codebook(dataset)
    )
    notes = ("Variables of the sheet 'JSON' stand in the dataset file only. A code is never blank: see is_missing.",)
    return Table("Codebook", "What every variable and code means", columns, rows, notes)


def _derived(scores: Scores) -> dict[str, list[Value]]:
    """The columns that follow from the answers, by the names of `DERIVED_NAMES`."""
    verdict_given = ~np.isnan(scores.verdict_score) | scores.exist_here
    return {
        "rs10": _values(scores.rs10),
        "rs5": _values(scores.rs5),
        "verdict": scores.verdict.tolist(),
        "verdict_score": _values(scores.verdict_score),
        "strict": _flags(scores.strict),
        "broad": _flags(scores.broad),
        "blocker": _flags(np.where(scores.blocker_known, scores.blocker, np.nan)),
        "dk": _flags(np.where(verdict_given | scores.dk, scores.dk, np.nan)),
        "exist": _flags(np.where(verdict_given, scores.exist_here, np.nan)),
    }


def _apart(dataset: Dataset, version: Version) -> Iterator[tuple[Column, list[Value]]]:
    """The columns that one older version has for itself. Evaluations of other versions: not asked (-1), or empty."""
    for item in items_apart(version):
        name = named_apart(item, version.number)
        yield _ratings_column(name, item), dataset.column(name).tolist()
    rows = np.flatnonzero(dataset.version == version.number).tolist()
    derived = _derived(own_scores(dataset.part(version.number)))
    for name in derived_apart(version):
        values: list[Value] = [NOT_ASSIGNED if name == "verdict" else None] * len(dataset)
        for row, value in zip(rows, derived[name], strict=True):
            values[row] = value
        yield _ratings_column(named_apart(name, version.number), name), values


def _ratings_column(key: str, name: str) -> Column:
    """key: of the column; name: what it holds, which decides its looks."""
    width = _WIDTHS.get(name, max(9, len(key) + 2))
    if name in _TEXTS:
        return text(key, key, width)
    return number(key, key, width) if name in _SCORES else whole(key, key, width)


def _values(scores: Floats) -> list[Value]:
    return [None if value != value else value for value in scores.tolist()]  # noqa: PLR0124 - NaN alone differs from itself


def _flags(flags: Floats) -> list[Value]:
    return [None if value != value else int(value) for value in flags.tolist()]  # noqa: PLR0124 - as above
