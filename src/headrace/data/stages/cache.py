"""Cache the input in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pyarrow as pa

from headrace.data.pipeline import Batches, Stage, Upstream


class _Store:
    """The batches of the first complete pass; None before it."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] | None = None


@dataclass(frozen=True)
class Cache(Stage):
    """Keep the batches of the first complete pass in memory and read the input no more.

    The input is always read in its epoch 0, so the cached batches do not depend on when they were read. Put
    `shuffle` after `cache`, or every epoch has the same order. A pass that stops early caches nothing.
    """

    store: _Store = field(default_factory=_Store, compare=False, repr=False)

    @property
    def spec(self) -> str:
        """`cache()`: it fixes the epoch of the stages before it."""
        return "cache()"

    def stream(self, upstream: Upstream, epoch: int) -> Batches:  # noqa: ARG002
        """Stream the cached batches, or those of a first pass."""
        cached = self.store.batches
        if cached is not None:
            yield from cached
            return
        with closing(upstream(0)) as batches:
            yield from self._fill(batches)

    def _fill(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        read: list[pa.RecordBatch] = []
        for batch in batches:
            read.append(batch)
            yield batch
        self.store.batches = read
