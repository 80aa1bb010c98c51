import statistics
import threading
import time
from datetime import timedelta

import pytest
from make import PASSWORDS, make_begun, make_interview, make_invited, make_study, make_submitted
from sqlalchemy import select

from survey.models import HandoverCode, Respondent
from survey.services import handing_over, limiting
from survey.services.accounts import Passwords
from survey.services.errors import (
    AlreadySubmitted,
    CodeRefused,
    Declined,
    NotFound,
    StudyClosed,
    TooManyAttempts,
)
from survey.services.handing_over import make_code, matching, note_try, redeem
from survey.services.interviewing import decline
from survey.services.readable import LETTERS
from survey.services.studying import close_study


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now)


@pytest.fixture
def respondent_id(database, study, now):
    with database.writing() as session:
        return make_invited(session, study, now=now).respondent_id


def new_code(database, respondent_id, now):
    with database.writing() as session:
        return make_code(session, respondent_id, made_by="command", now=now, passwords=PASSWORDS)


def type_in(database, number, code, *, now, network="here"):
    """What the page does: count, compare, use. Gives the respondent, or None when nothing opens."""
    with database.writing() as session:
        candidates = note_try(session, str(number), network=network, now=now)
    right = matching(candidates, code, passwords=PASSWORDS)
    if right is None:
        return None
    try:
        with database.writing() as session:
            return redeem(session, right, candidates, network=network, now=now)
    except CodeRefused:
        return None


def test_a_code_is_eight_letters_without_look_alikes_and_only_its_hash_is_kept(database, respondent_id, now):
    made = new_code(database, respondent_id, now)

    with database.reading() as session:
        kept = session.scalars(select(HandoverCode)).one()
    assert made.number == 1
    assert len(made.code) == 9
    assert made.code[4] == "-"
    assert set(made.code.replace("-", "")) <= set(LETTERS)
    assert not set(LETTERS) & set("01OIL")
    assert len(set(LETTERS)) == 31
    assert kept.code_hash.startswith("$argon2id$")
    assert made.code not in kept.code_hash


def test_number_and_code_open_once(database, respondent_id, now):
    made = new_code(database, respondent_id, now)

    assert type_in(database, 1, made.code, now=now) == respondent_id
    assert type_in(database, 1, made.code, now=now) is None


@pytest.mark.parametrize(
    "change", [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code[:2]} {code[2:]}\t."]
)
def test_typing_is_forgiven(database, respondent_id, now, change):
    made = new_code(database, respondent_id, now)

    assert type_in(database, " l ", change(made.code), now=now) == respondent_id


def test_it_lives_ten_minutes(database, respondent_id, now):
    made = new_code(database, respondent_id, now)
    assert type_in(database, 1, made.code, now=now + timedelta(minutes=10)) is None

    made = new_code(database, respondent_id, now)
    assert type_in(database, 1, made.code, now=now + timedelta(minutes=10, seconds=-1)) == respondent_id


def test_a_new_code_ends_the_one_before(database, respondent_id, now):
    first, second = (new_code(database, respondent_id, now) for _ in range(2))

    assert type_in(database, 1, first.code, now=now) is None
    assert type_in(database, 1, second.code, now=now) == respondent_id


@pytest.mark.parametrize(("wrong", "opens"), [(4, True), (5, False)])
def test_five_tries_then_it_is_dead(database, respondent_id, now, wrong, opens):
    made = new_code(database, respondent_id, now)

    for number in range(wrong):
        assert type_in(database, 1, "2222-2222", now=now, network=str(number)) is None

    assert (type_in(database, 1, made.code, now=now, network="last") == respondent_id) is opens


def test_tries_at_the_same_time_are_not_more_than_five(database, respondent_id, now):
    new_code(database, respondent_id, now)
    seen = []

    def several():
        for _ in range(3):
            with database.writing() as session:
                seen.extend(note_try(session, "1", network="here", now=now))

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 5


def test_a_network_may_be_wrong_twenty_times_in_a_quarter_of_an_hour(database, respondent_id, now):
    for _ in range(20):
        assert type_in(database, 99, "2222-2222", now=now) is None
    made = new_code(database, respondent_id, now)

    with pytest.raises(TooManyAttempts):
        type_in(database, 1, made.code, now=now)
    # Nobody else is locked, and the code lives.
    assert type_in(database, 1, made.code, now=now, network="elsewhere") == respondent_id
    assert type_in(database, 99, "2222-2222", now=now + timedelta(minutes=15)) is None


