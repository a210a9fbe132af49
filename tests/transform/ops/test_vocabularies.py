"""Ops that convert between values and indices."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

import headrace as hr
from headrace import transform as t

from .evaluation import evaluate

PLACES = ["<1H OCEAN", "INLAND", "NEAR OCEAN", "NEAR BAY", "ISLAND"]


def test_isin_and_lookup_find_values() -> None:
    assert evaluate(lambda x: t.isin(x, [3, 5]), [1, 3, 5]) == [False, True, True]
    assert evaluate(lambda x: t.isin(x, ["a", "b"]), ["a", "", "c"]) == [True, False, False]
    assert evaluate(lambda x: t.lookup(x, [0.5, 2.0], -1.0), [[0, 1], [2, -1]]) == [[0.5, 2.0], [-1.0, -1.0]]


def test_unknown_strings_are_hashed_into_two_buckets(tmp_path: Any) -> None:
    batch = pa.record_batch({"x": ["NEAR BAY", "DESERT", "INLAND", "INLAND"]})

    def preprocess(x: Any) -> dict[str, t.Column]:
        index = t.apply_vocabulary(x["x"], PLACES, num_oov_buckets=2)
        return {"index": index, "one_hot": t.one_hot(index, 7)}

    frozen = t.analyze(preprocess, [batch])
    frozen.save(tmp_path / "t")
    for each in (frozen, hr.Transform.load(tmp_path / "t")):
        found = each(batch).to_pydict()
        assert found["index"][0::2] == [3, 1]
        assert found["index"][1] in (5, 6)
        assert found["index"][3] == 1
        assert [len(row) for row in found["one_hot"]] == [7] * 4
        assert found["one_hot"][0] == [0, 0, 0, 1, 0, 0, 0]


def test_words_of_a_vocabulary_are_counted() -> None:
    words = ["and", "basketball", "more"]
    found = evaluate(lambda x: t.count_vector(t.apply_vocabulary(t.tokenize(x), words), 3), ["more and more"])
    assert found == [[1, 0, 2]]
