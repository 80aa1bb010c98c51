"""The page where somebody types the code that was read out on the phone."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.services import errors, handing_over, interviewing
from survey.services.handing_over import Candidate
from survey.services.inviting import another_link, arrive
from survey.web.database import transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import public
from survey.web.languages import page_language, speak_as_sent
from survey.web.networks import network_key
from survey.web.passwords import passwords
from survey.web.respondent.blueprint import bp
from survey.web.respondent.entering import let_in


@bp.get("/code")
@public
def code() -> ResponseReturnValue:
    return _page()


@bp.post("/code")
@shows_form_again
@public
def use_code() -> ResponseReturnValue:
    """Open the interview of this number, or its first page when it has not begun."""
    speak_as_sent()
    if form_was_refused():
        return _page(problem="form.again", status=400)
    network = network_key()
    with transaction() as session:
        candidates = handing_over.note_try(session, request.form.get("number", ""), network=network, now=utc_now())
    right = handing_over.matching(candidates, request.form.get("code", ""), passwords=passwords())
    if right is None:
        return _page(problem="code.refused", status=422)
    try:
        return _opened(right, candidates, network)
    except errors.CodeRefused:
        return _page(problem="code.refused", status=422)


def _opened(right: Candidate, candidates: tuple[Candidate, ...], network: str) -> ResponseReturnValue:
    """The way into the interview. It gets a link of its own, so that revoking the links ends this session, too."""
    now = utc_now()
    with transaction() as session:
        respondent_id = handing_over.redeem(session, right, candidates, network=network, now=now)
        token = another_link(session, respondent_id, now=now)
        arrival = arrive(session, token, now=now)
        if arrival.interview is None:
            return redirect(url_for(".landing", token=token), 303)
        interview_id = interviewing.begin(session, token, language=arrival.interview.language, now=now)
        entry = let_in(session, interview_id, arrival.link_id, language=arrival.interview.language)
    return entry.response()


def _page(*, problem: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "respondent/code.html",
        problem=problem,
        number=request.form.get("number", "")[:20],
        lang=page_language(),
    )
    return page, status
