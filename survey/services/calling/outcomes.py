"""What can come of a call: the outcomes an interviewer chooses from, and what each leads to.

`code` is the final outcome code (AAPOR, phone) that closes the case when nothing better comes; what codes mean, and
which of several holds, is `exports.dispositions`. Method, sections 5.1 and 5.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Next(StrEnum):
    """What follows from an outcome."""

    RETRY = "retry"  # after the delay of an unanswered call
    BUSY = "busy"  # soon, a few times in a row
    PROMISED = "promised"  # at the time that was agreed on
    AWAY = "away"  # days later
    LINK = "link"  # the person has the link and gets some days for it
    SOFT_REFUSAL = "soft_refusal"  # a week later, by somebody else, if a lead agrees
    LEAD = "lead"  # nothing until a lead has seen to it
    FINAL = "final"  # never again


@dataclass(frozen=True, slots=True)
class Outcome:
    """search: words by which it is found besides its label."""

    key: str
    label: str
    next: Next
    code: str
    search: tuple[str, ...] = ()


_ROWS: Final = (
    Outcome("no_answer", "No answer", Next.RETRY, "3.13", ("nobody", "ringing", "na")),
    Outcome("busy", "Busy", Next.BUSY, "3.12", ("engaged", "occupied", "line")),
    Outcome("voicemail_message", "Voicemail of the person, message left", Next.RETRY, "2.221", ("machine", "mailbox")),
    Outcome("voicemail", "Voicemail of the person, no message", Next.RETRY, "2.222", ("machine", "mailbox")),
    Outcome("voicemail_unknown", "Voicemail, unknown whose", Next.RETRY, "3.14", ("machine", "mailbox", "device")),
    Outcome("person_not_there", "Person works there, not available now", Next.RETRY, "2.21", ("gatekeeper", "meeting")),
    Outcome("reached_organisation", "Organisation reached, unknown if the person is there", Next.RETRY, "3.20",
            ("gatekeeper", "reception", "switchboard", "secretary")),
    Outcome("appointment", "Appointment at an exact time", Next.PROMISED, "2.21", ("exact", "time", "date")),
    Outcome("call_back", "Call back, time not exact", Next.PROMISED, "2.21", ("vague", "later", "appointment")),
    Outcome("interrupted", "Interview interrupted, to be continued", Next.PROMISED, "2.12", ("continue", "partial")),
    Outcome("away", "Away for some days", Next.AWAY, "2.21", ("holiday", "leave", "travelling", "ill")),
    Outcome("link_sent", "Prefers the web, link sent", Next.LINK, "2.21", ("online", "email", "mail")),
    Outcome("handed_over", "Interview handed over to the web", Next.LINK, "2.21", ("online", "code")),
    Outcome("technical", "Technical problem", Next.RETRY, "3.16", ("connection", "sound", "cut off")),
    Outcome("blocked", "Call blocked", Next.RETRY, "3.15", ("barred", "spam")),
    Outcome("out_of_service", "Number temporarily out of service", Next.RETRY, "4.33", ("dead", "unreachable")),
    Outcome("refused_softly", "Person would rather not (may change)", Next.SOFT_REFUSAL, "2.112",
            ("soft", "refusal", "no time", "not now")),
    Outcome("refused_softly_by_other", "Somebody else would rather not (may change)", Next.SOFT_REFUSAL, "2.111",
            ("soft", "refusal", "gatekeeper", "secretary")),
    Outcome("wrong_number", "Wrong number", Next.LEAD, "3.90", ("somebody else",)),
    Outcome("number_dead", "Number does not exist or is disconnected", Next.LEAD, "4.30", ("not working", "invalid")),
    Outcome("fax", "Fax or data line", Next.LEAD, "4.20", ("modem", "tone")),
    Outcome("language", "No common language", Next.LEAD, "2.332", ("barrier", "speaks")),
    Outcome("language_of_organisation", "No common language with the organisation", Next.LEAD, "2.331",
            ("barrier", "reception")),
    Outcome("complete", "Interview complete", Next.FINAL, "1.1", ("done", "finished")),
    Outcome("partial", "Interview ended early, enough answered", Next.FINAL, "1.2", ("stopped",)),
    Outcome("broken_off", "Interview broken off for good", Next.FINAL, "2.12", ("stopped", "hung up")),
    Outcome("refused", "Person refuses", Next.FINAL, "2.112", ("hard", "refusal", "no")),
    Outcome("objection", "Do not contact again, data protection objection", Next.FINAL, "2.112",
            ("opt out", "gdpr", "refusal", "delete")),
    Outcome("refused_by_other", "Somebody else refuses for good", Next.FINAL, "2.111",
            ("hard", "refusal", "gatekeeper", "secretary")),
    Outcome("away_throughout", "Away for the whole time of fieldwork", Next.FINAL, "2.21", ("leave", "sabbatical")),
    Outcome("deceased", "Person has died", Next.FINAL, "2.31", ("dead", "died")),
    Outcome("unable", "Person is not able to take part", Next.FINAL, "2.32", ("ill", "health")),
    Outcome("other", "Eligible, other reason", Next.FINAL, "2.36", ("miscellaneous",)),
    Outcome("screened_out", "Not in the sample: screened out", Next.FINAL, "4.10", ("ineligible", "not eligible")),
    Outcome("left", "Left the organisation, nobody in the place", Next.FINAL, "4.70", ("retired", "ineligible")),
    Outcome("quota_filled", "Quota filled", Next.FINAL, "4.80", ("enough",)),
    Outcome("duplicate", "Same person as in another case", Next.FINAL, "4.81", ("twice", "double")),
    Outcome("not_eligible", "Not eligible, other reason", Next.FINAL, "4.90", ("ineligible",)),
)  # fmt: skip
OUTCOMES: Final[Mapping[str, Outcome]] = {outcome.key: outcome for outcome in _ROWS}


def found_by(typed: str) -> tuple[Outcome, ...]:
    """The outcomes for which each typed word begins a word of the label, a search word or the code, in their order.

    Those whose label begins as typed come first. All of them when nothing is typed.
    """
    words = typed.casefold().split()
    found = [outcome for outcome in OUTCOMES.values() if all(_matches(outcome, word) for word in words)]
    begun = " ".join(words)
    return tuple(sorted(found, key=lambda outcome: not outcome.label.casefold().startswith(begun)))


def _matches(outcome: Outcome, word: str) -> bool:
    known = " ".join((outcome.label, *outcome.search, outcome.code)).casefold().replace(",", " ").replace("(", " ")
    return any(part.startswith(word) for part in known.split())
