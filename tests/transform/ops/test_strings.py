"""Ops on strings, compared with Python; tests/conformance compares their ONNX forms."""

from __future__ import annotations

import re
import string

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from headrace import transform as t
from headrace.transform.ops.strings.portable_regex import parse

from .evaluation import evaluate

TEXTS = ["", "Hello, World", "İSTANBUL é É ß", "a\tb\n c\x0b", "日本 語!", "<br />x<b>y</b>", "aab  12 3"]


def test_letter_case_changes_ascii_only() -> None:
    assert evaluate(t.lower, TEXTS)[1:3] == ["hello, world", "İstanbul é É ß"]
    assert evaluate(t.upper, TEXTS)[1:3] == ["HELLO, WORLD", "İSTANBUL é É ß"]
    assert evaluate(t.lower, [["A", "b"], []]) == [["a", "b"], []]


def test_strip_punctuation_matches_python() -> None:
    assert evaluate(t.strip_punctuation, [string.printable]) == [
        string.printable.translate(dict.fromkeys(map(ord, string.punctuation)))
    ]


@pytest.mark.parametrize("start", [0, 1, 5, 900])
@pytest.mark.parametrize("length", [1, 3, 100])
def test_substring_matches_a_slice(start: int, length: int) -> None:
    found = evaluate(lambda x: t.substring(x, start, length), TEXTS)
    assert found == [text[start : start + length] for text in TEXTS]


def test_string_length_counts_code_points() -> None:
    assert evaluate(t.string_length, [*TEXTS, "e\u0301", "😀"]) == [*map(len, TEXTS), 2, 1]


def test_tokenizers_match_python() -> None:
    assert evaluate(t.tokenize_whitespace, TEXTS) == [text.split() for text in TEXTS]
    assert evaluate(t.tokenize_characters, TEXTS) == [list(text) for text in TEXTS]
    assert evaluate(lambda x: t.tokenize_regex(x, "#[a-z]+"), ["#a b #cd#e", "#"]) == [
        ["#a", "#cd", "#e"],
        [],
    ]


PATTERNS = [
    "a+b",
    "[a-c]{2,3}",
    r"\d*x",
    "<[^>]*>",
    r"[^\s]",
    "a.c",
    r"[\]\-a]+",
    "[]a]",
    "a-b",
    r"\\",
    "x{2}y?",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(texts=st.lists(st.text("aabcxy-<>]\\1 2\n" + "é日"), max_size=20))
def test_patterns_match_as_in_python(pattern: str, texts: list[str]) -> None:
    strings = pa.array(texts, pa.string())
    replaced = evaluate(lambda x: t.regex_replace(x, pattern, "_"), strings)
    assert replaced == [re.sub(pattern, "_", text) for text in texts]
    assert evaluate(lambda x: t.tokenize_regex(x, pattern), strings) == [
        re.findall(pattern, text) for text in texts
    ]


REFUSED = [
    "a|b",
    "(a)",
    "^a",
    "a$",
    "a*",
    "a?",
    "a+b+",
    "a+?",
    "a{2}{3}",
    "a{3,2}",
    "a{1001}",
    r"\b",
    r"\1",
    "[",
]
REFUSED += ["[z-a]", "[a", "\\", "*", "", r"\pL", r"[\d-z]", "a{0}"]


@pytest.mark.parametrize("pattern", REFUSED)
def test_patterns_on_which_runtimes_disagree_are_refused(pattern: str) -> None:
    with pytest.raises(hr.TraceError, match="runtimes would disagree on the pattern"):
        parse(pattern)


def test_a_replacement_that_refers_to_groups_is_refused() -> None:
    with pytest.raises(hr.TraceError, match="refers to a group, and patterns do not have groups"):
        evaluate(lambda x: t.regex_replace(x, "a", r"\1"), TEXTS)


def test_crosses_of_different_parts_differ() -> None:
    batch = pa.record_batch({"a": ["ab", "a", "ab"], "b": ["c", "bc", "c"], "n": [1, 2, -3]})
    frozen = t.analyze(
        lambda x: {
            "joined": t.join_strings([x["a"], x["b"], x["n"]], "/"),
            "cross": t.hashed_cross([x["a"], x["b"]], 1000),
            "other": t.hashed_cross([x["a"], x["b"]], 1000, seed=1),
        },
        [batch],
    )
    found = frozen(batch).to_pydict()
    assert found["joined"] == ["ab/c/1", "a/bc/2", "ab/c/-3"]
    assert found["cross"][0] == found["cross"][2] != found["cross"][1]
    assert found["other"] != found["cross"]
