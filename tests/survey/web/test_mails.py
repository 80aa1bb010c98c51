"""Respondents' pages about mails: stopping them, and having the way back in sent."""

import email
import re
import time
from datetime import UTC, datetime
from email.policy import default

import make
import pytest
from mailing import SEAL, Desk, make_contact
from postbox import postbox
from staff import make_app
from visitors import interview_of

from survey.models import Contact, Mail, MailKind, Study
from survey.services import contacts, inviting
from survey.settings import Encryption, MailServer
from survey.texts import LANGUAGES, ui

SERVER = MailServer("127.0.0.1", 1, Encryption.NONE, "Survey", "survey@example.org")


class House:
    """An installation with one study, a person who is known, and pages."""

    def __init__(self, database, folder, **settings):
        self.database = database
        values = {"mail_server": SERVER, "contact_key": "k" * 64, "base_url": "https://survey.example.org"}
        self.app = make_app(database, folder, **(values | settings))
        now = datetime.now(UTC)
        with database.writing() as session:
            study = make.make_study(session, now=now)
            self.study_id = study.id
            self.invitation = make_contact(session, study, now=now)
            self.token = self.invitation.token

    @property
    def stopped(self):
        with self.database.reading() as session:
            contact = session.get(Contact, self.invitation.respondent_id)
            return contact.opted_out_at is not None

    def mails(self):
        with self.database.reading() as session:
            return [(mail.kind, mail.language) for mail in session.query(Mail)]


@pytest.fixture
def house(sqlite_database, tmp_path):
    return House(sqlite_database, tmp_path)


def https(house):
    client = house.app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    return client


def test_opening_the_address_stops_nothing_and_one_press_does(house):
    client = https(house)
    for _ in range(5):
        assert client.get(f"/link/{house.token}/stop").status_code == 200
    client.head(f"/link/{house.token}/stop")
    assert client.page.h1 == "No more e-mails"
    assert not house.stopped

    client.send(do="stop")
    assert house.stopped
    assert client.page.h1 == "You get no more e-mails from us"
    assert client.get(f"/link/{house.token}").status_code == 200

    client.get(f"/link/{house.token}/stop")
    client.send(do="go_on")
    assert not house.stopped
    assert client.page.h1 == "No more e-mails"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_of_the_person(house, language):
    client = https(house)

    client.get(f"/link/{house.token}/stop?lang={language}")
    client.send(do="stop")

    assert client.page.h1 == ui(language)("stop.done_title")
    assert client.page.language == language


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_of_a_mail_program_stops_at_once(house, kind):
    answer = https(house).post(f"/link/{house.token}/stop", data={"List-Unsubscribe": "One-Click"}, content_type=kind)

    assert answer.status_code == 200
    assert house.stopped


@pytest.mark.parametrize(
    "body",
    [{}, {"do": "stop"}, {"List-Unsubscribe": "Two-Clicks"}, {"List-Unsubscribe": "One-Click", "do": "go_on"}],
)
def test_anything_else_without_a_token_of_the_form_changes_nothing(house, body):
    client = https(house)

    assert client.post(f"/link/{house.token}/stop", data=body).status_code == 400
    assert not house.stopped
    # The page is there to be sent once more.
    client.send(do="stop")
    assert house.stopped


def test_a_link_that_opens_nothing_any_more_still_stops_mails(house):
    with house.database.writing() as session:
        inviting.revoke(session, house.invitation.respondent_id, now=datetime.now(UTC))
    client = https(house)
    assert client.get(f"/link/{house.token}").status_code == 404

    client.get(f"/link/{house.token}/stop")
    client.send(do="stop")

    assert house.stopped


def test_a_link_that_never_was_is_told_as_every_other_one(house):
    assert https(house).get(f"/link/{'x' * 43}/stop").status_code == 404


def test_somebody_nobody_knows_may_say_no_as_well(house):
    with house.database.writing() as session:
        token = make.make_invited(session, session.get(Study, house.study_id), now=datetime.now(UTC)).token
    client = https(house)

    client.get(f"/link/{token}/stop")
    client.send(do="stop")

    assert client.page.h1 == "You get no more e-mails from us"


def at_later(house, token=None):
    client = https(house)
    client.get(f"/link/{token or house.token}")
    client.send(consent="yes")
    client.get(f"/interview/{interview_of(client)}/later")
    return client


