"""The languages of a study on its pages: only its own, whatever is asked for, and no answer lost by changing them."""

import json
from datetime import date
from pathlib import Path

import make
import pytest
from sqlalchemy import delete, select, update
from staff import make_app
from visitors import CRITERIA, KNOW, address_of, at_first_practice, begin, interview_of, open_link

from survey.models import AnswerChange, Evaluation, Interview, PracticeText, Study
from survey.texts import LANGUAGES, typographic

ODD = (
    "", " ", "xx", "EN", "it,en", "it-IT", "../../etc/passwd", "<script>alert(1)</script>", "'; DROP TABLE study;--",
    "{{7*7}}", "\x00", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "it\r\nSet-Cookie: a=b",
    "\U0001d55a\U0001d565", "a" * 5_000, "%00", "%ff",
)  # fmt: skip


@pytest.fixture
def house(sqlite_database, tmp_path, now):
    """An application over one open study that offers Italian, English and Danish, in this order."""
    with sqlite_database.writing() as session:
        make.make_study(session, now=now, languages=["it", "en", "da"])
    return sqlite_database, make_app(sqlite_database, tmp_path), now


def token(house, **invited):
    database, _, now = house
    with database.writing() as session:
        return make.make_invited(session, session.scalars(select(Study)).one(), now=now, **invited).token


def menu(visitor):
    """The languages that the page offers, wherever it does."""
    fields = [field for form in visitor.page.forms for field in form.fields if field.tag == "button"]
    buttons = [
        field.value.removeprefix("language-")
        for field in fields
        if field.name == "lang" or field.value.startswith("language-")
    ]
    links = [link.removeprefix("?lang=") for link in visitor.page.links if link.startswith("?lang=")]
    return list(dict.fromkeys(buttons + links))


def test_every_page_offers_the_studys_languages_and_no_other(house):
    visitor = open_link(house[1], token(house))
    offered = {"landing": menu(visitor)}
    visitor = at_first_practice(house[1], token(house))
    offered["practice"] = menu(visitor)
    for page in ("profile", "review", "later", "privacy"):
        visitor.get(address_of(visitor, page))
        offered[page] = menu(visitor)

    assert set(map(tuple, offered.values())) == {("it", "en", "da")}, offered


def test_a_study_with_one_language_has_no_menu(house):
    with house[0].writing() as session:
        session.execute(update(Study).values(languages=["en"]))

    visitor = open_link(house[1], token(house))
    assert (visitor.page.language, menu(visitor)) == ("en", [])
    assert "Choose your language" not in visitor.page.words
    visitor = at_first_practice(house[1], token(house))
    assert (visitor.page.language, menu(visitor)) == ("en", [])


def test_pages_without_a_study_offer_all(house):
    visitor = house[1].test_client()

    assert visitor.get(f"/link/{'x' * 43}?lang=hu").status_code == 404
    assert (visitor.page.language, tuple(menu(visitor))) == ("hu", LANGUAGES)


@pytest.mark.parametrize(("invited", "spoken"), [("da", "da"), ("hu", "it")])
def test_what_the_study_does_not_have_falls_back(house, invited, spoken):
    link = token(house, language=invited)
    visitor = house[1].test_client()
    visitor.get(f"/link/{link}?lang=hu")
    assert visitor.page.language == spoken
    visitor.get(f"/link/{link}?lang=en")
    assert visitor.page.language == "en"

    visitor = begin(house[1], link, lang="hu")
    assert visitor.page.language == spoken
    visitor.send("answers", to="language-hu", YEARS=3)
    assert visitor.page.language == spoken
    assert visitor.page.form("answers").chosen("YEARS") == ["3"]
    visitor.send("answers", to="next")
    visitor.send("answers", to="language-en")
    for page in ("practice/1/know", "profile", "review", "later", "privacy"):
        visitor.get(f"{address_of(visitor, page)}?lang=hu")
        assert visitor.page.language == "en"
    visitor.post(
        address_of(visitor, "language"), data=visitor.page.form().data(lang="hu") if visitor.page.forms else {}
    )
    with house[0].reading() as session:
        assert session.get(Interview, interview_of(visitor)).language == "en"


def test_a_language_that_was_taken_away_is_spoken_no_more(house):
    visitor = at_first_practice(house[1], token(house, language="da"))
    with house[0].writing() as session:
        session.execute(update(Study).values(languages=["it", "en"]))

    visitor.get(address_of(visitor, "practice/1/know"))
    assert visitor.page.language == "it"
    with house[0].reading() as session:
        italian = session.scalars(select(PracticeText.title).where(PracticeText.language == "it"))
        assert visitor.page.h1 in {typographic(title) for title in italian}


def test_a_page_comes_again_in_the_language_that_was_chosen_on_it(house):
    visitor = house[1].test_client()
    visitor.get(f"/link/{token(house)}?lang=da")

    answer = visitor.send()

    assert (answer.status_code, visitor.page.language) == (422, "da")


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_asked_for_as_a_language_is_no_trouble(house, odd):
    link = token(house, language="da")
    visitor = house[1].test_client()
    for path in (f"/link/{link}", f"/link/{link}/privacy"):
        assert visitor.get(path, query_string={"lang": odd}).status_code == 200
        assert visitor.page.language == "da"
    visitor = at_first_practice(house[1], link)
    for page in ("practice/1/know", "practice/1/all", "profile", "review", "later", "privacy"):
        assert visitor.get(address_of(visitor, page), query_string={"lang": odd}).status_code == 200
        assert visitor.page.language == "da"
    visitor.get(address_of(visitor, "later"))
    sent = visitor.send("languages", lang=odd)
    assert sent.status_code == 200
    assert visitor.page.language == "da"


