import threading
from datetime import timedelta

from sqlalchemy import select

from survey.models import Hit
from survey.services.limiting import count, take_back

HOUR = timedelta(hours=1)


def tries(database, number, *, now, key="here", purpose="join", limit=3):
    """Whether each of some tries, one after the other, is within the limit."""
    within = []
    for _ in range(number):
        with database.writing() as session:
            within.append(count(session, purpose, key, limit=limit, window=HOUR, now=now))
    return within


def test_as_many_as_the_limit_are_within_it(database, now):
    assert tries(database, 5, now=now) == [True, True, True, False, False]


def test_the_window_begins_with_the_first_and_ends_by_itself(database, now):
    tries(database, 4, now=now)

    assert tries(database, 1, now=now + HOUR - timedelta(seconds=1)) == [False]
    assert tries(database, 1, now=now + HOUR) == [True]


def test_others_and_other_purposes_have_limits_of_their_own(database, now):
    tries(database, 4, now=now)

    assert tries(database, 1, now=now, key="elsewhere") == [True]
    assert tries(database, 1, now=now, purpose="code") == [True]


def test_what_was_right_is_not_counted(database, now):
    for _ in range(5):
        assert tries(database, 1, now=now) == [True]
        with database.writing() as session:
            take_back(session, "join", "here")

    with database.reading() as session:
        assert session.scalars(select(Hit)).all() == []


def test_windows_that_are_over_are_forgotten(database, now):
    tries(database, 2, now=now, key="long ago")
    tries(database, 1, now=now + HOUR)

    with database.reading() as session:
        assert session.scalars(select(Hit.key)).all() == ["join/here"]


def test_tries_at_the_same_time_are_all_counted(database, now):
    within = []

    def several():
        for _ in range(5):
            within.extend(tries(database, 1, now=now, limit=13))

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(within) == [False] * 7 + [True] * 13
