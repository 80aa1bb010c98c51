import io
from datetime import timedelta

import numpy as np
import pytest
from make import (
    ALREADY_HERE,
    COMPLETE,
    COMPLETE_RQ5,
    CRITERIA,
    KNOW,
    give,
    give_profile,
    make_begun,
    make_catalogue,
    make_interview,
    make_study,
    make_submitted,
)
from openpyxl import load_workbook

from exports import read_dataset, scores
from instruments import NOT_ANSWERED, NOT_ASSIGNED, NOT_REACHED, ROUTED, Mode
from survey.catalogue import CATALOGUE_NOTE
from survey.models import Interview, InterviewState, Practice
from survey.services.collecting import collect
from survey.services.errors import NotAllowed, NotFound
from survey.services.exporting import export


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now, practices_per_web_interview=3)


def collected(database, now):
    with database.reading() as session:
        return collect(session, "test", now=now)


def test_an_empty_study_gives_an_empty_dataset(database, study, now):
    dataset = collected(database, now)

    assert (len(dataset), dataset.interviews) == (0, ())
    assert (len(dataset.practices), len(dataset.regions), len(dataset.groups)) == (12, 2, 7)


def test_exactly_what_is_complete_and_consented_counts(database, study, now):
    with database.writing() as session:
        submitted = make_submitted(session, study, now=now, region="munich", stakeholder=6)
        open_ = make_interview(session, study, now=now, answers=[COMPLETE, KNOW | CRITERIA, ALREADY_HERE])
        make_interview(session, study, now=now, answers=[KNOW])
        make_begun(session, study, now=now)
        withdrawn = make_submitted(session, study, now=now)
        session.get(Interview, withdrawn.id).state = InterviewState.WITHDRAWN
        declined = make_interview(session, study, now=now, answers=[COMPLETE])
        session.get(Interview, declined.id).state = InterviewState.DECLINED

    dataset = collected(database, now)

    assert [interview.id for interview in dataset.interviews] == [str(submitted.id), str(open_.id)]
    assert dataset.interview.tolist() == [0, 0, 0, 1, 1]
    assert [interview.state for interview in dataset.interviews] == ["submitted", "started"]
    first = dataset.interviews[0]
    assert (dataset.regions[first.region].id, dataset.groups[first.group].id) == ("munich", "FIN")
    assert dataset.column("VERDICT").tolist() == [2, 2, 2, 2, 5]
    np.testing.assert_array_equal(scores(dataset).rs10, [60, 60, 60, 60, np.nan])


def test_what_an_unfinished_interview_left_open_was_not_reached(database, study, now):
    with database.writing() as session:
        make_interview(session, study, now=now, answers=[COMPLETE])
        make_submitted(session, study, now=now)
        make_interview(session, study, now=now, answers=[ALREADY_HERE])

    dataset = collected(database, now)

    assert dataset.column("SURE").tolist() == [NOT_REACHED, NOT_ANSWERED, NOT_ANSWERED, NOT_ANSWERED, ROUTED]
    assert dataset.column("EXWORK").tolist() == [ROUTED, ROUTED, ROUTED, ROUTED, 4]


def test_the_phone_variant_keeps_its_planned_gaps(database, study, now):
    with database.writing() as session:
        make_interview(session, study, now=now, mode=Mode.PHONE, answers=[COMPLETE_RQ5])

    dataset = collected(database, now)

    assert dataset.column("EFF").tolist() == [NOT_ASSIGNED]
    assert [(each.mode, each.variant) for each in dataset.interviews] == [(Mode.PHONE, "rq5")]
    np.testing.assert_array_equal(scores(dataset).rs5, [60])
    assert np.isnan(scores(dataset).rs10).all()


def test_a_text_counts_while_its_question_is_asked(database, study, now):
    with database.writing() as session:
        begun = make_interview(session, study, now=now)
        words = {"BARRIER_TEXT": "fog", "COMMENT": "Hm"}
        give(session, begun, 1, COMPLETE | {"B90": 1}, now=now, texts=words)
        give(session, begun, 2, COMPLETE | {"B90": 1}, now=now, texts=words)
        give(session, begun, 2, {"B90": 0}, now=now)

    assert collected(database, now).texts == (words, {"COMMENT": "Hm"})


