"""Saving who the respondent is, which decides what is asked: practices are assigned when the profile is whole."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from instruments import NOT_ANSWERED, Instrument, Problem, load
from survey.models import Evaluation, EvaluationState, Interview, Region
from survey.queries import cases
from survey.queries.cases import Case
from survey.services import operations
from survey.services.answering import raise_study_revision
from survey.services.assigning import assign
from survey.services.chance import SECURE, Chance
from survey.services.checking import REGION, checked, profile_form
from survey.services.errors import BadInput, NotFound
from survey.services.history import History
from survey.services.saving import Author, Plan, Save, Saved, refuse_unknown_revision, weigh

STAKEHOLDER = "STAKEHOLDER"
_INTERVIEWS: Table = Interview.__table__  # type: ignore[assignment]


def save_profile(
    session: Session,
    interview_id: uuid.UUID,
    save: Save,
    *,
    region_key: str | None,
    author: Author,
    now: datetime,
    chance: Chance = SECURE,
) -> Saved:
    """Save profile answers and the region; as `answering.save_answers` in everything else.

    The first save that leaves the profile whole assigns the practices. A later change of region gives new practices
    in place of those without an answer; what was answered stays, and goes on counting for the region it was
    answered about.
    """
    case = cases.case_alone(session, interview_id)
    if case is None:
        raise NotFound
    asked = save if region_key is None else replace(save, texts={**save.texts, REGION: region_key})
    body = operations.body_hash("profile", asked)
    earlier = operations.refused_or_replayed(session, save.op_id, case, body, now=now)
    if earlier is not None:
        return earlier
    refuse_unknown_revision(save, case.revision)
    instrument = load(case.instrument_key, case.instrument_version)
    regions = _regions(session, case)
    plan = _plan(session, instrument, case, asked, regions, author)
    revision = case.revision + 1 if plan.changes else case.revision
    earlier = operations.claim(session, save.op_id, case, body, revision=revision, now=now)
    if earlier is not None:
        return replace(earlier, conflicts=plan.conflicts)
    if plan.changes:
        operations.append(
            session, case, None, plan.changes, operation_id=save.op_id, author=author, revision=revision, now=now
        )
        region_id = regions.get(plan.texts.get(REGION, ""))
        _keep(session, instrument, case, plan, region_id, revision=revision, now=now)
        _assign(session, instrument, case, plan, region_id, revision=revision, now=now, chance=chance)
    return Saved(revision, now, plan.changed, conflicts=plan.conflicts)


def is_whole(instrument: Instrument, codes: Mapping[str, int], region_id: uuid.UUID | None) -> bool:
    """Whether everything that the profile requires is known, so that practices can be chosen."""
    return region_id is not None and all(
        codes[column] != NOT_ANSWERED
        for question in instrument.profile
        if question.required
        for column in question.columns
    )


def _regions(session: Session, case: Case) -> dict[str, uuid.UUID]:
    found = session.execute(select(Region.key, Region.id).where(Region.study_id == case.study_id))
    return {row.key: row.id for row in found}


def _plan(
    session: Session,
    instrument: Instrument,
    case: Case,
    save: Save,
    regions: Mapping[str, uuid.UUID],
    author: Author,
) -> Plan:
    if REGION in save.texts and save.texts[REGION] not in regions:
        raise BadInput([Problem(REGION, "choose_one", "error.choose_one", {})])
    codes = instrument.unpack_profile(case.profile)
    own = next((key for key, region_id in regions.items() if region_id == case.region_id), None)
    standing = {} if own is None else {REGION: own}
    clean, columns = checked(profile_form(instrument), save, codes, mode=author.mode)
    history = None
    if save.is_older(columns, case.revision):
        rows = operations.logged(cases.log_of_profile(session, case.interview_id))
        history = History(rows, first=instrument.unpack_profile(instrument.pack_profile({})))
    return weigh(clean, columns, codes=codes, texts=standing, history=history, author=author)


def _keep(
    session: Session,
    instrument: Instrument,
    case: Case,
    plan: Plan,
    region_id: uuid.UUID | None,
    *,
    revision: int,
    now: datetime,
) -> None:
    group = instrument.group_by_code.get(plan.codes.get(STAKEHOLDER, NOT_ANSWERED))
    session.execute(
        _INTERVIEWS.update()
        .where(_INTERVIEWS.c.id == case.interview_id)
        .values(
            codes=instrument.pack_profile(plan.codes),
            region_id=region_id,
            group_key=group,
            revision=revision,
            last_answer_at=now,
        )
    )
    if group != case.group_key:
        complete = select(Evaluation.id).where(
            Evaluation.interview_id == case.interview_id, Evaluation.state == EvaluationState.COMPLETE
        )
        if session.execute(complete.limit(1)).first() is not None:
            raise_study_revision(session, case.study_id)


def _assign(
    session: Session,
    instrument: Instrument,
    case: Case,
    plan: Plan,
    region_id: uuid.UUID | None,
    *,
    revision: int,
    now: datetime,
    chance: Chance,
) -> None:
    if region_id is None or not is_whole(instrument, plan.codes, region_id):
        return
    if region_id == case.region_id and is_whole(instrument, instrument.unpack_profile(case.profile), region_id):
        return  # Assigned before, and nothing that decides it has changed.
    group = instrument.group_by_code.get(plan.codes.get(STAKEHOLDER, NOT_ANSWERED))
    assign(session, case.interview_id, region_id, group, attempt=revision, now=now, chance=chance)
