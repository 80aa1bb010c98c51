"""Real things for tests, made by the services themselves: plain functions that take a session and give a value."""

import random
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instruments import Instrument, Mode, load
from survey.catalogue import Catalogue, read_catalogue
from survey.models import Evaluation, Region, Role, Study
from survey.queries.studies import region_by_key
from survey.services import accounts, contacts, handing_over, inviting, joining, studying
from survey.services.interviewing import (
    RESPONDENT,
    Author,
    Save,
    Saved,
    begin,
    save_answers,
    save_profile,
    submit,
)
from survey.services.inviting import Invitation
from survey.services.sealing import Seal

STUDY_KEY = "test"
PASSWORD = "a long enough password"
PASSWORDS = accounts.Passwords(time_cost=1, memory_kib=8, parallelism=1)
RESPONDENT_ON_WEB = Author(RESPONDENT, Mode.WEB)
RESPONDENT_ON_PHONE = Author(RESPONDENT, Mode.PHONE)

TITLES = {
    "en": "A study for tests",
    "it": "Uno studio di prova",
    "fr": "Une étude d'essai",
    "de": "Eine Studie zum Testen",
    "sv": "En studie för test",
    "da": "En undersøgelse til test",
    "cs": "Zkušební studie",
    "hu": "Egy próbatanulmány",
}
OWNER = {
    "en": "The project Test asks on behalf of its partners.",
    "it": "Lo chiede il progetto Test per conto dei suoi partner.",
    "fr": "Le projet Test pose ces questions au nom de ses partenaires.",
    "de": "Das Projekt Test fragt im Auftrag seiner Partner.",
    "sv": "Projektet Test frågar på uppdrag av sina partner.",
    "da": "Projektet Test spørger på vegne af sine partnere.",
    "cs": "Ptá se projekt Test jménem svých partnerů.",
    "hu": "A Test projekt kérdezi partnerei nevében.",
}

KNOW = {"FAM": 2, "EXIST": 3}
CRITERIA = {
    "NEED": 5, "FIT": 4, "EFF": 4, "ACC": 3, "LEAD": 2, "SKILL": 4, "PART": 3, "SUST": 3, "COST": 4, "LEGAL": 2,
}  # fmt: skip
VERDICT = {"VERDICT": 2, "HORIZON": 2, "C1": 1, "C2": 0, "C3": 0, "C4": 0, "C5": 0, "C6": 0, "C7": 0}
# RS10 = RS5 = 60 (case A of method 3.2); strict and broad replicable; no blocker.
COMPLETE = KNOW | CRITERIA | VERDICT
# The same on the phone: what RQ-5 does not ask left out.
COMPLETE_RQ5 = {
    column: code for column, code in COMPLETE.items() if column not in {"EFF", "ACC", "PART", "SUST", "LEGAL"}
}
ALREADY_HERE = {"FAM": 3, "EXIST": 1, "EXWORK": 4}


@dataclass(frozen=True)
class Begun:
    """An interview that has begun, with everything needed to go on."""

    id: uuid.UUID
    token: str
    invitation: Invitation
    author: Author


def instrument() -> Instrument:
    return load("replicability", 1)


def make_catalogue(practices: int = 12, regions: Collection[str] = ("lombardy", "munich")) -> Catalogue:
    """A small cut of the shipped catalogue: its first practices and some regions, in all languages."""
    whole = read_catalogue()
    return replace(
        whole,
        practices=whole.practices[:practices],
        regions=tuple(region for region in whole.regions if region.key in regions),
    )


def make_study(
    session: Session,
    *,
    now: datetime,
    key: str = STUDY_KEY,
    catalogue: Catalogue | None = None,
    is_open: bool = True,
    **settings: object,
) -> Study:
    """An open study with twelve practices and two regions, unless told otherwise."""
    values: dict[str, object] = {
        "titles": TITLES,
        "owner": OWNER,
        "contact_email": "lead@example.org",
    }
    planned = {each.name for each in fields(studying.Plan)} & set(settings)
    values["plan"] = studying.Plan(**{name: settings.pop(name) for name in planned})
    study = studying.create_study(session, key=key, now=now, **(values | settings))
    studying.add_catalogue(session, study, catalogue or make_catalogue())
    if is_open:
        studying.open_study(session, study, now=now)
    return study


def make_region(session: Session, study: Study, key: str = "lombardy") -> Region:
    """A region that the study has already."""
    region = region_by_key(session, study.id, key)
    assert region is not None
    return region


def make_invited(
    session: Session,
    study: Study,
    *,
    now: datetime,
    region: str | None = "lombardy",
    stakeholder: int | None = 1,
    language: str = "en",
    expires_at: datetime | None = None,
) -> Invitation:
    """A respondent with a personal link."""
    return inviting.invite(
        session,
        study,
        region=make_region(session, study, region) if region else None,
        stakeholder=stakeholder,
        language=language,
        now=now,
        expires_at=expires_at,
    )


def make_open_link(session: Session, study: Study, *, now: datetime, **settings: object):
    """An open link of the whole study for many people, unless told otherwise."""
    values = {"region_key": None, "slug": None, "limit": 500, "closes_at": None}
    return joining.make_open_link(session, study, now=now, **(values | settings))


