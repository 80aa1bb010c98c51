"""What the log says about one judgement or profile: what stood when, and whose answer stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from instruments import NOT_ANSWERED

# Authors that are rules, not people: the instrument's routing, and the rule that what was saved first stands.
ROUTING = "routing"
CONFLICT = "conflict"
RULES = frozenset({ROUTING, CONFLICT})

Value: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One row of the log, oldest first where there are several."""

    question: str
    value: Value
    revision: int
    author: str
    mode: str
    changed_at: datetime


class History:
    """The log of one judgement or profile."""

    def __init__(self, rows: Iterable[LoggedChange], *, first: Mapping[str, int]) -> None:
        """rows: the whole log in order. first: the codes before any answer."""
        self._first = first
        # What a page showed from each revision on; None: nothing, because a code that routing has put there stands for
        # no answer.
        self._shown: dict[str, list[tuple[int, Value | None]]] = {}
        self._standing: dict[str, LoggedChange | None] = {}
        before: dict[str, LoggedChange | None] = {}
        for row in rows:
            if row.author not in RULES:
                before[row.question] = self._standing.get(row.question)
                self._standing[row.question] = row
            elif row.author == CONFLICT:
                # The answer just before this row lost; the one before that stands.
                self._standing[row.question] = before.get(row.question)
            shown = row.value if self._is_said(row) else None
            self._shown.setdefault(row.question, []).append((row.revision, shown))

    def knows(self, name: str, value: Value, *, since: int) -> bool:
        """Whether this value is no news.

        A person gave it last, even if routing has set it aside since; or somebody changed it after the client saw
        it at the revision `since`, and the client sends back what it saw.
        """
        row = self._standing.get(name)
        if row is not None and row.value == value:
            return True
        changes = self._shown.get(name, [])
        seen = [value for revision, value in changes if revision <= since]
        last_seen = seen[-1] if seen else self._first.get(name)
        return len(seen) < len(changes) and ("" if last_seen is None else last_seen) == value

    def last_change(self, names: Iterable[str], *, since: int) -> LoggedChange | None:
        """The newest answer of a person that stands and came after a revision; None if there is none."""
        newest = None
        for name in names:
            row = self._standing.get(name)
            if row and row.revision > since and (newest is None or row.revision >= newest.revision):
                newest = row
        return newest

    def codes_given(self) -> dict[str, int]:
        """The last code a person gave, by column, whether routing covers it now or not."""
        return {
            name: row.value for name, row in self._standing.items() if row is not None and isinstance(row.value, int)
        }

    def _is_said(self, row: LoggedChange) -> bool:
        """Whether what this row leaves is a person's answer, given or given back, or none at all."""
        standing = self._standing.get(row.question)
        return row.value in {NOT_ANSWERED, ""} or (standing is not None and standing.value == row.value)


def codes_from_log(rows: Iterable[LoggedChange], first: Mapping[str, int]) -> dict[str, int]:
    """The state that the log leads to. first: the codes before any answer (`first_codes`)."""
    codes = dict(first)
    for row in rows:
        if isinstance(row.value, int):
            codes[row.question] = row.value
    return codes


def texts_from_log(rows: Iterable[LoggedChange]) -> dict[str, str]:
    """The texts that the log leads to; a text taken back is not there."""
    texts: dict[str, str] = {}
    for row in rows:
        if isinstance(row.value, str):
            texts[row.question] = row.value
    return {question: text for question, text in texts.items() if text}
