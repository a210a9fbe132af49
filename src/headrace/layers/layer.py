"""What a preprocessing layer is: a named piece of the transform's graph, with statistics it adapts."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pyarrow as pa
import torch
from torch import nn

from headrace.columns import ColumnType, arrow_type, type_of
from headrace.errors import UsageError
from headrace.layers.sample import Sample
from headrace.layers.values import column_of, like
from headrace.transform.adaptation import Adaptation, with_statistics
from headrace.transform.column import Column
from headrace.transform.graph import Constant, Graph, Input, Node, evaluate
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
        self._statistics: list[Constant] = []
        self._graphs: dict[ColumnType, Graph] = {}

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
        for place in range(len(self._statistics)):
            self._buffers.pop(f"statistic_{place}", None)
        for place, value in _numbers(self._adaptation.statistics):
            self.register_buffer(f"statistic_{place}", torch.tensor(value))
        self._take(self._adaptation.statistics)
        return self

    def forward(self, x: Any) -> Any:
        """The layer's result for a column of `hr.transform`, a tensor, or other data.

        Raises:
            UsageError: The layer has statistics to find, and was not adapted.
            SchemaError: Rows of another shape than the layer was adapted to.
            TraceError: Data of a type that the layer does not take.
        """
        if isinstance(x, Column):
            return self._on_column(x) if self._statistics else self.call(x)
        if isinstance(x, torch.Tensor):
            graph = self._graph_for(ColumnType(str(x.dtype).removeprefix("torch."), tuple(x.shape[1:])))
            if _is_numeric(graph):
                return self._on_tensor(graph, x)
        column = column_of(x)
        end = self._graph_for(type_of(column)).outputs["y"]
        return like(x, evaluate([end], {self.name: column})[end])

    @property
    def statistics(self) -> dict[str, Any]:
        """What the layer was adapted to, by name: NumPy arrays, and lists of strings."""
        values = ((str(each.statistic), each.value) for each in self._statistics)
        return {name: value if isinstance(value, np.ndarray) else value.to_pylist() for name, value in values}

    def extra_repr(self) -> str:
        """What a printed model says of the layer."""
        return self.name

    def _trace(self, schema: pa.Schema) -> Graph:
        return trace(lambda inputs: {"y": self.call(inputs[self.name])}, schema)

    def _graph_for(self, type_: ColumnType) -> Graph:
        """The graph for data of some type, with the layer's statistics in place."""
        if type_ not in self._graphs:
            graph = self._trace(pa.schema([(self.name, arrow_type(type_))]))
            if graph.analyzers and not self._statistics:
                way_out = "adapt it first: layer.adapt(data)"
                raise UsageError(f"the layer '{self.name}' has not seen data", way_out=way_out)
            self._graphs[type_] = with_statistics(graph, self._statistics)
        return self._graphs[type_]

    def _take(self, statistics: list[Constant]) -> None:
        self._statistics = statistics
        self._graphs = {}

    def _load_from_state_dict(self, *args: Any, **options: Any) -> None:
        """Loaded buffers are the layer's statistics from then on."""
        super()._load_from_state_dict(*args, **options)
        statistics = list(self._statistics)
        for place, _ in _numbers(statistics):
            value = getattr(self, f"statistic_{place}").detach().cpu().numpy()
            statistics[place] = replace(statistics[place], value=value)
        self._take(statistics)

    def _on_column(self, x: Column) -> Column:
        graph = self._graph_for(x.type)
        (given,) = graph.inputs.values()
        return Column(graph.rewrite(lambda node: x.node if node is given else node).outputs["y"])

    def _on_tensor(self, graph: Graph, x: torch.Tensor) -> torch.Tensor:
        buffers = {id(self._statistics[place]): buffer for place, buffer in self._own_buffers()}
        values: dict[Node, Any] = {}
        for node in graph.nodes:
            if isinstance(node.what, Input):
                values[node] = x
            elif isinstance(node.what, Op):
                values[node] = node.what.evaluate(*(values[each] for each in node.inputs))
            elif isinstance(node.what, Constant):
                buffer = buffers.get(id(node.what))
                values[node] = torch.tensor(node.what.value, device=x.device) if buffer is None else buffer
        return values[graph.outputs["y"]]

    def _own_buffers(self) -> list[tuple[int, torch.Tensor]]:
        return [(place, getattr(self, f"statistic_{place}")) for place, _ in _numbers(self._statistics)]


def _new_name(kind: str) -> str:
    base = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    _made[base] += 1
    return base if _made[base] == 1 else f"{base}_{_made[base]}"


def _numbers(statistics: list[Constant]) -> list[tuple[int, np.ndarray]]:
    """The statistics that are numbers, and their places."""
    return [
        (place, each.value) for place, each in enumerate(statistics) if isinstance(each.value, np.ndarray)
    ]


def _is_numeric(graph: Graph) -> bool:
    """Whether torch can compute it."""
    return all(
        isinstance(node.what, ElementwiseOp | Input)
        or (isinstance(node.what, Constant) and isinstance(node.what.value, np.ndarray))
        for node in graph.nodes
    )
