"""What a respondent sees of the own data, takes along, corrects, and takes back."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import make
import pytest
import time_machine
from client import BadPageError
from staff import make_app
from visitors import address_of, begin, interview_of, open_link

from survey.models import Contact, Interview, InterviewState, Respondent
from survey.services import contacts, studying
from survey.services.collecting import collect
from survey.services.contacts import Identity
from survey.services.interviewing import overview
from survey.web.sealing import seal

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
ADA = Identity("Ada Lovelace", "Analytical Ltd", "ada@example.org", "+44 20 7946 0000")


class House:
    """An installation with one open study of two practices, at a moment that the test moves."""

    def __init__(self, database, folder, clock):
        self.database, self.clock = database, clock
        with database.writing() as session:
            self.study_id = make.make_study(session, now=NOW, practices_per_web_interview=2).id
        self.app = make_app(database, folder)

    def interview(self, *, identity=None, **more):
        """An interview with its practices; its link is in `token`."""
        with self.database.writing() as session:
            study = session.get(make.Study, self.study_id)
            made = make.make_interview(session, study, now=NOW, **more)
            if identity is not None:
                self.keep(session, made.invitation.respondent_id, identity)
            return made

    def keep(self, session, respondent_id, identity):
        with self.app.app_context():
            contacts.keep(session, seal(), session.get(Respondent, respondent_id), identity, now=NOW)

    def identity(self, made):
        with self.app.app_context(), self.database.reading() as session:
            return contacts.identity_of(session, seal(), made.invitation.respondent_id)

    def wait(self, **time):
        self.clock.shift(timedelta(**time))

    def state(self, made):
        with self.database.reading() as session:
            return session.get(Interview, made.id).state

    def close(self):
        with self.database.writing() as session:
            studying.close_study(session, session.get(make.Study, self.study_id), now=NOW)

    def counted(self):
        with self.database.reading() as session:
            return len(collect(session, make.STUDY_KEY, now=NOW).practice)


@pytest.fixture
def house(database, tmp_path):
    with time_machine.travel(NOW, tick=False) as clock:
        yield House(database, tmp_path, clock)


COMMENT = "Worth a try, <b>really</b>."
ANSWERED = {"answers": [make.COMPLETE, make.ALREADY_HERE], "texts": [{"COMMENT": COMMENT}]}


def at_my_data(house, made):
    """A browser on the page, by the address that the foot of every page has."""
    visitor = begin(house.app, made.token)
    assert visitor.page.links.count(f"/interview/{made.id}/my-data") >= 1
    visitor.get(f"/interview/{made.id}/my-data")
    return visitor


@pytest.mark.parametrize("page", ["profile", "practice/1/know", "practice/1/all", "review", "later", "privacy"])
def test_every_page_of_an_interview_leads_to_my_data(house, page):
    made = house.interview(**ANSWERED)
    visitor = begin(house.app, made.token)

    visitor.get(address_of(visitor, page))

    assert f"/interview/{made.id}/my-data" in visitor.page.links


def test_what_is_stored_is_said_in_plain_words(house):
    made = house.interview(identity=ADA, **ANSWERED)

    visitor = at_my_data(house, made)

    words = visitor.page.words
    for said in (
        "Respondent 0001", "Lombardy", "English", "A study for tests",
        "Consent given Tuesday, 10 March 2026, 10:30 (Rome)", "version 1", "I take part voluntarily",
        "Last answer Tuesday, 10 March 2026, 10:30", "Practices judged 2 of 2",
        "Ada Lovelace", "Analytical Ltd", "ada@example.org", "+44 20 7946 0000",
    ):  # fmt: skip
        assert said in words, said
    # Four about oneself, fifteen and a comment about the first practice, three about the second.
    assert "Answers 23, each with its time." in words


def test_all_answers_are_there_in_words_with_their_questions(house):
    made = house.interview(**ANSWERED)
    with house.database.writing() as session:
        make.give(session, made, 1, {"B01": 1, "B02": 0}, now=NOW)
    visitor = at_my_data(house, made)
    with house.database.reading() as session:
        titles = [practice.title for practice in overview(session, made.id).practices]

    visitor.get(address_of(visitor, "my-data/answers"))

    assert [text for level, text in visitor.page.headings if level == 2] == [
        "About you", *(f"{number}. {title}" for number, title in enumerate(titles, 1))
    ]  # fmt: skip
    assert COMMENT in visitor.page.words
    assert "Change" not in visitor.page.words.split()
    assert "How well did you know this practice before today?" in visitor.page.words
    # In a copy every row of a list stands with its name, not only what was said yes to.
    assert "Yes: No money to start. No: No money to keep going. Not answered: Laws or rules; " in visitor.page.words


def test_the_file_holds_everything_that_is_stored(house):
    made = house.interview(identity=ADA, **ANSWERED)
    with house.database.writing() as session:
        make.give(session, made, 1, {"NEED": 2}, now=NOW)
        rows = session.query(make.Evaluation).count()
    visitor = at_my_data(house, made)

    answer = visitor.get(address_of(visitor, "my-data/file"))

    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data-0001.json"
    assert answer.headers["Cache-Control"] == "no-store"
    found = json.loads(answer.get_data(as_text=True))
    assert found["format"] == 1
    assert found["contact_details"] == {
        "name": "Ada Lovelace", "organisation": "Analytical Ltd", "email": "ada@example.org", "phone": ADA.phone,
    }  # fmt: skip
    assert found["consent"]["given_at"] == NOW.isoformat()
    assert len(found["practices"]) == rows == 2
    answers = {each["question"]: each for each in found["practices"][0]["answers"]}
    assert answers["COMMENT"]["text"] == COMMENT
    assert answers["NEED"]["codes"] == {"NEED": 2}
    assert answers["NEED"]["answer"]
    assert answers["NEED"]["wording"].endswith("?")
    assert [line["value"] for line in found["log"] if (line["position"], line["question"]) == (1, "NEED")] == [5, 2]
    assert {line["author"] for line in found["log"]} == {"respondent", "program"}
    assert found["mails"] == []


def test_there_is_no_contact_where_nobody_is_known(house):
    visitor = at_my_data(house, house.interview(**ANSWERED))

    assert "holds no name" in visitor.page.words
    assert "Do not contact me again" not in visitor.page.words
    assert visitor.get(address_of(visitor, "my-data/contact")).status_code == 303
    visitor.get(address_of(visitor, "my-data/file"))


def test_my_data_belong_to_nobody_else(house):
    mine, other = house.interview(identity=ADA), house.interview()
    visitor = begin(house.app, other.token)
    stranger = house.app.test_client()

    for page in ("my-data", "my-data/answers", "my-data/file", "my-data/contact", "withdraw"):
        assert visitor.get(f"/interview/{mine.id}/{page}").status_code == 404
        assert stranger.get(f"/interview/{mine.id}/{page}").status_code == 401
    assert visitor.get(f"/interview/{mine.id}/withdrawn").status_code == 404
    assert stranger.get(f"/interview/{uuid.uuid4()}/withdrawn").status_code == 404


# Correcting ----------------------------------------------------------------------------------------------------


def test_contact_details_are_corrected_and_kept_sealed(house):
    made = house.interview(identity=ADA)
    visitor = at_my_data(house, made)
    visitor.get(address_of(visitor, "my-data/contact"))
    assert visitor.page.form().data()["email"] == ["ada@example.org"]

    visitor.send(name="Ada King", email=" ada@king.example ", phone="")

    assert "Your contact details have been saved." in visitor.page.words
    assert "Ada King" in visitor.page.words
    assert house.identity(made) == Identity("Ada King", "Analytical Ltd", "ada@king.example", "")
    with house.database.reading() as session:
        assert b"King" not in session.query(Contact).one().sealed


def test_who_corrects_an_address_to_that_of_another_respondent_is_marked(house):
    house.interview(identity=ADA)
    made = house.interview(identity=Identity("Bob", "", "bob@example.org", ""))
    visitor = at_my_data(house, made)
    visitor.get(address_of(visitor, "my-data/contact"))

    visitor.send(email="ADA@example.org")

    with house.database.reading() as session:
        marked = session.query(Respondent).where(Respondent.possible_duplicate_of.is_not(None)).one()
        assert (marked.id, marked.duplicate_reason) == (made.invitation.respondent_id, "email")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "ada@", "Please enter a valid e-mail address."),
        ("email", "ada@example.org\nBcc: all@example.org", "Please enter a valid e-mail address."),
        ("email", f"{'a' * 300}@example.org", "no more than 254 characters"),
        ("name", "A" * 201, "no more than 200 characters"),
        ("name", "Ada\x00", "characters that cannot be stored"),
        ("phone", "1" * 41, "no more than 40 characters"),
        ("organisation", "Anal\nytical", "characters that cannot be stored"),
    ],
)
def test_contact_details_that_cannot_be_used_come_back_with_a_sentence(house, field, value, sentence):
    made = house.interview(identity=ADA)
    visitor = at_my_data(house, made)
    visitor.get(address_of(visitor, "my-data/contact"))

    answer = visitor.send(**{"organisation": "Other", field: value})

    assert answer.status_code == 422
    assert sentence in visitor.page.words
    assert f"#{field}" in visitor.page.links
    assert visitor.page.title.startswith("Error: ")
    typed = visitor.page.form().data()
    assert typed["organisation"] == ["Other"] or field == "organisation"
    assert house.identity(made) == ADA


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "{{ 7*7 }}", "O'Brien & Söhne, 日本 🏭", "=cmd|' /C calc'!A0"]
)
def test_any_name_is_kept_and_shown_exactly(house, name):
    made = house.interview(identity=ADA)
    visitor = at_my_data(house, made)
    visitor.get(address_of(visitor, "my-data/contact"))

    visitor.send(name=name)

    assert name in visitor.page.words
    assert house.identity(made).name == name


def test_a_refused_form_keeps_what_was_typed(house):
    made = house.interview(identity=ADA)
    visitor = at_my_data(house, made)
    visitor.get(address_of(visitor, "my-data/contact"))

    answer = visitor.send(name="Ada King", csrf_token="stale")

    assert answer.status_code == 400
    assert visitor.page.form().data()["name"] == ["Ada King"]
    assert house.identity(made) == ADA


def test_a_form_can_change_nothing_but_its_fields(house):
    made = house.interview(identity=ADA)
    visitor = at_my_data(house, made)
    visitor.get(address_of(visitor, "my-data/contact"))

    visitor.send(name=None, opted_out_at="2026-01-01", external_id="X", study_id=str(uuid.uuid4()), number="7")

    with house.database.reading() as session:
        contact = session.query(Contact).one()
        assert (contact.opted_out_at, contact.external_id, contact.study_id) == (None, None, house.study_id)
    assert house.identity(made) == ADA


def test_not_to_be_contacted_again_is_kept_until_it_is_taken_back(house):
    made = house.interview(identity=ADA)
    visitor = at_my_data(house, made)

    visitor.send(contact="never")
    assert "We keep to it." in visitor.page.words
    with house.database.reading() as session:
        assert session.query(Contact).one().opted_out_at == NOW
    assert house.state(made) is InterviewState.STARTED
    visitor.send(contact="again")

    assert "If you do not want to hear from us again" in visitor.page.words
    with house.database.reading() as session:
        assert session.query(Contact).one().opted_out_at is None


def test_contact_details_sealed_with_another_key_keep_nobody_from_withdrawing(house, tmp_path):
    made = house.interview(identity=ADA)
    folder = tmp_path / "other"
    house.app = make_app(house.database, folder, contact_key="k" * 64)

    visitor = at_my_data(house, made)

    assert "cannot be read at this moment" in visitor.page.words
    for page in ("my-data/contact", "my-data/file"):
        with pytest.raises(BadPageError, match="status 503"):
            visitor.get(f"/interview/{made.id}/{page}")
    visitor.get(address_of(visitor, "withdraw"))
    visitor.send()
    assert house.state(made) is InterviewState.WITHDRAWN


# Withdrawing ---------------------------------------------------------------------------------------------------


def withdraw(visitor):
    """The two clicks."""
    link = next(link for link in visitor.page.links if link.endswith("/withdraw"))
    visitor.get(link)
    return visitor.send()


@pytest.mark.parametrize("is_submitted", [False, True])
def test_two_clicks_withdraw_during_and_after_the_interview(house, is_submitted):
    made = house.interview(is_submitted=is_submitted, **ANSWERED)
    stays = house.interview(**ANSWERED)
    visitor = at_my_data(house, made)
    other_device = begin(house.app, made.token)
    assert house.counted() == 4

    withdraw(visitor)

    assert visitor.page.h1 == "You have withdrawn your consent."
    assert "lead@example.org" in visitor.page.words
    assert "We keep your answers" not in visitor.page.words
    assert house.counted() == 2
    assert (house.state(made), house.state(stays)) == (InterviewState.WITHDRAWN, InterviewState.STARTED)
    for browser in (visitor, other_device):
        assert browser.get(f"/interview/{made.id}/my-data").status_code == 401
        assert browser.get(f"/interview/{made.id}/review").status_code == 401
    assert visitor.get(f"/interview/{made.id}/withdrawn?lang=it").status_code == 200
    assert visitor.page.h1 == "Ha revocato il Suo consenso."


def test_nothing_happens_before_the_second_click(house):
    made = house.interview(**ANSWERED)
    visitor = at_my_data(house, made)

    visitor.get(address_of(visitor, "withdraw"))

    assert "Withdraw your consent?" in visitor.page.words
    assert "This cannot be undone here" in visitor.page.words
    assert house.state(made) is InterviewState.STARTED


def test_the_link_of_a_withdrawn_interview_says_so_and_whom_to_write_to(house):
    made = house.interview(**ANSWERED)
    withdraw(at_my_data(house, made))
    visitor = house.app.test_client()

    visitor.get(f"/link/{made.token}", follow_redirects=True)
    assert visitor.page.h1 == "You have withdrawn your consent."
    assert "lead@example.org" in visitor.page.words
    stale = open_link(house.app, house.interview().token)
    answer = stale.post(
        f"/link/{made.token}/my-data", data=stale.page.form().data() | {"consent": ["yes"]}, follow_redirects=True
    )

    assert answer.status_code == 200
    assert stale.page.h1 == "You have withdrawn your consent."
    assert house.state(made) is InterviewState.WITHDRAWN


def test_the_end_of_a_study_keeps_nobody_from_withdrawing(house):
    made = house.interview(**ANSWERED)
    house.close()
    visitor = house.app.test_client()
    assert visitor.get(f"/link/{made.token}").status_code == 410

    visitor.send()

    assert visitor.page.h1 == "My data"
    withdraw(visitor)
    assert house.state(made) is InterviewState.WITHDRAWN
    assert house.counted() == 0


# After handing in ----------------------------------------------------------------------------------------------


def test_the_receipt_offers_the_answers_for_45_minutes_and_no_longer(house):
    made = house.interview(identity=ADA, is_submitted=True, **ANSWERED)
    visitor = begin(house.app, made.token)
    visitor.get(address_of(visitor, "receipt"))
    assert "45 minutes after you submit, until 11:15" in visitor.page.words
    pages = [address_of(visitor, page) for page in ("my-data/answers", "my-data/file")]
    assert set(pages) <= set(visitor.page.links)

    house.wait(minutes=44, seconds=59)
    assert [visitor.get(page).status_code for page in pages] == [200, 200]
    house.wait(seconds=1)
    answers = [visitor.get(page) for page in pages]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"/interview/{made.id}/my-data")] * 2
    visitor.get(address_of(visitor, "receipt"))
    assert not set(pages) & set(visitor.page.links)
    visitor.get(f"/interview/{made.id}/my-data")
    assert not set(pages) & set(visitor.page.links)
    assert "no longer shown here" in visitor.page.words
    assert "Lombardy" not in visitor.page.words
    assert COMMENT not in visitor.page.words
    # What remains: the receipt, the kinds of data, the contact details, and the way out.
    assert "Receipt number" in visitor.page.words
    assert "your kind of organisation" in visitor.page.words
    assert "Ada Lovelace" in visitor.page.words
    withdraw(visitor)
    assert house.state(made) is InterviewState.WITHDRAWN


def test_the_link_of_a_submitted_interview_leads_to_my_data(house):
    made = house.interview(is_submitted=True, **ANSWERED)
    house.wait(days=2)
    house.close()
    visitor = open_link(house.app, made.token)
    assert visitor.page.h1 == "Thank you"

    visitor.send()

    assert visitor.page.h1 == "My data"
    assert interview_of(visitor) == made.id


def test_my_data_speaks_the_language_that_is_chosen_even_after_handing_in(house):
    made = house.interview(is_submitted=True, **ANSWERED)
    visitor = at_my_data(house, made)

    visitor.post(
        f"/interview/{made.id}/language",
        data=visitor.page.forms[0].data(lang="hu"),
        follow_redirects=True,
    )

    assert visitor.page.language == "hu"
    assert visitor.page.h1 == "Az adataim"
    # What is stored is what was chosen while it could be kept.
    assert "Nyelv English" in visitor.page.words
    link = next(link for link in visitor.page.links if "/my-data/answers" in link)
    visitor.get(link)
    assert visitor.page.language == "hu"
