"""Vocabularies: approximate, by labels, and with document frequencies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from headrace import transform as t
from headrace.columns import from_arrow
from headrace.transform.analyzers.frequencies import Frequencies
from headrace.transform.analyzers.scoring import Scoring
from headrace.transform.analyzers.vocabulary import Vocabulary

RANDOM = np.random.default_rng(0)


def test_an_approximate_vocabulary_of_few_words_is_exact() -> None:
    values = RANDOM.choice(["a", "b", "c", "d"], 1000, p=[0.4, 0.3, 0.2, 0.1]).tolist()
    frozen = t.analyze(
        lambda i: {"y": t.apply_vocabulary(i["s"], t.approximate_vocabulary(i["s"], 2, vocab_filename="v"))},
        [pa.record_batch({"s": values})],
    )
    assert frozen.vocabularies == {"v": ["a", "b"]}


def test_labels_rank_informative_words_first() -> None:
    batch = pa.record_batch(
        {"s": [["good", "the"], ["good", "a"], ["bad", "the"], ["bad", "a"]] * 50, "y": [1, 1, 0, 0] * 50}
    )
    frozen = t.analyze(
        lambda i: {"y": t.apply_vocabulary(i["s"], t.vocabulary(i["s"], labels=i["y"], vocab_filename="v"))},
        [batch],
    )
    assert frozen.vocabularies == {"v": ["bad", "good"]}


def test_document_frequencies_have_the_order_of_their_vocabulary() -> None:
    words = Vocabulary(scoring=Scoring(in_rows=True))
    accumulator = words.accumulator
    lists = from_arrow(pa.array([["a", "a", "b"], ["a"], [], ["b", "b", "b", "b"], ["", "c"]]))
    state = accumulator.update(accumulator.empty(), lists)
    assert words.result(state).to_pylist() == ["b", "a", "c"]
    assert Frequencies(words).result(state).tolist() == [5, 3, 1]
    assert Frequencies(words, "rows").result(state).tolist() == [2, 2, 1]
