"""Which answers to two versions of a questionnaire count together, and when a study can move to the newer one."""

import pytest

from instruments import Common, in_common, load_folder, misfits

Y, S, T = "instrument.yaml", "scoring.yaml", "texts.csv"
EVERYTHING = {"HERE", "GOOD", "HARD", "END", "WHY", "WHY_TEXT", "ROW"}
HERE_REWORDED = (T, "\nHERE,English", "\nHERE,Other")
HERE_TO_MAYBE = (Y, "wording: HERE, answers: {1: yes, 2: no}", "wording: HERE, answers: {1: yes, 2: no, 3: other}")
WHY_MORE = [(Y, "W9: other}, max", "W9: other, W10: thanks}, max"), (Y, "W9, ROW]", "W9, W10, ROW]")]
WHY_LESS = [(Y, "{W1: WHY.1, W9: other}, max", "{W9: other}, max"), (Y, "W1, W9, ROW]", "W9, ROW]")]
WHY_LESS_TEXT = (T, "WHY.1,English WHY.1,Italiano WHY.1\n", "")


@pytest.fixture
def second(change):
    """Version 2 of the tiny questionnaire, with these changes."""

    def second(*edits):
        folder = change(Y, "version: 1", "version: 2")
        for edit in edits:
            change(*edit)
        return load_folder(folder)

    return second


def declared(*codes):
    return (S, "already_here: 3", f"already_here: 3\ncomparable: {{1: [{', '.join(codes)}]}}")


def apart(older, newer):
    return EVERYTHING - in_common(older, newer).questions


def test_a_new_version_that_asks_the_same_has_everything_in_common(tiny, second):
    newer = second()

    assert in_common(tiny, newer) == Common(frozenset(EVERYTHING), frozenset({"LONG", "SHORT"}), stop_flags=True)
    assert misfits(tiny, newer) == ()


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(T, "second.title,English", "second.title,Other")], set()),
        ([(T, "Italiano HERE", "Qui?")], set()),
        ([(Y, "required: true, show_if: not_here", "show_if: not_here")], set()),
        ([HERE_REWORDED], {"HERE"}),
        ([(T, "HARD.phone,And", "HARD.phone,Then")], {"HARD"}),
        ([(T, "grade.1,English", "grade.1,Other")], {"GOOD", "HARD"}),
        ([(T, "grade.read,English", "grade.read,Other")], {"GOOD", "HARD"}),
        ([(T, "second.stem,English", "second.stem,Other")], {"END", "WHY", "WHY_TEXT"}),
        ([(T, "dont_know,English", "dont_know,Other")], {"HERE", "GOOD"}),
        ([(Y, "missing: [99], ", "missing: [99, 88], ")], {"HARD"}),
        ([(Y, "wording: WHY_TEXT,", "wording: WHY_TEXT, hint: thanks,")], {"WHY_TEXT"}),
        ([(Y, "wording: END,", "wording: END, wording_in: {short: {web: thanks}},")], {"END"}),
        (WHY_MORE, {"WHY"}),
        ([HERE_TO_MAYBE], {"HERE"}),
    ],
)
def test_a_question_is_the_same_while_people_hear_the_same(tiny, second, edits, expected):
    assert apart(tiny, second(*edits)) == expected


def test_words_under_another_key_are_the_same_words(tiny, second):
    newer = second((Y, "wording: HERE,", "wording: HERE.again,"), (T, "\nHERE,", "\nHERE.again,"))

    assert apart(tiny, newer) == set()


def test_a_question_that_moved_is_the_same(tiny, second):
    good, hard = (line for line in tiny.sources[Y].splitlines(True) if line.startswith(("  GOOD:", "  HARD:")))

    newer = second(
        (Y, good + hard, hard + good),
        (Y, "[HERE, GOOD, HARD]}", "[HERE, HARD, GOOD]}"),
        (Y, "columns: [HERE, GOOD, HARD,", "columns: [HERE, HARD, GOOD,"),
    )

    assert newer.columns[:3] == ("HERE", "HARD", "GOOD")
    assert apart(tiny, newer) == set()


def test_a_question_that_is_gone_is_not_common(tiny, second):
    newer = second((Y, "  WHY_TEXT:", "  REASON:"), (Y, "WHY, WHY_TEXT]", "WHY, REASON]"))

    assert apart(tiny, newer) == {"WHY_TEXT"}
    assert misfits(tiny, newer) == ()


@pytest.mark.parametrize("edits", [[HERE_REWORDED], [HERE_TO_MAYBE], WHY_MORE])
def test_what_the_newer_version_declares_comparable_counts_together(tiny, second, edits):
    newer = second(*edits, declared("HERE", "WHY"))

    assert apart(tiny, newer) == set()
    assert misfits(tiny, newer) == ()


