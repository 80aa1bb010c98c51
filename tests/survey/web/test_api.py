"""What the scripts of a page ask for: one save per answer, news from others, and a session that goes on."""

import base64
import shutil
import uuid
from datetime import UTC, datetime, timedelta

import make
import pytest
import time_machine
from staff import make_app
from visitors import at_first_practice, begin, interview_of

from survey.database import Database
from survey.models import AnswerChange, Interview, InterviewState, Link
from survey.services import studying
from survey.services.interviewing import overview

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def template(sqlite_template, tmp_path_factory):
    """A database with one open study, made once and copied for every test."""
    file = tmp_path_factory.mktemp("api") / "template.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    with database.writing() as session:
        make.make_study(session, now=NOW)
    database.dispose()
    return file


@pytest.fixture
def database(template, tmp_path):
    file = tmp_path / "survey.db"
    shutil.copyfile(template, file)
    found = Database(f"sqlite:///{file}")
    yield found
    found.dispose()


@pytest.fixture(autouse=True)
def clock():
    """The time of day, which a test may move."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def app(database, tmp_path):
    return make_app(database, tmp_path)


@pytest.fixture
def token(database):
    with database.writing() as session:
        study = session.query(make.Study).one()
        return make.make_invited(session, study, now=NOW, region="lombardy", stakeholder=5).token


class Script:
    """The script of one page, in a browser of its own."""

    def __init__(self, visitor, position=1):
        self.visitor, self.position = visitor, position
        self.evaluation = next(iter(visitor.page.form("answers").values("evaluation")), None)
        self.base = int(visitor.page.form("answers").values("base_revision")[0])
        self.interview_id = interview_of(visitor)
        self.address = f"/api/v1/interviews/{self.interview_id}"
        self.form_token = self.visitor.get(f"{self.address}/session").json["form_token"]

    def save(self, op_id=None, base=None, **answers):
        """Answers by question: a value, or several, or none at all."""
        values = {code: given if isinstance(given, list) else [given] for code, given in answers.items()}
        base = self.base if base is None else base
        body = {
            "op_id": str(op_id or uuid.uuid4()),
            "position": self.position,
            "evaluation": self.evaluation,
            "answers": [
                {"question": code, "values": [str(each) for each in given], "base_revision": base}
                for code, given in values.items()
            ],
        }
        return self.post("answers", body)

    def post(self, path, body):
        headers = {"X-CSRFToken": self.form_token}
        return self.visitor.post(f"{self.address}/{path}", json=body, headers=headers)

    def news(self, since, **query):
        query = {"since": since, "position": self.position, "step": "all"} | query
        return self.visitor.get(f"{self.address}/news", query_string={k: v for k, v in query.items() if v is not None})


@pytest.fixture
def script(app, token):
    return Script(at_first_practice(app, token))


@pytest.fixture
def other(app, token, script):
    """The same page on another device."""
    return Script(begin(app, token))


def stored(database, script, position=1):
    with database.reading() as session:
        return overview(session, script.interview_id).practices[position - 1]


def move_to_munich(database, script):
    """Choose another region, which gives back the practices without an answer. Gives the revision."""
    script.position, script.evaluation = None, None
    with database.reading() as session:
        base = overview(session, script.interview_id).head.revision
    return script.save(base=base, REGION="munich").json["revision"]


def count(database, table):
    with database.reading() as session:
        return session.query(table).count()


def test_an_answer_is_saved_and_the_reply_says_when(database, script, clock):
    clock.shift(timedelta(minutes=12))

    answer = script.save(FAM=2)

    assert answer.status_code == 200
    assert answer.json["saved_at"] == "2026-03-10T09:42:00.000+00:00"
    assert answer.json["says"] == "Saved at 10:42"
    assert answer.json["revision"] > script.base
    assert (answer.json["conflicts"], answer.json["problems"], answer.json["questions"]) == ([], [], {})
    assert stored(database, script).codes["FAM"] == 2


def test_the_same_save_again_gets_the_same_reply_and_is_done_once(database, script):
    op_id = uuid.uuid4()
    first = script.save(op_id, FAM=2)
    again = script.save(op_id, FAM=2)

    assert again.status_code == 200
    assert {name: again.json[name] for name in ("revision", "saved_at")} == {
        name: first.json[name] for name in ("revision", "saved_at")
    }
    with database.reading() as session:
        assert session.query(AnswerChange).filter_by(question="FAM").count() == 1


def test_a_save_that_lost_says_so_again_when_its_first_reply_was_lost(database, script, other):
    script.save(FAM=2)
    op_id = uuid.uuid4()
    first = other.save(op_id, FAM=3, EXIST=3)

    again = other.save(op_id, FAM=3, EXIST=3)

    assert (first.status_code, again.status_code) == (409, 409)
    assert again.json["conflicts"] == first.json["conflicts"]
    assert again.json["questions"] == first.json["questions"]


def test_a_save_sent_again_after_somebody_changed_the_answer_says_what_stands(database, script, other):
    op_id = uuid.uuid4()
    since = script.save(op_id, FAM=2).json["revision"]
    other.save(base=since, FAM=3)

    again = script.save(op_id, FAM=2)

    assert again.status_code == 409
    assert [each["codes"] for each in again.json["conflicts"]] == [{"FAM": 3}]


def test_a_text_and_a_region_that_lost_say_so_again(script, other):
    op_id = uuid.uuid4()
    since = script.save(op_id, COMMENT="mine").json["revision"]
    other.save(base=since, COMMENT="theirs")
    assert [each["text"] for each in script.save(op_id, COMMENT="mine").json["conflicts"]] == ["theirs"]

    script.position = other.position = script.evaluation = other.evaluation = None
    op_id = uuid.uuid4()
    since = script.save(op_id, base=since + 1, REGION="munich").json["revision"]
    other.save(base=since, REGION="lombardy")
    assert [each["text"] for each in script.save(op_id, base=since - 1, REGION="munich").json["conflicts"]] == [
        "lombardy"
    ]


def test_the_number_of_an_earlier_save_with_another_answer_is_refused(database, script):
    op_id = uuid.uuid4()
    script.save(op_id, FAM=2)

    answer = script.save(op_id, FAM=3)

    assert (answer.status_code, answer.json["code"]) == (422, "operation_reused")
    assert stored(database, script).codes["FAM"] == 2


def test_two_devices_with_different_questions_keep_both(database, script, other):
    assert script.save(FAM=2).status_code == 200
    assert other.save(EXIST=3).status_code == 200

    codes = stored(database, script).codes
    assert (codes["FAM"], codes["EXIST"]) == (2, 3)


def test_two_devices_with_the_same_question_keep_the_first_and_show_both(database, script, other):
    first = script.save(FAM=2)

    answer = other.save(FAM=3, EXIST=3)

    assert answer.status_code == 409
    (conflict,) = answer.json["conflicts"]
    assert (conflict["question"], conflict["codes"], conflict["author"], conflict["mode"]) == (
        "FAM", {"FAM": 2}, "respondent", "web",
    )  # fmt: skip
    assert conflict["changed_at"] == first.json["saved_at"]
    assert 'data-state="conflict"' in answer.json["questions"]["FAM"]
    assert list(answer.json["questions"]) == ["FAM"]
    codes = stored(database, script).codes
    assert (codes["FAM"], codes["EXIST"]) == (2, 3)


def test_a_choice_after_a_conflict_is_a_new_save_on_what_was_shown(database, script, other):
    script.save(FAM=2)
    shown = other.save(FAM=3).json["revision"]

    assert other.save(base=shown, FAM=3).status_code == 200
    assert stored(database, script).codes["FAM"] == 3


def test_every_question_has_its_own_base(database, script, other):
    script.save(FAM=2, EXIST=3)
    own = other.save(WORKS_HERE=[]).status_code

    # The page has seen a later revision, but not this question's.
    answer = other.post(
        "answers",
        {
            "op_id": str(uuid.uuid4()),
            "position": 1,
            "answers": [{"question": "FAM", "values": ["1"], "base_revision": other.base}],
        },
    )

    assert own in {200, 422}
    assert answer.status_code == 409
    assert stored(database, script).codes["FAM"] == 2


def test_an_answer_that_cannot_be_taken_is_told_and_the_rest_is_kept(database, script):
    answer = script.save(FAM=9, EXIST=3)

    assert answer.status_code == 422
    assert answer.json["problems"] == ["FAM"]
    assert 'data-state="error"' in answer.json["questions"]["FAM"]
    assert stored(database, script).codes["EXIST"] == 3


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "op_id: Field required"),
        ({"op_id": "x", "position": 1, "answers": []}, "op_id: Input should be a valid UUID"),
        ({"op_id": str(uuid.uuid4()), "position": 0, "answers": []}, "position: Input should be greater than"),
        ([1, 2], "body: Input should be an object"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_its_place(script, body, detail):
    answer = script.post("answers", body)

    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert detail in answer.json["detail"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"op_id": NaN}',
        b"1" * 5_000,
        '{"op_id": 1}'.encode("utf-16"),
    ],
    ids=["nothing", "cut", "no text", "deep and cut", "deep", "no number", "5,000 digits", "UTF-16"],
)
def test_what_is_no_json_is_refused(script, raw):
    answer = script.visitor.post(
        f"{script.address}/answers",
        data=raw,
        content_type="application/json",
        headers={"X-CSRFToken": script.form_token},
    )

    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_what_is_larger_than_a_page_of_answers_is_refused(database, script):
    answer = script.save(COMMENT="x" * 300_000)

    assert (answer.status_code, answer.json["code"]) == (413, "request_entity_too_large")
    assert count(database, AnswerChange) == _changes_of_profile(database, script)


def test_more_questions_than_there_are_is_refused(database, script):
    answer = script.save(**{f"Q{number}": 1 for number in range(1_500)})

    assert answer.status_code in {400, 422}
    assert count(database, AnswerChange) == _changes_of_profile(database, script)


@pytest.mark.parametrize("more", [{"status": "submitted"}, {"interview_id": str(uuid.uuid4())}, {"role": "admin"}])
def test_what_a_save_does_not_have_is_refused_and_changes_nothing(database, script, more):
    body = {"op_id": str(uuid.uuid4()), "position": 1, "evaluation": script.evaluation, "answers": []}

    assert script.post("answers", body | more).status_code == 400
    with database.reading() as session:
        assert session.get(Interview, script.interview_id).state is InterviewState.STARTED


def test_json_under_another_name_is_refused(script):
    answer = script.visitor.post(
        f"{script.address}/answers",
        data=b'{"op_id": "x"}',
        content_type="text/plain",
        headers={"X-CSRFToken": script.form_token},
    )

    assert answer.status_code in {400, 415}


def _changes_of_profile(database, script):
    with database.reading() as session:
        return session.query(AnswerChange).filter_by(evaluation_id=None, interview_id=script.interview_id).count()


def test_a_question_that_is_not_asked_there_is_refused(database, script):
    before = count(database, AnswerChange)

    answer = script.save(SHOE_SIZE=42)

    assert (answer.status_code, answer.json["detail"]) == (422, "Not asked here: SHOE_SIZE.")
    assert count(database, AnswerChange) == before


def test_a_form_token_that_is_not_ours_gets_a_new_one_with_which_the_save_goes_through(database, script):
    script.form_token = "stale"
    op_id = uuid.uuid4()

    refused = script.save(op_id, FAM=2)

    assert (refused.status_code, refused.json["code"]) == (400, "form_token")
    assert stored(database, script).codes["FAM"] != 2
    script.form_token = refused.json["form_token"]
    assert script.save(op_id, FAM=2).status_code == 200


def test_the_profile_is_saved_the_same_way(database, app, token):
    visitor = begin(app, token)
    script = Script(visitor, position=None)

    answer = script.save(YEARS=3, REGION="munich")

    assert answer.status_code == 200
    with database.reading() as session:
        view = overview(session, script.interview_id)
    assert (view.profile["YEARS"], view.head.region_key) == (3, "munich")


def test_a_region_that_does_not_exist_is_told(app, token):
    answer = Script(begin(app, token), position=None).save(REGION="atlantis")

    assert (answer.status_code, answer.json["problems"]) == (422, ["REGION"])


def test_another_device_is_seen(script, other, clock):
    since = script.save(FAM=2).json["revision"]
    assert script.news(since).status_code == 204

    clock.shift(timedelta(minutes=12))
    other.save(base=since, EXIST=3)
    news = script.news(since)

    assert news.json["says"] == "Also open elsewhere: answered at 10:42, with your personal link"
    assert news.json["revision"] == since + 1
    assert "checked" in news.json["questions"]["EXIST"]
    assert "FAM" not in news.json["questions"]


def test_news_of_another_practice_name_nobodys_questions_here(app, token, script, other):
    since = script.save(FAM=2).json["revision"]
    other.position, other.evaluation = 2, None
    other.save(base=since, FAM=3)

    news = script.news(since)

    assert (news.json["revision"], news.json["questions"]) == (since + 1, {})


def test_an_answer_about_a_practice_that_was_given_back_is_not_taken_for_the_one_in_its_place(database, script, other):
    script.position, script.evaluation = 2, str(stored(database, script, 2).evaluation_id)
    since = move_to_munich(database, other)
    assert str(stored(database, script, 2).evaluation_id) != script.evaluation

    answer = script.save(FAM=2)

    assert (answer.status_code, answer.json["code"]) == (409, "other_practice")
    assert stored(database, script, 2).codes["FAM"] == -128
    assert script.news(since - 1).json["evaluation"] != script.evaluation


def test_a_form_about_a_practice_that_was_given_back_says_that_the_page_has_changed(database, script, other):
    move_to_munich(database, other)

    page = script.visitor.send("answers", FAM=2, EXIST=3, to="next")

    assert page.status_code == 409
    assert "The questions on this page have changed." in script.visitor.page.text
    assert stored(database, script).codes["FAM"] == -128


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"since": -(10**30)}, "since"),
        ({"since": 10**30}, "since"),
        ({"since": "x"}, "since"),
        ({"position": 10**30}, "position"),
        ({"position": 0}, "position"),
        ({"other": 1}, "other"),
    ],
)
def test_news_are_not_asked_for_by_what_is_no_place(script, query, place):
    answer = script.news(**({"since": 0} | query))

    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert answer.json["detail"].startswith(f"{place}: ")


def test_a_closed_study_takes_no_answer_and_says_so(database, script):
    with database.writing() as session:
        studying.close_study(session, session.query(make.Study).one(), now=NOW)

    answer = script.save(FAM=2)

    assert (answer.status_code, answer.json["code"]) == (410, "study_closed")
    assert answer.json["message"]


def test_without_a_session_the_answer_is_401_in_json(app, script):
    stranger = app.test_client()
    answer = stranger.post(f"{script.address}/answers", json={})
    assert (answer.status_code, answer.json["code"]) == (400, "form_token")

    answer = stranger.post(f"{script.address}/answers", json={}, headers={"X-CSRFToken": answer.json["form_token"]})
    assert (answer.status_code, answer.json["code"]) == (401, "session_ended")


def test_somebody_elses_interview_does_not_exist(script):
    script.address = f"/api/v1/interviews/{uuid.uuid4()}"

    answer = script.save(FAM=2)
    assert (answer.status_code, answer.json["code"]) == (404, "not_yours")


def test_a_page_that_slept_goes_on_with_its_secret(database, script, clock):
    secret = script.visitor.get(f"{script.address}/session").json["secret"]
    clock.shift(timedelta(hours=3))

    assert script.save(FAM=2).status_code == 401
    assert script.post("session", {"secret": "0" * 64}).status_code == 401
    renewed = script.post("session", {"secret": secret})
    assert renewed.status_code == 200
    assert script.save(FAM=2).status_code == 200

    assert renewed.json["secret"] != secret
    assert stored(database, script).codes["FAM"] == 2


def test_a_page_that_slept_for_more_than_a_week_needs_its_link(script, clock):
    secret = script.visitor.get(f"{script.address}/session").json["secret"]
    clock.shift(timedelta(days=8))

    assert script.post("session", {"secret": secret}).status_code == 401


@pytest.mark.parametrize("body", [{}, {"secret": 5}, [], "x", None])
def test_a_renewal_without_a_secret_is_refused(script, body):
    assert script.post("session", body).status_code == 400


def test_a_revoked_link_ends_the_page_for_good(database, script, token):
    secret = script.visitor.get(f"{script.address}/session").json["secret"]
    with database.writing() as session:
        session.query(Link).update({"revoked_at": NOW})

    assert script.save(FAM=2).status_code == 401
    assert script.post("session", {"secret": secret}).status_code == 401


def test_the_key_for_answers_on_the_device_is_that_of_the_interview(script, other):
    keys = [each.visitor.get(f"{each.address}/session").json["storage_key"] for each in (script, other)]

    assert keys[0] == keys[1]
    assert len(base64.b64decode(keys[0])) == 32


def seconds_left(script):
    reply = script.visitor.get(f"{script.address}/session").json
    return reply["seconds_left"], reply["can_stay"]


def test_a_page_learns_how_long_its_session_lasts_and_answers_put_that_off(script, clock):
    assert seconds_left(script) == (3600, True)
    clock.shift(timedelta(minutes=40))
    assert seconds_left(script) == (1200, True)
    script.save(FAM=2)
    assert seconds_left(script) == (3600, True)


def test_staying_begins_the_hour_anew_as_often_as_wanted_up_to_a_day(script, clock):
    for _ in range(24):
        clock.shift(timedelta(minutes=58))
        assert script.post("stay", {}).json["seconds_left"] >= 60
    assert seconds_left(script) == (48 * 60, False)  # 24 times 58 minutes of 24 hours
    clock.shift(timedelta(minutes=48))

    assert script.post("stay", {}).status_code == 401


def test_who_may_not_come_in_cannot_stay(app, script, clock):
    clock.shift(timedelta(minutes=60))
    assert script.post("stay", {}).status_code == 401
    assert script.visitor.get(f"{script.address}/session").status_code == 401

    stranger = app.test_client()
    token = stranger.post(f"{script.address}/stay", json={}).json["form_token"]
    assert stranger.post(f"{script.address}/stay", json={}, headers={"X-CSRFToken": token}).status_code == 401
