"""The engine interface: where the passes over the data run."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import pyarrow as pa

from headrace import errors
from headrace.errors import HeadraceError
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.graph.graph import Graph

__all__ = ["Engine", "unwrap_worker_errors"]


class Engine(Protocol):
    """The interface of an engine. All engines compute the same statistics of a graph over data."""

    def open(self, data: Any) -> tuple[pa.Schema, Any]:
        """Return the schema of the data, and the data to pass to `run`.

        The data returned replaces the data given: finding the schema may have consumed a batch.

        Raises:
            UsageError: The data is empty, or this engine cannot read it.
        """
        ...

    def run(self, graph: Graph, data: Any, cache: StateCache | None) -> Graph:
        """Run all passes over the data, and return the graph with a constant in place of each analyzer.

        Raises:
            UsageError: The graph needs several passes and the data can be read only once, or the engine or
                the cache needs data in parts.
            SchemaError: A batch does not have the schema that the graph was traced with.
        """
        ...

    def run_tasks(self, task: Callable[[int], None], numbers: Sequence[int]) -> None:
        """Call `task` with each number, in any order and on any worker; return when all have ended.

        Raises:
            HeadraceError: A worker raised it.
        """
        ...


@contextmanager
def unwrap_worker_errors() -> Generator[None]:
    """Raise a Headrace error that an engine reports only as text in a worker's traceback.

    Raises:
        HeadraceError: A worker raised it.
    """
    try:
        yield
    except HeadraceError:
        raise
    except Exception as error:
        found = re.search(r"headrace\.errors\.(\w+Error): ([^\n]+)", str(error))
        kind = getattr(errors, found[1], None) if found else None
        if found is None or not (isinstance(kind, type) and issubclass(kind, HeadraceError)):
            raise
        raise kind(found[2].split(" [while running")[0]) from error
