"""Real conversations with a real mail server: what goes out, once, and what becomes of it when the server says no."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import make
import pytest
from mailing import BASE, SEAL, Desk, make_contact
from postbox import certificate, free_port, lets_in, postbox
from sqlalchemy import update

from survey.models import Contact, Interview, InterviewState, Mail, MailKind, MailState, Respondent, Study
from survey.queries import mails
from survey.services import contacts, inviting, studying
from survey.services.errors import LinkInvalid, NotAllowed, Unreadable
from survey.services.inviting import arrive
from survey.services.mailing import outbox, planning
from survey.services.mailing.sending import House, send_due
from survey.services.mailing.transport import Transport
from survey.services.sealing import Seal
from survey.settings import Encryption


@pytest.fixture
def box():
    with postbox() as running:
        yield running


@pytest.fixture
def desk(database, box, now):
    return Desk(database, box, now, people=3)


@pytest.fixture
def one(database, box, now):
    """A desk with one person who is invited."""
    made = Desk(database, box, now, people=1)
    made.queue()
    return made


def token_in(mail):
    text = mail.get_body(("plain",)).get_content()
    return next(line for line in text.splitlines() if line.startswith(BASE)).removeprefix(f"{BASE}/link/")


def change(desk, table, **values):
    with desk.database.writing() as session:
        session.execute(update(table).values(**values))


def test_everybody_gets_one_mail_however_often_it_is_asked_for(desk, box):
    assert (desk.queue(), desk.queue()) == (3, 0)

    assert str(desk.send()) == "3 sent"
    assert str(desk.send()) == "0 sent"

    assert sorted(box.recipients) == ["person0@example.org", "person1@example.org", "person2@example.org"]
    assert box.connections == 1
    assert desk.states() == ["sent"] * 3
    assert desk.log()[-1] == ("sent", "250 2.0.0 Taken")


def test_the_link_in_a_mail_opens_the_pages_and_earlier_links_go_on_working(desk, box, database):
    with database.writing() as session:
        study = session.get(Study, desk.study_id)
        earlier = make_contact(session, study, now=desk.clock(), email="early@example.org").token
    desk.queue()
    desk.send()

    tokens = {token_in(mail): mail["To"].addresses[0].addr_spec for mail in box.mails()}
    with database.reading() as session:
        for token, address in tokens.items():
            respondent = arrive(session, token, now=desk.clock()).respondent
            assert contacts.identity_of(session, SEAL, respondent.id).email == address
        assert arrive(session, earlier, now=desk.clock()).respondent is not None


def test_links_end_a_month_after_the_study(database, box, now):
    desk = Desk(database, box, now, people=1, closes_on=datetime(2026, 6, 30, tzinfo=UTC).date())
    desk.queue()
    desk.send()

    token = token_in(box.mails()[0])
    with database.reading() as session:
        assert arrive(session, token, now=datetime(2026, 7, 30, 23, 59, tzinfo=UTC)).closed
        with pytest.raises(LinkInvalid):
            arrive(session, token, now=datetime(2026, 7, 31, tzinfo=UTC))


def test_a_reminder_comes_after_the_gap_and_goes_to_the_unfinished_only(desk, box, database):
    desk.queue()
    desk.send()
    box.messages.clear()
    with database.writing() as session:
        finished = session.query(Respondent).filter_by(number=2).one()
        token = inviting.reissue(session, finished.id, now=desk.clock())
        interview_id = make.begin(session, token, language="en", now=desk.clock())
        session.get(Interview, interview_id).state = InterviewState.DECLINED

    desk.clock.forward(days=7, seconds=-1)
    assert desk.queue(MailKind.REMINDER) == 0
    desk.clock.forward(seconds=1)
    assert (desk.queue(MailKind.REMINDER), desk.queue(MailKind.REMINDER)) == (2, 0)
    desk.send()

    assert sorted(box.recipients) == ["person0@example.org", "person2@example.org"]
    assert box.mails()[0]["Subject"] == "Reminder: A study for tests"


def test_all_studies_are_reminded_by_rule_until_the_limit(one, box, database):
    one.send()
    for _ in range(5):
        one.clock.forward(days=7)
        planning.queue_reminders(database, domain="example.org", now=one.clock())
        one.send()

    assert [mail["Subject"] for mail in box.mails()] == [
        "Invitation to take part: A study for tests",
        "Reminder: A study for tests",
        "Reminder: A study for tests",
    ]


def test_nobody_is_reminded_of_a_demonstration_by_rule(one, database):
    change(one, Study, simulated=True)
    one.send()

    assert planning.queue_reminders(database, domain="example.org", now=one.clock.forward(days=30)) == 0
    change(one, Study, simulated=False)
    assert planning.queue_reminders(database, domain="example.org", now=one.clock()) == 1


@pytest.mark.parametrize(
    ("table", "values", "reason"),
    [
        (Contact, {"opted_out_at": datetime(2026, 3, 1, tzinfo=UTC)}, "does not want to be contacted"),
        (Contact, {"bounced_at": datetime(2026, 3, 1, tzinfo=UTC)}, "no mail reaches the address"),
        (Contact, {"email_print": None}, "no e-mail address is known"),
        (Study, {"state": "closed"}, "the study is closed"),
    ],
)
@pytest.mark.parametrize("moment", ["before it is taken", "right before the dot"])
def test_a_reason_that_went_away_cancels_the_mail(one, box, monkeypatch, table, values, reason, moment):
    if moment == "before it is taken":
        change(one, table, **values)
    else:
        whole = Transport.hand_over

        def meanwhile(self, recipient, message, *, before_the_dot):
            change(one, table, **values)
            return whole(self, recipient, message, before_the_dot=before_the_dot)

        monkeypatch.setattr(Transport, "hand_over", meanwhile)

    assert str(one.send()) == "0 sent, 1 cancelled"
    assert box.messages == []
    assert one.log()[-1] == ("cancelled", reason)


def test_mails_wait_for_the_hours_where_the_person_is(one, box):
    one.clock.now = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)

    assert str(one.send()) == "0 sent, 1 wait for the hours of their study"
    one.clock.now = datetime(2026, 3, 11, 7, 59, 59, tzinfo=UTC)
    assert str(one.send()) == "0 sent"
    one.clock.now = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
    assert str(one.send()) == "1 sent"


def test_a_server_that_is_away_for_an_hour_loses_and_doubles_nothing(database, now):
    port = free_port()
    with postbox(port=port) as box:
        desk = Desk(database, box, now, people=3)
    desk.queue()
    for _ in range(60):
        desk.clock.forward(minutes=1)
        outcome = desk.send()
        assert outcome.stopped.startswith("The mail server 127.0.0.1 cannot be reached: ")
        assert outcome.done == 0
    with database.reading() as session:
        assert [mail.attempts for mail in session.query(Mail)] == [0, 0, 0]

    with postbox(port=port) as box:
        desk.box = box
        assert str(desk.send()) == "3 sent"
        assert len(set(box.recipients)) == 3


def test_a_recipient_who_is_refused_for_now_gets_the_same_mail_later(one, box):
    box.to_recipient = ["451 4.7.1 Greylisted, please try person0@example.org again"]

    assert str(one.send()) == "0 sent, 1 will be tried again"
    assert one.log()[-1] == ("delayed", "451 4.7.1 Greylisted, please try (address) again")
    assert str(one.send()) == "0 sent"
    one.clock.forward(seconds=59)
    assert str(one.send()) == "0 sent"
    one.clock.forward(seconds=1)
    assert str(one.send()) == "1 sent"
    assert len(box.messages) == 1


def test_a_refusal_of_the_whole_mail_for_now_leaves_no_link_that_works(one, box, database):
    box.to_mail = ["452 4.3.1 Disk full"]

    assert str(one.send()) == "0 sent, 1 will be tried again"
    with database.reading() as session:
        alive = [link for link in session.query(inviting.Link) if link.revoked_at is None]
        assert len(alive) == 1  # the one that was made with the respondent
    one.clock.forward(minutes=1)
    assert str(one.send()) == "1 sent"


def test_attempts_end_after_three_days(one, box):
    box.to_recipient = ["450 4.2.1 Not now"] * 100
    for _ in range(60):
        one.send()
        one.clock.forward(hours=6)

    assert one.states() == ["failed"]
    assert one.log()[-1][1].startswith("given up after ")


@pytest.mark.parametrize(
    ("said", "is_bounced"),
    [("550 5.1.1 No such user", True), ("550 5.7.1 Spam", False), ("550 5.1.0 Sender denied", False)],
)
def test_a_recipient_who_is_refused_for_good_fails_and_the_others_go_on(desk, box, database, said, is_bounced):
    desk.queue()
    box.to_recipient = ["", said]

    assert str(desk.send()) == "2 sent, 1 failed"
    with database.reading() as session:
        assert [contact.bounced_at is not None for contact in session.query(Contact)].count(True) == is_bounced
    assert desk.log()[-2] == ("failed", said) or ("failed", said) in desk.log()


@pytest.mark.parametrize("kept", ["another key", "no address"])
def test_an_address_that_cannot_be_used_fails_alone(desk, box, database, kept):
    desk.queue()
    with database.writing() as session:
        second = session.query(Contact).join(Respondent, Respondent.id == Contact.respondent_id).filter_by(number=2)
        contact = second.one()
        seal, word = (Seal("o" * 64), "a@example.org") if kept == "another key" else (SEAL, "a@b@c")
        contact.sealed = seal.close(f'{{"email": "{word}"}}', of=contact.respondent_id)

    assert str(desk.send()) == "2 sent, 1 failed"
    assert ("failed", "what is kept as the address cannot be used") in desk.log()


@pytest.mark.parametrize("said", ["550 5.1.8 Sender address rejected", "450 4.1.8 Sender: Domain not found"])
def test_a_sender_who_is_refused_late_is_no_fault_of_the_recipients(desk, box, database, said):
    desk.queue()
    box.to_recipient = [said]

    outcome = desk.send()

    assert (str(outcome), "refuses the sender" in outcome.stopped) == ("0 sent", True)
    assert desk.states() == ["waiting"] * 3
    with database.reading() as session:
        assert not any(contact.bounced_at for contact in session.query(Contact))


@pytest.mark.parametrize("what", ["sender", "sign in", "encryption", "certificate"])
def test_a_server_that_takes_nothing_stops_the_run_and_costs_no_mail_an_attempt(database, now, tmp_path, what):
    options, server, words = {}, {}, "does not offer encryption"
    if what == "sign in":
        options = {"authenticator": lets_in("me", "right"), "auth_require_tls": False}
        server, words = {"user": "me", "password": "wrong"}, "refuses the user of SURVEY_SMTP_URL: 535"
    elif what == "certificate":
        options, words = {"tls_context": certificate(tmp_path)[1]}, "certificate verify failed"
    if what in {"encryption", "certificate"}:
        server = {"encryption": Encryption.STARTTLS}
    with postbox(**options) as box:
        if what == "sender":
            box.to_sender, words = ["550 5.7.1 You may not write as this"], "refuses the sender survey@example.org: 550"
        desk = Desk(database, box, now, people=2)
        desk.queue()

        outcome = desk.send(**server)

    assert words in outcome.stopped
    assert "wrong" not in outcome.stopped
    assert (outcome.done, box.messages, desk.states()) == (0, [], ["waiting", "waiting"])
    with database.reading() as session:
        assert [mail.attempts for mail in session.query(Mail)] == [0, 0]


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.FROM_THE_START])
def test_mails_go_encrypted_and_signed_in(sqlite_database, now, tmp_path, encryption):
    trusted, context = certificate(tmp_path)
    if encryption is Encryption.STARTTLS:
        options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    else:
        # aiosmtpd knows STARTTLS only as encryption; here the whole conversation is.
        options = {"ssl_context": context, "auth_require_tls": False}
    options["authenticator"] = lets_in("me", "right")
    with postbox(**options) as box:
        desk = Desk(sqlite_database, box, now, people=2)
        desk.queue()
        server = box.server(encryption=encryption, user="me", password="right")
        with Transport(server, trusted=trusted) as transport:
            outcome = send_due(House(sqlite_database, SEAL, server, BASE, desk.clock), transport)

    assert (str(outcome), outcome.stopped) == ("2 sent", "")
    assert len(box.messages) == 2


@pytest.mark.parametrize("trouble", ["to_recipient", "in_the_middle"])
def test_a_connection_that_breaks_before_the_dot_costs_nothing_but_time(one, box, monkeypatch, trouble):
    setattr(box, trouble, ["hang" if trouble == "to_recipient" else "hang up"])
    whole = Transport.hand_over

    def patiently(self, recipient, message, *, before_the_dot):
        def when_it_hung_up():
            assert box.in_the_middle or box.hung_up.wait(5)
            before_the_dot()

        return whole(self, recipient, message, before_the_dot=when_it_hung_up)

    if trouble == "in_the_middle":
        monkeypatch.setattr(Transport, "hand_over", patiently)

    assert str(one.send()) == "0 sent, 1 will be tried again"
    one.clock.forward(minutes=1)
    assert str(one.send()) == "1 sent"
    assert len(box.messages) == 1


@pytest.mark.parametrize("trouble", ["hang", "hang up"])
def test_a_connection_that_breaks_after_the_dot_leaves_a_mail_that_nobody_sends_again(one, box, database, trouble):
    box.to_mail = [trouble]

    assert str(one.send()) == "0 sent, 1 uncertain"
    one.clock.forward(days=1)
    assert str(one.send()) == "0 sent"
    assert one.log()[-1][0] == "uncertain"
    # It counts as sent, so that the next mail is a reminder after the gap.
    assert one.queue() == 0
    one.clock.forward(days=5)
    assert one.queue(MailKind.REMINDER) == 0
    one.clock.forward(days=1)
    assert one.queue(MailKind.REMINDER) == 1


def test_what_a_dead_process_left_is_taken_up_or_named(one, box, database):
    with database.writing() as session:
        mail_id = outbox.take(session, worker="dead", now=one.clock())
    one.clock.forward(minutes=10, seconds=-1)
    assert str(one.send()) == "0 sent"
    one.clock.forward(seconds=1)
    one.send()
    one.clock.forward(minutes=1)
    assert str(one.send()) == "1 sent"

    with database.writing() as session:
        outbox.retry(session, _failed(session, mail_id), now=one.clock())
        outbox.take(session, worker="dead", now=one.clock())
        outbox.begin_handing_over(session, session.get_one(Mail, mail_id), now=one.clock())
    one.clock.forward(minutes=10)
    assert str(one.send()) == "0 sent, 1 uncertain"
    assert one.log()[-1] == ("uncertain", "the program ended while handing it over")
    assert len(box.messages) == 1


def _failed(session, mail_id):
    mail = session.get_one(Mail, mail_id)
    outbox.settle(session, mail, MailState.FAILED, now=datetime.now(UTC))
    return mail


def test_two_hands_never_have_the_same_mail(desk, database):
    desk.queue()
    with database.writing() as session:
        taken = {outbox.take(session, worker=str(number), now=desk.clock()) for number in range(3)}
        assert outbox.take(session, worker="late", now=desk.clock()) is None

    assert len(taken) == 3
    with database.writing() as session:
        for mail_id in taken:
            assert outbox.held(session, mail_id, worker="late", state=MailState.SENDING, now=desk.clock()) is None


def test_two_runs_at_once_share_the_work_and_double_nothing(database, box, now):
    desk = Desk(database, box, now, people=20)
    desk.queue()

    with ThreadPoolExecutor(2) as threads:
        outcomes = [each.result() for each in [threads.submit(desk.send) for _ in range(2)]]

    assert sum(outcome.sent for outcome in outcomes) == 20
    assert len(set(box.recipients)) == len(box.recipients) == 20


def test_a_hand_that_lost_its_mail_does_not_hand_it_over(one, box, database, monkeypatch):
    whole = Transport.hand_over

    def slowly(self, recipient, message, *, before_the_dot):
        one.clock.forward(minutes=10)
        return whole(self, recipient, message, before_the_dot=before_the_dot)

    monkeypatch.setattr(Transport, "hand_over", slowly)

    assert str(one.send()) == "0 sent"
    assert box.messages == []
    assert one.states() == ["sending"]


def test_who_asked_for_a_link_does_not_wait_behind_others(desk, box, database):
    desk.queue()
    with database.writing() as session:
        respondent = session.query(Respondent).filter_by(number=3).one()
        wanted = outbox.Wanted(respondent.id, MailKind.RESUME, 1, "en", desk.clock() - timedelta(days=30))
        outbox.queue(session, desk.study_id, [wanted], created_by="respondent", domain="x.org", now=desk.clock())

    desk.send(limit=1)

    assert box.mails()[0]["Subject"] == "Your link: A study for tests"


def test_a_plan_asks_the_database_once_for_all(desk, database, count_queries):
    with database.reading() as session:
        study = session.get(Study, desk.study_id)
        with count_queries(database) as queries:
            planned = planning.plan(session, study, MailKind.INVITATION, now=desk.clock())

    assert (len(planned), queries.count) == (3, 1)


def test_the_plan_is_what_is_queued(desk, database):
    with database.writing() as session:
        contacts.opt_out(session, session.query(Respondent).filter_by(number=1).one().id, now=desk.clock())
    due = {each.respondent_id for each in desk.plan() if each.is_due(desk.clock())}

    desk.queue()

    with database.reading() as session:
        assert {mail.respondent_id for mail in session.query(Mail)} == due
    assert len(due) == 2


def test_a_mail_that_waits_can_be_cancelled_and_one_that_is_sent_cannot(one, database):
    with database.writing() as session:
        mail = session.query(Mail).one()
        outbox.cancel(session, mail, reason="a person said so", now=one.clock())
        with pytest.raises(NotAllowed, match="it is cancelled"):
            outbox.cancel(session, mail, reason="again", now=one.clock())
    assert str(one.send()) == "0 sent"


def test_an_invitation_that_was_cancelled_can_go_out_after_all(one, box, database):
    with database.writing() as session:
        studying.close_study(session, session.get(Study, one.study_id), now=one.clock())
    assert str(one.send()) == "0 sent, 1 cancelled"

    with database.writing() as session:
        outbox.retry(session, session.query(Mail).one(), now=one.clock())
    assert str(one.send()) == "0 sent, 1 cancelled"
    with database.writing() as session:
        studying.open_study(session, session.get(Study, one.study_id), now=one.clock())
        outbox.retry(session, session.query(Mail).one(), now=one.clock())

    assert str(one.send()) == "1 sent"
    with database.writing() as session, pytest.raises(NotAllowed, match="this one is sent"):
        outbox.retry(session, session.query(Mail).one(), now=one.clock())


def test_mails_that_may_have_been_sent_after_a_backup_are_not_sent_again(desk, box, database):
    desk.queue()
    desk.send(limit=1)
    with database.writing() as session:
        first, second = session.query(Mail).where(Mail.state == MailState.WAITING).order_by(Mail.id)
        outbox.take(session, worker="of the time of the backup", now=desk.clock())
        later = second if first.state is MailState.SENDING else first
        later.not_before = desk.clock() + timedelta(days=30)
        box.messages.clear()

    with database.writing() as session:
        assert outbox.hold_restored(session, now=desk.clock.forward(days=9)) == 1

    assert desk.states() == ["sent", "uncertain", "waiting"]
    assert str(desk.send()) == "0 sent"
    assert desk.queue(MailKind.REMINDER) == 1


def test_another_key_than_the_addresses_were_sealed_with_stops_before_anything_is_touched(one, box):
    house = House(one.database, Seal("o" * 64), box.server(), BASE, one.clock)

    with Transport(box.server()) as transport, pytest.raises(Unreadable):
        send_due(house, transport)

    assert one.states() == ["waiting"]


def test_nothing_in_the_log_names_an_address(desk, box, database):
    desk.queue()
    box.to_recipient = ["550 5.1.1 <person0@example.org>: unknown", "450 4.2.1 person1@example.org is full"]
    desk.send()

    assert not any("@" in detail for _, detail in desk.log())


def test_a_study_that_closes_takes_waiting_mails_back(one, box, database):
    with database.writing() as session:
        studying.close_study(session, session.get(Study, one.study_id), now=one.clock())

    assert str(one.send()) == "0 sent, 1 cancelled"
    with database.reading() as session:
        assert mails.waiting(session) == 0
