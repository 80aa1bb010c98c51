"""Two devices answered one question: both answers in words, so that the person can choose."""

from collections.abc import Mapping

from instruments import Instrument, Kind, Question, in_words
from survey.services.errors import ConflictingAnswer
from survey.services.interviewing import RESPONDENT
from survey.texts import Texts, typographic
from survey.web.filters import clock
from survey.web.printing import Saved
from survey.web.questions import Typed


def in_words_of_page(
    conflict: ConflictingAnswer,
    question: Question,
    *,
    instrument: Instrument,
    typed: Typed,
    t: Texts,
    zone: str,
    texts: Mapping[str, str],
) -> Saved:
    """What was saved, when and by whom, and what this page said instead."""
    saved = in_words(instrument, question, conflict.codes, texts, t.language)
    yours = in_words(instrument, question, typed.codes, typed.texts, t.language)
    is_text = question.kind is Kind.TEXT
    return saved_instead(
        conflict,
        saved if is_text else typographic(saved),
        yours if is_text else typographic(yours),
        t=t,
        zone=zone,
        mine=typed.texts.get(question.code, "") if is_text else None,
    )


def saved_instead(
    conflict: ConflictingAnswer, saved: str, yours: str, *, t: Texts, zone: str, mine: str | None = None
) -> Saved:
    """The sentences around both answers. mine: a text of one's own that can still be chosen."""
    return Saved(
        heading=t(
            "conflict.saved", time=clock(conflict.changed_at, t.language, zone), author=t(author_key(conflict.author))
        ),
        saved=saved or t("review.unanswered"),
        yours_heading=t("conflict.yours"),
        yours=yours or t("review.unanswered"),
        stands=t("conflict.stands"),
        use_mine=t("conflict.use_mine") if mine is not None else "",
        mine=mine or "",
    )


def author_key(author: str) -> str:
    """The text that says who or what gave an answer, and by which way."""
    if author == RESPONDENT:
        return "author.respondent"
    return "author.interviewer" if author.startswith("person:") else "author.program"
