"""The sheets about the figures: where they come from, and whether they add up."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from exports.codebook import counted_together
from exports.dataset import Dataset
from exports.editions import Edition
from exports.provenance import PERCEIVED, Provenance, simulated_warning
from exports.result_tables import Shown
from exports.results import Results, suppressed
from exports.tables import Column, ColumnType, Table, Value, text

EDITIONS = {
    Edition.INTERNAL: "internal: for the project team only. It has one row per evaluation; do not pass it on",
    Edition.PARTNER: "partner: for the partners of the project",
    Edition.PUBLIC: "public: for anyone",
}
WORDS = "Comments and other answers in words are in the JSON export only; no sheet of this file holds them"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the sheet "Read me". `key` is a stable name for programs."""

    key: str
    label: str
    value: Value


@dataclass(frozen=True, slots=True)
class Check:
    """Two ways to the same number."""

    key: str
    name: str
    expected: float
    found: float

    @property
    def is_ok(self) -> bool:
        """True if both are equal but for rounding in the last digits."""
        return abs(self.expected - self.found) <= 1e-9 * max(1.0, abs(self.expected))


def facts(shown: Shown, origin: Provenance) -> tuple[Fact, ...]:
    """What a reader must know before the figures; lines without a value are left out."""
    dataset, study = shown.dataset, shown.dataset.study
    instrument = dataset.instrument
    states = Counter(interview.state for interview in dataset.interviews)
    submitted = [interview.submitted_at for interview in dataset.interviews if interview.submitted_at is not None]
    threshold = shown.results.threshold
    found = (
        Fact("title", "Study", study.title),
        Fact("key", "Key of the study", study.key),
        Fact("simulated", "Attention", simulated_warning(dataset)),
        Fact("measured", "What is measured", PERCEIVED),
        Fact("catalogue", "The practices", study.catalogue_note),
        Fact("edition", "Edition", EDITIONS[shown.edition]),
        Fact("threshold", "Small numbers", f"K = {threshold}: {suppressed(0, threshold)} stands for fewer than that"),
        Fact("state", "State of the study", study.state),
        Fact("cut_off", "Data complete up to (UTC)", study.cut_off),
        Fact("opened_at", "Opened (UTC)", study.opened_at),
        Fact("closed_at", "Closed (UTC)", study.closed_at),
        Fact("first_submitted", "First interview submitted (UTC)", min(submitted, default=None)),
        Fact("last_submitted", "Last interview submitted (UTC)", max(submitted, default=None)),
        Fact("evaluations", "Evaluations (an interview and a practice)", shown.count(len(dataset))),
        Fact("scores", "Evaluations with a valid score", shown.count(shown.results.cell(None, None).n)),
        Fact("interviews", "Interviews in these data", shown.count(len(dataset.interviews))),
        *(Fact(f"interviews_{state}", f"Interviews: {state}", shown.count(n)) for state, n in sorted(states.items())),
        Fact("practices", "Number of practices", len(dataset.practices)),
        Fact("regions", "Number of regions", len(dataset.regions)),
        Fact("languages", "Languages of the interviews", _languages(dataset)),
        Fact("selection", "Which evaluations count", origin.selection),
        Fact("words", "Answers in words", WORDS),
        Fact("instrument", "Questionnaire", origin.instrument),
        Fact("instrument_digest", "Questionnaire, SHA-256", origin.instrument_digest),
        *_versions(shown),
        Fact("scoring_version", "Scoring rules, version", origin.scoring_version),
        Fact("translations_version", "Translations, version", origin.translations_version),
        Fact("program_version", "Replicability Survey, version", origin.program_version),
        Fact("revision", "Revision of the data", origin.revision),
        Fact("sha256", "Dataset file, SHA-256", origin.sha256),
        Fact("contact", "Contact", study.contact),
        Fact("questionnaire_languages", "Languages of the questionnaire", ", ".join(instrument.languages)),
    )
    return tuple(fact for fact in found if fact.value not in (None, ""))


def read_me(shown: Shown, origin: Provenance) -> Table:
    """The first sheet."""
    rows = tuple((fact.label, fact.value) for fact in facts(shown, origin))
    columns = (text("fact", "Fact", 40), text("value", "Value", 90))
    return Table("Read me", shown.dataset.study.title, columns, rows)


