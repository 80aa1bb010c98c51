"""Which texts a study needs before people can be asked in a language, and how they change."""

from dataclasses import replace

import make
import pytest
from sqlalchemy import delete, select

from survey.models import Practice, PracticeText, StudyState, StudyText
from survey.services.consenting import decline
from survey.services.errors import BadFields
from survey.services.speaking import set_languages
from survey.services.studying import add_catalogue, close_study, create_study, open_study
from survey.services.wording import Change, missing_texts, set_texts, texts_of, undescribed


@pytest.fixture
def session(sqlite_database):
    with sqlite_database.writing() as opened:
        yield opened


def refused(act, *arguments, **more):
    with pytest.raises(BadFields) as refusal:
        act(*arguments, **more)
    return [problem.message for problem in refusal.value.problems]


def text_of(session, study, key):
    return next(text for text in texts_of(session, study) if text.key == key)


def test_a_study_does_not_open_while_a_text_is_missing_and_names_each(database, now):
    with database.writing() as session:
        study = make.make_study(session, now=now, titles={"en": "Alps", "da": "Alper"}, is_open=False)
        set_texts(session, study, [Change(key, "da", "x", "") for key in ("study.owner", "region.lombardy.name")])

        messages = refused(open_study, session, study, now=now)

        assert study.state is StudyState.DRAFT
    assert messages == ["study.owner in Danish is missing.", "region.lombardy.name in Danish is missing."]


def test_the_regions_texts_are_needed_too(session, now):
    study = make.make_study(session, now=now, is_open=False)
    set_texts(session, study, [Change("region.munich.spoken_name", "da", "x", " ")])

    assert refused(open_study, session, study, now=now) == ["region.munich.spoken_name in Danish is missing."]


def test_a_text_is_needed_only_in_the_studys_languages(session, now):
    study = make.make_study(session, now=now, is_open=False)
    set_texts(session, study, [Change("study.title", "hu", "x", "")])
    set_languages(session, study, ["it", "en"])

    open_study(session, study, now=now)

    assert (study.state, study.languages) == (StudyState.OPEN, ["it", "en"])


def test_a_purpose_is_there_in_all_languages_or_in_none(session, now):
    study = make.make_study(session, now=now, languages=["en", "it", "de"], is_open=False)
    set_texts(session, study, [Change("study.purpose", "it", "", "Per decidere.")])

    assert refused(open_study, session, study, now=now) == [
        "study.purpose in English is missing.",
        "study.purpose in German is missing.",
    ]
    set_texts(session, study, [Change("study.purpose", each, "", "Words.") for each in ("en", "de")])
    open_study(session, study, now=now)


def test_a_practice_may_lack_a_description_and_is_counted(session, now):
    study = make.make_study(session, now=now, is_open=False)
    first = study_practices(session)[0]
    session.execute(delete(PracticeText).where(PracticeText.practice_id == first, PracticeText.language == "da"))
    session.expire_all()

    assert missing_texts(session, study) == ()
    assert undescribed(texts_of(session, study), "da") == 1
    assert undescribed(texts_of(session, study), "en") == 0


def study_practices(session):
    return session.scalars(select(Practice.id).order_by(Practice.position)).all()


def test_an_open_study_takes_a_language_only_with_every_text(session, now):
    study = make.make_study(session, now=now, languages=["en"])
    set_texts(session, study, [Change("study.owner", "sv", "x", "")])

    assert refused(set_languages, session, study, ["en", "sv"]) == ["study.owner in Swedish is missing."]
    assert study.languages == ["en"]
    set_texts(session, study, [Change("study.owner", "sv", "", "Vi frågar.")])
    set_languages(session, study, ["sv", "en", "sv"])
    assert study.languages == ["sv", "en"]


def test_an_open_study_takes_no_regions_that_lack_a_text(session, now):
    study = make.make_study(session, now=now, catalogue=make.make_catalogue(regions=["lombardy"]))
    whole = make.make_catalogue(regions=["lombardy", "munich"])
    lacking = dict(whole.regions[1].texts)
    del lacking["cs"]
    cut = replace(whole, regions=(whole.regions[0], replace(whole.regions[1], texts=lacking)))

    assert refused(add_catalogue, session, study, cut) == [
        f"region.{whole.regions[1].key}.name in Czech is missing.",
        f"region.{whole.regions[1].key}.spoken_name in Czech is missing.",
    ]


def test_a_language_in_which_people_have_begun_stays(database, now):
    with database.writing() as session:
        study = make.make_study(session, now=now)
        for language in ("it", "it", "da"):
            make.make_begun(session, study, now=now, language=language)
        token = make.make_invited(session, study, now=now, language="hu").token
        decline(session, token, now=now)

        messages = refused(set_languages, session, study, ["en"])
        set_languages(session, study, ["en", "it", "da"])

    assert messages == [
        "Danish cannot be removed: one interview has begun in it.",
        "Italian cannot be removed: 2 interviews have begun in it.",
    ]


@pytest.mark.parametrize(
    ("languages", "message"),
    [
        ([], "A study needs at least one language."),
        (["en", "xx"], "There is no language 'xx'. There are: en, it, fr, de, sv, da, cs, hu."),
        (["EN"], "There is no language 'EN'. There are: en, it, fr, de, sv, da, cs, hu."),
    ],
)
def test_languages_that_are_none_are_refused(session, now, languages, message):
    study = make.make_study(session, now=now)

    assert refused(set_languages, session, study, languages) == [message]
    again = {"key": "again", "titles": make.TITLES, "owner": make.OWNER, "contact_email": "a@example.org", "now": now}
    assert refused(create_study, session, **again, languages=languages) == [message]


def test_a_title_that_cannot_be_shown_is_refused(session, now):
    values = {"key": "odd", "titles": {"en": "a\x00b"}, "owner": make.OWNER, "contact_email": "a@example.org"}

    assert refused(create_study, session, **values, now=now) == [
        "The title of the study holds characters that cannot be shown."
    ]


def test_what_was_open_and_closed_opens_again_only_with_its_texts(session, now):
    study = make.make_study(session, now=now)
    close_study(session, study, now=now)
    set_texts(session, study, [Change("study.title", "fr", "x", "")])

    assert refused(open_study, session, study, now=now) == ["study.title in French is missing."]


def test_a_text_is_new_changed_or_emptied_and_its_row_goes_with_the_last_of_them(session, now):
    study = make.make_study(session, now=now, languages=["en"], is_open=False)
    before = study.revision
    practice = text_of(session, study, "study.title")
    assert practice.values["it"] == make.TITLES["it"]

    set_texts(session, study, [Change("study.title", "it", "x", ""), Change("study.owner", "it", "x", "")])

    assert not [row for row in study.texts if row.language == "it"]
    assert session.get(StudyText, (study.id, "it")) is None
    assert study.revision == before + 1
    set_texts(session, study, [])
    assert study.revision == before + 1
