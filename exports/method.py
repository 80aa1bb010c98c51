"""The sheet "Method": how the figures were made, in paragraphs that stand by themselves."""

from collections.abc import Iterator

from exports.codebook import LANGUAGE, counted_together, older_versions, rated_items
from exports.dataset import Dataset
from exports.provenance import PERCEIVED, Provenance, simulated_warning
from exports.result_tables import MARGIN_NOTE, Shown
from exports.results import HOME_NOT_ASKED, suppressed
from exports.tables import Table, text
from instruments import Instrument, Mode

SIMULATION = "The program follows invented effects of regions and practices; nobody was asked."

# Rules that depend on nothing in the dataset. Formulas are written so that they can be typed into a spreadsheet.
FIXED_RULES = (
    (
        "Score basis",
        (
            "The figures of a cell rest on RS10 if every evaluation in it is of the long variant, else on RS5 for "
            "all of them (the long variant has those five items too). RS10 and RS5 are never averaged. Margins have "
            "a basis of their own."
        ),
    ),
    (
        "Mean and interval",
        (
            "m = sum(RS) / n; 95 % interval m +- t(0.975, n - 1) * s / sqrt(n), s with divisor n - 1. There is no "
            "interval for n < 2 or when all scores are equal. Limits are raw in 'Practice scores' and end at 0 and 100 "
            "in charts."
        ),
    ),
    ("Quartiles", "Hyndman and Fan type 7: Excel's QUARTILE.INC and numpy's default. iqr = q3 - q1."),
    (
        "Verdict shares",
        (
            "strict = verdicts 1 and 2 among 1-4; broad = verdicts 1 to 3 among 1-4; already here = verdict 5 among "
            "1-5; don't know = verdict 88 among 1-5 and 88. verdict_score = 100, 66.67, 33.33, 0 for verdicts 1-4."
        ),
    ),
    (
        "Blocker",
        (
            "The cost or the rules 'would stop the practice' (answer 5), among those who answered at least one of "
            "these two questions. It is never merged into the score."
        ),
    ),
    (
        "Interval of a share",
        "Wilson, z = 1.959964: (2x + z^2 +- z * sqrt(z^2 + 4x(1 - x/n))) / (2(n + z^2)). None for n = 0.",
    ),
    (
        "Equal-group mean",
        (
            "m_eq = (1/G) * sum(mean of group g) over the G stakeholder groups present, so that one busy group does "
            "not decide. Groups with fewer than 2 scores are joined; if the joined group still has fewer than 2, the "
            "smallest other group joins it (of equally small ones the first in the list). None if fewer than two "
            "groups remain."
        ),
    ),
    (
        "Equal-group interval",
        (
            "Variance s_p^2 * sum(1 / (G^2 * n_g)) with s_p^2 pooled within groups, df = n - G; interval with "
            "t(0.975, df). n_eff = 1 / sum(w^2) with w = 1 / (G * n_g). groups_missing names the groups without a "
            "score: equal weight over two groups is not the same as over five."
        ),
    ),
    ("Margins", MARGIN_NOTE),
    ("Home regions", f"A practice is not asked in the region it comes from: such a cell says '{HOME_NOT_ASKED}'."),
)


def method(shown: Shown, origin: Provenance) -> Table:
    """What is measured, every rule with its formula, the wording of the questions, and the versions."""
    columns = (text("section", "Section", 26), text("paragraph", "Paragraph", 110))
    rows = (
        *_about_the_data(shown),
        *_score_rules(shown.dataset.instrument),
        *FIXED_RULES,
        _small_numbers(shown),
        *_wordings(shown.dataset.instrument),
        *_older(shown.dataset),
        *_versions(origin),
    )
    return Table("Method", "How the figures were made", columns, rows)


