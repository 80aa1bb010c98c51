import threading
import uuid
from datetime import timedelta

import pytest
from make import make_begun, make_open_link, make_region, make_study
from sqlalchemy import func, select

from survey.models import Interview, InterviewState, Link, OpenLink, Respondent
from survey.services import joining
from survey.services.errors import (
    BadFields,
    NotFound,
    NotOpenYet,
    OpenLinkClosed,
    OpenLinkFull,
    OperationReused,
    StudyClosed,
    TooManyAttempts,
)
from survey.services.joining import close_open_link, doorway, open_links_of, start
from survey.services.studying import close_study


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now)


def make_link(database, study, now, **settings):
    with database.writing() as session:
        return make_open_link(session, study, now=now, **settings).slug


def begin(database, slug, *, now, network="here", earlier=None, language="it", op_id=None):
    with database.writing() as session:
        op_id = op_id or uuid.uuid4()
        return start(session, slug, op_id=op_id, language=language, network=network, earlier=earlier, now=now)


def respondents(database):
    with database.reading() as session:
        return session.scalars(select(Respondent).order_by(Respondent.number)).all()


def test_whoever_starts_becomes_a_respondent_with_an_interview_and_a_link_of_their_own(database, study, now):
    slug = make_link(database, study, now, region_key="munich")

    started = [begin(database, slug, now=now) for _ in range(2)]

    with database.reading() as session:
        link = session.scalars(select(OpenLink)).one()
        region = make_region(session, study, "munich")
        interviews = [session.get(Interview, each.interview_id) for each in started]
        own = [session.get(Link, each.link_id).respondent_id for each in started]
    found = respondents(database)
    assert [(each.number, each.open_link_id, each.region_id, each.language) for each in found] == [
        (1, link.id, region.id, "it"),
        (2, link.id, region.id, "it"),
    ]
    assert {(each.state, each.consented_at) for each in interviews} == {(InterviewState.STARTED, now)}
    assert own == [each.id for each in found]
    assert link.starts == 2


def test_looking_at_an_open_link_changes_nothing(database, study, now):
    slug = make_link(database, study, now, slug="alps")

    for _ in range(5):
        with database.reading() as session:
            assert doorway(session, slug, now=now).refusal is None

    assert respondents(database) == []


