"""Convert record batches to tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise, repeat
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from headrace.columns import Ragged, Strings
from headrace.data.torch.columns import make_reader
from headrace.data.torch.placement import Placement
from headrace.data.torch.scalar_block import find_blocks

__all__ = ["Converter", "Tensors", "to_tensors"]

Tensors = dict[str, Any]  # by column name: a Tensor, Strings, or a Ragged of two


def to_tensors(batch: pa.RecordBatch, device: torch.device | str | None = None) -> Tensors:
    """Convert a batch to tensors by column name.

    Args:
        batch: A batch without columns of bytes.
        device: The device to copy the tensors to; None is the CPU.

    Returns:
        A dense column as a Tensor [rows, ...] of the column's dtype, float64 as float32; a ragged column as
        `Ragged(values, row_splits)` of tensors, `row_splits` int64 [rows + 1]. The tensors are writable and
        share no memory with the batch; columns of one type may be views of one tensor of up to 1 MB. A column
        of strings as `Strings`, for the layers of `headrace.layers` in a model; in a ragged column of
        strings, the values are.

    Raises:
        SchemaError: A column of bytes, or of a type or with nulls that `headrace.columns` does not support.
    """
    return Converter(batch.schema, Placement(device)).convert(batch)


class Converter:
    """Converts batches of one schema; what depends on names and types is decided once.

    Attributes:
        schema: The schema of every batch.

    Args:
        schema: The schema of every batch.
        placement: The memory to copy tensors to.
        last: The converter of the batch before, whose readers of equal fields are used again: padded columns
            have another type in each batch.
    """

    def __init__(self, schema: pa.Schema, placement: Placement, last: Converter | None = None) -> None:
        self.schema = schema
        self._names = schema.names
        self._fields = list(schema)
        known = [] if last is None else list(zip(last._fields, last._readers, strict=True))
        self._readers = [
            known[place][1] if place < len(known) and field.equals(known[place][0]) else make_reader(field)
            for place, field in enumerate(self._fields)
        ]
        self._blocks = find_blocks(self._fields)
        self._placement = placement

    def convert(self, batch: pa.RecordBatch, is_owned: bool = False) -> Tensors:
        """Convert a batch; `to_tensors` describes the result and the errors.

        The tensors of a batch with `is_owned` may share its mutable memory; see `Step`.
        """
        place = partial(self._place, is_owned=is_owned)
        together = self._convert_blocks(batch, batch.num_rows)
        tensors: Tensors = {}
        for index, read in enumerate(self._readers):
            if index in together:
                tensors[self._names[index]] = together[index][0]
                continue
            value = read(batch.column(index))
            is_ragged = isinstance(value, Ragged)
            tensors[self._names[index]] = Ragged(*map(place, value)) if is_ragged else place(value)
        return tensors

    def convert_slices(self, batch: pa.RecordBatch, size: int) -> Iterator[Tensors]:
        """Convert a batch at once and yield its slices of `size` rows; its rows must be a multiple of it.

        The tensors of a slice are views of those of the batch. They do not overlap, and writing to one slice
        does not mark another as changed for autograd.
        """
        if not self._names:
            return ({} for _ in range(0, batch.num_rows, size))
        together = self._convert_blocks(batch, size)
        columns = [
            together[index] if index in together else self._split(read(batch.column(index)), size)
            for index, read in enumerate(self._readers)
        ]
        return map(dict, map(zip, repeat(self._names), zip(*columns, strict=True)))

    def _convert_blocks(self, batch: pa.RecordBatch, size: int) -> dict[int, Sequence[Tensor]]:
        """Convert the columns that are read together; return the slices of `size` rows by place."""
        slices: dict[int, Sequence[Tensor]] = {}
        for block in self._blocks if size else ():
            values = block.read(batch)
            if values is None:
                continue
            parts = _split_evenly(self._place(values.reshape(-1)), size)
            count = batch.num_rows // size
            for number, place in enumerate(block.columns):
                slices[place] = parts[number * count : (number + 1) * count]
        return slices

    def _place(self, value: Any, is_owned: bool = False) -> Any:
        return value if isinstance(value, Strings) else self._placement.place(value, is_owned)

    def _split(self, value: Any, size: int) -> Iterable[Any]:
        if isinstance(value, Strings):
            return (value[start : start + size] for start in range(0, len(value), size))
        if not isinstance(value, Ragged):
            return _split_evenly(self._place(value), size)
        bounds = value.row_splits[::size]
        if isinstance(value.values, Strings):
            values = [value.values[start:end] for start, end in pairwise(bounds.tolist())]
        else:
            values = self._place(value.values).unsafe_split_with_sizes(np.diff(bounds).tolist())
        rows = np.arange(size + 1) + np.arange(0, len(value.row_splits) - 1, size)[:, None]
        splits = value.row_splits[rows] - bounds[:-1, None]
        return map(Ragged, values, _split_evenly(self._place(splits.reshape(-1)), size + 1))


def _split_evenly(tensor: Tensor, size: int) -> Sequence[Tensor]:
    # A third faster than `unsafe_split`. Views of `split` would share a version counter.
    return tensor.unsafe_split_with_sizes([size] * (len(tensor) // size))
