"""What the scripts of a page ask for: saving answers one by one, news from others, and a session that goes on.

Version 1. Pages stay open over an upgrade, so what is here is never changed, only added to; see CONTRIBUTING.
"""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, TypeVar

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from survey.services import accounts, interviewing
from survey.services.errors import ConflictingAnswer
from survey.services.interviewing import Author, Head, LastAnswer, Save, Saved
from survey.texts import ui
from survey.web.database import reading, transaction, utc_now, write
from survey.web.filters import clock
from survey.web.guards import SessionEnded, public, renew_session, respondent
from survey.web.languages import page_language
from survey.web.questions import Typed
from survey.web.respondent.addresses import WHOLE
from survey.web.respondent.conflicts import author_key
from survey.web.respondent.interviews import speak_if_open
from survey.web.respondent.practice import PracticePage
from survey.web.respondent.profile import REGION, ProfilePage
from survey.web.respondent.saving import ON_THE_WEB, Trouble, trouble_after
from survey.web.sessions import is_secret_of, page_secret, session_token, storage_key

bp = Blueprint("api", __name__, url_prefix="/api/v1/interviews/<uuid:interview_id>")

Body = TypeVar("Body", bound=BaseModel)
Revision = Annotated[int, Field(ge=0, lt=2**31)]
Position = Annotated[int, Field(ge=1, le=999)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AnswerBody(_Strict):
    """One question as a form would send it: no value takes an answer with several boxes back."""

    question: Annotated[str, Field(max_length=32)]
    values: Annotated[tuple[str, ...], Field(max_length=100)]
    # The revision at which the person saw the question.
    base_revision: Revision


class SaveBody(_Strict):
    """op_id: made once for these answers, and the same when they are sent again. position: None for the profile.

    evaluation: what the page shows at this position, so that an answer about one practice is never taken for another.
    """

    op_id: uuid.UUID
    position: Position | None
    evaluation: uuid.UUID | None = None
    answers: Annotated[tuple[AnswerBody, ...], Field(min_length=1, max_length=100)]


class SecretBody(_Strict):
    """The secret that `session` gave the page."""

    secret: Annotated[str, Field(max_length=200)]


class NewsQuery(BaseModel):
    """since: the revision that the page shows. position: None for the profile. step: "all" for a whole practice."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Revision
    position: Position | None = None
    step: Annotated[str, Field(max_length=32)] = WHOLE


class Page(Protocol):
    """A page with questions, of whichever kind."""

    @property
    def head(self) -> Head: ...

    @property
    def shown(self) -> tuple[str, ...]: ...

    @property
    def evaluation(self) -> str: ...

    def read(self, form: MultiDict[str, str], *, shown: Collection[str], demanding: bool) -> Typed: ...

    def fragments(self, wanted: Collection[str], trouble: Trouble | None = None) -> dict[str, Markup]: ...


@bp.post("/answers")
@respondent
def save(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Save some answers of one page.

    200: all of them stand. 409: some lost against what was saved before; 422: some cannot be taken. In both cases
    the rest is saved, and `questions` holds those that need a look, as they are to be shown. is_new: whether this
    request made the revision; if not, others may have, and what they changed has not been seen.
    """
    body = _parsed(SaveBody)
    page = _page(interview_id, body.position, WHOLE)
    form = MultiDict((answer.question, value) for answer in body.answers for value in answer.values)
    typed = page.read(form, shown={answer.question for answer in body.answers}, demanding=False)
    if typed.strays:
        abort(422, f"Not asked here: {', '.join(stray.question for stray in typed.strays)}.")
    saved = None
    if typed.codes or typed.texts:
        bases = {answer.question: answer.base_revision for answer in body.answers}
        asked = Save(body.op_id, min(bases.values()), typed.codes, typed.texts, bases, body.evaluation)
        now = utc_now()
        # A save that comes again has its number, so this may be done twice.
        saved = write(lambda session: _save(session, interview_id, body.position, asked, author=ON_THE_WEB, now=now))
    trouble = trouble_after(typed, saved, {})
    if trouble is not None:
        page = _page(interview_id, body.position, WHOLE)
    marked = {*typed.problems, *(conflict.question for conflict in trouble.conflicts)} if trouble else set()
    return {
        "revision": saved.revision if saved else page.head.revision,
        "is_new": bool(saved and (saved.changed or saved.conflicts) and not saved.replayed),
        "saved_at": _moment(saved.saved_at) if saved else None,
        "says": _saved_in_words(page.head, saved),
        "conflicts": [_conflict(conflict) for conflict in trouble.conflicts] if trouble else [],
        "problems": sorted(typed.problems),
        "questions": page.fragments(marked, trouble) if trouble else {},
    }, trouble.status if trouble else 200


@bp.get("/news")
@respondent
def news(interview_id: uuid.UUID) -> ResponseReturnValue:
    """What others have answered on a page since it was built; 204 when there is nothing."""
    with _told():
        asked = NewsQuery.model_validate(request.args.to_dict())
    found = interviewing.news_since(reading(), interview_id, asked.since)
    if found.last is None:
        return "", 204
    page = _page(interview_id, asked.position, asked.step)
    changed = {each.question for each in found.changed if each.position == asked.position}
    return {
        "revision": found.revision,
        "says": _news_in_words(page.head, found.last),
        "questions": page.fragments(changed),
        "shown": list(page.shown),
        "evaluation": page.evaluation,
    }


@bp.get("/session")
@respondent
def session(interview_id: uuid.UUID) -> ResponseReturnValue:
    """What a page keeps in memory only.

    form_token: for its saves. storage_key: opens the answers that wait on the device. secret: by it this page, and no
    other in the browser, may go on after the session has run out. seconds_left: until the session ends by itself.
    can_stay: whether `stay` would put that off.
    """
    return _session_of_page(interview_id)


@bp.post("/session")
@public
def renew(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Let a page that is still open go on with a new session. 401 when it may not; its link opens one."""
    token = session_token() or ""
    if not is_secret_of(token, _parsed(SecretBody).secret):
        raise SessionEnded
    renew_session(token, interview_id)
    return _session_of_page(interview_id)


@bp.post("/stay")
@respondent
def stay(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody is still there: the session begins its hour anew. Answers as `session` does."""
    token = session_token() or ""
    with transaction() as session_:
        accounts.stay(session_, token, now=utc_now())
    return _session_of_page(interview_id)


def _parsed(kind: type[Body]) -> Body:
    with _told():
        return kind.model_validate_json(request.get_data(cache=False))


@contextmanager
def _told() -> Iterator[None]:
    """Tell whoever writes programs what is wrong with a request, and where."""
    try:
        yield
    except ValidationError as error:
        places = (f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in error.errors())
        abort(400, "; ".join(places))


def _page(interview_id: uuid.UUID, position: int | None, step: str) -> Page:
    if position is None:
        whole = interviewing.overview(reading(), interview_id)
        return ProfilePage(whole, speak_if_open(whole.head))
    view = interviewing.page_view(reading(), interview_id, position)
    return PracticePage(view, step, speak_if_open(view.head))


def _save(
    session_: Session, interview_id: uuid.UUID, position: int | None, asked: Save, *, author: Author, now: datetime
) -> Saved:
    if position is None:
        region = asked.texts.get(REGION)
        return interviewing.save_profile(
            session_, interview_id, replace(asked, texts={}), region_key=region, author=author, now=now
        )
    return interviewing.save_answers(session_, interview_id, position, asked, author=author, now=now)


def _session_of_page(interview_id: uuid.UUID) -> dict[str, Any]:
    token = session_token() or ""
    left = accounts.time_left(reading(), token, now=utc_now())
    return {
        "form_token": generate_csrf(),
        "storage_key": storage_key(interview_id),
        "secret": page_secret(token),
        "seconds_left": left.seconds,
        "can_stay": left.can_grow,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _saved_in_words(head: Head, saved: Saved | None) -> str:
    moment = saved.saved_at if saved else head.last_answer_at
    if moment is None:
        return ""
    return ui(page_language())("autosave.saved", time=clock(moment, page_language(), head.timezone))


def _news_in_words(head: Head, last: LastAnswer) -> str:
    t = ui(page_language())
    time = clock(last.changed_at, page_language(), head.timezone)
    return t("autosave.elsewhere", time=time, author=t(author_key(last.author)))


def _conflict(conflict: ConflictingAnswer) -> dict[str, Any]:
    return {
        "question": conflict.question,
        "codes": conflict.codes,
        "text": conflict.text,
        "author": conflict.author,
        "mode": conflict.mode,
        "changed_at": _moment(conflict.changed_at),
    }
