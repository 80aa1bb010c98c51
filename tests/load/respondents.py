"""People in the middle of an interview: what they answer next, and what they were told is saved."""

import json
import random
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import func, select

from instruments import Mode
from survey.models import Evaluation, Interview
from survey.queries.studies import region_by_key, regions_of, study_by_key
from survey.services import accounts, inviting
from survey.services.interviewing import RESPONDENT, Author, Save, begin, save_answers, save_profile

STUDY = "load"
# In the order of the pages, with answers after which the others are asked all the same.
ASKED = {
    "FAM": (2, 3),
    **dict.fromkeys(("NEED", "FIT", "EFF", "ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL"), (1, 2, 3, 4, 5)),
    "VERDICT": (1, 2),
    "SURE": (1, 2, 3),
    "COMMENT": (),
}
FIRST = {"EXIST": 3}
STEPS = ("know", "criteria", "verdict", "barriers")
AT_A_TIME = 25
_COOKIE = re.compile(r"\r\nSet-Cookie: form=([^;]+)")


@dataclass(frozen=True, slots=True)
class Given:
    """One answer on its way."""

    op_id: str
    position: int
    question: str
    value: int | str


@dataclass(slots=True)
class Respondent:
    """A person with an open page. acknowledged: what the server called saved, in that order."""

    interview_id: uuid.UUID
    token: str
    practices: int
    revision: int
    random: random.Random
    headers: str = ""
    acknowledged: list[Given] = field(default_factory=list)
    refused: list[Given] = field(default_factory=list)
    # Sent, and nobody knows whether it was saved.
    unknown: list[Given] = field(default_factory=list)
    _standing: dict[tuple[int, str], int | str] = field(default_factory=dict)
    _turn: int = 0

    @property
    def address(self):
        return f"/api/v1/interviews/{self.interview_id}"

    async def open(self, connections):
        """What a page does before its first save: it asks for a form token."""
        cookie = f"Cookie: sid={self.token}\r\n"
        answer = await connections.ask("GET", f"{self.address}/session", cookie)
        form_token = json.loads(answer.body)["form_token"]
        form = _COOKIE.search(answer.headers)[1]
        self.headers = f"Cookie: sid={self.token}; form={form}\r\nX-CSRFToken: {form_token}\r\n"

    def next_answer(self):
        """Another answer than the one that stands, to the next question."""
        position, question = self._place(self._turn)
        self._turn += 1
        standing = self._standing.get((position, question))
        choices = [value for value in ASKED[question] if value != standing]
        value = self.random.choice(choices) if choices else f"A remark, no. {self._turn}, as people write them."
        op_id = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        return Given(op_id, position, question, value)

    def body(self, given):
        answer = {"question": given.question, "values": [str(given.value)], "base_revision": self.revision}
        return json.dumps({"op_id": given.op_id, "position": given.position, "answers": [answer]}).encode()

    def saved(self, given, revision):
        self.revision = revision
        self._standing[given.position, given.question] = given.value
        self.acknowledged.append(given)

    def page(self):
        """The address of a page that this person may be reading."""
        position, _ = self._place(self._turn)
        return f"/interview/{self.interview_id}/practice/{position}/{self.random.choice(STEPS)}"

    def news(self):
        """What the script of an open page asks every four seconds."""
        position, _ = self._place(self._turn)
        return f"{self.address}/news?since={self.revision}&position={position}&step=criteria"

    def _place(self, turn):
        practice, question = divmod(turn, len(ASKED))
        return practice % self.practices + 1, tuple(ASKED)[question]


def invite(database, number):
    """So many people who have consented and answered the profile: the ids of their interviews.

    Giving them practices takes long where many answers are, so it is done once and kept with those.
    """
    found = []
    while len(found) < number:
        with database.writing() as session:
            some = range(len(found), min(number, len(found) + AT_A_TIME))
            found += [_begin(session, index) for index in some]
    return found


def let_in(database, ids):
    """The people of these interviews, each with a session."""
    now = datetime.now(UTC)
    with database.writing() as session:
        practices = func.count(Evaluation.id)
        rows = session.execute(
            select(Interview.id, Interview.revision, practices)
            .join(Evaluation, Evaluation.interview_id == Interview.id)
            .where(Interview.id.in_(ids))
            .group_by(Interview.id, Interview.revision)
        ).all()
        return [
            Respondent(
                interview_id,
                accounts.open_respondent_session(session, interview_id, None, now=now),
                count,
                revision,
                random.Random(f"{now}/{interview_id}"),
            )
            for interview_id, revision, count in rows
        ]


def _begin(session, index):
    now = datetime.now(UTC)
    study = study_by_key(session, STUDY)
    keys = regions_of(session, study.id)
    key = keys[index % len(keys)]
    region = region_by_key(session, study.id, key)
    invitation = inviting.invite(session, study, region=region, stakeholder=1, language="en", now=now)
    interview_id = begin(session, invitation.token, language="en", now=now)
    author = Author(RESPONDENT, Mode.WEB)
    profile = Save(uuid.uuid4(), 0, {"STAKEHOLDER": 1, "YEARS": 3, "ROLE": 2})
    revision = save_profile(session, interview_id, profile, region_key=key, author=author, now=now).revision
    for position in session.scalars(select(Evaluation.position).where(Evaluation.interview_id == interview_id)).all():
        save = Save(uuid.uuid4(), revision, FIRST)
        revision = save_answers(session, interview_id, position, save, author=author, now=now).revision
    return interview_id
