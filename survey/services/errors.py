"""Refusals that a person can act on. Each carries a sentence; one place in the web maps the classes to pages."""

# ruff: noqa: N818 (these are refusals in words that people say; most are no errors of anybody)

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from instruments import Problem


class SurveyError(Exception):
    """What was asked for is refused, and `message` says why in one sentence."""

    sentence = "This is not possible."

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.sentence
        super().__init__(self.message)


class NotFound(SurveyError):
    sentence = "There is nothing under this address."


class NotYours(NotFound):
    """An interview that the session does not open, whether there is one or not: to people the same as `NotFound`."""


class LinkInvalid(SurveyError):
    """Unknown, malformed, expired or revoked: the same words, so that nobody can try out which links exist."""

    sentence = "This link is not valid or has expired."


class StudyClosed(SurveyError):
    sentence = "This study is closed. Answers can no longer be given."


class NotOpenYet(SurveyError):
    sentence = "This study is not open yet. Please come back later."


class OpenLinkFull(SurveyError):
    """As many people as were wanted have begun at this open link."""

    sentence = "This link takes no more people."


class OpenLinkClosed(SurveyError):
    """Somebody closed the open link, or its last day is over."""

    sentence = "This link is closed."


class CodeRefused(SurveyError):
    """Unknown, wrong, expired, used or tried too often: the same words, so that nobody can try out numbers."""

    sentence = "This number and code do not open anything, or no longer."


class Declined(SurveyError):
    sentence = "You have chosen not to take part. No answers have been stored."


class AlreadySubmitted(SurveyError):
    sentence = "This questionnaire has already been submitted. The answers can no longer be changed."

    def __init__(self, submitted_at: datetime | None = None) -> None:
        self.submitted_at = submitted_at
        super().__init__()


class Withdrawn(SurveyError):
    sentence = "Consent to this interview was withdrawn. Nothing was saved."


class Unreadable(SurveyError):
    """Names and addresses were sealed with another key than this installation has now."""

    sentence = (
        "Names and addresses cannot be read with the present key. "
        "Put the key back that they were sealed with: SURVEY_CONTACT_KEY or the file contact-key in the data folder."
    )


class NoMailServer(SurveyError):
    sentence = "No mail server is set (SURVEY_SMTP_URL and SURVEY_MAIL_FROM), so mails wait."


class NoConsent(SurveyError):
    sentence = "Answers can be given only after consent."


class OperationReused(SurveyError):
    """The same operation id came with other content."""

    sentence = "This save carries the number of an earlier one with other content. Please load the page again."


class UnknownRevision(SurveyError):
    """A save claims to have seen a revision that there has never been; it would overrule answers to come unseen."""

    sentence = "This save builds on a revision that does not exist. Nothing was saved; please load the page again."


class OtherPractice(SurveyError):
    """The save is about a practice that was given back since, and another one stands in its place."""

    sentence = "Another practice is asked about here by now. Nothing was saved; please load the page again."


class NotAllowed(SurveyError):
    sentence = "You may not do this."


class CaseLost(SurveyError):
    """Somebody else has the case by now, or it was given back. holder: who has it; None if nobody."""

    sentence = "You do not have this case in hand any more. What you have entered is kept; take the next case."

    def __init__(self, holder: uuid.UUID | None = None) -> None:
        self.holder = holder
        super().__init__()


class SignInRefused(SurveyError):
    """Unknown address, wrong password or a disabled account: one error, one sentence."""

    sentence = "This e-mail address and password do not belong together."


class TooManyAttempts(SurveyError):
    sentence = "There were too many attempts. Please wait a few minutes."


class Busy(SurveyError):
    sentence = "The server is busy. Nothing was saved; please try again in a moment."


class LeaseLost(SurveyError):
    """The job is in other hands, or over: whoever hears this stops and writes nothing more about it."""

    sentence = "Another worker has this job now."


class JobConflict(SurveyError):
    """What was asked for does not go with the state of the job."""


@dataclass(frozen=True, slots=True)
class ConflictingAnswer:
    """A question that somebody else answered meanwhile. What is here is what stands."""

    question: str
    # The codes that stand, by column: one for most questions, one per option for a question with several answers.
    codes: dict[str, int]
    # The text that stands; None for coded questions.
    text: str | None
    author: str
    mode: str
    changed_at: datetime


class Conflict(SurveyError):
    """For callers that would rather raise than look at `Saved.conflicts`."""

    sentence = "Somebody else changed the same answer meanwhile."

    def __init__(self, conflicts: Iterable[ConflictingAnswer], saved_revision: int) -> None:
        self.conflicts = tuple(conflicts)
        self.saved_revision = saved_revision
        super().__init__()


class BadInput(SurveyError):
    """Answers that the instrument does not know. Nothing was saved."""

    sentence = "Please check the marked questions."

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__()


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A value of a form or command that cannot be used, and a sentence that says why."""

    field: str
    message: str


class BadFields(SurveyError):
    """Values given by staff that cannot be used; `problems` names every one of them."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in self.problems))


@dataclass(frozen=True, slots=True)
class OfferedTime:
    """A moment that may have been meant. label: its wall time there, with the offset from UTC where that is needed."""

    at: datetime
    label: str


class UnclearTime(BadFields):
    """A wall time that clocks skip or show twice: `offers` has the moments that may have been meant, earlier first."""

    def __init__(self, problem: FieldProblem, offers: Iterable[OfferedTime]) -> None:
        self.offers = tuple(offers)
        super().__init__([problem])


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """A required question without an answer and where it stands. `position` and `step` are None for the profile."""

    position: int | None
    step: str | None
    question: str


class MissingAnswers(SurveyError):
    """The interview cannot be submitted yet; `places` names every required question that is open, in order."""

    sentence = "Some questions still need an answer before you can submit."

    def __init__(self, places: Iterable[MissingAnswer]) -> None:
        self.places = tuple(places)
        super().__init__()
