"""How the kernel parses values of an Arrow type, and how what it parsed becomes values of that type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from headrace._native import JsonField, JsonLayout
from headrace.columns import to_numpy_type
from headrace.errors import SchemaError
from headrace.tables import parse_text

__all__ = ["convert", "make_field", "parsed_type"]

_NO_RANGE = 0, 0


def parsed_type(type_: pa.DataType) -> pa.DataType:
    """Return the type that the kernel parses values of a type as."""
    if isinstance(type_, pa.FixedShapeTensorType):
        nested = parsed_type(type_.value_type)
        for size in reversed(type_.shape):
            nested = pa.list_(nested, size)
        return nested
    if pa.types.is_dictionary(type_):
        return parsed_type(type_.value_type)
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(parsed_type(type_.value_type), type_.list_size)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(parsed_type(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(field.name, parsed_type(field.type)) for field in type_])
    if pa.types.is_integer(type_):
        return pa.uint64() if pa.types.is_uint64(type_) else pa.int64()
    if pa.types.is_float16(type_):
        return pa.float64()
    if pa.types.is_floating(type_) or pa.types.is_boolean(type_):
        return type_
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return pa.binary()
    return pa.string()  # dates, times and decimals are cast


def make_field(name: str, type_: pa.DataType, *, strict: bool, feature: str) -> JsonField:
    """Make the kernel's field for a column.

    Args:
        name: The key.
        type_: The type.
        strict: Whether the type was inferred, so that strings must be strings.
        feature: The names from the outermost column on, for a message.

    Raises:
        SchemaError: A type that JSON cannot hold.
    """
    parsed = parsed_type(type_)
    lowest, highest = _range(type_)
    layout, size, children = _layout(parsed), 0, list[JsonField]()
    if layout in (JsonLayout.LIST, JsonLayout.FIXED):
        size = parsed.list_size if layout == JsonLayout.FIXED else 0
        inner = parsed.value_type if isinstance(type_, pa.FixedShapeTensorType) else _item_type(type_)
        children = [make_field("item", inner, strict=strict, feature=feature)]
        if isinstance(type_, pa.FixedShapeTensorType):
            _set_range(children, *_range(type_.value_type))
    elif layout == JsonLayout.OBJECT:
        children = [
            make_field(each.name, each.type, strict=strict, feature=f"{feature}.{each.name}")
            for each in _item_type(type_)
        ]
    elif layout == JsonLayout.TEXT and not _is_cast_from_text(type_):
        hint = "declare another type"
        raise SchemaError(f"JSON cannot be read as Arrow type {type_}", feature=feature, hint=hint)
    return name.encode(), layout, size, lowest, highest, strict, children


def _item_type(type_: pa.DataType) -> Any:
    type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
    return type_ if pa.types.is_struct(type_) else type_.value_type


def _layout(parsed: pa.DataType) -> JsonLayout:
    if pa.types.is_list(parsed):
        return JsonLayout.LIST
    if pa.types.is_fixed_size_list(parsed):
        return JsonLayout.FIXED
    if pa.types.is_struct(parsed):
        return JsonLayout.OBJECT
    return {
        pa.bool_(): JsonLayout.BOOL,
        pa.int64(): JsonLayout.INT64,
        pa.uint64(): JsonLayout.UINT64,
        pa.float32(): JsonLayout.FLOAT32,
        pa.float64(): JsonLayout.FLOAT64,
        pa.binary(): JsonLayout.BYTES,
    }.get(parsed, JsonLayout.TEXT)


def _range(type_: pa.DataType) -> tuple[int, int]:
    type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
    if not pa.types.is_integer(type_) or pa.types.is_uint64(type_):
        return _NO_RANGE
    limits = np.iinfo(to_numpy_type(type_))
    return int(limits.min), int(limits.max)


def _set_range(fields: list[JsonField], lowest: int, highest: int) -> None:
    """Set the range of the numbers of a tensor, which are the innermost items."""
    name, layout, size, *_, strict, children = fields[0]
    fields[0] = name, layout, size, lowest, highest, strict, children
    if children:
        _set_range(children, lowest, highest)


def _is_cast_from_text(type_: pa.DataType) -> bool:
    type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
    text = pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)
    return text or pa.types.is_null(type_) or pa.types.is_temporal(type_) or pa.types.is_decimal(type_)


def convert(array: pa.Array, type_: pa.DataType, name: str) -> pa.Array:
    """Convert parsed values to their type; null among floats in lists is NaN.

    Raises:
        pa.ArrowInvalid: A value cannot be converted.
        SchemaError: A tensor has null where a list is expected, or a float is beyond the range of its type.
    """
    if isinstance(type_, pa.FixedShapeTensorType):
        storage = _convert_fixed(_flatten_tensors(array, len(type_.shape), name), type_.storage_type, name)
        return pa.ExtensionArray.from_storage(type_, storage)
    if pa.types.is_dictionary(type_):
        return convert(array, type_.value_type, name).dictionary_encode().cast(type_)
    if pa.types.is_struct(type_):
        children = [
            convert(array.field(number), field.type, f"{name}.{field.name}")
            for number, field in enumerate(type_)
        ]
        if not children:
            return array
        return pa.StructArray.from_arrays(children, fields=list(type_), mask=_mask(array))
    if pa.types.is_fixed_size_list(type_):
        return _convert_fixed(array, type_, name)
    if pa.types.is_list(array.type):
        values = _convert_items(array.values, type_.value_type, name)
        return _cast(pa.ListArray.from_arrays(array.offsets, values, mask=_mask(array)), type_)
    if pa.types.is_float16(type_):
        narrow = array.cast(type_)
        if np.isinf(narrow.cast(pa.float64()).fill_null(0.0).to_numpy()).sum() > _count_infinite(array):
            raise SchemaError("a number is beyond the range of halffloat", hint="declare another type")
        return narrow
    return parse_text(array, type_) if pa.types.is_string(array.type) else _cast(array, type_)


def _cast(array: pa.Array, type_: pa.DataType) -> pa.Array:
    return array if array.type == type_ else array.cast(type_)


def _count_infinite(array: pa.Array) -> int:
    return int(np.isinf(array.fill_null(0.0).to_numpy()).sum())


def _convert_items(values: pa.Array, type_: pa.DataType, name: str) -> pa.Array:
    if pa.types.is_floating(values.type) and values.null_count:
        values = values.fill_null(float("nan"))
    return convert(values, type_, name)


def _convert_fixed(array: pa.Array, type_: pa.DataType, name: str) -> pa.Array:
    """Convert lists of one length; those that are missing have values too."""
    start = array.offset * type_.list_size
    values = array.values.slice(start, len(array) * type_.list_size)
    values = _convert_items(values, type_.value_type, name)
    return _cast(pa.FixedSizeListArray.from_arrays(values, type_.list_size, mask=_mask(array)), type_)


def _flatten_tensors(array: pa.Array, rank: int, name: str) -> pa.Array:
    """Flatten nested lists of fixed sizes to lists of all values of a tensor."""
    present = array.is_valid().to_numpy(zero_copy_only=False)
    values, size = array, 1
    for level in range(rank):
        if level and values.is_null().to_numpy(zero_copy_only=False)[np.repeat(present, size)].any():
            what = "a tensor contains null where a list is expected"
            raise SchemaError(what, feature=name, hint="fix the file")
        width = values.type.list_size
        size *= width
        values = values.values.slice(values.offset * width, len(values) * width)
    return pa.FixedSizeListArray.from_arrays(values, size, mask=_mask(array))


def _mask(array: pa.Array) -> pa.Array | None:
    return array.is_null() if array.null_count else None
