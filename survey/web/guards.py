"""Who may see a page. Every view carries exactly one of these; the factory refuses a view without."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey.database import Busy as DatabaseBusy
from survey.database import Unavailable
from survey.models import Person, Role, Study
from survey.queries import studies
from survey.services import accounts
from survey.services.errors import Busy, NotAllowed, NotFound, NotYours
from survey.web.database import reading, transaction, utc_now
from survey.web.sessions import go_on_with, is_secret_of, session_token

P = ParamSpec("P")
T = TypeVar("T", bound=Callable[..., ResponseReturnValue])

GUARD = "guard"
MAY_SEE_RESULTS = frozenset({Role.LEAD, Role.VIEWER, Role.ADMIN})
# Single answers, even without names, are for those who run the study.
MAY_DOWNLOAD = frozenset({Role.LEAD, Role.ADMIN})


class SessionEnded(Exception):  # noqa: N818 (it is no error of anybody)
    """The respondent's browser session is over, or never was. The personal link opens a new one."""


def public(view: T) -> T:
    """Anybody may see it."""
    return _marked(view, "public")


def respondent(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """The one whose interview the address names. Another interview is not found, like one that does not exist.

    A form of a page that was opened in a session that has run out meanwhile is taken all the same.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        token, interview_id = session_token(), cast("uuid.UUID", kwargs["interview_id"])
        opened = accounts.interview_of(reading(), token, now=utc_now()) if token else None
        if opened is None and token and is_secret_of(token, request.form.get("page_secret", "")):
            renew_session(token, interview_id)
            opened = interview_id
        if opened is None:
            raise SessionEnded
        if opened != interview_id:
            raise NotYours
        return view(*args, **kwargs)

    return _marked(guarded, "respondent")


def renew_session(token: str, interview_id: uuid.UUID) -> None:
    """Let a page that showed its secret go on with a new session. SessionEnded when it may not."""
    with transaction() as session:
        renewed = accounts.renew_respondent_session(session, token, interview_id, now=utc_now())
    if renewed is None:
        raise SessionEnded
    go_on_with(renewed)


def staff(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Whoever is signed in. Others are asked to sign in, and come back afterwards."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if signed_in() is None:
            return _to_sign_in()
        _keep_alive()
        return view(*args, **kwargs)

    return _marked(guarded, "staff")


def viewer(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Whoever may see the results of the study that the address names by `key`.

    Somebody else's study is not found, like one that does not exist.
    """
    return _marked(_of_study(view, MAY_SEE_RESULTS), "viewer")


def lead(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Leads of the study that the address names by `key`, and administrators.

    Those who may see its results only are told so; to anybody else it does not exist.
    """
    return _marked(_of_study(view, MAY_DOWNLOAD), "lead")


def signed_in() -> Person | None:
    """The member of staff whose browser asks, looked up once a request."""
    if "person" not in g:
        token = session_token()
        g.person = accounts.person_of(reading(), token, now=utc_now()) if token else None
    found: Person | None = g.person
    return found


def current_person() -> Person:
    """The member of staff, behind `staff`, `viewer` or `lead`."""
    person: Person = g.person
    return person


def current_study() -> Study:
    """The study of the address, behind `viewer` or `lead`."""
    study: Study = g.study
    return study


def may_download() -> bool:
    """Whether the person may take single answers of the study away, behind `viewer` or `lead`."""
    return bool(MAY_DOWNLOAD & g.roles)


def refuse_unguarded_views(app: Flask) -> None:
    """Default deny: an address without a guard does not start. RuntimeError names all of them."""
    open_views = sorted(
        endpoint for endpoint, view in app.view_functions.items() if endpoint != "static" and not hasattr(view, GUARD)
    )
    if open_views:
        message = f"without a guard: {', '.join(open_views)}"
        raise RuntimeError(message)


def _of_study(view: Callable[P, ResponseReturnValue], needed: frozenset[Role]) -> Callable[P, ResponseReturnValue]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        person = signed_in()
        if person is None:
            return _to_sign_in()
        _keep_alive()
        study = studies.study_by_key(reading(), str(kwargs["key"]))
        g.roles = accounts.roles_in(reading(), person.id, study.id) if study else set()
        if study is None or not MAY_SEE_RESULTS & g.roles:
            raise NotFound
        if not needed & g.roles:
            raise NotAllowed
        g.study = study
        return view(*args, **kwargs)

    return guarded


def _keep_alive() -> None:
    """Note every few minutes that the session is in use, so that it ends an hour after the last page, not the first."""
    token = session_token()
    if token is None or not accounts.is_due_to_be_noted(reading(), token, now=utc_now()):
        return
    try:
        with transaction() as session:
            accounts.keep_alive(session, token, now=utc_now())
    except (Busy, DatabaseBusy, Unavailable):
        # People who save answers come first, and pages can be read while nothing can be saved; the next page notes it.
        return


def _marked(view: T, guard: str) -> T:
    setattr(view, GUARD, guard)
    return view


def _to_sign_in() -> ResponseReturnValue:
    # Only an address that can be asked for again; a form that was sent is not repeated behind anybody's back.
    back = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else None
    return redirect(url_for("account.sign_in", next=back), 303)
