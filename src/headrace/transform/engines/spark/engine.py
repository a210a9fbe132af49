"""An analysis on Apache Spark: over parts of the data, or over a Spark DataFrame."""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false
# Spark is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark import TaskContext, cloudpickle
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from headrace.errors import UsageError
from headrace.transform.analysis.input_data import open_batches
from headrace.transform.analysis.merge_tree import FAN_IN, Branch, merge_branch
from headrace.transform.analysis.parts import Part, require_parts
from headrace.transform.analysis.passes import substitute_statistics
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.analysis.states import (
    States,
    accumulate_batch,
    accumulate_part,
    dump_states,
    load_states,
    merge_states,
    next_state_keys,
)
from headrace.transform.engines.engine import unwrap_worker_errors
from headrace.transform.engines.local import LocalEngine
from headrace.transform.engines.spark.columns import ColumnTypes, read_schema, select_columns
from headrace.transform.graph.graph import Graph
from headrace.transform.graph.graph_json import to_graph_text

__all__ = ["SparkEngine"]

_COLUMNS = "branch long, number long, states array<binary>"
Accumulate = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]

_MOST_LEVELS = 16  # of the merge tree
_TASKS_PER_CPU = 4  # so that tasks of different length keep all CPUs busy
_CPUS_OF_CONNECT = 64
_SCHEMA = pa.schema([("branch", pa.int64()), ("number", pa.int64()), ("states", pa.list_(pa.binary()))])


@dataclass(frozen=True)
class SparkEngine:
    """An engine that runs one Spark job per pass.

    It reads data in parts (a `Dataset` of files, or a list of batches), and Spark DataFrames.

    Spark chooses the order of a DataFrame's rows. The last bits of covariances may depend on it, and so may
    quantiles of more than 32,768 values, within their bound. A DataFrame cannot be cached.

    Attributes:
        session: The Spark session, classic or Connect; None means the active session, or a new local one.

    Example:
        >>> from pyspark.sql import SparkSession
        >>> def spark_engine(url):
        ...     return SparkEngine(SparkSession.builder.remote(url).getOrCreate())
    """

    session: Any = None

    def open(self, data: Any) -> tuple[pa.Schema, Any]:
        """See `Engine.open`."""
        return (read_schema(data), data) if _is_dataframe(data) else open_batches(data)

    def run(self, graph: Graph, data: Any, cache: StateCache | None) -> Graph:
        """See `Engine.run`.

        Raises:
            UsageError: The data cannot be read in parts, or a cache was given for a DataFrame.
        """
        if _is_dataframe(data):
            if cache is not None:
                raise UsageError("cannot cache the states of a Spark DataFrame", hint="leave cache_dir out")
            rows = select_columns(data, list(graph.inputs))
            return _run_passes(graph, lambda text: _frame_states(rows, text, list(graph.inputs)))
        parts = require_parts(data)
        if not parts or not graph.analyzers:
            return LocalEngine().run(graph, [], cache=None)
        session = self.session or _session()
        return _run_passes(graph, lambda text: _part_states(session, parts, cache, text))

    def run_tasks(self, task: Callable[[int], None], numbers: Sequence[int]) -> None:
        """Call `task` with each number on the workers, in one job; see `Dataset.write`."""
        if not numbers:
            return
        session = self.session or _session()
        places: Any = session.range(0, len(numbers), 1, len(numbers))
        with unwrap_worker_errors():
            places.mapInArrow(_runner(task, tuple(numbers)), "id long").toArrow()


def _runner(task: Callable[[int], None], numbers: Sequence[int]) -> Accumulate:
    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for place in batch["id"].to_pylist():
                task(numbers[place])
            yield batch

    return run


def _is_dataframe(data: Any) -> bool:
    return hasattr(data, "mapInArrow")


