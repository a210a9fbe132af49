"""Ops on text, against Python's own functions; their ONNX forms are compared in tests/conformance."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from headrace import transform as t
from headrace.transform.ops.strings.portable_regex import parse

TEXTS = ["", "Hello, World", "İSTANBUL é É ß", "a\tb\n c\x0b", "日本 語!", "<br />x<b>y</b>", "aab  12 3"]


def done(function: Callable[[t.Column], t.Column], values: list[Any] | pa.Array) -> list[Any]:
    batch = pa.record_batch({"x": values})
    return t.analyze(lambda x: {"y": function(x["x"])}, [batch])(batch)["y"].to_pylist()


def test_letter_case_is_of_ascii_only() -> None:
    assert done(t.lower, TEXTS)[1:3] == ["hello, world", "İstanbul é É ß"]
    assert done(t.upper, TEXTS)[1:3] == ["HELLO, WORLD", "İSTANBUL é É ß"]
    assert done(t.lower, [["A", "b"], []]) == [["a", "b"], []]


def test_punctuation_is_pythons() -> None:
    assert done(t.strip_punctuation, [string.printable]) == [
        string.printable.translate(dict.fromkeys(map(ord, string.punctuation)))
    ]


@pytest.mark.parametrize("start", [0, 1, 5, 900])
@pytest.mark.parametrize("length", [1, 3, 100])
def test_substring_is_a_slice(start: int, length: int) -> None:
    found = done(lambda x: t.substring(x, start, length), TEXTS)
    assert found == [text[start : start + length] for text in TEXTS]


def test_length_is_in_code_points() -> None:
    assert done(t.string_length, [*TEXTS, "e\u0301", "😀"]) == [*map(len, TEXTS), 2, 1]


def test_tokens() -> None:
    assert done(t.tokenize_whitespace, TEXTS) == [text.split() for text in TEXTS]
    assert done(t.tokenize_characters, TEXTS) == [list(text) for text in TEXTS]
    assert done(lambda x: t.tokenize_regex(x, "#[a-z]+"), ["#a b #cd#e", "#"]) == [["#a", "#cd", "#e"], []]


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
def test_patterns_mean_what_they_mean_in_python(pattern: str, texts: list[str]) -> None:
    strings = pa.array(texts, pa.string())
    replaced = done(lambda x: t.regex_replace(x, pattern, "_"), strings)
    assert replaced == [re.sub(pattern, "_", text) for text in texts]
    assert done(lambda x: t.tokenize_regex(x, pattern), strings) == [
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
def test_patterns_on_which_runtimes_would_not_agree_are_refused(pattern: str) -> None:
    with pytest.raises(hr.TraceError, match="runtimes would not agree"):
        parse(pattern)


def test_a_replacement_that_refers_to_groups_is_refused() -> None:
    with pytest.raises(hr.TraceError, match="spell it out"):
        done(lambda x: t.regex_replace(x, "a", r"\1"), TEXTS)


def test_ngrams_are_in_tf_transforms_order() -> None:
    tokens = [["One", "was", "Johnny"], [], ["Two"]]
    assert done(lambda x: t.ngrams(x, (1, 2), " "), tokens) == [
        ["One", "One was", "was", "was Johnny", "Johnny"],
        [],
        ["Two"],
    ]
    assert done(lambda x: t.ngrams(x, (3, 5), "_"), tokens) == [["One_was_Johnny"], [], []]


def test_rows_lose_repetitions_and_count_them() -> None:
    tokens = [["I", "like", "pie", "pie", "pie"], [], ["yum", "yum", "pie"]]
    assert done(t.word_count, tokens) == [5, 0, 3]
    assert done(t.deduplicate_per_row, tokens) == [["I", "like", "pie"], [], ["yum", "pie"]]
    shares = done(t.term_frequency, tokens)
    assert [[round(share, 6) for share in row] for row in shares] == [
        [0.2, 0.2, 0.6],
        [],
        [0.666667, 0.333333],
    ]
    assert done(t.deduplicate_per_row, [[2**62, -1, 2**62]]) == [[2**62, -1]]


def test_crosses_keep_their_parts_apart() -> None:
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
