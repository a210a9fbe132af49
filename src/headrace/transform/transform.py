"""A frozen transform: preprocessing with its statistics found, the same wherever it runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, arrow_type, to_arrow
from headrace.errors import UsageError
from headrace.transform.evaluation.batch_inputs import read_inputs
from headrace.transform.evaluation.evaluate import evaluate, fold
from headrace.transform.graph.graph import Constant, Graph
from headrace.transform.plan import Plan
from headrace.transform.saving import read_graph, read_plan, write_graph

__all__ = ["Transform"]


class Transform:
    """Preprocessing with all its statistics found: record batch in, record batch out.

    `hr.transform.analyze` makes one; it does not change after that.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"age": [10.0, 20.0, 30.0]})
        >>> t = hr.transform.analyze(lambda x: {"age": hr.transform.scale_to_0_1(x["age"])}, [batch])
        >>> t(batch).to_pydict()
        {'age': [0.0, 0.5, 1.0]}
    """

    def __init__(self, graph: Graph, plan: Plan | None = None) -> None:
        self.graph = graph
        self._plan = plan
        _check_names(graph)

    @cached_property
    def folded(self) -> Graph:
        """The graph with each step that needs no rows replaced by its value: what is run and exported."""
        return self.graph.rewrite(fold)

    @property
    def reads(self) -> tuple[str, ...]:
        """The input columns: all that is looked at; what gives it batches may leave others out."""
        return tuple(self.input_types)

    @property
    def input_types(self) -> dict[str, ColumnType]:
        """Input column name to type, in the order of first use."""
        return {name: node.type for name, node in self.graph.inputs.items()}

    @property
    def output_types(self) -> dict[str, ColumnType]:
        """Output column name to type."""
        return {name: node.type for name, node in self.graph.outputs.items()}

    @property
    def output_schema(self) -> pa.Schema:
        """The Arrow schema of what comes out."""
        return self(self._empty_batch()).schema

    @property
    def statistics(self) -> dict[str, Any]:
        """Every statistic by its name, such as "mean(age)": NumPy arrays, and lists of strings."""
        return {
            node.what.statistic: node.what.value
            if isinstance(node.what.value, np.ndarray)
            else node.what.value.to_pylist()
            for node in self.graph.nodes
            if isinstance(node.what, Constant) and node.what.statistic is not None
        }

    @property
    def vocabularies(self) -> dict[str, list[str]]:
        """Every vocabulary by its name (`vocab_filename`, or the column's expression)."""
        return {name: value for name, value in self.statistics.items() if isinstance(value, list)}

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The output columns for the rows of `batch`; columns that no output needs are not looked at.

        Raises:
            SchemaError: A column is missing, or has another type than when the function was traced.
        """
        ends = self.folded.outputs
        values = evaluate(ends.values(), read_inputs(batch, ends.values()))
        return pa.RecordBatch.from_arrays(
            [to_arrow(values[node]) for node in ends.values()], names=list(ends)
        )

    def explain(self) -> Plan:
        """How the statistics were found, pass by pass, and what is computed row by row; print it, or plot it.

        See `hr.transform.plan` for the same before anything is analysed.
        """
        return self._plan or Plan.from_graph(self.graph)

    def select(self, outputs: Iterable[str]) -> Transform:
        """The transform of some outputs only; inputs that nothing needs any more are no longer asked for."""
        names = list(outputs)
        graph = self.graph.select(names)
        return Transform(graph, None if self._plan is None else self._plan.select(names))

    def without(self, *outputs: str) -> Transform:
        """The transform of all outputs but these: what serving needs when one of them was the label."""
        self.graph.select(outputs)  # names that do not exist are errors
        return self.select(name for name in self.graph.outputs if name not in outputs)

    def save(self, directory: str | os.PathLike[str]) -> None:
        """Write the transform as JSON and text; see `headrace.transform.saving` for the files."""
        write_graph(self.graph, directory, self.explain())

    @staticmethod
    def load(directory: str | os.PathLike[str]) -> Transform:
        """The transform that `save` wrote.

        Raises:
            ModelError: The directory holds no transform, or one that this version cannot read.
        """
        return Transform(read_graph(directory), read_plan(directory))

    def to_onnx(self, path: str | os.PathLike[str] | None = None) -> Any:
        """The transform as an `onnx.ModelProto`, written to `path` if that is given.

        Inputs and outputs bear the columns' names, batch dimension first; a ragged column `x` is the two
        tensors `x.values` and `x.row_splits`. ONNX wants every name once: an output called like an input is
        `x.out`.
        """
        from headrace.transform.onnx.lower import (
            to_onnx,  # ndonnx and spox load only when something is exported
        )

        return to_onnx(self.folded, path)

    def _empty_batch(self) -> pa.RecordBatch:
        arrays = [_empty(type_) for type_ in self.input_types.values()]
        return pa.RecordBatch.from_arrays(arrays, names=list(self.input_types))


def _empty(type_: ColumnType) -> pa.Array:
    if type_.is_string or type_.ragged:
        return pa.array([], arrow_type(type_))
    return to_arrow(np.zeros((0, *type_.shape), type_.dtype))


def _check_names(graph: Graph) -> None:
    """Two different statistics of one name cannot be told apart once saved."""
    seen: Mapping[str, Any] = {}
    for node in graph.nodes:
        if not isinstance(node.what, Constant) or node.what.statistic is None:
            continue
        other = seen.setdefault(node.what.statistic, node.what.value)  # pyright: ignore[reportAttributeAccessIssue]
        same = (
            np.array_equal(other, node.what.value, equal_nan=True)
            if isinstance(other, np.ndarray)
            else other.equals(node.what.value)
        )
        if not same:
            raise UsageError(
                f"two different statistics are called '{node.what.statistic}'",
                hint="give each vocabulary a vocab_filename of its own",
            )
