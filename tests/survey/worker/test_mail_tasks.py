"""The worker sends what waits and plans reminders, and leaves mails alone where there is no mail server."""

import uuid
from datetime import timedelta

import pytest
from mailing import Desk
from postbox import postbox

from survey.models import MailKind
from survey.settings import Settings
from survey.worker.context import Context
from survey.worker.tasks import TASKS


@pytest.fixture
def box():
    with postbox() as running:
        yield running


def run(kind, desk, folder, server):
    settings = Settings(data_dir=folder, secret_key="s" * 40, contact_key="k" * 64, mail_server=server)
    context = Context(settings, desk.database, desk.clock, uuid.uuid4(), None, {}, lambda _done, _total=None: None)
    return TASKS[kind].run(context)


def test_mails_go_out_and_reminders_follow_by_rule(sqlite_database, box, now, tmp_path):
    desk = Desk(sqlite_database, box, now, people=2)
    desk.queue()
    assert run("send_mails", desk, tmp_path, None) is None
    assert desk.states() == ["waiting", "waiting"]

    assert run("send_mails", desk, tmp_path, box.server()) == {"outcome": "2 sent", "stopped": ""}
    assert run("plan_reminders", desk, tmp_path, box.server()) == {"queued": 0}
    desk.clock.now += timedelta(days=7)
    assert run("plan_reminders", desk, tmp_path, box.server()) == {"queued": 2}
    assert run("send_mails", desk, tmp_path, box.server())["outcome"] == "2 sent"
    assert desk.plan(MailKind.REMINDER)[0].mail_number == 2
