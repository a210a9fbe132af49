"""Take, concatenate and split rows of record batches without a Python object per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace.errors import SchemaError, UsageError
from headrace.suggestions import list_names

__all__ = ["RowPool", "concatenate", "count_bytes", "split_rows", "take_rows"]

_OFFSET_WIDTHS = {pa.string(): 4, pa.binary(): 4, pa.large_string(): 8, pa.large_binary(): 8}


class RowPool:
    """The rows of several batches in memory, gathered by number.

    Row numbers run through the batches in order. The batches are neither concatenated nor copied: `take`
    copies the rows asked for, and costs a few microseconds beside the copy. Any thread may call it.

        >>> pool = RowPool([pa.record_batch({"x": [1, 2]}), pa.record_batch({"x": [3]})])
        >>> pool.take(np.array([2, 0]))["x"].to_pylist()
        [3, 1]

    Args:
        batches: At least one batch, all of one schema.

    Raises:
        SchemaError: The batches differ in their schemas.
    """

    def __init__(self, batches: Sequence[pa.RecordBatch]) -> None:
        self.schema: pa.Schema = batches[0].schema
        check_schemas(batches)
        self._batches = [batch for batch in batches if batch.num_rows]
        # The C data interface does not carry the sizes of buffers; the kernel checks all offsets by them.
        chunks = [(batch.__arrow_c_array__()[1], _buffer_sizes(batch)) for batch in self._batches]
        self._chunks = _native.RowChunks(self.schema.__arrow_c_schema__(), chunks)
        gathered = self._chunks.supported
        self._others = [place for place, is_gathered in enumerate(gathered) if not is_gathered]
        self._gathered = self.schema
        if self._others:
            kept = [field for field, is_gathered in zip(self.schema, gathered, strict=True) if is_gathered]
            self._gathered = pa.schema(kept)

    @property
    def num_rows(self) -> int:
        """The number of rows of all batches."""
        return self._chunks.num_rows

    @property
    def batches(self) -> Sequence[pa.RecordBatch]:
        """The batches that have rows."""
        return self._batches

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Gather the rows numbered `rows`, int64 [n], in that order; repeats are allowed.

        Raises:
            IndexError: A row number is negative, or not below `num_rows`.
            UsageError: A column of strings or lists exceeds Arrow's limit of 2 GiB.
            SchemaError: Offsets in a batch are invalid.
        """
        try:
            batch = self._chunks.take(
                np.ascontiguousarray(rows), pa.RecordBatch._import_from_c, self._gathered
            )
        except OverflowError as error:
            raise _too_large(len(rows), error) from error
        except ValueError as error:
            raise SchemaError(str(error), hint="the file or program that made the data is broken") from error
        return self._add_others(batch, rows) if self._others else batch

    def take_padded(
        self, column: int, rows: NDArray[np.int64], length: int | None, multiple_of: int, fill: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Gather lists of numbers without nulls as rows of one length: one copy instead of two.

        Args:
            column: The place of the column among those of `schema`.
            rows: The rows, int64 [n].
            length: The values of a row, of which longer lists have the first; None is the longest list.
            multiple_of: What the length of None is rounded up to.
            fill: The value after the end of a list, [1] of the dtype of the values.

        Returns:
            The rows, [n, length] of the dtype of `fill`, and the number of values of each list, int64 [n].

        Raises:
            SchemaError: Offsets in a batch are invalid.
        """
        wanted, fill_bytes = -1 if length is None else length, fill.view(np.uint8)
        try:
            values, counts, found = self._chunks.take_padded(column, rows, wanted, multiple_of, fill_bytes)
        except ValueError as error:
            raise SchemaError(str(error), hint="the file or program that made the data is broken") from error
        return values.view(fill.dtype).reshape(len(rows), found), counts

    def _add_others(self, batch: pa.RecordBatch, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Add the columns that the kernel does not gather: dictionaries, unions."""
        gathered = iter(batch.columns)
        starts = np.cumsum([0, *(each.num_rows for each in self._batches)])
        columns = [
            self._take_column(place, rows, starts) if place in self._others else next(gathered)
            for place in range(len(self.schema))
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _take_column(self, place: int, rows: NDArray[np.int64], starts: NDArray[np.int64]) -> pa.Array:
        """Take from each batch, concatenate, and restore the order; `starts` are the batches' first rows."""
        chunks = np.searchsorted(starts, rows, side="right") - 1
        order = np.argsort(chunks, kind="stable")
        taken = [self._batches[0].column(place).slice(0, 0)] if self._batches else []
        for chunk in np.unique(chunks):
            local = rows[order][chunks[order] == chunk] - starts[chunk]
            taken.append(self._batches[chunk].column(place).take(pa.array(local)))
        if not taken:
            return pa.nulls(0, self.schema.field(place).type)
        places = np.empty(len(rows), np.int64)
        places[order] = np.arange(len(rows))
        try:
            return pa.concat_arrays(taken).take(pa.array(places))
        except pa.ArrowInvalid as error:
            raise _not_combined(error, self.schema.field(place).name) from error


def concatenate(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """Concatenate batches; a single batch is returned unchanged.

    Raises:
        SchemaError: The batches differ in their schemas, or their dictionaries cannot be combined.
        UsageError: A column of strings or lists exceeds Arrow's limit of 2 GiB.
    """
    if len(batches) == 1:
        return batches[0]
    check_schemas(batches)
    try:
        return pa.concat_batches(batches)
    except pa.ArrowInvalid as error:
        if "dictionar" in str(error):
            raise _not_combined(error) from error
        raise _too_large(sum(batch.num_rows for batch in batches), error) from error


def take_rows(batch: pa.RecordBatch, rows: NDArray[np.int64]) -> pa.RecordBatch:
    """Take the rows numbered `rows` (int64 [n]), in that order; see `RowPool` to take from a batch often."""
    return RowPool([batch]).take(rows)


def split_rows(batch: pa.RecordBatch, size: int) -> Iterator[pa.RecordBatch]:
    """Yield zero-copy slices of at most `size` rows; none for a batch without rows."""
    for start in range(0, batch.num_rows, size):
        yield batch.slice(start, size)


def count_bytes(batch: pa.RecordBatch) -> int:
    """Count the bytes of a batch's values and offsets; bitmaps do not count.

    Unlike `nbytes`, equal rows have equal sizes wherever they lie in their buffers.
    """
    return sum(_count_array_bytes(column) for column in batch.columns)


def _count_array_bytes(array: pa.Array) -> int:
    if isinstance(array, pa.ExtensionArray):
        return _count_array_bytes(array.storage)
    rows, type_ = len(array), array.type
    if rows == 0:
        return 0
    if isinstance(array, pa.StructArray):
        return sum(_count_array_bytes(array.field(number)) for number in range(type_.num_fields))
    if isinstance(array, pa.FixedSizeListArray):
        size = type_.list_size
        return _count_array_bytes(array.values.slice(array.offset * size, rows * size))
    if isinstance(array, pa.ListArray | pa.LargeListArray):
        offsets = array.offsets
        first, last = offsets[0].as_py(), offsets[rows].as_py()
        return offsets.nbytes + _count_array_bytes(array.values.slice(first, last - first))
    width = _OFFSET_WIDTHS.get(type_)
    if width is not None:
        offsets = np.frombuffer(array.buffers()[1], f"i{width}")
        return (rows + 1) * width + int(offsets[array.offset + rows] - offsets[array.offset])
    try:
        return rows * type_.bit_width // 8
    except ValueError:  # pyarrow's answer for types whose values differ in size
        return array.nbytes


def _buffer_sizes(batch: pa.RecordBatch) -> list[list[int]]:
    return [[0 if buffer is None else buffer.size for buffer in column.buffers()] for column in batch.columns]


def check_schemas(batches: Sequence[pa.RecordBatch]) -> None:
    """Check that batches have one schema.

    Raises:
        SchemaError: They differ; names the columns.
    """
    first = batches[0].schema
    for batch in batches:
        if not batch.schema.equals(first):
            raise SchemaError(
                f"the batches of a stream differ: {_difference(first, batch.schema)}",
                hint="make all batches have the same columns and types",
            )


def _not_combined(error: Exception, name: str | None = None) -> SchemaError:
    what = f"the dictionaries of several batches cannot be combined ({str(error).splitlines()[0][:160]})"
    return SchemaError(what, feature=name, hint="cast the column to the type of its values")


def _too_large(rows: int, error: Exception) -> UsageError:
    return UsageError(
        f"{rows:,} rows do not fit into one batch ({error})", hint="use a smaller shuffle window or batch"
    )


def _difference(left: pa.Schema, right: pa.Schema) -> str:
    if left.names != right.names:
        return f"columns {list_names(left.names)} and {list_names(right.names)}"
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if not a.equals(b)]
    return list_names(f"'{a.name}' is {a.type} and {b.type}" for a, b in pairs) or "nullability"