def test_the_last_place_is_given_once_however_many_want_it(database, study, now):
    slug = make_link(database, study, now, limit=5)
    full = []

    def several():
        for _ in range(3):
            try:
                begin(database, slug, now=now)
            except OpenLinkFull:
                full.append(1)

    threads = [threading.Thread(target=several) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(full) == 7
    assert [each.number for each in respondents(database)] == [1, 2, 3, 4, 5]
    with database.reading() as session:
        assert session.scalar(select(OpenLink.starts)) == 5
        assert isinstance(doorway(session, slug, now=now).refusal, OpenLinkFull)


def test_two_hundred_people_of_one_network_are_all_let_in(database, study, now):
    slug = make_link(database, study, now)

    for minute in range(200):
        begin(database, slug, now=now + timedelta(seconds=10 * minute))

    assert len(respondents(database)) == 200


def test_a_network_that_goes_on_is_stopped_and_others_are_not(database, study, now, monkeypatch):
    monkeypatch.setattr(joining, "STARTS_OF_A_NETWORK", 3)
    slug = make_link(database, study, now)
    for _ in range(3):
        begin(database, slug, now=now)

    with pytest.raises(TooManyAttempts):
        begin(database, slug, now=now)
    begin(database, slug, now=now, network="elsewhere")
    begin(database, slug, now=now + timedelta(hours=1))

    with database.reading() as session:
        assert session.scalar(select(OpenLink.starts)) == 5


def test_a_link_that_is_closed_expired_or_of_a_closed_study_lets_nobody_start(database, study, now):
    closed = make_link(database, study, now)
    expiring = make_link(database, study, now, closes_at=now + timedelta(days=1))
    with database.writing() as session:
        close_open_link(session, study, closed, now=now)

    with pytest.raises(OpenLinkClosed):
        begin(database, closed, now=now)
    begin(database, expiring, now=now + timedelta(days=1, seconds=-1))
    with pytest.raises(OpenLinkClosed):
        begin(database, expiring, now=now + timedelta(days=1))

    other = make_link(database, study, now)
    with database.writing() as session:
        close_study(session, session.merge(study), now=now)
    with pytest.raises(StudyClosed):
        begin(database, other, now=now)

    assert len(respondents(database)) == 1
    with database.reading() as session:
        assert session.scalar(select(func.sum(OpenLink.starts))) == 1


def test_a_study_that_is_not_open_yet_says_so(database, now):
    with database.writing() as session:
        draft = make_study(session, now=now, key="draft", is_open=False)
        slug = make_open_link(session, draft, now=now).slug

    with pytest.raises(NotOpenYet):
        begin(database, slug, now=now)


def test_a_slug_that_is_none_is_not_found(database, study, now):
    with pytest.raises(NotFound):
        begin(database, "none", now=now)
    with pytest.raises(NotFound), database.writing() as session:
        close_open_link(session, study, "none", now=now)


def test_who_began_in_the_same_browser_before_is_noted_and_nothing_is_left_out(database, study, now):
    slug = make_link(database, study, now)
    with database.writing() as session:
        first = make_begun(session, study, now=now)
    with database.reading() as session:
        earlier = joining.begun_before(session, first.id, study.id)

    begin(database, slug, now=now, earlier=earlier)

    one, two = respondents(database)
    assert (one.possible_duplicate_of, two.possible_duplicate_of, two.duplicate_reason) == (None, one.id, "browser")


def test_an_interview_of_another_study_says_nothing(database, study, now):
    with database.writing() as session:
        other = make_study(session, now=now, key="other")
        begun = make_begun(session, other, now=now)

    with database.reading() as session:
        assert joining.begun_before(session, begun.id, study.id) is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"slug": "Two Words"}, "cannot stand in an address"),
        ({"slug": ""}, "cannot stand in an address"),
        ({"slug": "a" * 81}, "cannot stand in an address"),
        ({"slug": "../x"}, "cannot stand in an address"),
        ({"region_key": "mars"}, "has no region 'mars'. It has: lombardy, munich."),
        ({"limit": 0}, "The limit is a number from 1 to 1,000,000."),
        ({"limit": 10**9}, "The limit is a number from 1 to 1,000,000."),
    ],
)
def test_what_cannot_be_used_is_told(database, study, now, settings, says):
    with pytest.raises(BadFields, match=says):
        make_link(database, study, now, **settings)


def test_a_slug_is_used_once_in_all_studies_and_a_last_day_lies_ahead(database, study, now):
    make_link(database, study, now, slug="alps")

    with pytest.raises(BadFields) as refusal:
        make_link(database, study, now, slug="alps", closes_at=now)

    assert [problem.field for problem in refusal.value.problems] == ["slug", "closes_on"]


def test_links_are_listed_with_their_region(database, study, now):
    make_link(database, study, now, slug="one", region_key="munich")
    make_link(database, study, now + timedelta(seconds=1), slug="two")

    with database.reading() as session:
        found = open_links_of(session, study)

    assert [(link.slug, region.key if region else None) for link, region in found] == [("one", "munich"), ("two", None)]


def test_a_form_that_is_sent_twice_at_once_begins_one_interview(database, study, now):
    """Seen to fail without the lock of the link on PostgreSQL, and without looking for the form on both."""
    slug = make_link(database, study, now, limit=1)
    op_id, started = uuid.uuid4(), []
    presses = [
        threading.Thread(target=lambda: started.append(begin(database, slug, now=now, op_id=op_id))) for _ in range(4)
    ]
    for each in presses:
        each.start()
    for each in presses:
        each.join()

    assert len(started) == 4
    assert len(set(started)) == 1
    assert len(respondents(database)) == 1
    with database.reading() as session:
        assert session.scalars(select(OpenLink.starts)).one() == 1


def test_the_number_of_another_links_form_begins_nothing_here(database, study, now):
    first, second = make_link(database, study, now), make_link(database, study, now)
    op_id = uuid.uuid4()
    begin(database, first, now=now, op_id=op_id)

    with pytest.raises(OperationReused):
        begin(database, second, now=now, op_id=op_id)
