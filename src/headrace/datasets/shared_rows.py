"""Rows of one split whose inputs are in another split, too: an evaluation on them measures memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace.columns import get_buffers

__all__ = ["InputDigests", "SharedRows", "find_shared_rows"]

_MOST_ROWS = 50_000_000  # of all splits: 8 bytes are kept of each
_SHOWN = 5
_MISSING = 0x9E3779B97F4A7C15
_SEEDS = (0, 0x9747B28C)
_NOT_INPUTS = ("filename",)  # names files, which differ where the contents are equal

_Digests = NDArray[np.uint64]


@dataclass(frozen=True)
class SharedRows:
    """Rows that two splits share.

    Attributes:
        first: The name of a split.
        second: The name of a split behind it.
        rows: The number of rows of the second whose inputs are in the first, too; labels may differ.
        examples: Up to five pairs of row numbers, in the first and in the second split.
    """

    first: str
    second: str
    rows: int
    examples: tuple[tuple[int, int], ...]


class InputDigests:
    """Digests of the inputs of all rows of a split.

    Args:
        label: The column to predict, which does not count as an input.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._parts = list[_Digests]()
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch, as long as there are not too many."""
        self.rows += batch.num_rows
        names = [each for each in batch.schema.names if each not in (self._label, *_NOT_INPUTS)]
        if names and self.rows <= _MOST_ROWS:
            self._parts.append(_combine([_digest(batch.column(name)) for name in names]))

    @property
    def values(self) -> _Digests:
        """The digests, uint64 [rows]; empty if there are too many rows."""
        if not self._parts or self.rows > _MOST_ROWS:
            return np.zeros(0, np.uint64)
        return np.concatenate(self._parts)


def find_shared_rows(splits: dict[str, InputDigests]) -> tuple[SharedRows, ...]:
    """Find the rows that each two splits share; in more than 50 million rows, none."""
    if sum(each.rows for each in splits.values()) > _MOST_ROWS:
        return ()
    values = {name: each.values for name, each in splits.items()}
    names = list(values)
    pairs = [(first, second) for place, first in enumerate(names) for second in names[place + 1 :]]
    found = [_compare(first, values[first], second, values[second]) for first, second in pairs]
    return tuple(each for each in found if each.rows)


def _compare(first: str, those: _Digests, second: str, these: _Digests) -> SharedRows:
    order = np.argsort(those, kind="stable")
    ordered = those[order]
    places = np.searchsorted(ordered, these)
    inside = places < len(ordered)
    inside[inside] = ordered[places[inside]] == these[inside]
    rows = np.flatnonzero(inside)
    examples = tuple((int(order[places[row]]), int(row)) for row in rows[:_SHOWN])
    return SharedRows(first, second, len(rows), examples)


def _digest(column: Any) -> _Digests:
    """Compute 64 bits of each value of a column of any type, equal for equal values."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    type_ = column.type
    if pa.types.is_dictionary(type_):
        return _digest(column.dictionary_decode())
    if pa.types.is_null(type_):
        return np.full(len(column), _MISSING, np.uint64)
    missing = np.asarray(column.is_null())
    if pa.types.is_struct(type_):
        found = _combine([_digest(each) for each in column.flatten()], len(column))
    elif pa.types.is_map(type_) or pa.types.is_list(type_) or pa.types.is_large_list(type_):
        found = _digest_lists(column)
    elif pa.types.is_fixed_size_list(type_):
        found = _digest_fixed_lists(column)
    elif pa.types.is_boolean(type_) or pa.types.is_integer(type_) or pa.types.is_floating(type_):
        found = _digest_numbers(column)
    else:
        found = _digest_bytes(column)
    return np.where(missing, np.uint64(_MISSING), found)


def _digest_numbers(column: Any) -> _Digests:
    values = column.fill_null(False if pa.types.is_boolean(column.type) else 0)
    numbers = np.ascontiguousarray(values.to_numpy(zero_copy_only=False))
    return _mix(numbers.view(f"u{numbers.dtype.itemsize}").astype(np.uint64))


def _digest_bytes(column: Any) -> _Digests:
    if not pa.types.is_binary(column.type):
        try:
            column = column.cast(pa.binary())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # dates, decimals and others
            column = pa.array([None if each is None else repr(each).encode() for each in column.to_pylist()])
            column = column.cast(pa.binary())
    offsets, data = get_buffers(column.fill_null(b""))
    return _digest_ranges(np.asarray(offsets), data)


def _digest_lists(column: Any) -> _Digests:
    """Digest lists: by the digests of their elements, between the offsets."""
    offsets = np.asarray(column.offsets).astype(np.int64)
    values = column.values.slice(offsets[0], offsets[-1] - offsets[0]) if len(column) else column.values[:0]
    elements = _digest(values)
    return _digest_ranges((offsets - offsets[0]) * 8 if len(column) else np.zeros(1), elements.view(np.uint8))


def _digest_fixed_lists(column: Any) -> _Digests:
    size = column.type.list_size
    values = column.values.slice(column.offset * size, len(column) * size)
    ends = np.arange(len(column) + 1, dtype=np.int64) * size
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        return _digest_ranges(ends * 8, _digest(values).view(np.uint8))
    numbers = np.ascontiguousarray(values.fill_null(0).to_numpy(zero_copy_only=False))
    found = _digest_ranges(ends * numbers.itemsize, numbers.view(np.uint8))
    if not values.null_count:
        return found
    missing = np.ascontiguousarray(values.is_null().to_numpy(zero_copy_only=False)).view(np.uint8)
    with_missing = _combine([found, _digest_ranges(ends, missing)])
    return np.where(missing.reshape(len(column), size).any(axis=1), with_missing, found)


def _digest_ranges(offsets: NDArray[Any], data: NDArray[np.uint8]) -> _Digests:
    """Digest the bytes between offsets, in pieces that int32 can address."""
    found = list[_Digests]()
    start = 0
    while start < len(offsets) - 1:
        end = int(np.searchsorted(offsets, offsets[start] + (1 << 30), side="right")) - 1
        end = max(end, start + 1)
        low, high = int(offsets[start]), int(offsets[end])
        part = (offsets[start : end + 1] - low).astype(np.int32)
        first, second = (_native.murmur3_32(part, data[low:high], seed) for seed in _SEEDS)
        found.append(_mix(first.astype(np.uint64) << np.uint64(32) | second))
        start = end
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


def _combine(parts: list[_Digests], rows: int = 0) -> _Digests:
    """Combine the digests of columns; their order counts."""
    total = np.zeros(len(parts[0]) if parts else rows, np.uint64)
    for each in parts:
        total = _mix(total * np.uint64(31) + each)
    return total


def _mix(values: _Digests) -> _Digests:
    """Spread the bits of each number (the finalizer of SplitMix64, G. Steele et al., OOPSLA 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
