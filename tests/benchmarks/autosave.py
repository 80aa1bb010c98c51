"""One autosave: one answer of an open page, validated and stored durably; eight respondents at once.

Ours is the request that the script of a page sends. The plain way is a form with one field, as a tutorial would have a
script send it. The same answer never comes twice in a row, so that each is written. See sides.py for the three sides.
"""

import json
import random
import uuid

from naive_app import ITEMS
from page_step import Ours as OnPages
from page_step import Plain as OnPlainPages
from sides import Browser, Report, expect
from sides import measure as measure_sides


class Answers:
    """One question after the other, each with another answer than the time before."""

    def __init__(self) -> None:
        self.given = dict.fromkeys(ITEMS, 0)
        self.turn = 0

    def next(self, seed: random.Random) -> tuple[str, str]:
        self.turn += 1
        question = ITEMS[self.turn % len(ITEMS)]
        self.given[question] = seed.choice([code for code in range(1, 6) if code != self.given[question]])
        return question, str(self.given[question])


def body_of(question: str, value: str, revision: int, seed: random.Random, position: int) -> dict[str, object]:
    op_id = str(uuid.UUID(int=seed.getrandbits(128), version=4))
    answer = {"question": question, "values": [value], "base_revision": revision}
    return {"op_id": op_id, "position": position, "answers": [answer]}


class Empty:
    """Sends as much and gets "ok"."""

    def __init__(self, port: int) -> None:
        self.browser, self.answers = Browser(port), Answers()

    def step(self, seed: random.Random) -> None:
        body = body_of(*self.answers.next(seed), 0, seed, 1)
        expect(self.browser.ask_json("/", body, "none"), 200, self.browser.page)


class Plain:
    """Sends one field to the plain application."""

    def __init__(self, port: int) -> None:
        page = OnPlainPages(port)
        self.browser, self.answers = page.browser, Answers()
        self.path = f"/page/{page.number}/answer"
        self.form_token = self.browser.hidden()["csrf_token"]

    def step(self, seed: random.Random) -> None:
        question, value = self.answers.next(seed)
        form = {"csrf_token": self.form_token, "question": question, question: value}
        expect(self.browser.ask("POST", self.path, form), 200, self.browser.page)


class Ours:
    """Sends what the script of our page sends."""

    def __init__(self, port: int, token: str) -> None:
        page = OnPages(port, token)
        self.browser, self.answers = page.browser, Answers()
        self.position, self.revision = page.number, int(self.browser.hidden()["base_revision"])
        self.address = f"/api/v1/interviews/{page.interview}"
        expect(self.browser.ask("GET", f"{self.address}/session"), 200, self.browser.page)
        self.form_token = json.loads(self.browser.page)["form_token"]

    def step(self, seed: random.Random) -> None:
        body = body_of(*self.answers.next(seed), self.revision, seed, self.position)
        expect(self.browser.ask_json(f"{self.address}/answers", body, self.form_token), 200, self.browser.page)
        self.revision = json.loads(self.browser.page)["revision"]


def measure(server: str = "waitress") -> Report:
    return measure_sides("autosave", "an empty view", (Empty, Plain, Ours), server)
