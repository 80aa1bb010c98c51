"""What a questionnaire is: questions, steps, variants, scales. Values only, read once and never changed.

All of it is made by `instruments.building` from files that were checked, so the methods trust what they hold.
Questions and instruments are compared by identity: they are large, loaded once, and used as keys of caches.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from instruments.codes import NOT_ANSWERED
from instruments.conditions import Condition

PLACEHOLDERS = ("region", "origin", "practice")
_PLACEHOLDER = re.compile(r"\{(region|origin|practice)\}")


class Mode(StrEnum):
    """How a question reaches the person."""

    WEB = "web"
    PHONE = "phone"


class Kind(StrEnum):
    """What an answer looks like."""

    SCALE = "scale"  # one of some ordered, labelled points
    CHOICE = "choice"  # one of a list
    YES_NO = "yes_no"  # 1 or 0
    MULTI = "multi"  # any of a list; every option is a column of its own
    TEXT = "text"  # words; no code


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen.

    key is what a form sends ("4", "S1", "C1"); code is what is stored; text is a text key. Every option of a
    MULTI question has a column of its own and the code 1 (ticked). text_question is the text that this option
    opens ("Something else": what?). group is set for stakeholder types only.
    """

    code: int
    key: str
    text: str
    column: str | None = None
    group: str | None = None
    text_question: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Question:
    """One question. Its texts are keys: `Instrument.wording` and `Instrument.text` give the words.

    missing: the missing codes it accepts, whatever the mode. offered: those of them that a mode shows.
    when_skipped: the code it gets, in place of ROUTED, when its condition fails.
    columns: where its codes stand; none for a text, one per option for a MULTI question.
    """

    code: str
    kind: Kind
    columns: tuple[str, ...]
    options: tuple[Option, ...]
    missing: tuple[int, ...]
    offered: Mapping[Mode, tuple[int, ...]]
    required: bool
    show_if: Condition | None
    when_skipped: int | None
    wordings: Mapping[Mode, str]
    wordings_in: Mapping[str, Mapping[Mode, str]]  # variant -> mode -> text key, where a variant differs
    label: str
    hint: str | None
    read_aloud: str | None
    max_choices: int | None
    max_length: int | None

    def wording_key(self, *, mode: Mode, variant: str | None = None) -> str:
        """The text key of what is asked in this mode (and, where it differs, in this variant)."""
        return self.wordings_in.get(variant or "", {}).get(mode, self.wordings[mode])


@dataclass(frozen=True, slots=True)
class Block:
    """Questions under one heading. `last` stay at the end when the rows are shuffled."""

    key: str
    title: str | None
    stem: str | None
    questions: tuple[str, ...]
    order: str = "fixed"  # or "shuffled"
    last: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked on one page of a practice."""

    key: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """The codes of its questions, in order."""
        return tuple(code for block in self.blocks for code in block.questions)


@dataclass(frozen=True, slots=True)
class Variant:
    """A selection of the questions: the long or the short version."""

    key: str
    questions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """A stakeholder group: what results are broken down by."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The items whose mean is one rating score, and the variant whose published score it is."""

    key: str
    items: tuple[str, ...]
    minimum_answered: int
    variant: str


