"""Sliding windows over consecutive rows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import arrow_compute as pc
from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import RowPool, concatenate, count_bytes, take_rows
from headrace.data.stages.columns.find_columns import find_columns
from headrace.data.stages.sequences.nest_rows import nest_rows
from headrace.errors import SchemaError

_OUTPUT_BYTES = 4 << 20  # per output batch, if several windows fit
_MOST_PIECES = 64  # more batches in memory are concatenated

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class SlidingWindow(Stage):
    """Turn consecutive rows into windows: every column becomes a list of its values in `size` rows.

    A window has the rows `start`, `start + stride`, ..., `size` of them; the next one starts `shift` rows
    later. `targets` are the values of columns `horizon` rows after the last row of the window; None are all
    columns but the key if there is a horizon. With `key`, windows stay within runs of rows of one key.

    Memory: the rows of one window and one batch, and one output batch of at most 4 MiB or one window.
    """

    size: int
    shift: int = 1
    stride: int = 1
    horizon: int = 0
    targets: tuple[str, ...] | None = None
    drop_remainder: bool = True
    key: tuple[str, ...] = ()

    @property
    def spec(self) -> str:
        """All fields, which determine the windows."""
        fields = [f"size={self.size}", f"shift={self.shift}", f"stride={self.stride}"]
        fields += [f"horizon={self.horizon}"] if self.horizon else []
        fields += [] if self.targets is None else [f"targets={list(self.targets)}"]
        fields += [] if self.drop_remainder else ["drop_remainder=False"]
        fields += [f"key={list(self.key)}"] if self.key else []
        return f"window({', '.join(fields)})"

    @property
    def _last(self) -> int:
        """The last row of a window, counted from its first."""
        return (self.size - 1) * self.stride

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield windows in the order of their first rows.

        A cursor is that of the input in front of a batch, a row of it, and the rows from there to the first
        row of the next window.

        Raises:
            SchemaError: A target or key does not exist.
        """
        before, start, phase = unpack_cursor(cursor, None, 0, 0)
        rows = _Rows(phase)
        per_batch = 1
        with closing(upstream(epoch, before)) as steps:
            for step in steps:
                if step.batch.num_rows <= start:
                    start -= step.batch.num_rows
                else:
                    rows.append(step.batch, before, start, self.key)
                    per_batch = self._choose_output(step.batch)
                    yield from self._emit(rows, per_batch, is_last=False)
                    start = 0
                before = step.cursor
        if rows.count and not self.drop_remainder:
            yield from self._emit(rows, per_batch, is_last=True)

    def _choose_output(self, batch: pa.RecordBatch) -> int:
        row_bytes = count_bytes(batch) / batch.num_rows
        return max(1, int(_OUTPUT_BYTES / max(row_bytes * self.size, 1.0)))

    def _emit(self, rows: _Rows, per_batch: int, *, is_last: bool) -> Steps:
        starts, lengths, following = self._find_windows(rows, is_last)
        pool = rows.open_pool() if len(starts) else None
        for first in range(0, len(starts), per_batch):
            last = min(first + per_batch, len(starts))
            after = following if last == len(starts) else int(starts[last])
            assert pool is not None
            yield Step(self._build(pool, starts[first:last], lengths[first:last]), rows.locate(after))
        rows.drop(following)

    def _find_windows(self, rows: _Rows, is_last: bool) -> tuple[Numbers, Numbers, int]:
        """Find the windows that are complete, or end with their key; return the next first row, too."""
        edges = np.array([0, *rows.edges, rows.count])
        firsts, ends = edges[:-1].copy(), edges[1:]
        firsts[0] = rows.following
        reached = ends - firsts - self._last - self.horizon  # rows that windows can start at
        counts = np.maximum(-(-reached // self.shift), 0)
        if not self.drop_remainder:
            is_closed = np.arange(len(counts)) < len(counts) - (0 if is_last else 1)
            counts = np.where(is_closed, np.maximum(-(-(ends - firsts) // self.shift), 0), counts)
        following = int(firsts[-1] + counts[-1] * self.shift)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        starts = np.repeat(firsts, counts) + within * self.shift
        left = np.repeat(ends, counts) - starts
        return starts, np.minimum(-(-left // self.stride), self.size), following

    def _build(self, pool: RowPool, starts: Numbers, lengths: Numbers) -> pa.RecordBatch:
        """Gather the rows of windows, and make each column a column of lists."""
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(bounds[-1]) - np.repeat(bounds[:-1], lengths)
        taken = pool.take(np.repeat(starts, lengths) + within * self.stride)
        size = self.size if self.drop_remainder else None
        keys = {taken.schema.names[place] for place in find_columns(taken.schema, self.key)}
        columns: dict[str, pa.Array] = {}
        for name, array in zip(taken.schema.names, taken.columns, strict=True):
            is_key = name in keys
            columns[name] = array.take(pa.array(bounds[:-1])) if is_key else nest_rows(array, bounds, size)
        names = self.targets or [name for name in columns if name not in keys and self.horizon]
        if names:
            targets = pool.take(starts + self._last + self.horizon)
            for place, name in zip(find_columns(targets.schema, names), names, strict=True):
                _add_column(columns, f"{name}_target", targets.column(place))
        return pa.RecordBatch.from_pydict(columns)

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a window of equal rows; none for an empty batch."""
        starts = np.arange(min(batch.num_rows, 1))
        rows = np.zeros(len(starts) * (self._last + self.horizon + 1), np.int64)
        return self._build(RowPool([take_rows(batch, rows)]), starts, np.full(len(starts), self.size))

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of windows; None if they depend on a key."""
        if rows is None or self.key:
            return None
        reached = rows - (self._last + self.horizon if self.drop_remainder else 0)
        return max(-(-reached // self.shift), 0)


class _Piece(NamedTuple):
    """A batch of the input: the cursor in front of it, a row of it, and that row's number here."""

    before: Cursor
    start: int
    first: int


class _Rows:
    """Consecutive rows of the input, numbered from 0.

    Attributes:
        count: The number of rows.
        following: The first row of the next window; it may be beyond the rows.
        edges: The rows, but row 0, whose key differs from that of the row before.
    """

    def __init__(self, following: int) -> None:
        self.count = 0
        self.following = following
        self.edges = np.zeros(0, np.int64)
        self._batches: list[pa.RecordBatch] = []
        self._pieces: list[_Piece] = []

    def append(self, batch: pa.RecordBatch, before: Cursor, start: int, key: tuple[str, ...]) -> None:
        """Append the rows of a batch from row `start` on."""
        rows = batch.slice(start)
        if key:
            before_rows = [self._batches[-1].slice(self._batches[-1].num_rows - 1)] if self._batches else []
            compared = concatenate([*before_rows, rows])
            changes = _find_changes(compared, key)
            self.edges = np.concatenate([self.edges, changes + self.count - len(before_rows)])
        self._pieces.append(_Piece(before, start, self.count))
        self._batches.append(rows)
        self.count += rows.num_rows
        if len(self._batches) > _MOST_PIECES:
            self._batches = [concatenate(self._batches)]

    def open_pool(self) -> RowPool:
        """Return the rows by number."""
        return RowPool(self._batches)

    def locate(self, row: int) -> Cursor:
        """Return the cursor for a window that starts at a row, which may be beyond the last one."""
        anchor = min(row, self.count - 1)
        piece = next(piece for piece in reversed(self._pieces) if piece.first <= anchor)
        return [piece.before, piece.start + anchor - piece.first, row - anchor]

    def drop(self, row: int) -> None:
        """Drop the rows before a window that starts at a row, but not the last one."""
        self.following = row
        dropped = min(row, self.count - 1)
        if not dropped:
            return
        left = dropped
        while left >= self._batches[0].num_rows:
            left -= self._batches.pop(0).num_rows
        self._batches[0] = self._batches[0].slice(left)
        kept = [piece._replace(first=piece.first - dropped) for piece in self._pieces]
        place = max(number for number, piece in enumerate(kept) if piece.first <= 0)
        head = kept[place]
        self._pieces = [_Piece(head.before, head.start - head.first, 0), *kept[place + 1 :]]
        self.edges = self.edges[self.edges > dropped] - dropped
        self.following -= dropped
        self.count -= dropped


def _add_column(columns: dict[str, pa.Array], name: str, array: pa.Array) -> None:
    if name in columns:
        raise SchemaError("window adds a column of this name", feature=name, hint="rename it first")
    columns[name] = array


def _find_changes(batch: pa.RecordBatch, key: tuple[str, ...]) -> Numbers:
    """Find the rows whose key differs from that of the row before; nulls are equal."""
    changes = np.zeros(max(batch.num_rows - 1, 0), bool)
    for place in find_columns(batch.schema, key):
        array = batch.column(place)
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        left, right = array.slice(0, len(changes)), array.slice(1)
        differ = pc.call_function("not_equal", [left, right]).fill_null(False)
        changes |= np.asarray(differ) | (np.asarray(left.is_null()) != np.asarray(right.is_null()))
    return np.flatnonzero(changes) + 1
