"""The base class of preprocessing layers: a named part of a transform's graph, with adapted statistics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Self

import numpy as np
import pyarrow as pa
import torch

from headrace.arguments import check_string, check_unicode
from headrace.columns import ColumnType, arrow_type, holds_strings, type_of
from headrace.data import Dataset
from headrace.errors import UsageError
from headrace.layers.adapt_data import AdaptationData
from headrace.layers.column_layer import ColumnLayer
from headrace.layers.conversion import convert_like, convert_to_tensors, only_column, to_column
from headrace.layers.statistics_module import StatisticsModule
from headrace.layers.symbolic import LayerCalls, recorder, symbolic_type
from headrace.layers.tensor_program import OnnxArrays, TensorProgram, check_traceable
from headrace.parallel import return_freed_memory
from headrace.transform.analysis import Adaptation, insert_statistics
from headrace.transform.evaluation import evaluate, fold, simplify
from headrace.transform.graph import (
    CompositeCall,
    Constant,
    ElementwiseOp,
    Graph,
    Input,
    current_call,
    inside_call,
)
from headrace.transform.tracing import Column, trace

__all__ = ["ColumnLayer", "PreprocessingLayer"]

_name_counts: Counter[str] = Counter()


class PreprocessingLayer(StatisticsModule):
    """A preprocessing step in the style of Keras. A subclass implements `call` with `hr.transform`.

    A layer computes the same values in three places:

    - on data (lists, NumPy, Arrow, torch tensors; see `headrace.layers.conversion`), after `adapt`; on a
      Dataset of one column, or with `dataset.map(layer.on("city"))` on a column of any Dataset;
    - in a torch model, on tensors or, as its first layers, on strings: its statistics move with `to(device)`,
      are saved with the weights and exported with the model by `hr.deploy.export`; those that compute in
      torch alone, by `torch.onnx.export`, too. They keep their precision in a model of `half()` or
      `bfloat16()`; the result has the model's dtype. A state dict also holds vocabularies;
    - in a `preprocess` function, on a column: an adapted layer uses its statistics; otherwise
      `hr.transform.analyze` computes them, in the same pass as all others.

    Args:
        name: Prefix of the names of its statistics; by default the name of the class, with a number from the
            second layer of the class on.

    Example:
        >>> import headrace as hr
        >>> class Standardization(hr.layers.PreprocessingLayer):
        ...     def call(self, x):
        ...         return (x - hr.transform.mean(x)) / hr.transform.sqrt(hr.transform.var(x))
        >>> Standardization().adapt([1.0, 2.0, 3.0])([2.0, 3.0])
        array([0.       , 1.2247449], dtype=float32)
    """

    _in_model = False  # whether it was made part of a model, where it returns tensors

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        if name is not None:
            check_unicode(check_string(name, "name"), "name")
        self.name = name or _unique_name(type(self).__name__)
        self._graphs: dict[tuple[ColumnType, ...], Graph] = {}
        self._programs: dict[Any, TensorProgram] = {}

    def call(self, x: Column) -> Column:
        """Compute the layer's result for a column with functions of `hr.transform`, analyzers included."""
        raise NotImplementedError(f"{type(self).__name__} has no `call`")

    def learn(self, x: Column) -> Column:
        """Apply the analyzers of `call`, in the same order: the computation that `adapt` traces."""
        return self.call(x)

    def adapt(self, data_sample: Any, *, reset_state: bool = True) -> Self:
        """Compute the layer's statistics over `data_sample`, and return the layer.

        Args:
            data_sample: A column in any form, or batches of one column, such as those of a Dataset; see
                `headrace.layers.adapt_data`. Batches of inputs and labels are refused.
            reset_state: Whether to discard earlier data; if False, the statistics cover all data together.

        Raises:
            UsageError: The data is empty; or `reset_state=False` and a statistic depends on another one.
            SchemaError: The data's type differs from the earlier data, or there are several columns.
        """
        data = AdaptationData(data_sample, self.name)
        if not reset_state and self._adaptation is None and self._statistics:
            what = f"the statistics of the layer '{self.name}' were loaded, the data behind them is unknown"
            raise UsageError(what, hint="adapt to all the data at once")
        adaptation = None if reset_state else self._adaptation
        with inside_call(CompositeCall(self.name)):
            adaptation = adaptation or Adaptation(self._trace(data.schema, self.learn))
        adaptation.update(data)
        self._set_statistics(adaptation.statistics)
        self._adaptation = adaptation
        return_freed_memory()  # of the batches that were read
        return self

    def forward(self, x: Any) -> Any:
        """Apply the layer to a column of `hr.transform`, a tensor, a Dataset, or other data.

        Raises:
            UsageError: The layer needs statistics, and was not adapted.
            SchemaError: The rows' shape differs from the shape that the layer was adapted to.
            TraceError: The layer does not support the data's type.
        """
        if isinstance(x, Dataset):
            return x.map(self)
        if isinstance(x, pa.RecordBatch):
            name = only_column(x.schema.names)
            return pa.record_batch({name: self._apply_to_data((x.column(0),))})
        return self._apply_to_data((x,))

    def on(self, *columns: str, to: str | None = None) -> ColumnLayer:
        """Return a function for `Dataset.map` that applies the layer to a column by name.

        Args:
            columns: The name of the column, or of several columns for a layer of several inputs.
            to: The name of the result column; by default the result replaces the first column.
        """
        return ColumnLayer(self, columns, to or columns[0])

    @property
    def statistics(self) -> dict[str, Any]:
        """Adapted statistics by name: NumPy arrays and lists of strings; without corrections of them."""
        values = ((str(each.statistic), each.value) for each in self._statistics if not each.is_correction)
        return {name: value if isinstance(value, np.ndarray) else value.to_pylist() for name, value in values}

    def extra_repr(self) -> str:
        """Represent the layer by its name."""
        return self.name

    def _apply_to_data(self, data: tuple[Any, ...]) -> Any:
        """Apply `call` to columns in any form; return the result in the form of the first."""
        if all(isinstance(each, Column) for each in data):
            with inside_call(CompositeCall(self.name)):
                return self._apply_to_columns(*data) if self._statistics else self.call(*data)
        calls = recorder()
        if calls is not None:
            return self._call_symbolically(calls, data)
        if all(isinstance(each, torch.Tensor) for each in data):
            program = self._find_program(data)
            if program is not None:
                return self._convert_result(program.run([*map(_widen, data)]), data[0])
            check_traceable(self.name)
        columns = list(map(to_column, data))
        output = self._graph_for(tuple(map(type_of, columns))).outputs["y"]
        values = evaluate([output], dict(zip(self._input_names(len(data)), columns, strict=True)))
        is_model_input = self._in_model or holds_strings(data[0])
        if not is_model_input or isinstance(data[0], pa.Array | pa.ChunkedArray | pa.Table):
            return convert_like(data[0], values[output])
        result = convert_to_tensors(values[output], self._device)
        return self._convert_result(result, result) if isinstance(result, torch.Tensor) else result

    def _call_symbolically(self, calls: LayerCalls, data: tuple[Any, ...]) -> Any:
        """Return the layer's symbolic result, while a network is being exported."""
        inputs = [_widen(each) if isinstance(each, torch.Tensor) else each for each in data]
        types = tuple(map(symbolic_type, inputs))

        def make() -> tuple[Graph, dict[str, ColumnType]]:
            graph, names = self.make_graph(types)
            return graph, dict(zip(names, types, strict=True))

        result = calls.call((self, types), make, inputs)
        is_tensor = isinstance(result, torch.Tensor)
        return self._convert_result(result, inputs[0]) if is_tensor else result

    def make_graph(self, types: tuple[ColumnType, ...]) -> tuple[Graph, list[str]]:
        """Return what the layer computes for inputs of `types`, and the names of its inputs, for an export.

        The output of the graph is `y`.

        Raises:
            UsageError: The layer needs statistics, and was not adapted.
        """
        return self._graph_for(types).rewrite(fold), self._input_names(len(types))

    def _input_names(self, count: int) -> list[str]:
        """Name the input columns of `call`."""
        return [self.name, *(f"{self.name}, {position}" for position in range(1, count))]

    def _trace(self, schema: pa.Schema, call: Callable[..., Column]) -> Graph:
        return trace(lambda inputs: {"y": call(*(inputs[name] for name in schema.names))}, schema)

    def _graph_for(self, types: tuple[ColumnType, ...]) -> Graph:
        """Return the graph for inputs of `types`, with analyzers replaced by the layer's statistics."""
        if types not in self._graphs:
            columns = zip(self._input_names(len(types)), map(arrow_type, types), strict=True)
            graph = self._trace(pa.schema(columns), self.call)
            if graph.analyzers and not self._statistics:
                hint = "adapt it first: layer.adapt(data)"
                raise UsageError(f"the layer '{self.name}' is not adapted", hint=hint)
            self._graphs[types] = insert_statistics(graph, self._statistics).rewrite(simplify)
        return self._graphs[types]

    def _forget(self) -> None:
        """See `StatisticsModule`."""
        self._graphs = {}
        self._programs = {}

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle the layer without its graphs, which are traced again."""
        return {**self.__dict__, "_graphs": {}, "_programs": {}}

    def _apply_to_columns(self, *columns: Column) -> Column:
        graph = self._graph_for(tuple(column.type for column in columns))
        inputs = dict(zip(self._input_names(len(columns)), columns, strict=True))
        nodes = {node: inputs[name].node for name, node in graph.inputs.items()}
        call = current_call()
        graph = graph.rewrite(lambda node: nodes.get(node) or replace(node, call=call))
        return Column(graph.outputs["y"])

    def _find_program(self, tensors: tuple[torch.Tensor, ...]) -> TensorProgram | None:
        """Return the program for tensors like these; None if torch cannot evaluate the graph."""
        device = tensors[0].device
        is_onnx = torch.compiler.is_compiling() and torch.onnx.is_in_onnx_export()
        key = (device, is_onnx, *((each.dtype, each.shape[1:]) for each in tensors))
        sources = self._list_tensors()
        program = self._programs.get(key)
        if program is not None and program.is_current(sources):
            return program
        graph = self._graph_for(tuple(map(_tensor_type, tensors)))
        if not _is_numeric(graph):
            return None
        names = self._input_names(len(tensors))
        read = partial(self._read_constant, device=device)
        program = TensorProgram(graph, names, read, sources, OnnxArrays() if is_onnx else None)
        if program.is_plain and not torch.compiler.is_compiling():
            self._programs[key] = program
        return program

    def _convert_result(self, result: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """Convert floats to the model's dtype; before it has one, float16 remains float16."""
        narrow = isinstance(x, torch.Tensor) and _is_narrow(x)  # pyright: ignore[reportUnnecessaryIsInstance]
        dtype = self._dtype or (x.dtype if narrow else result.dtype)
        return result.to(dtype) if result.is_floating_point() else result


