"""Whether a save fits the instrument: every problem at once, before anything is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from instruments import MISSING, NOT_ANSWERED, ROUTED, Instrument, Kind, Mode, Problem, Question, read, unknown_question
from survey.services.errors import BadInput
from survey.services.saving import Columns, Save, owners_of, questions_of

# The region is asked with the profile but its list belongs to the study, so it is no question of the instrument.
REGION = "REGION"


@dataclass(frozen=True, slots=True)
class Form:
    """The questions that a save may answer, with what may stand in each column.

    set_aside: the code that each column gets while its question is not asked.
    """

    questions: Mapping[str, Question]
    columns: Columns
    owners: Mapping[str, str]
    allowed: Mapping[str, frozenset[int]]
    set_aside: Mapping[str, int]


@cache
def evaluation_form(instrument: Instrument, variant: str) -> Form:
    """What a variant asks about a practice."""
    asked = instrument.variants[variant].questions
    return _form(question for code, question in instrument.questions.items() if code in asked)


@cache
def profile_form(instrument: Instrument) -> Form:
    """What is asked about the respondent, with the region, which is stored as a text: its key."""
    form = _form(instrument.profile)
    return Form(form.questions, {**form.columns, REGION: ()}, {**form.owners, REGION: REGION}, form.allowed, {})


def checked(form: Form, save: Save, codes: Mapping[str, int], *, mode: Mode) -> tuple[Save, Columns]:
    """The save with clean texts, and the columns of each question that it touches.

    codes: what stands, to count how many answers a question would have. BadInput names every problem.
    """
    problems = [
        unknown_question(name)
        for name in (*save.codes, *save.texts)
        if name not in form.owners or (name in save.texts) != (not form.columns[form.owners[name]])
    ]
    if problems:
        raise BadInput(problems)
    touched = questions_of(save, form.owners)
    problems += _code_problems(form, save)
    problems += _count_problems(form, touched, {**codes, **save.codes})
    texts, text_problems = _clean_texts(form, save, mode)
    problems += text_problems
    if problems:
        raise BadInput(problems)
    return replace(save, texts=texts), {question: form.columns[question] for question in touched}


def _form(questions: Iterable[Question]) -> Form:
    by_code = {question.code: question for question in questions}
    columns = {code: question.columns for code, question in by_code.items()}
    allowed = {
        column: _answers(question) | frozenset(question.missing) | {NOT_ANSWERED}
        for question in by_code.values()
        for column in question.columns
    }
    set_aside = {
        column: ROUTED if question.when_skipped is None else question.when_skipped
        for question in by_code.values()
        for column in question.columns
    }
    return Form(by_code, columns, owners_of(columns.items()), allowed, set_aside)


def _answers(question: Question) -> frozenset[int]:
    if question.kind in {Kind.MULTI, Kind.YES_NO}:
        return frozenset({0, 1})
    return frozenset(option.code for option in question.options) - MISSING


def _code_problems(form: Form, save: Save) -> list[Problem]:
    wrong = (form.owners[column] for column, code in save.codes.items() if code not in form.allowed[column])
    return [Problem(question, "choose_one", "error.choose_one", {}) for question in dict.fromkeys(wrong)]


def _count_problems(form: Form, touched: Iterable[str], codes: Mapping[str, int]) -> list[Problem]:
    problems = []
    for code in touched:
        question = form.questions.get(code)
        most = question.max_choices if question else None
        if most is not None and sum(codes.get(column) == 1 for column in form.columns[code]) > most:
            problems.append(Problem(code, "max_choices", "error.max_choices", {"max": most}))
    return problems


def _clean_texts(form: Form, save: Save, mode: Mode) -> tuple[dict[str, str], list[Problem]]:
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name, raw in save.texts.items():
        question = form.questions.get(name)
        if question is None:  # The region's key is looked up, so it needs no cleaning.
            texts[name] = raw
            continue
        reading = read(question, [raw], mode=mode)
        if reading.problem is not None:
            problems.append(reading.problem)
        else:
            texts[name] = reading.text or ""
    return texts, problems
