"""Filling a study with invented interviews, through the same services as real ones. All of it is marked as simulated.

The same seed gives the same interviews, ids included, in a study that holds the same.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instruments import Instrument, Mode, load
from survey.database import Database
from survey.models import Evaluation, Interview, Practice, Region, Respondent, Study
from survey.queries.studies import study_by_key
from survey.services.answering import save_answers
from survey.services.chance import SeededChance
from survey.services.consenting import begin, decline
from survey.services.errors import NotAllowed, NotFound
from survey.services.inviting import invite
from survey.services.operations import study_refusal
from survey.services.profiling import STAKEHOLDER, save_profile
from survey.services.saving import SIMULATION, Author, Save
from survey.services.simulated_answers import Person, World, opinion
from survey.services.submitting import submit

PHONE_SHARE = 0.2
# Interviews in one transaction: enough to save most of the waiting for the disk, few enough to let others in.
BATCH = 25

_DECLINING = 0.04
_BREAKING_OFF = 0.12
_IN_THE_MIDDLE = 0.5  # of those who break off: within a practice, not after one
_NEVER_SUBMITTING = 0.03
_STAYING_WITH_ENGLISH = 0.25
_STAKEHOLDERS = {1: 22, 2: 8, 3: 18, 4: 8, 5: 14, 6: 8, 7: 12, 8: 4, 9: 6}
_PER_PRACTICE = timedelta(minutes=3)
_LONGEST = timedelta(hours=1)
_FIELDWORK = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was made. answered: evaluations with answers, complete or not."""

    interviews: int
    submitted: int
    unfinished: int
    declined: int
    by_phone: int
    answered: int

    def __str__(self) -> str:
        return (
            f"{self.interviews} simulated interviews: {self.submitted} submitted, {self.unfinished} not finished, "
            f"{self.declined} declined; {self.by_phone} by phone; {self.answered} practices judged."
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """What all interviews of a simulation share."""

    study_id: uuid.UUID
    instrument: Instrument
    regions: tuple[uuid.UUID, ...]
    practice_keys: dict[uuid.UUID, str]
    world: World
    generator: random.Random
    chance: SeededChance
    phone_share: float
    earliest: datetime
    latest: datetime


def simulate(
    database: Database,
    study_key: str,
    *,
    interviews: int,
    seed: int,
    now: datetime,
    phone_share: float = PHONE_SHARE,
    progress: Callable[[int, int], None] | None = None,
) -> Simulated:
    """Make interviews in an open study, in several transactions. progress: told (done, all) after each.

    phone_share: how many of them, from 0 to 1, are by phone. Times lie between the opening of the study and now.
    Raises NotFound, StudyClosed, NotOpenYet, and NotAllowed when the study has real interviews.
    """
    with database.reading() as session:
        setting = _setting(session, study_key, seed, now, phone_share)
    regions = _in_turn(setting)
    counts: Counter[str] = Counter()
    done = 0
    while done < interviews:
        size = min(BATCH, interviews - done)
        with database.writing() as session:
            study = session.get_one(Study, setting.study_id)
            for _ in range(size):
                region = session.get_one(Region, next(regions))
                counts.update(_interview(session, setting, study, region))
        done += size
        if progress is not None:
            progress(done, interviews)
    return Simulated(
        interviews=interviews,
        submitted=counts["submitted"],
        unfinished=counts["unfinished"],
        declined=counts["declined"],
        by_phone=counts["by_phone"],
        answered=counts["answered"],
    )


def _setting(session: Session, study_key: str, seed: int, now: datetime, phone_share: float) -> Setting:
    study = study_by_key(session, study_key)
    if study is None:
        raise NotFound(f"There is no study {study_key!r}.")
    refused = study_refusal(study.state, study.closes_on, now)
    if refused is not None:
        raise refused
    if _has_real_interviews(session, study.id):
        raise NotAllowed(f"The study {study_key!r} has real interviews; simulated ones would mix with them.")
    before = session.scalar(select(func.max(Respondent.number)).where(Respondent.study_id == study.id)) or 0
    # A second simulation with the same seed goes on with other people, in the same world.
    generator = random.Random(f"{study_key}/{seed}/{before}")  # noqa: S311 (repeatable on purpose)
    latest = now - _LONGEST
    return Setting(
        study_id=study.id,
        instrument=load(study.instrument_key, study.instrument_version),
        regions=tuple(
            session.scalars(select(Region.id).where(Region.study_id == study.id).order_by(Region.position, Region.id))
        ),
        practice_keys={
            row.id: row.key
            for row in session.execute(select(Practice.id, Practice.key).where(Practice.study_id == study.id))
        },
        world=World(f"{study_key}/{seed}"),
        generator=generator,
        chance=SeededChance(generator),
        phone_share=phone_share,
        earliest=min(max(study.opened_at or now, now - _FIELDWORK), latest),
        latest=latest,
    )


def _has_real_interviews(session: Session, study_id: uuid.UUID) -> bool:
    real = select(Interview.id).where(Interview.study_id == study_id, Interview.simulated.is_(False))
    return session.scalar(real.limit(1)) is not None


def _in_turn(setting: Setting) -> Iterator[uuid.UUID]:
    """Regions in random order, each as often as the others."""
    while True:
        yield from setting.generator.sample(setting.regions, len(setting.regions))


def _interview(session: Session, setting: Setting, study: Study, region: Region) -> Counter[str]:
    """One interview from the invitation to wherever this person stops."""
    generator, chance = setting.generator, setting.chance
    moment = setting.earliest + (setting.latest - setting.earliest) * generator.random()
    moment = moment.replace(microsecond=0)
    mode = Mode.PHONE if generator.random() < setting.phone_share else Mode.WEB
    stakeholder = generator.choices(tuple(_STAKEHOLDERS), weights=tuple(_STAKEHOLDERS.values()))[0]
    language = "en" if generator.random() < _STAYING_WITH_ENGLISH else region.default_language
    invitation = invite(
        session, study, region=region, stakeholder=stakeholder, language=language, now=moment, chance=chance
    )
    if generator.random() < _DECLINING:
        decline(session, invitation.token, now=moment, mode=mode, simulated=True, chance=chance)
        return Counter(declined=1, by_phone=int(mode is Mode.PHONE))
    interview_id = begin(
        session, invitation.token, language=language, now=moment, mode=mode, simulated=True, chance=chance
    )
    author = Author(SIMULATION, mode)
    profile = Save(
        chance.new_id(),
        0,
        {STAKEHOLDER: stakeholder, "YEARS": generator.randint(1, 5), "ROLE": generator.randint(1, 4)},
    )
    save_profile(session, interview_id, profile, region_key=region.key, author=author, now=moment, chance=chance)
    person = Person(setting.instrument.group_of(stakeholder), language, generator.gauss(0, 0.4))
    answered, is_whole, ended = _answer(session, setting, interview_id, person, region.key, author, moment)
    counts = Counter(answered=answered, by_phone=int(mode is Mode.PHONE))
    if is_whole and generator.random() >= _NEVER_SUBMITTING:
        submit(session, interview_id, op_id=chance.new_id(), author=author, now=ended, chance=chance)
        return counts + Counter(submitted=1)
    return counts + Counter(unfinished=1)


def _answer(
    session: Session,
    setting: Setting,
    interview_id: uuid.UUID,
    person: Person,
    region_key: str,
    author: Author,
    moment: datetime,
) -> tuple[int, bool, datetime]:
    """Judge the practices one after the other; some people stop. Gives how many, whether that was all, and when."""
    generator = setting.generator
    assigned = session.execute(
        select(Evaluation.position, Evaluation.practice_id, Interview.variant)
        .join(Interview, Interview.id == Evaluation.interview_id)
        .where(Evaluation.interview_id == interview_id)
        .order_by(Evaluation.position)
    ).all()
    stop_after = generator.randint(1, 3) if generator.random() < _BREAKING_OFF else len(assigned)
    is_cut_short = stop_after < len(assigned) and generator.random() < _IN_THE_MIDDLE
    for row in assigned[: stop_after + int(is_cut_short)]:
        moment += _PER_PRACTICE
        given = opinion(
            setting.instrument,
            row.variant,
            person,
            practice=setting.practice_keys[row.practice_id],
            region=region_key,
            world=setting.world,
            generator=generator,
        )
        codes, texts = given.codes, given.texts
        if row.position > stop_after:
            # Stopped in the middle: what was answered by then was saved, step by step.
            codes = dict(list(codes.items())[: generator.randint(1, 6)])
            texts = {}
        save = Save(setting.chance.new_id(), 0, codes, texts)
        save_answers(session, interview_id, row.position, save, author=author, now=moment)
    return min(len(assigned), stop_after + int(is_cut_short)), stop_after >= len(assigned), moment