def checks(shown: Shown, practice_scores: Table, ratings: Table | None) -> tuple[Check, ...]:
    """The tables against each other and against the dataset; computed from the rows as they will be written.

    Editions without rows of single people leave out what would tell a count below K.
    """
    found = list(_cell_checks(shown.dataset, shown.results))
    expected, rows = len(shown.results.cells), len(practice_scores.rows)
    found.append(Check("practice_scores_rows", "Rows of 'Practice scores'", expected, rows))
    if ratings is not None:
        return (*found, *_rating_checks(shown.dataset, shown.results, ratings))
    return tuple(check for check in found if check.expected >= shown.results.threshold)


def checks_table(found: tuple[Check, ...]) -> Table:
    """One row per check."""
    columns = (
        text("check", "Check", 70),
        Column("expected", "Expected", ColumnType.NUMBER, "General", 16),
        Column("found", "Found", ColumnType.NUMBER, "General", 16),
        Column("ok", "OK", ColumnType.TRUTH, "General", 10),
    )
    rows = tuple((check.name, check.expected, check.found, check.is_ok) for check in found)
    return Table("Checks", "Whether the figures add up", columns, rows)


def _versions(shown: Shown) -> Iterator[Fact]:
    """What a reader must know of older versions; nothing when there is one version only."""
    dataset = shown.dataset
    if not dataset.older:
        return
    asked = Counter(interview.instrument_version for interview in dataset.interviews)
    for number, version in dataset.layout.versions.items():
        yield Fact(f"interviews_v{number}", f"Interviews with version {number}", shown.count(asked[number]))
        if version.instrument is not dataset.instrument:
            label = f"Questionnaire, version {number}, SHA-256"
            yield Fact(f"instrument_v{number}_digest", label, version.instrument.digest)
            yield Fact(f"apart_v{number}", f"Answers to version {number}", counted_together(dataset, version))


def _languages(dataset: Dataset) -> str:
    spoken = Counter(interview.language for interview in dataset.interviews)
    return ", ".join(language for language, _ in sorted(spoken.items()))


def _cell_checks(dataset: Dataset, results: Results) -> Iterator[Check]:
    everything = results.cell(None, None)
    regions, practices = range(results.n_regions), range(results.n_practices)
    inner = [results.cell(practice, region) for practice in practices for region in regions]
    by_practice = [results.cell(practice, None) for practice in practices]
    by_region = [results.cell(None, region) for region in regions]
    for key, name, cells in (
        ("cells", "all cells", inner),
        ("practice_margins", "the column 'All regions'", by_practice),
        ("region_margins", "the row 'All practices'", by_region),
        ("total", "the total", [everything]),
    ):
        found = sum(cell.n_evaluations for cell in cells)
        yield Check(f"evaluations_{key}", f"Evaluations in {name}", len(dataset), found)
    every = results.cells
    right = sum(sum(cell.n_by_group) == cell.n for cell in every)
    yield Check("groups_add_up", "Cells whose stakeholder groups add up to n", len(every), right)
    right = sum(sum(cell.n_by_mode) == cell.n for cell in every)
    yield Check("modes_add_up", "Cells whose modes add up to n", len(every), right)


def _rating_checks(dataset: Dataset, results: Results, ratings: Table) -> Iterator[Check]:
    yield Check("ratings_rows", "Rows of 'Ratings'", len(dataset), len(ratings.rows))
    pairs = set(zip(ratings.column("interview_id"), ratings.column("practice_id"), strict=True))
    yield Check("ratings_unique", "Different pairs of interview and practice", len(dataset), len(pairs))
    everything = results.cell(None, None)
    scores = [value for value in ratings.column(everything.basis.lower()) if isinstance(value, float)]
    yield Check("ratings_scores", "Valid scores in 'Ratings' and in the total", everything.n, len(scores))
    if everything.mean is not None:
        found = sum(scores) / len(scores)
        yield Check("ratings_mean", "Mean score of 'Ratings' and of the total", everything.mean, found)
    for key, flag, share in (("strict", "strict", everything.strict), ("exist", "exist", everything.already_here)):
        count = share.count if share else 0
        yes = sum(value == 1 for value in ratings.column(flag))
        yield Check(f"ratings_{key}", f"Rows of 'Ratings' with {flag} = 1 and the total", count, yes)
