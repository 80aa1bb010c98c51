"""One page about one practice: what it shows, what a form sent from it means, and where it leads."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Final

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from instruments import Instrument, Question, Step, is_answered, missing_required, path, settle, steps
from survey.services.errors import ConflictingAnswer, NotFound
from survey.services.interviewing import PageView
from survey.texts import Texts, ui
from survey.web.printing import Marks, Place, Saved, numbered, printer
from survey.web.questions import Typed, read_form
from survey.web.respondent.addresses import WHOLE
from survey.web.respondent.autosave import autosave_of
from survey.web.respondent.conflicts import in_words_of_page
from survey.web.respondent.places import place_of
from survey.web.respondent.saving import Trouble

QUESTIONS_ANCHOR: Final = "questions"


class PracticePage:
    """One practice of an interview, seen as one step or as a whole."""

    def __init__(self, view: PageView, step: str, language: str) -> None:
        self.view = view
        self.step = step
        self.language = language
        self.head = view.head
        self.practice = view.practice
        if step != WHOLE and step not in {each.key for each in self.instrument.steps}:
            raise NotFound

    @property
    def instrument(self) -> Instrument:
        return self.head.instrument

    @property
    def is_whole(self) -> bool:
        return self.step == WHOLE

    @cached_property
    def path(self) -> tuple[Question, ...]:
        """Everything that is asked about this practice."""
        return path(self.instrument, self.head.variant, self.practice.codes)

    @cached_property
    def steps_on_path(self) -> tuple[Step, ...]:
        return steps(self.instrument, self.head.variant, self.practice.codes)

    @property
    def steps_here(self) -> tuple[Step, ...]:
        return self.instrument.steps if self.is_whole else (self._step(self.step),)

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """What is asked on this page."""
        return self._asked(self.path)

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes of what is asked on this page."""
        return tuple(question.code for question in self.asked)

    @property
    def evaluation(self) -> str:
        """What the page is about, whatever stands at its position later."""
        return str(self.practice.evaluation_id)

    @property
    def answerable(self) -> tuple[Question, ...]:
        """What a form of this page may hold: also questions that an answer on the same page takes off the path."""
        variant = self.instrument.variants[self.head.variant].questions
        codes = (code for step in self.steps_here for code in step.questions)
        return tuple(self.instrument.questions[code] for code in codes if code in variant)

    @property
    def step_number(self) -> int:
        """Which of the steps that are asked this is, from 1."""
        return 1 + sum(self._number(each.key) < self._number(self.step) for each in self.steps_on_path)

    @cached_property
    def place(self) -> Place:
        return place_of(self.head, self.language, self.practice)

    def read(self, form: MultiDict[str, str], *, shown: Collection[str], demanding: bool) -> Typed:
        """What a form of this page says."""
        return read_form(form, self.answerable, shown=shown, codes=self.practice.codes, demanding=demanding)

    def changes(self, typed: Typed) -> tuple[dict[str, int], dict[str, str]]:
        """What of a form differs from what is stored, or is said about a question that routing has set aside."""
        asked = {column for question in self.path for column in question.columns}
        codes = {
            column: code
            for column, code in typed.codes.items()
            if column not in asked or self.practice.codes.get(column) != code
        }
        texts = {name: text for name, text in typed.texts.items() if self.practice.texts.get(name, "") != text}
        return codes, texts

    def after(self, typed: Typed) -> Mapping[str, int]:
        """The codes as they will be once the form is saved."""
        moved = settle(self.instrument, self.head.variant, self.practice.codes, typed.codes)
        return {**self.practice.codes, **typed.codes, **moved}

    def new_questions(self, typed: Typed, shown: Iterable[str]) -> tuple[Question, ...]:
        """Questions that follow from the answers and were not on the page."""
        codes, texts = self.after(typed), {**self.practice.texts, **typed.texts}
        seen = set(shown)
        return tuple(
            question
            for question in self._asked(path(self.instrument, self.head.variant, codes))
            if question.code not in seen
            and not texts.get(question.code)
            and not (question.columns and is_answered(codes, question.columns))
        )

    def left_open(self, typed: Typed, shown: Iterable[str]) -> tuple[Question, ...]:
        """Required questions that stood on the page and have no answer."""
        seen = set(shown)
        key = None if self.is_whole else self.step
        open_questions = missing_required(self.instrument, self.head.variant, self.after(typed), key)
        return tuple(question for question in open_questions if question.code in seen)

    def next_address(self, typed: Typed) -> str:
        """Where "Next" leads: the next step, the next practice, or the review."""
        codes = self.after(typed)
        if not self.is_whole:
            following = [step.key for step in steps(self.instrument, self.head.variant, codes)]
            later = [key for key in following if self._number(key) > self._number(self.step)]
            if later:
                return self.address(later[0], anchor=QUESTIONS_ANCHOR)
        positions = [stop.position for stop in self.view.stops if stop.position > self.practice.position]
        if not positions:
            return url_for("respondent.review", interview_id=self.head.interview_id)
        return self.address(WHOLE if self.is_whole else self.instrument.steps[0].key, position=positions[0])

    def previous_address(self) -> str:
        """Where "Previous" leads: the step before, the practice before, or the profile."""
        if not self.is_whole:
            earlier = [s.key for s in self.steps_on_path if self._number(s.key) < self._number(self.step)]
            if earlier:
                return self.address(earlier[-1])
        positions = [stop.position for stop in self.view.stops if stop.position < self.practice.position]
        if not positions:
            return url_for("respondent.profile", interview_id=self.head.interview_id)
        # The last step of a practice depends on its answers; its page finds it when this one is not asked.
        return self.address(WHOLE if self.is_whole else self.instrument.steps[-1].key, position=positions[-1])

    def nearest_address(self) -> str | None:
        """Where to go when nothing is asked on this step; None when something is."""
        if self.asked:
            return None
        earlier = [s.key for s in self.steps_on_path if self._number(s.key) < self._number(self.step)]
        return self.address((earlier or [self.steps_on_path[0].key])[-1])

    def address(
        self,
        step: str | None = None,
        *,
        position: int | None = None,
        anchor: str | None = None,
        back: str = "",
        more: str = "",
    ) -> str:
        """The address of this page, or of another step or practice."""
        return url_for(
            "respondent.practice",
            interview_id=self.head.interview_id,
            position=position or self.practice.position,
            step=step or self.step,
            _anchor=anchor,
            back=back or None,
            more=more or None,
        )

    def render(self, *, back: str = "", more: str = "", trouble: Trouble | None = None) -> ResponseReturnValue:
        """The page, fresh or with what is wrong."""
        codes, texts, marks = self._said(trouble, more)
        numbers = numbered(self.instrument, self.path)
        blocks = printer().blocks(
            self.place, self.steps_here, self.asked, numbers=numbers, codes=codes, texts=texts, marks=marks
        )
        page = render_template(
            "respondent/practice.html",
            page=self,
            head=self.head,
            autosave=autosave_of(
                self.head,
                self.language,
                position=self.practice.position,
                evaluation=self.evaluation,
                step=self.step,
            ),
            practice=self.practice,
            stops=self.view.stops,
            place=self.place,
            blocks=blocks,
            op_id=uuid.uuid4(),
            shown=" ".join(self.shown),
            back=back,
            trouble=trouble,
            mistakes=self._mistakes(marks, numbers) if trouble else (),
        )
        return page, trouble.status if trouble else 200

    def fragments(self, wanted: Collection[str], trouble: Trouble | None = None) -> dict[str, Markup]:
        """Some questions of the page as they are to be shown now, by code; what is not asked here is left out."""
        codes, texts, marks = self._said(trouble, "")
        numbers = numbered(self.instrument, self.path)
        return {
            question.code: printer().question(
                self.place, question, numbers=numbers, codes=codes, texts=texts, marks=marks
            )
            for question in self.asked
            if question.code in wanted
        }

    def _said(self, trouble: Trouble | None, more: str) -> tuple[Mapping[str, int], Mapping[str, str], Marks]:
        """The codes and texts that the page shows, and what stands beside questions."""
        t = ui(self.language)
        typed = trouble.typed if trouble else Typed()
        codes = {**self.practice.codes, **typed.shown_codes}
        texts = {**self.practice.texts, **typed.shown_texts}
        conflicts = trouble.conflicts if trouble else ()
        if conflicts:
            # What was saved first is shown as chosen: it stands until the person chooses.
            lost = {each.question for each in conflicts}
            columns = {column for code in lost for column in self.instrument.questions[code].columns}
            codes = {**codes, **{column: self.practice.codes[column] for column in columns}}
            texts = {**texts, **{code: self.practice.texts.get(code, "") for code in lost}}
        marks = Marks(
            problems=trouble.problems_in_words(t) if trouble else {},
            notes={more: t("question.more")} if more else {},
            conflicts={each.question: self._conflict(each, typed, t) for each in conflicts},
        )
        return codes, texts, marks

    def _mistakes(self, marks: Marks, numbers: Mapping[str, int]) -> list[tuple[str, str]]:
        """For the summary: the anchor and the words of each question that needs a look."""
        return [
            (
                question.code,
                f"{numbers[question.code]}. {self.place.wording(question)}"
                if question.code in numbers
                else self.place.wording(question),
            )
            for question in self.asked
            if question.code in marks.problems or question.code in marks.conflicts
        ]

    def _conflict(self, conflict: ConflictingAnswer, typed: Typed, t: Texts) -> Saved:
        question = self.instrument.questions[conflict.question]
        return in_words_of_page(
            conflict,
            question,
            instrument=self.instrument,
            typed=typed,
            t=t,
            zone=self.head.timezone,
            texts={conflict.question: conflict.text or ""},
        )

    def _asked(self, on_path: tuple[Question, ...]) -> tuple[Question, ...]:
        if self.is_whole:
            return on_path
        here = set(self._step(self.step).questions)
        return tuple(question for question in on_path if question.code in here)

    def _step(self, key: str) -> Step:
        return next(step for step in self.instrument.steps if step.key == key)

    def _number(self, key: str) -> int:
        return [step.key for step in self.instrument.steps].index(key)
