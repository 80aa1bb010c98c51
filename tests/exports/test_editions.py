"""What the three readerships may have."""

import re

import pytest

from exports import Edition, ExportRefused, require_available


@pytest.mark.parametrize(
    ("edition", "threshold", "has_rows"),
    [(Edition.INTERNAL, 3, True), (Edition.PARTNER, 5, False), (Edition.PUBLIC, 10, False)],
)
def test_an_edition_has_its_threshold_and_rows(edition, threshold, has_rows):
    assert (edition.threshold, edition.has_rows) == (threshold, has_rows)


def test_the_internal_edition_is_available():
    require_available(Edition.INTERNAL)


@pytest.mark.parametrize("edition", [Edition.PARTNER, Edition.PUBLIC])
def test_editions_that_would_leak_are_refused_with_a_reason_and_a_way_out(edition):
    sentence = (
        f"The {edition} edition is not available in this version: small cells could be worked out from the totals. "
        "Make the internal edition and keep it inside the project team."
    )

    with pytest.raises(ExportRefused, match=f"^{re.escape(sentence)}$"):
        require_available(edition)
