import io
import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser

import make
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from staff import make_app, signed_in

from exports import results
from instruments import Mode
from survey.database import Database
from survey.models import Role
from survey.queries.studies import study_by_key
from survey.services.collecting import collect
from survey.services.studying import close_study
from survey.web.lead import views

RESULTS = "/studies/test/results"
WORKBOOK = "/studies/test/workbook.xlsx"


class Tables(HTMLParser):
    """The rows of every table, each as the texts of its cells."""

    def __init__(self, html):
        super().__init__()
        self.tables = []
        self._cell = None
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag, _attributes):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self._cell = []

    def handle_endtag(self, tag):
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append(" ".join(" ".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)


NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled_file(sqlite_template, tmp_path_factory):
    """An open study of four practices; six people in each of two regions, one of them on the phone. Made once."""
    file = tmp_path_factory.mktemp("lead") / "survey.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    with database.writing() as session:
        study = make.make_study(session, now=NOW, catalogue=make.make_catalogue(4))
        make.make_person(session, now=NOW)
        for region in ("lombardy", "munich"):
            for person in range(6):
                mode = Mode.PHONE if (region, person) == ("munich", 0) else Mode.WEB
                codes = make.COMPLETE_RQ5 if mode is Mode.PHONE else make.COMPLETE
                make.make_interview(
                    session,
                    study,
                    now=NOW,
                    region=region,
                    stakeholder=1 + person % 3,
                    mode=mode,
                    answers=[codes | {"NEED": 1 + person % 5}] * 3,
                )
    database.dispose()
    return file


@pytest.fixture
def filled(filled_file, tmp_path):
    """A copy of it for one test."""
    shutil.copyfile(filled_file, tmp_path / "survey.db")
    database = Database(None, data_dir=tmp_path)
    yield database
    database.dispose()


@pytest.fixture
def app(filled, tmp_path):
    return make_app(filled, tmp_path)


@pytest.fixture
def lead(app):
    return signed_in(app)


def add_person(database, now, email, role, study_key="test"):
    with database.writing() as session:
        make.make_person(session, now=now, email=email, role=role, study_key=study_key)


def computed(database, now):
    with database.reading() as session:
        dataset = collect(session, "test", now=now)
    return dataset, results(dataset, threshold=3)


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(app):
    client = app.test_client()

    for address in ("/studies", "/studies/test", RESULTS, WORKBOOK, "/studies/missing/results"):
        answer = client.get(address)

        assert (answer.status_code, answer.location) == (303, f"/sign-in?next={address}")


def test_the_list_shows_a_leads_studies_only(app, filled, now, lead):
    with filled.writing() as session:
        make.make_study(session, now=now, key="other", titles={"en": "Somebody else's"})

    lead.get("/studies")

    assert "A study for tests" in lead.page.words
    assert "Somebody else's" not in lead.page.words


def test_an_administrator_sees_every_study(app, filled, now):
    with filled.writing() as session:
        make.make_study(session, now=now, key="other", titles={"en": "Another one"}, is_open=False)
    add_person(filled, now, "admin@example.org", Role.ADMIN, study_key=None)
    admin = signed_in(app, email="admin@example.org")

    admin.get("/studies")

    assert {"A study for tests", "Another one", "not open yet"} <= {
        *re.findall("A study for tests|Another one|not open yet", admin.page.words)
    }
    assert admin.get(RESULTS).status_code == 200
    with admin.get(WORKBOOK) as answer:
        assert answer.status_code == 200


def test_an_interviewer_has_no_results_and_is_told_what_to_do(app, filled, now):
    add_person(filled, now, "caller@example.org", Role.INTERVIEWER)
    caller = signed_in(app, email="caller@example.org")

    caller.get("/studies")

    assert "No study yet" in caller.page.words
    assert "survey people add caller@example.org --role lead --study KEY" in caller.page.words
    assert caller.get(RESULTS).status_code == 404
    assert caller.get(WORKBOOK).status_code == 404


def test_the_list_of_studies_works_on_both_databases(database, tmp_path, now):
    with database.writing() as session:
        make.make_study(session, now=now)
        make.make_person(session, now=now)

    client = signed_in(make_app(database, tmp_path))

    assert client.get("/studies").status_code == 200
    assert client.get(RESULTS).status_code == 200


def test_the_address_of_a_study_leads_to_its_results(lead):
    answer = lead.get("/studies/test")

    assert (answer.status_code, answer.location) == (303, RESULTS)


@pytest.mark.parametrize("page", ["", "/results", "/workbook.xlsx"])
def test_a_foreign_study_is_answered_like_one_that_does_not_exist(app, filled, now, lead, page):
    with filled.writing() as session:
        make.make_study(session, now=now, key="other")

    foreign = lead.get(f"/studies/other{page}")
    missing = lead.get(f"/studies/nothing{page}")

    assert foreign.status_code == missing.status_code == 404
    assert foreign.text == missing.text


@pytest.mark.parametrize("key", ["..", "%00", "a" * 5_000, "test'--", "test%2F..", "TEST"])
def test_keys_that_are_none_are_not_found(lead, key):
    assert lead.get(f"/studies/{key}/results").status_code == 404


def test_a_viewer_sees_results_but_takes_no_single_answers_away(app, filled, now):
    add_person(filled, now, "viewer@example.org", Role.VIEWER)
    viewer = signed_in(app, email="viewer@example.org")

    assert viewer.get(RESULTS).status_code == 200
    assert WORKBOOK not in viewer.page.links
    assert viewer.get(WORKBOOK).status_code == 403


def test_the_map_shows_what_the_exports_compute(lead, filled, now):
    answer = lead.get(RESULTS)

    dataset, found = computed(filled, now)
    heat, plain = Tables(answer.text).tables
    assert len(heat) == 1 + 1 + len(dataset.practices)
    assert len(plain) == 1 + (1 + len(dataset.practices)) * (1 + len(dataset.regions))
    by_title = {row[0]: row[1:] for row in heat[2:]}
    for position, practice in enumerate(dataset.practices):
        for region, words in zip((None, *range(len(dataset.regions))), by_title[practice.title], strict=True):
            cell = found.cell(position, region)
            instead = found.instead(cell)
            if instead is None:
                assert words.startswith(f"{int(cell.mean + 0.5)} n {cell.n}")
            else:
                assert words.startswith(instead.replace(",", ""))


def test_the_plain_table_says_the_same_as_the_map(lead):
    heat, plain = Tables(lead.get(RESULTS).text).tables

    scores_of_map = [cell.split()[0] for row in heat[1:] for cell in row[1:]]
    scores_of_table = [row[3].split(",")[0] for row in plain[1:]]
    assert scores_of_table == scores_of_map


def test_a_full_reading_has_n_interval_median_basis_and_share(lead, filled, now):
    answer = lead.get(RESULTS)

    dataset, found = computed(filled, now)
    cell = found.cell(0, 0)
    low, high = int(cell.ci_low + 0.5), int(cell.ci_high + 0.5)
    readings = {" ".join(each.split()) for each in re.findall(r'heat-detail">(.*?)</span>', answer.text, re.DOTALL)}
    (reading,) = (each for each in readings if f"{dataset.practices[0].title}, {dataset.regions[0].name}:" in each)
    assert f"(95 % interval {low} to {high}). {cell.n} people, median" in reading
    assert "ten criteria (RS10)" in reading
    assert "100 % say yes, as it is or with small changes" in reading


def test_a_cell_with_a_short_interview_is_marked(lead):
    answer = lead.get(RESULTS)

    assert "Two bases." in lead.page.words
    assert "°: from five criteria (RS5), others from ten" in lead.page.words
    assert re.search(r"<small>n \d+ °</small>", answer.text)
    assert re.search(r"<small>n \d+</small>", answer.text)


def test_the_page_says_that_it_is_perceived_and_what_the_catalogue_is_not(lead):
    lead.get(RESULTS)

    assert "perceived replicability" in lead.page.words
    assert "This is not the NetBioCluE catalogue." in lead.page.words


def test_real_answers_carry_no_banner(lead):
    lead.get(RESULTS)

    assert "Simulated" not in lead.page.words


def test_a_simulated_study_says_so_on_the_page(sqlite_database, tmp_path, now):
    with sqlite_database.writing() as session:
        study = make.make_study(session, now=now, simulated=True)
        make.make_submitted(session, study, now=now)
        make.make_person(session, now=now)
    client = signed_in(make_app(sqlite_database, tmp_path))

    client.get(RESULTS)
    assert "the answers on this page were made by a program" in client.page.words

    client.get("/studies")
    assert "simulated answers" in client.page.words


def test_filters_are_kept_in_the_form_and_can_be_cleared(lead):
    lead.get(f"{RESULTS}?region=munich&sort=title")

    assert "4 practices in Munich" in lead.page.words
    assert RESULTS in lead.page.links
    assert "Clear" in lead.page.words
    titles = [row[0] for row in Tables(lead.get(f"{RESULTS}?sort=title").text).tables[0][2:]]
    assert titles == sorted(titles, key=str.casefold)


@pytest.mark.parametrize(
    "query",
    ["category=%00", "region=-1&sort=999999999", "sort=score'--", "category=" + "x" * 3_000, "%ff=%fe", "region[]=a"],
)
def test_filters_that_are_none_show_everything(lead, query):
    assert lead.get(f"{RESULTS}?{query}").status_code == 200
    assert "4 practices in 2 regions" in lead.page.words


def test_there_is_one_tab_stop_in_the_map(lead):
    html = lead.get(RESULTS).text

    cells = re.findall(r"data-cell\s+tabindex=\"(-?\d)\"", html)
    assert cells.count("0") == 1
    assert cells[0] == "0"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", "survey study open test"),
        ("open", "survey study invite --study test --region REGION"),
        ("closed", "The study was closed before anybody had judged a practice."),
    ],
)
def test_a_study_without_answers_says_what_to_do(sqlite_database, tmp_path, now, state, words):
    with sqlite_database.writing() as session:
        study = make.make_study(session, now=now, is_open=state != "draft")
        if state == "closed":
            close_study(session, study, now=now)
        make.make_person(session, now=now)
    client = signed_in(make_app(sqlite_database, tmp_path))

    client.get(RESULTS)

    assert "No answers yet" in client.page.words
    assert words in client.page.words
    assert WORKBOOK not in client.page.links


