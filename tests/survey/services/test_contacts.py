"""Who a respondent is stays apart, sealed, and correct."""

import uuid
from datetime import timedelta

import pytest
from make import make_invited, make_study
from sqlalchemy import select, text

from survey.models import Contact, Respondent
from survey.services import contacts
from survey.services.contacts import Identity
from survey.services.errors import BadFields, Unreadable
from survey.services.sealing import Seal

SEAL = Seal("k" * 64)
ADA = Identity(name="Ada Lovelace", organisation="Analytical Ltd", email="Ada@Example.org", phone="+44 20 7946 0000")


@pytest.fixture
def session(database):
    with database.writing() as writing:
        yield writing


@pytest.fixture
def study(session, now):
    return make_study(session, now=now)


@pytest.fixture
def ada(session, study, now):
    return session.get(Respondent, make_invited(session, study, now=now).respondent_id)


def test_what_is_kept_is_read_again(session, ada, now):
    contacts.keep(session, SEAL, ada, ADA, now=now, external_id="A-1", timezone="Europe/London")

    assert contacts.identity_of(session, SEAL, ada.id) == Identity(
        "Ada Lovelace", "Analytical Ltd", "Ada@example.org", "+44 20 7946 0000"
    )
    contact = session.get(Contact, ada.id)
    assert (contact.study_id, contact.external_id, contact.timezone) == (ada.study_id, "A-1", "Europe/London")


def test_nobody_is_known_before(session, ada):
    assert contacts.identity_of(session, SEAL, ada.id) is None
    assert contacts.identity_of(session, SEAL, uuid.uuid4()) is None


def test_nothing_of_it_stands_in_the_database_in_clear(session, ada, now):
    contacts.keep(session, SEAL, ada, ADA, now=now)

    row = repr(session.execute(text("SELECT * FROM contact")).all()).lower()
    # Nothing so short that it stands in a random id now and then.
    for word in ("ada ", "ada@", "lovelace", "analytical", "example", "7946 0000"):
        assert word not in row


def test_a_correction_keeps_what_it_does_not_mention(session, ada, now):
    contacts.keep(session, SEAL, ada, ADA, now=now, external_id="A-1", timezone="Europe/London")
    contacts.keep(session, SEAL, ada, Identity(name="Ada King"), now=now + timedelta(days=1))

    contact = session.get(Contact, ada.id)
    assert contacts.identity_of(session, SEAL, ada.id) == Identity(name="Ada King")
    assert (contact.external_id, contact.timezone, contact.email_print) == ("A-1", "Europe/London", None)
    assert (contact.created_at, contact.changed_at) == (now, now + timedelta(days=1))


def test_another_address_may_be_written_to_again_but_an_opt_out_stays(session, ada, now):
    contacts.keep(session, SEAL, ada, ADA, now=now)
    contact = session.get(Contact, ada.id)
    contact.bounced_at = contact.opted_out_at = now

    contacts.keep(session, SEAL, ada, ADA, now=now)
    assert contact.bounced_at == now
    contacts.keep(session, SEAL, ada, Identity(email="ada@elsewhere.example"), now=now)
    assert contact.bounced_at is None
    assert contact.opted_out_at == now


def test_the_first_opt_out_counts_and_can_be_taken_back(session, ada, now):
    assert not contacts.opt_out(session, ada.id, now=now)
    contacts.keep(session, SEAL, ada, ADA, now=now)

    assert contacts.opt_out(session, ada.id, now=now)
    assert not contacts.opt_out(session, ada.id, now=now + timedelta(days=1))
    assert session.scalars(select(Contact.opted_out_at)).one() == now
    contacts.opt_in(session, ada.id)
    assert session.scalars(select(Contact.opted_out_at)).one() is None


def test_an_address_is_found_in_any_case_in_its_own_study_only(session, study, ada, now):
    other = make_study(session, now=now, key="other")
    stranger = session.get(Respondent, make_invited(session, other, now=now).respondent_id)
    for respondent in (ada, stranger):
        contacts.keep(session, SEAL, respondent, ADA, now=now)

    assert contacts.with_address(session, SEAL, study.id, " ADA@EXAMPLE.ORG ") == [ada.id]
    assert contacts.with_address(session, SEAL, study.id, "grace@example.org") == []


@pytest.mark.parametrize(
    ("identity", "field"),
    [
        (Identity(email="ada"), "email"),
        (Identity(email="ada@example.org\nBcc: all@example.org"), "email"),
        (Identity(name="A" * 201), "name"),
        (Identity(name="Ada\x00"), "name"),
        (Identity(name="Ada\nLovelace"), "name"),
        (Identity(organisation="\ud800"), "organisation"),
        (Identity(phone="1" * 41), "phone"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_kept(session, ada, now, identity, field):
    with pytest.raises(BadFields) as caught:
        contacts.keep(session, SEAL, ada, identity, now=now)

    assert [problem.field for problem in caught.value.problems] == [field]
    assert contacts.identity_of(session, SEAL, ada.id) is None


def test_all_problems_are_named_at_once():
    with pytest.raises(BadFields) as caught:
        contacts.checked(Identity(name="A" * 201, email="ada", phone="1" * 41))

    assert {problem.field for problem in caught.value.problems} == {"name", "email", "phone"}


def test_an_unknown_time_zone_is_named(session, ada, now):
    with pytest.raises(BadFields, match=r"Europe/Atlantis.*Europe/Rome"):
        contacts.keep(session, SEAL, ada, ADA, now=now, timezone="Europe/Atlantis")


def test_another_key_is_refused_before_anything_is_written_with_it(session, study, ada, now):
    contacts.keep(session, SEAL, ada, ADA, now=now)
    second = session.get(Respondent, make_invited(session, study, now=now).respondent_id)

    with pytest.raises(Unreadable):
        contacts.keep(session, Seal("l" * 64), second, ADA, now=now)
    with pytest.raises(Unreadable):
        contacts.identity_of(session, Seal("l" * 64), ada.id)
    assert session.get(Contact, second.id) is None
