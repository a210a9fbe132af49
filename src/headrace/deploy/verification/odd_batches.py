"""Small batches that a model must answer like any other: no row, one row, odd numbers, missing values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["OddBatch", "Sample", "make_odd_batches"]

_FIRST = 11  # rows of a sample: 1, 3 and 7
_MOST_ROWS = 32
_MOST_BYTES = 1 << 20
_SIZES = (1, 3, 7)


@dataclass(frozen=True)
class OddBatch:
    """A batch to try.

    Attributes:
        name: What is odd about it.
        batch: The rows.
        numbers: The number of each row in the data; None if the rows are made.
        outputs: The training path's outputs for these rows, computed among others; None if unknown.
    """

    name: str
    batch: pa.RecordBatch
    numbers: NDArray[np.int64] | None = None
    outputs: dict[str, NDArray[Any]] | None = None


@dataclass
class Sample:
    """The first rows of the data, and the first with a missing and with an empty value in each column."""

    rows: list[tuple[int, pa.RecordBatch, dict[str, NDArray[Any]]]] = field(default_factory=list[Any])
    _seen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _bytes: int = 0

    def add(self, first: int, batch: pa.RecordBatch, outputs: dict[str, NDArray[Any]]) -> None:
        """Look for rows to keep in a batch, whose first row has the number `first`."""
        batch = pa.RecordBatch.from_arrays(batch.columns, schema=_make_nullable(batch.schema))
        wanted = range(min(batch.num_rows, max(0, _FIRST - first)))
        for row in dict.fromkeys((*wanted, *self._find_unusual(batch))):
            kept = batch.take(pa.array([row]))  # a copy: a slice would keep the batch in memory
            full = len(self.rows) >= _MOST_ROWS or self._bytes + kept.nbytes > _MOST_BYTES
            if self.rows and (full or not kept.schema.equals(self.rows[0][1].schema)):
                continue
            self._bytes += kept.nbytes
            self.rows.append((first + row, kept, {name: each[[row]] for name, each in outputs.items()}))

    def _find_unusual(self, batch: pa.RecordBatch) -> Iterator[int]:
        if len(self.rows) >= _MOST_ROWS:
            return
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if column.null_count and (name, "missing") not in self._seen:
                self._seen.add((name, "missing"))
                yield pc.index(column.is_null(), True).as_py()
            if (name, "empty") not in self._seen:
                row = _find_empty(column)
                if row >= 0:
                    self._seen.add((name, "empty"))
                    yield row

    def take(self, name: str, places: Any) -> OddBatch:
        """Take rows by their places in the sample, from the start again where it ends."""
        chosen = [self.rows[at % len(self.rows)] for at in places]
        outputs = {each: np.concatenate([row[2][each] for row in chosen]) for each in chosen[0][2]}
        batch = pa.concat_batches([row[1] for row in chosen])
        return OddBatch(name, batch, np.array([row[0] for row in chosen]), outputs)


def make_odd_batches(sample: Sample) -> Iterator[OddBatch]:
    """Make batches of 0, 1, 3 and 7 rows, of missing and of empty values."""
    start = 0
    for size in _SIZES:
        yield sample.take(_count(size), range(start, start + size))
        start += size
    if len(sample.rows) > start:
        yield sample.take("rows with a missing or an empty value", range(start, len(sample.rows)))
    few = sample.take("", range(3))
    three = few.batch
    outputs = {name: value[:0] for name, value in (few.outputs or {}).items()}
    yield OddBatch(_count(0), three.slice(0, 0), np.zeros(0, np.int64), outputs)
    for size in (1, 3):
        yield OddBatch(f"{_count(size)}, all missing", _replace(three.slice(0, size), _clear))
    if not all(map(_may_be_missing, three.columns)):
        yield OddBatch("1 row, all missing but integers and arrays", _replace(three.slice(0, 1), _clear_some))
    emptied = _replace(three, _empty_second)
    if not emptied.equals(three):
        yield OddBatch("3 rows, one empty", emptied)


def _make_nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([each.with_nullable(True) for each in schema])


def _count(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def _replace(batch: pa.RecordBatch, change: Callable[[pa.Array], pa.Array]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(list(map(change, batch.columns)), schema=batch.schema)


def _clear(column: pa.Array) -> pa.Array:
    return pa.nulls(len(column), column.type)


def _clear_some(column: pa.Array) -> pa.Array:
    return _clear(column) if _may_be_missing(column) else column


def _may_be_missing(column: pa.Array) -> bool:
    return pa.types.is_floating(column.type) or _is_text(column.type) or _is_list(column.type)


def _empty_second(column: pa.Array) -> pa.Array:
    if not _is_text(column.type) and not _is_list(column.type):
        return column
    empty = pa.array(["" if _is_text(column.type) else []], column.type)
    return pa.concat_arrays([column.slice(0, 1), empty, column.slice(2)])


def _find_empty(column: pa.Array) -> int:
    """Return the row of the first empty string or list, or -1."""
    if _is_text(column.type):
        lengths = pc.call_function("binary_length", [column])
    elif _is_list(column.type):
        lengths = pc.call_function("list_value_length", [column])
    else:
        return -1
    return pc.index(lengths, pa.scalar(0, lengths.type)).as_py()


def _is_text(type_: pa.DataType) -> bool:
    names = ("string", "large_string", "binary", "large_binary")
    return str(type_) in names


def _is_list(type_: pa.DataType) -> bool:
    return pa.types.is_list(type_) or pa.types.is_large_list(type_)
