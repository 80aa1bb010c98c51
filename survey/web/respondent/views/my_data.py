"""What is stored about a respondent: seeing it, taking it along, correcting it."""

import uuid
from dataclasses import asdict

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.models import InterviewState, Respondent
from survey.services import contacts, disclosing, duplicates, errors, interviewing
from survey.services.contacts import LONGEST, Identity
from survey.services.interviewing import Head
from survey.services.inviting import arrive
from survey.texts import ui
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import public, respondent
from survey.web.languages import asked_language, page_language
from survey.web.respondent.blueprint import bp
from survey.web.respondent.entering import enter
from survey.web.respondent.landing import landing_language
from survey.web.respondent.my_data import file_of, head_to_disclose, render_answers, render_my_data
from survey.web.sealing import seal
from survey.web.sessions import open_session


@bp.get("/interview/<uuid:interview_id>/my-data")
@respondent
def my_data(interview_id: uuid.UUID) -> ResponseReturnValue:
    head_to_disclose(interview_id)
    view = interviewing.overview(reading(), interview_id, page_language())
    return render_my_data(view, page_language(), is_saved=request.args.get("saved") == "contact")


@bp.get("/interview/<uuid:interview_id>/my-data/answers")
@respondent
def my_answers(interview_id: uuid.UUID) -> ResponseReturnValue:
    if not disclosing.shows_answers(head_to_disclose(interview_id), utc_now()):
        return redirect(_my_data(interview_id), 303)
    view = interviewing.overview(reading(), interview_id, page_language())
    return render_answers(view, page_language())


@bp.get("/interview/<uuid:interview_id>/my-data/file")
@respondent
def my_file(interview_id: uuid.UUID) -> ResponseReturnValue:
    head = head_to_disclose(interview_id)
    if not disclosing.shows_answers(head, utc_now()):
        return redirect(_my_data(interview_id), 303)
    view = interviewing.overview(reading(), interview_id, page_language())
    answer = make_response(file_of(view, page_language()))
    answer.mimetype = "application/json"
    answer.headers.set("Content-Disposition", "attachment", filename=f"my-data-{head.respondent_number:04}.json")
    return answer


@bp.get("/interview/<uuid:interview_id>/my-data/contact")
@respondent
def contact(interview_id: uuid.UUID) -> ResponseReturnValue:
    head = head_to_disclose(interview_id)
    about = disclosing.about(reading(), interview_id)
    known = contacts.identity_of(reading(), seal(), about.respondent_id)
    if known is None:
        return redirect(_my_data(interview_id), 303)
    return _contact_page(head, known)


@bp.post("/interview/<uuid:interview_id>/my-data/contact")
@shows_form_again
@respondent
def correct_contact(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Keep corrected contact details, or show them again with what is wrong."""
    head = head_to_disclose(interview_id)
    about = disclosing.about(reading(), interview_id)
    known = contacts.identity_of(reading(), seal(), about.respondent_id)
    # A field that was not sent stays as it is.
    standing = asdict(known or Identity())
    typed = Identity(**{name: request.form.get(name, value) for name, value in standing.items()})
    if form_was_refused():
        return _contact_page(head, typed, status=400, refused=True)
    if known is None:
        return redirect(_my_data(interview_id), 303)
    try:
        with transaction() as session:
            person = session.get_one(Respondent, about.respondent_id)
            duplicates.mark_address(session, seal(), person.id, contacts.checked(typed).email)
            contacts.keep(session, seal(), person, typed, now=utc_now())
    except errors.BadFields as refused:
        wrong = {problem.field for problem in refused.problems}
        problems = {name: _problem(name, typed) for name in standing if name in wrong}
        return _contact_page(head, typed, status=422, problems=problems)
    return redirect(_my_data(interview_id, saved="contact"), 303)


@bp.post("/interview/<uuid:interview_id>/my-data/wish")
@respondent
def contact_wish(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Not to be contacted again, or to be after all."""
    head_to_disclose(interview_id)
    respondent_id = disclosing.about(reading(), interview_id).respondent_id
    with transaction() as session:
        if request.form.get("contact") == "never":
            contacts.opt_out(session, respondent_id, now=utc_now())
        elif request.form.get("contact") == "again":
            contacts.opt_in(session, respondent_id)
    return redirect(_my_data(interview_id, anchor="contact"), 303)


@bp.post("/link/<token>/my-data")
@public
def my_data_by_link(token: str) -> ResponseReturnValue:
    """From a receipt or the end of a study, where the link is all that the person has."""
    arrival = arrive(reading(), token, now=utc_now())
    landing_language(arrival)
    begun = arrival.interview
    if begun is None or begun.state not in {InterviewState.STARTED, InterviewState.SUBMITTED}:
        return redirect(url_for(".landing", token=token, lang=asked_language()), 303)
    with transaction() as session:
        opened = enter(session, begun.id, arrival.link_id)
    return open_session(redirect(_my_data(begun.id), 303), opened)


@bp.get("/link/<token>/my-data")
@public
def before_my_data_by_link(token: str) -> ResponseReturnValue:
    """The address of a form, asked for again: the link shows what the person may do."""
    return redirect(url_for(".landing", token=token, lang=asked_language()), 303)


def _my_data(interview_id: uuid.UUID, *, saved: str | None = None, anchor: str | None = None) -> str:
    return url_for(".my_data", interview_id=interview_id, lang=asked_language(), saved=saved, _anchor=anchor)


def _contact_page(
    head: Head, typed: Identity, *, status: int = 200, problems: dict[str, str] | None = None, refused: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "respondent/contact.html", head=head, typed=typed, problems=problems or {}, longest=LONGEST, refused=refused
    )
    return page, status


def _problem(field: str, typed: Identity) -> str:
    """What is wrong with a field, in the words of the page."""
    t = ui(page_language())
    if len(getattr(typed, field).strip()) > LONGEST[field]:
        return t("error.too_long", max=LONGEST[field])
    return t("error.email") if field == "email" else t("error.text_not_allowed")
