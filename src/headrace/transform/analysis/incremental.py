"""Statistics that go on growing: the states of a graph's analyzers, kept from one data to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from headrace.errors import SchemaError, UsageError
from headrace.transform.analysis.passes import Key, keys, ready, settle
from headrace.transform.engines import local
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Constant, Graph, Node

__all__ = ["Adaptation", "with_statistics"]


class Adaptation:
    """The statistics of a graph over all data it was updated with.

    Args:
        graph: A traced graph.

    Attributes:
        statistics: What each analyzer found, in the order in which analysis comes to them.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._states: dict[Key, Any] = {}
        self.statistics: list[Constant] = []

    def update(self, batches: Iterable[pa.RecordBatch]) -> None:
        """See more data: one pass, or several where one statistic is of another one's result.

        Raises:
            UsageError: More data for a graph of several passes, whose first would have to see all data again.
        """
        graph, statistics = self._graph, list[Constant]()
        if self._states and len(ready(graph)) < len(graph.analyzers):
            what = "a statistic of another one's result cannot be updated"
            raise UsageError(what, hint="adapt to all the data at once")
        while waiting := ready(graph):
            for key, state in local.accumulate(keys(waiting), batches).items():
                self._states[key] = key[0].merge(self._states[key], state) if key in self._states else state
            settled = {node: settle(Graph({"": node}), self._states).outputs[""] for node in waiting}
            statistics += [_constant(settled[node]) for node in waiting]
            graph = graph.rewrite(lambda node, settled=settled: settled.get(node, node))
        self.statistics = statistics


def _constant(node: Node) -> Constant:
    assert isinstance(node.what, Constant)
    return node.what


def with_statistics(graph: Graph, statistics: Sequence[Constant]) -> Graph:
    """The graph with statistics in place of its analyzers, in the order in which analysis comes to them.

    The graph may have been traced for columns of another type than the statistics were found on.

    Raises:
        SchemaError: The graph has other analyzers, or wants statistics of another shape.
    """
    left = list(statistics)
    while waiting := ready(graph):
        if len(waiting) > len(left):
            raise SchemaError("other statistics are needed for this type of data", hint="adapt to such data")
        settled = {node: _put(node, left.pop(0)) for node in waiting}
        graph = graph.rewrite(lambda node, settled=settled: settled.get(node, node))
    return graph


def _put(node: Node, statistic: Constant) -> Node:
    assert isinstance(node.what, Analyzer)
    shape = getattr(statistic.value, "shape", None)
    if shape is not None and shape != node.type.shape:
        what = f"{statistic.statistic} was found for rows of shape {list(shape)}, not {list(node.type.shape)}"
        raise SchemaError(what, hint="give data of the same shape, or adapt to this")
    return replace(node, what=statistic, inputs=())
