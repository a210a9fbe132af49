"""Columns of whole files, such as encoded images: bytes, or the structs {bytes, path} of Hugging Face."""

from __future__ import annotations

import pyarrow as pa

from headrace.errors import SchemaError, UsageError
from headrace.storage import file_size, local_path, read_bytes

__all__ = ["file_contents", "is_file_struct"]

_FIELDS = {"bytes", "path"}
_LARGEST = 256 << 20  # bytes of a file


def is_file_struct(type_: pa.DataType) -> bool:
    """Return whether a type is the struct {bytes, path} that `datasets` stores images and audio as."""
    return pa.types.is_struct(type_) and {field.name for field in type_} == _FIELDS


def file_contents(array: pa.Array, name: str = "") -> pa.Array:
    """Return the bytes of the files of a column: binary, of which nulls are missing.

    Args:
        array: A column of bytes, of strings or of the structs {bytes, path}; where a struct has no bytes, the
            local file is read that `path` names.
        name: The column, for messages.

    Raises:
        SchemaError: The column has another type.
        UsageError: A file cannot be read, or a row has neither bytes nor a path.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    type_ = array.type
    if is_file_struct(type_):
        return _read_structs(array, name)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return array
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_null(type_):
        return array.cast(pa.large_binary() if pa.types.is_large_string(type_) else pa.binary())
    what = f"expected a column of encoded files, got Arrow type {type_}"
    raise SchemaError(what, feature=name or None, hint="pass their bytes")


def _read_structs(array: pa.StructArray, name: str) -> pa.Array:
    stored, paths = array.field("bytes"), array.field("path")
    if not stored.null_count and not array.null_count:
        return stored.cast(pa.binary())
    rows = zip(array.is_valid().to_pylist(), stored.to_pylist(), paths.to_pylist(), strict=True)
    values = [
        None if not is_valid else data if data is not None else _read_file(path, name)
        for is_valid, data, path in rows
    ]
    return pa.array(values, pa.binary())


def _read_file(path: str | None, name: str) -> bytes:
    if not path:
        hint = "decode it with `datasets`, and store its bytes"
        raise UsageError(f"a row of '{name}' has neither bytes nor a path", hint=hint)
    if local_path(path) is None or (file_size(path) or 0) > _LARGEST:
        what = "expected a local file of at most 256 MiB"
        raise UsageError(what, path=path, hint="store the bytes in the data set")
    return read_bytes(path)
