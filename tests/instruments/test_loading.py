"""Whatever is wrong with the three files is told at once, each with file, line and key."""

import pytest

from instruments import FileProblem, InstrumentError, load_folder, load_sources

Y, S, T = "instrument.yaml", "scoring.yaml", "texts.csv"

# One change each: file, what stands there, what stands there now, and every problem that follows.
BROKEN = {
    "a key twice": (
        *(Y, "  GOOD: {", "  HERE: {kind: text, wording: HERE, max_length: 5}\n  GOOD: {"),
        ["instrument.yaml:29 questions.HERE: this key stands here twice"],
    ),
    "an alias": (
        *(Y, "groups: {A: group.A, B: group.B}", "groups: {A: &a group.A, B: *a}"),
        [
            "instrument.yaml:19 groups.B: Input should be a valid string",
            "instrument.yaml:19 groups.B: aliases (*name) are not used here: write the value again",
        ],
    ),
    "an unknown key": (
        *(Y, "max_length: 10", "max_length: 10, length: 11"),
        ["instrument.yaml:33 questions.WHY_TEXT.length: length: Extra inputs are not permitted"],
    ),
    "a missing key": (
        *(Y, "kind: yes_no, ", ""),
        ["instrument.yaml:34 questions.ROW: kind: Field required"],
    ),
    "an unknown kind": (
        *(Y, "kind: yes_no", "kind: slider"),
        ["instrument.yaml:34 questions.ROW.kind: Input should be 'scale', 'choice', 'yes_no', 'multi' or 'text'"],
    ),
    "words instead of a number": (
        *(Y, "max_choices: 1", 'max_choices: "1"'),
        ["instrument.yaml:32 questions.WHY.max_choices: Input should be a valid integer"],
    ),
    "an unknown mode": (
        *(Y, "{web: HARD, phone", "{fax: HARD, phone"),
        [
            "instrument.yaml:30 questions.HARD.wording: Input should be a valid string",
            "instrument.yaml:30 questions.HARD.wording.fax: Input should be 'web' or 'phone'",
        ],
    ),
    "a language twice": (
        *(Y, "[en, it]", "[en, it, it]"),
        ["instrument.yaml:4 languages: it stands here twice", "texts.csv:1 : the first line must be: key,en,it,it"],
    ),
    "no English": (
        *(Y, "[en, it]", "[it]"),
        [
            "instrument.yaml:4 languages: English (en) is missing: it is the wording that a version is known by",
            "texts.csv:1 : the first line must be: key,it",
        ],
    ),
    "a language without texts": (
        *(Y, "[en, it]", "[en, it, fr]"),
        ["texts.csv:1 : the first line must be: key,en,it,fr"],
    ),
    "a missing code without a text": (
        *(Y, "  -3: {text: not_reached}\n", "  -4: {text: not_reached}\n"),
        [
            "instrument.yaml:5 missing: the code -3 has no text",
            "instrument.yaml:11 missing.-4: this is none of the missing codes 77, 88, 99, -1, -2, -3",
        ],
    ),
    "a missing code that cannot be shown": (
        *(Y, "{text: routed}", "{text: routed, shown: [web]}"),
        ["instrument.yaml:10 missing.-2: only 77, 88 and 99 can be shown as answers"],
    ),
    "no words for nothing ticked": (
        *(Y, "nothing_ticked: answer.none\n", ""),
        [
            "instrument.yaml:2 nothing_ticked: a question of the kind multi needs words for an answer without a tick",
            "texts.csv:34 answer.none: nothing in instrument.yaml uses this text",
        ],
    ),
    "words for nothing ticked without need": (
        *(
            Y,
            "kind: multi, wording: WHY, answers: {W1: WHY.1, W9: other}, max_choices: 1",
            "kind: text, wording: WHY, max_length: 5",
        ),
        [
            "instrument.yaml:12 nothing_ticked: there is no question of the kind multi",
            "instrument.yaml:33 questions.WHY_TEXT.show_if: the condition looks at W9, which is no column",
            "instrument.yaml:35 columns: no question is stored in W1",
            "instrument.yaml:35 columns: no question is stored in W9",
            "texts.csv:26 WHY.1: nothing in instrument.yaml uses this text",
            "texts.csv:27 other: nothing in instrument.yaml uses this text",
        ],
    ),
    "a list that nothing uses": (
        *(Y, "conditions:", "  more:\n    options: {1: yes}\nconditions:"),
        ["instrument.yaml:17 answers.more: no question uses this"],
    ),
    "a condition that nothing uses": (
        *(Y, "groups: {A", "  never: {HERE: {is_one_of: [1]}}\ngroups: {A"),
        ["instrument.yaml:19 conditions.never: no question uses this"],
    ),
    "an unknown list": (
        *(Y, "GOOD, answers: grade", "GOOD, answers: grades"),
        ["instrument.yaml:29 questions.GOOD.answers: there is no list of answers 'grades'"],
    ),
    "an unknown condition": (
        *(Y, "missing: [99], show_if: not_here", "missing: [99], show_if: not_there"),
        ["instrument.yaml:30 questions.HARD.show_if: there is no condition 'not_there'"],
    ),
    "no answers": (
        *(Y, "wording: ROW, answers: {1: yes, 0: no}", "wording: ROW"),
        ["instrument.yaml:34 questions.ROW: a question of the kind yes_no needs answers"],
    ),
    "a text with all that a text cannot have": (
        *(Y, "max_length: 10", "answers: {1: yes}, missing: [88], required: true, max_choices: 1"),
        [
            "instrument.yaml:33 questions.WHY_TEXT: a question of the kind text has neither answers nor missing codes",
            "instrument.yaml:33 questions.WHY_TEXT: a question of the kind text needs max_length",
            "instrument.yaml:33 questions.WHY_TEXT.max_choices: only a question of the kind multi has max_choices",
            "instrument.yaml:33 questions.WHY_TEXT.required: a text is never required: nothing to say is an answer too",
        ],
    ),
    "a text with missing codes only": (
        *(Y, "max_length: 10", "missing: [88], max_length: 10"),
        ["instrument.yaml:33 questions.WHY_TEXT: a question of the kind text has neither answers nor missing codes"],
    ),
    "ticks with all that ticks cannot have": (
        *(Y, "max_choices: 1", "max_choices: 3, missing: [88], max_length: 5"),
        [
            "instrument.yaml:32 questions.WHY.max_choices: there are only 2 answers",
            "instrument.yaml:32 questions.WHY.max_length: only a question of the kind text has max_length",
            (
                "instrument.yaml:32 questions.WHY.missing: "
                "a question of the kind multi has no missing codes: nothing ticked is an answer"
            ),
        ],
    ),
    "ticks that are no columns": (
        *(Y, "{W1: WHY.1, W9: other}", "{W1: {text: WHY.1}, W9: other, 3: yes, w4: yes, W_5: yes, Ä6: yes}"),
        [
            "instrument.yaml:32 questions.WHY.answers.3: an answer of the kind multi is named like a column: C1",
            "instrument.yaml:32 questions.WHY.answers.W1: an answer of the kind multi has a text key and nothing else",
            "instrument.yaml:32 questions.WHY.answers.W_5: an answer of the kind multi is named like a column: C1",
            "instrument.yaml:32 questions.WHY.answers.w4: an answer of the kind multi is named like a column: C1",
            "instrument.yaml:32 questions.WHY.answers.Ä6: an answer of the kind multi is named like a column: C1",
            "instrument.yaml:35 columns: 3 is missing",
            "instrument.yaml:35 columns: W_5 is missing",
            "instrument.yaml:35 columns: w4 is missing",
            "instrument.yaml:35 columns: Ä6 is missing",
        ],
    ),
    "codes that fit no byte or are no numbers": (
        *(
            Y,
            "wording: END, answers: {1: yes, 2: no, 3: here}",
            "wording: END, answers: {1: yes, 2: no, 3: here, 128: no, -4: no, N: no}",
        ),
        [
            "instrument.yaml:31 questions.END.answers.-4: a code is a whole number from 0 to 127",
            "instrument.yaml:31 questions.END.answers.128: a code is a whole number from 0 to 127",
            "instrument.yaml:31 questions.END.answers.N: a code is a whole number from 0 to 127",
        ],
    ),
    "missing codes as answers": (
        *(
            Y,
            "wording: END, answers: {1: yes, 2: no, 3: here}",
            "wording: END, answers: {1: yes, 2: no, 3: here, 88: no}",
        ),
        ["instrument.yaml:31 questions.END.answers.88: 88 is a missing code and cannot be an answer"],
    ),
    "two answers with one key": (
        *(Y, "{key: W2, ", "{key: W1, "),
        ["instrument.yaml:24 profile.WHO.answers: two answers have the key W1"],
    ),
    "an answer with the key of a missing code": (
        *(Y, "wording: WHO\n", "wording: WHO\n    missing: [88]\n    required: true\n"),
        [],
    ),
    "a yes_no question with other answers": (
        *(Y, "{1: yes, 0: no}", "{1: yes, 2: no}"),
        ["instrument.yaml:34 questions.ROW.answers: a question of the kind yes_no has the answers 1 and 0"],
    ),
    "a scale of one point": (
        *(Y, "{1: grade.1, 2: grade.2, 3: grade.3}", "{3: grade.3}"),
        [
            "instrument.yaml:29 questions.GOOD.answers: a scale has at least two points",
            "instrument.yaml:30 questions.HARD.answers: a scale has at least two points",
            "texts.csv:9 grade.1: nothing in instrument.yaml uses this text",
            "texts.csv:10 grade.2: nothing in instrument.yaml uses this text",
        ],
    ),
    "a missing code that nobody gives, and one twice": (
        *(Y, "missing: [77, 88]", "missing: [77, 77, -1]"),
        [
            "instrument.yaml:28 questions.HERE.missing: -1 cannot be given as an answer; only 77, 88 and 99 can",
            "instrument.yaml:28 questions.HERE.missing: 77 stands here twice",
        ],
    ),
    "a wording for an unknown variant": (
        *(Y, "wording: ROW,", "wording: ROW, wording_in: {brief: {web: ROW}},"),
        ["instrument.yaml:34 questions.ROW.wording_in.brief: there is no such variant"],
    ),
    "a skip code that is no answer": (
        *(Y, "when_skipped: 3", "when_skipped: 4"),
        ["instrument.yaml:31 questions.END.when_skipped: 4 is none of the answers"],
    ),
    "a skip code without a condition": (
        *(Y, "show_if: not_here, when_skipped: 3", "when_skipped: 3"),
        [
            (
                "instrument.yaml:31 questions.END.when_skipped: "
                "only a question with one code and a condition has when_skipped"
            )
        ],
    ),
    "a skip code for ticks": (
        *(Y, "max_choices: 1", "max_choices: 1, when_skipped: 1"),
        [
            (
                "instrument.yaml:32 questions.WHY.when_skipped: "
                "only a question with one code and a condition has when_skipped"
            )
        ],
    ),
    "a skip code that nothing could tell from an answer": (
        *(Y, "required: true, show_if: not_here}", "required: true}"),
        [
            (
                "instrument.yaml:31 questions.END.when_skipped: "
                "in the variant short no other question has the same condition"
            )
        ],
    ),
    "a profile question with the name of a question": (
        *(Y, "  WHO:\n", "  HERE:\n"),
        ["instrument.yaml:21 profile.HERE: a question about practices has this name already"],
    ),
    "a profile question with a condition, and of a kind that profiles do not have": (
        *(
            Y,
            "questions:\n  HERE",
            "  SAY: {kind: text, wording: WHO, max_length: 9, show_if: not_here}\nquestions:\n  HERE",
        ),
        [
            "instrument.yaml:27 profile.SAY: a question of the profile is always asked",
            "instrument.yaml:27 profile.SAY: the profile has no questions of the kind text",
        ],
    ),
    "a profile answer without a group, and one with an unknown group": (
        *(Y, "2: {key: W2, text: WHO.2, group: B}", "2: {text: WHO.2, group: C}\n      3: WHO.2"),
        [
            "instrument.yaml:26 profile.WHO.answers.2: there is no group 'C'",
            "instrument.yaml:27 profile.WHO.answers.3: this answer belongs to no group",
        ],
    ),
    "two questions that sort people into groups": (
        *(
            Y,
            "questions:\n  HERE",
            "  TOO: {kind: choice, wording: WHO, answers: {1: {text: yes, group: A}}}\nquestions:\n  HERE",
        ),
        ["instrument.yaml:20 profile: only one question of the profile can sort people into groups"],
    ),
    "a column that two questions would use": (
        *(Y, "{W1: WHY.1,", "{HERE: WHY.1,"),
        [
            "instrument.yaml:27 questions: two questions or answers would be stored in the column HERE",
            "instrument.yaml:35 columns: no question is stored in W1",
        ],
    ),
    "columns that are missing, doubled or too many": (
        *(Y, "columns: [HERE, GOOD,", "columns: [HERE, HERE, BAD,"),
        [
            "instrument.yaml:35 columns: GOOD is missing",
            "instrument.yaml:35 columns: HERE stands here twice",
            "instrument.yaml:35 columns: no question is stored in BAD",
        ],
    ),
    "columns in another order": (
        *(Y, "[HERE, GOOD, HARD, END, W1", "[HERE, HARD, GOOD, END, W1"),
        ["instrument.yaml:35 columns: the order is not that of the questions: HARD stands where GOOD belongs"],
    ),
    "a condition that looks forward": (
        *(Y, "{HERE: {is_none_of: [1]}}", "{END: {is_none_of: [1]}}"),
        [
            (
                "instrument.yaml:29 questions.GOOD.show_if: "
                "the condition looks forward: END is asked later, or is the question itself"
            ),
            (
                "instrument.yaml:30 questions.HARD.show_if: "
                "the condition looks forward: END is asked later, or is the question itself"
            ),
            (
                "instrument.yaml:31 questions.END.show_if: "
                "the condition looks forward: END is asked later, or is the question itself"
            ),
        ],
    ),
    "a condition on a code that the column never has": (
        *(Y, "{END: {is_one_of: [2]}}", "{END: {is_one_of: [2, 4, 88]}}"),
        [
            "instrument.yaml:32 questions.WHY.show_if.END: 4 is none of its codes",
            "instrument.yaml:32 questions.WHY.show_if.END: 88 is none of its codes",
        ],
    ),
    "a condition with two tests": (
        *(Y, "{END: {is_answered: true}}", "{END: {is_answered: true, is_one_of: [1]}}"),
        [
            (
                "instrument.yaml:34 questions.ROW.show_if.END: "
                "exactly one of is_one_of, is_none_of and is_answered belongs here"
            )
        ],
    ),
    "a condition without a test": (
        *(Y, "{END: {is_answered: true}}", "{END: {}}"),
        [
            (
                "instrument.yaml:34 questions.ROW.show_if.END: "
                "exactly one of is_one_of, is_none_of and is_answered belongs here"
            )
        ],
    ),
    "a question in no step": (
        *(Y, "      - {key: rows, questions: [ROW]}\n", ""),
        ["instrument.yaml:36 steps: the question ROW stands in no step"],
    ),
    "a question in two places, and one that is not there": (
        *(Y, "questions: [ROW]", "questions: [ROW, GOOD, BAD]"),
        [
            "instrument.yaml:36 steps: the question GOOD stands in two places",
            "instrument.yaml:45 steps.1.blocks.1.questions: there is no question 'BAD'",
        ],
    ),
    "questions in another order": (
        *(Y, "[HERE, GOOD, HARD]}", "[HERE, HARD, GOOD]}"),
        ["instrument.yaml:36 steps: the order of the questions differs from that under 'questions'"],
    ),
    "two steps and two blocks with one key": (
        *(
            Y,
            "  - key: second\n    title: second\n    blocks:\n      - {key: second,",
            "  - key: first\n    title: second\n    blocks:\n      - {key: first,",
        ),
        [
            "instrument.yaml:36 steps: two blocks have the key first",
            "instrument.yaml:36 steps: two steps have the key first",
        ],
    ),
    "last rows of a block in fixed order": (
        *(Y, "questions: [ROW]", "questions: [ROW], last: [ROW]"),
        ["instrument.yaml:45 steps.1.blocks.1.last: here belong the last rows of a shuffled block, in their order"],
    ),
    "last rows that are not last": (
        *(Y, "{key: first, questions:", "{key: first, order: shuffled, last: [GOOD], questions:"),
        ["instrument.yaml:40 steps.0.blocks.0.last: here belong the last rows of a shuffled block, in their order"],
    ),
    "a variant that leaves out what is not there, or twice": (
        *(Y, "leaves_out: [HARD, ROW]", "leaves_out: [HARD, ROW, ROW, BAD]"),
        [
            "instrument.yaml:48 variants.short.leaves_out: ROW stands here twice",
            "instrument.yaml:48 variants.short.leaves_out: there is no question 'BAD'",
        ],
    ),
    "a variant without the question that another depends on": (
        *(Y, "leaves_out: [HARD, ROW]", "leaves_out: [HARD, WHY]"),
        ["instrument.yaml:48 variants.short.leaves_out: WHY_TEXT depends on W9, which is left out"],
    ),
    "a text key that is not there": (
        *(Y, "phone: HARD.phone", "phone: HARD.fone"),
        [
            "instrument.yaml:30 questions.HARD.wording.phone: there is no text 'HARD.fone'",
            "texts.csv:22 HARD.phone: nothing in instrument.yaml uses this text",
        ],
    ),
    "scale items that are not there, doubled, or no scales": (
        *(S, "[GOOD, HARD], minimum_answered: 1", "[GOOD, GOOD, BAD, END], minimum_answered: 5"),
        [
            "scoring.yaml:3 scales.LONG.items: END is of the kind choice, not a scale",
            "scoring.yaml:3 scales.LONG.items: GOOD stands here twice",
            "scoring.yaml:3 scales.LONG.items: there is no question 'BAD'",
            "scoring.yaml:3 scales.LONG.minimum_answered: there are only 4 items",
            "scoring.yaml:5 reversed: HARD is an item of no scale",
            "scoring.yaml:6 weights.HARD: this is an item of no scale",
        ],
    ),
    "a scale of an unknown variant": (
        *(S, "variant: short", "variant: brief"),
        [
            "scoring.yaml:2 scales: the variant short has no scale",
            "scoring.yaml:4 scales.SHORT.variant: there is no variant 'brief'",
        ],
    ),
    "two scales of one variant": (
        *(S, "variant: short", "variant: long"),
        [
            "scoring.yaml:2 scales: the variant short has no scale",
            "scoring.yaml:2 scales: two scales are the score of the variant long",
        ],
    ),
    "a scale with an item that its variant does not ask": (
        *(S, "{items: [GOOD], min", "{items: [GOOD, HARD], min"),
        ["scoring.yaml:4 scales.SHORT.items: HARD is not asked in the variant short"],
    ),
    "an item reversed twice": (*(S, "[HARD]\n", "[HARD, HARD]\n"), ["scoring.yaml:5 reversed: HARD stands here twice"]),
    "weights that are none": (
        *(S, "{GOOD: 3/2, HARD: 1}", "{GOOD: 0/2, HARD: -1.5}"),
        [
            "scoring.yaml:6 weights.GOOD: a weight is more than 0",
            "scoring.yaml:6 weights.HARD: a weight is more than 0",
        ],
    ),
    "a weight that is no number": (
        *(S, "GOOD: 3/2", "GOOD: 3/0"),
        ["scoring.yaml:6 weights.GOOD: Input should be a valid number"],
    ),
    "a weight without end": (
        *(S, "GOOD: 3/2", "GOOD: 1e999"),
        ["scoring.yaml:6 weights.GOOD: Input should be a finite number"],
    ),
    "stop flags that are not there": (
        *(S, "{HARD: 3}", "{HARD: 4, BAD: 1}"),
        [
            "scoring.yaml:7 stop_flags.BAD: there is no such question",
            "scoring.yaml:7 stop_flags.HARD: 4 is none of its answers",
        ],
    ),
    "a verdict that is not asked": (
        *(S, "question: END", "question: WHY"),
        ["scoring.yaml:9 verdict.question: there is no question 'WHY' with one answer of several"],
    ),
    "a verdict that is not there": (
        *(S, "question: END", "question: BAD"),
        ["scoring.yaml:9 verdict.question: there is no question 'BAD' with one answer of several"],
    ),
    "verdict scores out of range": (
        *(S, "{1: 100, 2: 0}", "{1: 100.5, 2: -1, 4: 0}"),
        [
            "scoring.yaml:10 verdict.scores.1: a score is from 0 to 100",
            "scoring.yaml:10 verdict.scores.2: a score is from 0 to 100",
            "scoring.yaml:10 verdict.scores.4: 4 is none of its answers",
        ],
    ),
    "verdict flags outside each other": (
        *(S, "strict: [1]\n  broad: [1]", "strict: [1, 2]\n  broad: [1, 3]"),
        [
            "scoring.yaml:11 verdict.strict: 2 is not in broad",
            "scoring.yaml:12 verdict.broad: 3 is not in scores",
        ],
    ),
    "already here with a score": (
        *(S, "already_here: 3", "already_here: 2"),
        ["scoring.yaml:13 verdict.already_here: 2 must be an answer without a score"],
    ),
    "already here that is no answer": (
        *(S, "already_here: 3", "already_here: 88"),
        ["scoring.yaml:13 verdict.already_here: 88 must be an answer without a score"],
    ),
    "a number as a version": (
        *(S, 'version: "7"', "version: 7"),
        ["scoring.yaml:1 version: Input should be a valid string"],
    ),
    "a text without its translation": (
        *(T, "Italiano HERE\n", "\n"),
        ["texts.csv:17 HERE: it is empty"],
    ),
    "a text of spaces, and one with spaces around": (
        *(T, "English HERE,Italiano HERE", " English HERE,\xa0"),
        ["texts.csv:17 HERE: en begins or ends with a space", "texts.csv:17 HERE: it is empty"],
    ),
    "a key twice in the texts": (
        *(T, "GOOD,Is", "GOOD,Old {practice} {region},Vecchio {practice} {region}\nGOOD,Is"),
        ["texts.csv:21 GOOD: this key stands here twice"],
    ),
    "a text without a key": (
        *(T, "thanks,English thanks", ",English thanks"),
        [
            "instrument.yaml:49 other_texts.0: there is no text 'thanks'",
            "texts.csv:35 : nothing in instrument.yaml uses this text",
            "texts.csv:35 : the key is missing",
        ],
    ),
    "too many cells": (
        *(T, "Italiano HERE\n", "Italiano HERE,Deutsch\n"),
        ["texts.csv:17 HERE: 4 cells instead of 3"],
    ),
    "too few cells": (
        *(T, "English HERE,Italiano HERE\n", "English HERE\n"),
        ["texts.csv:17 HERE: 2 cells instead of 3"],
    ),
    "a placeholder lost in translation": (
        *(T, "In {region}: {practice}", "In {region}"),
        ["texts.csv:20 GOOD: it has not the same placeholders as English"],
    ),
    "a placeholder once more in translation": (
        *(T, "In {region}: {practice}", "In {region}: {practice} {practice}"),
        ["texts.csv:20 GOOD: it has not the same placeholders as English"],
    ),
    "an unknown placeholder and a lone brace": (
        *(T, "In {region}: {practice}", "In {regione}: {practice}} {}"),
        [
            "texts.csv:20 GOOD: it has '{regione}'; known are {region}, {origin} and {practice}",
            "texts.csv:20 GOOD: it has '{}'; known are {region}, {origin} and {practice}",
            "texts.csv:20 GOOD: it has '}'; known are {region}, {origin} and {practice}",
            "texts.csv:20 GOOD: it has not the same placeholders as English",
        ],
    ),
    "a control character": (
        *(T, "Italiano HERE", "Italiano\x0bHERE"),
        ["texts.csv:17 HERE: it has a control character in it"],
    ),
    "an unused text": (
        *(T, "thanks,English", "left.over,Over,Avanzo\nthanks,English"),
        ["texts.csv:35 left.over: nothing in instrument.yaml uses this text"],
    ),
    "another first line": (
        *(T, "key,en,it\n", "id,en,it\n"),
        ["texts.csv:1 : the first line must begin with: key,en"],
    ),
    "languages in another order": (
        *(T, "key,en,it\n", "key,en,de\n"),
        ["texts.csv:1 : the first line must be: key,en,it"],
    ),
    "an open quotation mark": (
        *(T, "thanks,English", 'thanks,"English'),
        [
            "instrument.yaml:49 other_texts.0: there is no text 'thanks'",
            "texts.csv:35 : this is not CSV: unexpected end of data",
        ],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_questionnaire_says_what_is_wrong_and_where(change, problems_of, name):
    file, old, new, problems = BROKEN[name]

    folder = change(file, old, new)

    if problems:
        assert problems_of(folder) == problems
    else:
        assert load_folder(folder).key == "tiny"


def test_the_problems_of_all_three_files_are_told_at_once(change, problems_of):
    change(Y, "phone: HARD.phone", "phone: HARD.fone")
    change(S, "already_here: 3", "already_here: 2")
    folder = change(T, "Italiano HERE\n", "\n")

    assert problems_of(folder) == [
        "instrument.yaml:30 questions.HARD.wording.phone: there is no text 'HARD.fone'",
        "scoring.yaml:13 verdict.already_here: 2 must be an answer without a score",
        "texts.csv:17 HERE: it is empty",
        "texts.csv:22 HARD.phone: nothing in instrument.yaml uses this text",
    ]


def test_a_broken_structure_does_not_hide_what_is_wrong_with_the_others(change, problems_of):
    change(Y, "kind: yes_no", "kind: slider")
    change(S, 'version: "7"', "version: 7")
    folder = change(T, "Italiano HERE\n", "\n")

    assert [line.split(":")[0] for line in problems_of(folder)] == [Y, S, T]


def test_files_that_are_not_there_are_named(tmp_path, problems_of):
    (tmp_path / S).mkdir()

    assert problems_of(tmp_path) == [
        "instrument.yaml:0 : cannot be read: No such file or directory",
        "scoring.yaml:0 : cannot be read: Is a directory",
        "texts.csv:0 : cannot be read: No such file or directory",
    ]


def test_sources_that_are_not_there_are_named(tiny):
    with pytest.raises(InstrumentError) as caught:
        load_sources({Y: tiny.sources[Y], T: tiny.sources[T]})

    assert caught.value.problems == (FileProblem(S, 0, "", "this part is missing"),)


def test_empty_files_are_told(tiny_folder, problems_of):
    for name in (Y, S, T):
        (tiny_folder / name).write_text("", encoding="utf-8")

    assert problems_of(tiny_folder) == [
        "instrument.yaml:0 : the file must hold keys and values",
        "scoring.yaml:0 : the file must hold keys and values",
        "texts.csv:1 : the first line must begin with: key,en",
    ]


def test_texts_without_a_row_lack_every_text(tiny_folder, problems_of):
    (tiny_folder / T).write_text("key,en,it\n", encoding="utf-8")

    assert "instrument.yaml:6 missing.77: there is no text 'refused'" in problems_of(tiny_folder)


def test_bytes_that_are_not_utf_8_are_told_with_their_line(tiny_folder, problems_of):
    path = tiny_folder / T
    path.write_bytes(path.read_bytes().replace(b"Italiano HERE", "Però".encode("latin-1")))

    assert problems_of(tiny_folder) == ["texts.csv:17 : this is not UTF-8"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [1\nb: 2\n", "scoring.yaml:2 : this is not YAML: expected ',' or ']', but got ':'"),
        (
            "a: \x00",
            "scoring.yaml:0 : this is not YAML: unacceptable character #x0000: special characters are not allowed",
        ),
        ("---\na: 1\n---\nb: 2\n", "scoring.yaml:3 : this is not YAML: but found another document"),
        ("[" * 5000, "scoring.yaml:0 : this is not YAML: maximum recursion depth exceeded"),
        ('a: "\\UFFFFFFFF"', "scoring.yaml:0 : this is not YAML: Python int too large"),
        ('a: "\\U00110000"', "scoring.yaml:0 : this is not YAML: chr() arg not in range"),
        ("- a\n- b\n", "scoring.yaml:0 : the file must hold keys and values"),
        ("just words\n", "scoring.yaml:0 : the file must hold keys and values"),
        ("~\n", "scoring.yaml:0 : the file must hold keys and values"),
    ],
)
def test_a_file_that_is_no_yaml_of_keys_and_values_is_told(tiny_folder, problems_of, text, problem):
    (tiny_folder / S).write_text(text, encoding="utf-8")

    assert problems_of(tiny_folder)[0].startswith(problem)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0x1F", "'0x1F' is not a word, a plain number, true, false or null"),
        ("1234567890", "'1234567890' is not a word, a plain number, true, false or null"),
        (".inf", "'.inf' is not a word, a plain number, true, false or null"),
        (".NaN", "'.NaN' is not a word, a plain number, true, false or null"),
        ('"\\ud800"', "'\\ud800' is not a word, a plain number, true, false or null"),
        ("!!float 1:30", "'1:30' is not a word, a plain number, true, false or null"),
        ("!!bool maybe", "'maybe' is not a word, a plain number, true, false or null"),
        ("2026-01-01", "'2026-01-01' is not a word, a plain number, true, false or null"),
        ("!!python/name:os.system x", "'x' is not a word, a plain number, true, false or null"),
    ],
)
def test_values_that_are_easily_misread_are_refused(change, problems_of, value, message):
    folder = change(S, "already_here: 3", f"already_here: {value}")

    assert f"scoring.yaml:13 verdict.already_here: {message}" in problems_of(folder)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("1.5", "a key must be a word or a whole number"),
        ("true", "a key must be a word or a whole number"),
        ("[a]", "a key must be a word or a whole number"),
        ("~", "a key must be a word or a whole number"),
    ],
)
def test_keys_that_are_no_words_are_refused(change, problems_of, key, line):
    folder = change(S, "{HARD: 3}", f"{{HARD: 3, {key}: 1}}")

    assert problems_of(folder) == [f"scoring.yaml:7 stop_flags: {line}"]


