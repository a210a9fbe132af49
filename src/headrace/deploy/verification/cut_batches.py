"""Batches of bounded size from batches of any size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import pyarrow as pa

from headrace.columns import find_column
from headrace.tables import find_table, iterate_batches, split_table

__all__ = ["cut_batches"]

_MOST_ROWS = 256
_MOST_BYTES = 1 << 20  # of raw values; a network may need a hundred times as much for them
_MOST_FILES = 8  # rows with cells that are decoded, such as images, whose sizes are not known before


def cut_batches(data: Any, columns: Collection[str]) -> Iterator[pa.RecordBatch]:
    """Cut and join batches into ones of about 1 MB, 256 rows and one schema; a longer row is alone.

    Args:
        data: A `Dataset`, an iterable of batches or of tables, or a table in any form of `headrace.tables`.
            What has no rows is dropped.
        columns: The columns to keep.

    Raises:
        UsageError: `data` is something else.
        SchemaError: Two columns have the name of a column to keep.
    """
    waiting: list[pa.RecordBatch] = []
    for batch in _list_batches(data):
        places = [find_column(batch.schema, name) for name in batch.schema.names if name in columns]
        for part in _cut(batch.select(places)):
            if waiting and not _fit(waiting, part):
                yield _join(waiting)
                waiting = []
            waiting.append(part)
    if waiting:
        yield _join(waiting)


def _list_batches(data: Any) -> Iterable[pa.RecordBatch]:
    table = None if isinstance(data, Iterator) else find_table(data)
    return iterate_batches(data) if table is None else split_table(table)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows = _count_most_rows(batch.schema)
    for start in range(0, batch.num_rows, rows):
        yield from _halve(batch.slice(start, rows))


def _halve(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch in halves until each is of at most 1 MB, or one row."""
    half = batch.num_rows // 2
    if half == 0 or batch.nbytes <= _MOST_BYTES:
        yield batch
    else:
        yield from _halve(batch.slice(0, half))
        yield from _halve(batch.slice(half))


def _count_most_rows(schema: pa.Schema) -> int:
    is_file = any(pa.types.is_struct(each.type) or "binary" in str(each.type) for each in schema)
    return _MOST_FILES if is_file else _MOST_ROWS


def _fit(waiting: list[pa.RecordBatch], part: pa.RecordBatch) -> bool:
    rows = part.num_rows + sum(each.num_rows for each in waiting)
    size = part.nbytes + sum(each.nbytes for each in waiting)
    return (
        rows <= _count_most_rows(part.schema)
        and size <= _MOST_BYTES
        and part.schema.equals(waiting[0].schema)
    )


def _join(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
