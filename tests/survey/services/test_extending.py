import uuid

import pytest
from make import (
    ALREADY_HERE,
    COMPLETE,
    KNOW,
    give,
    give_profile,
    make_catalogue,
    make_interview,
    make_study,
    make_submitted,
)
from sqlalchemy import select

from survey.models import Evaluation, EvaluationState, Interview, Practice, Study
from survey.services.assigning import _load
from survey.services.collecting import collect
from survey.services.errors import AlreadySubmitted, MissingAnswer, MissingAnswers, NotFound, StudyClosed
from survey.services.extending import extra_positions
from survey.services.interviewing import more_to_offer, receipt_of, submit, take_more
from survey.services.proving import differences
from survey.services.studying import close_study


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now, practices_per_web_interview=3)


@pytest.fixture
def done(database, study, now):
    """An interview in which everything that was promised is judged."""
    with database.writing() as session:
        return make_interview(session, study, now=now, answers=[COMPLETE] * 3)


def offered(database, begun, now):
    with database.reading() as session:
        return more_to_offer(session, begun.id, now=now)


def take(database, begun, now):
    with database.writing() as session:
        return take_more(session, begun.id, now=now)


def hand_in(database, begun, now, *, without_extra=False):
    with database.writing() as session:
        return submit(session, begun.id, op_id=uuid.uuid4(), author=begun.author, now=now, without_extra=without_extra)


def practices_of(database, begun):
    with database.reading() as session:
        found = session.scalars(
            select(Evaluation).where(Evaluation.interview_id == begun.id).order_by(Evaluation.position)
        )
        return [(each.position, each.state, each.practice_id) for each in found]


def extra_of(database, begun):
    with database.reading() as session:
        return session.get(Interview, begun.id).extra_practices


def test_two_more_are_given_behind_the_promised_ones_and_once_only(database, done, now):
    before = practices_of(database, done)
    assert offered(database, done, now) == 2

    first = take(database, done, now)
    again = take(database, done, now)

    after = practices_of(database, done)
    assert (first, again, extra_of(database, done)) == (4, 4, 2)
    assert after[:3] == before
    assert [(position, state) for position, state, _ in after[3:]] == [
        (4, EvaluationState.ASSIGNED),
        (5, EvaluationState.ASSIGNED),
    ]
    assert len({practice for _, _, practice in after}) == 5
    assert offered(database, done, now) == 0


def test_who_has_judged_the_extra_ones_too_is_not_asked_again(database, done, now):
    take(database, done, now)
    with database.writing() as session:
        for position in (4, 5):
            give(session, done, position, COMPLETE, now=now)

    assert offered(database, done, now) == 0
    take(database, done, now)

    assert len(practices_of(database, done)) == 5


def test_nothing_more_is_offered_before_all_is_judged(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE, COMPLETE, KNOW])
        empty = make_interview(session, study, now=now)

    for interview in (begun, empty):
        assert (offered(database, interview, now), take(database, interview, now)) == (0, None)
    assert len(practices_of(database, begun)) == 3


@pytest.mark.parametrize(("settings", "practices", "expected"), [
    ({"extra_practices_offered": 0}, 12, 0),
    ({"extra_practices_offered": 5}, 12, 5),
    ({}, 4, 1),
    ({}, 3, 0),
])  # fmt: skip
def test_as_many_as_the_study_offers_and_has_left(database, now, settings, practices, expected):
    with database.writing() as session:
        study = make_study(
            session,
            now=now,
            catalogue=make_catalogue(practices=practices),
            practices_per_web_interview=3,
            home_regions_asked=True,
        )
        for name, value in settings.items():
            setattr(study, name, value)
        begun = make_interview(session, study, now=now, answers=[COMPLETE] * 3)

    assert offered(database, begun, now) == expected
    assert take(database, begun, now) == (4 if expected else None)
    assert len(practices_of(database, begun)) == 3 + expected


