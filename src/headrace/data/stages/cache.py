"""Cache the input in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.pipeline import InputRows, Source, Stage
from headrace.data.plan import RowReader
from headrace.data.sources.arrow import ArrowReader


class _Store:
    """The rows of the first complete pass; None before it."""

    def __init__(self) -> None:
        self.reader: ArrowReader | None = None


@dataclass(frozen=True)
class Cache(Stage):
    """Keep the batches of the first complete pass in memory and read the input no more.

    The input is always read in its epoch 0, so the cached batches do not depend on when they were read. Put
    `shuffle` after `cache`, or every epoch has the same order. A pass that stops early caches nothing; a
    shuffle after the cache fills it before the first batch.
    """

    store: _Store = field(default_factory=_Store, compare=False, repr=False)

    @property
    def spec(self) -> str:
        """`cache()`: it fixes the epoch of the stages before it."""
        return "cache()"

    def to_source(self, rows: InputRows, later: Sequence[Stage]) -> Source:
        """Return the cached rows as a source."""
        return _CachedSource(self.store, rows, any(stage.reorders for stage in later))


@dataclass(frozen=True)
class _CachedSource:
    """The rows of a stream, kept in memory after the first pass."""

    store: _Store
    rows: InputRows
    is_shuffled: bool

    @cached_property
    def schema(self) -> pa.Schema:
        """The schema of the stream."""
        return self.rows.find_schema()

    @property
    def num_rows(self) -> int | None:
        """The number of rows if they are cached."""
        return None if self.store.reader is None else self.store.reader.num_rows

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the cached batches, or the stream, which is cached when it ends."""
        if self.store.reader is not None:
            yield from self.store.reader.scan(0)
            return
        batches: list[pa.RecordBatch] = []
        with closing(self.rows.stream(0)) as steps:
            for step in steps:
                batches.append(step.batch)
                yield step.batch
        table = pa.Table.from_batches(batches, batches[0].schema if batches else self.schema)
        self.store.reader = ArrowReader(table)

    def open_rows(self) -> RowReader | None:
        """Read the stream to its end if it is to be shuffled; else None, even if it is cached already."""
        if not self.is_shuffled:
            return None
        if self.store.reader is None:
            for _ in self.read():
                pass
        return self.store.reader
