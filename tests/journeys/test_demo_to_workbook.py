"""From the demonstration to the workbook by the commands of the README, and its figures by arithmetic of our own.

Nothing here uses the package's functions for a figure: scores, means, intervals and shares are computed with plain
loops from the codes in the exported JSON. scipy gives two quantiles, nothing else.
"""

import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula
from scipy.stats import norm, t

SURVEY = Path(sys.executable).with_name("survey")
K = 3
Z = norm.ppf(0.975)

TEN = ("NEED", "FIT", "EFF", "ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL")
FIVE = ("NEED", "FIT", "LEAD", "SKILL", "COST")
OBSTACLES = ("COST", "LEGAL")
NEVER_APPLIED = (99, -1, -2)

FIGURES = (
    "mean_0_100",
    "ci_low",
    "ci_high",
    "sd",
    "median",
    "q1",
    "q3",
    "iqr",
    "equal_group_mean",
    "equal_group_ci_low",
    "equal_group_ci_high",
    "equal_group_n_eff",
)
COUNTS = ("n_evaluations", "n_valid", "n_routed", "n_dont_know", "n_refused")
SHARES = ("strict", "broad", "already_here", "dont_know", "blocker")

RUN_EXPORTS = """
import runpy, sys
sys.argv = ["exports", *sys.argv[1:]]
try:
    runpy.run_module("exports", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
print(*sorted({"flask", "sqlalchemy", "wtforms", "jinja2", "survey"} & set(sys.modules)))
"""


