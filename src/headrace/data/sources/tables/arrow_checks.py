"""Check Arrow data from a file before they are used: offsets and strings may be anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import RecordError

__all__ = ["check_offsets", "corruption_error", "first_line", "lies_in", "validate"]


def first_line(error: Exception) -> str:
    """Return the first line of an error of Arrow, at most 160 characters."""
    return str(error).splitlines()[0][:160] if str(error) else type(error).__name__


def corruption_error(file: str | None, what: str) -> RecordError:
    """Create the error for a corrupt Arrow file."""
    return RecordError(what, path=file, hint="write the file again")


def lies_in(batch: pa.RecordBatch, whole: pa.Buffer) -> bool:
    """Return whether the buffers of a batch lie in a mapped file, that is, are not compressed."""
    start, end = whole.address, whole.address + whole.size
    buffers = (buffer for column in batch.columns for buffer in column.buffers())
    return all(start <= buffer.address <= end for buffer in buffers if buffer is not None and buffer.size)


def validate(file: str | None, batch: pa.RecordBatch) -> None:
    """Check all offsets and strings of a batch."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        raise corruption_error(file, f"a batch is corrupt ({first_line(error)})") from error


def check_offsets(places: Sequence[str], batches: Sequence[pa.RecordBatch], number: int) -> None:
    """Check that rows can be taken from a batch; the strings in them are checked once they are taken."""
    if all(_has_safe_offsets(column) for column in batches[number].columns):
        return
    validate(places[number], batches[number])


def _has_safe_offsets(array: pa.Array) -> bool:
    """Return whether the array is of a type whose offsets are known here, and they are valid."""
    type_ = array.type
    if not _is_valid(array):
        return False
    if isinstance(type_, pa.BaseExtensionType):
        return _has_safe_offsets(array.storage)
    if pa.types.is_primitive(type_) or pa.types.is_fixed_size_binary(type_):
        return True
    if pa.types.is_dictionary(type_):
        return False
    if pa.types.is_string(type_) or pa.types.is_binary(type_):
        return _are_valid(array, np.int32, array.buffers()[2])
    if pa.types.is_large_string(type_) or pa.types.is_large_binary(type_):
        return _are_valid(array, np.int64, array.buffers()[2])
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        dtype = np.int32 if pa.types.is_list(type_) else np.int64
        return _are_valid(array, dtype, len(array.values)) and _has_safe_offsets(array.values)
    if pa.types.is_fixed_size_list(type_):
        return _has_safe_offsets(array.values)
    return False


def _is_valid(array: pa.Array) -> bool:
    try:
        array.validate()
    except pa.ArrowInvalid:
        return False
    return True


def _are_valid(array: pa.Array, dtype: Any, values: pa.Buffer | int | None) -> bool:
    buffer = array.buffers()[1]
    if buffer is None or not len(array):
        return not len(array)
    offsets = np.frombuffer(buffer, dtype, len(array) + 1, array.offset * np.dtype(dtype).itemsize)
    size = values if isinstance(values, int) else 0 if values is None else values.size
    return bool(offsets[0] >= 0 and offsets[-1] <= size and (offsets[1:] >= offsets[:-1]).all())
