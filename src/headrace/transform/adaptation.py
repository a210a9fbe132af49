"""Statistics that go on growing: the states of a graph's analyzers, kept from one data to the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from headrace.errors import UsageError
from headrace.transform.engines import local
from headrace.transform.graph import Graph
from headrace.transform.phases import Key, keys, ready, settle

__all__ = ["Adaptation"]


class Adaptation:
    """The statistics of a graph over all data it was updated with.

    Args:
        graph: A traced graph.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._states: dict[Key, Any] = {}
        self._settled = graph

    def update(self, batches: Iterable[pa.RecordBatch]) -> None:
        """See more data: one pass, or several where one statistic is of another one's result.

        Raises:
            UsageError: More data for a graph of several passes, whose first would have to see all data again.
        """
        if self._states and len(ready(self._graph)) < len(self._graph.analyzers):
            raise UsageError(
                "a statistic of another one's result cannot be updated",
                way_out="adapt to all the data at once",
            )
        self._settled = self._graph
        while waiting := ready(self._settled):
            found = local.accumulate(keys(waiting), batches)
            for key, state in found.items():
                found[key] = key[0].merge(self._states[key], state) if key in self._states else state
            self._states |= found
            self._settled = settle(self._settled, self._states)

    def result(self) -> Graph:
        """The graph with constants in place of its analyzers."""
        return self._settled
