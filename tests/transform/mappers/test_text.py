"""Bags of words and TF-IDF."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from headrace import transform as t


def test_bag_of_words_contains_each_ngram_once() -> None:
    batch = pa.record_batch({"x": [["a", "b", "a", "b"], []]})
    frozen = t.analyze(lambda x: {"y": t.bag_of_words(x["x"], (1, 2))}, [batch])
    assert frozen(batch)["y"].to_pylist() == [["a", "a b", "b", "b a"], []]


def test_tfidf_matches_the_documentation_of_tf_transform() -> None:
    batch = pa.record_batch({"x": [["I", "like", "pie", "pie", "pie"], ["yum", "yum", "pie"]]})

    def preprocess(x: Any) -> dict[str, t.Column]:
        ids, weights = t.tfidf(t.apply_vocabulary(x["x"], ["pie", "I", "like", "yum"]), 4)
        return {"ids": ids, "weights": weights}

    found = t.analyze(preprocess, [batch])(batch).to_pydict()
    assert found["ids"] == [[1, 2, 0], [3, 0]]
    rare = np.log(3 / 2) + 1
    np.testing.assert_allclose(found["weights"][0], [rare / 5, rare / 5, 3 / 5], rtol=1e-6)
    np.testing.assert_allclose(found["weights"][1], [2 / 3 * rare, 1 / 3], rtol=1e-6)
