"""What staff see, in a real browser: without scripts, on narrow and wide windows, by keyboard, and for everybody."""

from dataclasses import dataclass
from datetime import UTC, datetime

import make
import pytest
from live import serving
from openpyxl import load_workbook
from staff import make_app

from survey.database import Database
from survey.models import Role
from survey.services.simulating import simulate

accessible = pytest.importorskip("accessible", reason="axe is not installed", exc_type=ModuleNotFoundError)


@dataclass
class Desk:
    """An installation with a filled study, and people who may see it or nothing."""

    url: str

    def enter(self, page, email="lead@example.org", to="/studies/test/results"):
        page.goto(f"{self.url}/sign-in?next={to}")
        page.fill("#email", email)
        page.fill("#password", make.PASSWORD)
        with page.expect_navigation():
            page.click("main button[type=submit]")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    database = Database(None, data_dir=folder)
    database.upgrade()
    now = datetime.now(UTC)
    with database.writing() as session:
        every_region = [region.key for region in make.read_catalogue().regions]
        make.make_study(session, now=now, catalogue=make.make_catalogue(9, every_region), simulated=True)
        make.make_study(session, now=now, key="empty", titles={"en": "A study without answers"})
        make.make_person(session, now=now)
        make.make_person(session, now=now, email="other@example.org", study_key="empty")
        make.make_person(session, now=now, email="caller@example.org", role=Role.INTERVIEWER)
    simulate(database, "test", interviews=90, seed=1, now=now)
    with serving(make_app(database, folder)) as url:
        yield Desk(url)
    database.dispose()


@pytest.fixture
def results(desk, visit):
    """The results page of the lead, in a window of a laptop unless told otherwise."""

    def opened(width=1280, height=900, **options):
        page = visit(width, height, reduced_motion="reduce", **options)
        desk.enter(page)
        return page

    return opened


def tour(page, desk):
    """Every page of staff, fresh and with mistakes; gives the name of each when it stands there."""
    page.goto(desk.url)
    yield "start"
    page.goto(f"{desk.url}/sign-in")
    yield "sign-in"
    page.click("main button[type=submit]")
    yield "sign-in-error"
    desk.enter(page, "caller@example.org", to="/studies")
    yield "no-study"
    page.locator(".top-end button").click()
    desk.enter(page, "other@example.org", to="/studies/empty/results")
    yield "no-answers"
    page.goto(f"{desk.url}/studies/test/results")
    yield "not-found"
    page.goto(f"{desk.url}/studies")
    page.locator(".top-end button").click()
    desk.enter(page, to="/studies")
    yield "studies"
    page.goto(f"{desk.url}/studies/test/results")
    yield "results"
    page.locator("[data-cell]").first.focus()
    yield "results-reading"
    page.locator("details.fold > summary").click()
    yield "results-table"
    page.goto(f"{desk.url}/studies/test/results?sort=category&region=munich")
    yield "results-filtered"


@pytest.mark.parametrize(("widths", "scheme"), [((320,), "light"), ((768, 1280), "dark")])
def test_everybody_can_use_every_page(desk, visit, widths, scheme):
    page = visit(widths[-1], 900, color_scheme=scheme, reduced_motion="reduce")
    found = {}

    for name in tour(page, desk):
        found |= accessible.obstacles(page, name, widths)

    assert found == {}


def test_a_mistake_at_the_door_takes_the_focus_and_leads_to_the_field(desk, visit):
    page = visit()
    page.goto(f"{desk.url}/sign-in")
    page.fill("#email", "lead@example.org")
    page.fill("#password", "a wrong password")

    page.keyboard.press("Enter")
    page.wait_for_selector(".error-summary")

    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.locator(".error-summary a").click()
    assert page.evaluate("document.activeElement.id") == "email"


FOCUS_IN_MAP = """() => {
    const cell = document.activeElement.closest("[data-cell]");
    if (!cell) return null;
    const cells = (row) => [...row.querySelectorAll("[data-cell]")];
    const rows = [...document.querySelectorAll("[data-heatmap] tbody tr")].filter((row) => cells(row).length > 0);
    return [cells(cell.parentElement).indexOf(cell), rows.indexOf(cell.parentElement)];
}"""

