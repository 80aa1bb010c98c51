"""What an interview's pages show, and where a respondent goes next. Reads only."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from instruments import Instrument, load
from survey.models import EvaluationState, InterviewState, StudyState
from survey.queries import pages
from survey.services.errors import NotFound, StudyClosed
from survey.services.operations import study_refusal
from survey.texts import LANGUAGES, on_offer


@dataclass(frozen=True, slots=True)
class Head:
    """What every page of an interview needs to know. Texts are in `language`, else English."""

    interview_id: uuid.UUID
    state: InterviewState
    mode: str
    variant: str
    instrument: Instrument
    # Asked for, else chosen last, if the study has it; else the study's first.
    language: str
    languages: tuple[str, ...]
    layout: str
    seed: int
    revision: int
    is_simulated: bool
    started_at: datetime
    submitted_at: datetime | None
    receipt: str | None
    # When an answer was saved last; None before the first.
    last_answer_at: datetime | None
    # How many of the practices the respondent took on beyond the promise.
    extra_practices: int
    respondent_number: int
    # Nobody sent them a personal link; one of their own they get when they ask.
    came_by_open_link: bool
    study_key: str
    study_state: StudyState
    title: str
    owner: str
    contact_email: str
    closes_on: date | None
    # Empty until the profile names the region.
    region_key: str
    region_name: str
    region_spoken: str
    # UTC until the profile names the region.
    timezone: str

    def is_closed(self, now: datetime) -> bool:
        """Whether the study takes no more answers."""
        return isinstance(study_refusal(self.study_state, self.closes_on, now), StudyClosed)


@dataclass(frozen=True, slots=True)
class PracticeView:
    """A practice as its card shows it, with the answers so far."""

    position: int
    evaluation_id: uuid.UUID
    state: EvaluationState
    # What a save from this page builds on.
    revision: int
    codes: Mapping[str, int]
    texts: Mapping[str, str]
    # The region that the practice is judged for: that of `Head`, unless it was answered before that was changed.
    region_key: str
    region_name: str
    region_spoken: str
    key: str
    category: str
    title: str
    summary: str
    # The language that title and summary are in.
    language: str
    organisation: str
    origin_spoken: str
    origin_country: str
    start_year: int | None
    source_title: str
    source_url: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a practice is, and the language that this is said in."""

    language: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One practice on the way through the interview."""

    position: int
    state: EvaluationState


@dataclass(frozen=True, slots=True)
class PageView:
    """One practice, and how far the others are."""

    head: Head
    practice: PracticeView
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class RegionChoice:
    key: str
    name: str
    spoken_name: str


@dataclass(frozen=True, slots=True)
class InterviewView:
    """The whole interview: profile, review and receipt are made of it.

    preset_region_key, preset_stakeholder: what the study believes, for confirmation; "" and None if nothing.
    """

    head: Head
    profile: Mapping[str, int]
    regions: tuple[RegionChoice, ...]
    preset_region_key: str
    preset_stakeholder: int | None
    practices: tuple[PracticeView, ...]


def page_view(session: Session, interview_id: uuid.UUID, position: int, language: str | None = None) -> PageView:
    """One practice of an interview, in two selects. NotFound when it has no such position.

    language: None for the one that the respondent chose last; so in the other views.
    """
    row, head = _read(lambda spoken: pages.page_row(session, interview_id, position, spoken), language)
    stops = tuple(Stop(stop.position, stop.state) for stop in pages.stop_rows(session, interview_id))
    return PageView(head, _practices(session, [row], head)[0], stops)


def overview(session: Session, interview_id: uuid.UUID, language: str | None = None) -> InterviewView:
    """The whole interview, in three selects whatever its size. NotFound when there is none."""
    row, head = _read(lambda spoken: pages.head_row(session, interview_id, spoken), language)
    regions = pages.region_rows(session, interview_id, head.language)
    practices = pages.practice_rows(session, interview_id, head.language)
    return InterviewView(
        head=head,
        profile=head.instrument.unpack_profile(row.profile),
        regions=tuple(
            RegionChoice(each.key, each.name or each.name_en or each.key, each.spoken or each.spoken_en or each.key)
            for each in regions
        ),
        preset_region_key=next((each.key for each in regions if each.id == row.preset_region_id), ""),
        preset_stakeholder=row.stakeholder,
        practices=_practices(session, practices, head),
    )


def head_of(session: Session, interview_id: uuid.UUID, language: str | None = None) -> Head:
    """What pages without answers need (receipt, privacy, continue later), in one select. NotFound when none."""
    return _read(lambda spoken: pages.head_row(session, interview_id, spoken), language)[1]


def _read(row_in: Callable[[str | None], Any], language: str | None) -> tuple[Any, Head]:
    """A row with the head of an interview, with its texts in a language of the study."""
    row = row_in(language)
    if row is None:
        raise NotFound
    spoken = on_offer(row.languages, language, row.language)
    if spoken != (language or row.language):
        # Asked for in a language that the study does not have: once more, in one that it has.
        row = row_in(spoken)
    return row, _head(row, spoken)


def _head(row: Any, language: str) -> Head:
    return Head(
        interview_id=row.interview_id,
        state=row.state,
        mode=row.mode,
        variant=row.variant,
        instrument=load(row.instrument_key, row.instrument_version),
        language=language,
        languages=tuple(row.languages),
        layout=row.layout,
        seed=row.seed,
        revision=row.interview_revision,
        is_simulated=row.simulated or row.study_simulated,
        started_at=row.started_at,
        submitted_at=row.submitted_at,
        receipt=row.receipt,
        last_answer_at=row.last_answer_at,
        extra_practices=row.extra_practices,
        respondent_number=row.respondent_number,
        came_by_open_link=row.open_link_id is not None,
        study_key=row.study_key,
        study_state=row.study_state,
        title=row.title or row.title_en or row.study_key,
        owner=row.owner or row.owner_en or "",
        contact_email=row.contact_email,
        closes_on=row.closes_on,
        region_key=row.region_key or "",
        region_name=row.region_name or row.region_name_en or row.region_key or "",
        region_spoken=row.region_spoken or row.region_spoken_en or row.region_key or "",
        timezone=row.timezone or "UTC",
    )


def _practices(session: Session, rows: Iterable[Any], head: Head) -> tuple[PracticeView, ...]:
    rows = tuple(rows)
    told = [_description(row, head.language) for row in rows]
    untold = [row.practice_id for row, each in zip(rows, told, strict=True) if each is None]
    others = _first_descriptions(session, untold) if untold else {}
    return tuple(
        _practice(
            row,
            head.instrument,
            each or others.get(row.practice_id) or Description(pages.FALLBACK, row.practice_key, ""),
        )
        for row, each in zip(rows, told, strict=True)
    )


def _description(row: Any, language: str) -> Description | None:
    """In the language or else in English, never half of it in one and half in the other."""
    if _is_whole(row.practice_title, row.practice_summary):
        return Description(language, row.practice_title, row.practice_summary)
    if _is_whole(row.practice_title_en, row.practice_summary_en):
        return Description(pages.FALLBACK, row.practice_title_en, row.practice_summary_en)
    return None


def _is_whole(title: str | None, summary: str | None) -> bool:
    return bool(title and title.strip() and summary and summary.strip())


def _first_descriptions(session: Session, practices: Collection[uuid.UUID]) -> dict[uuid.UUID, Description]:
    """Of practices that are described in neither: what there is, whole before half, then by `LANGUAGES`."""
    found = sorted(
        pages.description_rows(session, practices),
        key=lambda row: (_is_whole(row.title, row.summary), -LANGUAGES.index(row.language)),
    )
    return {row.practice_id: Description(row.language, row.title, row.summary) for row in found if row.title.strip()}


def _practice(row: Any, instrument: Instrument, description: Description) -> PracticeView:
    return PracticeView(
        position=row.position,
        evaluation_id=row.evaluation_id,
        state=row.evaluation_state,
        revision=row.revision,
        codes=instrument.unpack(row.codes),
        texts=row.texts,
        region_key=row.judged_region_key,
        region_name=row.judged_region_name or row.judged_region_name_en or row.judged_region_key,
        region_spoken=row.judged_region_spoken or row.judged_region_spoken_en or row.judged_region_key,
        key=row.practice_key,
        category=row.category,
        title=description.title,
        summary=description.summary,
        language=description.language,
        organisation=row.organisation,
        origin_spoken=row.origin_region,
        origin_country=row.origin_country,
        start_year=row.start_year,
        source_title=row.source_title or "",
        source_url=row.source_url or "",
    )
