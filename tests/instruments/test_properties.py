"""What holds for all answers, not only for those somebody thought of."""

import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import (
    NOT_ANSWERED,
    InstrumentError,
    Mode,
    Problem,
    clean_text,
    fill,
    is_complete,
    item_score,
    load,
    load_sources,
    may_be_asked,
    missing_required,
    path,
    read,
    row_order,
    score,
    settle,
    unanswered,
)

INSTRUMENT = load()
VARIANTS = st.sampled_from(sorted(INSTRUMENT.variants))
TINY = Path(__file__).parents[1] / "fixtures" / "questionnaires" / "tiny"
FILES = ("instrument.yaml", "scoring.yaml", "texts.csv")
SIGNED_BYTES = st.integers(-128, 127)


def codes_of_column():
    """For each column, the codes that it can have."""
    known = {}
    for question in INSTRUMENT.questions.values():
        options = {0, 1} if question.max_choices or question.code == "CHANGE" else {o.code for o in question.options}
        known |= dict.fromkeys(question.columns, sorted({*options, *question.missing, -1, -2, -3, NOT_ANSWERED}))
    return {column: st.sampled_from(codes) for column, codes in known.items()}


ROWS = st.fixed_dictionaries(codes_of_column())
PARTS = st.fixed_dictionaries({}, optional=codes_of_column())


@given(VARIANTS, ROWS)
def test_the_path_ends_and_stays_in_order(variant, codes):
    asked = [question.code for question in path(INSTRUMENT, variant, codes)]

    in_order = [code for code in INSTRUMENT.questions if code in asked]
    assert asked == in_order
    assert asked[:2] == ["FAM", "EXIST"]
    assert set(asked) <= INSTRUMENT.variants[variant].questions


@given(VARIANTS, ROWS, PARTS)
def test_settling_twice_is_settling_once(variant, codes, answers):
    settled = {**codes, **answers}
    settled |= settle(INSTRUMENT, variant, codes, answers)

    assert settle(INSTRUMENT, variant, settled) == {}


@given(VARIANTS, ROWS)
def test_settling_does_not_move_the_path(variant, codes):
    settled = {**codes, **settle(INSTRUMENT, variant, codes)}
    now = {**codes, "VERDICT": settled["VERDICT"]}  # A routed verdict that is taken back leaves its follow-ups open.

    assert path(INSTRUMENT, variant, now) == path(INSTRUMENT, variant, settled)


@given(VARIANTS, ROWS, PARTS)
def test_what_is_skipped_has_a_code_that_says_so_and_what_is_asked_has_none(variant, codes, answers):
    settled = {**codes, **answers}
    settled |= settle(INSTRUMENT, variant, codes, answers)
    asked = {column for question in path(INSTRUMENT, variant, settled) for column in question.columns}
    lacking = set(INSTRUMENT.questions) - INSTRUMENT.variants[variant].questions

    assert all(settled[column] not in {-1, -2} for column in asked)
    for code in lacking:
        assert all(settled[column] == -1 for column in INSTRUMENT.questions[code].columns)
    if settled["EXIST"] == 1:
        assert settled["VERDICT"] == 5
        assert all(settled[column] in {-1, -2} for column in set(INSTRUMENT.columns) - asked - {"VERDICT"})


@given(VARIANTS, ROWS, PARTS)
def test_an_answer_that_is_on_the_path_is_never_changed_by_routing(variant, codes, answers):
    settled = {**codes, **settle(INSTRUMENT, variant, codes)}
    given_ = {column: code for column, code in answers.items() if code >= 0}
    changes = settle(INSTRUMENT, variant, settled, given_)
    after = {**settled, **given_, **changes}
    asked = {column for question in path(INSTRUMENT, variant, after) for column in question.columns}

    assert not set(changes) & set(given_) & asked


@given(VARIANTS, ROWS)
def test_open_questions_are_on_the_path_and_the_required_ones_decide(variant, codes):
    required, left = missing_required(INSTRUMENT, variant, codes), unanswered(INSTRUMENT, variant, codes)

    assert set(required) <= set(left) <= set(path(INSTRUMENT, variant, codes))
    assert is_complete(INSTRUMENT, variant, codes) is (not required)
    steps = [missing_required(INSTRUMENT, variant, codes, step.key) for step in INSTRUMENT.steps]
    assert [question for step in steps for question in step] == list(required)


