"""Taking consent back: possible at any time, also after handing in and after the study has closed."""

import uuid
from datetime import datetime

from sqlalchemy import Table
from sqlalchemy.orm import Session

from survey.models import Interview, InterviewState
from survey.queries import cases
from survey.services import accounts
from survey.services.answering import raise_study_revision
from survey.services.errors import Declined, NotFound

_INTERVIEWS: Table = Interview.__table__  # type: ignore[assignment]


def withdraw(session: Session, interview_id: uuid.UUID, *, now: datetime) -> None:
    """Take the consent to an interview back: from now on its answers count nowhere, and nothing is saved in it.

    Ends every session that opens it. What was answered stays in the log, which nothing is ever taken out of here;
    the first time is what counts. NotFound when there is no such interview, Declined where consent was never given.
    """
    case = cases.case_alone(session, interview_id)
    if case is None:
        raise NotFound
    if case.state is InterviewState.DECLINED:
        raise Declined
    if case.state is InterviewState.WITHDRAWN:
        return
    session.execute(
        _INTERVIEWS.update()
        .where(_INTERVIEWS.c.id == interview_id)
        .values(state=InterviewState.WITHDRAWN, withdrawn_at=now)
    )
    accounts.end_sessions_of(session, interview_id, now=now)
    raise_study_revision(session, case.study_id)
