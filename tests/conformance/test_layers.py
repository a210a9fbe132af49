"""Every layer agrees in every mode: on data, in a transform, in ONNX Runtime, in a browser, and loaded.

Numeric layers also agree on tensors; statistics of `analyze` agree with those of `adapt`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

import headrace as hr
from headrace.columns import arrow_type, from_arrow, to_arrow
from headrace.layers import PreprocessingLayer, idf_weights
from headrace.layers.adapt_data import AdaptationData
from headrace.transform.evaluation.evaluate import evaluate
from headrace.transform.graph.graph import Graph

from .comparison import Comparison
from .inputs import drawn
from .layer_cases import CASES, LayerCase
from .measure import Prepared
from .runtimes import NOT_IN_TORCH, Columns, Run, runs_of
from .web import Browser


def test_every_layer_has_cases() -> None:
    abstract = {PreprocessingLayer.__name__, idf_weights.__name__}
    assert set(CASES) == set(hr.layers.__all__) - abstract
    assert all(CASES.values())


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_layer_agrees_between_modes(name: str, any_browser: Browser | None, record_property: Any) -> None:
    totals: dict[str, Comparison] = {}
    draws = drawn(1)
    for case in CASES[name]:
        for runtime, comparison in prepared(case, any_browser).measure(draws).items():
            assert not comparison.mismatches, comparison.first
            totals[runtime] = totals.get(runtime, Comparison()) + comparison
    for runtime, total in totals.items():
        record_property(f"compared with {runtime}", total.values)


def prepared(case: LayerCase, browser: Browser | None) -> Prepared:
    """Prepare a case: the layer in a transform is the reference of the other modes."""
    layer = case.make()
    if case.sample is not None:
        layer.adapt(case.sample)
    graph = in_transform(layer, case, empty(case))
    runs: dict[str, Run] = {"the layer itself": on_data(layer), **runs_of(case, graph, browser)}
    if case.numeric and not NOT_IN_TORCH & {each.dtype for each in case.columns}:
        runs["torch"] = on_tensors(layer)
    if case.late and case.sample is not None:
        found = in_transform(case.make(), case, list(AdaptationData(case.sample, "x0")))
        runs["analyzed, not adapted"] = lambda batches: [value(found, named) for named in batches]
    return Prepared(case, graph, runs)  # pyright: ignore[reportArgumentType]


def empty(case: LayerCase) -> list[pa.RecordBatch]:
    """Make a batch without rows."""
    ends = [pa.array([], arrow_type(type_)) for type_ in case.columns]
    return [pa.RecordBatch.from_arrays(ends, names=[f"x{place}" for place in range(len(ends))])]


def in_transform(layer: PreprocessingLayer, case: LayerCase, data: list[pa.RecordBatch]) -> Graph:
    names = [f"x{place}" for place in range(len(case.columns))]
    apply = called(layer)
    return hr.transform.analyze(
        lambda inputs: {"y": apply([inputs[name] for name in names])}, data
    ).folded_graph


def called(layer: PreprocessingLayer) -> Callable[[list[Any]], Any]:
    """Wrap the layer as a function of a list of columns."""
    crosses = isinstance(layer, hr.layers.HashedCrossing)
    return lambda columns: layer(tuple(columns)) if crosses else layer(*columns)


def value(graph: Graph, named: Columns) -> Any:
    (end,) = graph.outputs.values()
    return evaluate([end], named)[end]


def on_data(layer: PreprocessingLayer) -> Run:
    """Apply the layer to Arrow arrays."""
    return lambda batches: [arrow_in_and_out(layer, list(named.values())) for named in batches]


def arrow_in_and_out(layer: PreprocessingLayer, columns: list[Any]) -> Any:
    found = called(layer)(list(map(to_arrow, columns)))
    assert isinstance(found, pa.Array)
    return from_arrow(found)


def on_tensors(layer: PreprocessingLayer) -> Run:
    def run(batches: Sequence[Columns]) -> list[Any]:
        results = [called(layer)([torch.tensor(each) for each in named.values()]) for named in batches]
        assert all(isinstance(each, torch.Tensor) for each in results)
        return [np.asarray(each) for each in results]

    return run
