"""The reply is lost, the same save comes twice, or it comes with an old token or after the end of a session."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from faults.clients import Load
from faults.installations import install
from faults.proxy import CuttingProxy
from sqlalchemy import select, update

from survey.database import Database
from survey.models import AnswerChange, WebSession


def lose_replies(installation, saves):
    with installation.serving() as served:
        clients = installation.clients(served)
        with CuttingProxy(served.address, share=0.2).running() as proxy:
            for client in clients:
                client.hang_up()
                client.address = proxy.address
            with Load(clients, at_most=saves):
                pass
    installation.assert_whole(clients, f"replies_cut={proxy.cuts}")
    assert proxy.cuts > saves / 10


def rows_of(installation, op_id):
    with installation.database.reading() as session:
        return session.scalars(select(AnswerChange).where(AnswerChange.op_id == op_id)).all()


def test_a_save_whose_reply_was_lost_is_done_once(sqlite_installation):
    """Seen to fail when `operations.claim` took every number for a new one: 110 operations without a row."""
    lose_replies(sqlite_installation, 300)


@pytest.mark.long
def test_of_ten_thousand_saves_with_lost_replies_each_is_done_once(installation):
    """Fails as the short one does."""
    lose_replies(installation, 10_000)


def test_the_same_save_from_fifty_threads_is_done_once_and_all_get_the_same_reply(installation):
    """Seen to fail when `operations.claim` took every number for a new one."""
    with installation.serving() as served:
        (client,) = installation.clients(served, 1)
        answer = client.next_answer()
        client.sent.append(answer)
        body = client.body(answer)
        together = threading.Barrier(50)

        def send(_):
            twin = client.twin()
            together.wait()
            return twin.post("answers", body)[:2]

        with ThreadPoolExecutor(50) as pool:
            replies = list(pool.map(send, range(50)))
        client.acknowledged.append(answer)

    assert {status for status, _ in replies} == {200}
    assert len({(reply["revision"], reply["saved_at"]) for _, reply in replies}) == 1
    assert len(rows_of(installation, answer.op_id)) == 1
    installation.assert_whole([client])


@pytest.fixture(scope="module")
def shared(sqlite_template, tmp_path_factory):
    """One installation and one server for the tests below, each with a client of its own."""
    folder = tmp_path_factory.mktemp("replies")
    shutil.copyfile(sqlite_template, folder / "survey.db")
    database = Database(f"sqlite:///{folder / 'survey.db'}")
    made = install(database, folder)
    with made.serving() as served:
        yield made, iter(made.clients(served))
    database.dispose()


def test_a_double_press_has_one_effect(shared):
    """Two presses, one number, on two connections; seen to fail as the one with fifty threads."""
    installation, clients = shared
    client = next(clients)
    answer = client.next_answer()
    body = client.body(answer)
    client.sent.append(answer)

    first, second = (each.post("answers", body)[:2] for each in (client, client.twin()))
    client.acknowledged.append(answer)

    # The second reply says that it repeats; what it repeats is the same.
    assert (first[1].pop("is_new"), second[1].pop("is_new")) == (True, False)
    assert first == second
    assert first[0] == 200
    assert len(rows_of(installation, answer.op_id)) == 1
    installation.assert_whole([client])


def test_an_old_form_token_costs_one_more_attempt(shared):
    """Seen to fail when the refusal came without a new token."""
    installation, clients = shared
    client = next(clients)
    client.form_token = "of yesterday"

    client.save()

    assert client.ends == {"form_token": 1, 200: 1}
    installation.assert_whole([client])


def test_the_end_of_a_session_costs_a_renewal_and_no_answer(shared):
    """Seen to fail when a session could not be renewed after its end."""
    installation, clients = shared
    client = next(clients)
    client.save()
    with installation.database.writing() as session:
        session.execute(update(WebSession).values(expires_at=datetime.now(UTC) - timedelta(hours=2)))
    before = client.secret

    client.save()

    assert client.ends == {"session_ended": 1, 200: 2}
    assert client.secret != before
    installation.assert_whole([client])
