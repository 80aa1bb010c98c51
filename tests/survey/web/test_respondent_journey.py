"""A respondent's whole way, from the link to the receipt, on both databases."""

import re

import make
from staff import make_app
from visitors import CRITERIA, KNOW, address_of, at_first_practice, begin, interview_of, open_link

from survey.services.interviewing import overview


def answer_practice(visitor, *, verdict=4):
    visitor.send("answers", **KNOW, to="next")
    visitor.send("answers", **CRITERIA, to="next")
    visitor.send("answers", VERDICT=verdict, to="next")
    visitor.send("answers", B01=1, B02=0, SURE=2, COMMENT="Worth a try.", to="next")


def test_from_the_link_to_the_receipt(database, tmp_path, now):
    with database.writing() as session:
        study = make.make_study(session, now=now, practices_per_web_interview=2)
        token = make.make_invited(session, study, now=now, region="lombardy", stakeholder=5).token
    app = make_app(database, tmp_path)

    visitor = open_link(app, token)
    assert visitor.page.h1 == "Interview on good practices"
    assert "A study for tests" in visitor.page.words
    assert "About 10 minutes" in visitor.page.words
    visitor.send(consent="yes")
    assert visitor.page.h1 == "About you"
    assert visitor.page.form("answers").chosen("STAKEHOLDER") == ["S5"]
    assert visitor.page.form("answers").chosen("REGION") == ["lombardy"]
    visitor.send("answers", YEARS=2, ROLE=3, to="next")
    assert visitor.address == address_of(visitor, "practice/1/know")
    answer_practice(visitor)
    assert visitor.address == address_of(visitor, "practice/2/know")
    assert "Practice 2 of 2" in visitor.page.words
    visitor.send("answers", FAM=1, EXIST=1, to="next")
    assert visitor.address == address_of(visitor, "practice/2/know?more=EXWORK")
    visitor.send("answers", EXWORK=5, to="next")
    assert visitor.page.form("answers").names() >= {"COMMENT"}
    visitor.send("answers", to="next")
    assert visitor.page.h1 == "Review your answers"
    assert len(re.findall(r"\bComplete\b", visitor.page.words)) == 1
    assert "Not answered: 12" in visitor.page.words
    visitor.send()
    assert visitor.address == address_of(visitor, "receipt")
    assert re.search(r"Receipt number [2-9A-Z]{4}-[2-9A-Z]{4}", visitor.page.words)
    assert "2 of 2" in visitor.page.words

    with database.reading() as session:
        view = overview(session, interview_of(visitor))
    first, second = view.practices
    assert {column: first.codes[column] for column in (*CRITERIA, "VERDICT", "B01", "B02", "SURE")} == CRITERIA | {
        "VERDICT": 4, "B01": 1, "B02": 0, "SURE": 2
    }  # fmt: skip
    assert first.texts == {"COMMENT": "Worth a try."}
    assert (second.codes["VERDICT"], second.codes["EXWORK"], second.codes["NEED"]) == (5, 5, -2)


def test_the_link_continues_where_one_stopped(database, tmp_path, now):
    with database.writing() as session:
        study = make.make_study(session, now=now)
        token = make.make_invited(session, study, now=now).token
    app = make_app(database, tmp_path)
    visitor = at_first_practice(app, token)
    visitor.send("answers", **KNOW, to="next")
    visitor.send("answers", NEED=5, to="later")
    assert visitor.page.h1 == "Your answers have been saved."

    elsewhere = open_link(app, token)
    assert "Welcome back" in elsewhere.page.words
    elsewhere.send()

    assert elsewhere.address == address_of(visitor, "practice/1/criteria")
    assert elsewhere.page.form("answers").chosen("NEED") == ["5"]


def test_two_devices_never_overwrite_each_other_in_silence(database, tmp_path, now):
    with database.writing() as session:
        study = make.make_study(session, now=now)
        token = make.make_invited(session, study, now=now).token
    app = make_app(database, tmp_path)
    phone = at_first_practice(app, token)
    laptop = begin(app, token)
    phone.send("answers", FAM=4, EXIST=3, to="next")

    answer = laptop.send("answers", FAM=1, EXIST=3, to="next")

    assert answer.status_code == 409
    assert "From my own work or a visit" in laptop.page.words
    assert "Your answer on this page: Not at all" in laptop.page.words
    assert laptop.page.form("answers").chosen("FAM") == ["4"]
    # Nothing is chosen: the saved answer stands. Something is chosen: that is an answer of today.
    laptop.send("answers", to="next")
    assert laptop.address.endswith("/practice/1/criteria")
    laptop.get(address_of(laptop, "practice/1/know"))
    assert laptop.page.form("answers").chosen("FAM") == ["4"]
    laptop.send("answers", FAM=1, to="next")
    laptop.get(address_of(laptop, "practice/1/know"))
    assert laptop.page.form("answers").chosen("FAM") == ["1"]
