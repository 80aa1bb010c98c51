"""Who may read an export, and what that means for small numbers."""

from enum import StrEnum


class Edition(StrEnum):
    """The three readerships of an export."""

    INTERNAL = "internal"
    PARTNER = "partner"
    PUBLIC = "public"

    @property
    def threshold(self) -> int:
        """K: a figure that rests on fewer people than this is not shown (method 3.13)."""
        return {Edition.INTERNAL: 3, Edition.PARTNER: 5, Edition.PUBLIC: 10}[self]

    @property
    def has_rows(self) -> bool:
        """True if sheets with one row per evaluation belong to it."""
        return self is Edition.INTERNAL


class ExportRefused(Exception):  # noqa: N818 - it is a refusal with a reason, not a fault
    """An export that must not be made; the message tells a person why and what to do instead."""


def require_available(edition: Edition) -> None:
    """Raise ExportRefused for an edition that this version cannot make safely.

    Hiding single cells is not enough for files that leave the project: totals give hidden cells away, and so do two
    files of different dates. Until both are prevented, only the internal edition is written.
    """
    if edition is not Edition.INTERNAL:
        message = (
            f"The {edition} edition is not available in this version: small cells could be worked out from the "
            "totals. Make the internal edition and keep it inside the project team."
        )
        raise ExportRefused(message)
