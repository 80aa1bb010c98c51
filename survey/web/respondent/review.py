"""The page on which everything is seen once more before it is handed in."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from instruments import NOT_ANSWERED, Block, Kind, Question, in_words, missing_required, path, steps, unanswered
from survey.services import interviewing
from survey.services.duration import MINUTES_A_PRACTICE
from survey.services.errors import MissingAnswer
from survey.services.extending import extra_positions
from survey.services.interviewing import InterviewView, PracticeView
from survey.texts import Texts, typographic, ui
from survey.web.database import reading, utc_now
from survey.web.printing import Place
from survey.web.respondent.addresses import WHOLE
from survey.web.respondent.places import place_of
from survey.web.respondent.profile import ProfilePage


@dataclass(frozen=True, slots=True)
class Item:
    """One answer in words. is_open: a question that was asked and has none. is_needed: it cannot be left like that."""

    wording: str
    answer: str
    address: str
    is_open: bool
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One practice.

    language: what the title is in.
    open_count: questions without an answer. is_complete: none of those that are needed is among them. is_extra: taken
    on beyond what was promised, so it may be left.
    other_region: the region it is judged for, if that is not the respondent's own any more; else "".
    """

    number: int
    title: str
    language: str
    other_region: str
    items: tuple[Item, ...]
    open_count: int
    is_complete: bool
    is_extra: bool

    @property
    def is_missing(self) -> bool:
        """Whether it keeps the interview from being handed in."""
        return not self.is_complete and not self.is_extra


@dataclass(frozen=True, slots=True)
class Review:
    """What the review page shows."""

    profile: tuple[Item, ...]
    sections: tuple[Section, ...]

    @property
    def open_count(self) -> int:
        return sum(section.open_count for section in self.sections)

    @property
    def first_missing(self) -> int:
        """The practice to begin with; 0 when nothing that is needed is open."""
        return next((section.number for section in self.sections if section.is_missing), 0)

    @property
    def is_missing(self) -> bool:
        return any(section.is_missing for section in self.sections)

    @property
    def left_extra(self) -> int:
        """Practices taken on beyond the promise that are not complete."""
        return sum(section.is_extra and not section.is_complete for section in self.sections)


def review_of(view: InterviewView, language: str, *, in_full: bool = False) -> Review:
    """All answers of an interview in words. in_full: rows of yes and no with every name, however many there are."""
    t = ui(language)
    return Review(tuple(_profile(view, language, t)), tuple(_sections(view, t, in_full=in_full)))


def render_review(
    view: InterviewView,
    language: str,
    *,
    missing: Iterable[MissingAnswer] = (),
    status: int = 200,
    refused: bool = False,
) -> ResponseReturnValue:
    """The page. missing: what kept it from being handed in; refused: the form's check failed."""
    more = interviewing.more_to_offer(reading(), view.head.interview_id, now=utc_now())
    page = render_template(
        "respondent/review.html",
        head=view.head,
        review=review_of(view, language),
        more=more,
        more_minutes=ceil(more * MINUTES_A_PRACTICE),
        previous=_last_page(view),
        mistakes=[(_address_of(view, place), _words_of(view, place, language)) for place in missing],
        refused=refused,
        op_id=uuid.uuid4(),
    )
    return page, status


def _profile(view: InterviewView, language: str, t: Texts) -> Iterator[Item]:
    page = ProfilePage(view, language)
    wordings = {question.code: question for question in page.questions}
    for code in page.shown:
        address = url_for("respondent.profile", interview_id=view.head.interview_id, back="review", _anchor=code)
        if code in wordings:
            question = wordings[code]
            words = in_words(view.head.instrument, question, view.profile, {}, language)
            wording, is_needed = page.place.wording(question), question.required
        else:
            words, wording = view.head.region_name, page.place.words("profile.region.question")
            is_needed = True
        yield Item(wording, typographic(words) or t("review.unanswered"), address, not words, is_needed)


def _sections(view: InterviewView, t: Texts, *, in_full: bool) -> Iterator[Section]:
    instrument, variant = view.head.instrument, view.head.variant
    extra = extra_positions((each.position for each in view.practices), view.head.extra_practices)
    for practice in view.practices:
        place = place_of(view.head, t.language, practice)
        yield Section(
            number=practice.position,
            title=typographic(practice.title),
            language=practice.language,
            other_region="" if practice.region_key == view.head.region_key else typographic(practice.region_name),
            items=tuple(_items(view, practice, place, t, in_full=in_full)),
            open_count=len(unanswered(instrument, variant, practice.codes)),
            is_complete=not missing_required(instrument, variant, practice.codes),
            is_extra=practice.position in extra,
        )


