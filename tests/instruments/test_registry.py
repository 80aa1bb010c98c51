"""A published questionnaire is found, kept, and cannot change unnoticed."""

import shutil

import pytest

from instruments import InstrumentError, NotPublishedError, Published, digest, load, load_all, load_folder, published
from instruments.registry import HOME, load_checked, load_published


def replace(path, old, new):
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_the_shipped_questionnaire_is_the_one_that_was_published():
    assert [(entry.key, entry.version) for entry in published()] == [("replicability", 1)]
    assert digest(load()) == published()[0].digest
    assert len(digest(load())) == 64


def test_every_questionnaire_that_is_shipped_is_published():
    folders = {path.relative_to(HOME / "questionnaires").as_posix() for path in HOME.glob("questionnaires/*/*")}

    assert folders == {f"{entry.key}/v{entry.version}" for entry in published()}


def test_a_questionnaire_is_read_once_and_kept():
    assert load("replicability", 1) is load()


def test_all_that_are_published_are_read_at_once():
    assert load_all() == (load(),)


def test_a_folder_that_no_list_names_is_read_as_it_is(shelf, tiny_folder, tiny):
    draft = shelf / "questionnaires" / "tiny" / "v2"
    shutil.copytree(tiny_folder, draft)

    assert load_checked(draft).digest == load_checked(tiny_folder).digest == tiny.digest


def test_a_questionnaire_from_another_shelf_is_found(shelf):
    assert load_published(shelf, "tiny", 1).key == "tiny"
    assert published(shelf) == (Published("tiny", 1, load_published(shelf, "tiny", 1).digest),)


@pytest.mark.parametrize(("key", "version"), [("replicability", 2), ("mystery", 1), ("../replicability", 1)])
def test_what_nobody_published_is_refused(key, version):
    with pytest.raises(NotPublishedError, match=f"^the questionnaire {key} v{version} is not published$"):
        load(key, version)


def test_a_shelf_without_entries_has_nothing(tmp_path):
    (tmp_path / "published.toml").write_text("", encoding="utf-8")

    assert published(tmp_path) == ()


def test_a_published_questionnaire_whose_words_have_changed_is_refused(shelf):
    texts = shelf / "questionnaires" / "tiny" / "v1" / "texts.csv"
    before = published(shelf)[0].digest
    replace(texts, "English HERE", "Is it here?")
    now = load_folder(texts.parent).digest

    with pytest.raises(InstrumentError) as caught:
        load_published(shelf, "tiny", 1)

    assert str(caught.value) == (
        f"{texts.parent / 'instrument.yaml'}:0: tiny v1 was published with other questions, codes or English wording "
        f"(digest {before[:12]}, now {now[:12]}). People have answered the published version: undo the change, or "
        "make it in a new folder v2 and publish that"
    )


@pytest.mark.parametrize(
    ("file", "old", "new"), [("texts.csv", "Italiano HERE", "Qui?"), ("scoring.yaml", 'version: "7"', 'version: "8"')]
)
def test_translations_and_scoring_may_be_mended(shelf, file, old, new):
    replace(shelf / "questionnaires" / "tiny" / "v1" / file, old, new)

    assert load_published(shelf, "tiny", 1).digest == published(shelf)[0].digest


@pytest.mark.parametrize(
    ("old", "new", "name"), [("key: tiny", "key: small", "small v1"), ("version: 1", "version: 2", "tiny v2")]
)
def test_a_questionnaire_in_the_place_of_another_is_refused(shelf, old, new, name):
    replace(shelf / "questionnaires" / "tiny" / "v1" / "instrument.yaml", old, new)

    with pytest.raises(InstrumentError, match=f"this file calls itself {name}, but stands where tiny v1 belongs"):
        load_published(shelf, "tiny", 1)


def test_a_published_questionnaire_that_is_broken_says_why(shelf):
    replace(shelf / "questionnaires" / "tiny" / "v1" / "instrument.yaml", "kind: yes_no", "kind: slider")

    with pytest.raises(InstrumentError, match=r"instrument.yaml:34: questions.ROW.kind: Input should be"):
        load_published(shelf, "tiny", 1)
