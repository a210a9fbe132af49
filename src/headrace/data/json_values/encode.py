"""Convert Arrow columns to JSON text, one value per row."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pyarrow as pa

from headrace import arrow_compute as pc
from headrace.errors import SchemaError

__all__ = ["BASE64", "join_texts", "to_json"]

BASE64 = "base64"  # the only key of an object that represents bytes
_TO_ESCAPE = r'["\\\x00-\x1f\x7f]'


def _call(name: str, *arguments: Any, **options: Any) -> Any:
    return getattr(pc, name)(*arguments, **options)


def join_texts(texts: pa.Array) -> memoryview:
    """Return the bytes of all strings, one after the other, without a copy."""
    _, places, data = texts.buffers()
    if data is None or not len(texts):
        return memoryview(b"")
    offsets = np.frombuffer(places, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[int(offsets[0]) : int(offsets[-1])]


def _wrap(before: str, texts: pa.Array, after: str) -> pa.Array:
    """Put each text between two constants; null remains null."""
    return _call("binary_join_element_wise", before, texts, after, "")


def _encode_strings(array: pa.Array) -> pa.Array:
    array = array.cast(pa.string())
    if not _call("any", _call("match_substring_regex", array, _TO_ESCAPE)).as_py():
        return _wrap('"', array, '"')
    return _wrap('"', _escape(array), '"')


def _escape(texts: pa.Array) -> pa.Array:
    """Escape quotes, backslashes and control characters as Python's `json` does."""
    present = np.bincount(np.frombuffer(join_texts(texts), np.uint8), minlength=256) > 0
    for character in ("\\", '"', *map(chr, range(32))):  # the backslash first: the others add some
        if present[ord(character)]:
            escaped = json.dumps(character)[1:-1]
            texts = _call("replace_substring", texts, pattern=character, replacement=escaped)
    return texts


def _encode_bytes(array: pa.Array) -> pa.Array:
    texts = (None if value is None else base64.b64encode(value).decode() for value in array.to_pylist())
    return _wrap(f'{{"{BASE64}": "', pa.array(texts, pa.string()), '"}')


def _encode_floats(array: pa.Array, name: str) -> pa.Array:
    if _call("any", _call("is_inf", array)).as_py():
        raise SchemaError(
            "JSON cannot represent infinity",
            feature=name,
            hint="replace it, or convert to Parquet or TFRecord",
        )
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    return _call("if_else", _call("is_nan", array), pa.scalar(None, array.type), array).cast(pa.string())


def _encode_lists(array: pa.Array, name: str) -> pa.Array:
    lengths = _call("list_value_length", array).fill_null(0)
    offsets = np.concatenate([[0], np.cumsum(lengths.to_numpy(zero_copy_only=False))])
    texts = to_json(array.flatten(), name)
    joined = _call("binary_join", pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), texts), ", ")
    return _call("if_else", array.is_valid(), _wrap("[", joined, "]"), pa.scalar(None, pa.string()))


def _encode_tensors(array: pa.Array, name: str) -> pa.Array:
    """Encode tensors as nested lists."""
    shape, storage = array.type.shape, array.storage
    nested = storage.flatten()
    for size in reversed(shape[1:]):
        nested = pa.FixedSizeListArray.from_arrays(nested, size)
    offsets = np.concatenate([[0], np.cumsum(array.is_valid().to_numpy(zero_copy_only=False) * shape[0])])
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), nested, mask=_mask(array))
    return _encode_lists(lists, name)


def _encode_structs(array: pa.Array, name: str) -> pa.Array:
    pieces: list[pa.Array | str] = []
    for field, values in zip(array.type, array.flatten(), strict=True):
        key = json.dumps(field.name, ensure_ascii=False) + ": "
        pieces += [", " + key if pieces else "{" + key, to_json(values, f"{name}.{field.name}")]
    if not pieces:
        return _call("if_else", array.is_valid(), "{}", pa.scalar(None, pa.string()))
    texts = _call("binary_join_element_wise", *pieces, "}", "")
    return _call("if_else", array.is_valid(), texts, pa.scalar(None, pa.string()))


def _mask(array: pa.Array) -> pa.Array | None:
    return array.is_null() if array.null_count else None


def _encode(array: pa.Array, name: str) -> pa.Array:
    type_ = array.type
    if isinstance(type_, pa.FixedShapeTensorType):
        return _encode_tensors(array, name)
    if pa.types.is_dictionary(type_):
        return _encode(array.dictionary_decode(), name)
    if pa.types.is_floating(type_):
        return _encode_floats(array, name)
    if pa.types.is_integer(type_) or pa.types.is_boolean(type_):
        return array.cast(pa.string())
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return _encode_strings(array)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return _encode_bytes(array)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return _encode_lists(array, name)
    if pa.types.is_temporal(type_) and not pa.types.is_interval(type_):
        return _encode_strings(array.cast(pa.string()))
    if pa.types.is_struct(type_):
        return _encode_structs(array, name)
    if pa.types.is_null(type_):
        return pa.nulls(len(array), pa.string())
    raise SchemaError(f"JSON cannot represent Arrow type {type_}", feature=name, hint="cast it first")


def to_json(array: pa.Array, name: str = "") -> pa.Array:
    """Encode each value as JSON text, in a string array without nulls.

    Args:
        array: The values.
        name: The name of the column, for error messages.

    Raises:
        SchemaError: An infinite value, or a type that JSON does not represent.

    Example:
        >>> to_json(pa.array([[0.5, None], None, []])).to_pylist()
        ['[0.5, null]', 'null', '[]']
    """
    return _encode(array, name).fill_null("null")