@given(VARIANTS, ROWS)
def test_a_page_holds_at_least_what_is_on_the_path(variant, codes):
    for step in (None, *(step.key for step in INSTRUMENT.steps)):
        held = may_be_asked(INSTRUMENT, variant, codes, step)
        on_path = [q for q in path(INSTRUMENT, variant, codes) if step is None or q in held]
        assert [q for q in held if q in on_path] == on_path


@given(st.dictionaries(st.sampled_from(INSTRUMENT.columns), SIGNED_BYTES))
def test_packing_and_unpacking_is_nothing(codes):
    row = INSTRUMENT.pack(codes)

    assert len(row) == len(INSTRUMENT.columns)
    assert INSTRUMENT.unpack(row) == {**dict.fromkeys(INSTRUMENT.columns, NOT_ANSWERED), **codes}


@given(st.binary(min_size=49, max_size=49))
def test_unpacking_and_packing_is_nothing(row):
    assert INSTRUMENT.pack(INSTRUMENT.unpack(row)) == row


@given(ROWS, st.sampled_from(["RS10", "RS5"]))
def test_a_score_is_from_0_to_100_or_none(codes, scale):
    found = score(INSTRUMENT, scale, codes)

    assert found.answered <= found.applicable <= len(INSTRUMENT.scoring.scales[scale].items)
    assert found.value is None or 0 <= found.value <= 100


@given(st.sampled_from(["NEED", "COST"]), SIGNED_BYTES)
def test_reversing_a_code_and_reversing_the_item_is_nothing(item, code):
    other = {"NEED": "COST", "COST": "NEED"}[item]

    assert item_score(INSTRUMENT.scoring, item, code) == item_score(INSTRUMENT.scoring, other, 6 - code)


@given(st.text())
def test_cleaning_never_raises_and_never_changes_what_is_allowed(raw):
    clean = clean_text(raw)

    categories = {unicodedata.category(c) for c in raw.replace("\r\n", "\n").replace("\n", "").replace("\t", "")}
    allowed = not categories & {"Cc", "Cs"} and not set(raw) & {"\ufffe", "\uffff"}
    assert clean == raw.replace("\r\n", "\n") if allowed else isinstance(clean, Problem)
    if allowed:
        assert clean_text(clean) == clean


@given(st.text(alphabet=st.characters(codec="utf-16", categories=["C"])))
def test_cleaning_never_raises_on_odd_characters(raw):
    assert isinstance(clean_text(raw), str | Problem)


@given(
    st.sampled_from([*INSTRUMENT.questions.values(), *INSTRUMENT.profile]),
    st.lists(st.one_of(st.text(), st.sampled_from(["1", "88", "77", "99", "C1", "E01", "S1", ""])), max_size=5),
    st.sampled_from(list(Mode)),
)
def test_reading_never_raises_and_gives_codes_that_can_be_stored_or_a_problem(question, raw, mode):
    reading = read(question, raw, mode=mode)

    assert reading.codes.keys() <= set(question.columns)
    allowed = {0, *(option.code for option in question.options), *question.missing}
    assert set(reading.codes.values()) <= allowed
    assert reading.problem is None or (not reading.codes and reading.text is None)


@given(st.text(), st.text(), st.text(), st.text())
def test_filling_puts_names_in_and_leaves_everything_else(before, region, origin, practice):
    plain = before.replace("{", "(")

    text = f"{plain}{{region}}|{{origin}}|{{practice}}"

    assert fill(text, region=region, origin=origin, practice=practice) == f"{plain}{region}|{origin}|{practice}"


@given(st.one_of(st.text(), st.integers()))
def test_a_row_order_is_stable_and_complete(seed):
    block = INSTRUMENT.steps[3].blocks[0]

    for mode in Mode:
        order = row_order(block, seed, mode=mode)
        assert sorted(order) == sorted(block.questions)
        assert order == row_order(block, seed, mode=mode)


@settings(max_examples=60)
@given(st.data())
def test_whatever_stands_in_the_files_is_a_questionnaire_or_a_list_of_problems(data):
    sources = {name: (TINY / name).read_text(encoding="utf-8") for name in FILES}
    name = data.draw(st.sampled_from(sorted(sources)))
    text = sources[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    sources[name] = text[:start] + data.draw(st.text(max_size=10)) + text[end:]

    with suppress(InstrumentError):  # Anything else would be an accident.
        assert load_sources(sources).columns


@given(st.text())
def test_any_text_as_a_file_is_refused_with_problems(text):
    with pytest.raises(InstrumentError) as caught:
        load_sources({"instrument.yaml": text, "scoring.yaml": text, "texts.csv": text})

    assert {problem.file for problem in caught.value.problems} == {"instrument.yaml", "scoring.yaml", "texts.csv"}
