from datetime import timedelta

import pytest
from make import COMPLETE, give, give_profile, instrument, make_begun, make_interview, make_save, make_study
from sqlalchemy import select

from instruments import NOT_ANSWERED, Mode
from survey.models import AnswerChange, Evaluation, EvaluationState, Interview, Practice, Region, Study
from survey.services.answering import first_codes
from survey.services.assigning import is_home
from survey.services.errors import AlreadySubmitted, BadInput, StudyClosed, UnknownRevision
from survey.services.interviewing import save_profile
from survey.services.studying import close_study


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now)


@pytest.fixture
def begun(database, study, now):
    with database.writing() as session:
        return make_begun(session, study, now=now)


def assigned(database, begun):
    with database.reading() as session:
        rows = session.execute(
            select(Practice.key, Evaluation)
            .join(Practice, Practice.id == Evaluation.practice_id)
            .where(Evaluation.interview_id == begun.id)
            .order_by(Evaluation.position)
        )
        return [(row.key, row.Evaluation) for row in rows]


def regions_of(database, begun):
    with database.reading() as session:
        rows = session.execute(
            select(Evaluation.position, Region.key)
            .join(Region, Region.id == Evaluation.region_id)
            .where(Evaluation.interview_id == begun.id)
        )
        return {row.position: row.key for row in rows}


def interview_of(database, begun):
    with database.reading() as session:
        return session.get(Interview, begun.id)


def test_a_whole_profile_is_kept_and_practices_are_assigned(database, begun, now):
    with database.writing() as session:
        saved = give_profile(session, begun, now=now, region="munich", stakeholder=6)

    interview = interview_of(database, begun)
    evaluations = [evaluation for _, evaluation in assigned(database, begun)]
    assert saved.changed == ("STAKEHOLDER", "YEARS", "ROLE", "REGION")
    assert instrument().unpack_profile(interview.codes) == {"STAKEHOLDER": 6, "YEARS": 3, "ROLE": 2}
    assert (interview.group_key, interview.revision) == ("FIN", saved.revision)
    assert [evaluation.position for evaluation in evaluations] == [1, 2, 3, 4, 5, 6]
    assert {evaluation.state for evaluation in evaluations} == {EvaluationState.ASSIGNED}
    assert {evaluation.codes for evaluation in evaluations} == {instrument().pack(first_codes(instrument(), "rq10"))}
    assert all(evaluation.assigned_cost is not None for evaluation in evaluations)


def test_the_profile_is_in_the_log(database, begun, now):
    with database.writing() as session:
        give_profile(session, begun, now=now)

    with database.reading() as session:
        log = session.execute(
            select(AnswerChange.question, AnswerChange.code, AnswerChange.text).order_by(AnswerChange.id)
        ).all()
    assert [tuple(row) for row in log] == [
        ("STAKEHOLDER", 1, None),
        ("YEARS", 3, None),
        ("ROLE", 2, None),
        ("REGION", None, "lombardy"),
    ]


def test_nothing_is_assigned_before_region_and_stakeholder_are_known(database, begun, now):
    with database.writing() as session:
        save_profile(session, begun.id, make_save({"STAKEHOLDER": 1}), region_key=None, author=begun.author, now=now)
    before = assigned(database, begun)

    with database.writing() as session:
        save_profile(session, begun.id, make_save({}), region_key="munich", author=begun.author, now=now)

    assert before == []
    assert len(assigned(database, begun)) == 6


def test_the_phone_gets_fewer_practices_and_the_neediest_first(database, study, now):
    with database.writing() as session:
        for _ in range(3):
            make_interview(session, study, now=now)
        begun = make_interview(session, study, now=now, mode=Mode.PHONE)

    costs = [evaluation.assigned_cost for _, evaluation in assigned(database, begun)]
    assert len(costs) == 4
    # Each cost has up to 0.01 of chance in it.
    assert costs[0] <= min(costs) + 0.01


def test_a_region_that_the_study_does_not_have_and_wrong_codes_are_refused_whole(database, begun, now):
    for codes, region_key, question in (({}, "moon", "REGION"), ({"STAKEHOLDER": 12}, "munich", "STAKEHOLDER")):
        with pytest.raises(BadInput) as refused, database.writing() as session:
            save_profile(session, begun.id, make_save(codes), region_key=region_key, author=begun.author, now=now)
        assert [problem.question for problem in refused.value.problems] == [question]

    assert interview_of(database, begun).revision == 0


def test_the_same_profile_again_assigns_nothing_new(database, begun, now):
    save = make_save({"STAKEHOLDER": 1})
    with database.writing() as session:
        first = save_profile(session, begun.id, save, region_key="lombardy", author=begun.author, now=now)
    before = assigned(database, begun)

    with database.writing() as session:
        again = save_profile(session, begun.id, save, region_key="lombardy", author=begun.author, now=now)

    assert (again.revision, again.replayed) == (first.revision, True)
    assert [key for key, _ in assigned(database, begun)] == [key for key, _ in before]


def test_another_stakeholder_type_changes_the_group_but_not_the_practices(database, begun, now):
    with database.writing() as session:
        revision = give_profile(session, begun, now=now).revision
    before = [evaluation.id for _, evaluation in assigned(database, begun)]

    with database.writing() as session:
        give_profile(session, begun, now=now, stakeholder=5, base_revision=revision)

    assert interview_of(database, begun).group_key == "GOV"
    assert [evaluation.id for _, evaluation in assigned(database, begun)] == before


