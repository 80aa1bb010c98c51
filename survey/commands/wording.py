"""Words that several commands print."""

from datetime import UTC, datetime


def moment(at: datetime | None) -> str:
    """A time in UTC to the second: "2026-11-25 09:30:12 UTC"; "never" for none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else "never"
