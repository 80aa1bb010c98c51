"""Three applications behind the same server, in turn, with eight respondents at once: what a step of each costs.

Ours against the plain way (naive_app.py) and against a view that does nothing (empty_app.py). What counts is the
server's CPU time per step, which other work disturbs least; steps per second are printed beside it.
"""

import http.client
import json
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pairs import Ratios
from serving import cpu_seconds

HERE = Path(__file__).parent
CLIENTS = 8
FORM = "application/x-www-form-urlencoded"
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


class Browser:
    """One respondent's connection: cookies, hidden fields, nothing else."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.page = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> http.client.HTTPResponse:
        if form is None:
            return self._ask(method, path, None, {})
        return self._ask(method, path, urllib.parse.urlencode(form), {"Content-Type": FORM})

    def ask_json(self, path: str, body: object, form_token: str) -> http.client.HTTPResponse:
        """As a script sends it."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": form_token}
        return self._ask("POST", path, json.dumps(body), headers)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        self.connection.request(method, path, body, headers | cookies)
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


class Walker(Protocol):
    def step(self, seed: random.Random) -> None: ...


def drive(walkers: Sequence[Walker], pid: int, *, seconds: float) -> Run:
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


@contextmanager
def running(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One of the applications beside this file, stopped in the end."""
    command = [sys.executable, str(HERE / program), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(10)


@dataclass(frozen=True, slots=True)
class Report:
    """The runs of the three sides on one server, in turn. step: what is measured. empty_step: what stands beside it."""

    step: str
    empty_step: str
    server: str
    empty: tuple[Run, ...]
    plain: tuple[Run, ...]
    ours: tuple[Run, ...]

    def lines(self) -> Iterator[str]:
        pairs = zip(self.plain, self.ours, strict=True)
        yield Ratios(
            f"{self.step} behind {self.server}, plain Flask-WTF and ORM against ours (server CPU per step)",
            tuple(plain.cpu_per_step / ours.cpu_per_step for plain, ours in pairs),
        ).sentence()
        for name, runs in ((self.empty_step, self.empty), ("plain", self.plain), ("ours", self.ours)):
            cpu = statistics.median(run.cpu_per_step for run in runs)
            rate = statistics.median(run.steps_per_second for run in runs)
            yield f"  {name}: {1000 * cpu:.2f} ms of server CPU per step, {rate:.0f} steps per second"
        shares = [empty.cpu_per_step / ours.cpu_per_step for empty, ours in zip(self.empty, self.ours, strict=True)]
        yield (
            f"  ours against an empty Flask view on the same server: {statistics.median(shares):.2f} of its rate "
            f"(runs {min(shares):.2f} to {max(shares):.2f})"
        )


def measure(
    step: str,
    empty_step: str,
    walkers: tuple[Callable[[int], Walker], Callable[[int], Walker], Callable[[int, str], Walker]],
    server: str,
    *,
    turns: int = 5,
    seconds: float = 4.0,
) -> Report:
    """The three sides in turn: nothing, plain, ours, nothing … walkers: made of a port, ours of a link's token, too."""
    of_nothing, of_plain, of_ours = walkers
    with tempfile.TemporaryDirectory() as folder:
        ports = [free_port() for _ in range(3)]
        with (
            running("empty_app.py", str(ports[0]), folder, server) as empty,
            running("naive_app.py", str(ports[1]), folder, server) as plain,
            running("served_app.py", str(ports[2]), folder, server, str(CLIENTS)) as ours,
        ):
            tokens = [line.strip() for line in iter(ours.stdout.readline, "ready\n")]
            for port in ports:
                wait_for(port)
            sides: list[tuple[int, list[Walker]]] = [
                (empty.pid, [of_nothing(ports[0]) for _ in range(CLIENTS)]),
                (plain.pid, [of_plain(ports[1]) for _ in range(CLIENTS)]),
                (ours.pid, [of_ours(ports[2], token) for token in tokens]),
            ]
            runs = [[drive(people, pid, seconds=seconds) for pid, people in sides] for _ in range(turns)]
    return Report(step, empty_step, server, *(tuple(side) for side in zip(*runs, strict=True)))
