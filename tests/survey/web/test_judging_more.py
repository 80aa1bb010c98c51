"""Whoever has judged everything that was promised may judge more, and need not finish it."""

import make
import pytest
from staff import make_app
from visitors import address_of, begin, interview_of

from survey.models import Interview, InterviewState
from survey.services.collecting import collect


@pytest.fixture
def at_review(database, tmp_path, now):
    """`at_review(answers)` is a browser on the review of an interview with two promised practices."""
    with database.writing() as session:
        make.make_study(session, now=now, practices_per_web_interview=2)
    app = make_app(database, tmp_path)

    def reviewing(*answers):
        with database.writing() as session:
            study = session.query(make.Study).one()
            token = make.make_interview(session, study, now=now, answers=answers).token
        visitor = begin(app, token)
        visitor.get(address_of(visitor, "review"))
        return visitor

    return reviewing


ALL = (make.COMPLETE, make.ALREADY_HERE)


def more_form(visitor):
    return next(form for form in visitor.page.forms if (form.action or "").endswith("/more"))


def judge_more(visitor):
    form = more_form(visitor)
    return visitor.post(form.action, data=form.data(), follow_redirects=True)


def test_the_review_offers_two_more_once_and_the_promise_grows_by_own_choice_only(at_review):
    visitor = at_review(*ALL)
    assert "Would you judge a few more?" in visitor.page.words
    assert "Practices: 2" in visitor.page.words
    form = more_form(visitor)

    judge_more(visitor)

    assert visitor.address == address_of(visitor, "practice/3/know")
    assert "Practice 3 of 4" in visitor.page.words
    again = visitor.post(form.action, data=form.data())
    assert again.location == address_of(visitor, "practice/3/know")
    visitor.get(address_of(visitor, "review"))
    assert "Would you judge a few more?" not in visitor.page.words
    assert "Practices: 4" in visitor.page.words


def test_who_leaves_an_extra_one_open_is_told_so_and_hands_in(at_review, database, now):
    visitor = at_review(*ALL)
    judge_more(visitor)
    visitor.send("answers", **make.KNOW, to="next")

    visitor.get(address_of(visitor, "review"))
    assert "of your own accord that are not complete: 2." in visitor.page.words
    assert "you can submit without them" in visitor.page.words
    visitor.send(extra="without")

    assert visitor.address == address_of(visitor, "receipt")
    assert "2 of 3" in visitor.page.words
    with database.reading() as session:
        assert len(collect(session, make.STUDY_KEY, now=now).practice) == 2


def test_an_old_review_page_does_not_leave_an_extra_one_behind_unasked(at_review, database):
    visitor = at_review(*ALL)
    submit = visitor.page.form()
    judge_more(visitor)

    answer = visitor.post(submit.action, data=submit.data())

    assert answer.status_code == 422
    assert "Yes, submit without them" in visitor.page.words
    with database.reading() as session:
        assert session.get(Interview, interview_of(visitor)).state is InterviewState.STARTED


def test_nothing_more_is_offered_while_something_promised_is_open(at_review):
    visitor = at_review(make.COMPLETE)

    assert "Would you judge a few more?" not in visitor.page.words
    assert visitor.get(address_of(visitor, "more")).location == address_of(visitor, "review")
