"""Times are aware and in UTC, whichever database keeps them; ids are made by the program."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from survey.models import Person


def person(**values):
    return Person(email="ada@example.org", name="Ada", password_hash="$argon2id$", **values)


def test_a_time_comes_back_aware_and_in_utc(database):
    quarter_past_in_india = datetime(2026, 3, 10, 15, 15, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with database.writing() as session:
        session.add(person(created_at=quarter_past_in_india))

    with database.reading() as session:
        found = session.scalars(select(Person)).one()

    assert found.created_at == quarter_past_in_india
    assert found.created_at.isoformat() == "2026-03-10T09:45:00.123456+00:00"
    assert found.disabled_at is None


def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(StatementError, match="without a zone"), database.writing() as session:
        session.add(person(created_at=datetime(2026, 3, 10)))  # noqa: DTZ001 (the mistake that is tried)


def test_times_are_compared_as_moments(database, now):
    with database.writing() as session:
        session.add(person(created_at=now))

    elsewhere = now.astimezone(timezone(timedelta(hours=-8)))
    with database.reading() as session:
        assert session.scalars(select(Person).where(Person.created_at == elsewhere)).all()
        assert not session.scalars(select(Person).where(Person.created_at < elsewhere)).all()


def test_an_id_is_made_before_the_row_is_saved(database, now):
    with database.writing() as session:
        made = person(created_at=now)
        session.add(made)

    assert isinstance(made.id, uuid.UUID)
    assert made.created_at == now
    assert made.created_at.tzinfo is UTC
