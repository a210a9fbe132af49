"""Passes over the data in this process, on several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from headrace.errors import UsageError
from headrace.parallel import available_cpus
from headrace.transform.analysis.accumulate import accumulate, accumulate_parts
from headrace.transform.analysis.input_data import PeekedBatches, open_batches
from headrace.transform.analysis.parts import find_parts, require_parts
from headrace.transform.analysis.passes import ready_analyzers, substitute_statistics
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.analysis.states import next_state_keys
from headrace.transform.graph.graph import Graph

__all__ = ["LocalEngine"]


@dataclass(frozen=True)
class LocalEngine:
    """An engine that runs in this process, on one thread per available CPU. It reads any record batches."""

    def open(self, data: Any) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
        """See `Engine.open`."""
        return open_batches(data)

    def run(self, graph: Graph, data: Iterable[pa.RecordBatch], cache: StateCache | None) -> Graph:
        """See `Engine.run`. Without a cache, a one-shot iterator is enough for a graph of one pass."""
        one_shot = isinstance(data, Iterator) or (isinstance(data, PeekedBatches) and data.is_one_shot)
        if one_shot and len(ready_analyzers(graph)) < len(graph.analyzers):
            raise UsageError(
                "this analysis needs several passes, but the data is a one-shot iterator",
                hint="pass a Dataset or a list",
            )
        while keys := next_state_keys(graph):
            parts = find_parts(data) if cache is None else require_parts(data)
            states = accumulate(keys, data) if parts is None else accumulate_parts(keys, parts, cache)
            graph = substitute_statistics(graph, states)
        return graph

    def run_tasks(self, task: Callable[[int], None], numbers: Sequence[int]) -> None:
        """See `Engine.run_tasks`."""
        with ThreadPoolExecutor(available_cpus()) as pool:
            for _ in pool.map(task, numbers):
                pass
