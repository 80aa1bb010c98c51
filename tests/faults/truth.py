"""What was acknowledged, compared with what the database holds afterwards."""

from collections import defaultdict
from dataclasses import dataclass

from make import instrument
from sqlalchemy import func, select, text

from survey.models import AnswerChange, Evaluation, Operation
from survey.queries.cases import log_of_judgement
from survey.services.answering import first_codes
from survey.services.history import RULES, codes_from_log, texts_from_log
from survey.services.operations import logged


@dataclass(frozen=True)
class Truth:
    """acked: saves with a reply 200. lost: those that are not there. twice: those that are there more than once."""

    acked: int
    lost: int
    twice: int
    integrity: str

    def __str__(self):
        return f"acked={self.acked} lost={self.lost} twice={self.twice} integrity={self.integrity}"

    @property
    def is_whole(self):
        return (self.lost, self.twice, self.integrity) == (0, 0, "ok") and self.acked > 0


def compare(database, clients, *, note=""):
    """The truth about these clients, printed."""
    acked = lost = twice = 0
    with database.reading() as session:
        for client in clients:
            rows, states = _stored(session, client.interview_id)
            acked += len(client.acknowledged)
            own_lost, own_twice = _differences(client, rows, states)
            lost, twice = lost + own_lost, twice + own_twice
        found = Truth(acked, lost, twice, _integrity(session, [client.interview_id for client in clients]))
    print(f"{found} {note}".strip())  # noqa: T201
    return found


def _stored(session, interview_id):
    """Rows of the log by number of the save, and what stands by place."""
    positions, states = {}, {}
    for evaluation in session.scalars(select(Evaluation).where(Evaluation.interview_id == interview_id)):
        positions[evaluation.id] = evaluation.position
        codes = instrument().unpack(evaluation.codes)
        states |= {(evaluation.position, question): code for question, code in codes.items()}
    rows = defaultdict(list)
    found = select(AnswerChange).where(AnswerChange.interview_id == interview_id, AnswerChange.author.not_in(RULES))
    for row in session.scalars(found):
        rows[row.op_id].append((positions.get(row.evaluation_id), row.question, row.code))
    return rows, states


def _differences(client, rows, states):
    """How many acknowledged saves are lost, and how many sent ones were done more than once."""
    acknowledged = {answer.op_id for answer in client.acknowledged}
    lost = sum((*answer.place, answer.code) not in rows[answer.op_id] for answer in client.acknowledged)
    standing = {}
    for answer in client.sent:
        # An answer that nobody acknowledged may or may not have reached the database.
        certain = answer.op_id in acknowledged
        standing[answer.place] = {answer.code} if certain else {answer.code, *standing.get(answer.place, ())}
    for place in {answer.place for answer in client.acknowledged}:
        lost += states[place] not in standing[place]
    twice = sum(len(rows[answer.op_id]) > 1 for answer in client.sent)
    return lost, twice


def _integrity(session, interviews):
    """ok, or what is wrong with the file, or which states of these interviews do not follow from their log."""
    if session.get_bind().dialect.name == "sqlite":
        said = session.execute(text("PRAGMA integrity_check")).scalar()
        if said != "ok" or session.execute(text("PRAGMA foreign_key_check")).first():
            return said
    for evaluation in session.scalars(select(Evaluation).where(Evaluation.interview_id.in_(interviews))):
        log = logged(log_of_judgement(session, evaluation.id))
        codes = instrument().unpack(evaluation.codes)
        if (codes_from_log(log, first_codes(instrument(), "rq10")), texts_from_log(log)) != (codes, evaluation.texts):
            return f"the state of {evaluation.id} does not follow from its log"
    claimed = session.scalar(select(func.count(Operation.id)).where(Operation.interview_id.in_(interviews)))
    own = AnswerChange.interview_id.in_(interviews)
    done = session.scalar(select(func.count(AnswerChange.op_id.distinct())).where(own))
    return "ok" if claimed == done else f"{claimed} operations, {done} in the log"
