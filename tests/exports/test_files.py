"""Dataset to JSON and back: the identity for good files, sentences with places for all others."""

import contextlib
import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO

import numpy as np
import pytest
from datasets import (
    GROUPS,
    REGIONS,
    answers_with_score,
    golden_dataset,
    instrument,
    make_codes,
    make_dataset,
    make_interview,
    make_practice,
    make_region,
    make_study,
    random_dataset,
    same,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports import DatasetError, files, read_dataset, results, write_dataset
from exports.checking import allowed_codes
from exports.provenance import sha256
from instruments import Mode


def written(dataset):
    file = BytesIO()
    write_dataset(dataset, file)
    return file.getvalue()


def read(content):
    return read_dataset(BytesIO(content))


def tree_of(dataset):
    return json.loads(written(dataset))


def problems(content):
    """Places and messages of a file that is refused; `content` may be a tree."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(DatasetError) as caught:
        read(data)
    return [(problem.path, problem.message) for problem in caught.value.problems]


# The identity

words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=32), max_size=12
)
names = words.map(lambda word: f"x{word}")
moments = st.builds(
    lambda seconds, hours: datetime.fromtimestamp(seconds, timezone(timedelta(hours=hours))),
    st.integers(0, 4_000_000_000_000_000).map(lambda microseconds: microseconds / 1_000_000),
    st.sampled_from([0, 1, -5, 5.75]),
)
columns_codes = st.tuples(
    *(st.sampled_from(sorted(allowed_codes(instrument(), name))) for name in instrument().columns)
)


@st.composite
def recipes(draw):
    """Everything that make_dataset takes: any valid study, lists, interviews, codes and texts."""
    practice_ids = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    study = make_study(
        title=draw(names),
        simulated=draw(st.booleans()),
        opened_at=draw(st.none() | moments),
        cut_off=draw(moments),
        contact=draw(words),
        catalogue_note=draw(words),
        target=draw(st.integers(0, 50)),
    )
    practices = tuple(
        make_practice(key, title=draw(words), start_year=draw(st.none() | st.integers(0, 3000))) for key in practice_ids
    )
    regions = tuple(
        make_region(key, name=draw(words), home_practices=tuple(draw(st.sets(st.sampled_from(practice_ids)))))
        for key in REGIONS
    )
    interviews = [
        make_interview(
            f"interview-{number}",
            region=draw(st.integers(0, len(REGIONS) - 1)),
            group=draw(st.integers(0, len(GROUPS) - 1)),
            mode=draw(st.sampled_from(Mode)),
            variant=draw(st.sampled_from(sorted(instrument().variants))),
            submitted_at=draw(st.none() | moments),
            language=draw(words),
            simulated=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    pairs = [(number, practice) for number in range(len(interviews)) for practice in range(len(practices))]
    judged = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=4)) if pairs else []
    texts = st.dictionaries(st.sampled_from(instrument().text_questions), words, max_size=2)
    return (
        [(number, practice, draw(columns_codes)) for number, practice in judged],
        {
            "study": study,
            "practices": practices,
            "regions": regions,
            "interviews": tuple(interviews),
            "texts": tuple(draw(texts) for _ in judged),
            "selection": draw(words),
            "revision": draw(st.integers(0, 2**31 - 1)),
        },
    )


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(recipes())
def test_writing_and_reading_is_the_identity(recipe):
    evaluations, changes = recipe
    dataset = make_dataset(evaluations, **changes)

    content = written(dataset)

    again = read(content)
    assert same(again, dataset)
    assert written(again) == content


def test_the_instrument_travels_in_full():
    again = read(written(golden_dataset())).instrument

    assert again is not instrument()
    assert (again.digest, again.columns, again.texts) == (
        instrument().digest,
        instrument().columns,
        instrument().texts,
    )
    assert (again.translations_version, again.scoring.version) == (
        instrument().translations_version,
        instrument().scoring.version,
    )


def test_results_of_a_file_are_those_of_its_dataset():
    dataset = random_dataset(500)

    assert results(read(written(dataset)), threshold=3).cells == results(dataset, threshold=3).cells


def test_the_checksum_is_that_of_the_file():
    dataset = golden_dataset()

    assert sha256(dataset) == hashlib.sha256(written(dataset)).hexdigest()


def test_the_file_has_the_keys_of_the_format():
    tree = tree_of(golden_dataset())

    assert list(tree) == [
        "format", "study", "instrument", "practices", "regions", "groups", "interviews", "columns", "codes",
        "practice", "region", "interview", "texts", "selection", "revision",
    ]  # fmt: skip
    assert tree["format"] == 2
    assert list(tree["instrument"]) == ["digest", "sources"]
    assert tree["columns"] == list(instrument().columns)


def test_a_person_can_read_one_evaluation_on_one_line():
    dataset = golden_dataset()

    lines = written(dataset).decode().splitlines()

    assert f"[{','.join(map(str, dataset.codes[0].tolist()))}]," in lines


def test_texts_are_kept_as_they_are():
    text = 'é 汉 "quoted" \\ =1+1\ttab\nline'
    codes = make_codes(answers_with_score(20))
    dataset = make_dataset([(0, 0, codes)], interviews=[make_interview()], texts=[{"COMMENT": text}])

    assert read(written(dataset)).texts == ({"COMMENT": text},)


def test_a_byte_order_mark_is_no_problem():
    assert same(read(b"\xef\xbb\xbf" + written(golden_dataset())), golden_dataset())


# Files that are no datasets


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is not JSON: Expecting value (line 1, column 1)"),
        (b"{", "the file is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)"),
        (b"PK\x03\x04\xff\xfe", "the file is not UTF-8 text (byte 5)"),
        (b"[]", "the file holds no JSON object"),
        (b"null", "the file holds no JSON object"),
        (b"1", "the file holds no JSON object"),
        (b"[" * 100_000, "the file is not a dataset: its brackets are nested too deeply"),
        (b'{"a":' * 100_000, "the file is not a dataset: its brackets are nested too deeply"),
        (b'{"format":' + b"9" * 5000 + b"}", "the file holds a number of more than 4,300 digits"),
    ],
)
def test_what_is_no_dataset_is_refused_in_a_sentence(content, message):
    assert problems(content) == [("", message)]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_told_with_its_line(kept):
    content = written(golden_dataset())

    found = problems(content[: int(len(content) * kept)])

    assert len(found) == 1
    assert found[0][1].startswith("the file is not JSON: ")
    assert "(line " in found[0][1]


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    content = written(golden_dataset())
    monkeypatch.setattr(files, "LARGEST", len(content))
    assert same(read(content), golden_dataset())

    monkeypatch.setattr(files, "LARGEST", len(content) - 1)

    assert problems(content) == [("", "the file is larger than 0 MB")]


def test_the_largest_file_has_256_megabytes():
    assert files.LARGEST == 256 * 1024 * 1024


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1, "1"), (True, "true"), ("1", '"1"'), (None, "null"), (1.0, "1.0"), ("x" * 70, '"' + "x" * 59 + "...")],
)
def test_another_format_is_refused_before_anything_else(value, shown):
    assert problems({"format": value, "other": 1}) == [("format", f"is {shown}; this version reads format 2")]


def test_a_file_without_a_format_is_refused():
    assert problems({}) == [("format", "is null; this version reads format 2")]


# Wrong values in the right place


def set_in(tree, path, value):
    """The tree with one value replaced; path: keys and positions."""
    *parents, last = path
    inner = tree
    for step in parents:
        inner = inner[step]
    inner[last] = value
    return tree


@pytest.mark.parametrize(
    ("path", "value", "place", "message"),
    [
        (["study", "title"], 7, "study.title", "should be a valid string, not 7"),
        (["study", "title"], None, "study.title", "should be a valid string, not null"),
        (["study", "simulated"], "yes", "study.simulated", 'should be a valid boolean, not "yes"'),
        (["study", "simulated"], 1, "study.simulated", "should be a valid boolean, not 1"),
        (["study", "cut_off"], 1700000000, "study.cut_off", "should be a valid datetime, not 1700000000"),
        (["study", "target"], 1.5, "study.target", "should be a valid integer, not 1.5"),
        (["study", "target"], True, "study.target", "should be a valid integer, not true"),
        (["practices", 1, "start_year"], "2005", "practices[1].start_year", 'should be a valid integer, not "2005"'),
        (["practices", 0, "colour"], "red", "practices[0].colour", "is not a key of this format"),
        (["extra"], [], "extra", "is not a key of this format"),
        (["interviews", 2, "mode"], "fax", "interviews[2].mode", "should be 'web' or 'phone', not \"fax\""),
        (["regions", 0, "home_practices"], "voucher", "regions[0].home_practices", None),
        (["codes", 3, 7], "5", "codes[3][7]", 'should be a valid integer, not "5"'),
        (["codes", 3, 7], 5.0, "codes[3][7]", "should be a valid integer, not 5.0"),
        (["codes", 3, 7], True, "codes[3][7]", "should be a valid integer, not true"),
        (["codes", 3, 7], None, "codes[3][7]", "should be a valid integer, not null"),
        (["codes", 3, 7], 128, "codes[3][7]", "should be less than or equal to 127, not 128"),
        (["codes", 3, 7], -129, "codes[3][7]", "should be greater than or equal to -128, not -129"),
        (["codes", 3, 7], 6, "codes[3][7]", "6 is not a code of LEAD"),
        (["codes", 2], {}, "codes[2]", "should be a valid array, not {}"),
        (["codes", 2], [1, 2], "codes[2]", "has 2 codes instead of 49"),
        (["practice", 0], -1, "practice[0]", "should be greater than or equal to 0, not -1"),
        (["practice", 0], 2**31, "practice[0]", "should be less than or equal to 2147483647, not 2147483648"),
        (["practice", 0], 3, "practice[0]", "there is no number 3 among the 3 of the list"),
        (["practice"], [0] * 8, "practice", "has 8 entries for 9 rows of codes"),
        (["interview"], [0] * 10, "interview", "has 10 entries for 9 rows of codes"),
        (["texts"], [], "texts", "has 0 entries for 9 rows of codes"),
        (["texts", 0], {"COMMENT": 1}, "texts[0].COMMENT", "should be a valid string, not 1"),
        (["revision"], -1, "revision", "should be greater than or equal to 0, not -1"),
        (["revision"], 10**30, "revision", None),
        (["study", "cut_off"], "2026-01-01T00:00:00", "study.cut_off", "the time has no zone"),
        (["columns", 0], "OTHER", "columns", None),
        (["instrument", "digest"], "0" * 64, "instrument.digest", None),
        (["instrument", "sources", "scoring.yaml"], "version: [", "instrument.sources.scoring.yaml", None),
        (["instrument", "sources"], {}, "instrument.sources.instrument.yaml", None),
        (["instrument", "sources"], [], "instrument.sources", None),
    ],
)
def test_a_wrong_value_is_told_with_its_place(path, value, place, message):
    found = problems(set_in(tree_of(golden_dataset()), path, value))

    assert found[0][0] == place
    if message is not None:
        assert found == [(place, message)]


@pytest.mark.parametrize(
    "path", [["study"], ["study", "key"], ["instrument", "digest"], ["practices", 0, "id"], ["codes"], ["revision"]]
)
def test_a_missing_key_is_told_with_its_place(path):
    tree = tree_of(golden_dataset())
    *parents, last = path
    inner = tree
    for step in parents:
        inner = inner[step]
    del inner[last]

    place = path[0] + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path[1:])
    assert problems(tree) == [(place, "is missing")]


def test_every_problem_of_the_form_is_told_at_once():
    tree = tree_of(golden_dataset())
    tree["study"]["title"] = 1
    tree["codes"][0][0] = "1"
    tree["interviews"][4]["simulated"] = 0
    del tree["selection"]

    assert sorted(path for path, _ in problems(tree)) == [
        "codes[0][0]",
        "interviews[4].simulated",
        "selection",
        "study.title",
    ]


def test_every_problem_of_the_content_is_told_at_once():
    tree = tree_of(golden_dataset())
    tree["codes"][0][0] = 6
    tree["codes"][8][0] = 6
    tree["interviews"][4]["group"] = 7
    tree["regions"][0]["home_practices"] = ["nowhere"]

    assert [path for path, _ in problems(tree)] == [
        "regions[0].home_practices[0]",
        "interviews[4].group",
        "codes[0][0]",
        "codes[8][0]",
    ]


def test_sizes_and_columns_are_told_at_once():
    tree = tree_of(golden_dataset())
    tree["columns"] = tree["columns"][::-1]
    tree["codes"][1] = []
    tree["texts"] = []

    assert [path for path, _ in problems(tree)] == ["columns", "codes[1]", "texts"]


def test_every_problem_of_the_instrument_is_told_with_file_and_line():
    tree = tree_of(golden_dataset())
    tree["instrument"]["sources"]["scoring.yaml"] += "surprise: 1\n"
    tree["instrument"]["sources"]["texts.csv"] += "one.more,text\n"

    found = problems(tree)

    assert {path for path, _ in found} == {"instrument.sources.scoring.yaml", "instrument.sources.texts.csv"}
    assert all(message.startswith(("scoring.yaml:", "texts.csv:")) for _, message in found)


# What JSON allows and a dataset does not


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b'"revision":7', b'"revision":7,"revision":8', [("revision", "this key stands here twice")]),
        (b'"key":"test"', b'"key":"test","key":"other"', [("study.key", "this key stands here twice")]),
        (b'"target":10', b'"target":NaN', [("study.target", "is not a number")]),
        (b'"target":10', b'"target":-Infinity', [("study.target", "is not a number")]),
        (b'"target":10', b'"target":1e999', [("study.target", "is not a number")]),
        (
            b'"title":"A study',
            b'"title":"A\\u0000study',
            [("study.title", "the character U+0000 at position 2 is not text")],
        ),
        (
            b'"title":"A study',
            b'"title":"A\\ud800study',
            [("study.title", "the character U+D800 at position 2 is not text")],
        ),
    ],
)
def test_what_json_allows_and_we_do_not_is_told_with_its_place(before, after, expected):
    content = written(golden_dataset())
    assert content.count(before) == 1

    assert problems(content.replace(before, after)) == expected


def test_a_key_that_stands_twice_in_a_list_is_told_with_its_position():
    content = written(golden_dataset()).replace(
        b'{"id":"interview-3"', b'{"id":"interview-3","id":"x","id":"interview-3"'
    )

    assert problems(content) == [("interviews[3].id", "this key stands here twice")]


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"1e999"])
def test_codes_that_are_no_numbers_are_told_with_their_place(value):
    content = written(golden_dataset())
    before, after = content.split(b'"codes":[\n[', 1)

    found = problems(before + b'"codes":[\n[' + value + after[after.index(b",") :])

    assert [path for path, _ in found] == ["codes[0][0]"]


def test_a_surrogate_beside_another_problem_does_not_hide_it():
    content = written(golden_dataset()).replace(b'"title":"A study', b'"title":"\\udc00A study')
    content = content.replace(b'"revision":7', b'"revision":7,"revision":7')

    assert sorted(problems(content)) == [
        ("revision", "this key stands here twice"),
        ("study.title", "the character U+DC00 at position 1 is not text"),
    ]


def test_a_key_that_is_no_text_is_told():
    content = written(golden_dataset()).replace(b'"revision":7', b'"revision":7,"a\\u0001":7')

    assert ("", "the character U+0001 at position 2 is not text") in problems(content)


def test_what_only_the_stricter_parser_refuses_is_still_a_sentence():
    # Two hundred levels are few enough for Python and too many for pydantic.
    deep = b"[" * 250 + b"]" * 250
    found = problems(written(golden_dataset()).replace(b'"revision":7', b'"revision":7,"deep":' + deep))

    assert len(found) == 1
    assert found[0][0] == ""
    assert "recursion limit" in found[0][1]


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_file_is_never_a_traceback(data):
    content = bytearray(written(make_dataset([(0, 0, make_codes({}))], interviews=[make_interview()])))
    # The instrument's text is most of the file; damage is wanted outside it as well.
    start = data.draw(st.sampled_from([0, content.index(b'"practices"')]))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(start, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))

    with contextlib.suppress(DatasetError):
        read(bytes(content))


def test_a_long_list_of_problems_is_complete():
    dataset = random_dataset(2000)
    tree = tree_of(dataset)
    tree["codes"] = np.full_like(dataset.codes, 44).tolist()

    assert len(problems(tree)) == dataset.codes.size


def test_an_instrument_of_another_version_is_refused():
    tree = tree_of(golden_dataset())
    tree["instrument"]["sources"]["instrument.yaml"] = tree["instrument"]["sources"]["instrument.yaml"].replace(
        "version: 1\n", "version: 2\n", 1
    )

    found = problems(tree)

    assert [path for path, _ in found] == ["instrument.digest"]


def test_a_corrected_scoring_key_is_used():
    sources = dict(instrument().sources)
    sources["scoring.yaml"] = sources["scoring.yaml"].replace("weights: {}", "weights: {NEED: 2}")
    tree = tree_of(golden_dataset())
    tree["instrument"]["sources"] = sources

    again = read(json.dumps(tree).encode())

    assert again.instrument.scoring.weights == {"NEED": 2.0}
    assert replace(again.study) == golden_dataset().study
