"""The page step: ten answers validated, stored durably, the next page rendered; eight respondents at once.

Ours against the plain way (naive_app.py), both behind the same server with eight threads. A step is a POST and the
GET of the next page of the same size. What counts is the server's CPU time per step, which other work disturbs
least; steps per second are printed beside it.
"""

import http.client
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from dataclasses import dataclass
from pathlib import Path

from naive_app import ITEMS
from pairs import Ratios

HERE = Path(__file__).parent
CLIENTS = 8
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')
_TICKS = os.sysconf("SC_CLK_TCK")


class Browser:
    """One respondent's connection: cookies, hidden fields, nothing else."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.page = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> http.client.HTTPResponse:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self.page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's question form; the first of a name counts."""
        fields: dict[str, str] = {}
        for tag in _HIDDEN.findall(self.page):
            attributes = dict(_ATTRIBUTE.findall(tag))
            fields.setdefault(attributes["name"], attributes.get("value", ""))
        return fields


@dataclass(frozen=True, slots=True)
class Run:
    cpu_per_step: float
    steps_per_second: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(port)


def expect(answer: http.client.HTTPResponse, status: int, page: str) -> None:
    if answer.status != status:
        message = f"expected {status}, got {answer.status}: {page[:400]}"
        raise AssertionError(message)


def answers(seed: random.Random) -> dict[str, str]:
    return {item: str(seed.randint(1, 5)) for item in ITEMS}


class Plain:
    """Walks the plain application."""

    def __init__(self, port: int) -> None:
        self.browser = Browser(port)
        self.browser.ask("GET", "/start")
        self.number = 1
        self.browser.ask("GET", f"/page/{self.number}")

    def step(self, seed: random.Random) -> None:
        form = self.browser.hidden() | answers(seed)
        expect(self.browser.ask("POST", f"/page/{self.number}", form), 303, self.browser.page)
        self.number = self.number % 6 + 1
        expect(self.browser.ask("GET", f"/page/{self.number}"), 200, self.browser.page)


class Ours:
    """Walks our application: through the link and the profile, then the criteria of one practice after the other."""

    def __init__(self, port: int, token: str) -> None:
        browser = self.browser = Browser(port)
        browser.ask("GET", f"/link/{token}")
        start = browser.ask("POST", f"/link/{token}", browser.hidden() | {"consent": "yes", "language": "en"})
        expect(start, 303, browser.page)
        self.interview = urllib.parse.urlparse(start.headers["Location"]).path.split("/")[2]
        browser.ask("GET", f"/interview/{self.interview}/profile")
        profile = {"STAKEHOLDER": "S1", "REGION": re.findall(r'name="REGION"[^>]*value="([^"]+)"', browser.page)[0]}
        saved = browser.ask(
            "POST", f"/interview/{self.interview}/profile", browser.hidden() | profile | {"YEARS": "3", "ROLE": "2"}
        )
        expect(saved, 303, browser.page)
        for self.number in range(6, 0, -1):
            browser.ask("GET", self.path("know"))
            known = browser.ask("POST", self.path("know"), browser.hidden() | {"FAM": "1", "EXIST": "3"})
            expect(known, 303, browser.page)
        browser.ask("GET", self.path("criteria"))

    def path(self, step: str) -> str:
        return f"/interview/{self.interview}/practice/{self.number}/{step}"

    def step(self, seed: random.Random) -> None:
        form = self.browser.hidden() | answers(seed) | {"op_id": str(uuid.UUID(int=seed.getrandbits(128), version=4))}
        expect(self.browser.ask("POST", self.path("criteria"), form), 303, self.browser.page)
        self.number = self.number % 6 + 1
        expect(self.browser.ask("GET", self.path("criteria")), 200, self.browser.page)


def drive(walkers: list[Plain] | list[Ours], pid: int, *, seconds: float) -> Run:
    """All walkers step for so long; the server's CPU per step and the steps per second."""
    until = time.monotonic() + seconds
    done = [0] * len(walkers)
    failures: list[BaseException] = []

    def walk(index: int) -> None:
        seed = random.Random(time.monotonic_ns() + index)
        try:
            while time.monotonic() < until:
                walkers[index].step(seed)
                done[index] += 1
        except BaseException as failure:  # noqa: BLE001 (raised again below, in the main thread)
            failures.append(failure)

    before, start = cpu_seconds(pid), time.monotonic()
    threads = [threading.Thread(target=walk, args=(index,)) for index in range(len(walkers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Run((cpu_seconds(pid) - before) / sum(done), sum(done) / (time.monotonic() - start))


def measure(*, pairs: int = 5, seconds: float = 4.0) -> tuple[Ratios, list[tuple[Run, Run]]]:
    with tempfile.TemporaryDirectory() as folder:
        plain_port, our_port = free_port(), free_port()
        plain = subprocess.Popen([sys.executable, str(HERE / "naive_app.py"), str(plain_port), folder])
        ours = subprocess.Popen(
            [sys.executable, str(HERE / "served_app.py"), str(our_port), folder, str(CLIENTS)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            lines = iter(ours.stdout.readline, "ready\n")
            tokens = [line.strip() for line in lines]
            wait_for(plain_port)
            wait_for(our_port)
            plain_walkers = [Plain(plain_port) for _ in range(CLIENTS)]
            our_walkers = [Ours(our_port, token) for token in tokens]
            runs = [
                (drive(plain_walkers, plain.pid, seconds=seconds), drive(our_walkers, ours.pid, seconds=seconds))
                for _ in range(pairs)
            ]
        finally:
            for server in (plain, ours):
                server.terminate()
                server.wait(10)
    ratios = Ratios(
        "page step, plain Flask-WTF and ORM against ours (server CPU per step)",
        tuple(slow.cpu_per_step / fast.cpu_per_step for slow, fast in runs),
    )
    return ratios, runs
