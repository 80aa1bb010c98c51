"""What saving takes, whichever page it is: the save itself, and why a page comes again instead of the next one."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from instruments import Mode, Problem
from survey.services import errors, interviewing
from survey.services.interviewing import LAYOUTS, RESPONDENT, Author, Head, Saved
from survey.texts import Texts, on_offer
from survey.web.database import utc_now
from survey.web.errors import form_was_refused
from survey.web.languages import use_language
from survey.web.questions import Envelope, Typed

ON_THE_WEB: Final = Author(RESPONDENT, Mode.WEB)
AHEAD: Final = frozenset({"next", "previous", "later"})
"""Where the buttons of a page lead that choose nothing."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a page comes again. status: of the answer; says: the text key of what stands on top."""

    status: int
    says: str
    problems: Mapping[str, Problem] = field(default_factory=dict)
    conflicts: tuple[errors.ConflictingAnswer, ...] = ()
    typed: Typed = field(default_factory=Typed)

    def problems_in_words(self, t: Texts) -> dict[str, str]:
        """What is wrong with each question, in the words of the page."""
        return {code: t(problem.text_key, **problem.values) for code, problem in self.problems.items()}


def trouble_before(envelope: Envelope, typed: Typed) -> Trouble | None:
    """What keeps a whole form from being saved; everything that was typed is shown again."""
    if form_was_refused():
        return Trouble(400, "form.again", typed=typed)
    if not envelope.is_whole or not _is_destination(envelope.to):
        return Trouble(422, "error.unknown_question", typed=typed)
    return None


def trouble_after(typed: Typed, saved: Saved | None, missing: Mapping[str, Problem]) -> Trouble | None:
    """What keeps the next page from being shown once a form is saved.

    saved: None when nothing on the page was new. missing: required questions that were left open.
    """
    problems = {**missing, **typed.problems}
    conflicts = saved.conflicts if saved else ()
    if typed.strays:
        return Trouble(422, "error.unknown_question", problems, conflicts, typed)
    if problems:
        return Trouble(422, "error.summary", problems, conflicts, typed)
    if conflicts:
        return Trouble(409, "conflict.title", problems, conflicts, typed)
    return None


def once(save: Callable[[uuid.UUID], Saved], op_id: uuid.UUID) -> Saved:
    """Save under the page's id.

    A browser that went back may send an old page with new answers: then it is another save, and the revision it
    was built from tells the service what changed since.
    """
    try:
        return save(op_id)
    except errors.OperationReused:
        return save(uuid.uuid4())


def chooses(to: str) -> bool:
    """Whether the button that sent the page chooses a language or a layout."""
    return to not in AHEAD


def keep_choice(session: Session, head: Head, to: str) -> None:
    """Remember a language or layout that was chosen by the button that sent the page."""
    kind, _, value = to.partition("-")
    if kind == "language":
        chosen = on_offer(head.languages, value, head.language)
        interviewing.set_language(session, head.interview_id, chosen, now=utc_now())
        use_language(chosen, head.languages)
    elif kind == "layout":
        interviewing.set_layout(session, head.interview_id, value, now=utc_now())


def _is_destination(to: str) -> bool:
    kind, _, value = to.partition("-")
    if kind == "language":
        # A page may be older than the study's languages; then the language stays, and the answers are saved.
        return True
    if kind == "layout":
        return value in LAYOUTS
    return to in AHEAD