def run(*command, folder):
    """Run a command in a folder as a person would, in an environment that says nothing about an installation."""
    names = ("DATABASE_URL", "SURVEY_DATA_DIR", "SURVEY_SECRET_KEY", "SURVEY_BASE_URL")
    environ = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [str(part) for part in command], cwd=folder, env=environ, capture_output=True, text=True, check=True
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The line of the README, from an empty folder; then the same data as JSON, and the workbook made from that."""
    folder = tmp_path_factory.mktemp("journey")
    export = (SURVEY, "export", "--study", "demo", "--edition", "internal")
    run(SURVEY, "demo", "--no-serve", "--data-dir", "D", folder=folder)
    run(*export, "--format", "xlsx", "--output", "survey.xlsx", folder=folder)
    run(*export, "--format", "json", "--output", "data.json", folder=folder)
    return folder


@pytest.fixture(scope="module")
def data(folder):
    return json.loads((folder / "data.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def workbook(folder):
    """The workbook with the values that the server put into its cells."""
    return load_workbook(folder / "survey.xlsx", data_only=True)


# ---- the arithmetic --------------------------------------------------------------------------------------------------


def item_score(item, code):
    score = (code - 1) / 4 * 100
    return 100 - score if item in OBSTACLES else score


def rating_score(answers, items, least):
    """Mean of the answered items, or None: too few answered, or less than half of those that apply."""
    applicable = [item for item in items if answers[item] not in NEVER_APPLIED]
    answered = [item for item in applicable if 1 <= answers[item] <= 5]
    if len(answered) < least or 2 * len(answered) < len(applicable):
        return None
    return sum(item_score(item, answers[item]) for item in answered) / len(answered)


def quantile(ordered, share):
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] * (1 - (place - below)) + ordered[above] * (place - below)


def t_limits(mean, se, df):
    if se < 1e-12:
        return None, None
    half = t.ppf(0.975, df) * se
    return mean - half, mean + half


def merged(groups):
    """Groups of one person are joined; if that is still one person, the smallest other group joins, too."""
    small = [number for number in sorted(groups) if len(groups[number]) < 2]
    large = [number for number in sorted(groups) if len(groups[number]) >= 2]
    parts = [groups[number] for number in large]
    if small:
        rest = [value for number in small for value in groups[number]]
        if len(rest) < 2 and parts:
            smallest = min(parts, key=len)
            parts.remove(smallest)
            rest += smallest
        parts.append(rest)
    return parts


def equal_groups(values, group_of):
    groups = {}
    for value, group in zip(values, group_of, strict=True):
        groups.setdefault(group, []).append(value)
    parts = merged(groups)
    if len(parts) < 2:
        return dict.fromkeys(FIGURES[8:])
    means = [sum(part) / len(part) for part in parts]
    mean = sum(means) / len(parts)
    df = len(values) - len(parts)
    squares = sum((value - centre) ** 2 for part, centre in zip(parts, means, strict=True) for value in part)
    weights = sum(1 / len(part) for part in parts) / len(parts) ** 2
    low, high = t_limits(mean, math.sqrt(squares / df * weights), df)
    return dict(zip(FIGURES[8:], (mean, low, high, 1 / weights), strict=True))


def wilson(count, n):
    centre = (2 * count + Z**2) / (2 * (n + Z**2))
    half = Z * math.sqrt(Z**2 + 4 * count * (1 - count / n)) / (2 * (n + Z**2))
    return count / n, centre - half, centre + half


def share(rows, is_counted, is_asked):
    n = sum(is_asked(row) for row in rows)
    return n, wilson(sum(is_asked(row) and is_counted(row) for row in rows), n) if n else (None, None, None)


def summarise(rows, is_home):
    """Every figure of one row of Practice scores, with what stands in place of those that are not shown."""
    is_short = any(row["variant"] == "rq5" for row in rows)
    basis = "rs5" if is_short else "rs10"
    scored = [row for row in rows if row[basis] is not None]
    values = [row[basis] for row in scored]
    n = len(values)
    found = {
        "n_evaluations": len(rows),
        "n_valid": n,
        "n_routed": sum(row["EXIST"] == 1 for row in rows),
        "n_dont_know": sum(row["VERDICT"] == 88 for row in rows),
        "n_refused": sum(row["VERDICT"] == 77 for row in rows),
        "score_basis": basis.upper(),
    }
    home = "home, not asked" if is_home and not rows else None
    if home or n < K:
        found |= dict.fromkeys(FIGURES, home or f"n<{K}")
        found["groups_missing"] = None
    else:
        mean, ordered = sum(values) / n, sorted(values)
        sd = math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
        low, high = t_limits(mean, sd / math.sqrt(n), n - 1)
        q1, median, q3 = (quantile(ordered, part) for part in (0.25, 0.5, 0.75))
        found |= dict(zip(FIGURES[:8], (mean, low, high, sd, median, q1, q3, q3 - q1), strict=True))
        found |= equal_groups(values, [row["group"] for row in scored])
        present = {row["group_id"] for row in scored}
        found["groups_missing"] = ", ".join(key for key in rows[0]["all_groups"] if key not in present) or None
    verdict = {
        "strict": ((1, 2), (1, 2, 3, 4)),
        "broad": ((1, 2, 3), (1, 2, 3, 4)),
        "already_here": ((5,), (1, 2, 3, 4, 5)),
        "dont_know": ((88,), (1, 2, 3, 4, 5, 88)),
    }
    for name in SHARES:
        if name == "blocker":
            size, figures = share(
                rows,
                lambda row: any(row[item] == 5 for item in OBSTACLES),
                lambda row: any(1 <= row[item] <= 5 for item in OBSTACLES),
            )
        else:
            yes, asked = verdict[name]
            size, figures = share(
                rows, lambda row, yes=yes: row["VERDICT"] in yes, lambda row, asked=asked: row["VERDICT"] in asked
            )
        if home or size < K:
            figures = (home or f"n<{K}",) * 3
        found |= dict(zip((f"{name}_share", f"{name}_ci_low", f"{name}_ci_high"), figures, strict=True))
        found[f"{name}_n"] = size
    return found


@pytest.fixture(scope="module")
def recomputed(data):
    """(practice id or "ALL", region id or "ALL") -> every figure."""
    group_ids = [group["id"] for group in data["groups"]]
    rows = []
    for codes, practice, interview in zip(data["codes"], data["practice"], data["interview"], strict=True):
        answers = dict(zip(data["columns"], codes, strict=True))
        person = data["interviews"][interview]
        rows.append(
            answers
            | {
                "practice": data["practices"][practice]["id"],
                "region": data["regions"][person["region"]]["id"],
                "group": person["group"],
                "group_id": group_ids[person["group"]],
                "all_groups": group_ids,
                "variant": person["variant"],
                "rs10": rating_score(answers, TEN, 5) if person["variant"] == "rq10" else None,
                "rs5": rating_score(answers, FIVE, 3),
            }
        )
    homes = {(practice, region["id"]) for region in data["regions"] for practice in region["home_practices"]}
    found = {}
    for practice in (*(each["id"] for each in data["practices"]), "ALL"):
        for region in (*(each["id"] for each in data["regions"]), "ALL"):
            here = [row for row in rows if practice in {row["practice"], "ALL"} and region in {row["region"], "ALL"}]
            found[practice, region] = summarise(here, (practice, region) in homes)
    return found


# ---- reading the workbook --------------------------------------------------------------------------------------------


def table(sheet):
    """The rows of a sheet below the row that begins with "Practice" or "practice_id", as dictionaries."""
    rows = sheet.iter_rows(values_only=True)
    headings = next(row for row in rows if row[0] in {"Practice", "practice_id"})
    return [dict(zip(headings, row, strict=True)) for row in rows]


def grid(sheet, data):
    """A heat map: (practice id or "ALL", region id or "ALL") -> value."""
    practices = {practice["title"]: practice["id"] for practice in data["practices"]} | {"All practices": "ALL"}
    regions = {region["name"]: region["id"] for region in data["regions"]} | {"All regions": "ALL"}
    return {
        (practices[row["Practice"]], region): row[heading]
        for row in table(sheet)
        if row["Practice"] in practices
        for heading, region in regions.items()
    }


def same(found, expected):
    if isinstance(expected, float) and isinstance(found, int | float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    return found == expected


def differences(found, expected):
    return {place: (found.get(place), value) for place, value in expected.items() if not same(found.get(place), value)}


def normal(value, digest):
    """A cell without the moment at which the data were read."""
    if isinstance(value, ArrayFormula):
        return (value.ref, value.text)
    if isinstance(value, datetime):
        return "a moment"
    if isinstance(value, str):
        return re.sub(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?(\.\d+)?( UTC|Z)?", "a moment", value).replace(
            digest, "a digest"
        )
    return value


def digest_in(file):
    """The workbook's own word for which data it shows. The time to which they are complete is part of it."""
    rows = load_workbook(file)["Read me"].iter_rows(values_only=True)
    return next(row[1] for row in rows if row[0] == "Dataset file, SHA-256")


