"""One realistic workbook for all tests that only read it."""

import pytest
from realistic import realistic_dataset
from workbooks import read, written

from exports import build_tables


@pytest.fixture(scope="session")
def dataset():
    return realistic_dataset(interviews=120)


@pytest.fixture(scope="session")
def tables(dataset):
    return build_tables(dataset)


@pytest.fixture(scope="session")
def file(dataset):
    """The workbook as bytes."""
    return written(dataset)


@pytest.fixture(scope="session")
def book(file):
    """The workbook with its formulas."""
    return read(file)


@pytest.fixture(scope="session")
def values(file):
    """The workbook with the values of its formulas, as a viewer shows it that does not calculate."""
    return read(file, data_only=True)
