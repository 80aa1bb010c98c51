"""What a project lead sees: the studies, the heat map of one study, and its workbook to take away."""

import io
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from flask import current_app, redirect, render_template, request, send_file, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from exports import Dataset
from survey.models import Study
from survey.queries.studies import studies_of
from survey.services.collecting import collect
from survey.services.errors import Busy
from survey.web.database import database, reading, stop_reading, utc_now
from survey.web.guards import (
    MAY_SEE_RESULTS,
    current_person,
    current_study,
    lead,
    may_download,
    staff,
    viewer,
)
from survey.web.lead import workbooks
from survey.web.lead.blueprint import bp
from survey.web.lead.cache import Computed, ResultsCache
from survey.web.lead.heat_map import every_cell, heat_map, read_choice

CACHE = "survey-results"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# A workbook takes seconds of one core; who answers questions meanwhile needs the other.
_one_workbook = threading.BoundedSemaphore(1)
WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A study in the list."""

    key: str
    title: str
    state: str
    simulated: bool
    opened_at: datetime | None
    closed_at: datetime | None


@bp.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[CACHE] = ResultsCache()


@bp.get("/studies")
@staff
def studies() -> ResponseReturnValue:
    person = current_person()
    entries = [_entry(study) for study in studies_of(reading(), person.id, as_one_of=MAY_SEE_RESULTS)]
    return render_template("lead/studies.html", person=person, entries=entries)


@bp.get("/studies/<key>")
@viewer
def to_results(key: str) -> ResponseReturnValue:
    """A study has no page of its own; what is wanted are its results."""
    return redirect(url_for(".results", key=key), 303)


@bp.get("/studies/<key>/results")
@viewer
def results(key: str) -> ResponseReturnValue:  # noqa: ARG001 (the guard has found the study by it)
    study = current_study()
    entry = _entry(study)
    computed = _computed(study)
    page = heat_map(computed.dataset, computed.results, read_choice(request.args, computed.dataset))
    return render_template(
        "lead/results.html",
        person=current_person(),
        study=entry,
        study_title=entry.title,
        simulated=_simulated(computed.dataset),
        catalogue_note=computed.dataset.study.catalogue_note,
        may_download=may_download(),
        map=page,
        every_cell=every_cell(page),
        as_of=computed.dataset.study.cut_off,
    )


@bp.get("/studies/<key>/workbook.xlsx")
@lead
def workbook(key: str) -> ResponseReturnValue:
    dataset = _computed(current_study()).dataset
    file = _written(dataset)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    name = f"{key}_{dataset.study.cut_off:%Y-%m-%d}.xlsx"
    response = send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)
    response.content_length = size
    response.headers["Cache-Control"] = "no-store"
    return response


def _computed(study: Study) -> Computed:
    """The study's results as of its revision, from memory if nothing changed."""
    key, revision = study.key, study.revision
    cache: ResultsCache = current_app.extensions[CACHE]
    # From here on only figures are made, for seconds when there are many; nobody's saving should wait for that.
    stop_reading()

    def collected() -> Dataset:
        with database().reading() as session:
            return collect(session, key, now=utc_now())

    return cache.get(study.id, revision, collected)


def _written(dataset: Dataset) -> BinaryIO:
    """The workbook in a file without a name, which is gone when it is closed. Busy if others' take too long."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it when it has been sent)
    try:
        with _one_at_a_time():
            workbooks.write(dataset, file)
    except BaseException:
        file.close()
        raise
    return file


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _one_workbook.acquire(timeout=WAIT_SECONDS):
        raise Busy
    try:
        yield
    finally:
        _one_workbook.release()


def _entry(study: Study) -> Entry:
    return Entry(
        key=study.key,
        title=next(text.title for text in study.texts if text.language == "en"),
        state=study.state,
        simulated=study.simulated,
        opened_at=study.opened_at,
        closed_at=study.closed_at,
    )


def _simulated(dataset: Dataset) -> str:
    """How much of it no person has said: "all", "some", or an empty text."""
    if dataset.study.simulated:
        return "all"
    return "some" if dataset.is_simulated else ""
