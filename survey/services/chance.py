"""Where ids, seeds and tokens come from: the operating system, or a seed when a run must be repeatable."""

import random
import secrets
import string
import uuid
from typing import Protocol

# Fits the signed 32-bit column that PostgreSQL has for an integer.
SEEDS = 2**31
TOKEN_BYTES = 32
_TOKEN_LENGTH = 43
_URL_SAFE = string.ascii_letters + string.digits + "-_"


class Chance(Protocol):
    def new_id(self) -> uuid.UUID: ...

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit - 1."""

    def token(self) -> str:
        """43 characters that are safe in an address."""


class SecureChance:
    """For real interviews: nothing can be guessed."""

    def new_id(self) -> uuid.UUID:
        return uuid.uuid4()

    def below(self, limit: int) -> int:
        return secrets.randbelow(limit)

    def token(self) -> str:
        return secrets.token_urlsafe(TOKEN_BYTES)


class SeededChance:
    """For simulations: the same seed gives the same ids. Whoever knows the seed knows the tokens."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator

    def new_id(self) -> uuid.UUID:
        return uuid.UUID(int=self._generator.getrandbits(128), version=4)

    def below(self, limit: int) -> int:
        return self._generator.randrange(limit)

    def token(self) -> str:
        return "".join(self._generator.choices(_URL_SAFE, k=_TOKEN_LENGTH))


SECURE = SecureChance()
