from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t
from headrace.transform.analysis import Adaptation, insert_statistics
from headrace.transform.evaluation import evaluate
from headrace.transform.tracing import trace

SCHEMA = pa.schema({"x": pa.float64()})


def batches(*values: float) -> list[pa.RecordBatch]:
    return [pa.record_batch({"x": [value]}, schema=SCHEMA) for value in values]


def scale(x: Any) -> dict[str, Any]:
    return {"y": t.scale_to_z_score(x["x"])}


def two_passes(x: Any) -> dict[str, Any]:
    return {"y": t.bucketize(t.scale_to_z_score(x["x"]), 2)}


def test_updates_equal_one_analysis_of_all_data() -> None:
    adaptation = Adaptation(trace(scale, SCHEMA))
    adaptation.update(batches(1.0, 2.0))
    adaptation.update(batches(6.0))
    expected = t.analyze(scale, batches(1.0, 2.0, 6.0)).statistics
    assert {each.statistic: each.value for each in adaptation.statistics} == expected


def test_a_graph_of_several_passes_is_adapted_once() -> None:
    adaptation = Adaptation(trace(two_passes, SCHEMA))
    adaptation.update(batches(1.0, 2.0, 6.0))
    assert len(adaptation.statistics) == 3
    with pytest.raises(hr.UsageError, match="depends on another statistic; adapt to all the data at once"):
        adaptation.update(batches(7.0))


def test_statistics_are_inserted_in_order_into_a_graph_of_another_type() -> None:
    adaptation = Adaptation(trace(two_passes, SCHEMA))
    adaptation.update(batches(1.0, 2.0, 6.0))
    graph = trace(two_passes, pa.schema({"x": pa.int64()}))
    node = insert_statistics(graph, adaptation.statistics).outputs["y"]
    assert evaluate([node], {"x": np.array([1, 6])})[node].tolist() == [0, 1]


def test_missing_statistics_and_other_shapes_are_refused() -> None:
    adaptation = Adaptation(trace(scale, SCHEMA))
    adaptation.update(batches(1.0, 2.0))
    with pytest.raises(hr.SchemaError, match="needs other statistics"):
        insert_statistics(trace(two_passes, SCHEMA), adaptation.statistics)
    pairs = pa.schema({"x": pa.list_(pa.float64(), 2)})
    graph = trace(lambda x: {"y": x["x"] - t.mean(x["x"], reduce_instance_dims=False)}, pairs)
    with pytest.raises(hr.SchemaError, match=r"expected rows of shape \[\], got \[2\]"):
        insert_statistics(graph, adaptation.statistics)


def test_a_pickled_adaptation_goes_on_with_its_states() -> None:
    adaptation = Adaptation(trace(scale, SCHEMA))
    adaptation.update(batches(1.0, 2.0))
    for again in (pickle.loads(pickle.dumps(adaptation)), copy.deepcopy(adaptation)):
        again.update(batches(6.0))
        expected = t.analyze(scale, batches(1.0, 2.0, 6.0)).statistics
        assert {each.statistic: each.value for each in again.statistics} == expected
    assert len(adaptation.statistics) == 2


def test_a_pickled_adaptation_of_several_passes_refuses_updates_too() -> None:
    adaptation = Adaptation(trace(two_passes, SCHEMA))
    adaptation.update(batches(1.0, 2.0, 6.0))
    with pytest.raises(hr.UsageError, match="depends on another statistic"):
        pickle.loads(pickle.dumps(adaptation)).update(batches(7.0))