def _about_the_data(shown: Shown) -> Iterator[tuple[str, str]]:
    yield "What is measured", PERCEIVED
    warning = simulated_warning(shown.dataset)
    if warning:
        yield "Simulated", f"{warning} {SIMULATION}"
    if shown.dataset.study.catalogue_note:
        yield "The practices", shown.dataset.study.catalogue_note
    yield "What counts", shown.dataset.selection


def _score_rules(instrument: Instrument) -> Iterator[tuple[str, str]]:
    scoring = instrument.scoring
    long, short = scoring.scales["RS10"], scoring.scales["RS5"]
    obstacles = ", ".join(item for item in long.items if item in scoring.reversed_items)
    named = ", ".join(f"{item} {weight:g}" for item, weight in sorted(scoring.weights.items()))
    weights = f"{named}, all others 1" if named else "all 1"
    yield (
        "Item score",
        f"score = (x - lowest) / (highest - lowest) * 100; for obstacles ({obstacles}) it is 100 minus that.",
    )
    yield (
        "Rating score (RS)",
        (
            "RS = sum(w * score) / sum(w) over the answered items of one evaluation, from 0 to 100. "
            f"Weights w: {weights}. RS10: {', '.join(long.items)}. RS5: {', '.join(short.items)}."
        ),
    )
    yield (
        "When a score is valid",
        (
            f"RS10 needs at least {long.minimum_answered} answered items, RS5 at least {short.minimum_answered}, and "
            "the answered items at least half of the weight of the applicable ones. 'Don't know' (88) and refusals "
            "(77) are missing, never the middle of the scale; 'not applicable' (99) and items not asked (-1, -2) leave "
            "the denominator. Nothing is imputed."
        ),
    )


def _small_numbers(shown: Shown) -> tuple[str, str]:
    threshold = shown.results.threshold
    rule = (
        f"K = {threshold} in this edition: a figure that rests on fewer than {threshold} answers reads "
        f"{suppressed(0, threshold)}."
    )
    if shown.edition.has_rows:
        rule += " This hides display only: 'Ratings' has every row, so the file stays inside the project team."
    return "Small numbers", rule


def _wordings(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """What the figures' questions said."""
    return (("Question", words) for _, words in _asked(instrument))


def _asked(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """The figures' questions by code, in every mode and variant that says it in words of its own."""
    for code in (*rated_items(instrument), instrument.scoring.verdict, "EXIST"):
        question = instrument.questions[code]
        asked: dict[str, list[str]] = {}
        for mode in Mode:
            for key, variant in instrument.variants.items():
                if code in variant.questions:
                    words = instrument.wording(question, language=LANGUAGE, mode=mode, variant=key)
                    asked.setdefault(words, []).append(f"{mode} {key}")
        answers = "; ".join(f"{option.code} {instrument.text(option.text, LANGUAGE)}" for option in question.options)
        wordings = " ".join(f"[{', '.join(places)}] {words}" for words, places in asked.items())
        yield code, f"{code}. {wordings} Answers: {answers}."


def _older(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """What older versions asked otherwise, and how it was scored."""
    for version in older_versions(dataset):
        instrument, number = version.instrument, version.number
        section = f"Version {number}"
        yield section, counted_together(dataset, version)
        yield section, f"Questionnaire {instrument.key} v{number}, SHA-256 {instrument.digest}."
        yield section, f"Scoring rules, version {instrument.scoring.version}."
        yield section, f"Translations, version {instrument.translations_version}."
        for code, words in _asked(instrument):
            if code in version.apart:
                yield section, words


def _versions(origin: Provenance) -> Iterator[tuple[str, str]]:
    yield "Versions", f"Questionnaire {origin.instrument}, SHA-256 {origin.instrument_digest}."
    yield "Versions", f"Scoring rules, version {origin.scoring_version}."
    yield "Versions", f"Translations, version {origin.translations_version}."
    yield "Versions", f"Replicability Survey {origin.program_version}."
    yield "Versions", f"Dataset file, revision {origin.revision}, SHA-256 {origin.sha256}."
