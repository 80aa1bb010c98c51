"""What is of no use any more is removed: jobs that are over, sessions, codes and counts that nobody can use again.

Operations stay: a browser may send a save again after days, and it must not be done twice.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey.models import HandoverCode, Hit, WebSession
from survey.services import jobs
from survey.services.accounts import RENEWABLE

# Who asks why a code did not work can still be told the day after.
CODES_KEPT = timedelta(days=1)


def tidy(session: Session, *, now: datetime) -> dict[str, int]:
    """Remove what is over; gives how many of each."""
    # An open page may wake its session for that long after it has ended.
    sessions = delete(WebSession).where(WebSession.expires_at <= now - RENEWABLE).returning(WebSession.id_hash)
    codes = delete(HandoverCode).where(HandoverCode.expires_at <= now - CODES_KEPT).returning(HandoverCode.id)
    hits = delete(Hit).where(Hit.ends_at <= now).returning(Hit.key)
    return {
        "jobs": jobs.forget_old(session, now=now),
        "sessions": len(session.scalars(sessions).all()),
        "codes": len(session.scalars(codes).all()),
        "counts": len(session.scalars(hits).all()),
    }
