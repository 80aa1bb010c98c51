"""What is stored about a respondent, as pages and as a file."""

import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from flask import render_template
from flask.typing import ResponseReturnValue

from instruments import Question, in_words, path
from survey.models import EvaluationState, InterviewState
from survey.services import contacts, disclosing, errors
from survey.services.contacts import Identity
from survey.services.disclosing import About, LoggedAnswer
from survey.services.interviewing import Head, InterviewView, PracticeView
from survey.texts import typographic, ui
from survey.web.database import reading, utc_now
from survey.web.respondent.conflicts import author_key
from survey.web.respondent.interviews import head_of, speak
from survey.web.respondent.places import place_of
from survey.web.respondent.profile import ProfilePage
from survey.web.respondent.review import review_of
from survey.web.sealing import seal

log = logging.getLogger("survey.web")

FORMAT: Final = 1
"""Raised when a name in the file changes its meaning or goes away."""


@dataclass(frozen=True, slots=True)
class Known:
    """Who the respondent is. identity: None when nothing is known, or when it cannot be read at this moment."""

    identity: Identity | None
    is_readable: bool = True


def head_to_disclose(interview_id: uuid.UUID) -> Head:
    """The interview, in its language, whether or not it still takes answers."""
    head = head_of(interview_id)
    speak(head)
    if head.state is InterviewState.WITHDRAWN:
        raise errors.Withdrawn
    return head


def known_of(about: About) -> Known:
    """What is known of the person. A key that does not fit must not keep anybody from withdrawing."""
    try:
        return Known(contacts.identity_of(reading(), seal(), about.respondent_id))
    except errors.Unreadable as refusal:
        log.error("%s", refusal.message)  # noqa: TRY400 (the sentence says all; there is nothing to trace)
        return Known(None, is_readable=False)


def render_my_data(view: InterviewView, language: str, *, is_saved: bool) -> ResponseReturnValue:
    """Everything but the answers themselves. is_saved: contact details were corrected just now."""
    head, now = view.head, utc_now()
    about = disclosing.about(reading(), head.interview_id)
    return render_template(
        "respondent/my_data.html",
        head=head,
        about=about,
        known=known_of(about),
        group=_group(view, about, language),
        answers=disclosing.how_many_answers(view),
        judged=sum(practice.state is EvaluationState.COMPLETE for practice in view.practices),
        assigned=len(view.practices),
        place=place_of(head, language),
        shows_answers=disclosing.shows_answers(head, now),
        answers_until=disclosing.answers_shown_until(head),
        is_closed=head.is_closed(now),
        is_saved=is_saved,
    )


def render_answers(view: InterviewView, language: str) -> ResponseReturnValue:
    """All answers in words on one page, made for paper too."""
    return render_template(
        "respondent/answers.html",
        head=view.head,
        review=review_of(view, language, in_full=True),
        answers_until=disclosing.answers_shown_until(view.head),
    )


def file_of(view: InterviewView, language: str) -> str:
    """Everything that is stored, as JSON: codes for programs, words for people, in the language of the page.

    Unreadable when contact details are: a copy that left them out would say that there are none.
    """
    head = view.head
    about = disclosing.about(reading(), head.interview_id)
    identity = contacts.identity_of(reading(), seal(), about.respondent_id)
    body = {
        "format": FORMAT,
        "made_at": utc_now(),
        "language": language,
        "study": {"key": head.study_key, "title": head.title, "owner": head.owner, "contact": head.contact_email},
        "respondent": {"number": head.respondent_number, "known_since": about.known_since},
        "contact_details": asdict(identity) if identity else None,
        "opted_out_at": about.opted_out_at,
        "consent": {
            "version": about.consent_version,
            "given_at": about.consented_at,
            "text": place_of(head, language).words("consent.text"),
        },
        "interview": _interview(head, about),
        "profile": list(_profile(view, language)),
        "practices": [_practice(view, practice, language) for practice in view.practices],
        "log": [_line(line) for line in disclosing.log_of(reading(), head.interview_id)],
        "mails": [asdict(mail) for mail in about.mails],
    }
    return json.dumps(body, ensure_ascii=False, indent=2, default=_moment) + "\n"


def _line(line: LoggedAnswer) -> dict[str, Any]:
    """An answer as it was given once. Who an interviewer was is that person's own data."""
    author = author_key(line.author).removeprefix("author.")
    return asdict(line) | {"author": author}


def _interview(head: Head, about: About) -> dict[str, Any]:
    return {
        "state": head.state.value,
        "mode": head.mode,
        "language": about.language,
        "questionnaire": {"key": head.instrument.key, "version": head.instrument.version, "variant": head.variant},
        "region": head.region_key,
        "group": about.group_key,
        "started_at": head.started_at,
        "last_answer_at": head.last_answer_at,
        "submitted_at": head.submitted_at,
        "receipt": head.receipt,
        "simulated": head.is_simulated,
    }


def _profile(view: InterviewView, language: str) -> Iterator[dict[str, Any]]:
    page = ProfilePage(view, language)
    yield {
        "question": "REGION",
        "wording": page.place.words("profile.region.question"),
        "answer": view.head.region_name,
        "text": view.head.region_key,
    }
    for question in page.questions:
        yield _answer(view, question, page.place.wording(question), view.profile, {}, language)


def _practice(view: InterviewView, practice: PracticeView, language: str) -> dict[str, Any]:
    place = place_of(view.head, language, practice)
    asked = path(view.head.instrument, view.head.variant, practice.codes)
    return {
        "number": practice.position,
        "key": practice.key,
        "title": practice.title,
        "region": practice.region_key,
        "state": practice.state.value,
        "answers": [
            _answer(view, question, place.wording(question), practice.codes, practice.texts, language)
            for question in asked
        ],
    }


def _answer(
    view: InterviewView,
    question: Question,
    wording: str,
    codes: Mapping[str, int],
    texts: Mapping[str, str],
    language: str,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "question": question.code,
        "wording": wording,
        "answer": in_words(view.head.instrument, question, codes, texts, language),
    }
    if question.columns:
        return found | {"codes": {column: codes[column] for column in question.columns}}
    return found | {"text": texts.get(question.code, "")}


def _group(view: InterviewView, about: About, language: str) -> str:
    instrument = view.head.instrument
    key = next((group.text for group in instrument.groups if group.key == about.group_key), "")
    return typographic(instrument.text(key, language)) if key else ui(language)("review.unanswered")


def _moment(moment: datetime) -> str:
    return moment.isoformat()
