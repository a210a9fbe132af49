"""Pad lists to dense rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.columns import Ragged, to_numpy_type
from headrace.data.pipeline import Gather, RowEffect, Stage
from headrace.data.rows import RowPool
from headrace.data.stages.columns.add_columns import add_columns
from headrace.data.stages.columns.find_columns import find_columns
from headrace.data.stages.sequences.dense_rows import fit_value, pad_lists, read_lists, to_column
from headrace.data.stages.sequences.lengths import is_list
from headrace.errors import SchemaError


@dataclass(frozen=True)
class Pad(Stage):
    """Convert columns of lists of numbers to dense columns [rows, length], padded by `value` at the end.

    `length` is that of every row; None is that of the longest list of the batch, so that the type of the
    column differs from batch to batch. `multiple_of` rounds it up. A list that is longer than `length` is an
    error, or is cut by `truncate`. `mask` adds `COLUMN_mask`, bool [rows, length], true for values of the
    list; `lengths` adds `COLUMN_length`, int32 [rows].

    The names are those of `tf.data.Dataset.padded_batch` and of Hugging Face's `pad_to_multiple_of`.
    """

    per_batch: ClassVar[bool] = True

    columns: tuple[str, ...]
    length: int | None
    multiple_of: int
    value: float
    truncate: bool
    mask: bool
    lengths: bool

    @property
    def spec(self) -> str:
        """All fields, which determine the values."""
        flags = [name for name in ("truncate", "mask", "lengths") if getattr(self, name)]
        fields = [f"length={self.length}", f"multiple_of={self.multiple_of}", f"value={self.value}", *flags]
        return f"pad({list(self.columns)}, {', '.join(fields)})"

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places; how they are padded may depend on the batch."""
        return "same" if self.length is not None else "other"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield the batches with dense columns.

        Raises:
            SchemaError: A column does not exist, or is not of lists of numbers; a list is too long, or has
                integers that are missing.
        """
        return map(self.probe, batches)

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Pad the columns of a batch."""
        places = find_columns(batch.schema, self.columns)
        added: dict[str, pa.Array] = {}
        padded = batch
        for place, name in zip(places, self.columns, strict=True):
            lists = _read_column(batch.column(place), name)
            counts = np.diff(lists.row_splits)
            length = self._choose_length(counts, name)
            column = to_column(pad_lists(lists, length, self.value, name))
            padded = padded.set_column(place, batch.schema.field(place).with_type(column.type), column)
            added |= self._describe_lists(counts, length, name)
        return add_columns(padded, added)

    def gather(self, rows: RowPool) -> Gather | None:
        """Return a function that gathers rows and pads them at once; None for other lists than of numbers."""
        if len(self.columns) != 1 or not rows.batches:
            return None
        (place,) = find_columns(rows.schema, self.columns)
        field, name = rows.schema.field(place), self.columns[0]
        if not all(_is_simple(batch.column(place)) for batch in rows.batches):
            return None
        fill = fit_value(self.value, to_numpy_type(field.type.value_type), name)
        others = [other for other in rows.schema.names if other != name]
        other_rows = RowPool([batch.select(others) for batch in rows.batches]) if others else None

        def gather(numbers: NDArray[np.int64]) -> pa.RecordBatch:
            dense, counts = rows.take_padded(place, numbers, self._fixed_length, self.multiple_of, fill)
            length = dense.shape[1]
            if self.length is not None:
                self._choose_length(counts, name)  # which checks it
            column = to_column(dense)
            padded_field = field.with_type(column.type)
            if other_rows is None:
                padded = pa.RecordBatch.from_arrays([column], schema=pa.schema([padded_field]))
            else:
                padded = other_rows.take(numbers).add_column(place, padded_field, column)
            return add_columns(padded, self._describe_lists(counts, length, name))

        return gather

    @property
    def _fixed_length(self) -> int | None:
        return None if self.length is None else self._choose_length(np.zeros(0, np.int64), "")

    def _describe_lists(self, counts: NDArray[np.int64], length: int, name: str) -> dict[str, pa.Array]:
        """Return the mask and the lengths of a column, as far as they are wanted."""
        added: dict[str, pa.Array] = {}
        if self.mask:
            added[f"{name}_mask"] = to_column(np.arange(length) < counts[:, None])
        if self.lengths:
            added[f"{name}_length"] = pa.array(np.minimum(counts, length).astype(np.int32))
        return added

    def _choose_length(self, counts: Any, name: str) -> int:
        longest = int(counts.max(initial=0))
        length = longest if self.length is None else self.length
        length = -(-max(length, 1) // self.multiple_of) * self.multiple_of
        if longest > length and not self.truncate:
            raise SchemaError(
                f"expected lists of at most {length:,} values, got one of {longest:,}",
                feature=name,
                hint="pass truncate=True, or a larger length",
            )
        return length


def _is_simple(array: pa.Array) -> bool:
    """Return whether an array has lists of numbers, and nothing is missing."""
    if not is_list(array.type) or array.null_count:
        return False
    type_ = array.type.value_type
    return (pa.types.is_integer(type_) or pa.types.is_floating(type_)) and not array.values.null_count


def _read_column(array: pa.Array, name: str) -> Ragged:
    if is_list(array.type):
        return read_lists(array, name)
    hint = "name columns of lists; dense columns need no padding"
    raise SchemaError(f"expected lists of numbers, got Arrow type {array.type}", feature=name, hint=hint)
