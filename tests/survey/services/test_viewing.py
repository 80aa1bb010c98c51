import uuid

import pytest
from make import ALREADY_HERE, COMPLETE, CRITERIA, KNOW, give, make_begun, make_interview, make_study, make_submitted
from sqlalchemy import delete, select

from survey.models import EvaluationState, Interview, PracticeText, RegionText, Source, StudyText
from survey.services.errors import NotFound
from survey.services.interviewing import Place, head_of, overview, page_view, place, place_after_break
from survey.services.studying import close_study


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now, practices_per_web_interview=3)


def go_on(database, begun):
    with database.reading() as session:
        return place(session, begun.id), place_after_break(session, begun.id)


@pytest.mark.parametrize(
    ("answers", "way", "after_break"),
    [
        ([], Place("practice", 1, "know"), Place("practice", 1, "know")),
        ([KNOW], Place("practice", 1, "criteria"), Place("practice", 1, "criteria")),
        ([KNOW | CRITERIA], Place("practice", 1, "verdict"), Place("practice", 1, "verdict")),
        # The barriers of the practice answered last were not seen before the break.
        ([COMPLETE], Place("practice", 2, "know"), Place("practice", 1, "barriers")),
        ([COMPLETE | {"SURE": 2}], Place("practice", 2, "know"), Place("practice", 2, "know")),
        ([COMPLETE, KNOW], Place("practice", 2, "criteria"), Place("practice", 2, "criteria")),
        ([COMPLETE, ALREADY_HERE], Place("practice", 3, "know"), Place("practice", 3, "know")),
        ([{}, COMPLETE | {"SURE": 2}], Place("practice", 1, "know"), Place("practice", 1, "know")),
        ([COMPLETE, COMPLETE, COMPLETE | {"SURE": 2}], Place("review"), Place("review")),
    ],
)
def test_an_interview_goes_on_at_the_first_open_question(database, study, now, answers, way, after_break):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=answers)

    assert go_on(database, begun) == (way, after_break)


def test_before_the_profile_comes_the_profile_and_after_submitting_the_receipt(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)
        submitted = make_submitted(session, study, now=now)

    assert go_on(database, begun) == (Place("profile"), Place("profile"))
    assert go_on(database, submitted) == (Place("receipt"), Place("receipt"))
    with pytest.raises(NotFound), database.reading() as session:
        place(session, uuid.uuid4())


def test_a_page_shows_the_card_in_the_language_and_the_answers_so_far(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, region="munich", answers=[KNOW], texts=[{"COMMENT": "Hm"}])

    with database.reading() as session:
        page = page_view(session, begun.id, 1, "it")
        text = session.scalars(
            select(PracticeText).where(PracticeText.language == "it", PracticeText.title == page.practice.title)
        ).one()
        revision = session.get(Interview, begun.id).revision

    assert (page.practice.summary, page.practice.language) == (text.summary, "it")
    assert page.practice.texts == {"COMMENT": "Hm"}
    assert {name: page.practice.codes[name] for name in KNOW} == KNOW
    assert page.practice.revision == revision
    assert page.practice.source_url.startswith("http")
    assert (page.head.region_key, page.head.region_spoken) == ("munich", "Monaco di Baviera e Alta Baviera")
    assert (page.head.title, page.head.study_key, page.head.variant) == ("Uno studio di prova", "test", "rq10")
    assert [(stop.position, stop.state) for stop in page.stops] == [
        (1, EvaluationState.STARTED),
        (2, EvaluationState.ASSIGNED),
        (3, EvaluationState.ASSIGNED),
    ]


def test_texts_that_are_not_translated_are_shown_in_english(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, region="munich")
        for table in (PracticeText, RegionText, StudyText):
            session.execute(delete(table).where(table.language == "it"))
        session.execute(delete(Source))

    with database.reading() as session:
        page = page_view(session, begun.id, 1, "it")

    assert page.practice.language == "en"
    assert page.practice.title
    assert page.practice.summary
    assert (page.practice.source_title, page.practice.source_url) == ("", "")
    assert (page.head.region_spoken, page.head.title) == ("Munich and Upper Bavaria", "A study for tests")


def test_the_overview_holds_profile_regions_and_all_practices(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now, region="munich", stakeholder=5)
        whole = make_interview(session, study, now=now, answers=[KNOW, COMPLETE])

    with database.reading() as session:
        before = overview(session, begun.id, "de")
        after = overview(session, whole.id, "en")

    assert (before.preset_region_key, before.preset_stakeholder, before.head.region_key) == ("munich", 5, "")
    assert [(region.key, region.name) for region in before.regions] == [
        ("lombardy", "Lombardei"),
        ("munich", "München und Oberbayern"),
    ]
    assert before.practices == ()
    assert after.profile == {"STAKEHOLDER": 1, "YEARS": 3, "ROLE": 2}
    assert [practice.state for practice in after.practices] == [
        EvaluationState.STARTED,
        EvaluationState.COMPLETE,
        EvaluationState.ASSIGNED,
    ]


def test_pages_know_when_the_study_is_closed_and_when_it_is_simulated(database, now):
    with database.writing() as session:
        study = make_study(session, now=now, simulated=True)
        begun = make_interview(session, study, now=now)
    with database.reading() as session:
        opened = head_of(session, begun.id, "en")
    with database.writing() as session:
        close_study(session, session.merge(study), now=now)
    with database.reading() as session:
        closed = page_view(session, begun.id, 1, "en").head

    assert (opened.is_simulated, opened.is_closed(now), closed.is_closed(now)) == (True, False, True)


def test_a_page_that_does_not_exist_is_not_found(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now)

    with database.reading() as session:
        for interview_id, position in ((begun.id, 4), (begun.id, 0), (uuid.uuid4(), 1)):
            with pytest.raises(NotFound):
                page_view(session, interview_id, position, "en")
        for read in (overview, head_of):
            with pytest.raises(NotFound):
                read(session, uuid.uuid4(), "en")


def test_pages_take_few_selects(database, study, now, count_queries):
    with database.writing() as session:
        begun = make_interview(session, study, now=now, answers=[COMPLETE, KNOW])
        give(session, begun, 3, KNOW, now=now)

    counts = []
    for read in (
        lambda session: page_view(session, begun.id, 1, "it"),
        lambda session: overview(session, begun.id, "it"),
        lambda session: place(session, begun.id),
        lambda session: head_of(session, begun.id, "it"),
    ):
        with count_queries(database) as queries, database.reading() as session:
            read(session)
        counts.append(sum(each.startswith("SELECT") for each in queries.statements))

    assert counts == [2, 3, 2, 1]
