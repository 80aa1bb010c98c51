"""Reading a catalogue from its folder: all of it and right, or every mistake with file, row and column."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from survey.catalogue.model import (
    Catalogue,
    CatalogueError,
    CataloguePractice,
    CatalogueProblem,
    CatalogueRegion,
    CatalogueSource,
    Category,
    PracticeWords,
    RegionWords,
    StakeholderGroup,
    StakeholderType,
)
from survey.catalogue.rows import (
    CategoryLine,
    GroupLine,
    NutsLine,
    PracticeLine,
    RegionLine,
    SourceLine,
    TranslationLine,
    TypeLine,
)
from survey.catalogue.sheets import Sheet

HOME = Path(__file__).parent
ORIGINAL = "en"
# The country codes of NUTS are those of ISO 3166-1 but for two.
_NUTS_COUNTRIES = {"GB": "UK", "GR": "EL"}


@cache
def read_catalogue(folder: Path = HOME) -> Catalogue:
    """The catalogue in a folder, read once and kept. CatalogueError names every mistake in all its files.

    Translations are optional: each file in `translations/` is one language, and whatever it lacks is shown in
    English.
    """
    files = Files(folder)
    problems = tuple(files.problems())
    if problems:
        raise CatalogueError(problems)
    return files.catalogue()


class Files:
    """All files of a catalogue, read but not yet believed."""

    def __init__(self, folder: Path) -> None:
        self.practices = Sheet(folder, "practices.csv", PracticeLine)
        self.sources = Sheet(folder, "sources.csv", SourceLine)
        self.categories = Sheet(folder, "categories.csv", CategoryLine)
        self.regions = Sheet(folder, "regions.csv", RegionLine)
        self.groups = Sheet(folder, "stakeholder_groups.csv", GroupLine)
        self.types = Sheet(folder, "stakeholder_types.csv", TypeLine)
        self.nuts = Sheet(folder, "nuts_codes.csv", NutsLine)
        self.translations = {
            path.stem: Sheet(folder, f"translations/{path.name}", TranslationLine)
            for path in sorted((folder / "translations").glob("*.csv"))
        }

    def problems(self) -> Iterator[CatalogueProblem]:
        """Every mistake; what lines are to each other is judged on the lines that are right in themselves."""
        sheets: tuple[Sheet[Any], ...] = (
            self.practices,
            self.sources,
            self.categories,
            self.regions,
            self.groups,
            self.types,
            self.nuts,
            *self.translations.values(),
        )
        for sheet in sheets:
            yield from sheet.problems
        yield from self._repetitions()
        yield from self._references()
        yield from self._main_sources()
        yield from self._nuts_of_country()
        for sheet in self.translations.values():
            yield from _empty_translations(sheet)

    def catalogue(self) -> Catalogue:
        """The values. Only when there are no problems."""
        categories = {line.name: line.id for _, line in self.categories.lines}
        return Catalogue(
            practices=tuple(self._practice(line, categories[line.category]) for _, line in self.practices.lines),
            regions=tuple(self._region(line) for _, line in self.regions.lines),
            categories=tuple(Category(line.id, line.name, line.description) for _, line in self.categories.lines),
            groups=tuple(StakeholderGroup(line.id, line.name, line.description) for _, line in self.groups.lines),
            stakeholder_types=tuple(
                StakeholderType(line.id, line.group, line.name, line.description) for _, line in self.types.lines
            ),
            languages=(ORIGINAL, *self.translations),
        )

    def _practice(self, line: PracticeLine, category: str) -> CataloguePractice:
        texts = {ORIGINAL: PracticeWords(line.title, line.summary)}
        for language, found in self._translated("practice").items():
            if line.id in found:
                texts[language] = PracticeWords(found[line.id].title, found[line.id].summary)
        return CataloguePractice(
            key=line.id,
            category=category,
            lifecycle_stage=line.lifecycle_stage,
            organisation=line.origin_organisation,
            origin_region=line.origin_region,
            origin_country=line.origin_country,
            nuts=line.nuts,
            start_year=int(line.start_year) if line.start_year else None,
            texts=texts,
            sources=tuple(
                CatalogueSource(int(source.no), source.title, source.url, source.strength)
                for _, source in self.sources.lines
                if source.practice_id == line.id
            ),
        )

    def _region(self, line: RegionLine) -> CatalogueRegion:
        texts = {ORIGINAL: RegionWords(line.name, line.spoken_name)}
        for language, found in self._translated("region").items():
            if line.id in found:
                # Outside English the questions are worded so that the name fits as it is.
                texts[language] = RegionWords(found[line.id].title, found[line.id].title)
        return CatalogueRegion(
            key=line.id,
            country=line.country,
            nuts=line.nuts,
            timezone=line.timezone,
            default_language=line.default_language,
            texts=texts,
            partners=tuple(line.partner_organisations.split(";")),
            note=line.note,
        )

    def _translated(self, kind: str) -> Mapping[str, Mapping[str, TranslationLine]]:
        return {
            language: {line.id: line for _, line in sheet.lines if line.kind == kind}
            for language, sheet in self.translations.items()
        }

    def _repetitions(self) -> Iterator[CatalogueProblem]:
        yield from self.practices.repeated("id")
        yield from self.practices.repeated("title")
        yield from self.practices.repeated("summary")
        yield from self.sources.repeated("practice_id", "no")
        yield from self.categories.repeated("id")
        yield from self.categories.repeated("name")
        yield from self.regions.repeated("id")
        yield from self.groups.repeated("id")
        yield from self.types.repeated("id")
        yield from self.nuts.repeated("code")
        for sheet in self.translations.values():
            yield from sheet.repeated("kind", "id")

    def _references(self) -> Iterator[CatalogueProblem]:
        codes = self.nuts.values("code")
        practices, regions = self.practices.values("id"), self.regions.values("id")
        yield from self.practices.unknown("category", self.categories.values("name"), "category")
        yield from self.practices.unknown("nuts", codes, "NUTS code in nuts_codes.csv:")
        yield from self.regions.unknown("nuts", codes, "NUTS code in nuts_codes.csv:")
        yield from self.regions.unknown("default_language", (ORIGINAL, *self.translations), "file for the language")
        yield from self.sources.unknown("practice_id", practices, "practice")
        yield from self.types.unknown("group", self.groups.values("id"), "group")
        known = {"practice": practices, "region": regions}
        for sheet in self.translations.values():
            for row, line in sheet.lines:
                if known[line.kind] and line.id not in known[line.kind]:
                    yield sheet.problem(row, "id", f"there is no {line.kind} {line.id!r}")

    def _main_sources(self) -> Iterator[CatalogueProblem]:
        first = {line.practice_id: line for _, line in self.sources.lines if line.no == "1"}
        for row, line in self.sources.lines:
            if (line.no == "1") != bool(line.strength):
                yield self.sources.problem(row, "strength", "belongs to the first source of a practice, and only there")
        for row, practice in self.practices.lines:
            main = first.get(practice.id)
            if main is None and self.sources.has(practice_id=practice.id, no="1"):
                continue  # Its first source is wrong in itself, and that is told there.
            if main is None:
                yield self.practices.problem(row, "source_url", f"sources.csv has no first source of {practice.id!r}")
            elif (main.title, main.url) != (practice.source_title, practice.source_url):
                yield self.practices.problem(row, "source_url", "is not the first source that sources.csv names")

    def _nuts_of_country(self) -> Iterator[CatalogueProblem]:
        for row, practice in self.practices.lines:
            if not _is_in(practice.nuts, practice.origin_country):
                message = f"{practice.nuts!r} is not in {practice.origin_country}"
                yield self.practices.problem(row, "nuts", message)
        for row, region in self.regions.lines:
            if not _is_in(region.nuts, region.country):
                yield self.regions.problem(row, "nuts", f"{region.nuts!r} is not in {region.country}")


def _is_in(nuts: str, country: str) -> bool:
    return not nuts or nuts.startswith(_NUTS_COUNTRIES.get(country, country))


def _empty_translations(sheet: Sheet[TranslationLine]) -> Iterator[CatalogueProblem]:
    for row, line in sheet.lines:
        if line.kind == "practice" and not line.summary:
            yield sheet.problem(row, "summary", "is blank")
        if line.kind == "region" and ("(" in line.title or ")" in line.title):
            yield sheet.problem(row, "title", "has brackets; the name stands in brackets itself")
