from datetime import UTC, datetime

from survey.catalogue import read_catalogue
from survey.demo import demo_study
from survey.services.assigning import is_home
from survey.texts import LANGUAGES

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def test_it_speaks_every_language():
    study = demo_study(NOW)

    for texts in (study.titles, study.owner):
        assert set(texts) == set(LANGUAGES)
        assert all(text.strip() == text for text in texts.values())
        assert len(set(texts.values())) == len(LANGUAGES)


def test_its_practices_are_of_the_catalogue_and_of_every_category():
    catalogue = read_catalogue()
    by_key = {practice.key: practice for practice in catalogue.practices}

    practices = [by_key[key] for key in demo_study(NOW).practices]

    assert len(set(demo_study(NOW).practices)) == len(practices)
    assert {practice.category for practice in practices} == {category.key for category in catalogue.categories}


def test_every_region_has_a_practice_of_its_own():
    catalogue = read_catalogue()
    practices = [practice for practice in catalogue.practices if practice.key in demo_study(NOW).practices]

    for region in catalogue.regions:
        assert any(is_home(practice.nuts, region.nuts) for practice in practices), region.key


def test_it_was_opened_before_now_and_closes_after():
    study = demo_study(NOW)

    assert study.opened_at < NOW
    assert study.closes_on > NOW.date()


def test_nobody_can_be_reached_under_its_addresses():
    study = demo_study(NOW)

    assert study.contact_email.endswith(".example")
    assert study.lead_email.endswith(".example")
