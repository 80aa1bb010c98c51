"""What each variable means: one row per variable, and one per code it can have, from the instrument."""

from collections.abc import Iterator
from dataclasses import dataclass

from exports.checking import TICKED, allowed_codes
from exports.dataset import MODES, Dataset
from exports.scores import counts
from exports.versions import Version, named_apart
from instruments import MISSING, NOT_ANSWERED, Condition, Instrument, Mode, Question

LANGUAGE = "en"  # Workbooks are for the project team, whose common language is English.

# Names of the verdict's derived columns and of what identifies a row, in the order of the sheet "Ratings".
IDENTITY = (
    ("interview_id", "One respondent's case, without a name"),
    ("practice_id", "The practice judged"),
    ("region_id", "The region the practice was judged for"),
    ("group_id", "Stakeholder group of the respondent"),
    ("mode", "How the answers were given"),
    ("instrument_version", "Version of the questionnaire"),
)
DERIVED = (
    ("rs10", "Rating score of ten items, 0-100; empty: too few items answered, or not asked all ten"),
    ("rs5", "Rating score of the five items that both questionnaires have, 0-100; empty: too few items answered"),
    ("verdict", "All in all, could it be repeated? (VERDICT)"),
    ("verdict_score", "Verdict as a score: 100, 66.67, 33.33, 0; empty: no stand taken"),
    ("strict", "1: yes, as it is or with small changes; 0: with large changes or no; empty: no stand taken"),
    ("broad", "1: yes, with whatever changes; 0: no; empty: no stand taken"),
    ("blocker", "1: the cost or the rules would stop it; 0: neither would; empty: neither question was answered"),
    ("dk", "1: verdict 'I don't know'; 0: any other verdict; empty: no verdict"),
    ("exist", "1: verdict 'It already exists here'; 0: any other verdict of 1-4; empty: none of these"),
    ("simulated", "1: made by a program; 0: given by a person"),
)
IDENTITY_NAMES = tuple(name for name, _ in IDENTITY)
DERIVED_NAMES = tuple(name for name, _ in DERIVED)

