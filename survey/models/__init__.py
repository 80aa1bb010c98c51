"""The tables. No rules here: what happens is in `survey.services`, how things are found in `survey.queries`."""

from survey.models.answers import AnswerChange, Operation
from survey.models.base import Base, UtcDateTime
from survey.models.interviews import Evaluation, EvaluationState, Interview, InterviewState, Link, Respondent
from survey.models.people import Membership, Person, Role, WebSession
from survey.models.studies import Practice, PracticeText, Region, RegionText, Source, Study, StudyState, StudyText

__all__ = [
    "AnswerChange",
    "Base",
    "Evaluation",
    "EvaluationState",
    "Interview",
    "InterviewState",
    "Link",
    "Membership",
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
