from datetime import timedelta

import pytest
from make import PASSWORD, PASSWORDS, make_begun, make_person, make_study
from sqlalchemy import select

from survey.models import Person, Role, WebSession
from survey.services import accounts, inviting
from survey.services.errors import BadFields, SignInRefused


@pytest.fixture
def lead(database, now):
    with database.writing() as session:
        make_study(session, now=now)
        return make_person(session, now=now)


def signed_in(database, now, email="lead@example.org", password=PASSWORD, passwords=PASSWORDS):
    with database.writing() as session:
        return accounts.sign_in(session, email, password, now=now, passwords=passwords)


def who(database, token, now):
    with database.reading() as session:
        person = accounts.person_of(session, token, now=now)
        return person.email if person else None


def test_who_signs_in_is_known_until_signing_out(database, lead, now):
    token = signed_in(database, now, email="  Lead@Example.ORG ")
    known = who(database, token, now)
    with database.writing() as session:
        accounts.sign_out(session, token, now=now)

    assert (known, who(database, token, now)) == ("lead@example.org", None)


def test_an_unknown_address_a_wrong_password_and_a_disabled_account_sound_the_same(database, lead, now):
    with database.writing() as session:
        gone = make_person(session, now=now, email="gone@example.org")
        session.get(Person, gone.id).disabled_at = now
    tries = [
        ("lead@example.org", "not the right password"),
        ("nobody@example.org", PASSWORD),
        ("gone@example.org", PASSWORD),
        ("not an address", PASSWORD),
        ("lead@example.org", ""),
        ("lead@example.org", "x" * 1_000_000),
        ("lead@example.org", "\ud800" * 20),
        ("lead\x00@example.org", PASSWORD),
    ]

    sentences = set()
    for email, password in tries:
        with pytest.raises(SignInRefused) as refused:
            signed_in(database, now, email, password)
        sentences.add(refused.value.message)

    assert len(sentences) == 1


def test_an_unknown_address_costs_one_verification_too(database, lead, now):
    verified = []

    class Counting(accounts.Passwords):
        def verify(self, password_hash, password):
            verified.append(password_hash)
            return super().verify(password_hash, password)

    passwords = Counting(time_cost=1, memory_kib=8)
    for email in ("nobody@example.org", "not an address", "lead@example.org"):
        with pytest.raises(SignInRefused):
            signed_in(database, now, email, "not the right password", passwords)

    assert [password_hash is None for password_hash in verified] == [True, True, False]


def test_a_session_is_kept_by_its_hash(database, lead, now):
    token = signed_in(database, now)

    with database.reading() as session:
        stored = session.scalars(select(WebSession)).one()
    assert stored.id_hash == inviting.token_hash(token)
    assert len(token) == 43


@pytest.mark.parametrize(
    ("seen_after", "asked_after", "is_alive"),
    [
        ([], timedelta(minutes=59, seconds=59), True),
        ([], timedelta(minutes=60), False),
        ([timedelta(minutes=50)], timedelta(minutes=109), True),
        ([timedelta(minutes=50)], timedelta(minutes=110), False),
        ([timedelta(minutes=4)], timedelta(minutes=61), False),  # noted in steps of five minutes
        ([timedelta(minutes=50 * step) for step in range(1, 15)], timedelta(hours=11, minutes=59), True),
        ([timedelta(minutes=50 * step) for step in range(1, 15)], timedelta(hours=12), False),
        ([timedelta(minutes=70)], timedelta(minutes=71), False),  # what is over is not woken
    ],
)
def test_a_session_ends_when_idle_for_an_hour_and_after_half_a_day(
    database, lead, now, seen_after, asked_after, is_alive
):
    token = signed_in(database, now)
    for moment in seen_after:
        with database.writing() as session:
            accounts.keep_alive(session, token, now=now + moment)

    assert (who(database, token, now + asked_after) is not None) is is_alive


def test_a_disabled_account_is_out_at_once(database, lead, now):
    token = signed_in(database, now)
    with database.writing() as session:
        session.get(Person, lead.id).disabled_at = now

    assert who(database, token, now) is None


