"""The interview that an address names: its head, the language of its pages, and whether it still takes answers."""

import uuid

from survey.models import InterviewState
from survey.services import errors, interviewing
from survey.services.interviewing import Head
from survey.web.database import reading, utc_now
from survey.web.languages import asked_language, use_language


def head_of(interview_id: uuid.UUID) -> Head:
    """The interview without its answers, in the language of the page."""
    return interviewing.head_of(reading(), interview_id, asked_language())


def speak(head: Head) -> str:
    """Let the page speak the language that the interview's texts were read in. Gives the language."""
    return use_language(head.language, head.languages)


def speak_if_open(head: Head) -> str:
    """As `speak`, if this interview still takes answers; else raise what refuses them."""
    language = speak(head)
    if head.state is InterviewState.SUBMITTED:
        raise errors.AlreadySubmitted(head.submitted_at)
    if head.state is InterviewState.WITHDRAWN:
        raise errors.Withdrawn
    if head.is_closed(utc_now()):
        raise errors.StudyClosed
    return language


def lacks_profile(interview_id: uuid.UUID) -> bool:
    """Whether the profile is still to be answered, so that there are no practices yet."""
    return interviewing.place(reading(), interview_id).page == "profile"
