"""The tables. No rules here: what happens is in `survey.services`, how things are found in `survey.queries`."""

from survey.models.answers import AnswerChange, Operation
from survey.models.base import Base, UtcDateTime
from survey.models.calls import CallAttempt, CallCase, CaseEvent
from survey.models.contacts import Contact, HandoverCode, Hit, OpenLink
from survey.models.interviews import Evaluation, EvaluationState, Interview, InterviewState, Link, Respondent
from survey.models.people import Membership, Person, Role, WebSession
from survey.models.studies import Practice, PracticeText, Region, RegionText, Source, Study, StudyState, StudyText
from survey.models.work import Job, JobState, Mail, MailEvent, MailKind, MailState

__all__ = [
    "AnswerChange",
    "Base",
    "CallAttempt",
    "CallCase",
    "CaseEvent",
    "Contact",
    "Evaluation",
    "EvaluationState",
    "HandoverCode",
    "Hit",
    "Interview",
    "InterviewState",
    "Job",
    "JobState",
    "Link",
    "Mail",
    "MailEvent",
    "MailKind",
    "MailState",
    "Membership",
    "OpenLink",
    "Operation",
    "Person",
    "Practice",
    "PracticeText",
    "Region",
    "RegionText",
    "Respondent",
    "Role",
    "Source",
    "Study",
    "StudyState",
    "StudyText",
    "UtcDateTime",
    "WebSession",
]
