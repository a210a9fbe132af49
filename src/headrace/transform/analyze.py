"""From a preprocessing function and data to a frozen transform."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

import pyarrow as pa

from headrace.errors import UsageError
from headrace.transform.column import Column
from headrace.transform.distinct import distinct
from headrace.transform.engines import local
from headrace.transform.phases import keys, ready, settle
from headrace.transform.plans import Plan
from headrace.transform.tracing import trace
from headrace.transform.transform import Transform

__all__ = ["analyze", "plan"]

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
    graph = distinct(trace(preprocess, schema))
    record = Plan.of(graph)
    if isinstance(data, Iterator) and len(ready(graph)) < len(graph.analyzers):
        raise UsageError(
            "an analyzer over another's result needs the data twice", way_out="pass a Dataset or a list"
        )
    while waiting := ready(graph):
        graph = settle(graph, local.accumulate(keys(waiting), batches))
        batches = data
    return Transform(graph, record)


def plan(preprocess: Preprocess, schema: pa.Schema | Iterable[pa.RecordBatch]) -> Plan:
    """How `analyze` would go about `preprocess`: the passes over the data, and the steps row by row.

    Args:
        preprocess: See `analyze`; it is called once.
        schema: Of the data, or the data, of which no more than its first batch is looked at.

    Raises:
        TraceError, SchemaError: As `analyze`.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> schema = pa.schema({"age": pa.float64()})
        >>> hr.transform.plan(lambda x: {"age": hr.transform.scale_to_0_1(x["age"])}, schema)
        1 pass over the data, then row by row
        <BLANKLINE>
        Pass 1 reads age
          extrema of age  -> max, min  for #1
        <BLANKLINE>
        Row by row
          age                     float64
          #1 = scale_to_0_1(age)  float64  => age
    """
    schema = schema if isinstance(schema, pa.Schema) else _peek(schema)[0]
    return Plan.of(distinct(trace(preprocess, schema)))


def _peek(data: Iterable[pa.RecordBatch]) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    schema = getattr(data, "schema", None)
    if isinstance(schema, pa.Schema):
        return schema, data
    iterator = iter(data)
    first = next(iterator, None)
    if first is None:
        raise UsageError("there is no data to analyze", way_out="check the paths and filters it came from")
    return first.schema, itertools.chain([first], iterator)
