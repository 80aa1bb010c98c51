"""The start page, signing in and signing out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from survey.services import accounts
from survey.services.errors import SignInRefused
from survey.web.account.forms import SignInForm
from survey.web.account.returning import own_path
from survey.web.database import reading, transaction, utc_now
from survey.web.errors import form_was_refused, shows_form_again
from survey.web.guards import public, signed_in
from survey.web.passwords import passwords
from survey.web.sessions import close_session, open_session, session_token

bp = Blueprint("account", __name__)


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    return render_template("account/start.html", person=signed_in())


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    back = own_path(request.args.get("next"))
    if signed_in() is not None:
        return redirect(back or url_for("lead.studies"), 303)
    return render_template("account/sign_in.html", form=SignInForm(next=back), problems=())


@bp.post("/sign-in")
@shows_form_again
@public
def check_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if form_was_refused():
        problems = [("email", "Please send this once more: the page had been open for too long.")]
        return render_template("account/sign_in.html", form=form, problems=problems), 400
    if not form.validate_on_submit():
        problems = [(name, sentence) for name, found in form.errors.items() for sentence in found]
        return render_template("account/sign_in.html", form=form, problems=problems), 422
    try:
        found = accounts.recognise(reading(), form.email.data or "", form.password.data or "", passwords=passwords())
        with transaction() as writing:
            _end_session(writing)
            token = accounts.open_staff_session(writing, found, now=utc_now())
    except SignInRefused as refusal:
        return render_template("account/sign_in.html", form=form, problems=[("email", refusal.message)]), 422
    # What the browser held before signing in, the secret of forms included, is worth nothing afterwards.
    session.clear()
    return open_session(redirect(own_path(form.next.data) or url_for("lead.studies"), 303), token)


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    with transaction() as writing:
        _end_session(writing)
    session.clear()
    return close_session(redirect(url_for(".start"), 303))


def _end_session(writing: Session) -> None:
    """End what the browser was let in to before, whatever it was."""
    token = session_token()
    if token:
        accounts.sign_out(writing, token, now=utc_now())
