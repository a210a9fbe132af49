"""Statistics that grow with more data: the states of a graph's analyzers, kept between updates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import SchemaError, UsageError
from headrace.transform.analysis.accumulate import accumulate
from headrace.transform.analysis.passes import (
    StateKey,
    pass_keys,
    ready_analyzers,
    substitute_statistics,
)
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Constant, Graph, Node

__all__ = ["Adaptation", "insert_statistics"]


class Adaptation:
    """The statistics of a graph over all data that it was updated with.

    Args:
        graph: A traced graph.

    Attributes:
        statistics: The statistic of each analyzer, in the order in which analysis computes them.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._states: dict[StateKey, Any] = {}
        self.statistics: list[Constant] = []

    def update(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Add data: one pass over it, or several where a statistic depends on another statistic.

        Raises:
            UsageError: This is not the first update, and the graph needs several passes: the first pass would
                have to read the earlier data again.
        """
        graph, statistics = self._graph, list[Constant]()
        if self._states and len(ready_analyzers(graph)) < len(graph.analyzers):
            raise UsageError(
                "cannot update a statistic that depends on another statistic",
                hint="adapt to all the data at once",
            )
        while ready := ready_analyzers(graph):
            for key, state in accumulate(pass_keys(ready), batches).items():
                self._states[key] = key[0].merge(self._states[key], state) if key in self._states else state
            constants = {
                node: substitute_statistics(Graph({"": node}), self._states).outputs[""] for node in ready
            }
            statistics += [_statistic(constants[node]) for node in ready]
            graph = graph.rewrite(lambda node, constants=constants: constants.get(node, node))
        self.statistics = statistics

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle the states as bytes, since those of kernels cannot be, and columns by places."""
        places = {node: place for place, node in enumerate(self._graph.nodes)}
        states = [
            (accumulator, [places[node] for node in nodes], accumulator.dump(state))
            for (accumulator, nodes), state in self._states.items()
            if all(node in places for node in nodes)  # those of later passes are never updated
        ]
        return {"graph": self._graph, "states": states, "statistics": self.statistics}

    def __setstate__(self, stored: dict[str, Any]) -> None:
        """See `__getstate__`."""
        self._graph, self.statistics = stored["graph"], stored["statistics"]
        nodes = self._graph.nodes
        self._states = {
            (accumulator, tuple(nodes[place] for place in places)): accumulator.load(state)
            for accumulator, places, state in stored["states"]
        }


def _statistic(node: Node) -> Constant:
    assert isinstance(node.what, Constant)
    return node.what


def insert_statistics(graph: Graph, statistics: Sequence[Constant]) -> Graph:
    """Replace the analyzers of a graph by statistics, in the order in which analysis computes them.

    The graph may have been traced for columns of another type than the statistics were computed on; it may
    then have more or fewer corrections (see `Analyzer`).

    Raises:
        SchemaError: The graph needs other statistics, or statistics of another shape.
    """
    left = [each for each in statistics if not each.is_correction]
    corrections = [each for each in statistics if each.is_correction]
    while ready := ready_analyzers(graph):
        constants: dict[Node, Node] = {}
        for node in ready:
            is_correction = isinstance(node.what, Analyzer) and node.what.is_correction
            found = corrections if is_correction else left
            if not found and not is_correction:
                raise SchemaError("this type of data needs other statistics", hint="adapt to such data")
            zero = Constant(np.zeros(node.type.shape), str(node), is_correction=True)
            constants[node] = _replace_analyzer(node, found.pop(0) if found else zero)
        graph = graph.rewrite(lambda node, constants=constants: constants.get(node, node))
    return graph


def _replace_analyzer(node: Node, statistic: Constant) -> Node:
    assert isinstance(node.what, Analyzer)
    shape = getattr(statistic.value, "shape", None)
    if shape is not None and shape != node.type.shape:
        raise SchemaError(
            f"{statistic.statistic}: expected rows of shape {list(shape)}, got {list(node.type.shape)}",
            hint="give data of the same shape, or adapt to this shape",
        )
    return replace(node, what=statistic, inputs=())
