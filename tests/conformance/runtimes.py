"""Runtimes of a graph with one op: NumPy, torch, ONNX Runtime in Python and in a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import torch

from headrace.columns import ColumnType, Ragged
from headrace.transform.evaluation.evaluate import evaluate
from headrace.transform.graph.graph import Constant, Graph, Input, Node
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.onnx.lower import to_onnx
from headrace.transform.saving import read_graph, write_graph

from .cases import Case
from .web import Browser

__all__ = ["RUNTIMES", "WEB", "Columns", "Run", "graph_of", "not_in_torch", "on_numpy", "runs_of"]

WEB = "onnxruntime-web"
RUNTIMES = ("torch", "onnxruntime", WEB, "saved and loaded")

# torch stores numbers of these types, but does not compute with them.
NOT_IN_TORCH = {"uint16", "uint32", "uint64"}

Columns = Mapping[str, Any]
# Returns the result for each batch of input columns; None for a batch that the runtime cannot read.
Run = Callable[[Sequence[Columns]], list[Any]]


def graph_of(case: Case) -> Graph:
    """Make a graph of the op of a case, with the output y."""
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


def on_numpy(graph: Graph, named: Columns) -> Any:
    """Evaluate the graph on NumPy, the reference of all comparisons."""
    node = graph.outputs["y"]
    return evaluate([node], named)[node]


def runs_of(case: Case, graph: Graph, browser: Browser | None) -> dict[str, Run]:
    """Return the runtimes that can run the op, in the order of RUNTIMES."""
    model = to_onnx(graph)
    runs = {"onnxruntime": _onnxruntime(model)}
    if not_in_torch(case, graph) is None:
        runs["torch"] = lambda batches: [_on_torch(graph, named) for named in batches]
    if browser is not None:
        runs[WEB] = _web(model, browser)
    runs["saved and loaded"] = _loaded(graph)
    return {name: runs[name] for name in RUNTIMES if name in runs}


def not_in_torch(case: Case, graph: Graph) -> str | None:
    """Return the reason why a case does not run in torch; None if it does."""
    if not isinstance(case.op, ElementwiseOp):
        return "not elementwise: Arrow's and Headrace's kernels compute it, not torch"
    if NOT_IN_TORCH & {node.type.dtype for node in graph.nodes}:
        return "torch does not calculate with " + ", ".join(sorted(NOT_IN_TORCH))
    return None


def _on_torch(graph: Graph, named: Columns) -> Any:
    tensors = {name: _map(torch.tensor, value) for name, value in named.items()}
    result = on_numpy(graph, tensors)
    assert isinstance(result.values if isinstance(result, Ragged) else result, torch.Tensor)
    return _map(lambda tensor: np.asarray(tensor), result)


def _map(function: Any, value: Any) -> Any:
    return Ragged(function(value.values), value.row_splits) if isinstance(value, Ragged) else function(value)


def _onnxruntime(model: onnx.ModelProto) -> Run:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    names = [each.name for each in session.get_outputs()]

    def run(batches: Sequence[Columns]) -> list[Any]:
        results = (session.run(names, _feeds(model, named)) for named in batches)
        return [_output(dict(zip(names, each, strict=True))) for each in results]

    return run


def _web(model: onnx.ModelProto, browser: Browser) -> Run:
    data = model.SerializeToString()

    def run(batches: Sequence[Columns]) -> list[Any]:
        feeds = [_feeds(model, named) for named in batches]
        given = [each for each in feeds if not _has_null(each)]
        results = iter(browser.run(data, given))
        return [None if _has_null(each) else _output(next(results)) for each in feeds]

    return run


def _has_null(feeds: Mapping[str, np.ndarray]) -> bool:
    """Test for U+0000, at which onnxruntime-web truncates a string."""
    strings = [each for each in feeds.values() if each.dtype == object]
    return any("\0" in text for each in strings for text in each)


def _feeds(model: onnx.ModelProto, named: Columns) -> dict[str, np.ndarray]:
    feeds: dict[str, np.ndarray] = {}
    for name, value in named.items():
        if isinstance(value, Ragged):
            feeds |= {f"{name}.values": _tensor(value.values), f"{name}.row_splits": value.row_splits}
        else:
            feeds[name] = _tensor(value)
    names = {each.name for each in model.graph.input}
    return {name: value for name, value in feeds.items() if name in names}


def _tensor(value: Any) -> np.ndarray:
    return np.array(value.to_pylist(), object) if isinstance(value, pa.Array) else value


def _output(results: Mapping[str, np.ndarray]) -> Any:
    return results["y"] if "y" in results else Ragged(results["y.values"], results["y.row_splits"])


def _loaded(graph: Graph) -> Run:
    with TemporaryDirectory() as directory:
        write_graph(graph, Path(directory) / "t")
        loaded = read_graph(Path(directory) / "t")
    return lambda batches: [on_numpy(loaded, named) for named in batches]
