"""A study as a file. Whoever calls writes under a temporary name and renames it: a broken file is never found."""

from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from sqlalchemy.orm import Session

from exports import Dataset, Edition, ExportRefused, require_available, write_dataset, write_workbook
from survey.services.collecting import collect
from survey.services.errors import NotAllowed


class Format(StrEnum):
    XLSX = "xlsx"
    JSON = "json"


def export(
    session: Session,
    study_key: str,
    *,
    edition: str,
    format: str,  # noqa: A002 (the word of the command line)
    file: BinaryIO,
    now: datetime,
) -> Dataset:
    """Write what counts in a study to an open file, and give what was written.

    edition: "internal", "partner" or "public". format: "xlsx" or "json". ValueError for other words.
    Raises, before anything is read or written, NotAllowed for an edition that cannot be made safely; NotFound for
    an unknown study.
    """
    require_edition(edition)
    kind = Format(format)
    dataset = collect(session, study_key, now=now)
    write_export(dataset, edition=edition, format=kind, file=file)
    return dataset


def require_edition(edition: str) -> None:
    """NotAllowed for an edition that cannot be made safely; ValueError for a word that is none."""
    try:
        require_available(Edition(edition))
    except ExportRefused as refused:
        raise NotAllowed(str(refused)) from refused


def write_export(dataset: Dataset, *, edition: str, format: str, file: BinaryIO) -> None:  # noqa: A002 (as above)
    """The second half of `export`, for callers that let the database go before the file is made."""
    require_edition(edition)
    if Format(format) is Format.JSON:
        write_dataset(dataset, file)
    else:
        write_workbook(dataset, file, edition=Edition(edition))
