"""What people get, parsed back as their mail programs do: both parts, every language, and nothing that bites."""

import email
import re
from datetime import UTC, date, datetime
from email.policy import default
from types import SimpleNamespace

import pytest

from survey.models import MailKind
from survey.services.mailing.message import compose
from survey.services.mailing.words import Content, words_of
from survey.settings import Encryption, MailServer
from survey.texts import LANGUAGES, ui

LINK = "https://survey.example.org/link/" + "x" * 43
SERVER = MailServer("mail.example.org", 587, Encryption.STARTTLS, "Practice survey", "survey@example.org")
CONTENT = Content(
    kind=MailKind.INVITATION,
    language="en",
    study="Alpine practices",
    owner="The chamber of Milan asks.",
    practices=6,
    closes_on=date(2026, 12, 18),
    contact="lead@example.org",
    name="Ada Lovelace",
    own_words="We met in March.\n\nYour view counts.",
    link=LINK,
    stop=f"{LINK}/stop",
)
NASTY = [
    '"><h1>x</h1><img src=x onerror=alert(1)>',
    "Bob\r\nBcc: victim@example.org",
    "=?utf-8?q?Bob=0D=0ABcc:_victim@example.org?=",
    '"Bob" <victim@example.org>',
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "مرحبا שלום 你好",
    "{link} {0.__class__} %s",
    "é" * 5000,
    ".\r\n.",
]


def changed(**values):
    fields = {name: getattr(CONTENT, name) for name in CONTENT.__slots__}
    return Content(**(fields | values))


def parsed(content, *, recipient="ada@example.org", server=SERVER):
    message = compose(
        words_of(content),
        server=server,
        recipient=recipient,
        reply_to=content.contact,
        stop=content.stop,
        message_id="<0123@example.org>",
        language=content.language,
        now=datetime(2026, 3, 10, 9, 30, tzinfo=UTC),
    )
    mail = email.message_from_bytes(message, policy=default)
    return SimpleNamespace(
        raw=message,
        mail=mail,
        text=mail.get_body(("plain",)).get_content().replace("\r\n", "\n"),
        html=mail.get_body(("html",)).get_content().replace("\r\n", "\n"),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(MailKind))
def test_both_parts_say_the_same_in_every_language(language, kind):
    found = parsed(changed(language=language, kind=kind))
    t = ui(language)

    assert found.mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in found.mail.iter_parts()] == ["text/plain", "text/html"]
    for part in (found.text, found.html):
        assert "Ada Lovelace" in part
        assert "Alpine practices" in part
        assert LINK in part
        assert f"{LINK}/stop" in part
        assert "lead@example.org" in part
        assert t("mail.stop") in part
        assert "2026" in part
        assert not re.search(r"\{[a-z_]+\}", part)
    assert f'<html lang="{language}">' in found.html
    assert found.mail["Content-Language"] == language
    assert "Alpine practices" in found.mail["Subject"]


def test_the_headers_are_those_of_a_mail_that_a_program_sends_on_behalf_of_people():
    found = parsed(CONTENT).mail

    assert found["From"].addresses[0].display_name == "Practice survey"
    assert found["From"].addresses[0].addr_spec == "survey@example.org"
    assert found["To"] == "ada@example.org"
    assert found["Reply-To"] == "lead@example.org"
    assert found["Message-ID"] == "<0123@example.org>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["List-Unsubscribe"] == f"<{LINK}/stop>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["Date"].datetime == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def test_nothing_is_loaded_and_nobody_is_followed():
    html = parsed(CONTENT).html

    assert not re.search(r"<(img|link|script|iframe|object|video|form|style)\b|url\(|@import|src=", html)
    assert set(re.findall(r'href="([^"]+)"', html)) == {LINK, f"{LINK}/stop", "mailto:lead@example.org"}


def test_lines_are_short_and_of_seven_bits():
    raw = parsed(changed(language="hu", own_words="á" * 5000)).raw

    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_what_is_not_there_is_left_out():
    found = parsed(changed(name="", own_words="", closes_on=None))

    assert found.text.startswith("Hello,\n\nWe invite you")
    assert "Until when" not in found.text
    assert "None" not in found.text


def test_the_leads_own_words_stand_in_invitations_with_their_paragraphs():
    found = parsed(CONTENT)

    assert "We met in March.\n\nYour view counts.\n\nWe invite you" in found.text
    assert '<p dir="auto" style="margin:0 0 16px">We met in March.</p>' in found.html


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("field", ["name", "own_words", "study", "owner"])
def test_names_and_words_are_words_and_nothing_else(field, nasty):
    found = parsed(changed(**{field: nasty}))
    plain = parsed(CONTENT)

    assert found.mail.keys() == plain.mail.keys()
    assert [str(each) for each in found.mail["To"].addresses] == ["ada@example.org"]
    assert len(found.mail.get_all("Subject")) == 1
    assert "\n" not in found.mail["Subject"]
    # The tags are those of a harmless mail, whatever was put in; only paragraphs and line breaks depend on the words.
    tags = re.findall(r"<(?!/?p\b|br>)[^>]*>", found.html)
    assert len(tags) == len(re.findall(r"<(?!/?p\b|br>)[^>]*>", plain.html))
    assert "<h1>" not in found.html
    assert "<img" not in found.html


@pytest.mark.parametrize(
    "sender", ["=?utf-8?q?Bob=0ABcc:_x@example.org?=", 'Bob "the" <b>', "Årets nätverk", "x" * 300]
)
def test_a_senders_name_is_a_name(sender):
    server = MailServer("mail.example.org", 587, Encryption.STARTTLS, sender, "survey@example.org")

    found = parsed(CONTENT, server=server).mail

    assert [each.addr_spec for each in found["From"].addresses] == ["survey@example.org"]
    assert found["Bcc"] is None
    assert found["From"].addresses[0].display_name.replace("\N{WORD JOINER}", "") == sender


def test_a_title_that_looks_encoded_is_shown_as_it_is():
    subject = parsed(changed(study="=?utf-8?q?Bcc=3A_x?=")).mail["Subject"]

    assert subject.replace("\N{WORD JOINER}", "") == "Invitation to take part: =?utf-8?q?Bcc=3A_x?="


def test_an_address_with_letters_of_its_own_is_kept():
    found = parsed(CONTENT, recipient="évá@example.org")

    assert found.mail["To"] == "évá@example.org"


@pytest.mark.parametrize(
    ("recipient", "reply_to"), [("ada@example.org", None), ("jürg@example.org", "josé@example.org")]
)
def test_a_contact_that_cannot_be_written_for_everybody_is_no_broken_header(recipient, reply_to):
    assert parsed(changed(contact="josé@example.org"), recipient=recipient).mail["Reply-To"] == reply_to
