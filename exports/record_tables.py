"""The sheets of plain records: one row per evaluation, and the codebook that explains their columns."""

import numpy as np

from exports.codebook import DERIVED_NAMES, IDENTITY_NAMES, codebook, rated_items
from exports.dataset import Dataset
from exports.scores import Floats, Scores
from exports.tables import Column, ColumnType, Table, Value, number, text, whole

_WIDTHS = {"interview_id": 38, "practice_id": 34, "region_id": 22, "instrument_version": 19}
_TEXTS = ("interview_id", "practice_id", "region_id", "group_id", "mode")
_SCORES = ("rs10", "rs5", "verdict_score")


def ratings(dataset: Dataset, scores: Scores) -> Table:
    """One row per evaluation with its codes as given and its scores; what has no score is empty, never 0."""
    items = rated_items(dataset.instrument)
    interviews, practices = dataset.interviews, dataset.practices
    codes = [dataset.column(item).tolist() for item in items]
    verdict_given = ~np.isnan(scores.verdict_score) | scores.exist_here
    derived: list[list[Value]] = [
        _values(scores.rs10),
        _values(scores.rs5),
        scores.verdict.tolist(),
        _values(scores.verdict_score),
        _flags(scores.strict),
        _flags(scores.broad),
        _flags(np.where(scores.blocker_known, scores.blocker, np.nan)),
        _flags(np.where(verdict_given | scores.dk, scores.dk, np.nan)),
        _flags(np.where(verdict_given, scores.exist_here, np.nan)),
        dataset.simulated.astype(int).tolist(),
    ]
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
    columns = tuple(_ratings_column(name) for name in (*IDENTITY_NAMES, *items, *DERIVED_NAMES))
    rows = tuple(zip(*identity, *codes, *derived, strict=True))
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


def _ratings_column(name: str) -> Column:
    width = _WIDTHS.get(name, max(9, len(name) + 2))
    if name in _TEXTS:
        return text(name, name, width)
    return number(name, name, width) if name in _SCORES else whole(name, name, width)


def _values(scores: Floats) -> list[Value]:
    return [None if value != value else value for value in scores.tolist()]  # noqa: PLR0124 - NaN alone differs from itself


def _flags(flags: Floats) -> list[Value]:
    return [None if value != value else int(value) for value in flags.tolist()]  # noqa: PLR0124 - as above