def _note_model(parent: torch.nn.Module, _name: str, child: torch.nn.Module | None) -> None:
    """Note that a layer became part of a model, where it returns tensors."""
    if isinstance(child, PreprocessingLayer) and not isinstance(parent, PreprocessingLayer):
        child._in_model = True  # pyright: ignore[reportPrivateUsage]


torch.nn.modules.module.register_module_module_registration_hook(_note_model)


def _widen(x: torch.Tensor) -> torch.Tensor:
    """Convert floats below float32 to float32, in which layers compute."""
    return x.float() if _is_narrow(x) else x


def _is_narrow(x: torch.Tensor) -> bool:
    return x.is_floating_point() and x.dtype.itemsize < 4


def _tensor_type(x: torch.Tensor) -> ColumnType:
    dtype = torch.float32 if _is_narrow(x) else x.dtype
    return ColumnType(str(dtype).removeprefix("torch."), tuple(x.shape[1:]))


def _unique_name(class_name: str) -> str:
    base = re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()
    _name_counts[base] += 1
    return base if _name_counts[base] == 1 else f"{base}_{_name_counts[base]}"


def _is_numeric(graph: Graph) -> bool:
    """Return whether torch can evaluate the graph."""
    return all(
        isinstance(node.what, ElementwiseOp | Input)
        or (isinstance(node.what, Constant) and isinstance(node.what.value, np.ndarray))
        for node in graph.nodes
    )
