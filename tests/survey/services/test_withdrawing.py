import uuid
from datetime import timedelta

import pytest
from make import COMPLETE, RESPONDENT_ON_WEB, make_interview, make_invited, make_save, make_study, make_submitted

from survey.models import AnswerChange, Interview, InterviewState, Study
from survey.services import accounts, inviting
from survey.services.collecting import collect
from survey.services.consenting import decline
from survey.services.errors import Declined, NotFound, Withdrawn
from survey.services.interviewing import save_answers, withdraw
from survey.services.proving import differences
from survey.services.studying import close_study


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now, practices_per_web_interview=2)


def give_up(database, interview_id, now):
    with database.writing() as session:
        withdraw(session, interview_id, now=now)


def test_withdrawn_answers_count_nowhere_any_more_and_others_do(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE])
        submitted = make_submitted(session, study, now=now)
        stays = make_submitted(session, study, now=now)
        before = collect(session, study.key, now=now)
    assert len(before.practice) == 5

    give_up(database, begun.id, now)
    give_up(database, submitted.id, now)

    with database.reading() as session:
        after = collect(session, study.key, now=now)
        assert [interview.id for interview in after.interviews] == [str(stays.id)]
        assert len(after.practice) == 2
        assert after.revision > before.revision
        assert [interview.state for interview in session.query(Interview).order_by(Interview.id)].count(
            InterviewState.WITHDRAWN
        ) == 2


def test_the_log_is_kept_and_still_says_what_the_state_says(database, study, now):
    with database.writing() as session:
        submitted = make_submitted(session, study, now=now)
        lines = session.query(AnswerChange).count()

    give_up(database, submitted.id, now)

    with database.reading() as session:
        assert session.query(AnswerChange).count() == lines > 0
        assert list(differences(session, lambda _done, _total: None)) == []


def test_nothing_is_saved_after_it(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now)
    give_up(database, begun.id, now)

    with pytest.raises(Withdrawn), database.writing() as session:
        save_answers(session, begun.id, 1, make_save({"FAM": 2}), author=RESPONDENT_ON_WEB, now=now)


def test_every_device_is_signed_out(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now)
        other = make_interview(session, study, now=now)
        tokens = [accounts.open_respondent_session(session, begun.id, None, now=now) for _ in range(2)]
        others = accounts.open_respondent_session(session, other.id, None, now=now)

    give_up(database, begun.id, now)

    with database.writing() as session:
        assert [accounts.interview_of(session, token, now=now) for token in tokens] == [None, None]
        assert [accounts.renew_respondent_session(session, token, begun.id, now=now) for token in tokens] == [None] * 2
        assert accounts.interview_of(session, others, now=now) == other.id


def test_a_closed_study_can_be_left_and_the_first_time_counts(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE])
        close_study(session, session.get(Study, study.id), now=now)

    give_up(database, begun.id, now + timedelta(days=1))
    give_up(database, begun.id, now + timedelta(days=2))

    with database.reading() as session:
        interview = session.get(Interview, begun.id)
        assert (interview.state, interview.withdrawn_at) == (InterviewState.WITHDRAWN, now + timedelta(days=1))


def test_who_never_consented_has_nothing_to_withdraw(database, study, now):
    with database.writing() as session:
        token = make_invited(session, study, now=now).token
        decline(session, token, now=now)
        declined = inviting.arrive(session, token, now=now).interview.id

    for interview_id, error in ((declined, Declined), (uuid.uuid4(), NotFound)):
        with pytest.raises(error):
            give_up(database, interview_id, now)
