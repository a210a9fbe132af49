"""Texts in batches: splitting, standardising and lookup fused into one op, with identical values in ONNX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace import transform as t
from headrace.columns import from_arrow
from headrace.layers import TextVectorization
from headrace.transform.onnx.fuse_text import fuse_text

Function = Callable[[t.Column], t.Column]

TEXTS = ["It's a film, a (very) good film.", "b\tA\nb--c", "", "İ É é", "two  spaces ", "\x1e\x1d a"]
WORDS = ["a", "film", "its", "b", "two", "İ", "\x1e\x1d"]
LAYER = TextVectorization(vocabulary=WORDS)


def keras(x: t.Column) -> t.Column:
    return t.tokenize_whitespace(t.strip_punctuation(t.lower(x)))


CHAINS: dict[str, Function] = {
    "words of Keras": keras,
    "indices of Keras": lambda x: LAYER(x),
    "vocabulary": lambda x: t.apply_vocabulary(t.tokenize(x), WORDS, num_oov_buckets=3),
    "upper case": lambda x: t.tokenize(t.upper(x), lowercase=False),
    "ASCII only": lambda x: t.tokenize_whitespace(t.regex_replace(x, "[^\0-\x7f]+")),
    "n-grams": lambda x: t.hash_strings(t.ngrams(t.tokenize(x), (1, 2)), 50),
    "counts": lambda x: t.count_vector(LAYER(x), 10),
    "spaces in words": lambda x: t.tokenize(x, characters="a-z "),
}


@cache
def compiled(name: str) -> tuple[t.Transform, onnxruntime.InferenceSession]:
    transform = t.analyze(lambda x: {"y": CHAINS[name](x["text"])}, [pa.record_batch({"text": TEXTS})])
    return transform, onnxruntime.InferenceSession(transform.to_onnx().SerializeToString())


def check(name: str, texts: list[str]) -> None:
    transform, session = compiled(name)
    expected = from_arrow(transform(pa.record_batch({"text": pa.array(texts, pa.string())}))["y"])
    results = session.run(None, {"text": np.array(texts, object)})
    found = dict(zip([each.name for each in session.get_outputs()], results, strict=True))
    if "y" in found:
        np.testing.assert_array_equal(found["y"], expected)
        return
    np.testing.assert_array_equal(found["y.row_splits"], expected.row_splits)
    values = expected.values
    assert found["y.values"].tolist() == (
        values.to_pylist() if isinstance(values, pa.Array) else values.tolist()
    )


@pytest.mark.parametrize("name", CHAINS)
def test_texts_in_batches_have_the_same_words_in_onnx(name: str) -> None:
    for texts in (TEXTS, TEXTS[:1], TEXTS[5:], [""], ["", ""], []):
        check(name, texts)


ODD = " \t\n\x0b\x0c\r\x1e\x1d\0.,'-aABb\xe7\xc9\u0130\xdf\u017f\u2028\xa0\u65e5\U0001f600"
CHARACTERS = st.sampled_from(ODD) | st.characters(codec="utf-8")
PARTS = st.text(CHARACTERS, max_size=12) | st.sampled_from(["it's ", "\x1e\x1d", " \x1e\x1d "])
ROWS = st.lists(st.lists(PARTS, max_size=6).map("".join), max_size=5)


@settings(max_examples=20, deadline=None)
@given(texts=ROWS)
@pytest.mark.parametrize("name", ["indices of Keras", "words of Keras", "vocabulary"])
def test_any_texts_have_the_same_words_in_onnx(name: str, texts: list[str]) -> None:
    check(name, texts)


def test_a_piece_of_many_runs_is_one_word() -> None:
    check("words of Keras", ["a" + ".b" * 5000, "É" * 3 + "e." * 77, "x " * 3000])


def names(function: Function) -> Counter[str]:
    transform = t.analyze(lambda x: {"y": function(x["text"])}, [pa.record_batch({"text": TEXTS})])
    return Counter(getattr(node.what, "name", "") for node in fuse_text(transform.folded_graph).nodes)


def test_the_steps_of_keras_are_one_op() -> None:
    found = names(CHAINS["indices of Keras"])
    assert found["index_text"] == 1
    assert not found.keys() & {"lower", "regex_replace", "tokenize_regex", "apply_vocabulary", "equal_string"}
    assert not found.keys() & {"where", "less", "add"}


def test_words_with_other_users_are_not_fused_with_their_lookup() -> None:
    def function(x: Mapping[str, t.Column]) -> dict[str, t.Column]:
        words = t.tokenize(x["text"])
        return {"words": words, "index": t.apply_vocabulary(words, WORDS)}

    graph = fuse_text(t.analyze(function, [pa.record_batch({"text": TEXTS})]).folded_graph)
    found = Counter(getattr(node.what, "name", "") for node in graph.nodes)
    assert (found["split_text"], found["apply_vocabulary"], found["index_text"]) == (1, 1, 0)


def test_text_that_does_not_split_at_spaces_is_not_fused() -> None:
    assert not names(CHAINS["spaces in words"])["split_text"]