def test_one_answer_is_enough_for_a_page_without_a_single_figure(sqlite_database, tmp_path, now):
    with sqlite_database.writing() as session:
        study = make.make_study(session, now=now)
        make.make_interview(session, study, now=now, answers=[make.COMPLETE])
        make.make_person(session, now=now)
    client = signed_in(make_app(sqlite_database, tmp_path))

    answer = client.get(RESULTS)

    scores = {cell.split()[0] for row in Tables(answer.text).tables[0][1:] for cell in row[1:]}
    assert scores == {"n<3"} | ({"home"} & scores)
    assert "data-step" not in answer.text.split("<table")[1]


def test_the_workbook_is_named_after_the_study_and_shows_the_same_scores(lead, filled, now):
    with lead.get(WORKBOOK) as answer:
        content = answer.data

    dataset, found = computed(filled, now)
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert re.fullmatch(r"attachment; filename=test_\d{4}-\d{2}-\d{2}\.xlsx", answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) == len(content)
    sheet = load_workbook(io.BytesIO(content), data_only=True)["Heat map"]
    values = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True) if row[0]}
    first = dataset.practices[0].title
    assert [value for value in values[first] if isinstance(value, int | float)] == pytest.approx(
        [cell.mean for region in (None, 0, 1) if found.instead(cell := found.cell(0, region)) is None]
    )