def _items(view: InterviewView, practice: PracticeView, place: Place, t: Texts, *, in_full: bool) -> Iterator[Item]:
    instrument, variant = view.head.instrument, view.head.variant
    asked = set(path(instrument, variant, practice.codes))
    for step in steps(instrument, variant, practice.codes):
        for block in step.blocks:
            questions = [instrument.questions[code] for code in block.questions]
            questions = [question for question in questions if question in asked]
            if block.stem and questions:
                yield _rows_as_one(view, practice, block, questions, step.key, place, t, in_full=in_full)
                questions = [question for question in questions if question.kind is not Kind.YES_NO]
            for question in questions:
                item = _item(view, practice, question, step.key, place, t)
                if item is not None:
                    yield item


def _item(
    view: InterviewView, practice: PracticeView, question: Question, step: str, place: Place, t: Texts
) -> Item | None:
    words = in_words(view.head.instrument, question, practice.codes, practice.texts, t.language)
    address = _address(view, practice.position, step, question.code)
    if question.kind is Kind.TEXT:
        # A text is never open; one that explains an answer is shown only when there is one.
        if not words and question.show_if is not None:
            return None
        return Item(place.wording(question), words or t("review.nothing_written"), address, is_open=False)
    if question.kind is Kind.MULTI and all(practice.codes.get(column) == 0 for column in question.columns):
        # Nobody ticks "none of these": a list that was passed by looks the same.
        words = t("review.nothing_chosen")
    answer = typographic(words) or t("review.unanswered")
    return Item(place.wording(question), answer, address, not words, question.required)


def _rows_as_one(
    view: InterviewView,
    practice: PracticeView,
    block: Block,
    questions: list[Question],
    step: str,
    place: Place,
    t: Texts,
    *,
    in_full: bool,
) -> Item:
    """Yes/no rows in one line: what was said yes to by name, everything else by number unless `in_full`."""
    rows = [question for question in questions if question.kind is Kind.YES_NO]
    given: dict[int, list[Question]] = {}
    for question in rows:
        given.setdefault(practice.codes[question.code], []).append(question)
    texts = {option.code: place.words(option.text) for option in rows[0].options}
    texts |= {code: place.words(key) for code, key in view.head.instrument.missing_texts.items()}
    texts[NOT_ANSWERED] = t("review.unanswered")
    order = [code for code in (1, 0, *sorted(code for code in given if code > 1), NOT_ANSWERED) if code in given]
    names = {code: "; ".join(place.wording(question) for question in given[code]) for code in order}
    parts = [f"{texts[code]}: {names[code] if in_full or code == 1 else len(given[code])}." for code in order]
    nothing_said = set(given) == {NOT_ANSWERED}
    first_open = given.get(NOT_ANSWERED, rows)[0]
    return Item(
        wording=place.words(str(block.stem)),
        answer=t("review.unanswered") if nothing_said else ("\n" if in_full else " ").join(parts),
        address=_address(view, practice.position, step, first_open.code),
        is_open=NOT_ANSWERED in given,
        is_needed=any(question.required for question in given.get(NOT_ANSWERED, ())),
    )


def _last_page(view: InterviewView) -> str:
    """Where the last practice ends; "" without one."""
    if not view.practices:
        return ""
    head, last = view.head, view.practices[-1]
    step = WHOLE if head.layout == "whole" else steps(head.instrument, head.variant, last.codes)[-1].key
    return url_for("respondent.practice", interview_id=head.interview_id, position=last.position, step=step)


def _address(view: InterviewView, position: int, step: str, anchor: str) -> str:
    return url_for(
        "respondent.practice",
        interview_id=view.head.interview_id,
        position=position,
        step=WHOLE if view.head.layout == "whole" else step,
        back="review",
        _anchor=anchor,
    )


def _address_of(view: InterviewView, missing: MissingAnswer) -> str:
    if missing.position is None or missing.step is None:
        return url_for(
            "respondent.profile", interview_id=view.head.interview_id, back="review", _anchor=missing.question
        )
    return _address(view, missing.position, missing.step, missing.question)


def _words_of(view: InterviewView, missing: MissingAnswer, language: str) -> str:
    """The question that is open, with the practice it is about."""
    if missing.position is None:
        page = ProfilePage(view, language)
        if missing.question in {question.code for question in page.questions}:
            return page.place.wording(view.head.instrument.profile_question(missing.question))
        return page.place.words("profile.region.question")
    practice = view.practices[missing.position - 1]
    place = place_of(view.head, language, practice)
    question = view.head.instrument.questions[missing.question]
    return f"{practice.position}. {typographic(practice.title)}: {place.wording(question)}"
