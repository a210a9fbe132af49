"""Read the rows of a source as a stream, in its own order or in a planned one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from headrace.data.pipeline import (
    Cursor,
    Seekable,
    Skippable,
    Source,
    Sparse,
    SparseStream,
    Step,
    Steps,
    Streamed,
    Upstream,
)
from headrace.data.plan import RowOrder, RowReader
from headrace.data.plan.steps import unpack_count
from headrace.parallel import ThreadPool, available_cpus, ordered_map

__all__ = ["open_source", "read_rows", "read_source"]


def read_source(source: Source, epoch: int, cursor: Cursor) -> Steps:  # noqa: ARG001
    """Read a source in order; a cursor counts rows. Other sources are read again from the start."""
    done = unpack_count(cursor)
    reader = source.open_rows() if done and isinstance(source, Seekable) else None
    rest = None if reader is None else reader.scan(done)
    if rest is None and done and isinstance(source, Skippable):
        rest = source.read_after(done)
    batches, at = (source.read(), 0) if rest is None else (rest, done)
    for batch in batches:
        at += batch.num_rows
        if batch.num_rows and at > done:
            new = min(batch.num_rows, at - done)
            yield Step(batch if new == batch.num_rows else batch.slice(batch.num_rows - new), at)


def open_source(source: Source) -> Upstream:
    """Return what opens the stream of a source."""
    if isinstance(source, Sparse):
        return SparseStream(source)
    return source.stream if isinstance(source, Streamed) else partial(read_source, source)


def read_rows(reader: RowReader, order: RowOrder, chunk: int, epoch: int, cursor: Cursor) -> Steps:
    """Read rows in an order; a cursor is a position in it."""
    position = unpack_count(cursor)
    if order.start is not None:
        yield from _scan(reader, order.start, position, order.num_rows)
        return
    chunks = _list_chunks(position, order.num_rows, chunk)
    take = partial(_take_chunk, reader, order, epoch)
    threads = 1 if reader.in_memory else available_cpus()
    if threads == 1:
        yield from map(take, chunks)
        return
    pool = ThreadPool(threads - 1, "headrace-read")
    try:
        for _, step in ordered_map(take, chunks, pool, most=threads + 1):
            yield step
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _scan(reader: RowReader, start: int, position: int, stop: int) -> Steps:
    if position >= stop:
        return
    for batch in reader.scan(start + position):
        kept = batch.slice(0, stop - position)
        position += kept.num_rows
        if kept.num_rows:
            yield Step(kept, position)
        if position >= stop:
            return


def _list_chunks(start: int, stop: int, rows: int) -> Iterator[tuple[int, int]]:
    """List the chunks from `start` on; they end at multiples of `rows`, wherever the first one starts."""
    while start < stop:
        end = min(start - start % rows + rows, stop)
        yield start, end
        start = end


def _take_chunk(reader: RowReader, order: RowOrder, epoch: int, chunk: tuple[int, int]) -> Step:
    rows = order.at(epoch, np.arange(*chunk))
    return Step(reader.take(rows), chunk[1])
