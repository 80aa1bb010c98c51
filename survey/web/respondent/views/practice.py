"""The pages about practices, and saving their answers."""

import uuid

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey.services import errors, interviewing
from survey.services.interviewing import Save, Saved
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import shows_form_again
from survey.web.guards import respondent
from survey.web.languages import asked_language
from survey.web.questions import Envelope, Typed, demand, read_envelope
from survey.web.respondent.addresses import WHOLE, back_to
from survey.web.respondent.blueprint import bp
from survey.web.respondent.interviews import lacks_profile, speak_if_open
from survey.web.respondent.practice import PracticePage
from survey.web.respondent.saving import (
    ON_THE_WEB,
    Trouble,
    chooses,
    keep_choice,
    once,
    trouble_after,
    trouble_before,
)

ADDRESS = "/interview/<uuid:interview_id>/practice/<int(max=999):position>/<step>"


@bp.get(ADDRESS)
@respondent
def practice(interview_id: uuid.UUID, position: int, step: str) -> ResponseReturnValue:
    try:
        page = _page(interview_id, position, step)
    except errors.NotFound:
        if lacks_profile(interview_id):
            return redirect(url_for(".profile", interview_id=interview_id), 303)
        raise
    elsewhere = page.nearest_address()
    if elsewhere is not None:
        return redirect(elsewhere, 303)
    return page.render(back=back_to(request.args.get("back")), more=request.args.get("more", ""))


@bp.post(ADDRESS)
@shows_form_again
@respondent
def save_answers(interview_id: uuid.UUID, position: int, step: str) -> ResponseReturnValue:
    """Save what is there; then the next page, or this one with what is wrong."""
    page = _page(interview_id, position, step)
    envelope = read_envelope(request.form, newest=page.head.revision)
    is_next = envelope.to == "next"
    typed = page.read(request.form, shown=envelope.shown, demanding=is_next)
    refused = trouble_before(envelope, typed)
    if refused is not None:
        return page.render(back=back_to(envelope.back), trouble=refused)

    try:
        saved = _save(page, envelope, typed)
    except errors.OtherPractice:
        changed = Trouble(409, "autosave.changed")
        return _page(interview_id, position, step).render(back=back_to(envelope.back), trouble=changed)

    trouble = trouble_after(typed, saved, demand(page.left_open(typed, envelope.shown)) if is_next else {})
    if trouble is not None:
        return _page(interview_id, position, step).render(back=back_to(envelope.back), trouble=trouble)
    return redirect(_address_after(page, envelope, typed), 303)


def _page(interview_id: uuid.UUID, position: int, step: str) -> PracticePage:
    view = interviewing.page_view(reading(), interview_id, position, asked_language())
    return PracticePage(view, step, speak_if_open(view.head))


def _save(page: PracticePage, envelope: Envelope, typed: Typed) -> Saved | None:
    """Keep what differs from what is stored, and what the button chose. None when no answer differs."""
    codes, texts = page.changes(typed)
    if not codes and not texts and not chooses(envelope.to):
        return None
    saved: Saved | None = None
    head, position = page.head, page.practice.position
    with transaction() as session:
        if codes or texts:
            saved = once(
                lambda op_id: interviewing.save_answers(
                    session,
                    head.interview_id,
                    position,
                    Save(op_id, envelope.base_revision, codes, texts, evaluation_id=envelope.evaluation_id),
                    author=ON_THE_WEB,
                    now=utc_now(),
                ),
                envelope.op_id,
            )
        keep_choice(session, head, envelope.to)
    return saved


def _address_after(page: PracticePage, envelope: Envelope, typed: Typed) -> str:
    back = back_to(envelope.back)
    kind, _, value = envelope.to.partition("-")
    if kind == "language":
        return page.address(back=back)
    if kind == "layout":
        first = page.instrument.steps[0].key
        return page.address(WHOLE if value == "whole" else first, back=back)
    if envelope.to == "later":
        return url_for(".later", interview_id=page.head.interview_id)
    if envelope.to == "previous":
        return page.previous_address()
    new = page.new_questions(typed, envelope.shown)
    if new:
        return page.address(anchor=new[0].code, more=new[0].code, back=back)
    if back:
        return url_for(".review", interview_id=page.head.interview_id)
    return page.next_address(typed)
