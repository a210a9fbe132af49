"""What an engine is: a place where the passes over the data run."""

from __future__ import annotations

from typing import Any, Protocol

import pyarrow as pa

from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.graph.graph import Graph

__all__ = ["Engine"]


class Engine(Protocol):
    """Finds the statistics of a graph over data; the same ones wherever it runs."""

    def open(self, data: Any) -> tuple[pa.Schema, Any]:
        """The schema of the data, and the data to go on with, if finding it took some.

        Raises:
            UsageError: There is no data, or it is nothing that this engine reads.
        """
        ...

    def settle(self, graph: Graph, data: Any, cache: StateCache | None) -> Graph:
        """The graph with a constant in place of each analyzer, however many passes that takes.

        Raises:
            UsageError: Data that cannot be gone over in the way that is needed.
            SchemaError: Data of another schema.
        """
        ...
