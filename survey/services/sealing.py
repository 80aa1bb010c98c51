"""Sealing what names a person: readable only with a key that is not in the database.

AES-256-GCM with a random nonce per text and the respondent's id as associated data, so that a sealed text that is
moved to somebody else's row does not open there.
"""

import hashlib
import hmac
import secrets
import uuid
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey.services.errors import Unreadable

# Before every sealed text, so that another way of sealing can stand beside this one later.
FIRST_WAY: Final = b"\x01"
NONCE_BYTES: Final = 12


class Seal:
    """Seals and opens texts with one key. The key itself is never used: each purpose has one derived from it."""

    __slots__ = ("_cipher", "_prints")

    def __init__(self, key: str) -> None:
        self._cipher = AESGCM(_derived(key, "identity"))
        self._prints = _derived(key, "fingerprint")

    def close(self, text: str, *, of: uuid.UUID) -> bytes:
        """A text about one respondent, sealed: twice the same text gives two different results."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FIRST_WAY + nonce + self._cipher.encrypt(nonce, text.encode(), of.bytes)

    def open(self, sealed: bytes, *, of: uuid.UUID) -> str:
        """The text again. Unreadable when it was sealed with another key, for somebody else, or was changed."""
        nonce = sealed[len(FIRST_WAY) : len(FIRST_WAY) + NONCE_BYTES]
        if not sealed.startswith(FIRST_WAY) or len(nonce) < NONCE_BYTES:
            raise Unreadable
        try:
            return self._cipher.decrypt(nonce, sealed[len(FIRST_WAY) + NONCE_BYTES :], of.bytes).decode()
        except InvalidTag:
            raise Unreadable from None

    def print_of(self, text: str) -> bytes:
        """32 bytes that are the same for the same text: finds an address without keeping it."""
        return hmac.digest(self._prints, text.encode(), "sha256")


def _derived(key: str, purpose: str) -> bytes:
    # The key has at least 256 random bits, so one keyed hash is a key derivation.
    return hmac.digest(key.encode(), purpose.encode(), hashlib.sha256)