FOCUS_IS_SEEN = """() => {
    const cell = document.activeElement;
    const box = cell.getBoundingClientRect();
    const spots = [[box.left + 8, box.top + 8], [box.right - 8, box.bottom - 8]];
    return spots.every(([x, y]) => document.elementFromPoint(x, y)?.closest("[data-cell]") === cell);
}"""


def place(page):
    """Column and row of the cell that has the focus, from 0; None if none has."""
    return page.evaluate(FOCUS_IN_MAP)


def readings(page):
    """The readings that can be seen."""
    return [each.inner_text() for each in page.locator(".heat-detail").all() if each.is_visible()]


def test_the_map_is_one_tab_stop_and_arrow_keys_move_in_it(results):
    page = results()
    page.locator("[data-cell]").first.focus()
    assert place(page) == [0, 0]

    for key, expected in (
        ("ArrowDown", [0, 1]),
        ("ArrowRight", [1, 1]),
        ("ArrowLeft", [0, 1]),
        ("ArrowLeft", [0, 1]),
        ("ArrowUp", [0, 0]),
        ("ArrowUp", [0, 0]),
        ("End", [11, 0]),
        ("ArrowRight", [11, 0]),
        ("PageDown", [11, 8]),
        ("PageDown", [11, 9]),
        ("ArrowDown", [11, 9]),
        ("Home", [0, 9]),
        ("PageUp", [0, 1]),
        ("Control+End", [11, 9]),
        ("Control+Home", [0, 0]),
        ("ArrowRight", [1, 0]),
    ):
        page.keyboard.press(key)
        assert place(page) == expected, key

    page.keyboard.press("Tab")
    assert place(page) is None
    page.keyboard.press("Shift+Tab")
    assert place(page) == [1, 0]
    assert page.locator('[data-cell][tabindex="0"]').count() == 1


def test_the_reading_line_says_what_the_cell_says_and_escape_hides_it(results):
    page = results()
    page.locator("[data-cell]").first.focus()

    (reading,) = readings(page)
    assert reading.startswith("All practices, all regions: ")
    page.keyboard.press("Escape")
    assert readings(page) == []
    page.keyboard.press("ArrowDown")
    assert len(readings(page)) == 1


def test_the_pointer_opens_readings_and_a_click_takes_the_keys_there(results):
    page = results()
    cell = page.locator("[data-cell]").nth(14)

    cell.hover()
    assert len(readings(page)) == 1
    cell.click()
    assert place(page) == [2, 1]
    page.keyboard.press("ArrowRight")
    assert place(page) == [3, 1]


@pytest.mark.parametrize(("width", "height"), [(320, 640), (768, 900), (1280, 720)])
def test_the_cell_that_has_the_focus_is_never_covered(results, width, height):
    page = results(width, height)
    page.locator("[data-cell]").first.focus()

    for key in ["ArrowDown"] * 9 + ["ArrowRight"] * 11 + ["ArrowUp"] * 9 + ["ArrowLeft"] * 11:
        page.keyboard.press(key)
        assert page.evaluate(FOCUS_IS_SEEN), (key, place(page))


def test_everything_is_there_without_scripts(results):
    page = results(320, 700, java_script_enabled=False)

    page.locator("details.fold > summary").click()
    rows = page.locator(".table--figures tbody tr")
    assert rows.count() == 10 * 12
    assert rows.first.is_visible()

    page.select_option("#region", "munich")
    with page.expect_navigation():
        page.click("form.toolbar button")
    assert "9 practices in Munich" in page.locator("#map-title").inner_text()


def test_the_workbook_can_be_taken_away(results, tmp_path):
    page = results()

    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the workbook").click()

    assert coming.value.suggested_filename == f"test_{datetime.now(UTC):%Y-%m-%d}.xlsx"
    coming.value.save_as(tmp_path / "taken.xlsx")
    assert "Heat map" in load_workbook(tmp_path / "taken.xlsx").sheetnames


def test_signing_out_ends_at_the_start_page(results):
    page = results()

    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()

    assert page.locator("h1").inner_text() == "Could it be repeated here?"
    page.go_back()
    page.reload()
    assert page.locator("h1").inner_text() == "Sign in"
