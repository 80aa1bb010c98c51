"""Making a study, filling it with a catalogue, opening and closing it."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, TypeVar

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instruments import Instrument, NotPublishedError, Problem, clean_text, in_common, load, misfits
from survey.catalogue import Catalogue, CataloguePractice, CatalogueRegion
from survey.models import Interview, Practice, PracticeText, Region, RegionText, Source, Study, StudyState, StudyText
from survey.services.errors import BadFields, FieldProblem
from survey.services.speaking import language_problems
from survey.services.wording import hold, require_texts

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_KEY = 64
Entry = TypeVar("Entry", CataloguePractice, CatalogueRegion)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a study asks: with which questionnaire, how many practices, and how many answers it wants of a cell."""

    instrument_key: str = "replicability"
    instrument_version: int = 1
    web_variant: str = "rq10"
    phone_variant: str = "rq5"
    practices_per_web_interview: int = 6
    practices_per_phone_interview: int = 4
    cell_target: int = 10
    group_target: int = 2
    home_regions_asked: bool = False


AS_THE_METHOD_SAYS: Final = Plan()


def create_study(
    session: Session,
    *,
    key: str,
    titles: Mapping[str, str],
    owner: Mapping[str, str],
    purpose: Mapping[str, str] = MappingProxyType({}),
    contact_email: str,
    now: datetime,
    languages: Collection[str] | None = None,
    simulated: bool = False,
    closes_on: date | None = None,
    plan: Plan = AS_THE_METHOD_SAYS,
) -> Study:
    """A new study, as a draft. titles, owner: by language; English is needed, the others before it opens.

    purpose: why people are asked, by language; pages leave it out where it is not said.
    languages: those that respondents can choose, the first for who asks for none of them; None takes the titles'.
    BadFields names every value that cannot be used.
    """
    offered = tuple(dict.fromkeys(titles if languages is None else languages))
    problems = [
        *_key_problems(session, key),
        *_text_problems(titles, owner),
        *language_problems(offered),
        *_address_problems(contact_email),
        *_plan_problems(plan),
    ]
    if problems:
        raise BadFields(problems)
    study = Study(
        key=key,
        simulated=simulated,
        state=StudyState.DRAFT,
        contact_email=contact_email,
        closes_on=closes_on,
        created_at=now,
        languages=list(offered),
        texts=[
            StudyText(
                language=language,
                title=titles.get(language, ""),
                owner=owner.get(language, ""),
                purpose=purpose.get(language, ""),
            )
            for language in dict.fromkeys((*titles, *owner, *purpose))
        ],
        **asdict(plan),
    )
    session.add(study)
    session.flush()
    return study


def add_catalogue(
    session: Session,
    study: Study,
    catalogue: Catalogue,
    *,
    regions: Collection[str] | None = None,
    practices: Collection[str] | None = None,
) -> None:
    """Put a catalogue's practices and regions into a study. What the study has already, by key, stays as it is.

    regions, practices: keys of those wanted; None takes all. BadFields names every key that is not there.
    """
    there = {practice.key for practice in catalogue.practices}, {region.key for region in catalogue.regions}
    problems = [
        FieldProblem(field, f"The catalogue has no {field} {key!r}.")
        for field, wanted, known in (("practice", practices, there[0]), ("region", regions, there[1]))
        for key in wanted or ()
        if key not in known
    ]
    if problems:
        raise BadFields(problems)
    _add_practices(session, study, catalogue, practices)
    _add_regions(session, study, catalogue, regions)
    study.revision += 1
    session.flush()
    if study.state is StudyState.OPEN:
        require_texts(session, study)


def use_instrument(session: Session, study: Study, version: int) -> tuple[str, ...]:
    """Let new interviews have a newer version of the study's questionnaire; those that have begun keep theirs.

    Gives a sentence for each version whose answers do not all count together with the newer one's; nothing to say and
    nothing done when the study has this version already. BadFields with every reason why it cannot have it.
    """
    if version == study.instrument_version:
        return ()
    newer = _instrument(study.instrument_key, version)
    if newer is None:
        message = f"There is no instrument {study.instrument_key!r} version {version}."
        raise BadFields([FieldProblem("instrument", message)])
    if version < study.instrument_version:
        message = f"The study has version {study.instrument_version}; it can only move to a newer one."
        raise BadFields([FieldProblem("instrument", message)])
    begun = session.scalars(select(Interview.instrument_version).where(Interview.study_id == study.id).distinct())
    numbers = sorted({*begun, study.instrument_version})
    versions = [load(study.instrument_key, number) for number in numbers]
    problems = [FieldProblem("instrument", message) for each in versions for message in misfits(each, newer)]
    if problems:
        raise BadFields(problems)
    study.instrument_version = version
    study.revision += 1
    if study.state is StudyState.OPEN:
        require_texts(session, study)
    session.flush()
    return tuple(sentence for each in versions if (sentence := _counted_apart(each, newer)))


def _counted_apart(older: Instrument, newer: Instrument) -> str:
    """What of an older version will be in no figure with the newer one; "" when nothing is."""
    common = in_common(older, newer)
    questions = [code for code in older.questions if code not in common.questions]
    scales = [key for key in older.scoring.scales if key not in common.scales]
    apart = ", ".join([*questions, *scales])
    if not apart:
        return ""
    return f"Answers to version {older.version} are exported but not counted together with newer ones: {apart}."


