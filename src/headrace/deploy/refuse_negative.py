"""Indices below 0 in a traced network: torch refuses them, ONNX counts them from the end of the table.

Such an index is replaced by one beyond any table, which ONNX Runtime refuses, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
import onnx
import torch
from torch.nn import functional as F  # noqa: N812
from torch.overrides import TorchFunctionMode

__all__ = ["BEYOND", "OneHotByLookup", "refuse_negative"]

BEYOND = np.int64(2**31 - 1)
_SOURCE = "pkg.torch.onnx.fx_node"  # the exporter's note of the operation that a node comes from
_STRICT = ("embedding", "embedding_bag", "index_select", "gather", "scatter", "scatter_add", "scatter_reduce")
_BY_INDEX = ("Gather", "GatherElements", "ScatterElements")
_SAME_VALUES = (
    "Identity",
    "Reshape",
    "Unsqueeze",
    "Squeeze",
    "Flatten",
    "Transpose",
    "Expand",
    "Tile",
    "Slice",
)


class OneHotByLookup(TorchFunctionMode):
    """Trace `one_hot` as a lookup, since it refuses the indices that a lookup refuses.

    torch's exporter compares the index with each class, which answers zeros instead.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is not F.one_hot:
            return func(*args, **kwargs)
        index, classes = _read_one_hot(*args, **kwargs)
        if classes < 1:
            return func(*args, **kwargs)
        table = torch.eye(classes, dtype=torch.int64, device=index.device)
        return F.embedding(index, table)


def _read_one_hot(tensor: torch.Tensor, num_classes: int = -1) -> tuple[torch.Tensor, int]:
    return tensor, num_classes


def refuse_negative(model: onnx.ModelProto, never_negative: Collection[str]) -> None:
    """Make a traced network refuse the indices that torch refuses.

    Args:
        model: What torch's exporter made; it is changed.
        never_negative: The inputs without numbers below 0; indices that are these are not checked.
    """
    graph = model.graph
    producers = {output: node for node in graph.node for output in node.output}
    constants = {each.name: each for each in graph.initializer}
    types = {each.name: each.type.tensor_type.elem_type for each in (*graph.input, *graph.value_info)}
    checked = dict[str, str]()
    nodes = list[onnx.NodeProto]()
    for node in graph.node:
        index = node.input[1] if node.op_type in _BY_INDEX and _is_strict(node) else None
        if index is not None and not _is_safe(index, producers, constants, never_negative):
            if index not in checked:
                checked[index] = f"{index}.checked"
                nodes += _check(index, checked[index], types.get(index) == onnx.TensorProto.INT32)
            node.input[1] = checked[index]
        nodes.append(node)
    if checked:
        copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
        del graph.node[:]
        graph.node.extend(copies)


def _is_strict(node: onnx.NodeProto) -> bool:
    """Return whether a node comes from an operation of torch that refuses indices below 0."""
    source = next((each.value for each in node.metadata_props if each.key == _SOURCE), "")
    return any(f"aten.{name}." in source for name in _STRICT)


def _is_safe(
    name: str,
    producers: dict[str, onnx.NodeProto],
    constants: dict[str, Any],
    never_negative: Collection[str],
) -> bool:
    """Return whether an index is a constant, or has the values of an input without numbers below 0."""
    while (node := producers.get(name)) is not None and node.op_type in _SAME_VALUES:
        name = node.input[0]
    if node is None:
        return name in never_negative or name in constants
    return node.op_type in ("Constant", "Range", "Shape")


def _check(index: str, checked: str, is_int32: bool) -> Iterator[onnx.NodeProto]:
    """Make the nodes that replace an index below 0."""
    dtype = np.int32 if is_int32 else np.int64
    for name, value in (("zero", dtype(0)), ("beyond", dtype(BEYOND))):
        tensor = onnx.numpy_helper.from_array(np.array(value))
        yield onnx.helper.make_node("Constant", [], [f"{checked}.{name}"], value=tensor)
    yield onnx.helper.make_node("Less", [index, f"{checked}.zero"], [f"{checked}.below"])
    yield onnx.helper.make_node(
        "Where", [f"{checked}.below", f"{checked}.beyond", index], [checked], name=f"node_check_{index}"
    )
