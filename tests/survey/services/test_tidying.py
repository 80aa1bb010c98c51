"""What is removed is of no use to anybody; each limit at, below and above."""

from datetime import timedelta

import make
import pytest
from rows import insert_valid
from sqlalchemy import func, select

from survey.models import HandoverCode, Hit, Operation, Respondent, WebSession
from survey.services.tidying import tidy

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def session(database):
    with database.writing() as opened:
        yield opened


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize(("early", "removed"), [(MOMENT, 0), (timedelta(0), 1), (-MOMENT, 1)])
def test_a_session_is_kept_as_long_as_a_page_may_wake_it(session, now, early, removed):
    make.make_study(session, now=now)
    person = make.make_person(session, now=now)
    session.add(WebSession(id_hash=bytes(32), person_id=person.id, created_at=now, seen_at=now, expires_at=now))
    session.flush()

    assert tidy(session, now=now + timedelta(days=7) - early)["sessions"] == removed
    assert count(session, WebSession) == 1 - removed


@pytest.mark.parametrize(("early", "removed"), [(MOMENT, 0), (timedelta(0), 1), (-MOMENT, 1)])
def test_a_code_is_kept_for_a_day_after_its_end(session, now, early, removed):
    study = make.make_study(session, now=now)
    make.make_invited(session, study, now=now)
    respondent_id = session.scalar(select(Respondent.id))
    session.add(
        HandoverCode(respondent_id=respondent_id, code_hash="x", made_by="command", created_at=now, expires_at=now)
    )
    session.flush()

    assert tidy(session, now=now + timedelta(days=1) - early)["codes"] == removed
    assert count(session, HandoverCode) == 1 - removed


@pytest.mark.parametrize(("early", "removed"), [(MOMENT, 0), (timedelta(0), 1), (-MOMENT, 1)])
def test_a_count_is_kept_until_its_window_ends(session, now, early, removed):
    session.add(Hit(key="code:1", count=3, ends_at=now))
    session.flush()

    assert tidy(session, now=now - early)["counts"] == removed
    assert count(session, Hit) == 1 - removed


def test_operations_stay_because_a_save_may_be_repeated_after_days(session, now):
    insert_valid(session)
    before = count(session, Operation)
    assert before

    tidy(session, now=now + timedelta(days=3650))

    assert count(session, Operation) == before
