from datetime import timedelta

import pytest
from make import make_catalogue, make_interview, make_study
from sqlalchemy import select

from survey.models import (
    AnswerChange,
    Evaluation,
    EvaluationState,
    Interview,
    InterviewState,
    Link,
    Practice,
    Respondent,
    Study,
)
from survey.services.collecting import collect
from survey.services.errors import NotAllowed, NotFound, NotOpenYet, StudyClosed
from survey.services.simulating import Simulated, simulate
from survey.services.studying import close_study


def filled(database, now, *, interviews=40, seed=5, key="test", **more):
    with database.writing() as session:
        if session.scalar(select(Study.id).where(Study.key == key)) is None:
            make_study(session, now=now - timedelta(days=10), key=key, simulated=True)
    return simulate(database, key, interviews=interviews, seed=seed, now=now, **more)


def everything_made(database):
    """All that a simulation writes; practices by key, because a study's own ids are not part of it."""
    with database.reading() as session:
        evaluations = (
            select(
                Evaluation.id, Evaluation.interview_id, Practice.key, Evaluation.position, Evaluation.state,
                Evaluation.codes, Evaluation.texts, Evaluation.revision,
            )
            .join(Practice, Practice.id == Evaluation.practice_id)
            .order_by(Evaluation.id)
        )  # fmt: skip
        interviews = select(
            Interview.id, Interview.respondent_id, Interview.state, Interview.mode, Interview.language, Interview.seed,
            Interview.codes, Interview.receipt, Interview.started_at, Interview.submitted_at,
        ).order_by(Interview.id)  # fmt: skip
        changes = select(
            AnswerChange.evaluation_id, AnswerChange.question, AnswerChange.code, AnswerChange.text, AnswerChange.op_id
        ).order_by(AnswerChange.id)
        return (
            session.execute(evaluations).all(),
            session.execute(interviews).all(),
            session.execute(changes).all(),
            session.scalars(select(Link.token_hash).order_by(Link.id)).all(),
        )


def test_the_same_seed_makes_the_same_interviews_ids_included(sqlite_database, postgresql_database, now):
    counts = [filled(database, now) for database in (sqlite_database, postgresql_database)]

    assert counts[0] == counts[1]
    assert everything_made(sqlite_database) == everything_made(postgresql_database)


def test_another_seed_makes_other_interviews(database, now):
    one = filled(database, now, interviews=5, seed=1, key="one")
    two = filled(database, now, interviews=5, seed=2, key="two")

    assert one.interviews == two.interviews == 5
    with database.reading() as session:
        codes = [collect(session, key, now=now).codes.tobytes() for key in ("one", "two")]
    assert codes[0] != codes[1]


def test_a_second_simulation_goes_on_with_other_people(database, now):
    filled(database, now, interviews=5)
    filled(database, now, interviews=5)

    with database.reading() as session:
        numbers = session.scalars(select(Respondent.number).order_by(Respondent.number)).all()
    assert numbers == list(range(1, 11))


def test_everything_is_marked_as_simulated(database, now):
    filled(database, now)

    with database.reading() as session:
        assert set(session.scalars(select(Interview.simulated))) == {True}
        assert set(session.scalars(select(AnswerChange.author))) == {"simulation", "routing"}
        dataset = collect(session, "test", now=now)
    assert dataset.is_simulated
    assert dataset.simulated.all()


def test_interviews_in_a_study_that_is_not_simulated_are_marked_each(database, now):
    with database.writing() as session:
        make_study(session, now=now)
    simulate(database, "test", interviews=3, seed=1, now=now)

    with database.reading() as session:
        assert set(session.scalars(select(Interview.simulated))) == {True}
        assert not session.scalars(select(Study)).one().simulated


def test_simulated_answers_do_not_mix_with_real_ones(database, now):
    with database.writing() as session:
        make_interview(session, make_study(session, now=now), now=now)

    with pytest.raises(NotAllowed, match="real interviews"):
        simulate(database, "test", interviews=3, seed=1, now=now)


def test_people_decline_break_off_do_not_know_and_use_the_phone(sqlite_database, now):
    made = filled(sqlite_database, now, interviews=120)

    with sqlite_database.reading() as session:
        states = session.scalars(select(Interview.state)).all()
        evaluations = session.scalars(select(Evaluation.state)).all()
        modes = session.scalars(select(Interview.mode)).all()
        dataset = collect(session, "test", now=now)
    assert made == Simulated(
        interviews=120,
        submitted=states.count(InterviewState.SUBMITTED),
        unfinished=states.count(InterviewState.STARTED),
        declined=states.count(InterviewState.DECLINED),
        by_phone=modes.count("phone"),
        answered=len(evaluations) - evaluations.count(EvaluationState.ASSIGNED),
    )
    assert min(made.unfinished, made.declined) >= 2
    assert 12 <= made.by_phone <= 36
    assert evaluations.count(EvaluationState.STARTED) >= 2
    assert {1, 2, 3, 4, 5, 88} <= set(dataset.column("VERDICT").tolist())
    assert {1, 2, 3, 4, 5, 88, -2} <= set(dataset.column("NEED").tolist())
    assert {interview.variant for interview in dataset.interviews} == {"rq10", "rq5"}
    assert any("COMMENT" in texts for texts in dataset.texts)


def test_times_lie_between_the_opening_and_now(database, now):
    filled(database, now)

    with database.reading() as session:
        times = session.scalars(select(AnswerChange.changed_at)).all()
        study = session.scalars(select(Study)).one()
    assert study.opened_at <= min(times)
    assert max(times) <= now


def test_barriers_follow_from_the_criteria(sqlite_database, now):
    filled(sqlite_database, now, interviews=120)
    with sqlite_database.reading() as session:
        dataset = collect(session, "test", now=now)

    def share(column, rows):
        answers = dataset.column(column)[rows]
        return (answers == 1).sum() / (answers >= 0).sum()

    for barrier, criterion, hard in (("B01", "COST", 5), ("B05", "LEAD", 1), ("B07", "SKILL", 1)):
        codes = dataset.column(criterion)
        easy = 1 if hard == 5 else 5
        assert share(barrier, codes == hard) > share(barrier, codes == easy) + 0.2


def test_the_share_of_phone_interviews_can_be_set(database, now):
    made = filled(database, now, interviews=6, phone_share=1)

    assert made.by_phone == 6


def test_progress_is_told_until_all_are_made(database, now):
    told = []

    filled(database, now, interviews=30, progress=lambda done, total: told.append((done, total)))

    assert told == [(25, 30), (30, 30)]


def test_only_an_open_study_is_filled(database, now):
    with database.writing() as session:
        make_study(session, now=now, key="draft", is_open=False, catalogue=make_catalogue(3))
        close_study(session, make_study(session, now=now, key="closed", catalogue=make_catalogue(3)), now=now)

    for key, error in (("draft", NotOpenYet), ("closed", StudyClosed), ("nope", NotFound)):
        with pytest.raises(error):
            simulate(database, key, interviews=1, seed=1, now=now)


def test_the_counts_are_said_in_a_sentence():
    made = Simulated(interviews=10, submitted=7, unfinished=2, declined=1, by_phone=3, answered=50)

    assert str(made) == (
        "10 simulated interviews: 7 submitted, 2 not finished, 1 declined; 3 by phone; 50 practices judged."
    )
