"""What a preprocessing layer is: a named piece of the transform's graph, with statistics it adapts."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Self

import numpy as np
import pyarrow as pa
import torch
from torch import nn

from headrace.columns import ColumnType, Ragged, arrow_type, type_of
from headrace.errors import SchemaError, UsageError
from headrace.layers.sample import Sample
from headrace.layers.values import column_of, like
from headrace.transform.adaptation import Adaptation
from headrace.transform.column import Column, cast_to
from headrace.transform.graph import Constant, Graph, Input, Node, evaluate, fold
from headrace.transform.op import ElementwiseOp, Op
from headrace.transform.tracing import trace

__all__ = ["PreprocessingLayer"]

_made: Counter[str] = Counter()


class PreprocessingLayer(nn.Module):
    """One step of preprocessing, in the manner of Keras. A subclass writes `call` with `hr.transform`.

    A layer serves in three places, with the same values in each:

    - on data (lists, NumPy, Arrow, torch tensors; see `headrace.layers.values`), after `adapt`;
    - in a torch model, where it is numeric: its statistics are buffers, so they move with `to(device)`, are
      stored with the weights and exported with the model;
    - in a `preprocess` function, on a column: adapted, it brings its statistics along; if not,
      `hr.transform.analyze` finds them, in the same pass as all others.

    Args:
        name: What its statistics are called after; by default the class's name, and a number from the second
            such layer on.

    Example:
        >>> import headrace as hr
        >>> class Standardization(hr.layers.PreprocessingLayer):
        ...     def call(self, x):
        ...         return (x - hr.transform.mean(x)) / hr.transform.sqrt(hr.transform.var(x))
        >>> Standardization().adapt([1.0, 2.0, 3.0])([2.0, 3.0])
        array([0.       , 1.2247449], dtype=float32)
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        self.name = name or _new_name(type(self).__name__)
        self._adaptation: Adaptation | None = None
        self._graph: Graph | None = None

    def call(self, x: Column) -> Column:
        """The layer's result for a column, by functions of `hr.transform`; it adapts their analyzers."""
        raise NotImplementedError(f"{type(self).__name__} has no `call`")

    def adapt(self, data_sample: Any, *, reset_state: bool = True) -> Self:
        """Find the layer's statistics over `data_sample`, and return the layer.

        Args:
            data_sample: A column in any form, or batches of one column, such as a Dataset's.
            reset_state: Whether to forget the data seen before; if not, the statistics are of all together.

        Raises:
            UsageError: No data; or `reset_state=False` where one statistic is of another one's result.
            SchemaError: Data of another type than before, or of several columns.
        """
        sample = Sample(data_sample, self.name)
        if reset_state or self._adaptation is None:
            self._adaptation = Adaptation(self._trace(sample.schema))
        self._adaptation.update(sample)
        self._freeze(self._adaptation.result())
        return self

    def forward(self, x: Any) -> Any:
        """The layer's result for a column of `hr.transform`, a tensor, or other data.

        Raises:
            UsageError: The layer has statistics to find, and was not adapted.
            SchemaError: Data of another type or shape than what the layer was adapted to.
        """
        if isinstance(x, Column):
            return self.call(x) if self._adaptation is None else self._on_column(x)
        if isinstance(x, torch.Tensor):
            type_ = ColumnType(str(x.dtype).removeprefix("torch."), tuple(x.shape[1:]))
            graph = self._graph_for(type_)
            if _is_numeric(graph):
                return self._on_tensor(graph, x)
        column = column_of(x)
        graph = self._graph_for(type_of(column))
        end, dtype = graph.outputs["y"], _input(graph).type.dtype
        return like(x, evaluate([end], {self.name: _cast(column, dtype)})[end])

    @property
    def statistics(self) -> dict[str, Any]:
        """What the layer was adapted to, by name: NumPy arrays, and lists of strings."""
        nodes = () if self._adaptation is None else self._adaptation.result().nodes
        constants = [node.what for node in nodes if isinstance(node.what, Constant)]
        return {
            each.statistic: each.value if isinstance(each.value, np.ndarray) else each.value.to_pylist()
            for each in constants
            if each.statistic is not None
        }

    def extra_repr(self) -> str:
        """What a printed model says of the layer."""
        return self.name

    def _trace(self, schema: pa.Schema) -> Graph:
        return trace(lambda inputs: {"y": self.call(inputs[self.name])}, schema)

    def _graph_for(self, type_: ColumnType) -> Graph:
        """The frozen graph; a layer without statistics has one for whatever comes."""
        if self._adaptation is None and (self._graph is None or _input(self._graph).type != type_):
            graph = self._trace(pa.schema([(self.name, arrow_type(type_))]))
            if graph.analyzers:
                way_out = "adapt it first: layer.adapt(data)"
                raise UsageError(f"the layer '{self.name}' has not seen data", way_out=way_out)
            self._freeze(graph)
        assert self._graph is not None
        self._check(type_, _input(self._graph).type)
        return self._graph

    def _freeze(self, graph: Graph) -> None:
        """Keep the graph, its numbers as buffers."""
        for place in range(len(self._buffers)):
            del self._buffers[f"constant_{place}"]
        self._graph = graph.rewrite(fold)
        for place, node in enumerate(_numbers(self._graph)):
            value = torch.tensor(node.what.value)  # pyright: ignore
            self.register_buffer(f"constant_{place}", value, persistent=self._adaptation is not None)

    def _check(self, found: ColumnType, expected: ColumnType) -> None:
        if _form(found) != _form(expected):
            raise SchemaError(
                f"the layer '{self.name}' was made for {expected}, and {found} came in",
                way_out="give data like that, or make a layer for this",
            )

    def _on_column(self, x: Column) -> Column:
        graph = self._graph_for(x.type)
        given = _input(graph)
        column = x if x.type.is_string else cast_to(x, given.type.dtype)
        return Column(graph.rewrite(lambda node: column.node if node is given else node).outputs["y"])

    def _on_tensor(self, graph: Graph, x: torch.Tensor) -> torch.Tensor:
        values: dict[Node, Any] = dict(zip(_numbers(graph), self.buffers(recurse=False), strict=True))
        for node in graph.nodes:
            if isinstance(node.what, Input):
                values[node] = x.to(getattr(torch, node.type.dtype))
            elif isinstance(node.what, Op):
                values[node] = node.what.evaluate(*(values[each] for each in node.inputs))
        return values[graph.outputs["y"]]


def _new_name(kind: str) -> str:
    base = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    _made[base] += 1
    return base if _made[base] == 1 else f"{base}_{_made[base]}"


def _input(graph: Graph) -> Node:
    (node,) = graph.inputs.values()
    return node


def _form(type_: ColumnType) -> tuple[bool, bool, tuple[int, ...]]:
    """What of a type cannot be cast."""
    return type_.is_string, type_.ragged, type_.shape


def _numbers(graph: Graph) -> list[Node]:
    """The constants that are numbers."""
    constants = [node for node in graph.nodes if isinstance(node.what, Constant)]
    return [node for node in constants if isinstance(node.what.value, np.ndarray)]  # pyright: ignore


def _is_numeric(graph: Graph) -> bool:
    """Whether torch can compute it."""
    return all(isinstance(node.what, ElementwiseOp | Constant | Input) for node in graph.nodes)


def _cast(column: Any, dtype: str) -> Any:
    if isinstance(column, Ragged):
        return Ragged(_cast(column.values, dtype), column.row_splits)
    return column.astype(dtype, copy=False) if isinstance(column, np.ndarray) else column
