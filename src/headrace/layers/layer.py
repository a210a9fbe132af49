"""What a preprocessing layer is: a named piece of the transform's graph, with statistics it adapts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pyarrow as pa
import torch
from torch import nn

from headrace.columns import ColumnType, arrow_type, type_of
from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError
from headrace.layers.adapt_data import Sample, only_column
from headrace.layers.conversion import column_of, like
from headrace.transform.analysis import Adaptation, insert_statistics
from headrace.transform.evaluation import evaluate
from headrace.transform.graph import (
    CompositeCall,
    Constant,
    ElementwiseOp,
    Graph,
    Input,
    current_call,
    inside_call,
    interpret,
)
from headrace.transform.tracing import Column, trace

__all__ = ["OnColumns", "PreprocessingLayer"]

_made: Counter[str] = Counter()


class PreprocessingLayer(nn.Module):
    """One step of preprocessing, in the manner of Keras. A subclass writes `call` with `hr.transform`.

    A layer serves in three places, with the same values in each:

    - on data (lists, NumPy, Arrow, torch tensors; see `headrace.layers.conversion`), after `adapt`; on a
      Dataset of one column, or, by `dataset.map(layer.on("city"))`, on a column of any Dataset;
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
        self._graphs: dict[tuple[ColumnType, ...], Graph] = {}

    def call(self, x: Column) -> Column:
        """The layer's result for a column, by functions of `hr.transform`; it adapts their analyzers."""
        raise NotImplementedError(f"{type(self).__name__} has no `call`")

    def learn(self, x: Column) -> Column:
        """What `adapt` takes the analyzers from: anything that has those of `call`, in the same order."""
        return self.call(x)

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
            self._adaptation = Adaptation(self._trace(sample.schema, self.learn))
        self._adaptation.update(sample)
        self._forget()
        for place, value in _numbers(self._adaptation.statistics):
            self.register_buffer(f"statistic_{place}", torch.tensor(value))
        self._take(self._adaptation.statistics)
        return self

    def forward(self, x: Any) -> Any:
        """The layer's result for a column of `hr.transform`, a tensor, a Dataset, or other data.

        Raises:
            UsageError: The layer has statistics to find, and was not adapted.
            SchemaError: Rows of another shape than the layer was adapted to.
            TraceError: Data of a type that the layer does not take.
        """
        if isinstance(x, Dataset):
            return x.map(self)
        if isinstance(x, pa.RecordBatch):
            (name,) = only_column(x)
            return pa.record_batch({name: self._on((x.column(0),))})
        return self._on((x,))

    def on(self, *columns: str, to: str | None = None) -> OnColumns:
        """What `Dataset.map` takes to apply the layer to a column by name.

        Args:
            columns: The column's name; several, for a layer of several columns.
            to: The name of a new column for the result; by default it takes the first column's place.
        """
        return OnColumns(self, columns, to or columns[0])

    @property
    def statistics(self) -> dict[str, Any]:
        """What the layer was adapted to, by name: NumPy arrays, and lists of strings."""
        values = ((str(each.statistic), each.value) for each in self._statistics)
        return {name: value if isinstance(value, np.ndarray) else value.to_pylist() for name, value in values}

    def extra_repr(self) -> str:
        """What a printed model says of the layer."""
        return self.name

    def _on(self, data: tuple[Any, ...]) -> Any:
        """The result for the columns that `call` takes, in the form of the first."""
        if all(isinstance(each, Column) for each in data):
            with inside_call(CompositeCall(self.name)):
                return self._on_columns(*data) if self._statistics else self.call(*data)
        if all(isinstance(each, torch.Tensor) for each in data):
            graph = self._graph_for(tuple(map(_tensor_type, data)))
            if _is_numeric(graph):
                return self._on_tensors(graph, data)
        columns = list(map(column_of, data))
        end = self._graph_for(tuple(map(type_of, columns))).outputs["y"]
        return like(data[0], evaluate([end], dict(zip(self._names(len(data)), columns, strict=True)))[end])

    def _names(self, count: int) -> list[str]:
        """What the columns that `call` takes are called."""
        return [self.name, *(f"{self.name}, {place}" for place in range(1, count))]

    def _trace(self, schema: pa.Schema, call: Callable[..., Column]) -> Graph:
        return trace(lambda inputs: {"y": call(*(inputs[name] for name in schema.names))}, schema)

    def _graph_for(self, types: tuple[ColumnType, ...]) -> Graph:
        """The graph for data of some types, with the layer's statistics in place."""
        if types not in self._graphs:
            columns = zip(self._names(len(types)), map(arrow_type, types), strict=True)
            graph = self._trace(pa.schema(columns), self.call)
            if graph.analyzers and not self._statistics:
                hint = "adapt it first: layer.adapt(data)"
                raise UsageError(f"the layer '{self.name}' has not seen data", hint=hint)
            self._graphs[types] = insert_statistics(graph, self._statistics)
        return self._graphs[types]

    def _forget(self) -> None:
        """Let go of the statistics."""
        for place in range(len(self._statistics)):
            self._buffers.pop(f"statistic_{place}", None)
        self._take([])

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

    def _on_columns(self, *columns: Column) -> Column:
        graph = self._graph_for(tuple(column.type for column in columns))
        given = dict(zip(self._names(len(columns)), columns, strict=True))
        nodes = {node: given[name].node for name, node in graph.inputs.items()}
        call = current_call()
        graph = graph.rewrite(lambda node: nodes.get(node) or replace(node, call=call))
        return Column(graph.outputs["y"])

    def _on_tensors(self, graph: Graph, tensors: tuple[torch.Tensor, ...]) -> torch.Tensor:
        given = dict(zip(self._names(len(tensors)), tensors, strict=True))
        buffers = {id(self._statistics[place]): buffer for place, buffer in self._own_buffers()}

        def read_constant(constant: Constant) -> torch.Tensor:
            buffer = buffers.get(id(constant))
            return torch.tensor(constant.value, device=tensors[0].device) if buffer is None else buffer

        output = graph.outputs["y"]
        values = interpret(
            [output],
            read_input=given.__getitem__,
            read_constant=read_constant,
            apply_op=lambda _, op, inputs: op.evaluate(*inputs),
        )
        return values[output]

    def _own_buffers(self) -> list[tuple[int, torch.Tensor]]:
        return [(place, getattr(self, f"statistic_{place}")) for place, _ in _numbers(self._statistics)]


@dataclass(frozen=True)
class OnColumns:
    """A layer on columns of record batches, by name; see `PreprocessingLayer.on`."""

    layer: PreprocessingLayer
    columns: tuple[str, ...]
    to: str

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with the layer's result in the column `to`.

        Raises:
            SchemaError: The batch has no such column.
        """
        missing = [name for name in self.columns if name not in batch.schema.names]
        if missing:
            what, hint = "the batch has no such column", f"it has {', '.join(batch.schema.names)}"
            raise SchemaError(what, feature=missing[0], hint=hint)
        given = [batch.column(name) for name in self.columns]
        result = self.layer(given[0] if len(given) == 1 else tuple(given))
        names = [*batch.schema.names, *([] if self.to in batch.schema.names else [self.to])]
        return pa.record_batch({name: result if name == self.to else batch.column(name) for name in names})


def _tensor_type(x: torch.Tensor) -> ColumnType:
    return ColumnType(str(x.dtype).removeprefix("torch."), tuple(x.shape[1:]))


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