def test_right_codes_are_not_counted_against_a_network(database, respondent_id, now):
    for _ in range(30):
        made = new_code(database, respondent_id, now)
        assert type_in(database, 1, made.code, now=now) == respondent_id


def test_two_presses_at_once_do_not_wait_for_each_other(database, respondent_id, now):
    made = new_code(database, respondent_id, now)
    with database.writing() as session:
        candidates = note_try(session, "1", network="here", now=now)
    right = matching(candidates, made.code, passwords=PASSWORDS)
    opened = []

    def first_press():
        with database.writing() as session:
            opened.append(redeem(session, right, candidates, network="here", now=now))

    thread = threading.Thread(target=first_press)
    with database.writing() as session:
        limiting.count(session, "code", "here", limit=20, window=timedelta(minutes=15), now=now)
        thread.start()
        time.sleep(0.3)
        note_try(session, "1", network="here", now=now)
    thread.join()

    assert opened == [respondent_id]


def test_the_same_number_in_two_studies_opens_the_one_whose_code_it_is(database, respondent_id, study, now):
    with database.writing() as session:
        other = make_invited(session, make_study(session, now=now, key="other"), now=now).respondent_id
    mine, theirs = new_code(database, respondent_id, now), new_code(database, other, now)

    assert (mine.number, theirs.number) == (1, 1)
    assert type_in(database, 1, theirs.code, now=now) == other
    with database.reading() as session:
        tries = session.scalars(select(HandoverCode.tries).where(HandoverCode.respondent_id == respondent_id)).one()
    assert tries == 0
    assert type_in(database, 1, mine.code, now=now) == respondent_id


def test_who_refused_or_is_done_gets_no_code(database, study, now):
    with database.writing() as session:
        declined = make_invited(session, study, now=now)
        decline(session, declined.token, now=now)
        done = make_submitted(session, study, now=now)

    with pytest.raises(Declined):
        new_code(database, declined.respondent_id, now)
    with pytest.raises(AlreadySubmitted):
        new_code(database, done.invitation.respondent_id, now)
    with pytest.raises(NotFound):
        new_code(database, study.id, now)


def test_a_closed_study_gives_no_code(database, study, respondent_id, now):
    with database.writing() as session:
        close_study(session, session.merge(study), now=now)

    with pytest.raises(StudyClosed):
        new_code(database, respondent_id, now)


@pytest.mark.parametrize("number", ["", "x", "0", "-1", "9" * 40, "1e3", "\u0661", "\x00", "1; DROP TABLE"])
@pytest.mark.parametrize("code", ["", "2222", "\x00" * 8, "ÄÖÜß-2222", "2" * 5000])
def test_what_is_no_number_or_code_opens_nothing(sqlite_database, now, number, code):
    with sqlite_database.writing() as session:
        make_begun(session, make_study(session, now=now), now=now)

    assert type_in(sqlite_database, number, code, now=now) is None


def test_an_unknown_number_takes_as_long_as_a_wrong_code(sqlite_database, now):
    passwords = Passwords(time_cost=2, memory_kib=4096)
    with sqlite_database.writing() as session:
        begun = make_interview(session, make_study(session, now=now), now=now)
        respondent_id = begun.invitation.respondent_id
        make_code(session, respondent_id, made_by="command", now=now, passwords=passwords)
        candidates = note_try(session, "1", network="here", now=now)
    assert len(candidates) == 1

    def taken(candidates, code):
        began = time.perf_counter()
        assert matching(candidates, code, passwords=passwords) is None
        return time.perf_counter() - began

    pairs = [(taken(candidates, "2222-2222"), taken((), "2222-2222"), taken(candidates, "no")) for _ in range(15)]
    wrong, unknown, no_code = (statistics.median(each) for each in zip(*pairs, strict=True))

    # Without the hash for nobody it is less than a hundredth.
    assert unknown > wrong / 3
    assert no_code > wrong / 3


def test_numbers_are_those_of_the_study(database, study, now):
    with database.writing() as session:
        for _ in range(11):
            last = make_invited(session, study, now=now)
    made = new_code(database, last.respondent_id, now)

    assert made.number == 11
    assert type_in(database, "lI", made.code, now=now) == last.respondent_id
    with database.reading() as session:
        assert session.scalar(select(Respondent.number).where(Respondent.id == last.respondent_id)) == 11


def test_the_limits_are_those_that_are_promised():
    assert (handing_over.TRIES, handing_over.WRONG_OF_A_NETWORK) == (5, 20)
