"""The respondent's path: personal link, consent, profile, practices, review, receipt."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from instruments import Mode, Problem
from survey.models import InterviewState
from survey.services import accounts, errors, interviewing
from survey.services.interviewing import LAYOUTS, RESPONDENT, Author, Head, Place, Save, Saved
from survey.services.inviting import arrive, without_tail
from survey.texts import LANGUAGES, typographic, ui
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import public, respondent
from survey.web.languages import asked_language, page_language, use_language
from survey.web.questions import Envelope, Typed, demand, read_envelope, read_form
from survey.web.respondent.landing import (
    landing_language,
    notice_of,
    refuse_if_over,
    render_landing,
    render_receipt,
)
from survey.web.respondent.practice import WHOLE, PracticePage, Trouble
from survey.web.respondent.profile import REGION, ProfilePage
from survey.web.respondent.review import render_review
from survey.web.sessions import open_session, session_token

bp = Blueprint("respondent", __name__)
ON_THE_WEB = Author(RESPONDENT, Mode.WEB)
PAGES_WITH_A_LANGUAGE = frozenset({"review", "later", "privacy"})


@bp.get("/link/<token>")
@bp.get("/link/<path:token>")  # A slash behind the token, as mail programs put one there, is no other page.
@public
def landing(token: str) -> ResponseReturnValue:
    """What is asked, by whom and how long it takes. Changes nothing: mail scanners open links before people do."""
    clean = without_tail(token)
    if clean is not None:
        return redirect(url_for(".landing", token=clean, lang=asked_language()), 308)
    arrival = arrive(reading(), token, now=utc_now())
    language = landing_language(arrival)
    refuse_if_over(arrival)
    if arrival.interview is not None and arrival.interview.state is InterviewState.SUBMITTED:
        head = interviewing.head_of(reading(), arrival.interview.id, language)
        return render_receipt(
            head,
            interviewing.receipt_of(reading(), head.interview_id),
            language,
            privacy_address=url_for(".link_privacy", token=token, lang=language),
        )
    if arrival.interview is not None and arrival.interview.state is InterviewState.DECLINED:
        return render_template("respondent/declined.html", study=arrival.study, token=token)
    return render_landing(reading(), token, arrival)


@bp.post("/link/<token>")
@shows_form_again
@public
def start(token: str) -> ResponseReturnValue:
    """Begin or go on, or decline."""
    arrival = arrive(reading(), token, now=utc_now())
    language = use_language(_one_of(LANGUAGES, request.form.get("lang")) or landing_language(arrival))
    if form_was_refused():
        return render_landing(reading(), token, arrival, status=400, refused=True)
    # Both answers at once are none: consent is never guessed.
    said = ["yes"] if arrival.interview is not None else request.form.getlist("consent")
    consent = said[0] if len(said) == 1 else ""
    if consent not in {"yes", "no"}:
        return render_landing(reading(), token, arrival, status=422, problem="error.consent")
    if consent == "no":
        with transaction() as session:
            interviewing.decline(session, token, now=utc_now())
        return redirect(url_for(".landing", token=token, lang=language), 303)
    with transaction() as session:
        interview_id = interviewing.begin(session, token, language=language, now=utc_now())
        where = interviewing.place_after_break(session, interview_id)
        if where.page != "receipt":
            interviewing.set_language(session, interview_id, language, now=utc_now())
        before = session_token()
        if before:
            accounts.sign_out(session, before, now=utc_now())
        opened = accounts.open_respondent_session(session, interview_id, arrival.link_id, now=utc_now())
        layout = interviewing.head_of(session, interview_id).layout
    return open_session(redirect(_address(interview_id, where, layout), 303), opened)


@bp.get("/link/<token>/privacy")
@public
def link_privacy(token: str) -> ResponseReturnValue:
    arrival = arrive(reading(), token, now=utc_now())
    notice = notice_of(reading(), arrival, landing_language(arrival))
    return render_template(
        "respondent/privacy.html",
        title=notice.title,
        owner=notice.owner,
        contact=arrival.study.contact_email,
        is_simulated=arrival.study.simulated,
        back=url_for(".landing", token=token),
        head=None,
    )


@bp.get("/interview/<uuid:interview_id>")
@respondent
def resume(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Go on where one stopped."""
    head = _head(interview_id)
    return redirect(_address(interview_id, interviewing.place_after_break(reading(), interview_id), head.layout), 303)


