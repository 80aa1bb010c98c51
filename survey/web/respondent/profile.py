"""The page about the respondent: region, kind of organisation, experience."""

import uuid
from collections.abc import Mapping

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from instruments import NOT_ANSWERED, Kind, Problem, Question, is_answered
from survey.models import EvaluationState
from survey.services.errors import ConflictingAnswer
from survey.services.interviewing import InterviewView
from survey.texts import Texts, typographic, ui
from survey.web.printing import Answer, Asked, Marks, Place, Saved, printer
from survey.web.questions import Typed, demand
from survey.web.respondent.conflicts import in_words_of_page, saved_instead
from survey.web.respondent.places import place_of
from survey.web.respondent.saving import Trouble

REGION = "REGION"
STAKEHOLDER = "STAKEHOLDER"


class ProfilePage:
    """What is asked about the respondent. The region's list belongs to the study, so it is asked by the page."""

    def __init__(self, view: InterviewView, language: str) -> None:
        self.view = view
        self.language = language
        self.head = view.head

    @property
    def questions(self) -> tuple[Question, ...]:
        return self.head.instrument.profile

    @property
    def shown(self) -> tuple[str, ...]:
        return (*(question.code for question in self._first), REGION, *(question.code for question in self._rest))

    def read_region(self, form: MultiDict[str, str]) -> tuple[str | None, Problem | None]:
        """The key of the region that a form names, if it is one of the study's."""
        raw = [value for value in form.getlist(REGION) if value]
        if not raw:
            return None, None
        if len(raw) > 1 or raw[0] not in {region.key for region in self.view.regions}:
            return None, Problem(REGION, "choose_one", "error.choose_one")
        return raw[0], None

    def left_open(self, typed: Typed, region: str | None) -> dict[str, Problem]:
        """What the profile needs and does not have."""
        codes = {**self.view.profile, **typed.codes}
        open_questions = [q for q in self.questions if q.required and not is_answered(codes, q.columns)]
        problems = demand(open_questions)
        if not region and not self.head.region_key:
            problems[REGION] = Problem(REGION, "choose_one", "error.choose_one")
        return problems

    def changes(self, typed: Typed) -> dict[str, int]:
        """What of a form differs from what is stored."""
        return {column: code for column, code in typed.codes.items() if self.view.profile[column] != code}

    def render(
        self, *, region: str | None = None, back: str = "", trouble: Trouble | None = None
    ) -> ResponseReturnValue:
        """The page, fresh or with what is wrong. region: the key that a form named."""
        t = ui(self.language)
        typed = trouble.typed if trouble else Typed()
        conflicts = {each.question: each for each in trouble.conflicts} if trouble else {}
        marks = Marks(
            problems=trouble.problems_in_words(t) if trouble else {},
            notes=self._notes(t),
            conflicts={code: self._conflict(each, typed, region, t) for code, each in conflicts.items()},
        )
        codes = {**self._suggested(), **typed.shown_codes}
        codes.update({code: self.view.profile[code] for code in conflicts if code in self.view.profile})
        chosen = (None if REGION in conflicts else region) or self.head.region_key or self.view.preset_region_key
        page = render_template(
            "respondent/profile.html",
            head=self.head,
            parts=self._parts(codes, chosen, marks),
            op_id=uuid.uuid4(),
            shown=" ".join(self.shown),
            back=back,
            trouble=trouble,
            mistakes=self._mistakes(marks) if trouble else (),
        )
        return page, trouble.status if trouble else 200

    @property
    def place(self) -> Place:
        return place_of(self.head, self.language)

    @property
    def _first(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.code == STAKEHOLDER)

    @property
    def _rest(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.code != STAKEHOLDER)

    def _suggested(self) -> dict[str, int]:
        """What is stored, and what the invitation knows where nothing is stored."""
        codes = dict(self.view.profile)
        if codes[STAKEHOLDER] == NOT_ANSWERED and self.view.preset_stakeholder is not None:
            codes[STAKEHOLDER] = self.view.preset_stakeholder
        return codes

    def _notes(self, t: Texts) -> dict[str, str]:
        notes = {}
        if self.view.profile[STAKEHOLDER] == NOT_ANSWERED and self.view.preset_stakeholder is not None:
            notes[STAKEHOLDER] = t("profile.preset")
        if not self.head.region_key and self.view.preset_region_key:
            notes[REGION] = t("profile.preset")
        elif any(practice.state is not EvaluationState.ASSIGNED for practice in self.view.practices):
            notes[REGION] = t("profile.region_answered")
        return notes

    def _parts(self, codes: Mapping[str, int], region: str, marks: Marks) -> list[Markup]:
        numbers = {code: number for number, code in enumerate(self.shown, 1)}

        def printed(question: Question) -> Markup:
            return printer().question(self.place, question, numbers=numbers, codes=codes, texts={}, marks=marks)

        asked = Asked(
            code=REGION,
            number=numbers[REGION],
            wording=self.place.words("profile.region.question"),
            hint="",
            answers=tuple(
                Answer(choice.key, typographic(choice.name), choice.key == region) for choice in self.view.regions
            ),
            apart=(),
            is_row=False,
            problem=marks.problems.get(REGION, ""),
            note=marks.notes.get(REGION, ""),
            conflict=marks.conflicts.get(REGION),
            text="",
            max_length=None,
        )
        return [
            *map(printed, self._first),
            printer().asked(Kind.CHOICE, asked),
            *map(printed, self._rest),
        ]

    def _mistakes(self, marks: Marks) -> list[tuple[str, str]]:
        wordings = {question.code: self.place.wording(question) for question in self.questions}
        wordings[REGION] = self.place.words("profile.region.question")
        return [
            (code, f"{number}. {wordings[code]}")
            for number, code in enumerate(self.shown, 1)
            if code in marks.problems or code in marks.conflicts
        ]

    def _conflict(self, conflict: ConflictingAnswer, typed: Typed, region: str | None, t: Texts) -> Saved:
        zone = self.head.timezone
        if conflict.question == REGION:
            names = {choice.key: typographic(choice.name) for choice in self.view.regions}
            return saved_instead(
                conflict, names.get(conflict.text or "", ""), names.get(region or "", ""), t=t, zone=zone
            )
        question = self.head.instrument.profile_question(conflict.question)
        return in_words_of_page(
            conflict, question, instrument=self.head.instrument, typed=typed, t=t, zone=zone, texts={}
        )
