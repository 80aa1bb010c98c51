"""`survey mails` and `survey study mail-rules`, as leads use them."""

import re
from datetime import UTC, datetime

import make
import pytest
from mailing import make_contact
from postbox import free_port, postbox

from survey.models import Mail
from survey.services import contacts

ENVIRON = {"SURVEY_CONTACT_KEY": "k" * 64, "SURVEY_MAIL_FROM": "Survey <survey@example.org>"}


@pytest.fixture
def study(installation, monkeypatch):
    """A study with two people with addresses, which mails around the clock from Monday to Friday."""
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SURVEY_SMTP_URL", raising=False)
    now = datetime.now(UTC)
    with installation.writing() as session:
        made = make.make_study(session, now=now, key="alps")
        made.mail_from_hour, made.mail_until_hour = 0, 24
        for name in ("ada", "bob"):
            make_contact(session, made, now=now, email=f"{name}@example.org", language="it")
        opted_out = make_contact(session, made, now=now, email="eve@example.org", region="munich")
        contacts.opt_out(session, opted_out.respondent_id, now=now)
    return installation


@pytest.fixture
def box(monkeypatch):
    with postbox() as running:
        monkeypatch.setenv("SURVEY_SMTP_URL", f"smtp://127.0.0.1:{running.port}")
        yield running


@pytest.fixture
def working_day(monkeypatch):
    """The weekend is no reason for a test to fail."""
    monkeypatch.setattr("survey.services.mailing.rules.is_working_day", lambda _day: True)


def count(database):
    with database.reading() as session:
        return session.query(Mail).count()


def test_the_dry_run_prints_the_list_and_changes_nothing(survey, study, working_day):
    result = survey("mails", "invite", "--study", "alps", "--dry-run")

    assert re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", result.stdout) == (
        "1\tit\tinvitation 1 at TIME\n2\tit\tinvitation 1 at TIME\n3\ten\tnone: does not want to be contacted\n"
    )
    assert "2 would be queued. Nothing was changed." in result.stderr
    assert count(study) == 0


def test_invitations_are_queued_once_and_wait_without_a_server(survey, study, working_day):
    first = survey("mails", "invite", "--study", "alps")
    again = survey("mails", "invite", "--study", "alps")

    assert "2 queued." in first.stderr
    assert "No mail server is set" in first.stderr
    assert "0 queued." in again.stderr
    assert "1\tit\tnone: was invited by mail already" in again.stdout
    assert count(study) == 2
    refused = survey("mails", "send")
    assert refused.exit_code == 1
    assert refused.stderr.endswith("so mails wait.\n")


def test_real_people_get_no_mail_about_simulated_answers_unless_it_is_meant(survey, study, working_day):
    assert survey("simulate", "--study", "alps", "--interviews", 1).exit_code == 0

    assert survey("mails", "invite", "--study", "alps", "--dry-run").exit_code == 0
    for command in ("invite", "remind"):
        refused = survey("mails", command, "--study", "alps")
        assert (refused.exit_code, "has simulated answers" in refused.stderr) == (1, True)
    assert count(study) == 0
    assert survey("mails", "invite", "--study", "alps", "--although-simulated").exit_code == 0
    assert count(study) == 2


def test_a_limit_and_a_region_choose_among_them(survey, study, working_day):
    limited = survey("mails", "invite", "--study", "alps", "--limit", 1)
    assert "2\tit\tnone: beyond the limit" in limited.stdout
    assert count(study) == 1

    assert survey("mails", "invite", "--study", "alps", "--region", "munich").stdout.startswith("3\ten\tnone")
    assert survey("mails", "invite", "--study", "alps", "--region", "mars").exit_code == 1


def test_mails_are_sent_and_listed_with_addresses_only_when_asked(survey, study, box, working_day):
    survey("mails", "invite", "--study", "alps")

    assert survey("mails", "send").stdout == "2 sent.\n"
    assert sorted(box.recipients) == ["ada@example.org", "bob@example.org"]
    assert box.mails()[0]["Subject"] == "Invito a partecipare: Uno studio di prova"

    listed = survey("mails", "list", "--study", "alps")
    assert "@" not in listed.stdout
    assert listed.stderr == "2 sent\n"
    assert "ada@example.org" in survey("mails", "list", "--study", "alps", "--show-addresses").stdout
    assert survey("mails", "list", "--study", "alps", "--state", "failed").stderr == "No mails.\n"

    mail_id = listed.stdout.split("\t")[0]
    assert "sent\t250 2.0.0 Taken" in survey("mails", "show", mail_id).stdout