def test_ten_changes_of_the_language_leave_every_answer_as_it_is(house):
    """Answers that are only chosen or typed go along with the button; nothing else is ever changed."""
    visitor = begin(house[1], token(house, language="en"))
    visitor.send("answers", YEARS=3, ROLE=2, to="language-it")
    visitor.send("answers", to="next")
    visitor.send("answers", **KNOW, to="layout-whole")
    visitor.send("answers", **CRITERIA, VERDICT=2, COMMENT="= “è” <b>", to="language-da")
    before, log = state(house, visitor), changes(house)
    pages = ("practice/1/all", "profile", "practice/2/know", "review", "later")

    for turn in range(10):
        language = ("it", "en", "da")[turn % 3]
        page = pages[turn % len(pages)]
        visitor.get(address_of(visitor, page))
        visitor.send("answers" if page.startswith("p") else "languages", **chosen(page, language))
        assert visitor.page.language == language
        assert visitor.address.split("?")[0].split("#")[0] == address_of(visitor, page)

    assert state(house, visitor) == before
    assert changes(house) == log
    assert before["text"] == "= “è” <b>"
    assert before["codes"]["NEED"] == CRITERIA["NEED"]


def chosen(page, language):
    return {"to": f"language-{language}"} if page.startswith("p") else {"lang": language}


def state(house, visitor):
    with house[0].reading() as session:
        interview = session.get(Interview, interview_of(visitor))
        rows = session.scalars(
            select(Evaluation).where(Evaluation.interview_id == interview.id).order_by(Evaluation.position)
        ).all()
        return {
            "profile": interview.codes,
            "rows": [(row.position, row.practice_id, row.codes, row.texts, row.revision) for row in rows],
            "text": rows[0].texts.get("COMMENT"),
            "codes": make.instrument().unpack(rows[0].codes),
        }


def changes(house):
    with house[0].reading() as session:
        return session.query(AnswerChange).count()


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("it", "Questa descrizione è disponibile solo in inglese."),
        ("da", "Denne beskrivelse findes kun på engelsk."),
        ("en", None),
    ],
)
def test_a_practice_without_a_translation_is_shown_in_the_original_with_a_note(house, language, note):
    with house[0].writing() as session:
        session.execute(update(PracticeText).where(PracticeText.language == "it").values(summary=""))
        session.execute(delete(PracticeText).where(PracticeText.language == "da"))

    visitor = at_first_practice(house[1], token(house, language=language))
    html = visitor.get(address_of(visitor, "practice/1/know")).get_data(as_text=True)

    assert ('<h1 id="practice-title" lang="en">' in html, '<p class="practice-text" lang="en">' in html) == (
        bool(note),
        bool(note),
    )
    assert note is None or note in html
    visitor.get(address_of(visitor, "review"))
    assert visitor.page.language == language


def test_a_practice_that_is_described_in_no_known_language_is_shown_in_the_first_there_is(house):
    with house[0].writing() as session:
        session.execute(delete(PracticeText).where(PracticeText.language.not_in(("de", "hu"))))

    visitor = at_first_practice(house[1], token(house, language="it"))
    html = visitor.get(address_of(visitor, "practice/1/know")).get_data(as_text=True)

    assert '<h1 id="practice-title" lang="de">' in html
    assert "Questa descrizione è disponibile solo in tedesco." in html
    with house[0].writing() as session:
        session.execute(delete(PracticeText))
    assert visitor.get(address_of(visitor, "review")).status_code == 200


def test_the_script_is_answered_in_a_language_of_the_study(house):
    visitor = at_first_practice(house[1], token(house, language="da"))
    with house[0].writing() as session:
        session.execute(update(Study).values(languages=["en"]))

    body = {
        "op_id": "11111111-1111-4111-8111-111111111111",
        "position": 1,
        "answers": [{"question": "FAM", "values": ["2"], "base_revision": 0}],
    }
    form_token = visitor.page.form("answers").data()["csrf_token"][0]
    answer = visitor.post(
        f"/api/v1/interviews/{interview_of(visitor)}/answers?lang=hu", json=body, headers={"X-CSRFToken": form_token}
    )

    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert json.loads(answer.get_data())["says"].startswith("Saved")


@pytest.mark.parametrize(
    ("language", "day", "task"),
    [
        ("en", "Friday, 18 December 2026", "Read one short description"),
        ("it", "venerdì 18 dicembre 2026", "Leggere una breve descrizione"),
        ("fr", "vendredi 18 décembre 2026", "Lire une courte description"),
        ("de", "Freitag, 18. Dezember 2026", "Sie lesen eine kurze Beschreibung"),
        ("sv", "fredag 18 december 2026", "Du läser en kort beskrivning"),
        ("da", "fredag den 18. december 2026", "Du læser én kort beskrivelse"),
        ("cs", "pátek 18. prosince 2026", "Přečtete si jeden krátký popis"),
        ("hu", "2026. december 18., péntek", "Egy rövid leírást olvas el"),
    ],
)
def test_days_and_numbers_are_those_of_the_language(house, language, day, task):
    with house[0].writing() as session:
        session.execute(
            update(Study).values(languages=LANGUAGES, closes_on=date(2026, 12, 18), practices_per_web_interview=1)
        )

    for region in ("lombardy", None):
        words = open_link(house[1], token(house, language=language, region=region)).page.words
        assert day in words
        assert task in words


def test_no_other_place_of_the_pages_decides_about_languages():
    """One rule, one home: pages ask `survey.texts.on_offer`, not the list of all languages."""
    web = Path(make.__file__).parents[1] / "survey" / "web"
    naming = {path.name for path in web.rglob("*.py") if "LANGUAGES" in path.read_text(encoding="utf-8")}

    assert naming == {"languages.py", "patience.py"}
