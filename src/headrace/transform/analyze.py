"""From a preprocessing function and data to a frozen transform."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

import pyarrow as pa

from headrace.errors import UsageError
from headrace.transform.column import Column
from headrace.transform.engines import local
from headrace.transform.phases import keys, ready, settle
from headrace.transform.tracing import trace
from headrace.transform.transform import Transform

__all__ = ["analyze"]

Preprocess = Callable[[Mapping[str, Column]], Mapping[str, Column]]


def analyze(preprocess: Preprocess, data: Iterable[pa.RecordBatch]) -> Transform:
    """Trace `preprocess`, find every statistic it asks for over all of `data`, and freeze the result.

    Analyzers that do not wait for one another share one pass; memory does not grow with the number of rows
    (except for a vocabulary, by its distinct strings).

    Args:
        preprocess: Takes input columns by name, and returns output columns by name. It is called once.
        data: Record batches of one schema: a `Dataset`, or any iterable; one that can be gone over again if
            an analyzer works on the result of another.

    Raises:
        TraceError: The function does something that has no place in a graph.
        SchemaError: A column is missing, or has a type that the function cannot take.
        UsageError: No data, or data that cannot be gone over again where that is needed.
    """
    schema, batches = _peek(data)
    graph = trace(preprocess, schema)
    if isinstance(data, Iterator) and len(ready(graph)) < len(graph.analyzers):
        raise UsageError(
            "an analyzer over another's result needs the data twice", way_out="pass a Dataset or a list"
        )
    while waiting := ready(graph):
        graph = settle(graph, local.accumulate(keys(waiting), batches))
        batches = data
    return Transform(graph)


def _peek(data: Iterable[pa.RecordBatch]) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    schema = getattr(data, "schema", None)
    if isinstance(schema, pa.Schema):
        return schema, data
    iterator = iter(data)
    first = next(iterator, None)
    if first is None:
        raise UsageError("there is no data to analyze", way_out="check the paths and filters it came from")
    return first.schema, itertools.chain([first], iterator)
