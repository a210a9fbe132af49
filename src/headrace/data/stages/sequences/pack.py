"""Pack short sequences into rows of one length."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace.columns import Ragged
from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.rows import RowPool
from headrace.data.stages.columns.find_columns import find_columns
from headrace.data.stages.sequences.dense_rows import fit_value, pad_lists, read_lists, to_column
from headrace.data.stages.sequences.lengths import is_list, measure_lengths
from headrace.data.stages.sequences.pools import read_pools, unpack_place
from headrace.errors import SchemaError
from headrace.random_order import random_order, shuffle_source

_OUTPUT_TOKENS = 1 << 17  # per output batch, so that later stages work on small batches

Numbers = NDArray[np.int64]


class _Segments(NamedTuple):
    """Pieces of sequences in the order in which they are packed.

    Attributes:
        rows: The row of each segment.
        starts: The first token of each segment in its row.
        lengths: The tokens of each segment.
        bounds: Packed row i consists of the segments `bounds[i]` to `bounds[i + 1]`.
    """

    rows: Numbers
    starts: Numbers
    lengths: Numbers
    bounds: Numbers

    def select(self, first: int, last: int) -> _Segments:
        """Return the segments of a range of packed rows."""
        bounds = self.bounds[first : last + 1]
        chosen = slice(bounds[0], bounds[-1])
        return _Segments(self.rows[chosen], self.starts[chosen], self.lengths[chosen], bounds - bounds[0])


@dataclass(frozen=True)
class Pack(Stage):
    """Pack lists of tokens into dense rows of `length` tokens, several sequences to a row.

    A pool of about `pool` packed rows, at most 128 MiB, is packed by best-fit decreasing, a longest-first
    order in which each sequence goes into the fullest row that has room for it. Its rows leave in a random
    order of `seed` and the epoch; then the next pool is filled. A sequence of more than `length` tokens is
    divided into segments of `length`, and one without tokens is dropped.

    The output has `columns`, dense [rows, length], padded by `value`; `segment_ids`, int32 [rows, length]: 1
    for the first segment of a row, 2 for the second, 0 for padding; `position_ids`, int32 [rows, length]: the
    place in the segment; and of each other column a list of the values of the segments. A model must not
    attend across segments: Krell et al. 2021, "Efficient Sequence Packing without Cross-contamination".
    """

    varies: ClassVar[bool] = True

    columns: tuple[str, ...]
    length: int
    separator: int | None
    value: int
    pool: int
    seed: int

    @property
    def spec(self) -> str:
        """All fields, which determine the rows."""
        return (
            f"pack({list(self.columns)}, length={self.length}, separator={self.separator}, "
            f"value={self.value}, pool={self.pool}, seed={self.seed})"
        )

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the packed rows of one pool after the other.

        A cursor says where the pool starts, and the number of packed rows that it has emitted.

        Raises:
            SchemaError: A column does not exist, or is not of lists of numbers, or lists of a row differ in
                length.
        """
        start, emitted = unpack_place(cursor)
        total = self.pool * self.length
        with closing(read_pools(upstream, epoch, start, self._measure, rows=None, total=total)) as pools:
            for pool in pools:
                segments = self._arrange(pool.lengths, epoch, pool.start.number)
                packed = len(segments.bounds) - 1
                for last, batch in self._assemble(RowPool(pool.batches), segments, emitted):
                    position = [list(pool.end), 0] if last == packed else [list(pool.start), last]
                    yield Step(batch, position)
                emitted = 0
                del pool  # or the next one is filled beside it

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Pack the rows of a batch."""
        segments = self._arrange(self._measure(batch), 0, 0)
        _, packed = next(self._assemble(RowPool([batch]), segments, 0), (0, None))
        return self._pack(batch.slice(0, 0), segments.select(0, 0)) if packed is None else packed

    def count_rows(self, rows: int | None) -> None:  # noqa: ARG002
        """Return None: the number depends on the lengths."""
        return

    def _measure(self, batch: pa.RecordBatch) -> Numbers:
        for place, name in zip(find_columns(batch.schema, self.columns), self.columns, strict=True):
            type_ = batch.schema.field(place).type
            if not is_list(type_) or not _is_number(type_.value_type):
                hint = "look strings up in a vocabulary first"
                raise SchemaError(
                    f"expected lists of numbers, got Arrow type {type_}", feature=name, hint=hint
                )
        lengths = measure_lengths(batch, self.columns[0])
        for name in self.columns[1:]:
            if not np.array_equal(lengths, measure_lengths(batch, name)):
                what = f"expected lists as long as those of '{self.columns[0]}', got other lengths"
                raise SchemaError(what, feature=name, hint="pack columns of one value for each token")
        return lengths if self.separator is None else lengths + 1

    def _arrange(self, lengths: Numbers, epoch: int, number: int) -> _Segments:
        """Divide long sequences, pack the segments, and order the packed rows at random."""
        counts = -(-lengths // self.length)
        rows = np.repeat(np.arange(len(lengths)), counts)
        starts = (np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)) * self.length
        parts = np.minimum(lengths[rows] - starts, self.length)
        bins, packed = _native.pack_lengths(parts, self.length)
        ranks = np.empty(packed, np.int64)
        ranks[random_order(packed, shuffle_source(self.seed, epoch, number))] = np.arange(packed)
        places = ranks[bins]
        order = np.argsort(places, kind="stable")
        bounds = np.concatenate([[0], np.cumsum(np.bincount(places, minlength=packed))])
        return _Segments(rows[order], starts[order], parts[order], bounds)

    def _assemble(
        self, rows: RowPool, segments: _Segments, emitted: int
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield packed rows from the `emitted`-th on, in batches, and the number of rows up to there."""
        packed = len(segments.bounds) - 1
        size = max(1, _OUTPUT_TOKENS // self.length)
        for first in range(emitted, packed, size):
            last = min(first + size, packed)
            chosen = segments.select(first, last)
            whole, places = np.unique(chosen.rows, return_inverse=True)
            if len(whole) == len(places):
                yield last, self._pack(rows.take(chosen.rows), chosen._replace(rows=np.arange(len(places))))
            else:  # a row with several segments is taken once
                yield last, self._pack(rows.take(whole), chosen._replace(rows=places))

    def _pack(self, taken: pa.RecordBatch, segments: _Segments) -> pa.RecordBatch:
        """Pack segments of the rows of `taken`."""
        ends = np.concatenate([[0], np.cumsum(segments.lengths)])
        splits = ends[segments.bounds]
        is_repeated = taken.num_rows < len(segments.rows)
        columns: dict[str, pa.Array] = {}
        for name, array in zip(taken.schema.names, taken.columns, strict=True):
            if name in self.columns:
                values = self._cut(read_lists(array, name), segments, ends, name)
                columns[name] = to_column(pad_lists(Ragged(values, splits), self.length, self.value, name))
            else:
                chosen = array.take(pa.array(segments.rows)) if is_repeated else array
                columns[name] = pa.ListArray.from_arrays(pa.array(segments.bounds, pa.int32()), chosen)
        numbers = (
            np.arange(len(segments.rows)) - np.repeat(segments.bounds[:-1], np.diff(segments.bounds)) + 1
        )
        places = np.arange(ends[-1], dtype=np.int32) - _repeat(ends[:-1], segments.lengths)
        added = {"segment_ids": _repeat(numbers, segments.lengths), "position_ids": places}
        for name, values in added.items():
            if name in columns:
                raise SchemaError("pack adds a column of this name", feature=name, hint="rename it first")
            columns[name] = to_column(pad_lists(Ragged(values, splits), self.length, 0, name))
        return pa.RecordBatch.from_pydict(columns)

    def _cut(self, lists: Ragged, segments: _Segments, ends: Numbers, name: str) -> Any:
        """Append the separator to lists, and cut the tokens of each segment out of its list."""
        values, splits = lists
        if self.separator is not None:
            counts = np.diff(splits)
            filling = self.separator if name == self.columns[0] else self.value
            separated = np.repeat(fit_value(filling, values.dtype, name), len(values) + len(counts))
            separated[np.arange(len(values)) + np.repeat(np.arange(len(counts)), counts)] = values
            values, splits = separated, splits + np.arange(len(splits))
        if len(splits) == len(ends) and len(values) == ends[-1]:
            return values  # each segment is a whole list, in order
        offsets = splits[segments.rows] + segments.starts - ends[:-1]
        return values[np.arange(ends[-1]) + np.repeat(offsets, segments.lengths)]


def _repeat(values: Numbers, counts: Numbers) -> NDArray[np.int32]:
    return np.repeat(values.astype(np.int32), counts)


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_)
