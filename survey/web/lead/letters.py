"""Letters to print, one page for each person, with a personal link and its QR code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from survey.models import Study
from survey.queries.studies import named_regions
from survey.services.duration import minutes
from survey.services.errors import BadFields, FieldProblem
from survey.services.lettering import AT_ONCE, Choice, Letter, numbers_in, waiting, write_letters
from survey.texts import Texts, on_offer, typographic, ui
from survey.web.configuration import settings
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import current_person, current_study, lead
from survey.web.lead.blueprint import bp
from survey.web.outside import code_address, link_address
from survey.web.qr import QrCode, qr_code
from survey.web.sealing import seal

STYLES: Final = "css/letters.css"
# So many signs of a token stand together; the eye finds its place again.
GROUP: Final = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter with all its words."""

    number: int
    name: str
    organisation: str
    language: str
    t: Texts
    title: str
    owner: str
    # The lead's own words, a paragraph each.
    invitation: tuple[str, ...]
    code: QrCode
    # The address as it is typed: up to the token, and the token in groups.
    before: str
    groups: tuple[str, ...]


@bp.get("/studies/<key>/letters")
@lead
def letters(key: str) -> ResponseReturnValue:  # noqa: ARG001 (the guard has found the study by it)
    return _choosing()


@bp.post("/studies/<key>/letters")
@shows_form_again
@lead
def print_letters(key: str) -> ResponseReturnValue:  # noqa: ARG001 (as above)
    """The letters themselves. Their links are in this answer and nowhere else."""
    if form_was_refused():
        return _choosing([FieldProblem("numbers", "Please send this once more: the page had been open for too long.")])
    study = current_study()
    try:
        choice = Choice(request.form.get("region", ""), numbers_in(request.form.get("numbers", "")))
        with transaction() as session:
            written = write_letters(session, seal(), study, choice, now=utc_now())
    except BadFields as refusal:
        return _choosing(refusal.problems)
    return document(_study_anew(), written, today=utc_now().date())


def document(study: Study, written: Sequence[Letter], *, today: date, is_alone: bool = False) -> str:
    """The letters as one page. is_alone: as a file of its own, with its styles in it."""
    return render_template(
        "lead/letters_print.html",
        study=study,
        sheets=list(_sheets(study, written)),
        minutes=minutes(study.practices_per_web_interview),
        code_address=code_address(),
        today=today,
        styles=_styles() if is_alone else "",
    )


def _study_anew() -> Study:
    """The study as it is now: making links has ended the reading in which the guard found it."""
    return reading().get_one(Study, current_study().id)


def _choosing(problems: Sequence[FieldProblem] = ()) -> ResponseReturnValue:
    study = _study_anew()
    waits = waiting(reading(), study)
    named = named_regions(reading(), study.id)
    page = render_template(
        "lead/letters.html",
        person=current_person(),
        study=study,
        study_title=_title(study, "en"),
        regions=[(key, name, waits[key]) for key, name in named if key in waits],
        total=sum(waits.values()),
        unknown=waits.get("", 0),
        at_once=AT_ONCE,
        problems=problems,
        chosen=request.form.get("region", ""),
        numbers=request.form.get("numbers", "")[:200],
        is_local=not settings().secure_cookies,
        base_url=settings().base_url,
    )
    return page, 422 if problems else 200


def _sheets(study: Study, written: Sequence[Letter]) -> Iterator[Sheet]:
    texts = {text.language: text for text in study.texts}
    for letter in written:
        language = on_offer(study.languages, letter.language)
        text, english = texts.get(language), texts["en"]
        invitation = typographic(text.invitation if text else english.invitation)
        address = link_address(letter.token)
        yield Sheet(
            number=letter.number,
            name=letter.name,
            organisation=letter.organisation,
            language=language,
            t=ui(language),
            title=typographic((text and text.title) or english.title),
            owner=typographic((text and text.owner) or english.owner),
            invitation=tuple(part.strip() for part in invitation.split("\n\n") if part.strip()),
            code=qr_code(address),
            before=address.removesuffix(letter.token),
            groups=tuple(letter.token[at : at + GROUP] for at in range(0, len(letter.token), GROUP)),
        )


def _title(study: Study, language: str) -> str:
    return next((text.title for text in study.texts if text.language == language), study.key)


def _styles() -> str:
    """The style sheet, which has no sign in it that HTML would have to escape."""
    return (Path(current_app.static_folder or "") / STYLES).read_text(encoding="utf-8")
