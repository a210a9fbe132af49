"""Fused bucketing and one-hot encoding: identical values, in fewer ONNX nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.columns import from_arrow
from headrace.transform.onnx.fuse_buckets import fuse_buckets
from headrace.transform.onnx.lower import to_onnx

NUMBERS = np.concatenate([np.random.default_rng(0).normal(size=200), [0.0, -0.0, np.nan, np.inf, -np.inf]])
BATCH = pa.record_batch({"x": NUMBERS, "whole": np.arange(205) - 100})


def names(transform: t.Transform) -> Counter[str]:
    return Counter(getattr(node.what, "name", "") for node in fuse_buckets(transform.folded_graph).nodes)


@pytest.mark.parametrize("depth", [1, 4, 10, 12])
@pytest.mark.parametrize("column", ["x", "whole"])
def test_fused_buckets_keep_every_value(column: str, depth: int) -> None:
    transform = t.analyze(lambda x: {"y": t.one_hot(t.bucketize(x[column], 10), depth)}, [BATCH])
    assert (names(transform)["one_hot_buckets"], names(transform)["apply_buckets"]) == (1, 0)
    plain = from_arrow(transform(BATCH)["y"])
    np.testing.assert_array_equal(
        plain, from_arrow(t.Transform(fuse_buckets(transform.folded_graph))(BATCH)["y"])
    )
    model = to_onnx(transform.folded_graph)
    (given,) = onnxruntime.InferenceSession(model.SerializeToString()).run(
        None, {column: from_arrow(BATCH[column])}
    )
    np.testing.assert_array_equal(given, plain)
    assert "Gemm" in {node.op_type for node in model.graph.node}


def test_buckets_with_other_users_are_not_fused() -> None:
    def function(x: Mapping[str, t.Column]) -> dict[str, t.Column]:
        bucket = t.bucketize(x["x"], 5)
        return {"bucket": bucket, "vector": t.one_hot(bucket, 5)}

    counts = names(t.analyze(function, [BATCH]))
    assert (counts["one_hot_buckets"], counts["one_hot"], counts["apply_buckets"]) == (0, 1, 1)


def test_many_buckets_are_not_fused() -> None:
    transform = t.analyze(lambda x: {"y": t.one_hot(t.bucketize(x["x"], 300), 300)}, [BATCH])
    assert names(transform)["one_hot_buckets"] == 0
