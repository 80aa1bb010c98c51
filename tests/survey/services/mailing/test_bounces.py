"""Mails that came back: from reports as mail servers write them, from lists, and noted once."""

import mailbox
from datetime import timedelta
from email import message_from_bytes

import make
import pytest
from mailing import SEAL, make_contact

from survey.models import Contact, Mail, MailKind, MailState, Respondent
from survey.services import contacts
from survey.services.contacts import Identity
from survey.services.errors import BadFields
from survey.services.mailing import bounces, outbox
from survey.services.mailing.outbox import Wanted

REPORT = """\
From: MAILER-DAEMON@mx.example.net
To: survey@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered. Write to postmaster@mx.example.net.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Tue, 10 Mar 2026 09:31:00 +0000

Final-Recipient: rfc822; {address}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: Recipient address rejected

--b
Content-Type: {quoted}

From: survey@example.org
To: {address}
Message-ID: {message_id}
Subject: Invitation

--b--
"""


def report(address="ada@example.org", *, action="failed", message_id="<none>", quoted="text/rfc822-headers"):
    return REPORT.format(address=address, action=action, message_id=message_id, quoted=quoted)


@pytest.fixture
def session(database):
    with database.writing() as writing:
        yield writing


@pytest.fixture
def study(session, now):
    return make.make_study(session, now=now)


@pytest.fixture
def sent(session, study, now):
    """Ada's invitation, sent."""
    respondent_id = make_contact(session, study, now=now).respondent_id
    wanted = Wanted(respondent_id, MailKind.INVITATION, 1, "en", now)
    outbox.queue(session, study.id, [wanted], created_by="command", domain="example.org", now=now)
    mail = session.query(Mail).one()
    outbox.take(session, worker="w", now=now)
    outbox.begin_handing_over(session, mail, now=now)
    outbox.settle(session, mail, MailState.SENT, now=now)
    return mail


def note(session, study, *given, now):
    found = [each for one in given for each in bounces.reports_in(str(one))]
    return bounces.note(session, SEAL, study.id, found, now=now)


@pytest.mark.parametrize("quoted", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize("way", ["file", "mbox", "folder", "maildir"])
def test_a_report_marks_mail_and_address_once(session, study, sent, now, tmp_path, quoted, way):
    words = report("somebody-else@example.net", message_id=sent.message_id, quoted=quoted)
    place = tmp_path / "reports"
    if way == "file":
        place.write_text(words)
    elif way == "folder":
        place.mkdir()
        (place / "1.eml").write_text(words)
    else:
        box = (mailbox.mbox if way == "mbox" else mailbox.Maildir)(place, create=True)
        box.add(message_from_bytes(words.encode()))
        box.close()

    first = note(session, study, place, now=now)
    again = note(session, study, place, now=now)

    assert (first.bounced, first.known_before, first.unknown) == (1, 0, [])
    assert (again.bounced, again.known_before, again.unknown) == (0, 1, [])
    assert sent.state is MailState.BOUNCED
    assert session.query(Contact).one().bounced_at == now


def test_by_address_where_the_report_does_not_quote_the_mail(session, study, sent, now, tmp_path):
    (tmp_path / "report").write_text(report("ADA@example.org"))

    assert note(session, study, tmp_path / "report", now=now).bounced == 1


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_what_is_no_failure_marks_nothing(session, study, sent, now, tmp_path, action):
    (tmp_path / "report").write_text(report(message_id=sent.message_id, action=action))

    assert note(session, study, tmp_path / "report", now=now) == bounces.Noted()
    assert sent.state is MailState.SENT


def test_a_list_of_addresses_and_message_ids(session, study, sent, now, tmp_path):
    (tmp_path / "list.csv").write_text(
        f"email;reason\nnobody@example.net;gone\n\n{sent.message_id}\n", encoding="utf-8-sig"
    )

    noted = note(session, study, tmp_path / "list.csv", "stranger@example.net", now=now)

    assert (noted.bounced, noted.unknown) == (1, ["nobody@example.net", "stranger@example.net"])


def test_another_studys_people_are_unknown(session, study, sent, now):
    other = make.make_study(session, key="other", now=now)

    assert note(session, other, "ada@example.org", sent.message_id, now=now).unknown == [
        "ada@example.org",
        sent.message_id,
    ]
    assert sent.state is MailState.SENT


@pytest.mark.parametrize("content", [b"\xff\xfe\x00 no text", None])
def test_what_is_no_report_is_refused_with_a_sentence(tmp_path, content):
    place = tmp_path / "file"
    if content is not None:
        place.write_bytes(content)

    with pytest.raises(BadFields, match="neither a"):
        bounces.reports_in(str(place))


@pytest.mark.parametrize("message_id", ["<>", "<a@", "<a@[b>", "<@>", "", '<"a@b>'])
def test_a_damaged_message_id_does_not_keep_the_other_reports_out(session, study, sent, now, tmp_path, message_id):
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "1").write_text(report("ada@example.org", message_id=message_id, quoted="message/rfc822"))
    (folder / "2").write_text(report("nobody@example.net"))

    noted = note(session, study, folder, now=now)

    assert (noted.bounced, noted.unknown) == (1, ["nobody@example.net"])


def correct_address(session, mail, now):
    respondent = session.get(Respondent, mail.respondent_id)
    contacts.keep(session, SEAL, respondent, Identity(name="Ada", email="right@example.org"), now=now)


@pytest.mark.parametrize("was_noted", [True, False])
def test_an_old_report_says_nothing_about_a_corrected_address(session, study, sent, now, tmp_path, was_noted):
    (tmp_path / "report").write_text(report(message_id=sent.message_id))
    if was_noted:
        note(session, study, tmp_path / "report", now=now)
    correct_address(session, sent, now + timedelta(hours=1))

    note(session, study, tmp_path / "report", now=now + timedelta(hours=2))

    assert sent.state is MailState.BOUNCED
    assert session.query(Contact).one().bounced_at is None