def open_study(session: Session, study: Study, *, now: datetime) -> None:
    """Let answers in; a closed study opens again.

    BadFields when there is nothing to ask or nowhere to ask it, or with every text that is missing in its languages.
    """
    hold(session, study)
    if study.state is StudyState.OPEN:
        return
    problems = [
        FieldProblem(name, f"The study has no {name} yet.")
        for name, table in (("practices", Practice), ("regions", Region))
        if not session.scalar(select(func.count()).select_from(table).where(table.study_id == study.id))
    ]
    if problems:
        raise BadFields(problems)
    require_texts(session, study)
    study.state = StudyState.OPEN
    study.opened_at = study.opened_at or now
    study.closed_at = None
    study.revision += 1
    session.flush()


def close_study(session: Session, study: Study, *, now: datetime) -> None:
    """Let no more answers in. What is there stays, and counts."""
    if study.state is StudyState.CLOSED:
        return
    study.state = StudyState.CLOSED
    study.closed_at = now
    study.revision += 1
    session.flush()


def _add_practices(session: Session, study: Study, catalogue: Catalogue, wanted: Collection[str] | None) -> None:
    session.add_all(
        Practice(
            study_id=study.id,
            key=practice.key,
            position=position,
            category=practice.category,
            lifecycle_stage=practice.lifecycle_stage,
            organisation=practice.organisation,
            origin_region=practice.origin_region,
            origin_country=practice.origin_country,
            nuts=practice.nuts,
            start_year=practice.start_year,
            texts=[
                PracticeText(language=language, title=text.title, summary=text.summary)
                for language, text in practice.texts.items()
            ],
            sources=[
                Source(no=source.no, title=source.title, url=source.url, strength=source.strength)
                for source in practice.sources
            ],
        )
        for position, practice in _new(session, study, Practice, catalogue.practices, wanted)
    )


def _add_regions(session: Session, study: Study, catalogue: Catalogue, wanted: Collection[str] | None) -> None:
    session.add_all(
        Region(
            study_id=study.id,
            key=region.key,
            position=position,
            country=region.country,
            nuts=region.nuts,
            timezone=region.timezone,
            default_language=region.default_language,
            texts=[
                RegionText(language=language, name=text.name, spoken_name=text.spoken_name)
                for language, text in region.texts.items()
            ],
        )
        for position, region in _new(session, study, Region, catalogue.regions, wanted)
    )


def _new(
    session: Session,
    study: Study,
    table: type[Practice | Region],
    of_catalogue: Iterable[Entry],
    wanted: Collection[str] | None,
) -> Iterator[tuple[int, Entry]]:
    """What the study does not have yet, each with its position behind what is there."""
    known = set(session.scalars(select(table.key).where(table.study_id == study.id)))
    last = session.scalar(select(func.max(table.position)).where(table.study_id == study.id)) or 0
    new = (each for each in of_catalogue if each.key not in known and (wanted is None or each.key in wanted))
    return enumerate(new, last + 1)


def _key_problems(session: Session, key: str) -> list[FieldProblem]:
    if not _KEY.fullmatch(key) or len(key) > _LONGEST_KEY:
        return [FieldProblem("key", "The key of a study is made of small letters, digits and hyphens, 64 at most.")]
    if session.scalar(select(Study.id).where(Study.key == key)) is not None:
        return [FieldProblem("key", f"There is a study with the key {key!r} already.")]
    return []


def _text_problems(titles: Mapping[str, str], owner: Mapping[str, str]) -> list[FieldProblem]:
    named = (("title", titles), ("owner", owner))
    return [
        *(
            FieldProblem(name, f"The {name} of the study is needed in English.")
            for name, texts in named
            if not texts.get("en", "").strip()
        ),
        *(
            FieldProblem(name, f"The {name} of the study holds characters that cannot be shown.")
            for name, texts in named
            if any(isinstance(clean_text(text), Problem) for text in texts.values())
        ),
    ]


def _address_problems(contact_email: str) -> list[FieldProblem]:
    try:
        validate_email(contact_email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return [FieldProblem("contact_email", f"{contact_email!r} is not an e-mail address.")]
    return []


def _plan_problems(plan: Plan) -> list[FieldProblem]:
    numbers = ("practices_per_web_interview", "practices_per_phone_interview", "cell_target", "group_target")
    return [
        *_instrument_problems(plan),
        *(FieldProblem(name, f"{name} must be 1 or more.") for name in numbers if getattr(plan, name) < 1),
    ]


def _instrument_problems(plan: Plan) -> list[FieldProblem]:
    key, version = plan.instrument_key, plan.instrument_version
    known = _instrument(key, version)
    if known is None:
        return [FieldProblem("instrument", f"There is no instrument {key!r} version {version}.")]
    variants = {"web_variant": plan.web_variant, "phone_variant": plan.phone_variant}
    return [
        FieldProblem(field, f"The instrument has no variant {variant!r}.")
        for field, variant in variants.items()
        if variant not in known.variants
    ]


def _instrument(key: str, version: int) -> Instrument | None:
    try:
        return load(key, version)
    except NotPublishedError:
        return None
