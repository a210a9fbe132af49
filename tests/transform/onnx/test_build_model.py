"""Constants are initializers, and dimensions have names."""

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pytest

import headrace as hr
from headrace.transform.onnx.build_model import name_dimensions

t = hr.transform


def _analyze():
    batch = pa.record_batch({"text": ["a b", "b"], "tags": [["x"], []], "n": [1.0, 2.0]})

    def features(x):
        return {
            "words": t.compute_and_apply_vocabulary(t.tokenize(x["text"])),
            "tags": t.compute_and_apply_vocabulary(x["tags"]),
            "n": t.scale_to_z_score(x["n"]),
            "pair": t.concatenate([x["n"], x["n"] * 2]),
        }

    return t.analyze(features, [batch])


def _dimensions(values) -> dict[str, list]:
    return {
        each.name: [size.dim_param or size.dim_value for size in each.type.tensor_type.shape.dim]
        for each in values
    }


def test_weights_as_initializers_and_no_constant_nodes() -> None:
    model = _analyze().to_onnx()
    onnx.checker.check_model(model, full_check=True)
    assert not [node for node in model.graph.node if node.op_type == "Constant"]
    assert model.graph.initializer


def test_named_output_dimensions() -> None:
    model = _analyze().to_onnx()
    assert _dimensions(model.graph.input) == {
        "text": ["rows"],
        "tags.values": ["tags_values"],
        "tags.row_splits": ["tags_splits"],
        "n": ["rows"],
    }
    outputs = _dimensions(model.graph.output)
    assert outputs["n.out"] == ["rows"]
    assert outputs["pair"] == ["rows", 2]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["a b", "a_b", "a.b"], ["a_b", "a_b_2", "a_b_3"]),
        (["x", "x_2"], ["x", "x_2"]),
        (["é", "1"], ["_", "1"]),
        ([], []),
    ],
)
def test_dimensions_of_several_columns_differ(columns, expected) -> None:
    assert list(name_dimensions(columns).values()) == expected


def test_lists_of_different_lengths_do_not_share_a_dimension() -> None:
    """ONNX Runtime warns of sizes that differ under one name, and may reuse memory by it."""
    batch = pa.record_batch({"a": [[1, 2], [3]], "b": [[1], []]})
    model = t.analyze(lambda x: {"a": x["a"] + 1, "b": x["b"] + 1}, [batch]).to_onnx()
    session = onnxruntime.InferenceSession(model.SerializeToString())
    splits = np.array([0, 1, 3])
    feeds = {
        "a.values": np.arange(3),
        "a.row_splits": splits,
        "b.values": np.arange(1),
        "b.row_splits": splits // 3,
    }
    values, _, others, _ = session.run(None, feeds)
    assert np.asarray(values).tolist() == [1, 2, 3]
    assert np.asarray(others).tolist() == [1]
