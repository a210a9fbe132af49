"""Weights of tokens."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import UsageError
from headrace.layers import StringLookup, TextVectorization, idf_weights

WORDS = ["and", "basketball", "more"]


def test_counts_and_weights() -> None:
    words = [["more", "and", "more"]]
    counted = StringLookup(vocabulary=WORDS, num_oov_indices=0, output_mode="count")
    assert counted(words).tolist() == [[1, 0, 2]]
    weights = idf_weights([200, 10, 100], idf="log_df")
    np.testing.assert_allclose(weights, [1 / np.log(200), 1 / np.log(10), 1 / np.log(100)])
    weighted = StringLookup(vocabulary=WORDS, num_oov_indices=0, output_mode="tf_idf", idf_weights=weights)
    np.testing.assert_allclose(weighted(words), [[0.19, 0, 0.43]], atol=0.005)
    text = TextVectorization(vocabulary=WORDS, output_mode="tf_idf", idf_weights=weights)
    np.testing.assert_allclose(text(["More and more!"]), [[0, 0.19, 0, 0.43]], atol=0.005)


def test_weights_are_adapted_by_each_formula() -> None:
    texts = ["and"] * 100 + ["and more"] * 90 + ["and more basketball"] * 10
    for idf, expected in {
        "keras": np.log(1 + 200 / (1 + np.array([200, 100, 10]))),
        "smooth": np.log(201 / (1 + np.array([200, 100, 10]))) + 1,
        "log_df": 1 / np.log([200, 100, 10]),
    }.items():
        layer = TextVectorization(output_mode="tf_idf", idf=idf).adapt(texts)
        assert layer.get_vocabulary() == ["[UNK]", "and", "more", "basketball"]
        np.testing.assert_allclose(layer(["more and more ball"])[0],
                                   [expected.mean(), expected[0], 2 * expected[1], 0], rtol=1e-6)  # fmt: skip
    assert idf_weights([0, 1, 2], idf="log_df").tolist() == [1 / np.log(2)] * 3
    with pytest.raises(UsageError, match="expected one of 'keras', 'smooth', 'log_df'"):
        idf_weights([1], 1, idf="other")
    with pytest.raises(UsageError, match="needs the number of documents"):
        idf_weights([1])
