"""The data that a layer adapts to, as record batches of one column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from os import PathLike
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from headrace.arguments import is_iterable
from headrace.columns import Ragged, to_arrow
from headrace.errors import SchemaError, UsageError
from headrace.layers.conversion import only_column, to_column
from headrace.tables import find_table, to_array

__all__ = ["AdaptationData"]

_CHUNK_ROWS = 4096  # of values that come one by one
_ARRAYS = (pa.Array, pa.ChunkedArray, np.ndarray, torch.Tensor, Ragged)
_SCALARS = (str, bytes, int, float, np.generic, type(None))


class AdaptationData:
    """Record batches of one column, called `name`. They can be iterated again unless `data` is an iterator.

    Args:
        data: A column in any form of `headrace.layers.conversion`; or record batches of one column (a
            Dataset, a table, any iterable of them); an iterable of chunks of a column, such as a
            `DataLoader` of inputs without labels, or of single values; a map-style dataset, whose items are
            rows.
        name: The name of the column.

    Raises:
        UsageError: The data is empty; or, on a second iteration, `data` was an iterator.
        SchemaError: A batch has several columns, such as inputs and labels, or values do not form a column.
    """

    def __init__(self, data: Any, name: str) -> None:
        self._name = name
        self._chunks = _split(data)
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
        return pa.record_batch({self._name: to_arrow(to_column(_only_part(chunk)))})


def _split(data: Any) -> Iterable[Any]:
    """Split data into chunks, each of which forms a batch."""
    hint = "pass a list or an array of rows"
    if isinstance(data, (*_SCALARS, PathLike)):
        raise UsageError(f"expected data to adapt to, got {data!r:.60}", hint=hint)
    if isinstance(data, _ARRAYS) and not isinstance(data, pa.StructArray):
        if isinstance(data, np.ndarray | torch.Tensor) and not data.ndim:
            raise UsageError("expected rows to adapt to, got an array of one value", hint=hint)
        return [data] if len(data) else []
    if isinstance(data, list | tuple) and not (data and isinstance(data[0], Mapping)):
        return _split_list(data)
    if isinstance(getattr(data, "schema", None), pa.Schema) and not isinstance(
        data, pa.Table | pa.RecordBatch
    ):
        return data
    table = find_table(data, index=False)
    if table is not None:
        only_column(table.column_names)
        return table.to_batches()
    if (
        hasattr(data, "__array__")
        or hasattr(data, "__arrow_c_stream__")
        or hasattr(data, "__arrow_c_array__")
    ):
        return [column] if len(column := to_array(data)) else []
    if isinstance(data, Iterator):
        return _group(data)
    if is_iterable(data):
        return _Chunks(data)
    if hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        return _Rows(data)
    hint = "pass a column, a Dataset, a DataLoader or another iterable; a map-style dataset needs __len__"
    raise UsageError(f"expected data to adapt to, got a {type(data).__name__}", hint=hint)


def _split_list(data: Sequence[Any]) -> Iterable[Any]:
    if isinstance(data, tuple) and any(map(_is_array, data)):
        return [_only_part(data)]
    are_batches = any(isinstance(each, list | tuple) and any(map(_is_column, each)) for each in data[:1])
    if are_batches or (data and _is_table_or_series(data[0])):
        return data
    return [to_column(data)] if data else []


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | torch.Tensor) and value.ndim > 0


def _is_column(value: Any) -> bool:
    """Return whether a part of a batch of a loader is a column: an array, or a tuple of strings."""
    return _is_array(value) or (isinstance(value, tuple) and not isinstance(value, Ragged))


def _is_table_or_series(value: Any) -> bool:
    is_known = isinstance(value, list | tuple | Mapping | np.ndarray | torch.Tensor | type(None))
    return not is_known and (isinstance(value, pa.RecordBatch) or hasattr(value, "__arrow_c_stream__"))


def _only_part(batch: Any) -> Any:
    """Return the only column of a batch that is a tuple of columns, or a list of arrays.

    Raises:
        SchemaError: There are several, such as inputs and labels.
    """
    if isinstance(batch, Ragged):
        return batch
    is_batch = isinstance(batch, tuple) or (isinstance(batch, list) and any(map(_is_column, batch)))
    if not is_batch:
        return batch
    if len(batch) != 1:
        parts = ", ".join(map(_describe, batch[:4]))
        what = f"expected one column, got a {type(batch).__name__} of {len(batch)}: {parts}"
        raise SchemaError(what, hint="pass the inputs alone, such as layer.adapt(x for x, y in loader)")
    return batch[0]


def _describe(part: Any) -> str:
    shape = f" of shape {list(part.shape)}" if isinstance(part, np.ndarray | torch.Tensor) else ""
    return type(part).__name__ + shape


def _group(items: Iterable[Any]) -> Iterator[Any]:
    """Yield chunks: those of `items`, and lists of the values that come one by one."""
    values: list[Any] = []
    for item in items:
        is_value = isinstance(item, _SCALARS) or (isinstance(item, torch.Tensor) and not item.ndim)
        if values and (not is_value or len(values) == _CHUNK_ROWS):
            yield values
            values = []
        if is_value:
            values.append(item)
        else:
            yield item
    if values:
        yield values


@dataclass(frozen=True)
class _Chunks:
    """The chunks of an iterable that can be iterated again."""

    items: Iterable[Any]

    def __iter__(self) -> Iterator[Any]:
        return _group(self.items)


@dataclass(frozen=True)
class _Rows:
    """The items of a map-style dataset, each a row, as lists of rows."""

    items: Any

    def __iter__(self) -> Iterator[Any]:
        count = len(self.items)
        for start in range(0, count, _CHUNK_ROWS):
            rows = [self._read(row, count) for row in range(start, min(start + _CHUNK_ROWS, count))]
            are_arrays = all(map(_is_array, rows)) and len({row.shape for row in rows}) == 1
            yield np.stack([to_column(row) for row in rows]) if are_arrays else rows

    def _read(self, row: int, count: int) -> Any:
        try:
            item = self.items[row]
        except IndexError as error:
            what = f"expected {count:,} items, the length of the dataset, got an IndexError at item {row:,}"
            raise UsageError(what, hint="correct __len__") from error
        if isinstance(item, Mapping):
            return item[only_column([str(name) for name in item])]
        return _only_part(item) if isinstance(item, tuple) else item
