"""The tests' own walls: no network, and a fresh database for each test."""

import socket

import pytest
from rows import insert_valid
from sqlalchemy import inspect, text


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443)])
def test_nothing_outside_this_machine_can_be_reached(address):
    with socket.socket() as outward, pytest.raises(RuntimeError, match="tried to reach"):
        outward.connect(address)


def test_no_message_leaves_this_machine():
    with socket.socket(type=socket.SOCK_DGRAM) as outward, pytest.raises(RuntimeError, match="tried to reach"):
        outward.sendto(b"answers", ("192.0.2.1", 53))


def test_this_machine_can_be_reached():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as near,
    ):
        assert near.getpeername() == server.getsockname()


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_begins_with_an_empty_database(database, time):
    with database.writing() as session:
        assert session.execute(text("SELECT count(*) FROM study")).scalar() == 0
        insert_valid(session)
        assert session.execute(text("SELECT id FROM answer_change")).scalar() == 1


def test_a_test_may_change_the_tables(database):
    with database.writing() as session:
        session.execute(text("ALTER TABLE study ADD COLUMN mood TEXT"))


def test_the_next_test_has_the_tables_as_they_were(database):
    with database.writing() as session:
        columns = inspect(session.connection()).get_columns("study")

    assert "mood" not in {column["name"] for column in columns}


def test_queries_are_counted(database, count_queries):
    with count_queries(database) as queries, database.reading() as session:
        session.execute(text("SELECT 1"))
        session.execute(text("SELECT 2"))

    assert queries.statements == ["SELECT 1", "SELECT 2"]