@dataclass(frozen=True, slots=True, eq=False)
class Scoring:
    """How answers become numbers. Has its own version: a key may be corrected after fieldwork.

    ranges: lowest and highest answer of every item. weights: only those that are not 1.
    verdict_scores: 0-100 per verdict that takes a stand; strict and broad: verdicts that count as "can be
    repeated"; already_here: the verdict of a practice that exists in the region. comparable: by older version, the
    questions that were worded otherwise then and whose answers count with these all the same.
    """

    version: str
    scales: Mapping[str, Scale]
    ranges: Mapping[str, tuple[int, int]]
    reversed_items: frozenset[str]
    weights: Mapping[str, float]
    stop_flags: Mapping[str, int]
    verdict: str
    verdict_scores: Mapping[int, float]
    strict: frozenset[int]
    broad: frozenset[int]
    already_here: int
    comparable: Mapping[int, frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Instrument:
    """A questionnaire with all its words, in all its languages.

    columns: the frozen order of one evaluation's codes. sources: the files it was read from, by name, so that
    it can travel with data and be read again. digest: SHA-256 over structure, codes and English wording.
    """

    key: str
    version: int
    languages: tuple[str, ...]
    questions: Mapping[str, Question]
    steps: tuple[Step, ...]
    variants: Mapping[str, Variant]
    profile: tuple[Question, ...]
    groups: tuple[Group, ...]
    scoring: Scoring
    missing_texts: Mapping[int, str]
    nothing_ticked: str  # text key of a MULTI answer without a tick; "" when there is no such question
    texts: Mapping[str, Mapping[str, str]]  # text key -> language -> words
    columns: tuple[str, ...]
    text_questions: tuple[str, ...]
    profile_columns: tuple[str, ...]
    group_by_code: Mapping[int, str]
    translations_version: str
    digest: str
    sources: Mapping[str, str]

    def __repr__(self) -> str:
        """Short: the words alone would fill a screen of a log."""
        return f"<Instrument {self.key} v{self.version} {self.digest[:12]}>"

    def text(self, key: str, language: str) -> str:
        """The words, with {region}, {origin} and {practice} still in them. KeyError names what is unknown."""
        try:
            return self.texts[key][language]
        except KeyError as error:
            message = f"{self.key} v{self.version} has no text {key!r} in the language {language!r}"
            raise KeyError(message) from error

    def wording(self, question: Question, *, language: str, mode: Mode, variant: str | None = None) -> str:
        """What is asked, in this language, mode and variant; placeholders still in it."""
        return self.text(question.wording_key(mode=mode, variant=variant), language)

    def profile_question(self, code: str) -> Question:
        """One question of the respondent's profile. KeyError when there is none."""
        for question in self.profile:
            if question.code == code:
                return question
        raise KeyError(code)

    def group_of(self, stakeholder_code: int) -> str:
        """The group ("BUS") of a stakeholder type, by its code. KeyError when the code is not a type."""
        return self.group_by_code[stakeholder_code]

    def pack(self, codes: Mapping[str, int]) -> bytes:
        """One signed byte per column; NOT_ANSWERED where `codes` says nothing. ValueError when it cannot be."""
        return _pack(codes, self.columns)

    def unpack(self, row: bytes) -> dict[str, int]:
        """The code of every column. ValueError when the row is not as long as the columns."""
        return _unpack(row, self.columns)

    def pack_profile(self, codes: Mapping[str, int]) -> bytes:
        """As `pack`, for the profile."""
        return _pack(codes, self.profile_columns)

    def unpack_profile(self, row: bytes) -> dict[str, int]:
        """As `unpack`, for the profile."""
        return _unpack(row, self.profile_columns)


def fill(text: str, *, region: str, origin: str, practice: str) -> str:
    """Put the three names in. One pass: a name that holds "{origin}" itself stays as it is."""
    names = {"region": region, "origin": origin, "practice": practice}
    return _PLACEHOLDER.sub(lambda match: names[match[1]], text)


def _pack(codes: Mapping[str, int], columns: tuple[str, ...]) -> bytes:
    unknown = codes.keys() - set(columns)
    if unknown:
        message = f"no such column: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    try:
        return struct.pack(f"{len(columns)}b", *[codes.get(column, NOT_ANSWERED) for column in columns])
    except struct.error as error:
        message = f"a code does not fit one signed byte: {error}"
        raise ValueError(message) from error


def _unpack(row: bytes, columns: tuple[str, ...]) -> dict[str, int]:
    return dict(zip(columns, memoryview(row).cast("b"), strict=True))
