"""From a preprocessing function and data to a frozen transform."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from headrace.transform.analysis.input_data import open_batches
from headrace.transform.analysis.parts import select_columns
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.engines import Engine, find_engine
from headrace.transform.graph.deduplicate import deduplicate
from headrace.transform.plan import Plan
from headrace.transform.tracing.column import Column
from headrace.transform.tracing.trace import trace
from headrace.transform.transform import Transform

__all__ = ["analyze", "plan"]

Preprocess = Callable[[Mapping[str, Column]], Mapping[str, Column]]


def analyze(
    preprocess: Preprocess,
    data: Iterable[pa.RecordBatch] | Any,
    engine: str | Engine = "local",
    cache_dir: str | os.PathLike[str] | None = None,
) -> Transform:
    """Trace `preprocess`, find every statistic it asks for over all of `data`, and freeze the result.

    Analyzers that do not wait for one another share one pass; memory does not grow with the number of rows
    (except for a vocabulary, by its distinct strings).

    Args:
        preprocess: Takes input columns by name, and returns output columns by name. It is called once.
        data: Record batches of one schema: a `Dataset`, or any iterable; one that can be gone over again if
            an analyzer works on the result of another. "beam" and "spark" read data in parts: a `Dataset` of
            files (see `Dataset.parts`) or a list of batches; "spark" a Spark DataFrame, too.
        engine: Where it runs: "local", "beam" or "spark", or an engine with options of its own, such as
            `headrace.transform.engines.beam.BeamEngine`. The statistics are the same, to the last bit, but
            for quantiles and what is made of them above 32,768 values: those differ within their bound.
        cache_dir: A folder in which states are kept, one for each part of the data, so that the next analysis
            reads only parts that are new or have changed, or for statistics that are; see `StateCache`. CSV,
            JSON lines and records without a schema are read through for their types all the same. With "beam"
            and "spark" it must be a folder that all workers see.

    Raises:
        TraceError: The function does something that has no place in a graph.
        SchemaError: A column is missing, or has a type that the function cannot take.
        UsageError: No data; data that cannot be gone over again, or has no parts, where that is needed; or an
            engine whose package is not installed.
    """
    where = find_engine(engine)
    schema, data = where.open(data)
    graph = deduplicate(trace(preprocess, schema))
    cache = None if cache_dir is None else StateCache(os.path.abspath(cache_dir))  # noqa: PTH100
    return Transform(where.run(graph, select_columns(data, graph.inputs), cache), Plan.from_graph(graph))


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
    schema = schema if isinstance(schema, pa.Schema) else open_batches(schema)[0]
    return Plan.from_graph(deduplicate(trace(preprocess, schema)))
