"""Who may come in: staff by password, respondents by their link. Sessions live in the database, by their hash."""

import secrets
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from survey.models import Membership, Person, Role, Study, WebSession
from survey.queries import people
from survey.services.errors import BadFields, Busy, FieldProblem, SignInRefused
from survey.services.inviting import token_hash

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128

IDLE = timedelta(minutes=60)
STAFF_ABSOLUTE = timedelta(hours=12)
RESPONDENT_ABSOLUTE = timedelta(hours=24)
# How long answers wait in a browser for a session to go on.
RENEWABLE = timedelta(days=7)
# Writing the time of every request would make every page a write; a session may end this much too early.
SEEN_STEP = timedelta(minutes=5)


class Passwords:
    """Hashing by argon2id. At most two at a time, because each takes much memory; who waits too long is refused."""

    AT_A_TIME = 2
    WAIT_SECONDS = 5.0

    def __init__(self, *, time_cost: int = 2, memory_kib: int = 19_456, parallelism: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)
        self._turn = threading.BoundedSemaphore(self.AT_A_TIME)
        # For addresses that nobody has, so that they take as long as the others. Nobody knows its password.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        with self._one_of_few():
            return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one. Takes as long for None, nobody's hash, and is False then."""
        with self._one_of_few():
            try:
                self._hasher.verify(password_hash or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    @contextmanager
    def _one_of_few(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=self.WAIT_SECONDS):
            raise Busy
        try:
            yield
        finally:
            self._turn.release()


def add_person(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    role: Role,
    study_key: str | None,
    now: datetime,
    passwords: Passwords,
) -> Person:
    """A new account with a role in one study, or in all of them where `study_key` is None.

    BadFields names everything that is wrong with the address, the password and the study.
    """
    problems = [*account_problems(session, email=email, study_key=study_key), *password_problems(password)]
    address = normalised(email)
    if problems or address is None:
        raise BadFields(problems)
    study_id = _study_id(session, study_key)
    person = Person(
        email=address,
        name=name.strip() or address,
        password_hash=passwords.hash(password),
        created_at=now,
        memberships=[Membership(study_id=study_id, role=role)],
    )
    session.add(person)
    session.flush()
    return person


def account_problems(session: Session, *, email: str, study_key: str | None) -> list[FieldProblem]:
    """What is wrong with the address and the study of a new account: what can be told before a password is thought of.

    study_key: None for an account that is for all studies.
    """
    problems: list[FieldProblem] = []
    address = normalised(email)
    if address is None:
        problems.append(FieldProblem("email", f"{email!r} is not an e-mail address."))
    elif people.person_by_email(session, address) is not None:
        problems.append(FieldProblem("email", f"There is an account for {address} already."))
    if study_key is not None and _study_id(session, study_key) is None:
        problems.append(FieldProblem("study", f"There is no study {study_key!r}."))
    return problems


def password_problems(password: str) -> list[FieldProblem]:
    """What is wrong with a new password; its length is the only rule."""
    if len(password) < SHORTEST_PASSWORD:
        return [FieldProblem("password", f"The password is too short: use {SHORTEST_PASSWORD} characters or more.")]
    if len(password) > LONGEST_PASSWORD:
        return [FieldProblem("password", f"The password is too long: use {LONGEST_PASSWORD} characters or fewer.")]
    if any("\ud800" <= character <= "\udfff" for character in password):
        return [FieldProblem("password", "The password has a character that cannot be stored.")]
    return []


def normalised(email: str) -> str | None:
    """The address as it is stored, in lower case; None when it is no address."""
    try:
        valid = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return valid.normalized.lower()


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whom an address and a password stand for. new_hash: to be kept instead of the old one, unless it is None."""

    person_id: uuid.UUID
    new_hash: str | None


def recognise(session: Session, email: str, password: str, *, passwords: Passwords) -> Recognised:
    """Who this is. Reads only: hashing takes long, and nobody's saving should wait for it.

    SignInRefused, after the same time and with the same words, whether the address is unknown, the password is
    wrong or the account is disabled. Failures are to be counted here once there is a throttle.
    """
    address = normalised(email)
    person = people.person_by_email(session, address) if address else None
    # What cannot be a password is not hashed: a megabyte of it would keep the server busy.
    usable = password if not password_problems(password) else ""
    is_right = passwords.verify(person.password_hash if person else None, usable)
    if person is None or not is_right or person.disabled_at is not None:
        raise SignInRefused
    is_outdated = passwords.is_outdated(person.password_hash)
    return Recognised(person.id, passwords.hash(password) if is_outdated else None)


def open_staff_session(session: Session, recognised: Recognised, *, now: datetime) -> str:
    """Let somebody in who was recognised, and give the session's token. SignInRefused if disabled meanwhile."""
    person = session.get_one(Person, recognised.person_id)
    if person.disabled_at is not None:
        raise SignInRefused
    if recognised.new_hash is not None:
        person.password_hash = recognised.new_hash
    return _open(session, now=now, life=STAFF_ABSOLUTE, person_id=person.id)


def sign_in(session: Session, email: str, password: str, *, now: datetime, passwords: Passwords) -> str:
    """Recognise somebody and open a session at once; gives its token. SignInRefused as in `recognise`."""
    return open_staff_session(session, recognise(session, email, password, passwords=passwords), now=now)


def open_respondent_session(
    session: Session, interview_id: uuid.UUID, link_id: uuid.UUID | None, *, now: datetime
) -> str:
    """Let a browser in at one interview and give the session's token. It ends when the link is revoked."""
    return _open(session, now=now, life=RESPONDENT_ABSOLUTE, interview_id=interview_id, link_id=link_id)


def renew_respondent_session(session: Session, token: str, interview_id: uuid.UUID, *, now: datetime) -> str | None:
    """A new session in place of one that has run out, for a page that is still open; None when that may not be.

    Not when somebody ended it, the link behind it was revoked or has expired, or it ran out more than a week ago.
    """
    found = people.session_of_interview(session, _hash(token))
    if found is None or found.interview_id != interview_id or found.ended_at or found.revoked_at:
        return None
    is_link_over = found.link_expires_at is not None and found.link_expires_at <= now
    if is_link_over or now - min(found.seen_at + IDLE, found.expires_at) > RENEWABLE:
        return None
    sign_out(session, token, now=now)
    return open_respondent_session(session, found.interview_id, found.link_id, now=now)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a session on the server. Nothing happens for a token that stands for none."""
    session.execute(
        update(WebSession).where(WebSession.id_hash == _hash(token), WebSession.ended_at.is_(None)).values(ended_at=now)
    )


def end_sessions_of(session: Session, interview_id: uuid.UUID, *, now: datetime) -> None:
    """End every session that opens an interview, on all devices."""
    session.execute(
        update(WebSession)
        .where(WebSession.interview_id == interview_id, WebSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all_sessions(session: Session, *, now: datetime) -> None:
    """Sign everybody out, staff and respondents."""
    session.execute(update(WebSession).where(WebSession.ended_at.is_(None)).values(ended_at=now))


def person_of(session: Session, token: str, *, now: datetime) -> Person | None:
    """Who is signed in with this token; None when nobody is, or no longer. Changes nothing."""
    found = people.session_of_person(session, _hash(token))
    if found is None or found.Person.disabled_at is not None:
        return None
    web_session = found.WebSession
    is_alive = _is_alive(web_session.seen_at, web_session.expires_at, web_session.ended_at, now)
    return found.Person if is_alive else None


def interview_of(session: Session, token: str, *, now: datetime) -> uuid.UUID | None:
    """The interview that this token opens; None when none, or no longer. Every saved answer keeps it alive."""
    found = people.session_of_interview(session, _hash(token))
    if found is None or found.revoked_at is not None:
        return None
    interview_id: uuid.UUID = found.interview_id
    return interview_id if _is_alive(_last_seen(found), found.expires_at, found.ended_at, now) else None


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Until a respondent's session ends by itself. can_grow: whether `stay` would put that off."""

    seconds: int
    can_grow: bool


def time_left(session: Session, token: str, *, now: datetime) -> TimeLeft:
    """How long the session stays open if nothing is done; none at all when it is over, or never was."""
    found = people.session_of_interview(session, _hash(token))
    if found is None:
        return TimeLeft(0, can_grow=False)
    idle_end = _last_seen(found) + IDLE
    left = min(idle_end, found.expires_at) - now
    return TimeLeft(max(0, int(left.total_seconds())), can_grow=idle_end < found.expires_at)


def stay(session: Session, token: str, *, now: datetime) -> None:
    """Somebody is at the page of a respondent's session, which begins its hour anew; does not wake one that is over."""
    if interview_of(session, token, now=now) is not None:
        session.execute(update(WebSession).where(WebSession.id_hash == _hash(token)).values(seen_at=now))


def last_interview_of(session: Session, token: str) -> uuid.UUID | None:
    """The interview that a browser was let in at last, even if it is out again; None when none was."""
    found = people.session_of_interview(session, _hash(token))
    return found.interview_id if found is not None else None


def is_due_to_be_noted(session: Session, token: str, *, now: datetime) -> bool:
    """Whether `keep_alive` would write something for this session of a member of staff."""
    found = people.session_of_person(session, _hash(token))
    return found is not None and found.WebSession.seen_at <= now - SEEN_STEP


def keep_alive(session: Session, token: str, *, now: datetime) -> None:
    """Note that a session is in use. Writes at most once in five minutes; does not wake one that is over."""
    session.execute(
        update(WebSession)
        .where(
            WebSession.id_hash == _hash(token),
            WebSession.ended_at.is_(None),
            WebSession.expires_at > now,
            WebSession.seen_at <= now - SEEN_STEP,
            WebSession.seen_at > now - IDLE,
        )
        .values(seen_at=now)
    )


def roles_in(session: Session, person_id: uuid.UUID, study_id: uuid.UUID) -> set[Role]:
    """What a person may do in a study."""
    return people.roles_of(session, person_id, study_id)


def _study_id(session: Session, study_key: str | None) -> uuid.UUID | None:
    return session.scalar(select(Study.id).where(Study.key == study_key)) if study_key is not None else None


def _open(
    session: Session,
    *,
    now: datetime,
    life: timedelta,
    person_id: uuid.UUID | None = None,
    interview_id: uuid.UUID | None = None,
    link_id: uuid.UUID | None = None,
) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            id_hash=_hash(token),
            person_id=person_id,
            interview_id=interview_id,
            link_id=link_id,
            created_at=now,
            seen_at=now,
            expires_at=now + life,
        )
    )
    session.flush()
    return token


def _hash(token: str) -> bytes:
    # A cookie may hold anything; what cannot be a token of ours finds no row.
    return token_hash(token.encode(errors="replace").decode())


def _last_seen(found: Row[*tuple[Any, ...]]) -> datetime:
    """When somebody was last seen at a respondent's session: opening it, staying, or saving an answer."""
    seen_at: datetime = max(found.seen_at, found.last_answer_at or found.seen_at)
    return seen_at


def _is_alive(seen_at: datetime, expires_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    return ended_at is None and now < expires_at and now - seen_at < IDLE
