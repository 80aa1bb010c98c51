"""Letters for those who are asked on paper: one page each, with a link that works."""

import re
from datetime import date

import make
import pytest
import segno
from make import make_contact
from sqlalchemy import select
from staff import make_app, signed_in

from survey.models import Link, Role
from survey.services import contacts, lettering, studying
from survey.services.errors import BadFields
from survey.services.lettering import numbers_in
from survey.services.sealing import Seal
from survey.texts import ui
from survey.web.qr import QUIET, qr_code

ADDRESS = "/studies/test/letters"


@pytest.fixture
def app(database, now, tmp_path):
    app = make_app(database, tmp_path, contact_key="a key for tests that is long enough")
    seal = Seal("a key for tests that is long enough")
    with database.writing() as session:
        study = make.make_study(session, now=now, closes_on=date(2999, 1, 1))
        make_contact(session, study, seal, now=now, name="Ada Ek", organisation="Lund University <b>", language="sv")
        make_contact(session, study, seal, now=now, name="Bo Bergman", region="munich", language="de")
        make_contact(session, study, seal, now=now, name="Čeněk", region=None, language="cs")
        out = make_contact(session, study, seal, now=now, name="Nobody Asked")
        contacts.opt_out(session, out.id, now=now)
        make.make_invited(session, study, now=now)
        make.make_person(session, now=now)
    return app


def links(database):
    with database.reading() as session:
        return session.scalars(select(Link)).all()


def letters_in(html):
    return re.findall(r'<article class="letter" lang="(\w+)".*?</article>', html, re.DOTALL)


def made(app, **choice):
    lead = signed_in(app)
    lead.get(ADDRESS)
    return lead, lead.send(**choice)


def addresses_in(html):
    """The links as they are printed, put together from their groups."""
    return [
        before + "".join(re.findall(r'<span class="group">([^<]*)</span>', groups))
        for before, groups in re.findall(r'<p class="address">([^<]*)<br>(.*?)</p>', html)
    ]


def modules(path, size):
    """The dark modules of a QR code's path, as a matrix without the white around."""
    inner = size - 2 * QUIET
    matrix = [[0] * inner for _ in range(inner)]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        for column in range(int(x), int(x) + int(length)):
            matrix[int(y) - QUIET][column - QUIET] = 1
    return matrix


def test_everybody_in_the_list_who_has_not_begun_gets_one_in_their_language(app, database):
    before = len(links(database))

    _, answer = made(app)

    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert letters_in(html) == ["sv", "de", "cs"]
    assert "Nobody Asked" not in html
    assert "Lund University &lt;b&gt;" in html
    assert all(ui(language)("letter.questions", contact="lead@example.org") in html for language in ("sv", "de", "cs"))
    assert len(links(database)) == before + 3


def test_the_printed_address_is_the_link_and_the_code_says_the_same(app):
    _, answer = made(app)
    html = answer.get_data(as_text=True)
    addresses = addresses_in(html)
    codes = re.findall(r'viewBox="0 0 (\d+) \d+".*?<path fill="#000" d="([^"]*)"', html, re.DOTALL)

    assert len(addresses) == len(codes) == 3
    for address, (size, path) in zip(addresses, codes, strict=True):
        assert re.fullmatch(r"http://127\.0\.0\.1:8000/link/[\w-]{43}", address)
        fresh = segno.make(address, error="m", micro=False, boost_error=False)
        assert modules(path, int(size)) == [list(row) for row in fresh.matrix]
        visitor = app.test_client()
        assert visitor.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_making_them_again_makes_new_links_and_the_old_ones_go_on_working(app, database):
    _, first = made(app)
    _, second = made(app)
    old, new = (addresses_in(answer.get_data(as_text=True)) for answer in (first, second))

    assert not set(old) & set(new)
    assert all(app.test_client().get(each[len("http://127.0.0.1:8000") :]).status_code == 200 for each in old + new)


@pytest.mark.parametrize(
    ("choice", "languages"),
    [
        ({"region": "munich"}, ["de"]),
        ({"numbers": "1-2"}, ["sv", "de"]),
        ({"numbers": "3, 1"}, ["sv", "cs"]),
        ({"region": "lombardy", "numbers": "1 – 999999"}, ["sv"]),
    ],
)
def test_some_can_be_chosen(app, choice, languages):
    _, answer = made(app, **choice)

    assert letters_in(answer.get_data(as_text=True)) == languages


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"numbers": "one"}, "'one' is no number and no range of numbers"),
        ({"numbers": "9-2"}, "'9-2' is no number and no range of numbers"),
        ({"numbers": "1-999999999"}, "is no number and no range of numbers"),
        ({"numbers": "\x00"}, "is no number and no range of numbers"),
        ({"numbers": "77"}, "Nobody is left to write to"),
        ({"region": "mars"}, "has no region 'mars'"),
        ({"region": "\x00"}, "has no region '\\x00'"),
    ],
)
def test_what_cannot_be_chosen_is_told_and_makes_no_link(app, database, choice, says):
    before = len(links(database))

    lead, answer = made(app, **choice)

    assert answer.status_code == 422
    assert says in lead.page.words
    assert len(links(database)) == before


def test_more_than_can_be_printed_at_once_are_refused(app, database, monkeypatch):
    monkeypatch.setattr(lettering, "AT_ONCE", 2)

    lead, answer = made(app)

    assert answer.status_code == 422
    assert "These would be 3 letters; 2 at once are possible." in lead.page.words


def test_a_closed_study_writes_to_nobody(app, database, now):
    with database.writing() as session:
        studying.close_study(session, session.scalars(select(make.Study)).one(), now=now)

    lead, answer = made(app)

    assert answer.status_code == 422
    assert "The study is closed" in lead.page.words


def test_who_has_begun_gets_none(app, database, now):
    html = made(app)[1].get_data(as_text=True)
    visitor = app.test_client()
    visitor.get(addresses_in(html)[0].removeprefix("http://127.0.0.1:8000"))
    visitor.send(consent="yes")

    assert letters_in(made(app)[1].get_data(as_text=True)) == ["de", "cs"]


def test_only_leads_make_letters(app, database, now):
    with database.writing() as session:
        make.make_person(session, now=now, email="viewer@example.org", role=Role.VIEWER)
    viewer = signed_in(app, email="viewer@example.org")

    assert viewer.get(ADDRESS).status_code == 403
    assert app.test_client().get(ADDRESS).status_code == 303


def test_a_form_without_its_token_makes_none(app, database):
    before = len(links(database))

    assert signed_in(app).post(ADDRESS, data={}).status_code == 422
    assert len(links(database)) == before


def test_numbers_are_read_as_people_write_them():
    assert numbers_in(" ") is None
    assert numbers_in("1-3, 7;9") == {1, 2, 3, 7, 9}


def test_a_region_that_no_database_could_hold_is_refused_in_a_sentence(app):
    assert made(app, region="\0")[1].status_code == 422


def test_numbers_are_not_counted_out_without_end():
    with pytest.raises(BadFields, match="no number and no range"):
        numbers_in("1-999999, 1000000-1999999, 2000000-2999999")


def test_a_code_is_made_of_runs_that_cover_its_dark_modules():
    made = qr_code("https://survey.example.org/link/" + "x" * 43)
    fresh = segno.make("https://survey.example.org/link/" + "x" * 43, error="m", micro=False, boost_error=False)

    assert modules(made.path, made.size) == [list(row) for row in fresh.matrix]
