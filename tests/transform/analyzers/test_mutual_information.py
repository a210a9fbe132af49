"""Mutual information of words and labels."""

from __future__ import annotations

import tracemalloc
from math import comb, log2
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.transform.analyzers import mutual_information
from headrace.transform.analyzers.mutual_information import MutualInformation


def test_adjusted_information_subtracts_its_expected_value() -> None:
    together, labels = np.array([[3.0, 1.0], [2.0, 2.0]]), np.array([6.0, 4.0])
    plain = MutualInformation(min_diff=0).scores(together, labels)
    adjusted = MutualInformation(adjusted=True, min_diff=0).scores(together, labels)

    def by_chance(x: int, y: int, n: int) -> float:
        chances = {
            k: comb(y, k) * comb(n - y, x - k) / comb(n, x) for k in range(max(0, x + y - n), min(x, y) + 1)
        }
        return sum(p * k * log2(n * k / (x * y)) for k, p in chances.items() if k)

    expected = by_chance(4, 6, 10) + by_chance(4, 4, 10)
    np.testing.assert_allclose(plain - adjusted, [expected, expected], rtol=1e-9)


def test_a_word_near_independence_scores_0() -> None:
    scores = MutualInformation().scores(np.array([[30.0, 31.0], [50.0, 1.0]]), np.array([100.0, 100.0]))
    assert scores[0] == 0
    assert scores[1] > 20
    assert [MutualInformation.least_difference(n) for n in (10, 10_000, 505_000, 10**9)] == [2, 2, 13, 25]


def test_memory_for_labels_grows_with_the_pairs_that_occur(monkeypatch: pytest.MonkeyPatch) -> None:
    def preprocess(x: Any) -> dict[str, t.Column]:
        words = t.vocabulary(x["word"], labels=x["label"], frequency_threshold=-1e9)
        return {"score": t.lookup(t.apply_vocabulary(x["word"], words), t.vocabulary_frequencies(words))}

    rng = np.random.default_rng(0)
    words = pa.array([f"w{each}" for each in rng.integers(0, 4000, 8000)])
    batch = pa.record_batch({"word": words, "label": rng.integers(0, 1500, 8000)})
    tracemalloc.start()
    whole = t.analyze(preprocess, [batch])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80e6  # the tables of 4,000 words and 1,500 labels took 48 MB each
    monkeypatch.setattr(mutual_information, "_BLOCK", 1)
    small = batch.slice(0, 300)
    one_by_one = t.analyze(preprocess, [small])
    monkeypatch.undo()
    assert one_by_one.fingerprint == t.analyze(preprocess, [small]).fingerprint
    assert len(whole.vocabularies["word"]) > 3000