@pytest.mark.parametrize(
    ("edits", "scales", "stop_flags"),
    [
        ([(T, "HARD.phone,And", "HARD.phone,Then")], {"SHORT"}, False),
        ([(T, "GOOD,Is {practice}", "GOOD,Was {practice}")], set(), True),
        ([(S, "weights: {GOOD: 3/2, HARD: 1}", "weights: {GOOD: 3/2, HARD: 2}")], {"SHORT"}, True),
        ([(S, "reversed: [HARD]", "reversed: []")], {"SHORT"}, True),
        (
            [(S, "HARD], minimum_answered: 1", "HARD], minimum_answered: 2")],
            {"SHORT"},
            True,
        ),
        ([(S, "items: [GOOD, HARD]", "items: [HARD, GOOD]")], {"SHORT"}, True),
        ([(S, "stop_flags: {HARD: 3}", "stop_flags: {HARD: 2}")], {"LONG", "SHORT"}, False),
        ([(S, "SHORT:", "BRIEF:")], {"LONG"}, True),
    ],
)
def test_a_score_is_common_where_its_items_and_its_rules_are(tiny, second, edits, scales, stop_flags):
    common = in_common(tiny, second(*edits))

    assert (common.scales, common.stop_flags) == (scales, stop_flags)


@pytest.mark.parametrize("declaration", [[], [declared("END")]])
def test_a_verdict_that_is_scored_otherwise_is_another_question(tiny, second, declaration):
    assert apart(tiny, second((S, "{1: 100, 2: 0}", "{1: 100, 2: 50}"), *declaration)) == {"END"}


@pytest.mark.parametrize(
    ("edits", "sentences"),
    [
        ([HERE_REWORDED], []),
        (WHY_MORE, []),
        ([*WHY_LESS, WHY_LESS_TEXT], []),
        (
            [HERE_TO_MAYBE],
            [
                (
                    "HERE has answers that version 1 did not offer: declare it comparable in scoring.yaml, or give the "
                    "new question a code of its own."
                )
            ],
        ),
        (
            [(Y, "wording: ROW, answers: {1: yes, 0: no}", "wording: ROW, max_length: 9"),
             (Y, "ROW: {kind: yes_no", "ROW: {kind: text"), (Y, "W9, ROW]", "W9]")],
            ["ROW is of the kind text, and was yes_no: give the new question a code of its own."],
        ),
        (
            [(Y, "END: {kind: choice, wording: END, answers: {1: yes, 2: no, 3: here}",
              "END: {kind: choice, wording: END, answers: {1: yes, 2: no, 4: here}"),
             (Y, "when_skipped: 3", "when_skipped: 4"), (S, "already_here: 3", "already_here: 4")],
            ["END lacks answers of version 1: give the new question a code of its own."],
        ),
        (
            [*WHY_LESS, WHY_LESS_TEXT, declared("WHY", "NEW"), (Y, "WHY_TEXT: {", "NEW: {"),
             (Y, "WHY, WHY_TEXT]", "WHY, NEW]")],
            [
                "WHY is declared comparable, but lacks answers of version 1.",
                "NEW is declared comparable with version 1, which has no such question.",
            ],
        ),
        (
            [(Y, "  WHY: {", "  REASON: {"), (Y, "WHY, WHY_TEXT]", "REASON, WHY_TEXT]")],
            ["The column W1 belonged to WHY, and now to REASON.", "The column W9 belonged to WHY, and now to REASON."],
        ),
        (
            [(S, "SHORT:", "BRIEF:"), (Y, "  short: ", "  brief: "), (S, "variant: short", "variant: brief")],
            ["The scale SHORT is missing.", "The variant short is missing."],
        ),
        (
            [(Y, "B: group.B", "C: group.B"), (Y, "group: B", "group: C")],
            ["The group B is missing."],
        ),
    ],
)  # fmt: skip
def test_a_study_cannot_move_to_a_version_in_which_its_answers_have_no_place(tiny, second, edits, sentences):
    assert list(misfits(tiny, second(*edits))) == sentences


def test_a_study_cannot_move_to_a_version_without_one_of_its_languages(tiny, second, tiny_folder):
    english = [line.rsplit(",", 1)[0] for line in tiny.sources[T].splitlines()]
    (tiny_folder / T).write_text("\n".join(english), encoding="utf-8")
    newer = second((Y, "languages: [en, it]", "languages: [en]"))

    assert misfits(tiny, newer) == ("The language it is missing.",)


def test_answers_that_are_no_longer_offered_do_not_count_together_even_if_declared(tiny, second):
    assert apart(tiny, second(*WHY_LESS, WHY_LESS_TEXT, declared("WHY"))) == {"WHY"}


@pytest.mark.parametrize(
    ("declaration", "problems"),
    [
        ("{0: [HERE]}", ["scoring.yaml:14 comparable.0: this is no older version"]),
        ("{2: [HERE]}", ["scoring.yaml:14 comparable.2: this is no older version"]),
        (
            "{1: [HERE, HERE, NOWHERE]}",
            [
                "scoring.yaml:14 comparable.1: HERE stands here twice",
                "scoring.yaml:14 comparable.1: there is no question 'NOWHERE'",
            ],
        ),
    ],
)
def test_a_declaration_that_means_nothing_is_told(change, problems_of, declaration, problems):
    change(Y, "version: 1", "version: 2")
    folder = change(S, "already_here: 3", f"already_here: 3\ncomparable: {declaration}")

    assert problems_of(folder) == problems
