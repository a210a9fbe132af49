"""The data a layer adapts to, as record batches of one column that can be gone over again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from headrace.columns import to_arrow
from headrace.errors import SchemaError, UsageError
from headrace.layers.conversion import column_of

__all__ = ["Sample", "only_column"]

_WHOLE = (pa.Array, pa.ChunkedArray, np.ndarray, torch.Tensor)


class Sample:
    """Batches of one column, called `name`.

    Args:
        data: A column in any form of `headrace.layers.conversion`; or record batches of one column (a
            Dataset, a table, any iterable of them), or an iterable of parts of a column.
        name: What to call the column.

    Raises:
        UsageError: There is no data; or, on going over it again, that it was an iterator and is spent.
        SchemaError: Batches of several columns, or values that make no column.
    """

    def __init__(self, data: Any, name: str) -> None:
        self._name = name
        self._parts = _parts(data)
        self._once = isinstance(self._parts, Iterator)
        parts = iter(self._parts)
        first = next(parts, None)
        if first is None:
            raise UsageError("there is no data to adapt to", hint="give some")
        self.schema = self._batch(first).schema
        if self._once:
            self._parts = chain([first], parts)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        if self._parts is None:
            raise UsageError("the data is needed twice", hint="give a list or a Dataset, not an iterator")
        parts = self._parts
        if self._once:
            self._parts = None
        return map(self._batch, parts)

    def _batch(self, part: Any) -> pa.RecordBatch:
        if isinstance(part, pa.RecordBatch):
            only_column(part)
            part = part.column(0)
        return pa.record_batch({self._name: to_arrow(column_of(part))})


def only_column(batch: pa.RecordBatch) -> list[str]:
    """The name of a batch's column, alone in a list.

    Raises:
        SchemaError: There are several columns, or none.
    """
    if batch.num_columns != 1:
        names = ", ".join(batch.schema.names) or "none"
        hint = "map the dataset to one: ds.map(lambda batch: batch.select(['name'])), or use layer.on('name')"
        raise SchemaError(f"a layer takes one column, and there are {names}", hint=hint)
    return batch.schema.names


def _parts(data: Any) -> Iterable[Any]:
    """The data in pieces that each make a batch."""
    if isinstance(data, pa.Table):
        return data.to_batches()
    if isinstance(data, pa.RecordBatch):
        return [data]
    if isinstance(data, _WHOLE) or hasattr(data, "row_splits"):
        return [data] if len(data) else []
    if isinstance(data, list | tuple) and not any(isinstance(each, pa.RecordBatch) for each in data[:1]):
        return [data] if data else []
    return data
