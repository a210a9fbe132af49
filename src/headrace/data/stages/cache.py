"""Everything before it, computed once and kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pyarrow as pa

from headrace.data.pipeline import Batches, Stage, Upstream


class _Store:
    """The batches of one complete reading, once there has been one."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] | None = None


@dataclass(frozen=True)
class Cache(Stage):
    """Keep the input's batches from the first complete reading on, and read no more.

    The input is always read in its epoch 0, so what is kept never depends on when the reading happened; put
    `shuffle` after `cache`, or every epoch has the same order. A reading that stops early keeps nothing.
    """

    store: _Store = field(default_factory=_Store, compare=False, repr=False)

    @property
    def spec(self) -> str:
        """It fixes the epoch of what comes before it."""
        return "cache()"

    def stream(self, upstream: Upstream, epoch: int) -> Batches:  # noqa: ARG002
        """The kept batches, or those of a first reading."""
        kept = self.store.batches
        if kept is not None:
            yield from kept
            return
        with closing(upstream(0)) as batches:
            yield from self._fill(batches)

    def _fill(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        read: list[pa.RecordBatch] = []
        for batch in batches:
            read.append(batch)
            yield batch
        self.store.batches = read
