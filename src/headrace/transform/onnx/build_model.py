"""The last step of every ONNX file: constants as initializers, dimensions with names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np
import onnx
import spox
from onnx import numpy_helper

from headrace.transform.onnx.build_outputs import build_outputs
from headrace.transform.onnx.rename_values import list_graphs, rename_values

__all__ = ["ROWS", "Shape", "build_model", "name_dimensions"]

ROWS = "rows"  # the name of the dimension that all inputs and outputs share

Shape = Sequence[str | int | None]


def build_model(
    inputs: Mapping[str, spox.Var], outputs: Mapping[str, spox.Var], shapes: Mapping[str, Shape]
) -> onnx.ModelProto:
    """Build a model whose constants are initializers, where tools for quantization and Netron look for them.

    Args:
        inputs: Input name to argument.
        outputs: Output name to value.
        shapes: Output name to its dimensions, where they are known: a name, a size, or None for what the
            shape inference of ONNX finds.
    """
    # Names with a space cannot be those that spox gives to values inside the model; names of columns can.
    given_inputs = {f"input {place}": name for place, name in enumerate(inputs)}
    given_outputs = {f"output {place}": name for place, name in enumerate(outputs)}
    model = build_outputs(
        dict(zip(given_inputs, inputs.values(), strict=True)),
        dict(zip(given_outputs, outputs.values(), strict=True)),
    )
    rename_values(model, {**given_inputs, **given_outputs})
    for graph in list_graphs(model.graph):
        _hoist_constants(graph)
    for output in model.graph.output:
        if output.name in shapes:
            _set_shape(output.type.tensor_type, shapes[output.name])
    return model


def name_dimensions(columns: Sequence[str]) -> dict[str, str]:
    """Return a name for the values of each ragged column: an identifier that no other column has.

    Dimensions of one name have one size in all tensors of a model; ONNX Runtime reuses memory by it.
    """
    names: dict[str, str] = {}
    taken, suffixes = set[str](), defaultdict[str, Iterator[int]](lambda: count(2))
    for column in columns:
        name = base = re.sub(r"\W", "_", column, flags=re.ASCII)
        while name in taken:
            name = f"{base}_{next(suffixes[base])}"
        names[column] = name
        taken.add(name)
    return names


def _hoist_constants(graph: onnx.GraphProto) -> None:
    kept: list[onnx.NodeProto] = []
    outputs = {each.name for each in graph.output}
    for node in graph.node:
        tensor = _read_constant(node) if node.op_type == "Constant" else None
        if tensor is None or node.output[0] in outputs:
            kept.append(node)
            continue
        tensor.name = node.output[0]
        graph.initializer.append(tensor)
    del graph.node[:]
    graph.node.extend(kept)


def _read_constant(node: onnx.NodeProto) -> onnx.TensorProto | None:
    """Return the value of a Constant node as a tensor; None for a sparse one."""
    (attribute,) = node.attribute
    if attribute.name == "value":
        return attribute.t
    if attribute.name == "sparse_value":
        return None
    value: Any = onnx.helper.get_attribute_value(attribute)
    strings = attribute.name.startswith("value_string")
    dtype = object if strings else np.float32 if attribute.name.startswith("value_float") else np.int64
    return numpy_helper.from_array(np.array(value, dtype))


def _set_shape(tensor: onnx.TypeProto.Tensor, shape: Shape) -> None:
    """Set the dimensions that are known."""
    found = list(tensor.shape.dim)
    if len(found) != len(shape):
        found = [onnx.TensorShapeProto.Dimension() for _ in shape]
    del tensor.shape.dim[:]
    for dimension, size in zip(found, shape, strict=True):
        if isinstance(size, str):
            dimension.dim_param = size
        elif size is not None:
            dimension.dim_value = size
    tensor.shape.dim.extend(found)
