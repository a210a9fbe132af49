"""StringLookup: masks, unknown strings, adapted and fixed vocabularies."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest

import headrace as hr
from headrace.errors import UsageError
from headrace.layers import StringLookup

WORDS = ["b", "a", "b", "c", "c", ""]


def test_tokens_are_ordered_by_count_then_value() -> None:
    layer = StringLookup().adapt(WORDS)
    assert layer.get_vocabulary() == ["[UNK]", "b", "c", "a"]
    assert layer.vocabulary_size() == 4
    assert layer(["a", "b", "z", "Ä"]).tolist() == [3, 1, 0, 0]


def test_max_tokens_includes_the_special_tokens() -> None:
    assert StringLookup(max_tokens=3, mask_token="").adapt(WORDS).get_vocabulary() == ["", "[UNK]", "b"]


def test_unknown_strings_are_distributed_over_their_indices() -> None:
    layer = StringLookup(vocabulary=["a", "b"], mask_token="", num_oov_indices=3)
    assert layer(["", "a", "b"]).tolist() == [0, 4, 5]
    unknown = layer([f"word {i}" for i in range(300)])
    assert np.bincount(unknown, minlength=6)[[1, 2, 3]].min() > 60
    assert set(unknown.tolist()) == {1, 2, 3}


def test_without_out_of_vocabulary_indices_unknown_strings_are_minus_one() -> None:
    assert StringLookup(vocabulary=["a"], num_oov_indices=0)(["a", "z"]).tolist() == [0, -1]


def test_adapted_to_words_and_applied_to_lists() -> None:
    layer = StringLookup().adapt(["b", "a", "b"])
    assert layer([["a"], [], ["b", "q"]]) == [[2], [], [1, 0]]
    assert layer(pa.array(["a", None])).to_pylist() == [2, 0]
    assert layer(np.array(["a"])).tolist() == [2]


def test_in_a_transform_and_its_onnx_file() -> None:
    batch = pa.record_batch({"city": ["Oslo", "Bergen", "Oslo"]})
    layer = StringLookup(num_oov_indices=2, name="city")
    transform = hr.transform.analyze(lambda inputs: {"y": layer(inputs["city"])}, [batch])
    assert transform.vocabularies == {"city": ["Oslo", "Bergen"]}
    session = onnxruntime.InferenceSession(transform.to_onnx().SerializeToString())
    cities = np.array(["Bergen", "Oslo", "Rome", "Ø"], np.object_)
    (found,) = session.run(None, {"city": cities})
    alone = StringLookup(num_oov_indices=2).adapt(batch["city"])
    assert found.tolist() == alone(cities).tolist()


def test_errors_name_the_remedy() -> None:
    with pytest.raises(UsageError, match="'a' twice"):
        StringLookup(vocabulary=["a", "b", "a"])
    with pytest.raises(UsageError, match="more than 2"):
        StringLookup(max_tokens=2, mask_token="")
    with pytest.raises(UsageError, match="no vocabulary yet; adapt it first"):
        StringLookup().get_vocabulary()
