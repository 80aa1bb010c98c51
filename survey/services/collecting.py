"""From the database to a dataset: what counts, in a fixed number of selects whatever the size.

An evaluation counts when every required question on its path is answered and consent stands, submitted or not.
Evaluations of withdrawn interviews never count.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from exports import Dataset, Group, Interview, Layout, Practice, Region, Study, Version, layout
from instruments import NOT_ANSWERED, NOT_ASSIGNED, NOT_REACHED, Instrument, Mode, load, path
from survey import models
from survey.catalogue import CATALOGUE_NOTE, read_catalogue
from survey.models import EvaluationState, InterviewState
from survey.queries import studies
from survey.services.assigning import is_home
from survey.services.errors import NotFound

LANGUAGE = "en"
SELECTION = (
    "All evaluations whose required questions are answered and whose respondents' consent stands, "
    "whether the interview was submitted or not."
)
_STATES = (InterviewState.STARTED, InterviewState.SUBMITTED)


def collect(session: Session, study_key: str, *, now: datetime) -> Dataset:
    """Everything that counts in a study, as it stands in this session. Five selects. NotFound for an unknown key.

    Interviews keep the version of the questionnaire they began with; the dataset holds all of them.

    now: written into the dataset as the moment to which it is complete.
    """
    study = studies.study_by_key(session, study_key)
    if study is None:
        raise NotFound(f"There is no study {study_key!r}.")
    instrument = load(study.instrument_key, study.instrument_version)
    practices = _practices(session, study)
    regions = _regions(session, study)
    rows = _evaluations(session, study)
    asked = {row.instrument_version for row in rows}
    older = tuple(load(study.instrument_key, each) for each in sorted(asked - {study.instrument_version}))
    place = layout(instrument, older)
    practice_at = {row.id: position for position, row in enumerate(practices)}
    region_at = {row.id: position for position, row in enumerate(regions)}
    interviews, interview_at = _interviews(rows, instrument, region_at)
    return Dataset(
        study=_study(session, study, [row.key for row in practices], now),
        instrument=instrument,
        practices=tuple(_practice(row, _category_names()) for row in practices),
        regions=tuple(_region(row, practices, asked_at_home=study.home_regions_asked) for row in regions),
        groups=tuple(Group(group.key, instrument.text(group.text, LANGUAGE)) for group in instrument.groups),
        interviews=interviews,
        codes=_codes(rows, place),
        practice=np.array([practice_at[row.practice_id] for row in rows], np.int32),
        region=np.array([region_at[row.region_id] for row in rows], np.int32),
        interview=np.array([interview_at[row.interview_id] for row in rows], np.int32),
        texts=tuple(_texts(row, place.versions[row.instrument_version]) for row in rows),
        selection=SELECTION,
        revision=study.revision,
        older=older,
    )


def _practices(session: Session, study: models.Study) -> Sequence[Any]:
    text = aliased(models.PracticeText)
    source = aliased(models.Source)
    table = models.Practice
    return session.execute(
        select(
            table.id,
            table.key,
            table.category,
            table.organisation,
            table.origin_region,
            table.origin_country,
            table.nuts,
            table.start_year,
            text.title,
            source.url,
        )
        .outerjoin(text, and_(text.practice_id == table.id, text.language == LANGUAGE))
        .outerjoin(source, and_(source.practice_id == table.id, source.no == 1))
        .where(table.study_id == study.id)
        .order_by(table.position, table.id)
    ).all()


def _regions(session: Session, study: models.Study) -> Sequence[Any]:
    text = aliased(models.RegionText)
    table = models.Region
    return session.execute(
        select(table.id, table.key, table.country, table.nuts, text.name)
        .outerjoin(text, and_(text.region_id == table.id, text.language == LANGUAGE))
        .where(table.study_id == study.id)
        .order_by(table.position, table.id)
    ).all()


def _evaluations(session: Session, study: models.Study) -> Sequence[Any]:
    """The evaluations that count, each with its interview, by respondent number and position."""
    interview, evaluation = models.Interview, models.Evaluation
    return session.execute(
        select(
            evaluation.practice_id,
            evaluation.region_id,
            evaluation.codes,
            evaluation.texts,
            interview.id.label("interview_id"),
            interview.region_id.label("own_region_id"),
            interview.group_key,
            interview.mode,
            interview.variant,
            interview.instrument_version,
            interview.state,
            interview.started_at,
            interview.submitted_at,
            interview.language,
            interview.simulated,
        )
        .join(interview, interview.id == evaluation.interview_id)
        .join(models.Respondent, models.Respondent.id == interview.respondent_id)
        .where(
            interview.study_id == study.id,
            interview.state.in_(_STATES),
            evaluation.state == EvaluationState.COMPLETE,
            interview.region_id.is_not(None),
            interview.group_key.is_not(None),
        )
        .order_by(models.Respondent.number, evaluation.position)
    ).all()


def _study(session: Session, study: models.Study, practice_keys: Sequence[str], now: datetime) -> Study:
    title = session.scalar(
        select(models.StudyText.title).where(
            models.StudyText.study_id == study.id, models.StudyText.language == LANGUAGE
        )
    )
    shipped = {practice.key for practice in read_catalogue().practices}
    return Study(
        key=study.key,
        title=title or study.key,
        state=study.state.value,
        simulated=study.simulated,
        opened_at=study.opened_at,
        closed_at=study.closed_at,
        cut_off=now,
        contact=study.contact_email,
        catalogue_note=CATALOGUE_NOTE if shipped.intersection(practice_keys) else "",
        target=study.cell_target,
    )


def _practice(row: Any, category_names: Mapping[str, str]) -> Practice:
    return Practice(
        id=row.key,
        title=row.title or row.key,
        category=row.category,
        # A study may have categories of its own; then the key is all there is.
        category_name=category_names.get(row.category, row.category),
        origin=row.origin_region,
        origin_country=row.origin_country,
        nuts=row.nuts,
        start_year=row.start_year,
        organisation=row.organisation,
        source_url=row.url or "",
    )


def _region(row: Any, practices: Sequence[Any], *, asked_at_home: bool) -> Region:
    home = () if asked_at_home else tuple(each.key for each in practices if is_home(each.nuts, row.nuts))
    return Region(id=row.key, name=row.name or row.key, nuts=row.nuts, country=row.country, home_practices=home)


def _category_names() -> dict[str, str]:
    return {category.key: category.name for category in read_catalogue().categories}


def _interviews(
    rows: Sequence[Any], instrument: Instrument, region_at: Mapping[uuid.UUID, int]
) -> tuple[tuple[Interview, ...], dict[uuid.UUID, int]]:
    """The interviews with an evaluation that counts, and the place of each."""
    group_at = {group.key: position for position, group in enumerate(instrument.groups)}
    first_rows = {row.interview_id: row for row in reversed(rows)}
    found = tuple(
        Interview(
            id=str(row.interview_id),
            region=region_at[row.own_region_id],
            group=group_at[row.group_key],
            mode=Mode(row.mode),
            variant=row.variant,
            instrument_version=row.instrument_version,
            state=row.state.value,
            started_at=row.started_at,
            submitted_at=row.submitted_at,
            language=row.language,
            simulated=row.simulated,
        )
        for row in reversed(first_rows.values())
    )
    return found, {interview_id: position for position, interview_id in enumerate(reversed(first_rows))}


def _codes(rows: Sequence[Any], place: Layout) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    """The stored rows, put together without looking at single codes, each under the names of its version.

    What an unfinished interview did not answer it has not reached.
    """
    codes = np.full((len(rows), len(place.columns)), NOT_ASSIGNED, np.int8)
    asked = np.array([row.instrument_version for row in rows], np.int32)
    for number, version in place.versions.items():
        at = np.flatnonzero(asked == number)
        joined = b"".join(rows[position].codes for position in at.tolist())
        own = np.frombuffer(joined, np.int8).reshape(len(at), len(version.instrument.columns))
        codes[np.ix_(at, place.positions(number))] = own
    unfinished = np.array([row.state is InterviewState.STARTED for row in rows], np.bool_)
    codes[unfinished[:, None] & (codes == NOT_ANSWERED)] = NOT_REACHED
    return codes


def _texts(row: Any, version: Version) -> dict[str, str]:
    """The answers in words whose questions are still asked; an answer that was overruled says nothing."""
    if not row.texts:
        return {}
    instrument = version.instrument
    asked = {question.code for question in path(instrument, row.variant, instrument.unpack(row.codes))}
    return {version.names[question]: text for question, text in row.texts.items() if question in asked}
