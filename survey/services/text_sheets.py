"""A study's texts as a spreadsheet for translators: out, and back in whole or not at all."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import BinaryIO, Final

from sqlalchemy.orm import Session

from exports import TEXTS, CellError, TextRow, write_text_sheet
from instruments import Problem, clean_text
from survey.models import Study, StudyState
from survey.services import reading_sheets
from survey.services.errors import BadFields, FieldProblem, NotAllowed
from survey.services.reading_sheets import Sheet
from survey.services.wording import (
    ALWAYS_IN_ENGLISH,
    Change,
    MissingText,
    Text,
    missing_among,
    texts_of,
    with_changes,
)
from survey.texts import LANGUAGES, language_name, placeholders

KEY: Final = "key"
CONTEXT: Final = "context"
COLUMNS: Final = (KEY, CONTEXT, *LANGUAGES)


class SheetFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


def export_texts(session: Session, study: Study, format: SheetFormat, file: BinaryIO) -> int:  # noqa: A002 (as in `exporting`)
    """Write every text of the study to an open file; gives how many. NotAllowed when one does not fit into a cell."""
    rows = tuple(_rows(texts_of(session, study), study.languages))
    if format is SheetFormat.CSV:
        _write_csv(rows, file)
        return len(rows)
    try:
        write_text_sheet(rows, file, title=f"Texts of {study.key}", columns=COLUMNS, guide=_guide(study))
    except CellError as error:
        raise NotAllowed(f"{error} Take the CSV file.") from error
    return len(rows)


def changes_in(session: Session, study: Study, content: bytes, format: SheetFormat) -> tuple[Change, ...]:  # noqa: A002
    """What a sheet that came back would change; `wording.set_texts` does it. Rows and languages left out stay.

    BadFields with every cell that cannot be taken, and why; nothing of a sheet is taken then.
    """
    read = reading_sheets.read_csv if format is SheetFormat.CSV else reading_sheets.read_workbook
    returned = _Returned(read(content, TEXTS), texts_of(session, study))
    returned.read()
    returned.require_needed(study)
    if returned.problems:
        raise BadFields(returned.problems)
    return tuple(returned.changes)


def _rows(texts: Sequence[Text], languages: Sequence[str]) -> Iterator[TextRow]:
    missing = {(each.key, each.language) for each in missing_among(texts, languages)}
    for text in texts:
        wanted = frozenset(language for language in LANGUAGES if (text.key, language) in missing)
        yield TextRow((text.key, text.context, *(text.values.get(each, "") for each in LANGUAGES)), wanted)


def _write_csv(rows: Sequence[TextRow], file: BinaryIO) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(row.cells for row in rows)
    # Without the mark Excel takes the file for one of its own old alphabets.
    file.write(written.getvalue().encode("utf-8-sig"))


def _guide(study: Study) -> tuple[tuple[str, str], ...]:
    offered = ", ".join(language_name(language) for language in study.languages)
    return (
        ("What this is", f"Every text of the study {study.key} that its respondents read, one text a row."),
        (
            "Where to write",
            "In the columns of the languages. Leave the column key as it is: it says which text a row is.",
        ),
        ("Which languages", f"Respondents can choose: {offered}. The columns of other languages may stay empty."),
        ("Tinted cells", "These texts are needed and not there yet. The study opens when they are."),
        ("Practices", "Title and summary go together. Where one is missing, respondents read the original and a note."),
        ("As it is typed", "Texts are shown as they stand here. Names in braces, {like_this}, are not replaced."),
        (
            "Cells",
            "All cells are text. Formulas, numbers, dates and merged cells are refused on the way back.",
        ),
        ("Emptied cells", "An emptied cell empties its text. Rows and columns that are left out change nothing."),
        ("Sending it back", f"survey study import-texts {study.key} FILE --dry-run says what would change."),
    )


def _columns(sheet: Sheet) -> Mapping[str, int]:
    """In which column each heading stands, from 1. BadFields with every heading that cannot be used."""
    headings = [heading.strip().lower() for heading in (sheet.rows[0] if sheet.rows else ())]
    problems = [
        FieldProblem(sheet.place(1, column), f"{sheet.place(1, column)}: {problem}")
        for column, heading in enumerate(headings, start=1)
        if heading and (problem := _heading_problem(heading, headings))
    ]
    if KEY not in headings or not set(headings) & set(LANGUAGES):
        expected = ", ".join(COLUMNS)
        problems.append(FieldProblem(KEY, f"The first row must name the columns: {expected}."))
    if problems:
        raise BadFields(problems)
    return {heading: column for column, heading in enumerate(headings, start=1) if heading}


def _heading_problem(heading: str, headings: Sequence[str]) -> str:
    if heading not in COLUMNS:
        return f"there is no column {heading!r}; there are {', '.join(COLUMNS)}."
    return f"the column {heading!r} stands here twice." if Counter(headings)[heading] > 1 else ""


class _Returned:
    """A sheet that came back, beside the texts as they are. changes: each with its cell. problems: all there are."""

    def __init__(self, sheet: Sheet, texts: Sequence[Text]) -> None:
        self.sheet = sheet
        self.texts = {text.key: text for text in texts}
        self.columns = _columns(sheet)
        self.problems = list(sheet.problems)
        self.changes: dict[Change, str] = {}
        self._unreadable = {problem.field for problem in sheet.problems}
        self._rows: dict[str, int] = {}

    def read(self) -> None:
        """Go through the rows under the headings. One without anything in it is no row."""
        for number, row in enumerate(self.sheet.rows[1:], start=2):
            if not any(cell.strip() for cell in row):
                continue
            problem = self._row_problem(number, row)
            if problem:
                self._note(self.sheet.place(number, self.columns[KEY]), problem)
                continue
            text = self.texts[self._key(row)]
            self._rows[text.key] = number
            for language in LANGUAGES:
                if language in self.columns:
                    self._take_cell(text, language, number, row)

    def require_needed(self, study: Study) -> None:
        """Note each change after which a text would be missing that nobody may miss."""
        lost = {
            MissingText(change.key, change.language)
            for change in self.changes
            if change.language == "en" and change.key in ALWAYS_IN_ENGLISH and not change.after.strip()
        }
        is_open = study.state is StudyState.OPEN
        if is_open:
            after = with_changes(self.texts.values(), self.changes)
            before = set(missing_among(self.texts.values(), study.languages))
            lost |= set(missing_among(after, study.languages)) - before
        places = {(change.key, change.language): place for change, place in self.changes.items()}
        for each in sorted(lost):
            place = places.get((each.key, each.language), self.sheet.name)
            when = " while the study is open" if is_open else ""
            self._note(place, f"{each.key} is needed in {language_name(each.language)}{when}.")

    def _key(self, row: Sequence[str]) -> str:
        return row[self.columns[KEY] - 1].strip() if len(row) >= self.columns[KEY] else ""

    def _row_problem(self, number: int, row: Sequence[str]) -> str:
        """What is wrong with a row as a whole; "" for nothing."""
        width = len(self.sheet.rows[0])
        if any(cell.strip() for cell in row[width:]):
            return f"a text stands beside the columns, in {self.sheet.place(number, width + 1)} or further."
        key = self._key(row)
        if not key:
            return "this row has texts but no key."
        if key in self._rows:
            return f"the key {key!r} stands in row {self._rows[key]} already."
        return "" if key in self.texts else f"the study has no text {key!r}."

    def _take_cell(self, text: Text, language: str, number: int, row: Sequence[str]) -> None:
        column = self.columns[language]
        place = self.sheet.place(number, column)
        if column <= len(row):
            self._take(text, language, row[column - 1], place)
        elif text.values.get(language):
            # Excel leaves out empty cells at the end of a CSV row; a file that was cut off looks the same.
            self._note(place, f"the row ends before this cell. To empty {text.key}, send the workbook.")

    def _take(self, text: Text, language: str, raw: str, place: str) -> None:
        wording = clean_text(raw)
        before = text.values.get(language, "")
        if wording == before or place in self._unreadable:
            return
        if isinstance(wording, Problem):
            self._note(place, "the text holds a control character, which cannot be shown; type it again.")
        elif len(wording) > text.longest:
            self._note(place, f"the text has {len(wording):,} characters; {text.longest:,} are the most.")
        elif placeholders(wording):
            braces = ", ".join(f"{{{name}}}" for name in sorted(placeholders(wording)))
            self._note(place, f"{braces} would be shown as it stands: nothing is filled in here.")
        else:
            self.changes[Change(text.key, language, before, wording)] = place

    def _note(self, place: str, message: str) -> None:
        self.problems.append(FieldProblem(place, f"{place}: {message}"))
