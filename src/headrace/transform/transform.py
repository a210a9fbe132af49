"""A frozen transform: preprocessing with its statistics, identical wherever it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.columns import ColumnType, arrow_type, name_files, to_arrow
from headrace.errors import UsageError
from headrace.storage import read_consistently
from headrace.tables import to_batch
from headrace.transform.engines import Engine, find_engine
from headrace.transform.engines.local import LocalEngine
from headrace.transform.evaluation.batch_inputs import read_inputs
from headrace.transform.evaluation.class_numbers import ClassNumbers, find_class_numbers
from headrace.transform.evaluation.evaluate import evaluate, fold
from headrace.transform.evaluation.rows_of_any_size import count_rows_at_once
from headrace.transform.graph.graph import Constant, Graph
from headrace.transform.graph.graph_digest import graph_digest
from headrace.transform.graph.graph_json import read_graph_text, to_graph_text
from headrace.transform.plan import Plan
from headrace.transform.removed_outputs import RemovedOutput
from headrace.transform.saving import manifest_path, read_graph, read_plan, read_removed, write_graph

__all__ = ["Transform"]


class Transform:
    """A preprocessing function with all its statistics: maps record batches to record batches.

    Created by `hr.transform.analyze`, and immutable.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"age": [10.0, 20.0, 30.0]})
        >>> t = hr.transform.analyze(lambda x: {"age": hr.transform.scale_to_0_1(x["age"])}, [batch])
        >>> t(batch).to_pydict()
        {'age': [0.0, 0.5, 1.0]}
    """

    def __init__(
        self, graph: Graph, plan: Plan | None = None, removed: Mapping[str, RemovedOutput] | None = None
    ) -> None:
        self.graph = graph
        self._plan = plan
        self._removed = dict(removed or {})
        _check_names(graph)

    @cached_property
    def folded_graph(self) -> Graph:
        """The graph with each step that needs no rows replaced by its value, as it is run and exported."""
        return self.graph.rewrite(fold)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the steps and statistics, equal in every process: what identifies it in a pipeline."""
        return graph_digest(self.graph)

    @property
    def reads(self) -> tuple[str, ...]:
        """The input columns that it reads; batches may leave out all others."""
        return tuple(self.input_types)

    @cached_property
    def rows_at_once(self) -> int | None:
        """The rows whose decoded and resized images take some 64 MB; None if no image is decoded.

        A pipeline that cuts smaller or larger batches later cuts them before it calls the transform.
        """
        return count_rows_at_once(self.folded_graph.outputs.values())

    @property
    def input_types(self) -> dict[str, ColumnType]:
        """Input column name to type, in the order of first use."""
        return {name: node.type for name, node in self.graph.inputs.items()}

    @property
    def output_types(self) -> dict[str, ColumnType]:
        """Output column name to type."""
        return {name: node.type for name, node in self.graph.outputs.items()}

    @property
    def removed_types(self) -> dict[str, ColumnType]:
        """Name to type of the outputs that `without` and `select` have removed, such as the label."""
        return {name: output.type for name, output in self._removed.items()}

    def class_numbers(self, output: str) -> ClassNumbers | None:
        """Find what the numbers of an output, kept or removed, stand for; None if that is unknown.

        Example:
            >>> import headrace as hr, pyarrow as pa
            >>> batch = pa.record_batch({"size": ["small", "large", "huge"]})
            >>> transform = hr.transform.analyze(
            ...     lambda x: {"i": hr.transform.apply_vocabulary(x["size"], ["small", "large"])}, [batch]
            ... )
            >>> transform.class_numbers("i").words
            ('small', 'large')

        Raises:
            SchemaError: The transform does not have this output.
        """
        if output in self._removed:
            return self._removed[output].classes
        return find_class_numbers(self.graph.select([output]).outputs[output])

    @property
    def output_schema(self) -> pa.Schema:
        """The Arrow schema of the output batches."""
        return self(self._create_empty_batch()).schema

    @property
    def statistics(self) -> dict[str, Any]:
        """Every statistic by name, such as "mean(age)": a NumPy array, or a list of strings."""
        return {
            node.what.statistic: node.what.value
            if isinstance(node.what.value, np.ndarray)
            else node.what.value.to_pylist()
            for node in self.graph.nodes
            if isinstance(node.what, Constant) and node.what.statistic is not None
        }

    @property
    def vocabularies(self) -> dict[str, list[str]]:
        """Every vocabulary by name: its `vocab_filename`, or the column's expression."""
        return {name: value for name, value in self.statistics.items() if isinstance(value, list)}

    def __call__(self, batch: Any) -> pa.RecordBatch:
        """Compute the output columns for the rows of `batch`, ignoring columns that no output needs.

        Args:
            batch: A record batch, or a table in any form of `headrace.tables`: a DataFrame of pandas or
                Polars, a dict of columns, a list of dicts, an Arrow table.

        Raises:
            UsageError: `batch` is not a table.
            SchemaError: A column is missing, or has another type than when the function was traced.
            RecordError: An image cannot be decoded.
        """
        if not isinstance(batch, pa.RecordBatch):
            batch = to_batch(batch, self.reads)
        ends = self.folded_graph.outputs
        with name_files(batch):
            values = evaluate(ends.values(), read_inputs(batch, ends.values()))
        return pa.RecordBatch.from_arrays(
            [to_arrow(values[node]) for node in ends.values()], names=list(ends)
        )

    def explain(self) -> Plan:
        """Return the plan: how the statistics were computed, pass by pass, and the steps row by row.

        Print it or plot it. `hr.transform.plan` returns the plan before the analysis.
        """
        return self._plan or Plan.from_graph(self.graph)

    def select(self, outputs: Iterable[str]) -> Transform:
        """Return the transform of some outputs, which reads only the inputs that they need.

        It remembers the types of the others and what their numbers stand for, see `class_numbers`.
        """
        names = list(outputs)
        graph = self.graph.select(names)
        removed = {
            name: RemovedOutput(node.type, find_class_numbers(node))
            for name, node in self.graph.outputs.items()
            if name not in names
        }
        plan = None if self._plan is None else self._plan.select(names)
        return Transform(graph, plan, {**self._removed, **removed})

    def without(self, *outputs: str) -> Transform:
        """Return the transform without some outputs, such as the label, which serving does not need."""
        self.graph.select(outputs)  # raises an error for unknown names
        return self.select(name for name in self.graph.outputs if name not in outputs)

    def save(self, directory: str | os.PathLike[str]) -> None:
        """Write the transform as JSON and text into a directory; see `headrace.transform.saving`."""
        write_graph(self.graph, directory, self.explain(), self._removed)

    @staticmethod
    def load(directory: str | os.PathLike[str]) -> Transform:
        """Load a transform that `save` wrote.

        Raises:
            ModelError: The directory does not hold a transform, or one that this version cannot read.
        """
        return read_consistently(
            manifest_path(directory),
            lambda: Transform(read_graph(directory), read_plan(directory), read_removed(directory)),
        )

    def to_onnx(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Convert the transform to an `onnx.ModelProto`, and write it to `path` if that is given.

        Inputs and outputs have the columns' names, batch dimension first. A ragged column `x` becomes the two
        tensors `x.values` and `x.row_splits`. ONNX names must be unique: an output with the name of an input
        `x` becomes `x.out`, or `x.out.out` if that is a name, too.

        Raises:
            SchemaError: A name that ONNX cannot hold, or two tensors of the same name.
        """
        from headrace.transform.onnx.lower import to_onnx  # loads ndonnx and spox

        return to_onnx(self.folded_graph, path)

    def write(
        self,
        data: Any,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002 - the word of the command line
        shards: int = 1,
        *,
        engine: str | Engine = "local",
        **options: Any,
    ) -> list[str]:
        """Transform all rows of a `Dataset` once, ahead of training, and write them as one set of shards.

        The bytes do not depend on the engine. Finished shards are kept when a run is killed, and the next run
        writes the missing ones only; see `Dataset.write`. A Spark DataFrame is transformed by
        `headrace.transform.engines.spark.transform_dataframe`.

        Args:
            data: A `Dataset`.
            path: The folder and base name of the shards, local or a URL; all workers must share the folder.
            format: "tfrecord", "parquet", "arrow", "csv" or "jsonl"; None goes by the extension of `path`,
                and is else "tfrecord".
            shards: The number of files.
            engine: Where the rows are transformed: "local", "beam" or "spark", or an engine with its own
                options.
            options: `shuffle`, `compression` and `progress`, as for `Dataset.write`.

        Returns:
            The paths of the shards.

        Raises:
            UsageError: `data` is not a `Dataset`, or the files cannot be written.
            SchemaError: A column is missing or has another type, or a value that the format cannot hold.

        Example:
            >>> import headrace as hr, pathlib, tempfile
            >>> ds = hr.Dataset.from_arrays({"age": [10.0, 20.0, 30.0]})
            >>> t = hr.transform.analyze(lambda x: {"age": hr.transform.scale_to_0_1(x["age"])}, ds)
            >>> folder = pathlib.Path(tempfile.mkdtemp())
            >>> [pathlib.Path(path).name for path in t.write(ds, folder / "train", "parquet")]
            ['train-00000-of-00001.parquet']
        """
        write = getattr(data, "write", None)  # the transform does not import `headrace.data`
        if not callable(write) or not hasattr(data, "parts"):
            raise UsageError(
                f"expected a Dataset, got a {type(data).__name__}",
                hint="wrap batches by Dataset.from_arrow; transform a Spark DataFrame by transform_dataframe",
            )
        chosen = find_engine(engine)
        tasks = None if isinstance(chosen, LocalEngine) else chosen
        found: Any = write(path, format, shards, transformation=self, engine=tasks, **options)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the graph and the plan as text, for the workers of an engine."""
        plan = None if self._plan is None else json.dumps(self._plan.to_json())
        return _read_texts, (to_graph_text(self.graph), plan, self._removed)

    def _create_empty_batch(self) -> pa.RecordBatch:
        arrays = [_create_empty(type_) for type_ in self.input_types.values()]
        return pa.RecordBatch.from_arrays(arrays, names=list(self.input_types))


def _read_texts(graph: str, plan: str | None, removed: Mapping[str, RemovedOutput]) -> Transform:
    read = None if plan is None else Plan.from_json(json.loads(plan))
    return Transform(read_graph_text(graph), read, removed)


def _create_empty(type_: ColumnType) -> pa.Array:
    if type_.is_string or type_.is_timestamp or type_.ragged:
        return pa.array([], arrow_type(type_))
    return to_arrow(np.zeros((0, *type_.shape), type_.dtype))


def _check_names(graph: Graph) -> None:
    """Refuse two different statistics of one name: a saved transform stores them by name."""
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
                f"two different statistics are named '{node.what.statistic}'",
                hint="give each vocabulary its own vocab_filename",
            )