@bp.get("/interview/<uuid:interview_id>/profile")
@respondent
def profile(interview_id: uuid.UUID) -> ResponseReturnValue:
    return _profile_page(interview_id).render(back=_back(request.args.get("back")))


@bp.post("/interview/<uuid:interview_id>/profile")
@shows_form_again
@respondent
def save_profile(interview_id: uuid.UUID) -> ResponseReturnValue:
    page = _profile_page(interview_id)
    envelope = read_envelope(request.form, newest=page.head.revision)
    typed = read_form(
        request.form, page.questions, shown=envelope.shown, codes=page.view.profile, demanding=envelope.to == "next"
    )
    region, wrong_region = page.read_region(request.form)
    if wrong_region is not None:
        typed = replace(typed, problems={**typed.problems, REGION: wrong_region})
    typed = replace(typed, strays=tuple(stray for stray in typed.strays if stray.question != REGION))
    refused = _refused(envelope, typed)
    if refused is not None:
        return page.render(region=region, back=_back(envelope.back), trouble=refused)

    saved: Saved | None = None
    with transaction() as session:
        changed_region = region if region != page.head.region_key else None
        codes = page.changes(typed)
        if codes or changed_region:
            saved = _once(
                lambda op_id: interviewing.save_profile(
                    session,
                    interview_id,
                    Save(op_id, envelope.base_revision, codes),
                    region_key=changed_region,
                    author=ON_THE_WEB,
                    now=utc_now(),
                ),
                envelope.op_id,
            )
        _keep_choice(session, page.head, envelope.to)

    conflicts = saved.conflicts if saved else ()
    missing = page.left_open(typed, region) if envelope.to == "next" else {}
    problems = {**missing, **typed.problems}
    if conflicts or problems or typed.strays:
        again = _profile_page(interview_id)
        trouble = _trouble(again.language, typed, problems, conflicts)
        return again.render(region=region, back=_back(envelope.back), trouble=trouble)
    return redirect(_after_profile(page.head, envelope), 303)


@bp.get("/interview/<uuid:interview_id>/practice/<int(max=999):position>/<step>")
@respondent
def practice(interview_id: uuid.UUID, position: int, step: str) -> ResponseReturnValue:
    try:
        page = _practice_page(interview_id, position, step)
    except errors.NotFound:
        if _lacks_profile(interview_id):
            return redirect(url_for(".profile", interview_id=interview_id), 303)
        raise
    elsewhere = page.nearest_address()
    if elsewhere is not None:
        return redirect(elsewhere, 303)
    return page.render(back=_back(request.args.get("back")), more=request.args.get("more", ""))


@bp.post("/interview/<uuid:interview_id>/practice/<int(max=999):position>/<step>")
@shows_form_again
@respondent
def save_answers(interview_id: uuid.UUID, position: int, step: str) -> ResponseReturnValue:
    """Save what is there; then the next page, or this one with what is wrong."""
    page = _practice_page(interview_id, position, step)
    envelope = read_envelope(request.form, newest=page.practice.revision)
    is_next = envelope.to == "next"
    typed = read_form(request.form, page.answerable, shown=envelope.shown, codes=page.practice.codes, demanding=is_next)
    refused = _refused(envelope, typed)
    if refused is not None:
        return page.render(back=_back(envelope.back), trouble=refused)

    saved: Saved | None = None
    codes, texts = page.changes(typed)
    chooses = envelope.to not in {"next", "previous", "later"}
    if codes or texts or chooses:
        with transaction() as session:
            if codes or texts:
                saved = _once(
                    lambda op_id: interviewing.save_answers(
                        session,
                        interview_id,
                        position,
                        Save(op_id, envelope.base_revision, codes, texts),
                        author=ON_THE_WEB,
                        now=utc_now(),
                    ),
                    envelope.op_id,
                )
            _keep_choice(session, page.head, envelope.to)

    conflicts = saved.conflicts if saved else ()
    problems = {**(demand(page.left_open(typed, envelope.shown)) if is_next else {}), **typed.problems}
    if conflicts or problems or typed.strays:
        again = _practice_page(interview_id, position, step)
        return again.render(back=_back(envelope.back), trouble=_trouble(again.language, typed, problems, conflicts))
    return redirect(_after_answers(page, envelope, typed), 303)


