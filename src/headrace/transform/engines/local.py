"""One pass over the data in this process, on a few threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.transform.batch import columns_of
from headrace.transform.graph import evaluate
from headrace.transform.phases import Key

__all__ = ["accumulate"]


def accumulate(keys: Iterable[Key], batches: Iterable[pa.RecordBatch]) -> dict[Key, Any]:
    """The state of every accumulator over all batches.

    Batches are worked on side by side and merged in their order, so the result does not depend on timing.
    Memory holds a few batches, however many there are.
    """
    keys = list(keys)
    states = {key: key[0].empty() for key in keys}
    for partial in _in_order(keys, batches, workers=os.cpu_count() or 1):
        with np.errstate(all="ignore"):  # infinities are values like others
            states = {key: key[0].merge(state, partial[key]) for key, state in states.items()}
    return states


def _in_order(
    keys: list[Key], batches: Iterable[pa.RecordBatch], workers: int
) -> Iterator[Mapping[Key, Any]]:
    pending: deque[Future[Mapping[Key, Any]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for batch in batches:
            pending.append(pool.submit(_partial, keys, batch))
            if len(pending) > 2 * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _partial(keys: list[Key], batch: pa.RecordBatch) -> Mapping[Key, Any]:
    ends = [node for _, nodes in keys for node in nodes]
    values = evaluate(ends, columns_of(batch, ends))
    with np.errstate(all="ignore"):
        return {
            (accumulator, nodes): accumulator.update(accumulator.empty(), *(values[node] for node in nodes))
            for accumulator, nodes in keys
        }
