"""Passes over the data on Apache Spark: over parts of the data, or over a Spark DataFrame.

What travels between processes is the graph as text and states as bytes. Where data is in parts (see
`headrace.transform.analysis.parts`), a worker reads a part; Spark itself ships the parts, with the functions
of a dataset's `map` and `filter`, by its pickling.
"""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false
# Spark is an extra: this is checked where it is not installed, too.

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import SparkSession

from headrace.errors import UsageError
from headrace.transform.analysis.input_data import open_batches
from headrace.transform.analysis.merge_tree import FAN_IN, Branch, of_branch
from headrace.transform.analysis.parts import Part, parts_of
from headrace.transform.analysis.passes import settle
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.analysis.states import (
    States,
    dumped,
    keys_of,
    loaded,
    merged,
    of_batch,
    of_part,
)
from headrace.transform.engines.failure import told
from headrace.transform.engines.local import LocalEngine
from headrace.transform.graph.graph import Graph
from headrace.transform.graph.graph_json import to_graph_text

__all__ = ["SparkEngine"]

_COLUMNS = "branch long, number long, states array<binary>"
Gatherer = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]

_SCHEMA = pa.schema([("branch", pa.int64()), ("number", pa.int64()), ("states", pa.list_(pa.binary()))])


@dataclass(frozen=True)
class SparkEngine:
    """A Spark job a pass. It reads data in parts, a `Dataset` of files or batches in memory, and DataFrames.

    A DataFrame's rows come in an order of Spark's, so that the last bits of covariances may depend on it, and
    of quantiles above 32,768 values, within their bound; it has no cache.

    Attributes:
        session: The Spark session, classic or Connect; None is the active one, else a new local one.

    Example:
        >>> from pyspark.sql import SparkSession
        >>> def spark_engine(url):
        ...     return SparkEngine(SparkSession.builder.remote(url).getOrCreate())
    """

    session: Any = None

    def open(self, data: Any) -> tuple[pa.Schema, Any]:
        """See `Engine.open`."""
        return (data.limit(0).toArrow().schema, data) if _is_frame(data) else open_batches(data)

    def settle(self, graph: Graph, data: Any, cache: StateCache | None) -> Graph:
        """See `Engine.settle`.

        Raises:
            UsageError: The data has no parts; or a cache for a DataFrame.
        """
        if _is_frame(data):
            if cache is not None:
                raise UsageError("a DataFrame has no parts to keep states of", hint="leave cache_dir out")
            rows = data.select(*graph.inputs)
            return _in_passes(graph, lambda text: _states_of_frame(rows, text))
        parts = parts_of(data)
        if not parts or not graph.analyzers:
            return LocalEngine().settle(graph, [], cache=None)
        session = self.session or _session()
        return _in_passes(graph, lambda text: _states_of_parts(session, parts, cache, text))


def _is_frame(data: Any) -> bool:
    return hasattr(data, "mapInArrow")


def _session() -> SparkSession:
    """The active session, else a local one whose workers run this Python."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.getActiveSession() or SparkSession.builder.appName("headrace").getOrCreate()


def _in_passes(graph: Graph, gather: Callable[[str], States]) -> Graph:
    while keys_of(graph):
        with told():
            states = gather(to_graph_text(graph))
        graph = settle(graph, dict(zip(keys_of(graph), states.values(), strict=True)))
    return graph


def _states_of_parts(
    session: SparkSession, parts: Sequence[Part], cache: StateCache | None, graph: str
) -> States:
    """The states of all parts, merged in the tree of `headrace.transform.analysis.merge_tree`."""
    width = len(parts)
    numbers: Any = session.range(0, width, 1, width)
    rows = numbers.mapInArrow(_part_gatherer(graph, parts, cache), _COLUMNS)
    while width > FAN_IN:
        rows = rows.groupBy("branch").applyInArrow(_merger(graph), _COLUMNS)
        width = -(-width // FAN_IN)
    return _collected(rows, graph)


def _states_of_frame(frame: Any, graph: str) -> States:
    """The states of all partitions; what is left of them above two levels of the tree is merged here."""
    rows = frame.mapInArrow(_partition_gatherer(graph), _COLUMNS)
    for _ in range(2):
        rows = rows.groupBy("branch").applyInArrow(_merger(graph), _COLUMNS)
    return _collected(rows, graph)


def _collected(rows: Any, graph: str) -> States:
    found = sorted(rows.toArrow().to_pylist(), key=lambda row: row["number"])
    keys = keys_of(graph)
    return of_branch(keys, Branch.of(len(found)), (loaded(keys, row["states"]) for row in found))


def _part_gatherer(graph: str, parts: Sequence[Part], cache: StateCache | None) -> Gatherer:
    def gather(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        keys = keys_of(graph)
        for batch in batches:
            for number in batch["id"].to_pylist():
                yield _row(number, dumped(keys, of_part(keys, parts[number], cache)))

    return gather


def _partition_gatherer(graph: str) -> Gatherer:
    def gather(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = TaskContext.get()
        keys = keys_of(graph)
        states = merged(keys, (of_batch(keys, batch) for batch in batches))
        yield _row(context.partitionId() if context else 0, dumped(keys, states))

    return gather


def _merger(graph: str) -> Callable[[pa.Table], pa.Table]:
    def merge(branch: pa.Table) -> pa.Table:
        keys = keys_of(graph)
        ordered = branch.sort_by("number")
        states = merged(keys, (loaded(keys, row["states"]) for row in ordered.to_pylist()))
        return pa.Table.from_batches([_row(ordered["branch"][0].as_py(), dumped(keys, states))])

    return merge


def _row(number: int, states: list[bytes]) -> pa.RecordBatch:
    """The states of one part or branch, and to which branch it belongs."""
    row = {"branch": number // FAN_IN, "number": number, "states": states}
    return pa.RecordBatch.from_pylist([row], _SCHEMA)
