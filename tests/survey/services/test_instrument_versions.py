"""A study moves to a newer version of its questionnaire while interviews are under way."""

import io
import uuid

import pytest
from make import COMPLETE, COMPLETE_RQ5, give, instrument, make_begun, make_interview, make_study, make_submitted
from shelves import STRUCTURE, make_shelf
from sqlalchemy import select
from versions import ADDED, COMMENT_REWORDED, EFF_REWORDED, FIT_REWORDED, MOVED, comparable

from exports import read_dataset, results, scores, write_dataset
from instruments import NOT_ASSIGNED, Mode, registry
from survey.models import AnswerChange, Interview
from survey.queries.studies import study_by_key
from survey.services.collecting import collect
from survey.services.errors import BadFields
from survey.services.interviewing import submit
from survey.services.studying import use_instrument

V2 = COMPLETE | {"TIME": 4}


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Publishes version 2: TIME added, SURE moved, and these edits; and version 3 like it."""

    def publish(*edits):
        monkeypatch.setattr(registry, "HOME", make_shelf(tmp_path / "shelf", (*ADDED, *MOVED, *edits), edits))

    return publish


@pytest.fixture
def study(database, now):
    with database.writing() as session:
        return make_study(session, now=now, practices_per_web_interview=2)


def moved(database, version=2):
    with database.writing() as session:
        return use_instrument(session, study_by_key(session, "test"), version)


def collected(database, now):
    with database.reading() as session:
        return collect(session, "test", now=now)


def test_interviews_that_have_begun_keep_their_version_and_new_ones_get_the_new_one(database, study, published, now):
    """Seen to fail when an interview was read with its study's version: the old row was too short for it."""
    published(COMMENT_REWORDED)
    with database.writing() as session:
        old = make_interview(session, study, now=now, answers=[COMPLETE], texts=[{"COMMENT": "then"}])

    assert moved(database) == ("Answers to version 1 are exported but not counted together with newer ones: COMMENT.",)
    with database.writing() as session:
        study = study_by_key(session, "test")
        give(session, old, 2, COMPLETE | {"SURE": 3}, now=now)
        submit(session, old.id, op_id=uuid.uuid4(), author=old.author, now=now)
        new = make_interview(session, study, now=now, answers=[V2], texts=[{"COMMENT": "now"}])
        begun = {each.id: each.instrument_version for each in session.scalars(select(Interview))}
        logged = session.execute(select(AnswerChange.interview_id, AnswerChange.instrument_version).distinct()).all()

    assert begun == {old.id: 1, new.id: 2}
    assert sorted(logged, key=lambda row: row.instrument_version) == [(old.id, 1), (new.id, 2)]
    dataset = collected(database, now)
    assert (dataset.instrument.version, dataset.version.tolist()) == (2, [1, 1, 2])
    assert dataset.column("TIME").tolist() == [NOT_ASSIGNED, NOT_ASSIGNED, 4]
    assert dataset.column("SURE").tolist()[1] == 3
    assert dataset.texts == ({"COMMENT_v1": "then"}, {}, {"COMMENT": "now"})
    assert scores(dataset).rs10.tolist() == [60, 60, 60]


def test_old_evaluations_and_their_scores_are_what_they_were(database, study, published, now):
    published(FIT_REWORDED, EFF_REWORDED)
    with database.writing() as session:
        make_submitted(session, study, now=now)
        make_interview(session, study, now=now, mode=Mode.PHONE, answers=[COMPLETE_RQ5], region="munich")
    before = collected(database, now)
    moved(database)
    with database.writing() as session:
        make_interview(session, study_by_key(session, "test"), now=now, answers=[V2])

    dataset = collected(database, now)

    old = dataset.part(1)
    assert (old.codes.tobytes(), old.texts, old.interviews) == (before.codes.tobytes(), before.texts, before.interviews)
    assert scores(old).rs10.tobytes() == scores(before).rs10.tobytes()
    assert scores(old).rs5.tobytes() == scores(before).rs5.tobytes()
    assert len(dataset) == len(before) + 1
    assert results(dataset, threshold=1).cell(None, None).n == 1


def test_what_is_declared_comparable_is_counted_and_the_file_says_the_same(database, study, published, now):
    published(FIT_REWORDED, comparable("FIT"))
    with database.writing() as session:
        make_submitted(session, study, now=now)
    assert moved(database) == ()
    with database.writing() as session:
        make_interview(session, study_by_key(session, "test"), now=now, answers=[V2])

    dataset, file = collected(database, now), io.BytesIO()
    write_dataset(dataset, file)
    again = read_dataset(io.BytesIO(file.getvalue()))

    assert results(dataset, threshold=1).cells == results(again, threshold=1).cells
    everything = results(dataset, threshold=1).cell(None, None)
    assert (everything.n, everything.basis, everything.mean) == (3, "RS10", 60)


def test_an_open_link_of_before_gets_the_version_of_its_beginning(database, study, published, now):
    published()
    with database.writing() as session:
        before = make_begun(session, study, now=now)
    moved(database)
    with database.writing() as session:
        after = make_begun(session, study_by_key(session, "test"), now=now)

        assert session.get(Interview, before.id).instrument_version == 1
        assert session.get(Interview, after.id).instrument_version == 2


def test_the_same_version_again_changes_nothing(database, study, published, now):
    published()
    with database.writing() as session:
        revision = study_by_key(session, "test").revision

    assert moved(database, 1) == ()

    with database.reading() as session:
        assert study_by_key(session, "test").revision == revision


def test_a_study_does_not_go_back(database, study, published):
    published()
    moved(database, 3)

    with pytest.raises(BadFields, match="The study has version 3; it can only move to a newer one"):
        moved(database, 2)
    with pytest.raises(BadFields, match="There is no instrument 'replicability' version 4"):
        moved(database, 4)


def test_a_version_in_which_answers_have_no_place_is_refused(database, study, published, now):
    """Seen to fail without `misfits` in `use_instrument`: the study moved."""
    published(
        (STRUCTURE, "answers: {1: FAM.1, 2: FAM.2, 3: FAM.3, 4: FAM.4}", "answers: {1: FAM.1, 2: FAM.2, 3: FAM.3}"),
        ("texts.csv", next(line for line in instrument().sources["texts.csv"].splitlines(True) if line[:6] == "FAM.4,"),
         ""),
    )  # fmt: skip

    with pytest.raises(BadFields) as refused:
        moved(database)

    assert refused.value.message == "FAM lacks answers of version 1: give the new question a code of its own."
    with database.reading() as session:
        assert study_by_key(session, "test").instrument_version == 1
