"""Every op, on NumPy = on torch = in onnxruntime = after saving and loading, bit for bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
import torch
from hypothesis import Phase, given, settings

from headrace.columns import ColumnType, Ragged
from headrace.transform.graph import Constant, Graph, Input, Node, evaluate
from headrace.transform.onnx import to_onnx
from headrace.transform.op import ElementwiseOp, Op
from headrace.transform.storage import read_graph, write_graph

from .cases import CASES, Case
from .inputs import Draw, draws

# torch keeps numbers of these types, but does not calculate with them.
NOT_IN_TORCH = {"uint16", "uint32", "uint64"}


Run = Callable[[dict[str, Any]], Any]


def test_every_op_has_cases() -> None:
    assert set(CASES) == set(Op.registry)
    assert all(CASES.values())


@pytest.mark.parametrize("name", sorted(Op.registry))
def test_op_is_the_same_everywhere(name: str, record_property: Any) -> None:
    prepared = [(case, graph_of(case)) for case in CASES[name]]
    runs = [runs_of(case, graph) for case, graph in prepared]
    compared: Counter[str] = Counter()

    # Nothing to shrink: the first row that differs is the counter-example.
    @settings(max_examples=2, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(draws)
    def compare(draw: Draw) -> None:
        for (case, graph), others in zip(prepared, runs, strict=True):
            for values in draw.batches(case):
                compared.update(compare_batch(case, graph, others, values))

    compare()
    for runtime, count in compared.items():
        record_property(f"compared with {runtime}", count)


def compare_batch(case: Case, graph: Graph, runs: dict[str, Run], values: list[Any]) -> dict[str, int]:
    """How many values were compared with NumPy's, by runtime."""
    named = dict(zip(graph.inputs, values, strict=True))
    expected = on_numpy(graph, named)
    check_type(case, graph.outputs["y"].type, expected)
    return {runtime: check_same(case, runtime, named, expected, run(named)) for runtime, run in runs.items()}


def runs_of(case: Case, graph: Graph) -> dict[str, Run]:
    runs: dict[str, Run] = {"onnxruntime": _onnxruntime(graph), "saved and loaded": _loaded(graph)}
    if isinstance(case.op, ElementwiseOp) and not NOT_IN_TORCH & _dtypes(graph):
        runs["torch"] = lambda named: on_torch(graph, named)
    return runs


def graph_of(case: Case) -> Graph:
    nodes: list[Node] = []
    for place, each in enumerate(case.inputs):
        if isinstance(each, ColumnType):
            nodes.append(Node(Input(f"x{place}"), (), each, per_row=True))
        elif isinstance(each, pa.Array):
            nodes.append(Node(Constant(each, "words"), (), ColumnType("string", ragged=True), per_row=False))
        else:
            type_ = ColumnType(str(each.dtype), each.shape)
            nodes.append(Node(Constant(np.asarray(each)), (), type_, per_row=False))
    type_ = case.op.infer(*(node.type for node in nodes))
    return Graph({"y": Node(case.op, tuple(nodes), type_, per_row=True)})


def _dtypes(graph: Graph) -> set[str]:
    return {node.type.dtype for node in graph.nodes}


def on_numpy(graph: Graph, named: dict[str, Any]) -> Any:
    node = graph.outputs["y"]
    return evaluate([node], named)[node]


def on_torch(graph: Graph, named: dict[str, Any]) -> Any:
    tensors = {name: _map(torch.tensor, value) for name, value in named.items()}
    result = on_numpy(graph, tensors)
    assert isinstance(result.values if isinstance(result, Ragged) else result, torch.Tensor)
    return _map(lambda tensor: np.asarray(tensor), result)


def _map(function: Any, value: Any) -> Any:
    return Ragged(function(value.values), value.row_splits) if isinstance(value, Ragged) else function(value)


def _onnxruntime(graph: Graph) -> Run:
    session = onnxruntime.InferenceSession(to_onnx(graph).SerializeToString())

    def run(named: dict[str, Any]) -> Any:
        feeds: dict[str, np.ndarray] = {}
        for name, value in named.items():
            if isinstance(value, Ragged):
                feeds |= {f"{name}.values": _tensor(value.values), f"{name}.row_splits": value.row_splits}
            else:
                feeds[name] = _tensor(value)
        asked = {each.name for each in session.get_inputs()}
        names = [each.name for each in session.get_outputs()]
        feeds = {name: value for name, value in feeds.items() if name in asked}
        results = dict(zip(names, session.run(names, feeds), strict=True))
        return results["y"] if "y" in results else Ragged(results["y.values"], results["y.row_splits"])

    return run


def _tensor(value: Any) -> np.ndarray:
    return np.array(value.to_pylist(), object) if isinstance(value, pa.Array) else value


def _loaded(graph: Graph) -> Run:
    with TemporaryDirectory() as directory:
        write_graph(graph, Path(directory) / "t")
        loaded = read_graph(Path(directory) / "t")
    return lambda named: on_numpy(loaded, named)


def check_type(case: Case, type_: ColumnType, value: Any) -> None:
    flat = value.values if isinstance(value, Ragged) else value
    assert isinstance(value, Ragged) == type_.ragged, f"{case} is {type_} by its type rule"
    if type_.is_string:
        assert isinstance(flat, pa.Array)
    else:
        found = (str(flat.dtype), flat.shape[1:])
        assert found == (type_.dtype, type_.shape), f"{case} is {type_} by its type rule, but gave {found}"


def check_same(case: Case, runtime: str, named: dict[str, Any], expected: Any, found: Any) -> int:
    """The number of values compared; the first that differs is reported with its row's inputs."""
    if isinstance(expected, Ragged):
        splits = (np.asarray(expected.row_splits), np.asarray(found.row_splits))
        assert np.array_equal(*splits), f"{case}, NumPy and {runtime}: rows of other lengths"
        assert splits[1].dtype == np.int64
        return check_same(case, runtime, named, expected.values, found.values)
    expected, found = _plain(expected), _plain(found)
    assert (expected.dtype, expected.shape) == (found.dtype, found.shape), f"{case} in {runtime}"
    differing = np.flatnonzero(~_equal(expected, found, case.ulps.get(runtime, 0)))
    if len(differing):
        at = np.unravel_index(differing[0], expected.shape)
        inputs = {name: _at(value, at, expected.shape) for name, value in named.items()}
        pytest.fail(
            f"{case}: of {expected.size:,} values {len(differing):,} differ; "
            f"at {inputs!r:.300} NumPy gives {expected[at]!r:.300}, {runtime} {found[at]!r:.300}"
        )
    return expected.size


def _plain(values: Any) -> np.ndarray:
    return np.array(values.to_pylist(), object) if isinstance(values, pa.Array) else np.asarray(values)


def _at(value: Any, at: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    flat = _plain(value.values if isinstance(value, Ragged) else value)
    return flat[at] if flat.shape == shape else flat[at[0]] if len(flat) == shape[0] else "see the batch"


def _equal(first: np.ndarray, second: np.ndarray, ulps: int) -> np.ndarray:
    if first.dtype.kind != "f":
        return np.asarray(first == second, bool).reshape(-1)
    integer = {4: np.int32, 8: np.int64}[first.dtype.itemsize]
    both_nan = np.isnan(first) & np.isnan(second)
    if not ulps:
        return (both_nan | (first.view(integer) == second.view(integer))).reshape(-1)
    with np.errstate(invalid="ignore"):
        near = np.abs(first - second) <= ulps * np.spacing(np.abs(first))
    return (both_nan | near | (first == second)).reshape(-1)
