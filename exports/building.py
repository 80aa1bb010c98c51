"""From a dataset to all tables of a workbook."""

from dataclasses import dataclass

from exports.about_tables import Check, Fact, checks, checks_table, facts, read_me
from exports.dataset import Dataset
from exports.editions import Edition
from exports.method import method
from exports.provenance import provenance
from exports.record_tables import codebook_table, ratings
from exports.result_tables import Shown, heat_map, heat_map_n, practice_scores, summary_scores, summary_verdicts
from exports.results import Results, results
from exports.tables import Table


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """The sheets of one edition, with the results they were made from."""

    results: Results
    facts: tuple[Fact, ...]
    checks_made: tuple[Check, ...]
    read_me: Table
    summary_scores: Table
    summary_verdicts: Table
    heat_map: Table
    heat_map_n: Table
    practice_scores: Table
    ratings: Table | None  # None in editions without rows
    codebook: Table | None  # explains the rows, so it goes with them
    method: Table
    checks: Table

    @property
    def all(self) -> tuple[Table, ...]:
        """The tables that this edition has, in the order of the sheets."""
        tables = (
            self.read_me,
            self.summary_scores,
            self.summary_verdicts,
            self.heat_map,
            self.heat_map_n,
            self.practice_scores,
            self.ratings,
            self.codebook,
            self.method,
            self.checks,
        )
        return tuple(table for table in tables if table is not None)


def build_tables(dataset: Dataset, *, edition: Edition = Edition.INTERNAL) -> Tables:
    """All tables of an edition. Editions but the internal one have no rows of single people and no count below K."""
    shown = Shown(dataset, results(dataset, threshold=edition.threshold), edition)
    origin = provenance(dataset)
    records = ratings(dataset, shown.results.scores) if edition.has_rows else None
    scores = practice_scores(shown)
    found = checks(shown, scores, records)
    return Tables(
        results=shown.results,
        facts=facts(shown, origin),
        checks_made=found,
        read_me=read_me(shown, origin),
        summary_scores=summary_scores(shown),
        summary_verdicts=summary_verdicts(shown),
        heat_map=heat_map(shown),
        heat_map_n=heat_map_n(shown),
        practice_scores=scores,
        ratings=records,
        codebook=codebook_table(dataset) if edition.has_rows else None,
        method=method(shown, origin),
        checks=checks_table(found),
    )
