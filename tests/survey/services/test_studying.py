from datetime import timedelta

import pytest
from make import make_catalogue, make_study
from sqlalchemy import func, select

from survey.catalogue import read_catalogue
from survey.models import Practice, PracticeText, Region, RegionText, Source, Study, StudyState
from survey.services.errors import BadFields
from survey.services.studying import Plan, add_catalogue, close_study, create_study, open_study

VALUES = {
    "key": "alps-2026",
    "titles": {"en": "Alps", "de": "Alpen"},
    "owner": {"en": "The Alps ask.", "de": "Die Alpen fragen."},
    "contact_email": "lead@example.org",
}


def test_a_new_study_is_a_draft_with_the_defaults_of_the_method(database, now):
    with database.writing() as session:
        study = create_study(session, **VALUES, now=now)

    assert (study.state, study.revision, study.created_at) == (StudyState.DRAFT, 0, now)
    assert (study.practices_per_web_interview, study.practices_per_phone_interview) == (6, 4)
    assert (study.cell_target, study.group_target, study.home_regions_asked) == (10, 2, False)
    assert [(text.language, text.title, text.owner) for text in study.texts] == [
        ("en", "Alps", "The Alps ask."),
        ("de", "Alpen", "Die Alpen fragen."),
    ]
    assert study.languages == ["en", "de"]


def test_why_people_are_asked_is_kept_in_the_languages_it_was_said_in(database, now):
    with database.writing() as session:
        study = make_study(session, now=now, purpose={"en": "To learn."}, is_open=False)
        silent = make_study(session, now=now, key="silent")

        assert [text.purpose for text in study.texts] == ["To learn.", *[""] * 7]
        assert {text.purpose for text in silent.texts} == {""}


def test_everything_that_is_wrong_with_a_study_is_told_at_once(database, now):
    with pytest.raises(BadFields) as refused, database.writing() as session:
        create_study(
            session,
            key="Alps 2026",
            titles={"de": "Alpen"},
            owner={"en": " "},
            contact_email="nobody",
            now=now,
            plan=Plan(web_variant="rq99", cell_target=0),
        )

    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["key", "title", "owner", "contact_email", "web_variant", "cell_target"]
    assert "'rq99'" in refused.value.message


def test_an_instrument_that_does_not_exist_is_refused(database, now):
    with pytest.raises(BadFields) as refused, database.writing() as session:
        create_study(session, **VALUES, now=now, plan=Plan(instrument_version=99))

    assert refused.value.message == "There is no instrument 'replicability' version 99."


def test_a_key_is_given_once(database, now):
    with database.writing() as session:
        create_study(session, **VALUES, now=now)

    with pytest.raises(BadFields, match="already"), database.writing() as session:
        create_study(session, **VALUES, now=now)


def test_the_shipped_catalogue_is_loaded_whole(database, now):
    with database.writing() as session:
        study = create_study(session, **VALUES, now=now)
        add_catalogue(session, study, read_catalogue())

    with database.reading() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in
                  (Practice, PracticeText, Source, Region, RegionText)]  # fmt: skip
    sources = sum(len(practice.sources) for practice in read_catalogue().practices)
    assert counts == [99, 99 * 8, sources, 11, 11 * 8]


def test_loading_a_catalogue_again_adds_only_what_is_missing(database, now):
    with database.writing() as session:
        study = create_study(session, **VALUES, now=now)
        add_catalogue(session, study, make_catalogue(5), regions=["lombardy"], practices=None)
    with database.writing() as session:
        study = session.scalars(select(Study)).one()
        add_catalogue(session, study, make_catalogue(8))
        add_catalogue(session, study, make_catalogue(8))

    with database.reading() as session:
        keys = session.scalars(select(Practice.key).order_by(Practice.position)).all()
        regions = session.scalars(select(Region.key).order_by(Region.position)).all()
    assert keys == [practice.key for practice in make_catalogue(8).practices]
    assert regions == ["lombardy", "munich"]


def test_a_practice_that_the_catalogue_lacks_is_named(database, now):
    with database.writing() as session:
        study = create_study(session, **VALUES, now=now)

    with pytest.raises(BadFields) as refused, database.writing() as session:
        add_catalogue(session, study, make_catalogue(), practices=["nope"], regions=["lombardy", "moon"])

    assert [(problem.field, problem.message) for problem in refused.value.problems] == [
        ("practice", "The catalogue has no practice 'nope'."),
        ("region", "The catalogue has no region 'moon'."),
    ]


def test_a_study_opens_with_something_to_ask_and_closes(database, now):
    later = now + timedelta(days=30)
    with database.writing() as session:
        study = create_study(session, **VALUES, now=now)
        with pytest.raises(BadFields) as refused:
            open_study(session, study, now=now)
        add_catalogue(session, study, make_catalogue())
        open_study(session, study, now=now)
        open_study(session, study, now=later)
        opened = (study.state, study.opened_at, study.closed_at)
        close_study(session, study, now=later)
        close_study(session, study, now=later + timedelta(days=1))

    assert [problem.field for problem in refused.value.problems] == ["practices", "regions"]
    assert opened == (StudyState.OPEN, now, None)
    assert (study.state, study.opened_at, study.closed_at) == (StudyState.CLOSED, now, later)


def test_results_notice_that_a_study_opens_or_closes(database, now):
    with database.writing() as session:
        study = make_study(session, now=now)
        before = study.revision
        close_study(session, study, now=now)

    assert study.revision == before + 1