def cells(file, **how):
    book, digest = load_workbook(file, **how), digest_in(file)
    return {
        (sheet.title, cell.coordinate): normal(cell.value, digest)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


# ---- what must hold --------------------------------------------------------------------------------------------------


def test_the_demonstration_is_large_enough_to_prove_something(data, recomputed):
    shown = [cell for cell in recomputed.values() if cell["n_valid"] >= K]
    variants = {interview["variant"] for interview in data["interviews"]}
    values = {value for cell in recomputed.values() for value in cell.values() if isinstance(value, str)}

    assert len(shown) > 250
    assert variants == {"rq10", "rq5"}
    assert {"n<3", "home, not asked", "RS10", "RS5"} <= values
    assert all(interview["simulated"] for interview in data["interviews"])


def test_every_figure_of_practice_scores_is_what_plain_arithmetic_gives(workbook, recomputed):
    rows = {
        (row["practice_id"], row["region_id"]): row for row in table(workbook["Practice scores"]) if row["region_id"]
    }
    columns = (
        *COUNTS,
        "score_basis",
        *FIGURES,
        "groups_missing",
        *(f"{name}_{part}" for name in SHARES for part in ("share", "ci_low", "ci_high", "n")),
    )

    assert set(rows) == set(recomputed)
    assert set(columns) | {"practice_id", "practice", "theme", "region_id", "region", "note"} == set(
        next(iter(rows.values()))
    )
    wrong = {
        (*place, column): (row[column], recomputed[place][column])
        for place, row in rows.items()
        for column in columns
        if not same(row[column], recomputed[place][column])
    }
    assert wrong == {}


def test_the_heat_map_shows_the_same_means_margins_included(workbook, data, recomputed):
    expected = {
        place: "home" if cell["mean_0_100"] == "home, not asked" else cell["mean_0_100"]
        for place, cell in recomputed.items()
    }

    assert differences(grid(workbook["Heat map"], data), expected) == {}


def test_the_heat_map_of_numbers_shows_the_same_n_margins_included(workbook, data, recomputed):
    expected = {
        place: "home" if cell["mean_0_100"] == "home, not asked" else cell["n_valid"]
        for place, cell in recomputed.items()
    }

    assert differences(grid(workbook["Heat map n"], data), expected) == {}


def test_the_scores_of_single_evaluations_are_what_plain_arithmetic_gives(workbook, data):
    rows = list(workbook["Ratings"].iter_rows(values_only=True))
    headings = rows[0]
    expected = []
    for codes, interview in zip(data["codes"], data["interview"], strict=True):
        answers = dict(zip(data["columns"], codes, strict=True))
        is_short = data["interviews"][interview]["variant"] == "rq5"
        expected.append((None if is_short else rating_score(answers, TEN, 5), rating_score(answers, FIVE, 3)))

    found = [(row[headings.index("rs10")], row[headings.index("rs5")]) for row in rows[1:] if row[0]]

    assert len(found) == len(expected)
    wrong = [
        (number, each, other)
        for number, (each, other) in enumerate(zip(found, expected, strict=True))
        if not all(same(value or None, wanted or None) for value, wanted in zip(each, other, strict=True))
    ]
    assert wrong == []


def test_everything_made_by_a_program_says_so(workbook):
    for name in ("Read me", "Summary", "Heat map", "Heat map n"):
        words = " ".join(str(cell) for row in workbook[name].iter_rows(values_only=True) for cell in row if cell)

        assert "SIMULATED" in words.upper(), name


def test_exports_alone_gives_the_same_cells_from_the_json_without_web_and_database(folder):
    result = run(sys.executable, "-c", RUN_EXPORTS, "data.json", "again.xlsx", folder=folder)

    assert result.stdout.splitlines()[-1] == ""
    digest = hashlib.sha256((folder / "data.json").read_bytes()).hexdigest()
    assert digest_in(folder / "again.xlsx") == digest
    for how in ({"data_only": True}, {"data_only": False}):
        first, second = cells(folder / "survey.xlsx", **how), cells(folder / "again.xlsx", **how)
        assert {place for place in first.keys() | second.keys() if first.get(place) != second.get(place)} == set()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_libreoffice_opens_and_converts_it_without_loss(folder):
    profile = (folder / "profile").as_uri()
    run(
        *("soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"),
        *("--outdir", "converted", "survey.xlsx"),
        folder=folder,
    )

    original, converted = (
        cells(file, data_only=True) for file in (folder / "survey.xlsx", folder / "converted" / "survey.xlsx")
    )
    lost = {
        place: (value, converted.get(place))
        for place, value in original.items()
        if not same(converted.get(place), value)
    }
    assert {place: pair for place, pair in lost.items() if pair[0] != ""} == {}
    assert not [
        value
        for value in converted.values()
        if isinstance(value, str) and re.match(r"#(REF|NAME|VALUE|DIV/0|N/A)", value)
    ]
