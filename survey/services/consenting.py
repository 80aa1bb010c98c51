"""Taking part or not: the first act behind a personal link."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instruments import Mode, load
from survey.models import Interview, InterviewState, Study
from survey.services.chance import SECURE, SEEDS, Chance
from survey.services.errors import NotAllowed, Withdrawn
from survey.services.inviting import Arrival, arrive
from survey.services.operations import study_refusal
from survey.texts import on_offer


def begin(
    session: Session,
    token: str,
    *,
    language: str,
    now: datetime,
    mode: Mode = Mode.WEB,
    simulated: bool = False,
    chance: Chance = SECURE,
) -> uuid.UUID:
    """Consent was given: make the interview and give its id, or that of the interview already begun.

    Who declined before may think again. Raises LinkInvalid, Withdrawn, and StudyClosed or NotOpenYet unless the
    interview is submitted.
    """
    arrival = arrive(session, token, now=now)
    interview = _locked(session, arrival)
    if interview is not None and interview.state is not InterviewState.DECLINED:
        return _begun(arrival, interview, now)
    refused = study_refusal(arrival.study.state, arrival.study.closes_on, now)
    if refused is not None:
        raise refused
    if interview is not None:
        # Nothing but the refusal was kept, so what begins now is as good as new.
        session.delete(interview)
        session.flush()
    interview = _new(arrival, InterviewState.STARTED, language=language, mode=mode, now=now, chance=chance)
    interview.simulated = simulated or arrival.study.simulated
    interview.consent_version = arrival.study.consent_version
    interview.consented_at = now
    session.add(interview)
    session.flush()
    return interview.id


def decline(
    session: Session,
    token: str,
    *,
    now: datetime,
    mode: Mode = Mode.WEB,
    simulated: bool = False,
    chance: Chance = SECURE,
) -> None:
    """Consent was not given: the word "declined" is kept and nothing else. Once is enough; again changes nothing.

    Raises LinkInvalid, and NotAllowed once an interview has begun: then consent is withdrawn, not declined.
    """
    arrival = arrive(session, token, now=now)
    interview = _locked(session, arrival)
    if interview is not None:
        if interview.state is InterviewState.DECLINED:
            return
        raise NotAllowed('This interview has begun already. To take back your consent, please open the page "My data".')
    interview = _new(
        arrival,
        InterviewState.DECLINED,
        language=arrival.respondent.language,
        mode=mode,
        now=now,
        chance=chance,
    )
    interview.simulated = simulated or arrival.study.simulated
    session.add(interview)
    session.flush()


def _locked(session: Session, arrival: Arrival) -> Interview | None:
    """The respondent's interview as it is now: two presses of "Start" must not make two interviews."""
    respondent = type(arrival.respondent)
    session.execute(select(respondent.id).where(respondent.id == arrival.respondent.id).with_for_update())
    return session.scalars(
        select(Interview)
        .where(Interview.respondent_id == arrival.respondent.id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _begun(arrival: Arrival, interview: Interview, now: datetime) -> uuid.UUID:
    if interview.state is InterviewState.WITHDRAWN:
        raise Withdrawn
    refused = study_refusal(arrival.study.state, arrival.study.closes_on, now)
    if refused is not None and interview.state is not InterviewState.SUBMITTED:
        raise refused
    return interview.id


def _new(
    arrival: Arrival, state: InterviewState, *, language: str, mode: Mode, now: datetime, chance: Chance
) -> Interview:
    study: Study = arrival.study
    instrument = load(study.instrument_key, study.instrument_version)
    return Interview(
        id=chance.new_id(),
        study_id=study.id,
        respondent_id=arrival.respondent.id,
        state=state,
        mode=mode.value,
        variant=study.phone_variant if mode is Mode.PHONE else study.web_variant,
        instrument_version=study.instrument_version,
        language=on_offer(study.languages, language, arrival.respondent.language),
        seed=chance.below(SEEDS),
        started_at=now,
        codes=instrument.pack_profile({}),
    )