def _session() -> SparkSession:
    """Return the active session, or a new local one whose workers run this Python."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.getActiveSession() or SparkSession.builder.appName("headrace").getOrCreate()


def _run_passes(graph: Graph, accumulate: Callable[[str], States]) -> Graph:
    while keys := next_state_keys(graph):
        with unwrap_worker_errors():
            states = accumulate(to_graph_text(graph))
        graph = substitute_statistics(graph, dict(zip(keys, states.values(), strict=True)))
    return graph


def _part_states(
    session: SparkSession, parts: Sequence[Part], cache: StateCache | None, graph: str
) -> States:
    """Compute the states of all parts, merged in the tree of `headrace.transform.analysis.merge_tree`.

    A task has several parts where there are many more than CPUs, and merges whole branches of them.
    """
    size = _parts_per_task(session, len(parts))
    groups = [cloudpickle.dumps(parts[start : start + size]) for start in range(0, len(parts), size)]
    level = max(each for each in range(_MOST_LEVELS) if FAN_IN**each <= size)
    numbers: Any = session.range(0, len(groups), 1, len(groups))
    types = ColumnTypes.of(session)
    rows = numbers.mapInArrow(_part_accumulator(graph, groups, size, level, cache, types), _COLUMNS)
    width = -(-len(parts) // FAN_IN**level)
    while width > FAN_IN:
        width = -(-width // FAN_IN)
        branches = rows.repartition(width, "branch").groupBy("branch")
        rows = branches.applyInArrow(_merger(graph, types), _COLUMNS)
    return _collect(rows, graph)


def _parts_per_task(session: SparkSession, parts: int) -> int:
    """Choose a power of two, so that branches of the merge tree do not cross tasks."""
    try:
        cpus = session.sparkContext.defaultParallelism
    except PySparkException:  # a Connect client does not know
        cpus = _CPUS_OF_CONNECT
    size = 1
    while parts >= 2 * size * _TASKS_PER_CPU * cpus:
        size *= 2
    return size


def _frame_states(frame: Any, graph: str, names: list[str]) -> States:
    """Compute the states of all partitions: two levels of the tree on workers, the rest in this process."""
    types = ColumnTypes.of(frame.sparkSession)
    rows = frame.mapInArrow(_partition_accumulator(graph, names, types), _COLUMNS)
    for _ in range(2):
        rows = rows.groupBy("branch").applyInArrow(_merger(graph, types), _COLUMNS)
    return _collect(rows, graph)


def _collect(rows: Any, graph: str) -> States:
    found = sorted(rows.toArrow().to_pylist(), key=lambda row: row["number"])
    keys = next_state_keys(graph)
    return merge_branch(keys, Branch.root(len(found)), (load_states(keys, row["states"]) for row in found))


def _part_accumulator(
    graph: str, groups: Sequence[bytes], size: int, level: int, cache: StateCache | None, types: ColumnTypes
) -> Accumulate:
    """Return the function of a task: the states of its parts, merged up to a level of the tree."""
    step = FAN_IN**level

    def accumulate(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        keys = next_state_keys(graph)
        for batch in batches:
            for number in batch["id"].to_pylist():
                parts: Sequence[Part] = cloudpickle.loads(groups[number])
                for start in range(0, len(parts), step):
                    branch = Branch(level, start, min(start + step, len(parts)))
                    of_parts = (
                        accumulate_part(keys, parts[each], cache) for each in range(start, branch.stop)
                    )
                    states = merge_branch(keys, branch, of_parts)
                    yield _row((number * size + start) // step, dump_states(keys, states), types)

    return accumulate


def _partition_accumulator(graph: str, names: list[str], types: ColumnTypes) -> Accumulate:
    def accumulate(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = TaskContext.get()
        keys = next_state_keys(graph)
        states = merge_states(
            keys, (accumulate_batch(keys, types.to_arrow(batch, names)) for batch in batches)
        )
        yield _row(context.partitionId() if context else 0, dump_states(keys, states), types)

    return accumulate


def _merger(graph: str, types: ColumnTypes) -> Callable[[pa.Table], pa.Table]:
    def merge(branch: pa.Table) -> pa.Table:
        keys = next_state_keys(graph)
        ordered = branch.sort_by("number")
        states = merge_states(keys, (load_states(keys, row["states"]) for row in ordered.to_pylist()))
        return pa.Table.from_batches([_row(ordered["branch"][0].as_py(), dump_states(keys, states), types)])

    return merge


def _row(number: int, states: list[bytes], types: ColumnTypes) -> pa.RecordBatch:
    """Build a row: the states of one part or branch, and the number of its parent branch."""
    row = {"branch": number // FAN_IN, "number": number, "states": states}
    return types.to_spark(pa.RecordBatch.from_pylist([row], _SCHEMA))
