import re
import signal
import socket
import sys
import time

import pytest
from processes import get, lines_until

from survey.database import DatabaseError
from survey.factory import create_app
from survey.settings import Settings

KEY = "k" * 40


def test_without_a_database_it_says_how_to_make_one(survey):
    result = survey("serve", "--port", 0)

    assert result.exit_code == 1
    assert "`survey db upgrade` makes one" in result.stderr


def test_a_damaged_database_is_not_served(survey, installation):
    installation.dispose()
    with installation.file.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)

    result = survey("serve", "--port", 0)

    assert result.exit_code == 1
    assert "is damaged" in result.stderr
    assert "`survey restore`" in result.stderr


@pytest.mark.parametrize("state", ["missing", "damaged"])
def test_a_server_of_another_kind_does_not_start_either(installation, state):
    installation.dispose()
    installation.file.unlink()
    if state == "damaged":
        installation.file.write_bytes(b"not a database, but long enough to look like one" * 50)

    with pytest.raises(DatabaseError, match=r"There is no database|cannot be used as a database"):
        create_app(Settings.from_environment())

    assert installation.file.exists() == (state == "damaged")


def test_others_are_not_served_without_https(survey, installation):
    result = survey("serve", "--host", "0.0.0.0", "--port", 0)  # noqa: S104 (refused)

    assert result.exit_code == 1
    assert "set SURVEY_BASE_URL to the https address that they use" in result.stderr


def test_https_needs_a_key_of_its_own(survey, installation):
    result = survey("serve", "--port", 0, env={"SURVEY_BASE_URL": "https://survey.example.org"})

    assert result.exit_code == 1
    assert "SURVEY_SECRET_KEY is missing" in result.stderr


def test_everything_wrong_in_the_environment_is_named_at_once(survey):
    result = survey("serve", "--port", 0, env={"SURVEY_BASE_URL": "ftp://x", "DATABASE_URL": "oracle://x"})

    assert result.exit_code == 1
    assert "SURVEY_BASE_URL" in result.stderr
    assert "DATABASE_URL" in result.stderr


def test_a_port_in_use_is_told(survey):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = survey("serve", "--port", taken.getsockname()[1])

    assert result.exit_code == 1
    assert "is in use by another program" in result.stderr


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_an_address_that_this_machine_does_not_have_is_told(survey, host):
    result = survey("serve", "--host", host, "--port", 0)

    assert result.exit_code == 1
    assert host in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(start, installation, number):
    process = start("serve", "--port", 0, "--threads", 2)
    printed = lines_until(process, "Stop with Ctrl-C.")

    address = re.search(r"http://\S+?(?= at )", printed)[0]
    assert get(f"{address}/sign-in")[0] == 200
    assert get(f"{address}/nowhere")[0] == 404

    process.send_signal(number)
    rest, _ = process.communicate(timeout=15)
    assert (process.returncode, rest) == (0, "Stopped.\n")


def begin_request(port):
    """A request of which the last byte is still to come."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    head = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    connection.sendall(f"{head}Content-Length: 4\r\n\r\na=b".encode())
    return connection


def read_all(connection):
    with connection, connection.makefile("rb") as reply:
        return reply.read().decode()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_a_request_that_has_begun_is_answered_while_the_next_server_has_the_port(start, installation):
    old = start("serve", "--port", 0)
    port = int(re.search(r"127\.0\.0\.1:(\d+)", lines_until(old, "Stop with Ctrl-C."))[1])
    connection = begin_request(port)
    time.sleep(0.2)

    old.send_signal(signal.SIGTERM)
    time.sleep(1)
    new = start("serve", "--port", port)
    lines_until(new, "Stop with Ctrl-C.")
    assert get(f"http://127.0.0.1:{port}/sign-in")[0] == 200
    assert old.poll() is None
    connection.sendall(b"c")

    reply = read_all(connection)
    assert reply.startswith("HTTP/1.1 400 ")
    assert "Connection: close" in reply
    assert old.wait(5) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_who_asks_twice_to_stop_is_obeyed_at_once(start, installation):
    process = start("serve", "--port", 0)
    port = int(re.search(r"127\.0\.0\.1:(\d+)", lines_until(process, "Stop with Ctrl-C."))[1])
    with begin_request(port):
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)

        assert process.wait(5) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_a_socket_that_is_handed_down_outlives_the_server(start, installation):
    with socket.create_server(("127.0.0.1", 0)) as held:
        address = f"http://127.0.0.1:{held.getsockname()[1]}"
        for _ in range(2):
            process = start("serve", "--port", 1, held=held)
            assert f"at {address}. Stop" in lines_until(process, "Stop with Ctrl-C.")
            assert get(f"{address}/sign-in")[0] == 200
            process.send_signal(signal.SIGTERM)
            # Between two servers nobody is turned away: who calls now waits for the next one.
            with socket.create_connection(held.getsockname(), timeout=5):
                assert process.wait(5) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_behind_a_proxy_pages_are_those_of_https(start, installation):
    process = start("serve", "--port", 0, SURVEY_BASE_URL="https://survey.example.org", SURVEY_SECRET_KEY=KEY)
    printed = lines_until(process, "Stop with Ctrl-C.")

    assert "Serving https://survey.example.org at http://127.0.0.1:" in printed
    address = re.search(r"at (http://\S+)\. Stop", printed)[1]
    assert get(f"{address}/sign-in")[0] == 200
