"""The acts of an interview under one name, for the web and the commands: from consent to withdrawal."""

from survey.services.answering import save_answers
from survey.services.consenting import begin, decline
from survey.services.extending import more_to_offer, take_more
from survey.services.following import LastAnswer, News, news_since
from survey.services.placing import Place, place, place_after_break
from survey.services.profiling import save_profile
from survey.services.saving import RESPONDENT, SIMULATION, Author, Save, Saved
from survey.services.submitting import LAYOUTS, Receipt, receipt_of, set_language, set_layout, submit
from survey.services.viewing import (
    Head,
    InterviewView,
    PageView,
    PracticeView,
    RegionChoice,
    Stop,
    head_of,
    overview,
    page_view,
)
from survey.services.withdrawing import withdraw

__all__ = [
    "LAYOUTS",
    "RESPONDENT",
    "SIMULATION",
    "Author",
    "Head",
    "InterviewView",
    "LastAnswer",
    "News",
    "PageView",
    "Place",
    "PracticeView",
    "Receipt",
    "RegionChoice",
    "Save",
    "Saved",
    "Stop",
    "begin",
    "decline",
    "head_of",
    "more_to_offer",
    "news_since",
    "overview",
    "page_view",
    "place",
    "place_after_break",
    "receipt_of",
    "save_answers",
    "save_profile",
    "set_language",
    "set_layout",
    "submit",
    "take_more",
    "withdraw",
]