@bp.get("/interview/<uuid:interview_id>/review")
@respondent
def review(interview_id: uuid.UUID) -> ResponseReturnValue:
    view = interviewing.overview(reading(), interview_id, asked_language())
    language_in_use = _open(view.head)
    if not view.practices and _lacks_profile(interview_id):
        return redirect(url_for(".profile", interview_id=interview_id), 303)
    return render_review(view, language_in_use)


@bp.get("/interview/<uuid:interview_id>/submit")
@respondent
def before_submit(interview_id: uuid.UUID) -> ResponseReturnValue:
    """The address of a review that was refused, asked for again: the review is what the person wants to see."""
    return redirect(url_for(".review", interview_id=interview_id), 303)


@bp.post("/interview/<uuid:interview_id>/submit")
@shows_form_again
@respondent
def submit(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Hand in. A second time, from whatever page, leads to the same receipt."""
    missing: Iterable[errors.MissingAnswer] = ()
    if not form_was_refused():
        try:
            with transaction() as session:
                op_id = read_envelope(request.form).op_id
                interviewing.submit(session, interview_id, op_id=op_id, author=ON_THE_WEB, now=utc_now())
            return redirect(url_for(".receipt", interview_id=interview_id), 303)
        except errors.MissingAnswers as found:
            missing = found.places
    view = interviewing.overview(reading(), interview_id)
    status = 400 if form_was_refused() else 422
    return render_review(view, _open(view.head), missing=missing, status=status, refused=form_was_refused())


@bp.get("/interview/<uuid:interview_id>/receipt")
@respondent
def receipt(interview_id: uuid.UUID) -> ResponseReturnValue:
    head = _head(interview_id)
    if head.state is not InterviewState.SUBMITTED:
        return redirect(url_for(".review", interview_id=interview_id), 303)
    return render_receipt(
        head,
        interviewing.receipt_of(reading(), interview_id),
        _language(head),
        privacy_address=url_for(".privacy", interview_id=interview_id),
    )


@bp.get("/interview/<uuid:interview_id>/later")
@respondent
def later(interview_id: uuid.UUID) -> ResponseReturnValue:
    head = _head(interview_id)
    _open(head)
    return render_template("respondent/later.html", head=head)


@bp.get("/interview/<uuid:interview_id>/privacy")
@respondent
def privacy(interview_id: uuid.UUID) -> ResponseReturnValue:
    head = _head(interview_id)
    _language(head)
    return render_template(
        "respondent/privacy.html",
        title=typographic(head.title),
        owner=typographic(head.owner),
        contact=head.contact_email,
        is_simulated=head.is_simulated,
        back=url_for(".resume", interview_id=interview_id),
        head=head,
    )


@bp.post("/interview/<uuid:interview_id>/language")
@respondent
def language(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Change the language on a page without answers, and show it again."""
    chosen = _one_of(LANGUAGES, request.form.get("lang"))
    page = _one_of(PAGES_WITH_A_LANGUAGE, request.form.get("page")) or "review"
    if chosen is None:
        return redirect(url_for(f".{page}", interview_id=interview_id), 303)
    try:
        with transaction() as session:
            interviewing.set_language(session, interview_id, chosen, now=utc_now())
    except (errors.AlreadySubmitted, errors.StudyClosed):
        # Nothing is kept any more, but everybody may go on reading.
        return redirect(url_for(f".{page}", interview_id=interview_id, lang=chosen), 303)
    return redirect(url_for(f".{page}", interview_id=interview_id), 303)


def _head(interview_id: uuid.UUID) -> Head:
    return interviewing.head_of(reading(), interview_id, asked_language())


def _language(head: Head) -> str:
    return use_language(asked_language() or head.language)


def _open(head: Head) -> str:
    """The page's language, if this interview still takes answers; else what refuses them."""
    language_in_use = _language(head)
    if head.state is InterviewState.SUBMITTED:
        raise errors.AlreadySubmitted(head.submitted_at)
    if head.state is InterviewState.WITHDRAWN:
        raise errors.Withdrawn
    if head.is_closed(utc_now()):
        raise errors.StudyClosed
    return language_in_use


def _lacks_profile(interview_id: uuid.UUID) -> bool:
    """Whether the profile is still to be answered, so that there are no practices yet."""
    return interviewing.place(reading(), interview_id).page == "profile"


def _profile_page(interview_id: uuid.UUID) -> ProfilePage:
    view = interviewing.overview(reading(), interview_id, asked_language())
    return ProfilePage(view, _open(view.head))


def _practice_page(interview_id: uuid.UUID, position: int, step: str) -> PracticePage:
    view = interviewing.page_view(reading(), interview_id, position, asked_language())
    return PracticePage(view, step, _open(view.head))


def _refused(envelope: Envelope, typed: Typed) -> Trouble | None:
    """What keeps a whole form from being saved; everything that was typed is shown again."""
    t = ui(page_language())
    if form_was_refused():
        return Trouble(400, t("form.again"), typed=typed)
    if not envelope.is_whole or not _is_destination(envelope.to):
        return Trouble(422, t("error.unknown_question"), typed=typed)
    return None


def _trouble(
    language_in_use: str,
    typed: Typed,
    problems: Mapping[str, Problem],
    conflicts: tuple[errors.ConflictingAnswer, ...],
) -> Trouble:
    """What the page says when it comes again after a save."""
    t = ui(language_in_use)
    key = "error.summary" if problems else "conflict.title"
    sentence = t("error.unknown_question" if typed.strays else key)
    status = 422 if problems or typed.strays else 409
    return Trouble(status, sentence, problems=problems, conflicts=conflicts, typed=typed)


def _once(save: Callable[[uuid.UUID], Saved], op_id: uuid.UUID) -> Saved:
    """Save under the page's id.

    A browser that went back may send an old page with new answers: then it is another save, and the revision it
    was built from tells the service what changed since.
    """
    try:
        return save(op_id)
    except errors.OperationReused:
        return save(uuid.uuid4())


def _keep_choice(session: Session, head: Head, to: str) -> None:
    """Remember a language or layout that was chosen by the button that sent the page."""
    kind, _, value = to.partition("-")
    if kind == "language":
        interviewing.set_language(session, head.interview_id, value, now=utc_now())
        use_language(value)
    elif kind == "layout":
        interviewing.set_layout(session, head.interview_id, value, now=utc_now())


def _is_destination(to: str) -> bool:
    kind, _, value = to.partition("-")
    if kind == "language":
        return value in LANGUAGES
    if kind == "layout":
        return value in LAYOUTS
    return to in {"next", "previous", "later"}


def _after_profile(head: Head, envelope: Envelope) -> str:
    interview_id = head.interview_id
    if envelope.to == "later":
        return url_for(".later", interview_id=interview_id)
    if envelope.to != "next":
        return url_for(".profile", interview_id=interview_id, back=_back(envelope.back) or None)
    where = interviewing.place(reading(), interview_id)
    if where.page == "practice" and not envelope.back:
        # The first practice, even if it is answered already: the way on is the same for everybody.
        where = Place("practice", 1, None)
    return _address(interview_id, where, head.layout)


def _after_answers(page: PracticePage, envelope: Envelope, typed: Typed) -> str:
    back = _back(envelope.back)
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


def _address(interview_id: uuid.UUID, where: Place, layout: str) -> str:
    if where.page != "practice":
        return url_for(f".{where.page}", interview_id=interview_id)
    head = interviewing.head_of(reading(), interview_id)
    step = WHOLE if layout == "whole" else where.step or head.instrument.steps[0].key
    return url_for(".practice", interview_id=interview_id, position=where.position, step=step)


def _back(text: str | None) -> str:
    """Where a page was come from: only the review is a place to go back to."""
    return "review" if text == "review" else ""


def _one_of(known: Collection[str], text: str | None) -> str | None:
    return text if text in known else None
