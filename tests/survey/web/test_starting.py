"""What keeps the pages from being served at all."""

import pytest
from shelves import TEXTS, edit, folder_of, make_shelf
from staff import make_app

from instruments import InstrumentError, registry


def test_a_published_questionnaire_that_was_changed_keeps_the_pages_from_being_served(
    sqlite_database, tmp_path, monkeypatch
):
    """Seen to fail without `load_all` in `create_app`: the pages were made, with the changed words."""
    shelf = make_shelf(tmp_path / "shelf")
    edit(folder_of(shelf, 1), [(TEXTS, "\nopening.web,Please read", "\nopening.web,Read")])
    monkeypatch.setattr(registry, "HOME", shelf)

    with pytest.raises(InstrumentError) as refused:
        make_app(sqlite_database, tmp_path)

    assert "replicability v1 was published with other questions, codes or English wording" in str(refused.value)
    assert "make it in a new folder v2 and publish that" in str(refused.value)
