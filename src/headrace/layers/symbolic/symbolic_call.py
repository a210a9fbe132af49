"""Layers in a network that is being exported: each call becomes one node, which export replaces.

torch cannot trace strings, hash functions or lists, and ONNX has no form of some functions of torch. While
calls are recorded, a layer therefore returns the output of a symbolic node of the domain `LAYER_DOMAIN`; the
exporter then puts the layer's own ONNX form in its place, the same that transforms have.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import torch

from headrace.columns import ColumnType, Ragged
from headrace.errors import ModelError
from headrace.transform.graph import Graph

__all__ = [
    "LAYER_DOMAIN",
    "SIZE_OP",
    "LayerCalls",
    "RecordedLayer",
    "StringStandIn",
    "record_calls",
    "recorder",
]

LAYER_DOMAIN = "headrace.layers"
SIZE_OP = "Size"  # of the values of a ragged result; its attribute `call` names the node of the result
_STAND_IN = torch.int64  # the dtype of tensors that stand in for strings


@dataclass(frozen=True)
class StringStandIn:
    """Strings of a network that is being exported: a tensor of numbers that only layers may take."""

    tensor: torch.Tensor


@dataclass(frozen=True)
class RecordedLayer:
    """A layer that was called, with inputs of some types.

    Attributes:
        op: The type of the symbolic nodes.
        graph: What the layer computes, as a graph with its statistics; its output is `y`.
        inputs: Input name to type, in the order of the node's inputs.
    """

    op: str
    graph: Graph
    inputs: dict[str, ColumnType]


@dataclass
class LayerCalls:
    """The layers that were called while a network was exported."""

    layers: dict[Any, RecordedLayer] = field(default_factory=dict[Any, RecordedLayer])
    calls: int = 0

    def call(
        self, key: Any, make: Callable[[], tuple[Graph, dict[str, ColumnType]]], data: Sequence[Any]
    ) -> Any:
        """Return the symbolic result of a layer for symbolic inputs.

        Args:
            key: The layer and the types of its inputs: equal keys share a node type.
            make: Makes the graph and the types of the inputs, for a new key.
            data: The inputs: tensors, `StringStandIn`, or `Ragged` of them.
        """
        if key not in self.layers:
            self.layers[key] = RecordedLayer(f"Layer{len(self.layers)}", *make())
        layer = self.layers[key]
        output = layer.graph.outputs["y"].type
        tensors = [tensor for value in data for tensor in _list_tensors(value)]
        if not output.ragged:
            return self._emit(layer.op, tensors, output, (_count_rows(data[0]), *output.shape))
        self.calls += 1
        total = torch.onnx.ops.symbolic(
            f"{LAYER_DOMAIN}::{SIZE_OP}",
            tensors,
            {"call": self.calls},
            dtype=torch.int64,
            shape=(),
            version=1,
        ).item()
        torch._check(total >= 0)  # pyright: ignore[reportPrivateUsage] - public in torch's guide to export
        shapes: Any = ((total,), (_count_rows(data[0]) + 1,))
        values, row_splits = torch.onnx.ops.symbolic_multi_out(
            f"{LAYER_DOMAIN}::{layer.op}",
            tensors,
            {"call": self.calls},
            dtypes=(_torch_dtype(output), torch.int64),
            shapes=shapes,
            version=1,
        )
        return Ragged(StringStandIn(values) if output.is_string else values, row_splits)

    def _emit(self, op: str, tensors: list[torch.Tensor], output: ColumnType, shape: Any) -> Any:
        result = torch.onnx.ops.symbolic(
            f"{LAYER_DOMAIN}::{op}", tensors, dtype=_torch_dtype(output), shape=shape, version=1
        )
        return StringStandIn(result) if output.is_string else result


_recorder: ContextVar[LayerCalls | None] = ContextVar("layer_calls", default=None)


@contextmanager
def record_calls() -> Generator[LayerCalls]:
    """Record the calls of layers inside a `with` block."""
    calls = LayerCalls()
    token = _recorder.set(calls)
    try:
        yield calls
    finally:
        _recorder.reset(token)


def recorder() -> LayerCalls | None:
    """Return the record of the network that is being exported; None before torch 2.8, which traces layers."""
    calls = _recorder.get()  # looked at first: `torch.onnx` takes a quarter of a second to load
    return calls if calls is not None and hasattr(torch.onnx, "ops") else None


def symbolic_type(value: Any) -> ColumnType:
    """Return the column type of an input of a layer.

    Raises:
        ModelError: It is not a tensor, strings, or lists of them.
    """
    if isinstance(value, Ragged):
        return ColumnType(symbolic_type(value.values).dtype, ragged=True)
    if isinstance(value, StringStandIn):
        return ColumnType("string", tuple(map(int, value.tensor.shape[1:])))
    if isinstance(value, torch.Tensor):
        return ColumnType(str(value.dtype).removeprefix("torch."), tuple(map(int, value.shape[1:])))
    what = f"a layer was called with {type(value).__name__} during export, expected a tensor"
    raise ModelError(
        what, hint="call layers with the inputs of the model, or with tensors computed from them"
    )


def _list_tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, Ragged):
        return [*_list_tensors(value.values), value.row_splits]
    return [value.tensor if isinstance(value, StringStandIn) else value]


def _count_rows(value: Any) -> Any:
    if isinstance(value, Ragged):
        return value.row_splits.shape[0] - 1
    return (value.tensor if isinstance(value, StringStandIn) else value).shape[0]


def _torch_dtype(type_: ColumnType) -> torch.dtype:
    return _STAND_IN if type_.is_string else getattr(torch, type_.dtype)
