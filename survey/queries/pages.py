"""What the pages of an interview show: few selects of plain columns, whatever the interview holds.

They are run on the connection of the session, past its objects: that costs half as much.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, String, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from survey.models import (
    Evaluation,
    Interview,
    Practice,
    PracticeText,
    Region,
    RegionText,
    Respondent,
    Source,
    Study,
    StudyText,
)

# Texts are wanted in one language and, where they are not there, in English.
FALLBACK = "en"
_study, _study_en = aliased(StudyText), aliased(StudyText)
_region, _region_en = aliased(RegionText), aliased(RegionText)
# The region that a practice is judged for; it is not the interview's own when the respondent changed that later.
_judged, _judged_text, _judged_text_en = aliased(Region), aliased(RegionText), aliased(RegionText)
_practice, _practice_en = aliased(PracticeText), aliased(PracticeText)
_asked: BindParameter[str | None] = bindparam("language", type_=String)
# None asks for the language that the respondent chose last.
_language = func.coalesce(_asked, Interview.language)

_HEAD = (
    Interview.id.label("interview_id"),
    Interview.state,
    Interview.mode,
    Interview.variant,
    Interview.instrument_version,
    Interview.language,
    Interview.layout,
    Interview.seed,
    Interview.revision.label("interview_revision"),
    Interview.codes.label("profile"),
    Interview.simulated,
    Interview.started_at,
    Interview.submitted_at,
    Interview.receipt,
    Interview.last_answer_at,
    Interview.extra_practices,
    Respondent.number.label("respondent_number"),
    Respondent.open_link_id,
    Study.key.label("study_key"),
    Study.state.label("study_state"),
    Study.simulated.label("study_simulated"),
    Study.languages,
    Study.instrument_key,
    Study.contact_email,
    Study.closes_on,
    _study.title.label("title"),
    _study_en.title.label("title_en"),
    _study.owner.label("owner"),
    _study_en.owner.label("owner_en"),
    Region.id.label("region_id"),
    Region.key.label("region_key"),
    Region.timezone,
    _region.name.label("region_name"),
    _region_en.name.label("region_name_en"),
    _region.spoken_name.label("region_spoken"),
    _region_en.spoken_name.label("region_spoken_en"),
)
_JUDGEMENT = (
    Evaluation.id.label("evaluation_id"),
    Evaluation.position,
    Evaluation.state.label("evaluation_state"),
    Evaluation.codes,
    Evaluation.texts,
    Evaluation.revision,
    _judged.key.label("judged_region_key"),
    _judged_text.name.label("judged_region_name"),
    _judged_text_en.name.label("judged_region_name_en"),
    _judged_text.spoken_name.label("judged_region_spoken"),
    _judged_text_en.spoken_name.label("judged_region_spoken_en"),
    Practice.id.label("practice_id"),
    Practice.key.label("practice_key"),
    Practice.category,
    Practice.organisation,
    Practice.origin_region,
    Practice.origin_country,
    Practice.start_year,
    _practice.title.label("practice_title"),
    _practice.summary.label("practice_summary"),
    _practice_en.title.label("practice_title_en"),
    _practice_en.summary.label("practice_summary_en"),
    Source.title.label("source_title"),
    Source.url.label("source_url"),
)


def _with_head(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.join(Study, Study.id == Interview.study_id)
        .join(Respondent, Respondent.id == Interview.respondent_id)
        .outerjoin(_study, and_(_study.study_id == Study.id, _study.language == _language))
        .outerjoin(_study_en, and_(_study_en.study_id == Study.id, _study_en.language == FALLBACK))
        .outerjoin(Region, Region.id == Interview.region_id)
        .outerjoin(_region, and_(_region.region_id == Region.id, _region.language == _language))
        .outerjoin(_region_en, and_(_region_en.region_id == Region.id, _region_en.language == FALLBACK))
        .where(Interview.id == bindparam("interview"))
    )


def _with_practice(
    statement: Select[*tuple[Any, ...]], language: ColumnElement[str | None]
) -> Select[*tuple[Any, ...]]:
    return (
        statement.join(Practice, Practice.id == Evaluation.practice_id)
        .join(_judged, _judged.id == Evaluation.region_id)
        .outerjoin(_judged_text, and_(_judged_text.region_id == _judged.id, _judged_text.language == language))
        .outerjoin(_judged_text_en, and_(_judged_text_en.region_id == _judged.id, _judged_text_en.language == FALLBACK))
        .outerjoin(_practice, and_(_practice.practice_id == Practice.id, _practice.language == language))
        .outerjoin(_practice_en, and_(_practice_en.practice_id == Practice.id, _practice_en.language == FALLBACK))
        .outerjoin(Source, and_(Source.practice_id == Practice.id, Source.no == 1))
    )


# Built once, as in `survey.queries.cases`.
_HEAD_ALONE = _with_head(select(*_HEAD, Respondent.region_id.label("preset_region_id"), Respondent.stakeholder))
_PAGE = _with_practice(
    _with_head(select(*_HEAD, *_JUDGEMENT)).join(Evaluation, Evaluation.interview_id == Interview.id), _language
).where(Evaluation.position == bindparam("position"))
_ALL = (
    _with_practice(select(*_JUDGEMENT).select_from(Evaluation), _asked)
    .where(Evaluation.interview_id == bindparam("interview"))
    .order_by(Evaluation.position)
)
_STOPS = (
    select(Evaluation.position, Evaluation.state)
    .where(Evaluation.interview_id == bindparam("interview"))
    .order_by(Evaluation.position)
)
_REGIONS = (
    select(
        Region.id,
        Region.key,
        _region.name.label("name"),
        _region_en.name.label("name_en"),
        _region.spoken_name.label("spoken"),
        _region_en.spoken_name.label("spoken_en"),
    )
    .join(Interview, Interview.study_id == Region.study_id)
    .outerjoin(_region, and_(_region.region_id == Region.id, _region.language == _language))
    .outerjoin(_region_en, and_(_region_en.region_id == Region.id, _region_en.language == FALLBACK))
    .where(Interview.id == bindparam("interview"))
    .order_by(Region.position, Region.id)
)


def head_row(session: Session, interview_id: uuid.UUID, language: str | None) -> Row[*tuple[Any, ...]] | None:
    return session.connection().execute(_HEAD_ALONE, {"interview": interview_id, "language": language}).one_or_none()


def page_row(
    session: Session, interview_id: uuid.UUID, position: int, language: str | None
) -> Row[*tuple[Any, ...]] | None:
    """The head of an interview and one of its practices, in one row."""
    values = {"interview": interview_id, "position": position, "language": language}
    return session.connection().execute(_PAGE, values).one_or_none()


def practice_rows(session: Session, interview_id: uuid.UUID, language: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """The practices of an interview, by position."""
    return session.connection().execute(_ALL, {"interview": interview_id, "language": language}).all()


def stop_rows(session: Session, interview_id: uuid.UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """The position and state of every practice of an interview, by position."""
    return session.connection().execute(_STOPS, {"interview": interview_id}).all()


def description_rows(session: Session, practices: Collection[uuid.UUID]) -> Sequence[Row[*tuple[Any, ...]]]:
    """What there is of the practices' descriptions, in whatever language."""
    columns = (PracticeText.practice_id, PracticeText.language, PracticeText.title, PracticeText.summary)
    return session.connection().execute(select(*columns).where(PracticeText.practice_id.in_(practices))).all()


def region_rows(session: Session, interview_id: uuid.UUID, language: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """The regions of the interview's study, in the study's order."""
    return session.connection().execute(_REGIONS, {"interview": interview_id, "language": language}).all()
