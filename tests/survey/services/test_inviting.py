import threading
from datetime import timedelta

import pytest
from make import make_begun, make_invited, make_study
from sqlalchemy import select

from survey.models import Interview, InterviewState, Link, Study
from survey.services.errors import LinkInvalid, NotAllowed, NotFound, NotOpenYet, StudyClosed, Withdrawn
from survey.services.interviewing import begin, decline
from survey.services.inviting import arrive, invite, reissue, revoke, token_hash
from survey.services.studying import close_study


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now)


def test_a_link_shows_its_token_once_and_keeps_its_hash_only(database, study, now):
    with database.writing() as session:
        invitation = make_invited(session, study, now=now)

    with database.reading() as session:
        link = session.scalars(select(Link)).one()
    assert len(invitation.token) == 43
    assert link.token_hash == token_hash(invitation.token)
    assert invitation.token.encode() not in link.token_hash


def test_respondents_are_numbered_within_their_study(database, study, now):
    with database.writing() as session:
        numbers = [make_invited(session, study, now=now).number for _ in range(3)]
        other = make_study(session, now=now, key="other")
        numbers.append(make_invited(session, other, now=now).number)

    assert numbers == [1, 2, 3, 1]


def test_two_invitations_at_once_get_two_numbers(database, study, now):
    numbers = []

    def send():
        with database.writing() as session:
            numbers.append(invite(session, study, region=None, stakeholder=None, language="en", now=now).number)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == [1, 2, 3, 4]


def test_arriving_changes_nothing_and_tells_what_is_believed(database, study, now):
    with database.writing() as session:
        invitation = make_invited(session, study, now=now, region="munich", stakeholder=5, language="de")

    with database.reading() as session:
        arrival = arrive(session, invitation.token, now=now)

    assert (arrival.study.id, arrival.interview, arrival.closed, arrival.not_open) == (study.id, None, False, False)
    assert (arrival.respondent.stakeholder, arrival.respondent.language) == (5, "de")


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "ü" * 43, "a" * 5000, "a" * 42 + "\x00", "../../etc/passwd"])
def test_a_token_that_stands_for_nothing_is_not_valid(database, study, now, token):
    with pytest.raises(LinkInvalid), database.reading() as session:
        arrive(session, token, now=now)


def test_a_revoked_and_an_expired_link_are_as_invalid_as_an_unknown_one(database, study, now):
    with database.writing() as session:
        revoked = make_invited(session, study, now=now)
        expired = make_invited(session, study, now=now, expires_at=now + timedelta(days=1))
        assert revoke(session, revoked.respondent_id, now=now) == 1
        assert revoke(session, revoked.respondent_id, now=now) == 0

    sentences = set()
    for token, moment in ((revoked.token, now), (expired.token, now + timedelta(days=1)), ("a" * 43, now)):
        with pytest.raises(LinkInvalid) as refused, database.reading() as session:
            arrive(session, token, now=moment)
        sentences.add(refused.value.message)
    assert len(sentences) == 1
    with database.reading() as session:
        assert arrive(session, expired.token, now=now + timedelta(hours=23)).study.id == study.id


def test_a_new_link_kills_the_old_one_and_leads_to_the_same_interview(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)
        token = reissue(session, begun.invitation.respondent_id, now=now)

    with database.reading() as session:
        assert arrive(session, token, now=now).interview.id == begun.id
        with pytest.raises(LinkInvalid):
            arrive(session, begun.token, now=now)


def test_there_is_no_new_link_for_nobody(database, study, now):
    with pytest.raises(NotFound), database.writing() as session:
        reissue(session, study.id, now=now)


def test_consent_makes_one_interview_whoever_presses_how_often(database, study, now):
    with database.writing() as session:
        invitation = make_invited(session, study, now=now)
    ids = []

    def press():
        with database.writing() as session:
            ids.append(begin(session, invitation.token, language="it", now=now))

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 3
    with database.reading() as session:
        interview = session.scalars(select(Interview)).one()
    assert set(ids) == {interview.id}
    assert (interview.state, interview.language, interview.mode) == (InterviewState.STARTED, "it", "web")
    assert (interview.consent_version, interview.consented_at, interview.simulated) == ("1", now, False)


def test_a_simulated_study_has_simulated_interviews_only(database, now):
    with database.writing() as session:
        begun = make_begun(session, make_study(session, now=now, simulated=True), now=now)
        assert session.get(Interview, begun.id).simulated


def test_after_a_refusal_only_the_refusal_is_kept(database, study, now):
    with database.writing() as session:
        invitation = make_invited(session, study, now=now)
    for _ in range(2):
        with database.writing() as session:
            decline(session, invitation.token, now=now)

    with database.reading() as session:
        interview = session.scalars(select(Interview)).one()
    assert (interview.state, interview.consented_at, interview.consent_version) == (InterviewState.DECLINED, None, None)
    assert (interview.region_id, interview.group_key, interview.last_answer_at) == (None, None, None)


def test_who_declined_may_think_again_while_the_study_is_open(database, study, now):
    later = now + timedelta(days=1)
    with database.writing() as session:
        invitation = make_invited(session, study, now=now)
        decline(session, invitation.token, now=now)
    with database.writing() as session:
        begin(session, invitation.token, language="it", now=later)

    with database.reading() as session:
        interview = session.scalars(select(Interview)).one()
        assert (interview.state, interview.language) == (InterviewState.STARTED, "it")
        assert (interview.consented_at, interview.started_at) == (later, later)

    with database.writing() as session:
        other = make_invited(session, study, now=now)
        decline(session, other.token, now=now)
        close_study(session, session.get(Study, study.id), now=now)
    with pytest.raises(StudyClosed), database.writing() as session:
        begin(session, other.token, language="it", now=later)
    with database.reading() as session:
        assert sorted(session.scalars(select(Interview.state))) == [InterviewState.DECLINED, InterviewState.STARTED]


def test_who_has_begun_cannot_decline_any_more(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)

    with pytest.raises(NotAllowed), database.writing() as session:
        decline(session, begun.token, now=now)


def test_who_has_withdrawn_cannot_begin_again(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)
        session.get(Interview, begun.id).state = InterviewState.WITHDRAWN

    with pytest.raises(Withdrawn), database.writing() as session:
        begin(session, begun.token, language="en", now=now)


def test_a_draft_and_a_closed_study_take_nobody_in(database, study, now):
    with database.writing() as session:
        draft = make_study(session, now=now, key="draft", is_open=False)
        early = make_invited(session, draft, now=now)
        late = make_invited(session, study, now=now)
        begun = make_begun(session, study, now=now)
        close_study(session, session.get(Study, study.id), now=now)

    for token, error in ((early.token, NotOpenYet), (late.token, StudyClosed), (begun.token, StudyClosed)):
        with pytest.raises(error), database.writing() as session:
            begin(session, token, language="en", now=now)
    with database.reading() as session:
        assert arrive(session, late.token, now=now).closed
        assert arrive(session, early.token, now=now).not_open