def test_the_dataset_says_what_study_it_is_and_when_it_was_taken(database, study, now):
    later = now + timedelta(days=3)

    found = collected(database, later)

    assert (found.study.key, found.study.title, found.study.state) == ("test", "A study for tests", "open")
    assert (found.study.opened_at, found.study.cut_off, found.study.target) == (now, later, 10)
    assert found.study.catalogue_note == CATALOGUE_NOTE
    assert "consent stands" in found.selection
    assert not found.is_simulated


def test_home_practices_are_named_unless_they_are_asked(database, now):
    def home(session, key, **settings):
        study = make_study(session, now=now, key=key, catalogue=make_catalogue(99), **settings)
        dataset = collect(session, study.key, now=now)
        return {region.id: len(region.home_practices) for region in dataset.regions}

    with database.writing() as session:
        assert home(session, "one") == {"lombardy": 2, "munich": 6}
        assert home(session, "two", home_regions_asked=True) == {"lombardy": 0, "munich": 0}


def test_a_judgement_counts_for_the_region_it_was_made_for(database, study, now):
    with database.writing() as session:
        begun = make_begun(session, study, now=now)
        give_profile(session, begun, now=now, region="lombardy")
        revision = give(session, begun, 1, COMPLETE, now=now).revision
        give_profile(session, begun, now=now, region="munich", base_revision=revision)
        give(session, begun, 2, COMPLETE, now=now)

    dataset = collected(database, now)

    assert [dataset.regions[position].id for position in dataset.region] == ["lombardy", "munich"]
    assert [dataset.regions[interview.region].id for interview in dataset.interviews] == ["munich"]


def test_practices_and_regions_come_in_the_order_of_the_study(database, study, now):
    dataset = collected(database, now)

    with database.reading() as session:
        practices = session.query(Practice).order_by(Practice.position).all()
    assert [practice.id for practice in dataset.practices] == [practice.key for practice in practices]
    assert dataset.practices[0].category_name == "Cluster governance & networking"
    assert [region.id for region in dataset.regions] == ["lombardy", "munich"]


def test_the_number_of_selects_does_not_grow_with_the_interviews(database, study, now, count_queries):
    counts = []
    for _ in range(2):
        with database.writing() as session:
            for _ in range(1 if not counts else 3):
                make_submitted(session, study, now=now)
        with count_queries(database) as queries, database.reading() as session:
            collect(session, "test", now=now)
        counts.append(sum(each.startswith("SELECT") for each in queries.statements))

    assert counts == [5, 5]


def test_an_unknown_study_is_not_found(database, now):
    with pytest.raises(NotFound, match="nope"), database.reading() as session:
        collect(session, "nope", now=now)


def test_an_export_in_json_is_the_dataset(database, study, now):
    with database.writing() as session:
        make_submitted(session, study, now=now)
    file = io.BytesIO()

    with database.reading() as session:
        written = export(session, "test", edition="internal", format="json", file=file, now=now)

    again = read_dataset(io.BytesIO(file.getvalue()))
    np.testing.assert_array_equal(again.codes, written.codes)
    assert (again.study, again.interviews, again.practices) == (written.study, written.interviews, written.practices)


def test_an_export_in_xlsx_is_a_workbook(database, study, now):
    with database.writing() as session:
        make_submitted(session, study, now=now)
    file = io.BytesIO()

    with database.reading() as session:
        export(session, "test", edition="internal", format="xlsx", file=file, now=now)

    assert "Heat map" in load_workbook(file, read_only=True).sheetnames


@pytest.mark.parametrize("edition", ["partner", "public"])
def test_an_edition_that_cannot_be_made_safely_is_refused_before_anything_is_written(database, study, now, edition):
    file = io.BytesIO()

    with pytest.raises(NotAllowed, match=edition), database.reading() as session:
        export(session, "test", edition=edition, format="json", file=file, now=now)

    assert file.getvalue() == b""
