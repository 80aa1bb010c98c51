import io

import pytest
from datasets import golden_dataset

from survey.web.lead import workbooks


@pytest.mark.parametrize("large", [0, 1_000_000])
def test_a_large_workbook_made_aside_is_the_same_as_a_small_one(large):
    here, there = io.BytesIO(), io.BytesIO()
    workbooks.write(golden_dataset(), here)
    workbooks.write(golden_dataset(), there, large=large)

    assert there.getvalue() == here.getvalue()
    assert there.getvalue().startswith(b"PK")
