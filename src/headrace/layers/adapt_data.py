"""The data that a layer adapts to, as record batches of one column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from headrace.columns import to_arrow
from headrace.errors import SchemaError, UsageError
from headrace.layers.conversion import to_column

__all__ = ["AdaptationData", "only_column"]

_ARRAYS = (pa.Array, pa.ChunkedArray, np.ndarray, torch.Tensor)


class AdaptationData:
    """Record batches of one column, called `name`. They can be iterated again unless `data` is an iterator.

    Args:
        data: A column in any form of `headrace.layers.conversion`; or record batches of one column (a
            Dataset, a table, any iterable of them), or an iterable of chunks of a column.
        name: The name of the column.

    Raises:
        UsageError: The data is empty; or, on a second iteration, `data` was an iterator.
        SchemaError: A batch has several columns, or values do not form a column.
    """

    def __init__(self, data: Any, name: str) -> None:
        self._name = name
        self._chunks = _chunks(data)
        self._is_iterator = isinstance(self._chunks, Iterator)
        chunks = iter(self._chunks)
        first = next(chunks, None)
        if first is None:
            raise UsageError("expected data to adapt to, got none", hint="pass at least one row")
        self.schema = self._to_batch(first).schema
        if self._is_iterator:
            self._chunks = chain([first], chunks)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        if self._chunks is None:
            raise UsageError(
                "adapting needs a second pass, but the data is a one-shot iterator",
                hint="pass a list or a Dataset, not an iterator",
            )
        chunks = self._chunks
        if self._is_iterator:
            self._chunks = None
        return map(self._to_batch, chunks)

    def _to_batch(self, chunk: Any) -> pa.RecordBatch:
        if isinstance(chunk, pa.RecordBatch):
            only_column(chunk)
            chunk = chunk.column(0)
        return pa.record_batch({self._name: to_arrow(to_column(chunk))})


def only_column(batch: pa.RecordBatch) -> list[str]:
    """Return the names of a batch's columns, after checking that there is one.

    Raises:
        SchemaError: There are several columns, or none.
    """
    if batch.num_columns != 1:
        names = ", ".join(batch.schema.names) or "none"
        hint = "select one: ds.map(lambda batch: batch.select(['name'])), or use layer.on('name')"
        raise SchemaError(f"expected one column, got {names}", hint=hint)
    return batch.schema.names


def _chunks(data: Any) -> Iterable[Any]:
    """Split data into chunks, each of which forms a batch."""
    if isinstance(data, pa.Table):
        return data.to_batches()
    if isinstance(data, pa.RecordBatch):
        return [data]
    if isinstance(data, _ARRAYS) or hasattr(data, "row_splits"):
        return [data] if len(data) else []
    if isinstance(data, list | tuple) and not any(isinstance(each, pa.RecordBatch) for each in data[:1]):
        return [data] if data else []
    return data