def test_a_hash_made_with_other_parameters_is_renewed_at_the_next_sign_in(database, lead, now):
    stronger = accounts.Passwords(time_cost=2, memory_kib=16)

    signed_in(database, now, passwords=stronger)

    with database.reading() as session:
        renewed = session.get(Person, lead.id).password_hash
    assert renewed != lead.password_hash
    assert not stronger.is_outdated(renewed)
    assert stronger.verify(renewed, PASSWORD)


@pytest.mark.parametrize(
    ("email", "password", "study_key", "fields"),
    [
        ("lead@example.org", PASSWORD, "test", ["email"]),
        ("LEAD@EXAMPLE.ORG", PASSWORD, "test", ["email"]),
        ("nobody", "short", "nope", ["email", "study", "password"]),
        ("new@example.org", "x" * 11, "test", ["password"]),
        ("new@example.org", "x" * 129, "test", ["password"]),
        ("new@example.org", "\udc80" * 12, "test", ["password"]),
    ],
)
def test_everything_that_is_wrong_with_an_account_is_told_at_once(
    database, lead, now, email, password, study_key, fields
):
    with pytest.raises(BadFields) as refused, database.writing() as session:
        make_person(session, now=now, email=email, password=password, study_key=study_key)

    assert [problem.field for problem in refused.value.problems] == fields


@pytest.mark.parametrize("password", ["x" * 12, "x" * 128, "пароль длинный", "  spaces count  "])
def test_length_is_the_only_rule_for_a_password(database, lead, now, password):
    with database.writing() as session:
        make_person(session, now=now, email="new@example.org", password=password)

    assert who(database, signed_in(database, now, "new@example.org", password), now) == "new@example.org"


def test_a_role_counts_in_its_study_or_in_all(database, lead, now):
    with database.writing() as session:
        other = make_study(session, now=now, key="other")
        admin = make_person(session, now=now, email="admin@example.org", role=Role.ADMIN, study_key=None)
        own = session.scalars(select(WebSession)).first()
        assert own is None
        roles = [
            accounts.roles_in(session, person.id, study_id)
            for person in (lead, admin)
            for study_id in (lead.memberships[0].study_id, other.id)
        ]

    assert roles == [{Role.LEAD}, set(), {Role.ADMIN}, {Role.ADMIN}]


def opened(database, now):
    with database.writing() as session:
        begun = make_begun(session, make_study(session, now=now), now=now)
        link_id = inviting.arrive(session, begun.token, now=now).link_id
        return begun, accounts.open_respondent_session(session, begun.id, link_id, now=now)


def which(database, token, now):
    with database.reading() as session:
        return accounts.interview_of(session, token, now=now)


def test_a_respondent_is_let_in_at_one_interview_and_answers_keep_the_session_alive(database, now):
    begun, token = opened(database, now)
    idle = which(database, token, now + timedelta(minutes=60))
    with database.writing() as session:
        session.execute(select(WebSession))
        from_answers = now + timedelta(minutes=50)
        interview = begun.id
        accounts.keep_alive(session, token, now=from_answers)

    assert idle is None
    assert which(database, token, now) == interview
    assert which(database, token, now + timedelta(minutes=109)) == interview


def test_revoking_the_link_ends_the_session_it_opened(database, now):
    begun, token = opened(database, now)
    with database.writing() as session:
        inviting.revoke(session, begun.invitation.respondent_id, now=now)

    assert which(database, token, now) is None


def test_a_session_of_staff_opens_no_interview_and_the_other_way_round(database, now):
    _, respondent = opened(database, now)
    with database.writing() as session:
        make_person(session, now=now)
    staff = signed_in(database, now)

    assert which(database, staff, now) is None
    assert who(database, respondent, now) is None


@pytest.mark.parametrize("token", ["", "x", "\x00", "\udc80", "ü" * 100, "a" * 43])
def test_a_cookie_with_anything_in_it_lets_nobody_in(database, lead, now, token):
    assert who(database, token, now) is None
    assert which(database, token, now) is None
