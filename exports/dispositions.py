"""Final outcome codes of cases, what each counts as, and which of several holds.

AAPOR Standard Definitions, 10th edition (2023), for samples of named persons: read "household" as "organisation".
4.50, the wrong kind of place, is not used: a business is where experts are called. Method, section 5.1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto
from typing import Final

from instruments import Mode


class Symbol(StrEnum):
    """What the formulas of the rates count."""

    COMPLETE = "I"
    PARTIAL = "P"
    REFUSAL = "R"  # and break-off
    NON_CONTACT = "NC"
    OTHER = "O"
    UNKNOWN_HOUSEHOLD = "UH"  # nothing known about the organisation
    UNKNOWN_RESPONDENT = "UR"  # the organisation was reached; counted in UO before 2023
    UNKNOWN_OTHER = "UO"
    NOT_ELIGIBLE = "NE"


class Rank(IntEnum):
    """Which code of a case holds when several were recorded: the lowest."""

    COMPLETE = auto()
    PARTIAL = auto()
    NOT_ELIGIBLE = auto()
    REFUSED_IN_PERSON = auto()
    BREAK_OFF = auto()
    REFUSED_BY_OTHERS = auto()
    OTHER = auto()
    # Silence after a link was opened is weaker than what somebody said.
    REFUSED_SILENTLY = auto()
    PERSON_CONFIRMED = auto()
    NON_CONTACT = auto()
    # A dead line proves nothing about a person who was heard of elsewhere; above what is not known at all.
    DEAD_LINE = auto()
    ORGANISATION_REACHED = auto()
    UNKNOWN = auto()
    NOTHING_KNOWN = auto()


@dataclass(frozen=True, slots=True)
class Disposition:
    """A final outcome. Codes mean different things on the phone and on the web, so (mode, code) belong together."""

    code: str
    name: str
    symbol: Symbol
    rank: Rank


WEB, PHONE = frozenset({Mode.WEB}), frozenset({Mode.PHONE})
BOTH = WEB | PHONE

_I, _P, _R, _NC, _O = Symbol.COMPLETE, Symbol.PARTIAL, Symbol.REFUSAL, Symbol.NON_CONTACT, Symbol.OTHER
_UH, _UR, _UO = Symbol.UNKNOWN_HOUSEHOLD, Symbol.UNKNOWN_RESPONDENT, Symbol.UNKNOWN_OTHER
_NE = Symbol.NOT_ELIGIBLE

_ROWS: Final = (
    (BOTH, "1.1", "complete", _I, Rank.COMPLETE),
    (BOTH, "1.2", "partial, with enough information", _P, Rank.PARTIAL),
    (BOTH, "2.11", "refusal", _R, Rank.REFUSED_BY_OTHERS),
    (PHONE, "2.111", "refusal by somebody else", _R, Rank.REFUSED_BY_OTHERS),
    (PHONE, "2.112", "refusal by the person", _R, Rank.REFUSED_IN_PERSON),
    (WEB, "2.111", "explicit refusal", _R, Rank.REFUSED_IN_PERSON),
    (WEB, "2.112", "implicit refusal", _R, Rank.REFUSED_SILENTLY),
    (WEB, "2.1121", "opened the link, answered nothing", _R, Rank.REFUSED_SILENTLY),
    (WEB, "2.1122", "invitation read, no answer", _R, Rank.REFUSED_SILENTLY),
    (BOTH, "2.12", "break-off, without enough information", _R, Rank.BREAK_OFF),
    (BOTH, "2.20", "non-contact", _NC, Rank.NON_CONTACT),
    (PHONE, "2.21", "person never available", _NC, Rank.PERSON_CONFIRMED),
    (PHONE, "2.22", "answering device of the person", _NC, Rank.NON_CONTACT),
    (PHONE, "2.221", "answering device of the person, message left", _NC, Rank.NON_CONTACT),
    (PHONE, "2.222", "answering device of the person, no message left", _NC, Rank.NON_CONTACT),
    (WEB, "2.26", "away for the whole time of fieldwork", _NC, Rank.PERSON_CONFIRMED),
    (WEB, "2.27", "completed too late", _NC, Rank.PERSON_CONFIRMED),
    (BOTH, "2.30", "eligible, other reason", _O, Rank.OTHER),
    (BOTH, "2.31", "deceased", _O, Rank.OTHER),
    (BOTH, "2.32", "physically or mentally unable", _O, Rank.OTHER),
    (BOTH, "2.33", "language barrier", _O, Rank.OTHER),
    (BOTH, "2.331", "language barrier of the organisation", _O, Rank.OTHER),
    (BOTH, "2.332", "language barrier of the person", _O, Rank.OTHER),
    (BOTH, "2.35", "situation or technology prevents the interview", _O, Rank.OTHER),
    (BOTH, "2.36", "miscellaneous", _O, Rank.OTHER),
    (BOTH, "3.10", "nothing known", _UH, Rank.NOTHING_KNOWN),
    (PHONE, "3.11", "not attempted", _UH, Rank.NOTHING_KNOWN),
    (WEB, "3.11", "no invitation sent", _UH, Rank.NOTHING_KNOWN),
    (PHONE, "3.12", "always busy", _UH, Rank.UNKNOWN),
    (PHONE, "3.13", "no answer", _UH, Rank.UNKNOWN),
    (PHONE, "3.14", "answering device, unknown whose", _UH, Rank.UNKNOWN),
    (PHONE, "3.15", "calls are blocked", _UH, Rank.UNKNOWN),
    (PHONE, "3.16", "technical problems", _UH, Rank.UNKNOWN),
    (WEB, "3.19", "nothing ever returned", _UH, Rank.NOTHING_KNOWN),
    (BOTH, "3.20", "organisation reached, unknown if an eligible person is there", _UR, Rank.ORGANISATION_REACHED),
    (BOTH, "3.21", "organisation reached, screener not completed", _UR, Rank.ORGANISATION_REACHED),
    (WEB, "3.30", "invitation undelivered", _UO, Rank.UNKNOWN),
    (WEB, "3.40", "invitation returned with a new address", _UO, Rank.UNKNOWN),
    (BOTH, "3.90", "unknown, other reason", _UO, Rank.UNKNOWN),
    (BOTH, "3.91", "unknown, miscellaneous", _UO, Rank.UNKNOWN),
    (BOTH, "4.10", "out of the sample, screened out", _NE, Rank.NOT_ELIGIBLE),
    (WEB, "4.11", "screened out by the first criterion", _NE, Rank.NOT_ELIGIBLE),
    (WEB, "4.12", "screened out by the second criterion", _NE, Rank.NOT_ELIGIBLE),
    (PHONE, "4.20", "fax or data line", _NE, Rank.DEAD_LINE),
    (PHONE, "4.30", "number does not work", _NE, Rank.DEAD_LINE),
    (PHONE, "4.31", "number does not exist", _NE, Rank.DEAD_LINE),
    (PHONE, "4.32", "number disconnected", _NE, Rank.DEAD_LINE),
    (PHONE, "4.33", "number temporarily out of service", _NE, Rank.DEAD_LINE),
    (BOTH, "4.70", "no eligible person: left the organisation, nobody in the place", _NE, Rank.NOT_ELIGIBLE),
    (BOTH, "4.80", "quota filled", _NE, Rank.NOT_ELIGIBLE),
    (BOTH, "4.81", "duplicate of another case", _NE, Rank.NOT_ELIGIBLE),
    (BOTH, "4.90", "not eligible, other reason", _NE, Rank.NOT_ELIGIBLE),
)
DISPOSITIONS: Final[Mapping[tuple[Mode, str], Disposition]] = {
    (mode, code): Disposition(code, name, symbol, rank)
    for modes, code, name, symbol, rank in _ROWS
    for mode in Mode
    if mode in modes
}
COMPLETE, PARTIAL, BREAK_OFF = "1.1", "1.2", "2.12"
NOT_ATTEMPTED = "3.11"
ENOUGH = (4, 5)  # complete: verdict and valid score for at least four fifths of the assigned practices


@dataclass(frozen=True, slots=True)
class Event:
    """One attempt or one stage of a case: in which mode, and the code it would close the case with."""

    mode: Mode
    code: str


def disposition(mode: Mode, code: str) -> Disposition:
    """What a code means in a mode. KeyError when the mode has no such code."""
    return DISPOSITIONS[mode, code]


def final_code(events: Iterable[Event]) -> Event | None:
    """The event whose code closes a case, by rank; of equal rank the latest. None when nothing was attempted.

    events: all of one case, oldest first, of every mode. A later "no answer" so overwrites neither a refusal nor a
    proof that nobody is eligible, and attempts without an end close as "person never available" when the person was
    once confirmed, else as what the last of them was. KeyError for a code that its mode does not have.
    """
    ordered = list(events)
    if not ordered:
        return None
    return min(reversed(ordered), key=lambda event: disposition(event.mode, event.code).rank)


def interview_code(*, consented: bool, assigned: int, judged: int, scored: int) -> str | None:
    """The code that the answers of an interview give: "1.1", "1.2", "2.12", or None without consent.

    assigned: practices given out. judged: those with a verdict and a valid score. scored: with a valid score.
    A case without a valid score is a break-off once consent was given, also before practices were given out.
    ValueError unless 0 <= judged <= scored <= assigned. Source: method 5.1.
    """
    if not 0 <= judged <= scored <= assigned:
        raise ValueError(f"{judged} judged of {scored} scored of {assigned} assigned practices cannot be")
    if not consented:
        return None
    if scored == 0:
        return BREAK_OFF
    share, whole = ENOUGH
    return COMPLETE if judged * whole >= assigned * share else PARTIAL