def test_another_region_reassigns_only_practices_without_an_answer(database, begun, now):
    with database.writing() as session:
        revision = give_profile(session, begun, now=now).revision
        give(session, begun, 2, COMPLETE, now=now)
        give(session, begun, 5, {"FAM": 1}, now=now)
    before = {evaluation.position: evaluation.id for _, evaluation in assigned(database, begun)}

    with database.writing() as session:
        give_profile(session, begun, now=now, region="munich", base_revision=revision)

    after = {evaluation.position: evaluation.id for _, evaluation in assigned(database, begun)}
    assert sorted(after) == [1, 2, 3, 4, 5, 6]
    assert {position for position in after if after[position] == before[position]} == {2, 5}
    assert len({key for key, _ in assigned(database, begun)}) == 6
    assert regions_of(database, begun) == {
        position: "lombardy" if position in {2, 5} else "munich" for position in range(1, 7)
    }


def test_two_clients_with_two_regions_keep_the_first(database, begun, now):
    with database.writing() as session:
        give_profile(session, begun, now=now, region="lombardy")

    with database.writing() as session:
        save = make_save({})
        saved = save_profile(session, begun.id, save, region_key="munich", author=begun.author, now=now)

    assert [(conflict.question, conflict.text) for conflict in saved.conflicts] == [("REGION", "lombardy")]
    with database.reading() as session:
        region_id = interview_of(database, begun).region_id
        assert session.scalar(select(Region.key).where(Region.id == region_id)) == "lombardy"


def test_a_profile_that_claims_to_have_seen_what_is_still_to_come_is_refused(database, begun, now):
    with database.writing() as session:
        known = give_profile(session, begun, now=now).revision

    with pytest.raises(UnknownRevision), database.writing() as session:
        give_profile(session, begun, now=now, stakeholder=5, base_revision=known + 1)

    assert interview_of(database, begun).revision == known


def test_results_notice_a_change_of_group_only_when_something_counts(database, begun, now):
    def revision():
        with database.reading() as session:
            return session.scalar(select(Study.revision))

    with database.writing() as session:
        give_profile(session, begun, now=now)
    revisions = [revision()]
    with database.writing() as session:
        give_profile(session, begun, now=now, stakeholder=3, base_revision=interview_of(database, begun).revision)
    revisions.append(revision())
    with database.writing() as session:
        give(session, begun, 1, COMPLETE, now=now)
    revisions.append(revision())
    with database.writing() as session:
        give_profile(session, begun, now=now, stakeholder=5, base_revision=interview_of(database, begun).revision)
    revisions.append(revision())

    assert [revision - revisions[0] for revision in revisions] == [0, 0, 1, 2]


def test_a_closed_study_and_a_submitted_interview_keep_their_profile(database, study, now):
    with database.writing() as session:
        answers = [COMPLETE] * 6
        submitted = make_interview(session, study, now=now, answers=answers, is_submitted=True)
        begun = make_begun(session, study, now=now)
        close_study(session, session.get(Study, study.id), now=now)

    for interview, error in ((submitted, AlreadySubmitted), (begun, StudyClosed)):
        before = interview_of(database, interview).codes
        with pytest.raises(error), database.writing() as session:
            give_profile(session, interview, now=now + timedelta(hours=1), stakeholder=9, base_revision=100)
        assert interview_of(database, interview).codes == before


def test_a_practice_is_not_asked_where_it_comes_from(database, now):
    with database.writing() as session:
        study = make_study(session, now=now)
        # All practices but two come from here.
        practices = session.scalars(select(Practice).order_by(Practice.position)).all()
        for practice in practices[2:]:
            practice.nuts = "ITC4C"
        session.flush()
        begun = make_interview(session, study, now=now, region="lombardy")
        elsewhere = make_interview(session, study, now=now, region="munich")

    assert {key for key, _ in assigned(database, begun)} == {practice.key for practice in practices[:2]}
    assert len(assigned(database, elsewhere)) == 6


def test_home_regions_are_asked_where_the_study_says_so(database, now):
    with database.writing() as session:
        study = make_study(session, now=now, home_regions_asked=True)
        for practice in session.scalars(select(Practice)):
            practice.nuts = "ITC4"
        session.flush()
        begun = make_interview(session, study, now=now, region="lombardy")

    assert len(assigned(database, begun)) == 6


def test_a_practice_that_is_no_longer_active_is_not_given_out(database, now):
    with database.writing() as session:
        study = make_study(session, now=now)
        practices = session.scalars(select(Practice).order_by(Practice.position)).all()
        for practice in practices[3:]:
            practice.active = False
        session.flush()
        begun = make_interview(session, study, now=now)

    assert len(assigned(database, begun)) == 3


@pytest.mark.parametrize(
    ("practice", "region", "expected"),
    [
        ("ITC4", "ITC4", True),
        ("ITC4C", "ITC4", True),
        ("ITC", "ITC4", False),
        ("ITC11", "ITC4", False),
        ("", "ITC4", False),
        ("ITC4", "", False),
        ("", "", False),
    ],
)
def test_home_is_the_same_code_or_one_within_it(practice, region, expected):
    assert is_home(practice, region) is expected


def test_an_unanswered_profile_is_not_answered():
    assert set(instrument().unpack_profile(instrument().pack_profile({})).values()) == {NOT_ANSWERED}
