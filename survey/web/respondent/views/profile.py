"""The page about the respondent, and saving it."""

import uuid

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey.services import interviewing
from survey.services.interviewing import Head, Place, Save, Saved
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import shows_form_again
from survey.web.guards import respondent
from survey.web.languages import asked_language
from survey.web.questions import Envelope, read_envelope
from survey.web.respondent.addresses import address_of, back_to
from survey.web.respondent.blueprint import bp
from survey.web.respondent.interviews import speak_if_open
from survey.web.respondent.profile import REGION, ProfilePage
from survey.web.respondent.saving import ON_THE_WEB, keep_choice, once, trouble_after, trouble_before


@bp.get("/interview/<uuid:interview_id>/profile")
@respondent
def profile(interview_id: uuid.UUID) -> ResponseReturnValue:
    return _page(interview_id).render(back=back_to(request.args.get("back")))


@bp.post("/interview/<uuid:interview_id>/profile")
@shows_form_again
@respondent
def save_profile(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Save what is there; then the first practice, or this page with what is wrong."""
    page = _page(interview_id)
    envelope = read_envelope(request.form, newest=page.head.revision)
    is_next = envelope.to == "next"
    typed = page.read(request.form, shown=envelope.shown, demanding=is_next)
    refused = trouble_before(envelope, typed)
    if refused is not None:
        return page.render(back=back_to(envelope.back), trouble=refused)

    saved: Saved | None = None
    with transaction() as session:
        codes, texts = page.changes(typed)
        if codes or texts:
            saved = once(
                lambda op_id: interviewing.save_profile(
                    session,
                    interview_id,
                    Save(op_id, envelope.base_revision, codes),
                    region_key=texts.get(REGION),
                    author=ON_THE_WEB,
                    now=utc_now(),
                ),
                envelope.op_id,
            )
        keep_choice(session, page.head, envelope.to)

    trouble = trouble_after(typed, saved, page.left_open(typed) if is_next else {})
    if trouble is not None:
        return _page(interview_id).render(back=back_to(envelope.back), trouble=trouble)
    return redirect(_address_after(page.head, envelope), 303)


def _page(interview_id: uuid.UUID) -> ProfilePage:
    view = interviewing.overview(reading(), interview_id, asked_language())
    return ProfilePage(view, speak_if_open(view.head))


def _address_after(head: Head, envelope: Envelope) -> str:
    if envelope.to == "later":
        return url_for(".later", interview_id=head.interview_id)
    if envelope.to != "next":
        return url_for(".profile", interview_id=head.interview_id, back=back_to(envelope.back) or None)
    where = interviewing.place(reading(), head.interview_id)
    if where.page == "practice" and not envelope.back:
        # The first practice, even if it is answered already: the way on is the same for everybody.
        where = Place("practice", 1, None)
    return address_of(where, head)
