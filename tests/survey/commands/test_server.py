"""What the server tells the application about a request, and how long connections last."""

import http.client
import subprocess
import sys
import threading
import time
import urllib.parse
from contextlib import closing

import pytest
from processes import get, lines_until

PROGRAM = """
import sys, time
from flask import Flask, request
from survey.commands import server
from survey.commands.server import listen_at, run
from survey.web.patience import WAITED

app = Flask("test")
server.CROWDED = int(sys.argv[1]) / server.CONNECTIONS

@app.get("/slow")
def slow():
    time.sleep(0.5)
    return "slow"

@app.get("/nothing")
def nothing():
    return "", 204

@app.get("/busy")
def busy():
    return "busy", 503

@app.get("/waited")
def waited():
    return str(request.environ[WAITED])

with listen_at("127.0.0.1", 0) as listening:
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    run(app, listening, base_url="http://127.0.0.1:8000", threads=1)
"""


@pytest.fixture
def crowded():
    """How many connections are many."""
    return 100


@pytest.fixture
def address(crowded):
    """Of a server with one thread."""
    command = [sys.executable, "-c", PROGRAM, str(crowded)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield lines_until(process, "http").strip()
        process.terminate()


def test_a_request_knows_how_long_it_waited_for_a_thread(address):
    at_once = float(get(f"{address}/waited")[1])
    slow = threading.Thread(target=get, args=(f"{address}/slow",))
    slow.start()
    time.sleep(0.1)
    behind = float(get(f"{address}/waited")[1])
    slow.join()

    assert 0 <= at_once < 0.3 < behind < 60


def test_an_answer_without_a_body_leaves_the_connection_open(address):
    with closing(http.client.HTTPConnection(urllib.parse.urlparse(address).netloc, timeout=10)) as connection:
        connection.connect()
        own_port = connection.sock.getsockname()[1]
        for path in ("/nothing", "/nothing", "/waited"):
            connection.request("GET", path)
            connection.getresponse().read()

        assert connection.sock is not None
        assert connection.sock.getsockname()[1] == own_port


def ends(address, path, headers):
    with closing(http.client.HTTPConnection(urllib.parse.urlparse(address).netloc, timeout=10)) as connection:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().headers["Connection"] == "close"


def test_who_asks_for_the_end_of_a_connection_gets_it(address):
    assert ends(address, "/nothing", {"Connection": "close"})


@pytest.mark.parametrize(("crowded", "is_ended"), [(0, True), (100, False)])
def test_who_shall_come_later_gives_the_place_to_others_where_it_is_crowded(address, is_ended):
    assert ends(address, "/busy", {}) == is_ended
