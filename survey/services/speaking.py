"""The languages that a study's respondents can choose."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.models import Interview, InterviewState, Study, StudyState
from survey.services.errors import BadFields, FieldProblem
from survey.services.wording import hold, require_texts
from survey.texts import LANGUAGES, language_name


def set_languages(session: Session, study: Study, languages: Collection[str]) -> None:
    """Let respondents choose these languages; the first is for who asks for none of them.

    BadFields with every reason why not: unknown ones, one in which interviews have begun and that would be missing,
    and, while the study is open, every text that is not there.
    """
    hold(session, study)
    wanted = list(dict.fromkeys(languages))
    problems = [*language_problems(wanted), *_begun_problems(session, study, wanted)]
    if problems:
        raise BadFields(problems)
    if study.state is StudyState.OPEN:
        require_texts(session, study, wanted)
    study.languages = wanted
    session.flush()


def language_problems(languages: Collection[str]) -> list[FieldProblem]:
    """What keeps a study from having these languages, whatever its texts."""
    if not languages:
        return [FieldProblem("language", "A study needs at least one language.")]
    known = ", ".join(LANGUAGES)
    return [
        FieldProblem("language", f"There is no language {language!r}. There are: {known}.")
        for language in languages
        if language not in LANGUAGES
    ]


def _begun_problems(session: Session, study: Study, wanted: Collection[str]) -> list[FieldProblem]:
    """For each language that would be taken away from somebody."""
    counted = (
        select(Interview.language, func.count())
        .where(
            Interview.study_id == study.id,
            Interview.language.not_in(wanted),
            Interview.state != InterviewState.DECLINED,
        )
        .group_by(Interview.language)
        .order_by(Interview.language)
    )
    return [
        FieldProblem("language", f"{language_name(language)} cannot be removed: {_interviews(count)} begun in it.")
        for language, count in session.execute(counted)
        if language in study.languages
    ]


def _interviews(count: int) -> str:
    return "one interview has" if count == 1 else f"{count:,} interviews have"
