"""A second version of the shipped questionnaire, as a study might make one, for tests of both in one dataset."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from datasets import make_dataset, make_interview
from shelves import SCORING, STRUCTURE, TEXTS, Edit, folder_of, make_shelf

from exports import Dataset
from exports.versions import layout
from instruments import NOT_ANSWERED, NOT_ASSIGNED, Instrument, load, load_folder, settle

_WORDS = "item.TIME.question" + ",How long would it take in {region}?" * 8 + "\n"

ADDED: tuple[Edit, ...] = (
    (
        STRUCTURE,
        "\n  VERDICT:\n",
        "\n  TIME: {kind: scale, wording: item.TIME.question, answers: extent}\n  VERDICT:\n",
    ),
    (STRUCTURE, "LEGAL,\n  VERDICT, C1", "LEGAL, TIME,\n  VERDICT, C1"),
    (STRUCTURE, "questions: [COST, LEGAL]}", "questions: [COST, LEGAL, TIME]}"),
    (TEXTS, "VERDICT.question,", f"{_WORDS}VERDICT.question,"),
)
_SURE = (
    "  SURE:\n    kind: choice\n    wording: SURE.question\n    answers: {1: SURE.1, 2: SURE.2, 3: SURE.3}\n"
    "    show_if: not_here\n"
)
MOVED: tuple[Edit, ...] = (
    (STRUCTURE, f"{_SURE}  COMMENT", "  COMMENT"),
    (STRUCTURE, "\n  # The ten criteria.", f"{_SURE}\n  # The ten criteria."),
    (STRUCTURE, "FAM, EXIST, EXWORK,\n  NEED", "FAM, EXIST, EXWORK, SURE,\n  NEED"),
    (STRUCTURE, "E11, E90,\n  SURE,\n]", "E11, E90,\n]"),
    (STRUCTURE, "questions: [FAM, EXIST, EXWORK]}", "questions: [FAM, EXIST, EXWORK, SURE]}"),
    (STRUCTURE, "questions: [SURE, COMMENT]}", "questions: [COMMENT]}"),
)
FIT_REWORDED: Edit = (TEXTS, "\nitem.FIT.web,To what extent does it suit", "\nitem.FIT.web,How well does it suit")
EFF_REWORDED: Edit = (TEXTS, '\nitem.EFF.web,"If it was', '\nitem.EFF.web,"When it is')
VERDICT_REWORDED: Edit = (TEXTS, '\nVERDICT.question,"All in all', '\nVERDICT.question,"In short')
COMMENT_REWORDED: Edit = (TEXTS, "\ncomment.question,", "\ncomment.question,Please: ")
CHANGE_REWORDED: Edit = (TEXTS, "\nCHANGE.question,What would", "\nCHANGE.question,So what would")


def comparable(*codes: str) -> Edit:
    """The newer version declares these comparable with version 1."""
    return SCORING, "  already_here: 5", f"  already_here: 5\ncomparable: {{1: [{', '.join(codes)}]}}"


@lru_cache
def second_version(*edits: Edit) -> Instrument:
    """Version 2: TIME added, SURE moved, and these edits."""
    with TemporaryDirectory() as home:
        return load_folder(folder_of(make_shelf(Path(home), (*ADDED, *MOVED, *edits)), 2))


def row_of(instrument: Instrument, answers: Mapping[str, int], variant: str = "rq10") -> list[int]:
    """The code row of one evaluation in its own version."""
    codes = dict.fromkeys(instrument.columns, NOT_ANSWERED) | dict(answers)
    codes |= settle(instrument, variant, codes)
    return [codes[column] for column in instrument.columns]


def mixed_dataset(
    newest: Instrument,
    evaluations: Sequence[tuple[int, int, str, Mapping[str, int]]],
    texts: Sequence[Mapping[str, str]] | None = None,
    **changes: object,
) -> Dataset:
    """One interview per evaluation: (version, practice, variant, answers), all in one region. texts: as exported."""
    first = load("replicability", 1)
    empty = make_dataset(instrument=newest, older=(first,), codes=np.empty((0, width(first, newest)), np.int8))
    codes = np.full((len(evaluations), len(empty.columns)), NOT_ASSIGNED, np.int8)
    for row, (version, _, variant, answers) in enumerate(evaluations):
        instrument = {1: first, 2: newest}[version]
        codes[row, empty.layout.positions(version)] = row_of(instrument, answers, variant)
    return make_dataset(
        instrument=newest,
        older=(first,),
        interviews=[
            make_interview(f"interview-{row}", instrument_version=version, variant=variant, group=row % 3)
            for row, (version, _, variant, _) in enumerate(evaluations)
        ],
        codes=codes,
        practice=np.array([practice for _, practice, _, _ in evaluations], np.int32),
        interview=np.arange(len(evaluations), dtype=np.int32),
        texts=tuple({} for _ in evaluations) if texts is None else tuple(dict(words) for words in texts),
        **changes,
    )


def width(*versions: Instrument) -> int:
    """How many columns these versions have together."""
    return len(layout(versions[-1], versions[:-1]).columns)
