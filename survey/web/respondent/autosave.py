"""What a page hands to its script, so that every answer saves itself."""

import json
from dataclasses import dataclass
from typing import Final

from flask import url_for

from survey.services.interviewing import Head
from survey.texts import ui

# What the script says, by the name it has there.
WORDS: Final = {
    "saving": "autosave.saving",
    "retry": "autosave.retry",
    "offline": "autosave.offline",
    "online": "autosave.online",
    "memory": "autosave.memory",
    "problem": "autosave.problem",
    "changed": "autosave.changed",
    "show_again": "autosave.show_again",
    "conflict": "conflict.title",
    "keep_mine": "conflict.keep_mine",
    "use_theirs": "conflict.use_theirs",
    "left": "typing.left",
    "too_many": "typing.too_many",
}


@dataclass(frozen=True, slots=True)
class Autosave:
    """The attributes of a form. position, evaluation and step name its page; "" is the profile, which has none."""

    address: str
    position: str
    evaluation: str
    step: str
    # Everything up to it is on the page.
    revision: int
    # As JSON.
    texts: str


def autosave_of(
    head: Head, language: str, *, position: int | None = None, evaluation: str = "", step: str = ""
) -> Autosave:
    """For the page of a practice, or of the profile."""
    t = ui(language)
    texts = json.dumps({name: t.texts[key] for name, key in WORDS.items()}, ensure_ascii=False)
    address = url_for("api.save", interview_id=head.interview_id).removesuffix("/answers")
    return Autosave(address, str(position or ""), evaluation, step, head.revision, texts)
