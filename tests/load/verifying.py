"""Whether the database holds what the server said: every acknowledged answer, once, and as the one that stands."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from instruments import load
from survey.models import AnswerChange, Evaluation, Operation
from survey.services.saving import RESPONDENT

AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Truth:
    """acknowledged: answers that were called saved. lost: not in the log, or not standing although given last.

    twice: written more than once. forbidden: refused for good and yet written. unknown: never answered.
    """

    acknowledged: int
    lost: int
    twice: int
    forbidden: int
    unknown: int

    @property
    def holds(self):
        return not (self.lost or self.twice or self.forbidden)


def verify(database, respondents):
    """Compare what respondents were told with the database."""
    found = Counter()
    for start in range(0, len(respondents), AT_A_TIME):
        part = respondents[start : start + AT_A_TIME]
        ids = [each.interview_id for each in part]
        with database.reading() as session:
            operations = Counter(str(op) for op in session.scalars(select(Operation.id).where(_in(Operation, ids))))
            log = Counter(
                (str(row.op_id), row.position, row.question, row.text if row.code is None else row.code)
                for row in session.execute(
                    select(
                        AnswerChange.op_id,
                        Evaluation.position,
                        AnswerChange.question,
                        AnswerChange.code,
                        AnswerChange.text,
                    )
                    .join(Evaluation, Evaluation.id == AnswerChange.evaluation_id)
                    .where(_in(AnswerChange, ids), AnswerChange.author == RESPONDENT)
                )
            )
            states = {
                (row.interview_id, row.position): load("replicability", 1).unpack(row.codes) | row.texts
                for row in session.execute(
                    select(Evaluation.interview_id, Evaluation.position, Evaluation.codes, Evaluation.texts).where(
                        _in(Evaluation, ids)
                    )
                )
            }
        for each in part:
            found.update(_of_one(each, operations, log, states))
    return Truth(*(found[name] for name in ("acknowledged", "lost", "twice", "forbidden", "unknown")))


def _in(table, ids):
    return table.interview_id.in_(ids)


def _of_one(respondent, operations, log, states):
    found = Counter(acknowledged=len(respondent.acknowledged), unknown=len(respondent.unknown))
    last = {}
    for given in respondent.acknowledged:
        written = log[given.op_id, given.position, given.question, given.value]
        found["lost"] += written == 0 or operations[given.op_id] == 0
        found["twice"] += written > 1
        last[given.position, given.question] = given.value
    open_ends = {(given.position, given.question) for given in respondent.unknown}
    for (position, question), value in last.items():
        stands = states[respondent.interview_id, position].get(question)
        found["lost"] += stands != value and (position, question) not in open_ends
    found["forbidden"] += sum(operations[given.op_id] for given in respondent.refused)
    return found
