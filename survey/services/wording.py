"""The texts that a study brings itself: which there are, which are missing, and how they change.

Each has a key, which translators see in their sheet: `study.title`, `region.lombardy.name`, `practice.b2match.summary`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from instruments import load
from survey.models import Practice, PracticeText, Region, RegionText, Study, StudyText
from survey.services.errors import BadFields, FieldProblem
from survey.texts import language_name, ui

# Staff pages and exports call the study by its English title, whatever its respondents speak.
ALWAYS_IN_ENGLISH: Final = frozenset({"study.title", "study.owner"})


class Need(StrEnum):
    """In which of the study's languages a text has to be there before the study opens."""

    EVERY = "every"
    # In all of them or in none.
    TOGETHER = "together"
    # Where it is missing, another language is shown, with a note.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of a table of texts. context: where it is shown, for translators. longest: characters."""

    name: str
    context: str
    longest: int
    need: Need = Need.EVERY


_OF_STUDY: Final = (
    _Field("title", "The title of the study, on its first page and in mails", 300),
    _Field("owner", "Who asks and on whose behalf, one sentence", 600),
    _Field("purpose", "Why people are asked, a sentence or two; all languages or none", 2_000, Need.TOGETHER),
    _Field("invitation", "First words of invitations and letters; all languages or none", 5_000, Need.TOGETHER),
)
_OF_REGION: Final = (
    _Field("name", "A region, in lists", 200),
    _Field("spoken_name", "The same region within a sentence: could it work in …?", 200),
)
_OF_PRACTICE: Final = (
    _Field("title", "Title of a practice; it goes with its summary", 300, Need.NONE),
    _Field("summary", "What this practice is, some 110 words; it goes with its title", 5_000, Need.NONE),
)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in every language that it is in. longest: characters that a new wording may have."""

    key: str
    context: str
    longest: int
    need: Need
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, order=True)
class MissingText:
    """A text that respondents would miss."""

    key: str
    language: str

    def __str__(self) -> str:
        return f"{self.key} in {language_name(self.language)} is missing."


@dataclass(frozen=True, slots=True)
class Change:
    """A text that becomes another one; "" where there was none, or will be none."""

    key: str
    language: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """In a word: new, changed or emptied."""
        if not self.after:
            return "emptied"
        return "changed" if self.before else "new"


@dataclass(frozen=True, slots=True)
class _Subject:
    """What has texts: the first part of their keys, the rows they stand in, one a language, and which they are."""

    prefix: str
    row_type: type[StudyText | RegionText | PracticeText]
    rows: list[Any]
    fields: tuple[_Field, ...]


def texts_of(session: Session, study: Study) -> tuple[Text, ...]:
    """Every text of the study, in the order in which respondents meet them."""
    return tuple(
        Text(
            key=f"{subject.prefix}.{field.name}",
            context=field.context,
            longest=field.longest,
            need=field.need,
            values={row.language: words for row in subject.rows if (words := getattr(row, field.name))},
        )
        for subject in _subjects(session, study)
        for field in subject.fields
    )


def missing_texts(session: Session, study: Study, languages: Sequence[str] | None = None) -> tuple[MissingText, ...]:
    """What keeps the study from opening in these languages; None asks about its own."""
    wanted = study.languages if languages is None else languages
    instrument = load(study.instrument_key, study.instrument_version)
    questionnaire = f"instrument.{instrument.key} version {instrument.version}"
    return (
        *missing_among(texts_of(session, study), wanted),
        *(MissingText(questionnaire, language) for language in wanted if language not in instrument.languages),
        *(MissingText(key, language) for language in wanted for key, words in ui(language).texts.items() if not words),
    )


def missing_among(texts: Iterable[Text], languages: Collection[str]) -> Iterator[MissingText]:
    """Those of the study's own texts that are needed in these languages and are not there."""
    for text in texts:
        lacking = [language for language in languages if not text.values.get(language, "").strip()]
        if text.need is Need.EVERY or (text.need is Need.TOGETHER and len(lacking) < len(languages)):
            yield from (MissingText(text.key, language) for language in lacking)


def undescribed(texts: Iterable[Text], language: str) -> int:
    """How many practices will be shown in another language with a note."""
    described = [text.values.get(language, "").strip() for text in texts if text.need is Need.NONE]
    return sum(not (title and summary) for title, summary in zip(described[::2], described[1::2], strict=True))


def require_texts(session: Session, study: Study, languages: Sequence[str] | None = None) -> None:
    """BadFields with every text that is missing in these languages; None asks about the study's own."""
    missing = missing_texts(session, study, languages)
    if missing:
        raise BadFields(FieldProblem(each.key, str(each)) for each in missing)


def hold(session: Session, study: Study) -> None:
    """The study as it is now, kept from others: on PostgreSQL one could open it while another one empties a text."""
    session.refresh(study, with_for_update=True)


def with_changes(texts: Iterable[Text], changes: Iterable[Change]) -> tuple[Text, ...]:
    """The texts as they will be."""
    new: dict[str, dict[str, str]] = {}
    for change in changes:
        new.setdefault(change.key, {})[change.language] = change.after
    return tuple(replace(text, values={**text.values, **new.get(text.key, {})}) for text in texts)


def set_texts(session: Session, study: Study, changes: Collection[Change]) -> None:
    """Make the changes; whoever calls has checked them. Without any, nothing happens, not even to the revision."""
    if not changes:
        return
    subjects = {subject.prefix: subject for subject in _subjects(session, study)}
    for change in changes:
        prefix, _, field = change.key.rpartition(".")
        _set_text(subjects[prefix], field, change)
    study.revision += 1
    session.flush()


def _set_text(subject: _Subject, field: str, change: Change) -> None:
    row = next((each for each in subject.rows if each.language == change.language), None)
    if row is None:
        row = subject.row_type(language=change.language, **{each.name: "" for each in subject.fields})
        subject.rows.append(row)
    setattr(row, field, change.after)
    if not any(getattr(row, each.name) for each in subject.fields):
        subject.rows.remove(row)


def _subjects(session: Session, study: Study) -> Iterator[_Subject]:
    yield _Subject("study", StudyText, study.texts, _OF_STUDY)
    regions = select(Region).where(Region.study_id == study.id).order_by(Region.position, Region.id)
    for region in session.scalars(regions.options(selectinload(Region.texts))):
        yield _Subject(f"region.{region.key}", RegionText, region.texts, _OF_REGION)
    practices = select(Practice).where(Practice.study_id == study.id).order_by(Practice.position, Practice.id)
    for practice in session.scalars(practices.options(selectinload(Practice.texts))):
        yield _Subject(f"practice.{practice.key}", PracticeText, practice.texts, _OF_PRACTICE)