# The derived columns that follow from the answers, with their fields of Scores.
FIELDS = {name: "exist_here" if name == "exist" else name for name in DERIVED_NAMES if name != "simulated"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the codebook: a variable (code None) or one code of it."""

    sheet: str  # where the variable stands: a sheet's name, or "JSON" for the dataset file only
    variable: str
    label: str
    type: str
    code: int | str | None
    code_label: str
    is_missing: bool | None  # None on the line of the variable itself
    asked_if: str
    direction: str


def codebook(dataset: Dataset) -> tuple[Entry, ...]:
    """Every variable of the sheet "Ratings", then every other coded column of the dataset file.

    In each part, what an older version has apart comes last.
    """
    instrument = dataset.instrument
    items = rated_items(instrument)
    entries: list[Entry] = []
    for name, label in IDENTITY:
        entries.append(_entry("Ratings", name, label, "integer" if name == "instrument_version" else "text"))
        entries.extend(_known_values(dataset, name, label))
    questions = {column: question for question in instrument.questions.values() for column in question.columns}
    for item in items:
        entries.extend(_question_entries(instrument, "Ratings", item, item, questions[item]))
    for name, label in DERIVED:
        if name == "verdict":
            verdict = instrument.scoring.verdict
            entries.extend(_question_entries(instrument, "Ratings", name, verdict, questions[verdict]))
        else:
            entries.append(_entry("Ratings", name, label, "number"))
    for version in older_versions(dataset):
        entries.extend(_apart_entries(version))
    for name, (origin, column) in dataset.layout.origins.items():
        if column not in rated_items(origin):
            question = next(question for question in origin.questions.values() if column in question.columns)
            note = "" if origin is instrument else _asked_in(origin)
            entries.extend(_question_entries(origin, "JSON", name, column, question, note=note))
    return tuple(entries)


def older_versions(dataset: Dataset) -> tuple[Version, ...]:
    """The versions before the newest one, oldest first."""
    return tuple(dataset.layout.versions.values())[:-1]


def counted_together(dataset: Dataset, version: Version) -> str:
    """In words: what of an older version counts together with the newest one, and what stands apart."""
    newest, declared = dataset.instrument, dataset.instrument.scoring.comparable.get(version.number, frozenset())
    both = f"Answers to version {version.number} count together with those to version {newest.version}"
    sentences = [f"{both} where both ask in the same words and offer the same answers."]
    same = [code for code in version.instrument.questions if code in declared and code in version.common.questions]
    if same:
        sentences.append(f"In other words but declared comparable: {', '.join(same)}.")
    apart = (version.instrument.questions[code].columns or (code,) for code in version.apart)
    answers = [version.names[name] for names in apart for name in names]
    figures = [named_apart(name, version.number) for name in derived_apart(version)]
    if answers or figures:
        sentences.append(f"Kept apart and in no figure: {', '.join([*answers, *figures])}.")
    return " ".join(sentences)


def items_apart(version: Version) -> tuple[str, ...]:
    """The items of a version that do not count together with the newest version's."""
    return tuple(item for item in rated_items(version.instrument) if item in version.apart)


def derived_apart(version: Version) -> tuple[str, ...]:
    """The figures of a version (names of DERIVED) that do not count together with the newest version's."""
    return tuple(name for name, field in FIELDS.items() if not counts(version, field))


def _apart_entries(version: Version) -> Iterator[Entry]:
    instrument, number = version.instrument, version.number
    labels, note = dict(DERIVED), _asked_in(instrument)
    for item in items_apart(version):
        question = instrument.questions[item]
        yield from _question_entries(instrument, "Ratings", named_apart(item, number), item, question, note=note)
    for name in derived_apart(version):
        variable = named_apart(name, number)
        if name == "verdict":
            verdict = instrument.scoring.verdict
            question = instrument.questions[verdict]
            yield from _question_entries(instrument, "Ratings", variable, verdict, question, note=note)
        else:
            yield _entry("Ratings", variable, f"{labels[name]}{note}", "number")


def _asked_in(instrument: Instrument) -> str:
    return f"; as asked in version {instrument.version}"


def rated_items(instrument: Instrument) -> tuple[str, ...]:
    """The items of the longest scale, in its order: the ten of RS10."""
    return instrument.scoring.scales["RS10"].items


def asked_if(condition: Condition | None) -> str:
    """A condition in words: "EXIST is none of 1"; "" when a question is always asked."""
    if condition is None:
        return ""
    return " and ".join(
        f"{clause.column} {clause.test.replace('_', ' ')} {', '.join(map(str, sorted(clause.codes)))}".strip()
        for clause in condition.clauses
    )


def label_of(instrument: Instrument, column: str, question: Question) -> str:
    """What a column is about, in a few words."""
    label = instrument.text(question.label, LANGUAGE)
    option = next((option for option in question.options if option.column == column), None)
    return label if option is None else f"{label}: {instrument.text(option.text, LANGUAGE)}"


def _known_values(dataset: Dataset, name: str, label: str) -> Iterator[Entry]:
    values: dict[str, list[tuple[str, str]]] = {
        "practice_id": [(practice.id, practice.title) for practice in dataset.practices],
        "region_id": [(region.id, region.name) for region in dataset.regions],
        "group_id": [(group.id, group.name) for group in dataset.groups],
        "mode": [(mode.value, {Mode.WEB: "on the web", Mode.PHONE: "by phone"}[mode]) for mode in MODES],
    }
    for code, meaning in values.get(name, []):
        yield _entry("Ratings", name, label, "text", code=code, code_label=meaning, is_missing=False)


def _question_entries(
    instrument: Instrument, sheet: str, variable: str, column: str, question: Question, *, note: str = ""
) -> Iterator[Entry]:
    label = label_of(instrument, column, question) + note
    condition = asked_if(question.show_if)
    direction = _direction(instrument, column)
    yield _entry(sheet, variable, label, "integer", asked_if=condition, direction=direction)
    for code in sorted(allowed_codes(instrument, column), key=_answers_first):
        yield _entry(
            sheet,
            variable,
            label,
            "integer",
            code=code,
            code_label=_code_label(instrument, question, code),
            is_missing=code in MISSING or code == NOT_ANSWERED,
        )


def _entry(
    sheet: str,
    variable: str,
    label: str,
    kind: str,
    *,
    code: int | str | None = None,
    code_label: str = "",
    is_missing: bool | None = None,
    asked_if: str = "",
    direction: str = "",
) -> Entry:
    return Entry(sheet, variable, label, kind, code, code_label, is_missing, asked_if, direction)


def _answers_first(code: int) -> tuple[bool, int]:
    """1-5, then 77, 88, 99, then -1, -2, -3 and -128."""
    return code < 0, abs(code)


def _code_label(instrument: Instrument, question: Question, code: int) -> str:
    if code == NOT_ANSWERED:
        return "Not answered"
    if code in MISSING:
        return instrument.text(instrument.missing_texts[code], LANGUAGE)
    if question.kind in TICKED:
        return ("No", "Yes")[code]
    return next(instrument.text(option.text, LANGUAGE) for option in question.options if option.code == code)


def _direction(instrument: Instrument, column: str) -> str:
    scoring = instrument.scoring
    if column not in scoring.ranges:
        return ""
    return "higher is worse (reversed in the score)" if column in scoring.reversed_items else "higher is better"
