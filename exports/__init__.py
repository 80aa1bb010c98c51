"""What many evaluations say, and the files that say it: statistics, tables, the Excel workbook.

Pure: no web, no database. The door in is a `Dataset`; `python -m exports` takes one from a file.
"""

from exports.building import Tables, build_tables
from exports.dataset import MODES, Dataset
from exports.dispositions import (
    DISPOSITIONS,
    Disposition,
    Event,
    Symbol,
    disposition,
    final_code,
    interview_code,
)
from exports.editions import Edition, ExportRefused, require_available
from exports.files import read_dataset, write_dataset
from exports.provenance import PERCEIVED, Provenance, provenance, simulated_warning
from exports.quality import (
    EvaluationFlags,
    InterviewFlags,
    StraightLining,
    evaluation_flags,
    interview_flags,
    items_to_review,
)
from exports.rates import Rates, rates, rates_by_group, tally
from exports.records import DatasetError, Group, Interview, Place, Practice, Region, Study
from exports.result_tables import clipped
from exports.results import HOME_NOT_ASKED, VERDICT_CODES, Cell, Results, results, suppressed
from exports.scores import RS5, RS10, Scores, rating_scores, scores
from exports.statistics import EqualGroups, Mean, Quartiles, Share
from exports.tables import Column, ColumnType, Table, Value
from exports.versions import Layout, Version, layout
from exports.workbook import TEXTS, CellError, TextRow, unescape, write_text_sheet, write_workbook

__all__ = [
    "DISPOSITIONS",
    "HOME_NOT_ASKED",
    "MODES",
    "PERCEIVED",
    "RS5",
    "RS10",
    "TEXTS",
    "VERDICT_CODES",
    "Cell",
    "CellError",
    "Column",
    "ColumnType",
    "Dataset",
    "DatasetError",
    "Disposition",
    "Edition",
    "EqualGroups",
    "EvaluationFlags",
    "Event",
    "ExportRefused",
    "Group",
    "Interview",
    "InterviewFlags",
    "Layout",
    "Mean",
    "Place",
    "Practice",
    "Provenance",
    "Quartiles",
    "Rates",
    "Region",
    "Results",
    "Scores",
    "Share",
    "StraightLining",
    "Study",
    "Symbol",
    "Table",
    "Tables",
    "TextRow",
    "Value",
    "Version",
    "build_tables",
    "clipped",
    "disposition",
    "evaluation_flags",
    "final_code",
    "interview_code",
    "interview_flags",
    "items_to_review",
    "layout",
    "provenance",
    "rates",
    "rates_by_group",
    "rating_scores",
    "read_dataset",
    "require_available",
    "results",
    "scores",
    "simulated_warning",
    "suppressed",
    "tally",
    "unescape",
    "write_dataset",
    "write_text_sheet",
    "write_workbook",
]