def make_contact(
    session: Session, study: Study, seal: Seal, *, now: datetime, region: str | None = "lombardy", language: str = "en",
    **identity: str,
):  # fmt: skip
    """A respondent who is known by name, without a link."""
    where = make_region(session, study, region) if region else None
    respondent = inviting.enrol(
        session, study, region_id=where.id if where else None, stakeholder=None, language=language, now=now
    )
    contacts.keep(session, seal, respondent, contacts.Identity(**identity), now=now)
    return respondent


def new_code_of(session: Session, respondent_id: uuid.UUID, *, now: datetime) -> handing_over.Code:
    """A code to read out, cheap to check with PASSWORDS."""
    return handing_over.make_code(session, respondent_id, made_by="command", now=now, passwords=PASSWORDS)


def make_begun(
    session: Session, study: Study, *, now: datetime, mode: Mode = Mode.WEB, language: str = "en", **invited: object
) -> Begun:
    """An interview after consent, before the profile."""
    invitation = make_invited(session, study, now=now, language=language, **invited)
    interview_id = begin(session, invitation.token, language=language, now=now, mode=mode)
    return Begun(interview_id, invitation.token, invitation, Author(RESPONDENT, mode))


def make_interview(
    session: Session,
    study: Study,
    *,
    now: datetime,
    region: str = "lombardy",
    stakeholder: int = 1,
    mode: Mode = Mode.WEB,
    answers: Collection[Mapping[str, int]] = (),
    texts: Collection[Mapping[str, str]] = (),
    is_submitted: bool = False,
    **begun: object,
) -> Begun:
    """An interview with its profile and practices; `answers` and `texts` are given to the first of them in turn."""
    made = make_begun(session, study, now=now, mode=mode, region=region, stakeholder=stakeholder, **begun)
    give_profile(session, made, now=now, region=region, stakeholder=stakeholder)
    for position, codes in enumerate(answers, 1):
        give(session, made, position, codes, now=now)
    for position, words in enumerate(texts, 1):
        give(session, made, position, {}, now=now, texts=words)
    if is_submitted:
        submit(session, made.id, op_id=uuid.uuid4(), author=made.author, now=now)
    return made


def make_submitted(session: Session, study: Study, *, now: datetime, mode: Mode = Mode.WEB, **more: object) -> Begun:
    """A submitted interview in which every practice got the same complete answers."""
    is_phone = mode is Mode.PHONE
    load_ = study.practices_per_phone_interview if is_phone else study.practices_per_web_interview
    answers = [COMPLETE_RQ5 if is_phone else COMPLETE] * load_
    return make_interview(session, study, now=now, mode=mode, answers=answers, is_submitted=True, **more)


def make_person(
    session: Session,
    *,
    now: datetime,
    email: str = "lead@example.org",
    password: str = PASSWORD,
    role: Role = Role.LEAD,
    study_key: str | None = STUDY_KEY,
):
    """A member of staff; the password is PASSWORD and cheap to check with PASSWORDS."""
    return accounts.add_person(
        session,
        email=email,
        name="Lea Lead",
        password=password,
        role=role,
        study_key=study_key,
        now=now,
        passwords=PASSWORDS,
    )


def make_save(
    codes: Mapping[str, int] | None = None,
    texts: Mapping[str, str] | None = None,
    *,
    base_revision: int = 0,
    op_id: uuid.UUID | None = None,
) -> Save:
    """A save with an id of its own."""
    return Save(op_id or uuid.uuid4(), base_revision, codes or {}, texts or {})


def give_profile(
    session: Session,
    begun: Begun,
    *,
    now: datetime,
    region: str = "lombardy",
    stakeholder: int = 1,
    base_revision: int = 0,
) -> Saved:
    """Answer the profile, which assigns the practices."""
    save = make_save({"STAKEHOLDER": stakeholder, "YEARS": 3, "ROLE": 2}, base_revision=base_revision)
    return save_profile(session, begun.id, save, region_key=region, author=begun.author, now=now)


def give(
    session: Session,
    begun: Begun,
    position: int,
    codes: Mapping[str, int],
    *,
    now: datetime,
    texts: Mapping[str, str] | None = None,
    base_revision: int | None = None,
    author: Author | None = None,
) -> Saved:
    """Answer about one practice, as somebody who knows what stands there (unless base_revision says otherwise)."""
    base = revision_of(session, begun.id, position) if base_revision is None else base_revision
    save = make_save(codes, texts, base_revision=base)
    return save_answers(session, begun.id, position, save, author=author or begun.author, now=now)


def revision_of(session: Session, interview_id: uuid.UUID, position: int) -> int:
    """What a page about this practice would be built on now; 0 when there is none."""
    found = select(Evaluation.revision).where(Evaluation.interview_id == interview_id, Evaluation.position == position)
    return session.scalar(found) or 0


def random_codes(generator: random.Random, *, variant: str = "rq10") -> dict[str, int]:
    """Some answers that the instrument accepts, to some of a variant's questions, in no sensible combination."""
    asked = instrument().variants[variant].questions
    codes: dict[str, int] = {}
    for code in sorted(asked):
        question = instrument().questions[code]
        if not question.columns or generator.random() < 0.5:
            continue
        if len(question.columns) > 1:
            ticked = generator.sample(question.columns, min(2, len(question.columns)))
            codes |= {column: int(column in ticked) for column in question.columns}
        else:
            choices = [option.code for option in question.options] + list(question.missing)
            codes[code] = generator.choice(choices)
    return codes