def test_true_and_null_are_values(change, problems_of):
    folder = change(S, "already_here: 3", "already_here: True\n  more: ~")

    assert problems_of(folder) == [
        "scoring.yaml:13 verdict.already_here: Input should be a valid integer",
        "scoring.yaml:14 verdict.more: more: Extra inputs are not permitted",
    ]


def test_no_is_a_word_and_the_words_of_yaml_1_1_are_too(change):
    folder = change(Y, "{1: yes, 0: no}", "{1: yes, 0: no}")

    question = load_folder(folder).questions["ROW"]

    assert [option.text for option in question.options] == ["yes", "no"]


def test_a_byte_order_mark_and_empty_lines_are_no_problem(tiny_folder, tiny):
    path = tiny_folder / T
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n\r\n"))

    assert load_folder(tiny_folder).texts == tiny.texts


def test_an_error_is_a_list_of_lines_as_compilers_write_them():
    error = InstrumentError((FileProblem("b.yaml", 3, "a.b", "wrong"), FileProblem("a.yaml", 0, "", "empty")))

    assert str(error) == "a.yaml:0: empty\nb.yaml:3: a.b: wrong"


def test_a_questionnaire_can_be_read_again_from_its_own_sources(instrument):
    again = load_sources(instrument.sources)

    assert again.digest == instrument.digest
    assert again.columns == instrument.columns
    assert again.texts == instrument.texts


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (T, "English HERE", "Is it here?"),
        (Y, "max_choices: 1", "max_choices: 2"),
        (Y, "missing: [77, 88], required", "missing: [88], required"),
        (Y, "answers: {1: yes, 2: no, 3: here}", "answers: {1: yes, 3: here, 2: no}"),
        (Y, "version: 1", "version: 2"),
        (Y, "shown: [phone]", "shown: []"),
        (Y, "leaves_out: [HARD, ROW]", "leaves_out: [ROW]"),
    ],
)
def test_a_change_of_what_is_asked_changes_the_digest(change, tiny, file, old, new):
    changed = load_folder(change(file, old, new))

    assert changed.digest != tiny.digest
    assert changed.translations_version == tiny.translations_version


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (Y, "# One of everything", "# One of each"),
        (Y, "{HERE: {is_none_of: [1]}}", "{ HERE: {is_none_of: [1]} }"),
        (S, 'version: "7"', 'version: "8"'),
        (S, "weights: {GOOD: 3/2, HARD: 1}", "weights: {}"),
    ],
)
def test_a_change_of_scoring_or_of_a_comment_leaves_the_digest(change, tiny, file, old, new):
    changed = load_folder(change(file, old, new))

    assert (changed.digest, changed.translations_version) == (tiny.digest, tiny.translations_version)


def test_a_change_of_a_translation_changes_the_version_of_translations_only(change, tiny):
    changed = load_folder(change(T, "Italiano HERE", "Qui?"))

    assert changed.digest == tiny.digest
    assert changed.translations_version != tiny.translations_version
    assert len(changed.translations_version) == 12


def test_the_order_of_the_texts_and_of_further_languages_is_no_part_of_the_digest(tiny):
    header, *rows = tiny.sources[T].splitlines()
    sources = {
        Y: tiny.sources[Y].replace("[en, it]", "[en, de, it]"),
        S: tiny.sources[S],
        T: "\n".join(
            f"{row.partition(',')[0]},{row.split(',')[1]},{row.split(',')[1]},{row.split(',')[2]}"
            for row in [header.replace("en,it", "en,it"), *reversed(rows)]
        ).replace("key,en,en,it", "key,en,de,it"),
    }

    more = load_sources(sources)

    assert more.languages == ("en", "de", "it")
    assert more.digest == tiny.digest