def test_results_are_computed_once_until_somebody_answers(lead, filled, now, count_queries):
    lead.get(RESULTS)
    with count_queries(filled) as again:
        lead.get(f"{RESULTS}?sort=title")
    with filled.writing() as session:
        study = study_by_key(session, "test")
        make.make_interview(session, study, now=now, region="munich", answers=[make.COMPLETE])

    with count_queries(filled) as anew:
        lead.get(RESULTS)

    assert not [statement for statement in again.statements if "FROM evaluation" in statement]
    assert [statement for statement in anew.statements if "FROM evaluation" in statement]
    assert "37 evaluations from 13 interviews" in lead.page.words


@pytest.mark.parametrize("people", [1, 20])
def test_the_number_of_queries_does_not_grow_with_the_answers(sqlite_database, tmp_path, now, people, count_queries):
    with sqlite_database.writing() as session:
        study = make.make_study(session, now=now)
        for _ in range(people):
            make.make_interview(session, study, now=now, answers=[make.COMPLETE])
        make.make_person(session, now=now)
    client = signed_in(make_app(sqlite_database, tmp_path))

    with count_queries(sqlite_database) as queries:
        client.get(RESULTS)

    assert queries.count <= 12


def test_titles_are_text_and_never_markup(sqlite_database, tmp_path, now):
    with sqlite_database.writing() as session:
        make.make_study(session, now=now, titles={"en": "<script>alert(1)</script> & {{ 7 * 7 }}"})
        make.make_person(session, now=now)
    client = signed_in(make_app(sqlite_database, tmp_path))

    for address in ("/studies", RESULTS):
        answer = client.get(address)

        assert "<script>alert" not in answer.text
        assert "<script>alert(1)</script> & {{ 7 * 7 }}" in client.page.words


def test_nothing_is_computed_while_the_database_is_held(lead, filled, now):
    # Without WAL a reader keeps others from saving; the page must have let go before it makes figures.
    with filled.writing() as session:
        study = study_by_key(session, "test")
        make.make_interview(session, study, now=now, region="munich", answers=[make.COMPLETE])

    lead.get(RESULTS)

    assert filled.engine.pool.checkedout() == 0


def test_only_one_workbook_is_made_at_a_time_and_who_waits_too_long_is_told(lead, monkeypatch):
    monkeypatch.setattr(views, "WAIT_SECONDS", 0.01)
    views._one_workbook.acquire()
    try:
        answer = FlaskClient.open(lead, WORKBOOK)
    finally:
        views._one_workbook.release()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    with lead.get(WORKBOOK) as answer:
        assert answer.status_code == 200
