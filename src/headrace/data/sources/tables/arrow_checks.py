"""Check Arrow data from a file before they are used: offsets and strings may be anything."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from headrace.columns import check_text
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


def validate(file: str | None, batch: pa.RecordBatch, first_row: int = 0) -> None:
    """Check all offsets and strings of a batch, whose first row has that number in its file."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):  # lengths and offsets are then right
            check_text(batch, path=file, first_row=first_row)
        raise corruption_error(file, f"a batch is corrupt ({first_line(error)})") from error


def check_offsets(places: Sequence[str], batches: Sequence[pa.RecordBatch], number: int) -> None:
    """Check the batches whose offsets are not checked as rows are gathered: dictionaries, unions, views."""
    if not all(_has_checked_offsets(field.type) for field in batches[number].schema):
        validate(places[number], batches[number])


def _has_checked_offsets(type_: pa.DataType) -> bool:
    if isinstance(type_, pa.BaseExtensionType):
        return _has_checked_offsets(type_.storage_type)
    if pa.types.is_struct(type_):
        return all(_has_checked_offsets(field.type) for field in type_)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return _has_checked_offsets(type_.value_type)
    plain = (
        pa.types.is_primitive,
        pa.types.is_fixed_size_binary,
        pa.types.is_string,
        pa.types.is_binary,
        pa.types.is_large_string,
        pa.types.is_large_binary,
    )
    return any(test(type_) for test in plain)