def test_those_that_lack_judgements_most_are_given(database, now):
    with database.writing() as session:
        study = make_study(session, now=now, practices_per_web_interview=5)
        for _ in range(3):
            make_submitted(session, study, now=now)
        begun = make_interview(session, study, now=now, answers=[COMPLETE] * 5)
        region = session.get(Interview, begun.id).region_id
        judged = _load(session, study.id, region, None).n
    mine = {practice for _, _, practice in practices_of(database, begun)}

    take(database, begun, now)

    given = {practice for _, _, practice in practices_of(database, begun)} - mine
    with database.reading() as session:
        others = set(session.scalars(select(Evaluation.practice_id).where(Evaluation.region_id == region))) - mine
    assert len(given) == 2
    assert max(judged[practice] for practice in given) <= min(judged[practice] for practice in others - given)


def test_no_more_is_taken_where_nothing_can_be_saved(database, study, done, now):
    with database.writing() as session:
        submitted = make_submitted(session, study, now=now)
    with pytest.raises(AlreadySubmitted):
        take(database, submitted, now)
    with database.writing() as session:
        close_study(session, session.get(Study, study.id), now=now)

    with pytest.raises(StudyClosed):
        take(database, done, now)
    assert offered(database, done, now) == 0
    for act in (more_to_offer, take_more):
        with pytest.raises(NotFound), database.writing() as session:
            act(session, uuid.uuid4(), now=now)


def test_an_unfinished_extra_one_is_asked_for_until_the_respondent_says_it_is_left(database, done, now):
    take(database, done, now)
    with database.writing() as session:
        give(session, done, 4, {"FAM": 2}, now=now)

    with pytest.raises(MissingAnswers) as refused:
        hand_in(database, done, now)
    assert MissingAnswer(5, "know", "FAM") in refused.value.places
    receipt = hand_in(database, done, now, without_extra=True)

    assert (receipt.judged, receipt.assigned) == (3, 4)
    # What was begun stays and does not count; what was not touched is given back.
    assert [(position, state) for position, state, _ in practices_of(database, done)][3:] == [
        (4, EvaluationState.STARTED)
    ]
    assert extra_of(database, done) == 1
    with database.reading() as session:
        assert receipt_of(session, done.id) == receipt
        assert len(collect(session, "test", now=now).practice) == 3
        assert list(differences(session, lambda _done, _total: None)) == []


def test_a_finished_extra_one_counts_like_the_others(database, done, now):
    take(database, done, now)
    with database.writing() as session:
        give(session, done, 5, ALREADY_HERE, now=now)

    receipt = hand_in(database, done, now, without_extra=True)

    assert (receipt.judged, receipt.assigned) == (4, 4)
    with database.reading() as session:
        assert len(collect(session, "test", now=now).practice) == 4


def test_a_promised_practice_is_never_left_for_being_an_extra_one(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE, COMPLETE, KNOW])

    with pytest.raises(MissingAnswers):
        hand_in(database, begun, now, without_extra=True)


def test_what_is_left_behind_unfinished_weighs_nothing_in_the_next_assignment(database, study, done, now):
    take(database, done, now)
    with database.writing() as session:
        give(session, done, 4, {"FAM": 2}, now=now)
        region = session.get(Interview, done.id).region_id
        begun = practices_of(database, done)[3][2]
        assert _load(session, study.id, region, None).n[begun] == pytest.approx(0.7)

    hand_in(database, done, now, without_extra=True)

    with database.reading() as session:
        load = _load(session, study.id, region, None)
        assert load.n[begun] == 0
        assert sum(load.n.values()) == 3


@pytest.mark.parametrize(("left", "extra"), [(9, 2), (1, 1), (0, 0)])
def test_another_region_gives_as_many_extra_ones_as_it_has(database, done, now, left, extra):
    take(database, done, now)
    with database.writing() as session:
        promised = {practice for _, _, practice in practices_of(database, done)[:3]}
        others = [practice for practice in session.query(Practice) if practice.id not in promised]
        for practice in others[left:]:
            practice.active = False
        revision = session.get(Interview, done.id).revision
        give_profile(session, done, now=now, region="munich", base_revision=revision)

    after = practices_of(database, done)
    assert {practice for _, _, practice in after[:3]} == promised
    assert [state for _, state, _ in after[3:]] == [EvaluationState.ASSIGNED] * extra
    assert extra_of(database, done) == extra


def test_the_extra_ones_are_the_last_ones():
    assert extra_positions([3, 1, 2, 7], 2) == {3, 7}
    assert extra_positions([1, 2], 0) == extra_positions([], 2) == frozenset()
