"""From a preprocessing function and data to a frozen transform."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from headrace.errors import UsageError
from headrace.transform.analyzer import Accumulator, Analyzer
from headrace.transform.column import Column
from headrace.transform.engines import local
from headrace.transform.graph import Constant, Graph, Node, sort
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
    if isinstance(data, Iterator) and len(_ready(graph)) < len(graph.analyzers):
        raise UsageError(
            "an analyzer over another's result needs the data twice", way_out="pass a Dataset or a list"
        )
    while ready := _ready(graph):
        keys = dict.fromkeys(_key(node) for node in ready)
        states = local.accumulate(keys, batches)
        graph = graph.rewrite(lambda node, states=states: _settle(node, states))
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


def _ready(graph: Graph) -> list[Node]:
    """The analyzers whose columns depend on no other analyzer."""
    return [
        node
        for node in graph.analyzers
        if not any(isinstance(each.what, Analyzer) for each in sort(node.inputs))
    ]


def _key(node: Node) -> tuple[Accumulator, tuple[Node, ...]]:
    assert isinstance(node.what, Analyzer)
    return node.what.accumulator, node.inputs


def _settle(node: Node, states: Mapping[Any, Any]) -> Node:
    """A constant in place of an analyzer whose state is known."""
    if not isinstance(node.what, Analyzer) or _key(node) not in states:
        return node
    value = node.what.result(states[_key(node)])
    name = getattr(node.what, "label", None) or str(node)
    return replace(node, what=Constant(value, statistic=name), inputs=())
