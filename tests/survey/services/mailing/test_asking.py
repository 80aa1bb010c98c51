"""The way back in, by mail: only to those it belongs to, three times a day, and telling strangers nothing."""

import make
import pytest
from mailing import SEAL, make_contact

from survey.models import Contact, Mail, MailKind, Respondent, Study
from survey.services import contacts, studying
from survey.services.errors import BadFields
from survey.services.mailing import asking


@pytest.fixture
def session(database):
    with database.writing() as writing:
        yield writing


@pytest.fixture
def study(session, now):
    return make.make_study(session, now=now)


def ask(session, interview_id, now, email=""):
    return asking.send_my_link(session, SEAL, interview_id, email=email, domain="example.org", now=now)


def test_three_a_day_and_not_one_more(session, study, now):
    made = make.make_begun(session, study, now=now, language="it")
    later = now.replace(day=11)

    assert [ask(session, made.id, now, "ada@example.org") for _ in range(4)] == [True, True, True, False]
    assert not ask(session, made.id, later.replace(second=0, microsecond=0) - (later - now) / 86400)
    assert ask(session, made.id, later)
    assert {(mail.kind, mail.language) for mail in session.query(Mail)} == {(MailKind.RESUME, "it")}
    assert sorted(mail.number for mail in session.query(Mail)) == [1, 2, 3, 4]


def test_an_address_that_is_given_is_kept_and_one_that_is_known_stays(session, study, now):
    made = make.make_begun(session, study, now=now)

    ask(session, made.id, now, "Ada@Example.org")
    ask(session, made.id, now, "other@example.org")

    assert contacts.identity_of(session, SEAL, made.invitation.respondent_id).email == "Ada@example.org"
    assert asking.masked(asking.address_for(session, SEAL, made.id)) == "A…\N{WORD JOINER}@e…"


def test_an_address_that_no_mail_reaches_can_be_given_anew(session, study, now):
    made = make.make_begun(session, study, now=now)
    ask(session, made.id, now, "old@example.org")
    session.get(Contact, made.invitation.respondent_id).bounced_at = now

    assert asking.address_for(session, SEAL, made.id) == ""
    ask(session, made.id, now, "new@example.org")
    assert asking.address_for(session, SEAL, made.id) == "new@example.org"


@pytest.mark.parametrize(
    "email", ["", "  ", "nobody", "a@example.org\r\nBcc: victim@example.org", "a" * 300 + "@x.org"]
)
def test_what_is_no_address_is_refused(session, study, now, email):
    made = make.make_begun(session, study, now=now)

    with pytest.raises(BadFields):
        ask(session, made.id, now, email)
    assert session.query(Mail).count() == 0


def test_a_stranger_gets_mails_sent_to_the_known_in_open_studies_only(session, study, now):
    closed = make.make_study(session, key="closed", now=now)
    make_contact(session, study, now=now, email="ada@example.org")
    make_contact(session, study, now=now, email="bob@example.org")
    make_contact(session, closed, now=now, email="ada@example.org")
    studying.close_study(session, session.get(Study, closed.id), now=now)

    given = [
        asking.send_new_links(session, SEAL, email=email, domain="example.org", now=now)
        for email in ("ADA@example.org ", "nobody@example.org", "ada@example.org", "ada@example.org", "ada@example.org")
    ]

    assert given == [1, 0, 1, 1, 0]
    assert {mail.study_id for mail in session.query(Mail)} == {study.id}


def test_nobodys_mailbox_is_filled_by_many_who_give_one_address(session, study, now):
    begun = [make.make_begun(session, study, now=now) for _ in range(14)]

    assert [ask(session, made.id, now, "victim@example.org") for made in begun] == [True] * 12 + [False] * 2
    assert asking.send_new_links(session, SEAL, email="victim@example.org", domain="example.org", now=now) == 0
    assert session.query(Mail).count() == 12


def test_an_address_that_is_given_twice_marks_the_later_respondent(session, study, now):
    other = make.make_study(session, key="other", now=now)
    elsewhere = make.make_begun(session, other, now=now)
    first, second, third = (make.make_begun(session, study, now=now) for _ in range(3))
    revision = session.get(Study, study.id).revision

    ask(session, elsewhere.id, now, "ada@example.org")
    ask(session, second.id, now, "Ada@Example.org")
    assert session.query(Respondent).where(Respondent.duplicate_reason.is_not(None)).count() == 0
    ask(session, first.id, now, "ada@example.org")
    ask(session, third.id, now, "ADA@example.org")
    ask(session, third.id, now, "ADA@example.org")

    session.expire_all()
    marked = {each.number: each for each in session.query(Respondent).where(Respondent.duplicate_reason == "email")}
    assert sorted(marked) == [2, 3]
    assert {each.possible_duplicate_of for each in marked.values()} == {first.invitation.respondent_id}
    assert session.get(Study, study.id).revision == revision + 2
