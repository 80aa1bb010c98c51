"""The page about the respondent: region, kind of organisation, experience."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace

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
from survey.web.questions import Typed, demand, read_form
from survey.web.respondent.autosave import autosave_of
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
        codes = [question.code for question in self.questions]
        return (STAKEHOLDER, REGION, *(code for code in codes if code != STAKEHOLDER))

    @property
    def evaluation(self) -> str:
        """The profile is no evaluation."""
        return ""

    def read(self, form: MultiDict[str, str], *, shown: Collection[str], demanding: bool) -> Typed:
        """What a form of this page says. The region is a text: its key, if it is one of the study's."""
        typed = read_form(form, self.questions, shown=shown, codes=self.view.profile, demanding=demanding)
        typed = replace(typed, strays=tuple(stray for stray in typed.strays if stray.question != REGION))
        raw = [value for value in form.getlist(REGION) if value]
        if not raw:
            return typed
        if len(raw) > 1 or raw[0] not in {region.key for region in self.view.regions}:
            wrong = Problem(REGION, "choose_one", "error.choose_one")
            return replace(typed, problems={**typed.problems, REGION: wrong})
        return replace(typed, texts={**typed.texts, REGION: raw[0]})

    def left_open(self, typed: Typed) -> dict[str, Problem]:
        """What the profile needs and does not have."""
        codes = {**self.view.profile, **typed.codes}
        open_questions = [q for q in self.questions if q.required and not is_answered(codes, q.columns)]
        problems = demand(open_questions)
        if not typed.texts.get(REGION) and not self.head.region_key:
            problems[REGION] = Problem(REGION, "choose_one", "error.choose_one")
        return problems

    def changes(self, typed: Typed) -> tuple[dict[str, int], dict[str, str]]:
        """What of a form differs from what is stored."""
        codes = {column: code for column, code in typed.codes.items() if self.view.profile[column] != code}
        region = typed.texts.get(REGION, self.head.region_key)
        return codes, {REGION: region} if region != self.head.region_key else {}

    def render(self, *, back: str = "", trouble: Trouble | None = None) -> ResponseReturnValue:
        """The page, fresh or with what is wrong."""
        marks, parts = self._said(trouble)
        page = render_template(
            "respondent/profile.html",
            head=self.head,
            autosave=autosave_of(self.head, self.language),
            parts=[parts[code] for code in self.shown],
            op_id=uuid.uuid4(),
            shown=" ".join(self.shown),
            back=back,
            trouble=trouble,
            mistakes=self._mistakes(marks) if trouble else (),
        )
        return page, trouble.status if trouble else 200

    def fragments(self, wanted: Collection[str], trouble: Trouble | None = None) -> dict[str, Markup]:
        """Some questions of the page as they are to be shown now, by code."""
        return {code: part for code, part in self._said(trouble)[1].items() if code in wanted}

    @property
    def place(self) -> Place:
        return place_of(self.head, self.language)

    def _said(self, trouble: Trouble | None) -> tuple[Marks, dict[str, Markup]]:
        """What stands beside questions, and every question with its answer, by code."""
        t = ui(self.language)
        typed = trouble.typed if trouble else Typed()
        conflicts = {each.question: each for each in trouble.conflicts} if trouble else {}
        marks = Marks(
            problems=trouble.problems_in_words(t) if trouble else {},
            notes=self._notes(t),
            conflicts={code: self._conflict(each, typed, t) for code, each in conflicts.items()},
        )
        codes = {**self._suggested(), **typed.shown_codes}
        codes.update({code: self.view.profile[code] for code in conflicts if code in self.view.profile})
        said = "" if REGION in conflicts else typed.texts.get(REGION, "")
        region = said or self.head.region_key or self.view.preset_region_key
        return marks, self._parts(codes, region, marks)

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

    def _parts(self, codes: Mapping[str, int], region: str, marks: Marks) -> dict[str, Markup]:
        numbers = {code: number for number, code in enumerate(self.shown, 1)}
        parts = {
            question.code: printer().question(self.place, question, numbers=numbers, codes=codes, texts={}, marks=marks)
            for question in self.questions
        }
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
        return {**parts, REGION: printer().asked(Kind.CHOICE, asked)}

    def _mistakes(self, marks: Marks) -> list[tuple[str, str]]:
        wordings = {question.code: self.place.wording(question) for question in self.questions}
        wordings[REGION] = self.place.words("profile.region.question")
        return [
            (code, f"{number}. {wordings[code]}")
            for number, code in enumerate(self.shown, 1)
            if code in marks.problems or code in marks.conflicts
        ]

    def _conflict(self, conflict: ConflictingAnswer, typed: Typed, t: Texts) -> Saved:
        zone = self.head.timezone
        if conflict.question == REGION:
            names = {choice.key: typographic(choice.name) for choice in self.view.regions}
            return saved_instead(
                conflict, names.get(conflict.text or "", ""), names.get(typed.texts.get(REGION, ""), ""), t=t, zone=zone
            )
        question = self.head.instrument.profile_question(conflict.question)
        return in_words_of_page(
            conflict, question, instrument=self.head.instrument, typed=typed, t=t, zone=zone, texts={}
        )
