"""What the script of a page does, without the page: it saves single answers and sends each until it is acknowledged."""

import copy
import http.client
import json
import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from make import CRITERIA

QUESTIONS = tuple(CRITERIA)
POSITIONS = 6
AGAIN = frozenset({429, 503})
PAUSE = 0.1  # seconds between two attempts; browsers wait longer, tests would only take longer


class NotSavedError(AssertionError):
    """An answer that nobody acknowledged within the client's patience, or a reply that a browser cannot act on."""


@dataclass(frozen=True)
class Answer:
    """One answer and the number under which it is sent, once or many times."""

    position: int
    question: str
    code: int
    op_id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def place(self):
        return self.position, self.question


class Client:
    """A browser with a personal link. Keeps what was acknowledged, and what is under way."""

    def __init__(self, address, token, generator, *, again=AGAIN, patience=60):
        self.address, self._token, self._generator = address, token, generator
        self._again, self._patience = again, patience
        self._connection, self._connections = None, []
        self._cookies = {}
        self.sent, self.acknowledged = [], []
        # How many attempts had which end, how long each acknowledged save took, and when what failed.
        self.ends, self.seconds = Counter(), []
        self._given, self._bases = {}, {}

    def open(self):
        """Follow the link; the interview has begun before."""
        link = f"/link/{self._token}"
        _, page, _ = self.request("GET", link)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        _, _, headers = self.request("POST", link, urlencode({"csrf_token": token, "lang": "en"}), form)
        self.interview_id = uuid.UUID(re.search(r"/interview/([0-9a-f-]{36})", headers["Location"])[1])
        self.api = f"/api/v1/interviews/{self.interview_id}"
        page = json.loads(self.request("GET", f"{self.api}/session")[1])
        self.form_token, self.secret = page["form_token"], page["secret"]
        return self

    def twin(self, *, again=AGAIN):
        """Another connection of the same browser."""
        other = copy.copy(self)
        other._connection, other._again = None, again
        return other

    def next_answer(self):
        """An answer that differs from the one before."""
        position, question = self._generator.randint(1, POSITIONS), self._generator.choice(QUESTIONS)
        before = self._given.get((position, question))
        code = self._generator.choice([each for each in range(1, 6) if each != before])
        self._given[position, question] = code
        return Answer(position, question, code)

    def save(self, answer=None):
        """Send an answer until it is acknowledged; gives the reply."""
        answer = answer or self.next_answer()
        self.sent.append(answer)
        body = self.body(answer)
        begun = time.monotonic()
        while True:
            reply = self._attempt(body)
            if reply is not None:
                self.seconds.append(time.monotonic() - begun)
                self.acknowledged.append(answer)
                self._bases[answer.place] = reply["revision"]
                return reply
            if time.monotonic() - begun > self._patience:
                raise NotSavedError(f"after {self._patience} s: {self.ends}")

    def body(self, answer):
        base = self._bases.get(answer.place, 0)
        values = {"question": answer.question, "values": [str(answer.code)], "base_revision": base}
        return json.dumps({"op_id": str(answer.op_id), "position": answer.position, "answers": [values]})

    def post(self, path, body):
        """Status, reply and headers of one request of the script."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.form_token}
        status, text, headers = self.request("POST", f"{self.api}/{path}", body, headers)
        is_json = headers.get("Content-Type", "").startswith("application/json")
        return status, json.loads(text) if is_json else {}, headers

    def request(self, method, path, body=None, headers=None):
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self.address, timeout=40)
            self._connections.append(self._connection)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            self._connection.request(method, path, body, (headers or {}) | ({"Cookie": cookies} if cookies else {}))
            reply = self._connection.getresponse()
            text = reply.read().decode()
        except (OSError, http.client.HTTPException):
            self.hang_up()
            raise
        for line in reply.headers.get_all("Set-Cookie", []):
            name, value = line.partition(";")[0].split("=", 1)
            self._cookies[name] = value
        if reply.will_close:
            self.hang_up()
        return reply.status, text, reply.headers

    def hang_up(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self):
        """Close the connections of all its twins, too."""
        for connection in self._connections:
            connection.close()

    def _attempt(self, body):
        """One request; the reply if it acknowledges, else None once there is reason to try again."""
        try:
            status, reply, headers = self.post("answers", body)
        except (OSError, http.client.HTTPException) as error:
            self.ends[type(error).__name__] += 1
            time.sleep(PAUSE)
            return None
        code = reply.get("code", status)
        self.ends[code] += 1
        if status == 200:
            return reply
        if code == "form_token":
            self.form_token = reply["form_token"]
        elif code == "session_ended":
            self._renew()
        elif status in self._again:
            assert status != 503 or int(headers["Retry-After"]) > 0
            time.sleep(PAUSE)
        else:
            raise NotSavedError(f"{status}: {reply}")
        return None

    def _renew(self):
        status, page, _ = self.post("session", json.dumps({"secret": self.secret}))
        if status != 200:
            raise NotSavedError(f"no new session: {status} {page}")
        self.form_token, self.secret = page["form_token"], page["secret"]


class Load:
    """Clients that save at the same time, each one answer after the other, until the block is left.

    at_most: saves of all together. per_second: of all together; None for as many as they can.
    """

    def __init__(self, clients, *, at_most=None, per_second=None):
        self.clients = clients
        self._share = None if at_most is None else -(-at_most // len(clients))
        self._step = len(clients) / per_second if per_second else 0
        self._over = threading.Event()
        self._errors = []

    def __enter__(self):
        self._threads = [threading.Thread(target=self._run, args=each) for each in enumerate(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        if self._share is None or kind is not None:
            self._over.set()
        for thread in self._threads:
            thread.join()
        if kind is None and self._errors:
            raise self._errors[0]

    @property
    def acknowledged(self):
        return sum(len(client.acknowledged) for client in self.clients)

    def wait_for(self, saves, seconds=60):
        """Until so many more saves are acknowledged."""
        wanted, end = self.acknowledged + saves, time.monotonic() + seconds
        while self.acknowledged < wanted and not self._errors:
            assert time.monotonic() < end, [client.ends for client in self.clients]
            time.sleep(0.01)

    def _run(self, number, client):
        due = time.monotonic() + self._step * number / len(self.clients)
        try:
            while not self._over.is_set() and (self._share is None or len(client.acknowledged) < self._share):
                time.sleep(max(0, due - time.monotonic()))
                due = max(due + self._step, time.monotonic() - 1)
                client.save()
        except BaseException as error:  # noqa: BLE001 (told in the thread of the test)
            self._errors.append(error)
        finally:
            client.hang_up()