def test_the_link_is_sent_to_the_address_that_is_known_and_the_page_shows_it_to_nobody(house):
    client = at_later(house)
    assert "a…\N{WORD JOINER}@e…" in client.page.words
    assert "ada@" not in client.page.words
    assert "email" not in client.page.form().names()

    for _ in range(3):
        client.get(f"/interview/{interview_of(client)}/later")
        client.send()
        assert "The mail is on its way." in client.page.words
    client.get(f"/interview/{interview_of(client)}/later")
    assert client.send().status_code == 429
    assert "sent three times today" in client.page.words
    assert house.mails() == [(MailKind.RESUME, "en")] * 3


def test_who_has_no_address_gives_one(house):
    with house.database.writing() as session:
        invited = make.make_invited(session, session.get(Study, house.study_id), now=datetime.now(UTC))
    client = at_later(house, invited.token)

    assert client.send(email="nobody").status_code == 422
    assert "valid e-mail address" in client.page.words
    client.send(email="bob@example.org")

    with house.database.reading() as session:
        assert contacts.identity_of(session, SEAL, invited.respondent_id).email == "bob@example.org"
    assert len(house.mails()) == 1


def test_a_header_cannot_be_put_into_an_address(house):
    with house.database.writing() as session:
        token = make.make_invited(session, session.get(Study, house.study_id), now=datetime.now(UTC)).token
    client = at_later(house, token)

    assert client.send(email="a@example.org\r\nBcc: victim@example.org").status_code == 422
    assert house.mails() == []


def ask(client, address):
    client.get(f"/link/{'x' * 43}")
    answer = client.send(email=address)
    words = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.get_data(as_text=True))
    answer.close()
    return answer.status_code, words


def test_strangers_are_told_the_same_whether_an_address_is_known_or_not(house):
    client = https(house)

    known, unknown = ask(client, "ada@example.org"), ask(client, "nobody@example.org")

    assert known == unknown
    assert known[0] == 200
    assert house.mails() == [(MailKind.RESUME, "en")]


def test_an_address_is_found_however_its_letters_are_composed(house):
    with house.database.writing() as session:
        make_contact(session, session.get(Study, house.study_id), now=datetime.now(UTC), email="j\xfcrg@example.org")

    assert ask(https(house), "ju\u0308rg@example.org")[0] == 200
    assert house.mails() == [(MailKind.RESUME, "en")]


def test_the_address_is_looked_up_only_when_the_answer_is_out(house):
    client = https(house)
    client.get(f"/link/{'x' * 43}")

    answer = client.post("/link/new", data=client.page.form().data(email="ada@example.org"), buffered=False)
    before = house.mails()
    answer.close()

    assert (before, len(house.mails())) == ([], 1)


@pytest.mark.parametrize("address", ["ada@example.org", "nobody@example.org"])
def test_the_next_request_on_the_connection_waits_as_long_for_a_known_address_as_for_another(house, address):
    client = https(house)
    client.get(f"/link/{'x' * 43}")
    answer = client.post("/link/new", data=client.page.form().data(email=address), buffered=False)

    began = time.monotonic()
    answer.close()

    assert time.monotonic() - began >= 0.09


def test_what_is_no_address_gets_the_form_again(house):
    assert ask(https(house), "nobody")[0] == 422


def test_a_network_that_tries_addresses_is_stopped(house, monkeypatch):
    monkeypatch.setattr("survey.web.respondent.views.mails.LOOKING_UP", 0)
    client = https(house)

    statuses = [ask(client, f"person{number}@example.org")[0] for number in range(61)]

    assert statuses == [200] * 60 + [429]


def test_without_a_mail_server_no_page_promises_a_mail(sqlite_database, tmp_path):
    house = House(sqlite_database, tmp_path, mail_server=None)
    client = at_later(house)
    assert "by e-mail" not in client.page.words
    assert client.post(client.address, data={}).status_code == 400

    client.get(f"/link/{'x' * 43}")
    assert client.page.forms == []


def test_the_link_of_a_mail_that_was_asked_for_goes_on_where_one_stopped(sqlite_database, tmp_path):
    house = House(sqlite_database, tmp_path)
    client = at_later(house)
    interview_id = interview_of(client)
    client.send()

    with postbox() as box:
        desk = Desk.__new__(Desk)
        desk.database, desk.box, desk.clock = sqlite_database, box, lambda: datetime.now(UTC)
        desk.send()
        mail = email.message_from_bytes(box.messages[0][1], policy=default)

    text = mail.get_body(("plain",)).get_content()
    link, stop = re.findall(r"https://survey\.example\.org(/\S+)", text)
    other_device = https(house)
    other_device.get(link)
    other_device.send()
    assert interview_of(other_device) == interview_id
    other_device.get(stop)
    other_device.send(do="stop")
    assert house.stopped
