"""Check that strings are UTF-8: where they enter from a file, and before they are written to one.

Arrow's readers and writers pass the bytes of strings through as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from headrace._native import are_utf8
from headrace.errors import SchemaError

__all__ = ["UTF8_HINT", "check_text"]

UTF8_HINT = "write the strings as UTF-8, or the column as binary"
_SHOWN = 40  # bytes of a string in a message


def check_text(batch: pa.RecordBatch, *, path: str | None = None, first_row: int = 0) -> None:
    r"""Check the strings of a batch, those in lists, structs and dictionaries too.

    Args:
        batch: The batch.
        path: The file that it comes from, for the message.
        first_row: The number of its first row there.

    Raises:
        SchemaError: A string is not UTF-8; it names the column and the row. Or offsets or indices of a column
            are invalid.

    Example:
        >>> check_text(pa.record_batch({"x": pa.array([b"caf\xe9"]).view(pa.string())}))
        Traceback (most recent call last):
        headrace.errors.SchemaError: record 0: feature 'x': expected UTF-8, got b'caf\xe9'; ...
    """
    for number, field in enumerate(batch.schema):
        if not _holds_text(field.type) or _is_utf8(batch.column(number)):
            continue
        row, value = _find(batch.column(number))
        shown = repr(value[:_SHOWN]) + ("..." if len(value) > _SHOWN else "")
        raise SchemaError(
            f"expected UTF-8, got {shown}",
            path=path,
            record=first_row + row,
            feature=field.name,
            hint=UTF8_HINT,
        )


def _holds_text(type_: pa.DataType) -> bool:
    if isinstance(type_, pa.BaseExtensionType):
        return _holds_text(type_.storage_type)
    if pa.types.is_dictionary(type_) or pa.types.is_run_end_encoded(type_):
        return _holds_text(type_.value_type)
    if pa.types.is_nested(type_):
        return any(_holds_text(type_.field(number).type) for number in range(type_.num_fields))
    return pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)


def _is_utf8(array: Any) -> bool:
    """Check an array; of a slice of lists only its own values, unlike Arrow's validation."""
    if isinstance(array, pa.ExtensionArray):
        return _is_utf8(array.storage)
    if isinstance(array, pa.MapArray):
        return all(map(_is_utf8, _entries(array)))
    if isinstance(array, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray):
        return not _holds_text(array.type.value_type) or _is_utf8(array.flatten())
    if isinstance(array, pa.StructArray):
        fields = range(array.type.num_fields)
        return all(_is_utf8(array.field(n)) for n in fields if _holds_text(array.type.field(n).type))
    try:
        array.validate()
        if not _are_valid_strings(array):
            array.validate(full=True)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            return False
        what = f"the values of a column are invalid ({str(error).splitlines()[0][:160]})"
        raise SchemaError(what, hint="write the data again") from error
    return True


def _are_valid_strings(array: Any) -> bool:
    """Tell quickly whether the offsets of an array of strings ascend, and all its strings are UTF-8.

    False means that Arrow has to say: of an array of another type, or where a missing row has bytes.
    """
    if not isinstance(array, pa.StringArray | pa.LargeStringArray):
        return False
    _, starts, data = array.buffers()
    if starts is None or data is None:
        return False
    type_ = np.dtype(np.int32 if isinstance(array, pa.StringArray) else np.int64)
    offsets = np.frombuffer(starts, type_, len(array) + 1, array.offset * type_.itemsize)
    try:
        return are_utf8(offsets, np.frombuffer(data, np.uint8))
    except ValueError:
        return False


def _find(array: Any) -> tuple[int, bytes]:
    """Find the first row that is not UTF-8, and a string of it that is not."""
    if isinstance(array, pa.DictionaryArray):
        used = array.dictionary.take(array.indices)
        return (0, _first_invalid(array.dictionary)) if _is_utf8(used) else _find(used)
    first, last = 0, len(array)  # not valid within
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if _is_utf8(array.slice(first, middle - first)) else (first, middle)
    return first, _first_invalid(array.slice(first, 1))


def _entries(array: pa.MapArray) -> list[pa.Array]:
    """Return the keys and the values of the rows of a map that hold text."""
    array.validate()
    offsets = array.offsets
    first, last = (offsets[0].as_py(), offsets[-1].as_py()) if len(offsets) else (0, 0)
    return [each.slice(first, last - first) for each in (array.keys, array.items) if _holds_text(each.type)]


def _first_invalid(array: Any) -> bytes:
    if isinstance(array, pa.ExtensionArray):
        return _first_invalid(array.storage)
    if isinstance(array, pa.DictionaryArray):
        return _first_invalid(array.dictionary)
    if isinstance(array, pa.MapArray):
        return next(_first_invalid(each) for each in _entries(array) if not _is_utf8(each))
    if isinstance(array, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray):
        return _first_invalid(array.flatten())
    if isinstance(array, pa.StructArray):
        fields = (array.field(number) for number in range(array.type.num_fields))
        return next(_first_invalid(each) for each in fields if not _is_utf8(each))
    texts = array.cast(pa.large_binary()).to_pylist()
    return next(text for text in texts if text is not None and not _decodes(text))


def _decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
