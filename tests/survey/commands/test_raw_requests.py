"""Requests that no browser sends, byte by byte against the server that is shipped: refused and never obeyed."""

import re
import socket

import pytest
from processes import get, lines_until

FORM = "Content-Type: application/x-www-form-urlencoded"
# The first line, further headers, the body, and the statuses that are right.
REQUESTS = {
    "two ways to say the length": (
        "POST /sign-in",
        ["Content-Length: 4", "Transfer-Encoding: chunked"],
        "0\r\n\r\nGET /studies HTTP/1.1\r\nHost: x\r\n\r\n",
        {400},
    ),
    "two lengths": ("POST /", ["Content-Length: 3", "Content-Length: 5"], "abcde", {400}),
    "an unknown encoding": ("POST /", ["Transfer-Encoding: xchunked"], "0\r\n\r\n", {400, 501}),
    "chunks without a size": ("POST /code", [FORM, "Transfer-Encoding: chunked"], "zz\r\nabc\r\n0\r\n\r\n", {400}),
    "a length below nothing": ("POST /", ["Content-Length: -1"], "", {400}),
    "more headers than anybody needs": ("GET /", [f"X-{n}: {'a' * 2000}" for n in range(200)], "", {400, 431}),
    "a method that echoes": ("TRACE /", ["X-Secret: echo"], "", {405}),
    "a method of no protocol": ("BREW /", [], "", {405}),
    "another method in a header": (
        "POST /health/live",
        ["X-HTTP-Method-Override: GET", "Content-Length: 0"],
        "",
        {400, 405},
    ),
    "a way out of the static files": ("GET /static/..%2f..%2f..%2fetc%2fpasswd", [], "", {404}),
    "an address of no character set": ("GET /%zz%ff%fe", [], "", {400, 404}),
    "a link of no character set": ("GET /link/%zz%ff%fe%00", [], "", {400, 404}),
    "a number below nothing": ("GET /interview/-1/practice/-1/know", [], "", {404}),
    "odd parameters": ("GET /sign-in?lang=../../etc&page=-1&per_page=999999999&next=//evil.example", [], "", {200}),
    "a form of no character set": ("POST /code", [FORM, "Content-Length: 8"], "a=%ff%fe", {400}),
    "a form of a foreign site": (
        "POST /code",
        [FORM, "Content-Length: 3", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"],
        "a=b",
        {400},
    ),
}


@pytest.fixture
def port(start, installation):
    process = start("serve", "--port", 0, "--threads", 2)
    return int(re.search(r"127\.0\.0\.1:(\d+)", lines_until(process, "Stop with Ctrl-C."))[1])


def ask(port, line, headers=(), body=""):
    """All bytes of the reply; of a server that keeps the connection, those that come within a second of silence."""
    host = f"Host: 127.0.0.1:{port}"
    head = "\r\n".join([f"{line} HTTP/1.1", host, "Connection: close", *headers])
    return exchange(port, f"{head}\r\n\r\n{body}".encode())


def exchange(port, request):
    read = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        try:
            while part := connection.recv(65_536):
                read += part
                connection.settimeout(1)
        except (TimeoutError, ConnectionResetError):
            pass
    return read.decode("utf-8", errors="replace")


def test_requests_that_no_browser_sends_are_refused(port, subtests):
    for name, (line, headers, body, expected) in REQUESTS.items():
        with subtests.test(name):
            reply = ask(port, line, headers, body)

            statuses = [int(status) for status in re.findall(r"^HTTP/1\.[01] (\d{3})", reply, re.MULTILINE)]
            # One reply: what a request hides in its body is not taken for a second one.
            assert len(statuses) == 1, reply[:500]
            assert statuses[0] in expected
            for told in ("Traceback", "root:x:", "X-Secret", "Location: //evil", "Location: http://evil"):
                assert told not in reply
    assert get(f"http://127.0.0.1:{port}/health/live")[0] == 200


def test_what_is_no_request_at_all_is_refused(port):
    assert exchange(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").startswith("HTTP/1.0 400")


def test_every_reply_keeps_other_sites_from_framing_it(port):
    for path in ("/", "/sign-in", "/code", "/join/nothing", "/nowhere", "/health/live", "/static/css/base.css"):
        assert "frame-ancestors 'none'" in ask(port, f"GET {path}").partition("\r\n\r\n")[0], path