def test_a_server_that_is_away_is_told_and_nothing_is_lost(survey, study, monkeypatch, working_day):
    monkeypatch.setenv("SURVEY_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    survey("mails", "invite", "--study", "alps")

    result = survey("mails", "send")

    assert result.exit_code == 1
    assert "0 sent; 2 waiting." in result.stdout
    assert "cannot be reached" in result.stderr
    assert survey("mails", "list", "--study", "alps").stderr == "2 waiting\n"


def test_a_mail_can_be_cancelled_and_a_failed_one_sent_again(survey, study, box, working_day):
    survey("mails", "invite", "--study", "alps", "--limit", 1)
    mail_id = survey("mails", "list", "--study", "alps").stdout.split("\t")[0]
    refused = survey("mails", "retry", mail_id)
    assert (refused.exit_code, "this one is waiting" in refused.stderr) == (1, True)
    box.to_recipient = ["550 5.7.1 No"]
    survey("mails", "send")

    assert survey("mails", "retry", mail_id).stdout == "The mail waits to be sent again.\n"
    assert survey("mails", "cancel", mail_id).stdout == "The mail is cancelled.\n"
    assert survey("mails", "send").stdout == "0 sent.\n"
    for unknown in ("0" * 12, "xyz", ""):
        assert survey("mails", "show", unknown).exit_code == 1


def test_mails_that_waited_in_a_backup_are_sent_again_only_by_a_person(survey, study, box, working_day):
    survey("mails", "invite", "--study", "alps")
    survey("backup", "b")
    survey("mails", "send")
    study.dispose()

    restored = survey("restore", "--replace", "b")

    assert "Mails that may have been sent after the backup, now uncertain: 2." in restored.stderr
    assert survey("mails", "send").stdout == "0 sent.\n"
    ids = [line.split("\t")[0] for line in survey("mails", "list", "--study", "alps").stdout.splitlines()]
    assert survey("mails", "retry", *ids).stdout == "2 mails wait to be sent again.\n"
    assert survey("mails", "send").stdout == "2 sent.\n"


def test_what_came_back_is_noted_and_unknown_ones_are_named(survey, study, box, working_day, tmp_path):
    survey("mails", "invite", "--study", "alps")
    survey("mails", "send")
    (tmp_path / "list.txt").write_text("ada@example.org\nmallory@example.org\n")

    result = survey("mails", "bounce", "--study", "alps", tmp_path / "list.txt")

    assert result.stdout == "1 new, 0 known before, 1 of nobody here.\n"
    assert result.stderr == "Nobody in the study alps: mallory@example.org\n"
    assert survey("mails", "list", "--study", "alps").stderr == "1 bounced, 1 sent\n"
    refused = survey("mails", "bounce", "--study", "alps", "neither")
    assert (refused.exit_code, "neither a file nor an address" in refused.stderr) == (1, True)


def test_a_preview_is_the_mail_with_invented_values(survey, study):
    text = survey("mails", "preview", "--study", "alps", "--language", "it", "--kind", "reminder").stdout
    html = survey("mails", "preview", "--study", "alps", "--html").stdout

    assert text.startswith("Promemoria: Uno studio di prova\n\nGentile Ada Lovelace,\n\n")
    assert html.startswith("<!DOCTYPE html>")


def test_the_rules_of_a_study_are_set_and_printed(survey, study):
    result = survey("study", "mail-rules", "alps", "--gap-days", 5, "--reminders", 3, "--hours", "8-18")

    assert result.stdout == (
        "At most 3 reminders, each at least 5 days after the mail before, "
        "from 8 to 18 o'clock where the person is, Monday to Friday.\n"
    )
    assert survey("study", "mail-rules", "alps").stdout == result.stdout
    for hours in ("17-9", "9", "nine-five", "0-25", "9-9"):
        refused = survey("study", "mail-rules", "alps", "--hours", hours)
        assert (refused.exit_code, "are no hours such as 9-17" in refused.stderr) == (1, True)


def test_reminders_say_who_gets_which_and_why_not(survey, study, working_day):
    survey("mails", "invite", "--study", "alps", "--limit", 1)

    result = survey("mails", "remind", "--study", "alps", "--dry-run")

    assert result.stdout == (
        "1\tit\tnone: a mail is on its way already\n"
        "2\tit\tnone: was not invited by mail\n"
        "3\ten\tnone: does not want to be contacted\n"
    )


def test_another_key_for_addresses_is_told_before_anything_is_sent(survey, study, box, working_day, monkeypatch):
    survey("mails", "invite", "--study", "alps")
    monkeypatch.setenv("SURVEY_CONTACT_KEY", "o" * 64)

    result = survey("mails", "send")

    assert (result.exit_code, "cannot be read with the present key" in result.stderr) == (1, True)
    assert box.messages == []
