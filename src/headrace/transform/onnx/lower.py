"""A frozen graph as ONNX."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ndonnx as ndx
import numpy as np
import onnx
import spox
import spox.opset.ai.onnx.v21 as op

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.graph import Constant, Graph, Input, Node, sort
from headrace.transform.graph.op import Op
from headrace.transform.onnx.fuse_buckets import fused
from headrace.transform.onnx.stack_columns import shared, stacked

__all__ = ["arguments", "lean", "lower", "named_tensors", "to_onnx"]


def arguments(graph: Graph) -> dict[str, Any]:
    """Symbolic input columns by name: an `ndonnx.Array` each, or a `Ragged` of two."""
    return {name: _argument(node.type) for name, node in graph.inputs.items()}


def lower(graph: Graph, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The output columns by name, computed symbolically from `columns`.

    Raises:
        TraceError: An op could not be lowered; names the output, and the user's line that used the op.
    """
    values: dict[Node, Any] = {}
    for node in graph.nodes:
        try:
            values[node] = _lowered(node, values, columns)
        except TraceError as error:
            error.feature = next(name for name, end in graph.outputs.items() if node in sort([end]))
            raise
    return {name: values[node] for name, node in graph.outputs.items()}


def lean(graph: Graph) -> Graph:
    """The same graph, bit for bit, in the form that takes the fewest steps; see `fusing` and `stacking`."""
    graph = fused(graph)
    picked = shared(graph)
    if picked is graph:
        return stacked(graph)
    return min((stacked(graph), stacked(picked)), key=lambda form: _steps(_model(form)))


def named_tensors(columns: Mapping[str, Any]) -> dict[str, ndx.Array]:
    """Columns as single tensors: a ragged column `x` becomes `x.values` and `x.row_splits`."""
    tensors: dict[str, ndx.Array] = {}
    for name, value in columns.items():
        if isinstance(value, Ragged):
            tensors |= {f"{name}.values": value.values, f"{name}.row_splits": value.row_splits}
        else:
            tensors[name] = value
    return tensors


def to_onnx(graph: Graph, path: str | os.PathLike[str] | None = None) -> onnx.ModelProto:
    """See `Transform.to_onnx`."""
    model = _model(lean(graph))
    if path is not None:
        partial = Path(f"{os.fspath(path)}.partial")
        onnx.save(model, partial)
        partial.replace(path)
    return model


def _model(graph: Graph) -> onnx.ModelProto:
    columns = arguments(graph)
    inputs = {name: tensor.unwrap_spox() for name, tensor in named_tensors(columns).items()}
    outputs = {
        f"{name}.out" if name in inputs else name: op.identity(tensor.unwrap_spox())
        for name, tensor in named_tensors(lower(graph, columns)).items()
    }
    return spox.build(inputs, outputs)


def _steps(model: onnx.ModelProto) -> int:
    return sum(node.op_type != "Constant" for node in model.graph.node)


def _argument(type_: ColumnType) -> Any:
    if type_.ragged:
        return Ragged(_tensor(type_.dtype, ("total",)), _tensor("int64", ("splits",)))
    return _tensor(type_.dtype, ("batch", *type_.shape))


def _tensor(dtype: str, shape: tuple[str | int, ...]) -> ndx.Array:
    scalar = np.dtype(np.str_) if dtype == "string" else np.dtype(dtype)
    return ndx.asarray(spox.argument(spox.Tensor(scalar, shape)))


def _lowered(node: Node, values: Mapping[Node, Any], columns: Mapping[str, Any]) -> Any:
    if isinstance(node.what, Input):
        return columns[node.what.column]
    if isinstance(node.what, Constant):
        return node.what.value
    assert isinstance(node.what, Op), f"{node} has not been analysed"
    try:
        return node.what.lower(*(values[each] for each in node.inputs))
    except Exception as error:
        path, line = node.line or (None, None)
        what = f"{node} could not be made ONNX ({error})"
        raise TraceError(what, path=path, line=line, hint="leave it out, or compute it otherwise") from error
