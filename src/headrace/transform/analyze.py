"""Analyze data with a preprocessing function, and freeze the result as a transform."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from headrace.garbage_collection import paused_collection
from headrace.transform.analysis.input_data import open_batches
from headrace.transform.analysis.parts import prune_columns
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.engines import Engine, find_engine
from headrace.transform.graph.deduplicate import deduplicate
from headrace.transform.graph.graph import Graph
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
    """Trace `preprocess`, compute all its statistics over `data`, and freeze the result.

    Analyzers that do not depend on each other share one pass. Memory does not grow with the number of rows,
    except for a vocabulary, whose distinct strings are kept.

    Args:
        preprocess: Takes input columns by name, and returns output columns by name. It is called once, or
            twice if it handles missing values of columns that hold integers.
        data: Record batches of one schema: a `Dataset`, or any iterable. It must be iterable several times if
            an analyzer depends on the result of another. "beam" and "spark" read data in parts: a `Dataset`
            of files (see `Dataset.parts`) or a list of batches; "spark" also reads a Spark DataFrame.
        engine: Where the analysis runs: "local", "beam" or "spark", or an engine with its own options, such
            as `headrace.transform.engines.beam.BeamEngine`. All engines compute identical statistics, except
            that quantiles of more than 32,768 values, and statistics based on them, may differ within their
            error bound.
        cache_dir: A folder or URL for the states of each part of the data, so that the next analysis reads
            only parts that are new or changed, or for which a statistic is new or changed; see `StateCache`.
            CSV, JSON lines and records without a schema are still read once to infer their types. For "beam"
            and "spark", all workers must have access to the folder.

    Raises:
        TraceError: The function does something that a graph cannot represent.
        SchemaError: A column is missing, or has a type that the function does not accept.
        UsageError: The data has no rows, cannot be read again for another pass, or cannot be read in parts;
            or the engine's package is not installed.
    """
    chosen = find_engine(engine)
    schema, data = chosen.open(data)
    graph, steps = _plan(preprocess, schema)
    cache = None if cache_dir is None else StateCache.open(cache_dir)
    return Transform(chosen.run(graph, prune_columns(data, graph.inputs), cache), steps)


def _plan(preprocess: Preprocess, schema: pa.Schema) -> tuple[Graph, Plan]:
    with paused_collection():
        graph = deduplicate(trace(preprocess, schema))
        return graph, Plan.from_graph(graph)


def plan(preprocess: Preprocess, schema: pa.Schema | Iterable[pa.RecordBatch]) -> Plan:
    """Plan the analysis of `preprocess` without running it: passes over the data, then steps row by row.

    Args:
        preprocess: See `analyze`.
        schema: The schema of the data, or the data, of which at most the first batch is read.

    Raises:
        TraceError, SchemaError: As `analyze`.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> schema = pa.schema({"age": pa.float64()})
        >>> hr.transform.plan(lambda x: {"age": hr.transform.scale_to_0_1(x["age"])}, schema)
        1 pass over the data, then row by row
        <BLANKLINE>
        Pass 1 reads age
          extrema of age  -> min, max  for #1
        <BLANKLINE>
        Row by row
          age                     float64
          #1 = scale_to_0_1(age)  float64  => age
    """
    schema = schema if isinstance(schema, pa.Schema) else open_batches(schema)[0]
    return _plan(preprocess, schema)[1]
