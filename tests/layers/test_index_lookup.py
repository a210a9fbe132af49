"""Behaviour that StringLookup and IntegerLookup share."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest

import headrace as hr
from headrace.datasets import load
from headrace.errors import UsageError
from headrace.layers import IntegerLookup, StringLookup

OCEAN = ["<1H OCEAN", "INLAND", "NEAR OCEAN", "NEAR BAY", "ISLAND"]


QUERIES = ["NEAR BAY", "DESERT", "INLAND", "INLAND"]


def test_apply_vocabulary_puts_buckets_after_the_vocabulary() -> None:
    t = hr.transform

    def preprocess(inputs):
        index = t.apply_vocabulary(inputs["place"], OCEAN, num_oov_buckets=2)
        return {"index": index, "vector": t.one_hot(index, 7)}

    batch = pa.record_batch({"place": QUERIES})
    found = t.analyze(preprocess, [batch])(batch)
    index = found["index"].to_pylist()
    assert [index[0], *index[2:]] == [3, 1, 1]
    assert index[1] in (5, 6)
    assert np.argmax(found["vector"].to_pylist(), axis=1).tolist() == index
    assert np.shape(found["vector"].to_pylist()) == (4, 7)


def test_lookup_layers_put_buckets_before_the_vocabulary() -> None:
    layer = StringLookup(vocabulary=OCEAN, num_oov_indices=2)
    index = layer(QUERIES).tolist()
    assert [index[0], *index[2:]] == [5, 3, 3]
    assert index[1] in (0, 1)
    vectors = StringLookup(vocabulary=OCEAN, num_oov_indices=2, output_mode="one_hot")(QUERIES)
    assert vectors.shape == (4, 7)
    assert vectors.argmax(axis=1).tolist() == index


def test_adapting_to_the_housing_sample_finds_its_places() -> None:
    housing = load("housing", split="train").map(lambda batch: batch.select(["ocean_proximity"]))
    layer = StringLookup().adapt(housing)
    assert set(layer.get_vocabulary(include_special_tokens=False)) == set(OCEAN)


def test_invert_looks_up_tokens() -> None:
    words = StringLookup(num_oov_indices=2, mask_token="").adapt(["b", "a", "b"])
    back = StringLookup(num_oov_indices=2, mask_token="", vocabulary=words.get_vocabulary(), invert=True)
    assert back(words([["a", "b"], [""], []])) == [["a", "b"], [""], []]
    assert back([1, 2, 99, -1]) == ["[UNK]"] * 4
    adapted = StringLookup(invert=True).adapt(["b", "a", "b"])
    assert adapted(pa.array([1, 2])).to_pylist() == ["b", "a"]
    numbers = IntegerLookup(vocabulary=[2**62, -5], invert=True)
    assert numbers([[1, 2], [0, 3]]).tolist() == [[2**62, -5], [-1, -1]]
    with pytest.raises(UsageError, match="no vocabulary yet; adapt it first"):
        StringLookup(invert=True)([1])


def test_more_data_updates_a_vocabulary_and_weights() -> None:
    rows = [["a", "b"], ["b"], ["c", "c", "b"], ["a"]]
    full = StringLookup(output_mode="tf_idf").adapt(rows)
    parts = StringLookup(output_mode="tf_idf").adapt(rows[:1]).adapt(rows[1:], reset_state=False)
    assert parts.get_vocabulary() == full.get_vocabulary() == ["[UNK]", "b", "a", "c"]
    assert parts(rows).tolist() == full(rows).tolist()


def test_a_vocabulary_from_a_file(tmp_path) -> None:
    (tmp_path / "words.txt").write_text("é\nb\n", encoding="utf-8")
    assert StringLookup(vocabulary=tmp_path / "words.txt")(["b", "é"]).tolist() == [2, 1]
    (tmp_path / "numbers.txt").write_text("30\n-4\n", encoding="utf-8")
    assert IntegerLookup(vocabulary=str(tmp_path / "numbers.txt"))([-4, 30]).tolist() == [2, 1]


def test_set_vocabulary_replaces_an_adapted_one() -> None:
    layer = IntegerLookup().adapt([5, 6])
    layer.set_vocabulary([6])
    assert layer([5, 6]).tolist() == [0, 1]
    assert not list(layer.buffers())
    with pytest.raises(UsageError, match="has a fixed vocabulary"):
        layer.adapt([1])


def test_vectors_inside_a_transform() -> None:
    batch = pa.record_batch({"word": ["a", "b", "a"]})
    padded = StringLookup(max_tokens=4, pad_to_max_tokens=True, output_mode="multi_hot", name="padded")
    adapted = StringLookup(output_mode="tf_idf", name="adapted").adapt(batch["word"])

    def preprocess(inputs):
        return {"padded": padded(inputs["word"]), "weights": adapted(inputs["word"])}

    transform = hr.transform.analyze(preprocess, [batch])
    assert transform.vocabularies == {"padded": ["a", "b"], "adapted": ["a", "b"]}
    session = onnxruntime.InferenceSession(transform.to_onnx().SerializeToString())
    padded_found, weights = session.run(["padded", "weights"], {"word": np.array(["b", "é"], object)})
    assert padded_found.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
    assert weights.tolist() == adapted(["b", "é"]).tolist()
    fresh = StringLookup(output_mode="count", name="fresh")
    with pytest.raises(UsageError, match="the layer 'fresh' has no vocabulary yet; adapt it first"):
        hr.transform.analyze(lambda inputs: {"y": fresh(inputs["word"])}, [batch])
