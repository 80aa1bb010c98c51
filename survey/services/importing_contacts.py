"""Contacts from a list that a lead keeps elsewhere: each becomes a respondent. A list can be read in again.

All or nothing: one row that cannot be used keeps the whole list out, and every such row is named.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final, TypeAlias
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from instruments import Instrument, load
from survey.models import Contact, Region, Respondent, Study
from survey.services.chance import SECURE
from survey.services.contacts import Identity, checked, opened, require_key, write
from survey.services.errors import BadFields, FieldProblem
from survey.services.inviting import next_number
from survey.services.profiling import STAKEHOLDER
from survey.services.reading_tables import Row, Table
from survey.services.sealing import Seal

COLUMNS: Final = (
    "external_id", "name", "organisation", "email", "phone", "region", "stakeholder_group", "stakeholder_type",
    "language", "timezone",
)  # fmt: skip
LONGEST_ID: Final = 64
Pair: TypeAlias = tuple[Contact, Respondent]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that can be used. None and "" leave what is known already."""

    row: int
    external_id: str
    identity: Identity
    region_id: uuid.UUID | None
    stakeholder: int | None
    language: str
    timezone: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """Respondents' numbers, and sentences about what a person should look at. Every row is in one of the three."""

    new: tuple[int, ...]
    changed: tuple[int, ...]
    unchanged: tuple[int, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the values of a row are compared with."""

    regions: Mapping[str, Region]
    stakeholders: Mapping[str, int]
    # Groups that several kinds of organisation belong to, with these.
    ambiguous: Mapping[str, str]
    languages: tuple[str, ...]


def import_contacts(session: Session, seal: Seal, study: Study, table: Table, *, now: datetime) -> Report:
    """Take a list of contacts into a study. A person is known again by external_id, else by e-mail address.

    Empty cells leave what is known. BadFields names every row, column and reason; then nothing is changed.
    """
    # Two lists at once would make one person twice; on PostgreSQL the second waits here for the first.
    session.execute(select(Study.id).where(Study.id == study.id).with_for_update(key_share=True))
    problems = list(_problems_of_columns(table))
    if problems:
        raise BadFields(problems)
    known = _known(session, study)
    entries: list[Entry] = []
    for row in table.rows:
        found, wrong = _entry(row, known)
        problems += [FieldProblem(f"row {row.number}", f"Row {row.number}, {column}: {why}") for column, why in wrong]
        entries += [found] if found else []
    directory = _Directory(session, seal, study)
    problems += _repeated(entries)
    matches = {entry.row: directory.match(entry) for entry in entries}
    problems += [
        FieldProblem(
            f"row {row}", f"Row {row}, email: {len(found)} contacts have this address; give their external_id."
        )
        for row, found in matches.items()
        if len(found) > 1
    ]
    if problems:
        raise BadFields(problems)
    require_key(session, seal)
    new = _enrolled(session, seal, study, [entry for entry in entries if not matches[entry.row]], now)
    done: dict[bool, list[int]] = {True: [], False: []}
    for entry in entries:
        for known_as in matches[entry.row]:
            is_changed, number = _update(seal, entry, known_as, now)
            done[is_changed].append(number)
    session.flush()
    warnings = tuple(_shared_addresses(session, study))
    return Report(new, tuple(done[True]), tuple(done[False]), warnings)


def _problems_of_columns(table: Table) -> Iterator[FieldProblem]:
    for heading in table.headings:
        if heading not in COLUMNS:
            yield FieldProblem("row 1", f"There is no column {heading!r}. The columns are: {', '.join(COLUMNS)}.")
    if not {"external_id", "email"} & set(table.headings):
        yield FieldProblem("row 1", "A column external_id or email is needed, by which people are known again.")
    if not table.rows:
        yield FieldProblem("row 2", "The list has headings and no rows.")


def _known(session: Session, study: Study) -> _Known:
    regions: dict[str, Region] = {}
    statement = select(Region).where(Region.study_id == study.id).options(selectinload(Region.texts))
    for region in session.scalars(statement.order_by(Region.position, Region.id)):
        for name in (region.key, *(text.name for text in region.texts)):
            regions.setdefault(name.casefold(), region)
    instrument: Instrument = load(study.instrument_key, study.instrument_version)
    stakeholders: dict[str, int] = {}
    of_group: dict[str, list[tuple[str, int]]] = {}
    question = next(each for each in instrument.profile if each.code == STAKEHOLDER)
    for option in question.options:
        stakeholders |= {option.key.casefold(): option.code, str(option.code): option.code}
        if option.group:
            of_group.setdefault(option.group.casefold(), []).append((option.key, option.code))
    ambiguous = {}
    for group, members in of_group.items():
        if len(members) == 1:
            stakeholders[group] = members[0][1]
        else:
            ambiguous[group] = " or ".join(key for key, _ in members)
    return _Known(regions, stakeholders, ambiguous, tuple(study.languages))


def _entry(row: Row, known: _Known) -> tuple[Entry | None, list[tuple[str, str]]]:
    """What a row says, or every column that cannot be used and why."""
    values = {column: row.values.get(column, "").strip() for column in COLUMNS}
    wrong: list[tuple[str, str]] = []
    identity = Identity(**{name: values[name] for name in ("name", "organisation", "email", "phone")})
    try:
        identity = checked(identity)
    except BadFields as refusal:
        wrong += [(problem.field, problem.message) for problem in refusal.problems]
    if not values["external_id"] and not values["email"]:
        wrong.append(("external_id", "is empty, and so is email; one of them is needed."))
    if len(values["external_id"]) > LONGEST_ID or not values["external_id"].isprintable():
        wrong.append(("external_id", f"has more than {LONGEST_ID} characters, or some that cannot be printed."))
    region = known.regions.get(values["region"].casefold())
    if values["region"] and region is None:
        keys = sorted({each.key for each in known.regions.values()})
        wrong.append(("region", f"there is no region {values['region']!r}. There are: {', '.join(keys)}."))
    stakeholder, why = _stakeholder(values, known)
    wrong += why
    language = values["language"].lower()
    if language and language not in known.languages:
        wrong.append(("language", f"the study does not ask in {language!r}. It does in: {', '.join(known.languages)}."))
    if values["timezone"] and values["timezone"] not in available_timezones():
        wrong.append(("timezone", f"{values['timezone']!r} is no time zone such as Europe/Rome."))
    if wrong:
        return None, wrong
    usual = region.default_language if region is not None and region.default_language in known.languages else ""
    region_id = region.id if region is not None else None
    timezone = values["timezone"] or None
    return Entry(row.number, values["external_id"], identity, region_id, stakeholder, language or usual, timezone), []


def _stakeholder(values: Mapping[str, str], known: _Known) -> tuple[int | None, list[tuple[str, str]]]:
    """The kind of organisation; of type and group the type is more exact."""
    column = "stakeholder_type" if values["stakeholder_type"] else "stakeholder_group"
    word = values[column].casefold()
    if not word:
        return None, []
    if word in known.ambiguous:
        message = f"{values[column]!r} has several types; write {known.ambiguous[word]} in stakeholder_type."
        return None, [(column, message)]
    if word not in known.stakeholders:
        names = ", ".join(sorted(name.upper() for name in known.stakeholders if not name.isdigit()))
        return None, [(column, f"there is no {values[column]!r}. There are: {names}.")]
    return known.stakeholders[word], []


def _repeated(entries: list[Entry]) -> Iterator[FieldProblem]:
    """The same person in two rows: nobody could say which of them is right."""
    seen: dict[tuple[str, str], int] = {}
    for entry in entries:
        column = "external_id" if entry.external_id else "email"
        value = entry.external_id or entry.identity.email.lower()
        if (column, value) in seen:
            message = f"Row {entry.row}, {column}: {value!r} stands in row {seen[column, value]} already."
            yield FieldProblem(f"row {entry.row}", message)
        seen.setdefault((column, value), entry.row)


class _Directory:
    """The contacts that are known already, found by external_id and by address."""

    def __init__(self, session: Session, seal: Seal, study: Study) -> None:
        self._seal = seal
        self._by_id: dict[str, Pair] = {}
        self._by_print: dict[bytes, list[Pair]] = {}
        rows = session.execute(
            select(Contact, Respondent)
            .join(Respondent, Respondent.id == Contact.respondent_id)
            .where(Contact.study_id == study.id)
            .order_by(Respondent.number)
        )
        for row in rows:
            pair = (row.Contact, row.Respondent)
            if row.Contact.external_id is not None:
                self._by_id[row.Contact.external_id] = pair
            if row.Contact.email_print is not None:
                self._by_print.setdefault(row.Contact.email_print, []).append(pair)

    def match(self, entry: Entry) -> list[Pair]:
        """Who of the known a row is about: one, nobody, or several who cannot be told apart."""
        if entry.external_id:
            return [self._by_id[entry.external_id]] if entry.external_id in self._by_id else []
        same = self._by_print.get(self._seal.print_of(entry.identity.email.lower()), [])
        return [pair for pair in same if pair[0].external_id is None] or same


def _enrolled(session: Session, seal: Seal, study: Study, entries: list[Entry], now: datetime) -> tuple[int, ...]:
    """Make respondents of new people; gives their numbers. All at once: while the list is taken in, nobody can save."""
    if not entries:
        return ()
    first = next_number(session, study)
    respondents = [
        Respondent(
            id=SECURE.new_id(),
            study_id=study.id,
            number=number,
            region_id=entry.region_id,
            stakeholder=entry.stakeholder,
            language=entry.language or study.languages[0],
            created_at=now,
        )
        for number, entry in enumerate(entries, first)
    ]
    session.add_all(respondents)
    session.flush()
    for respondent, entry in zip(respondents, entries, strict=True):
        contact = Contact(respondent_id=respondent.id, study_id=study.id, created_at=now)
        _write(seal, contact, entry, entry.identity, now)
        session.add(contact)
    session.flush()
    return tuple(respondent.number for respondent in respondents)


def _update(seal: Seal, entry: Entry, known: Pair, now: datetime) -> tuple[bool, int]:
    """Keep what a row says of somebody who is known. Gives whether that is new, and the respondent's number."""
    contact, respondent = known
    was = opened(seal, contact)
    identity = Identity(
        **{field.name: getattr(entry.identity, field.name) or getattr(was, field.name) for field in fields(Identity)}
    )
    believed = {
        "region_id": entry.region_id or respondent.region_id,
        "stakeholder": entry.stakeholder or respondent.stakeholder,
        "language": entry.language or respondent.language,
    }
    is_same = (
        identity == was
        and entry.timezone in {None, contact.timezone}
        and all(getattr(respondent, name) == value for name, value in believed.items())
    )
    if is_same:
        return False, respondent.number
    for name, value in believed.items():
        setattr(respondent, name, value)
    _write(seal, contact, entry, identity, now)
    return True, respondent.number


def _write(seal: Seal, contact: Contact, entry: Entry, identity: Identity, now: datetime) -> None:
    write(seal, contact, identity, now=now, external_id=entry.external_id or None, timezone=entry.timezone)


def _shared_addresses(session: Session, study: Study) -> Iterator[str]:
    """Two contacts with one address are allowed, as in an office; but perhaps they are one person."""
    rows = session.execute(
        select(Contact.email_print, Respondent.number)
        .join(Respondent, Respondent.id == Contact.respondent_id)
        .where(Contact.study_id == study.id)
        .order_by(Respondent.number)
    )
    numbers: dict[bytes, list[int]] = {}
    for email_print, number in rows:
        if email_print is not None:
            numbers.setdefault(email_print, []).append(number)
    for same in numbers.values():
        if len(same) > 1:
            yield f"Respondents {', '.join(map(str, same))} have the same e-mail address."
