"""The page step: ten answers validated, stored durably, the next page rendered; eight respondents at once.

A step is a POST and the GET of the next page of the same size; see sides.py for the three sides.
"""

import random
import re
import urllib.parse
import uuid

from naive_app import ITEMS
from sides import Browser, Report, expect
from sides import measure as measure_sides


def answers(seed: random.Random) -> dict[str, str]:
    return {item: str(seed.randint(1, 5)) for item in ITEMS}


class Empty:
    """Asks for nothing, as often as the others ask for pages and with as long a form."""

    def __init__(self, port: int) -> None:
        self.browser = Browser(port)

    def step(self, seed: random.Random) -> None:
        expect(self.browser.ask("POST", "/", answers(seed)), 200, self.browser.page)
        expect(self.browser.ask("GET", "/"), 200, self.browser.page)


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


def measure(server: str = "waitress") -> Report:
    return measure_sides("page step", "an empty view, asked twice", (Empty, Plain, Ours), server)
