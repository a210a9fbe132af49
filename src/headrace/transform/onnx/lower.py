"""Lower an analysed graph to ONNX."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping
from operator import attrgetter
from typing import Any

import ndonnx as ndx
import numpy as np
import onnx
import spox
import spox.opset.ai.onnx.v21 as op

from headrace.columns import ANY_SIZE, ColumnType, Ragged, name_tensors
from headrace.errors import TraceError
from headrace.storage import SEAL, seal, write_bytes
from headrace.transform.graph.graph import Graph, Node, topological_sort
from headrace.transform.graph.interpret import interpret
from headrace.transform.graph.op import Op
from headrace.transform.onnx.build_model import ROWS, Shape, build_model, name_dimensions
from headrace.transform.onnx.fuse_buckets import fuse_buckets
from headrace.transform.onnx.fuse_text import fuse_text
from headrace.transform.onnx.move_channels import move_channels
from headrace.transform.onnx.stack_columns import stack_columns, stack_shared_columns

__all__ = ["create_arguments", "flatten_column", "lower", "optimize", "split_columns", "to_onnx"]


def create_arguments(graph: Graph) -> dict[str, Any]:
    """Create the symbolic input columns by name: an `ndonnx.Array` each, or a `Ragged` of two.

    A column of encoded images is its pixels: uint8 [rows, height, width, 3], of any height and width.
    """
    encodings = graph.encodings
    # Names in their order, as keys, of which there may be thousands.
    varied = {name: None for name, node in graph.inputs.items() if name in encodings or node.type.varies}
    ragged = [name for name, node in graph.inputs.items() if node.type.ragged and name not in varied]
    dimensions = name_dimensions([*varied, *ragged])
    prefixes = {name: "" if len(varied) == 1 else f"{dimensions[name]}_" for name in varied}
    return {
        name: _create_image(prefixes[name])
        if name in encodings
        else _create_argument(node.type, dimensions.get(name, ""), prefixes.get(name, ""))
        for name, node in graph.inputs.items()
    }


def lower(graph: Graph, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Compute the output columns symbolically from `columns`.

    Args:
        graph: An analysed graph.
        columns: Input column name to symbolic value; see `create_arguments`.

    Returns:
        Output column name to symbolic value, `ndonnx.Array` or `Ragged`.

    Raises:
        TraceError: An op could not be lowered; names the output and the user's source line.
    """

    def lower_op(node: Node, op: Op, inputs: list[Any]) -> Any:
        try:
            return op.lower(*inputs)
        except Exception as error:
            raise TraceError(
                f"{node} could not be lowered to ONNX ({error})",
                path=node.line[0] if node.line else None,
                line=node.line[1] if node.line else None,
                feature=_find_output(graph, node),
                hint="leave it out, or use another function",
            ) from error

    values = interpret(
        graph.outputs.values(),
        read_input=columns.__getitem__,
        read_constant=attrgetter("value"),
        apply_op=lower_op,
    )
    return {name: values[node] for name, node in graph.outputs.items()}


def _find_output(graph: Graph, node: Node) -> str:
    """Find the first output that depends on a node."""
    return next(name for name, output in graph.outputs.items() if node in topological_sort([output]))


def optimize(graph: Graph) -> Graph:
    """Rewrite a graph so that its model runs faster; every value stays identical, bit for bit."""
    graph = move_channels(fuse_text(fuse_buckets(graph)))
    shared = stack_shared_columns(graph)
    if shared is graph:
        return stack_columns(graph)
    candidates = (stack_columns(graph), stack_columns(shared))
    return min(candidates, key=lambda each: len(_build_model(each).graph.node))


def split_columns(columns: Mapping[str, Any]) -> dict[str, ndx.Array]:
    """Split columns into named tensors: a ragged column `x` becomes `x.values` and `x.row_splits`.

    Raises:
        SchemaError: A name that ONNX cannot hold, or two tensors of the same name.
    """
    names = name_tensors({name: isinstance(value, Ragged) for name, value in columns.items()})
    return {
        tensor: part
        for name, value in columns.items()
        for tensor, part in zip(names[name], flatten_column(value), strict=True)
    }


def flatten_column(value: Any) -> tuple[ndx.Array, ...]:
    """Return the tensors of a column: one, or of a ragged column its values and row splits."""
    return (value.values, value.row_splits) if isinstance(value, Ragged) else (value,)


def to_onnx(graph: Graph, path: str | os.PathLike[str] | None = None) -> onnx.ModelProto:
    """See `Transform.to_onnx`."""
    model = _build_model(optimize(graph))
    if path is not None:
        sealed = onnx.ModelProto()
        sealed.CopyFrom(model)
        onnx.helper.set_model_props(sealed, SEAL)
        write_bytes(path, seal(sealed.SerializeToString()))
    return model


def _build_model(graph: Graph) -> onnx.ModelProto:
    columns = create_arguments(graph)
    inputs = {name: tensor.unwrap_spox() for name, tensor in split_columns(columns).items()}
    types = {name: node.type for name, node in graph.outputs.items()}
    tensors = split_columns(lower(graph, columns))
    names = _name_outputs(tensors, inputs)
    outputs = {names[name]: op.identity(tensor.unwrap_spox()) for name, tensor in tensors.items()}
    shapes: dict[str, Shape] = {
        names[name]: (ROWS, *(None if size == ANY_SIZE else size for size in types[name].shape))
        for name in tensors
        if name in types
    }
    return build_model(inputs, outputs, shapes)


def _name_outputs(outputs: Iterable[str], inputs: Container[str]) -> dict[str, str]:
    """Append `.out` to the outputs that have the name of an input, as often as it takes to be unique."""
    names = {name: name for name in outputs if name not in inputs}
    taken = set(names)
    for name in outputs:
        if name in inputs:
            unique = f"{name}.out"
            while unique in inputs or unique in taken:
                unique += ".out"
            names[name] = unique
            taken.add(unique)
    return names


def _create_argument(type_: ColumnType, dimension: str, prefix: str) -> Any:
    if type_.ragged:
        values, splits = (f"{dimension}_values",), (f"{dimension}_splits",)
        return Ragged(_tensor(type_.tensor_dtype, values), _tensor("int64", splits))
    names = iter((f"{prefix}height", f"{prefix}width"))
    sizes = (next(names) if size == ANY_SIZE else size for size in type_.shape)
    return _tensor(type_.tensor_dtype, (ROWS, *sizes))


def _create_image(prefix: str) -> ndx.Array:
    return _tensor("uint8", (ROWS, f"{prefix}height", f"{prefix}width", 3))


def _tensor(dtype: str, shape: tuple[str | int, ...]) -> ndx.Array:
    scalar = np.dtype(np.str_) if dtype == "string" else np.dtype(dtype)
    return ndx.asarray(spox.argument(spox.Tensor(scalar, shape)))
