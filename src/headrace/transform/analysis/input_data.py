"""Find the schema of record batches before the first pass over them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from headrace.errors import UsageError
from headrace.tables import find_table, iterate_batches, split_table
from headrace.transform.analysis.parts import Part, find_parts

__all__ = ["ConvertedBatches", "PeekedBatches", "open_batches"]


class PeekedBatches:
    """Batches of which the first has been read already, to find the schema.

    The first iteration yields the batch read already, then the rest; later ones start again from `data`.

    Attributes:
        is_one_shot: Whether the batches can be read only once.
    """

    def __init__(self, data: Iterable[pa.RecordBatch], first: pa.RecordBatch, rest: Iterator[Any]) -> None:
        self._data = data
        self._started: Iterator[pa.RecordBatch] | None = itertools.chain([first], rest)
        self.is_one_shot = rest is data

    @property
    def parts(self) -> Sequence[Part] | None:
        """See `headrace.transform.analysis.parts`."""
        return find_parts(self._data)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        started, self._started = self._started, None
        return iter(self._data) if started is None else started


class ConvertedBatches:
    """Batches of tables in any form, such as the frames that `pandas.read_csv(chunksize=)` yields."""

    def __init__(self, tables: Iterable[Any]) -> None:
        self._tables = tables

    @property
    def parts(self) -> Sequence[Part] | None:
        """See `headrace.transform.analysis.parts`."""
        return find_parts(self._tables)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return iterate_batches(self._tables)


def open_batches(data: Any) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    """Return the schema of the data and its batches.

    A table in any form of `headrace.tables` is cut into batches. The schema is `data.schema` where that
    exists, and otherwise that of the first batch.

    Raises:
        UsageError: The data is empty, or is not a table.
    """
    if isinstance(data, pa.RecordBatchReader):
        return data.schema, data
    schema = getattr(data, "schema", None)
    is_arrow = type(data).__module__.startswith("pyarrow")  # a table, a dataset
    if isinstance(schema, pa.Schema) and not is_arrow:
        return schema, data
    table = find_table(data)
    if table is not None:
        return table.schema, split_table(table)
    batches: Iterable[pa.RecordBatch] = ConvertedBatches(data)
    if isinstance(data, list | tuple):
        batches = list(batches)
    elif isinstance(data, Iterator):
        batches = iter(batches)
    iterator = iter(batches)
    first = next(iterator, None)
    if first is None:
        raise UsageError("the data to analyze is empty", hint="check the paths and filters it came from")
    return first.schema, PeekedBatches(batches, first, iterator)
