"""A study as a lead would have it: the whole catalogue, 250 interviews, regional and practice effects."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from datasets import ITEMS, SHORT_ITEMS, instrument, make_interview, make_study

from exports import Dataset, Group, Practice, Region
from instruments import NOT_ANSWERED, Mode, settle

CATALOGUE = Path(__file__).parents[1] / "survey" / "catalogue"


def rows_of(name):
    with (CATALOGUE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def realistic_dataset(*, interviews: int = 250, each: int = 6, seed: int = 3, simulated: bool = True) -> Dataset:
    random = np.random.default_rng(seed)
    practices = tuple(
        Practice(
            id=row["id"],
            title=row["title"],
            category=row["category"],
            category_name=row["category"],
            origin=row["origin_region"],
            origin_country=row["origin_country"],
            nuts=row["nuts"],
            start_year=int(row["start_year"]) if row["start_year"].isdigit() else None,
            organisation=row["origin_organisation"],
            source_url=row["source_url"],
        )
        for row in rows_of("practices.csv")
    )
    regions = tuple(
        Region(
            id=row["id"],
            name=row["name"],
            nuts=row["nuts"],
            country=row["country"],
            home_practices=tuple(p.id for p in practices if p.nuts and p.nuts.startswith(row["nuts"])),
        )
        for row in rows_of("regions.csv")
    )
    groups = tuple(Group(row["id"], row["name"]) for row in rows_of("stakeholder_groups.csv"))
    merit = random.normal(0, 0.55, len(practices))
    climate = random.normal(0, 0.3, len(regions))
    start = datetime(2026, 9, 1, 8, tzinfo=UTC)
    made, codes, practice, interview = [], [], [], []
    columns = instrument().columns
    for number in range(interviews):
        region = number % len(regions)
        short = random.random() < 0.1
        begun = start + timedelta(minutes=int(random.integers(0, 108_000)))
        made.append(
            make_interview(
                f"{number:08x}-0000-4000-8000-000000000000",
                region=region,
                group=int(random.integers(0, len(groups))),
                variant="rq5" if short else "rq10",
                mode=Mode.PHONE if short else Mode.WEB,
                started_at=begun,
                submitted_at=begun + timedelta(minutes=25),
                language=("en", "it", "de", "fr")[int(random.integers(0, 4))],
                simulated=simulated,
            )
        )
        asked = [p for p in range(len(practices)) if practices[p].id not in regions[region].home_practices]
        for chosen in random.choice(asked, each, replace=False).tolist():
            practice.append(chosen)
            interview.append(number)
            codes.append(_codes(random, merit[chosen] + climate[region], columns, short=short))
    return Dataset(
        study=make_study(
            key="life-science-2026",
            title="Life science practices 2026",
            simulated=simulated,
            opened_at=start,
            cut_off=datetime(2026, 11, 24, 17, 30, tzinfo=UTC),
            contact="Chiara Valsecchi, lead@example.org",
            catalogue_note="A starter catalogue of 99 sourced practices. It is not NetBioCluE's own catalogue.",
        ),
        instrument=instrument(),
        practices=practices,
        regions=regions,
        groups=groups,
        interviews=tuple(made),
        codes=np.array(codes, np.int8),
        practice=np.array(practice, np.int32),
        region=np.array(interview, np.int32) % len(regions),
        interview=np.array(interview, np.int32),
        texts=({},) * len(codes),
        selection="Complete evaluations of people who take part and did not withdraw.",
        revision=1234,
    )


def _codes(random, effect, columns, *, short):
    variant = "rq5" if short else "rq10"
    level = 3.2 + effect + random.normal(0, 0.5)
    answers = {"FAM": int(random.integers(1, 4)), "EXIST": int(random.choice([1, 2, 3], p=[0.06, 0.3, 0.64]))}
    for item in SHORT_ITEMS if short else ITEMS:
        value = int(np.clip(np.rint(level + random.normal(0, 0.9)), 1, 5))
        value = 6 - value if item in ("COST", "LEGAL") else value
        answers[item] = 88 if random.random() < 0.06 else value
    verdict = int(np.clip(np.rint(5.3 - level + random.normal(0, 0.6)), 1, 4))
    answers["VERDICT"] = 88 if random.random() < 0.07 else verdict
    codes = dict.fromkeys(columns, NOT_ANSWERED) | answers
    codes |= settle(instrument(), variant, codes)
    return [codes[column] for column in columns]
