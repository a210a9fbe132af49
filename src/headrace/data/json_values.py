"""Convert Arrow columns to JSON text, one value per row, and back.

column                        JSON
booleans, numbers             true, 12, 0.5; float32 with the fewest digits that round-trip; NaN is null
strings                       "text"; only control characters, quotes and backslashes are escaped
bytes                         {"base64": "/9j/4AAQ"}
dates and times               "2026-11-24", as Arrow writes them
lists, tensors                [1, 2], [[1, 2], [3, 4]]; null among floats is read as NaN
missing values                null
"""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from headrace.errors import SchemaError

__all__ = ["BASE64", "decode_base64", "from_json", "is_bytes_object", "parse_lines", "to_json"]

BASE64 = "base64"  # the only key of an object that represents bytes
_BYTES_OBJECT = pa.struct([pa.field(BASE64, pa.string())])
_TO_ESCAPE = r'["\\\x00-\x1f\x7f]'


def _call(name: str, *arguments: Any, **options: Any) -> Any:
    return getattr(pc, name)(*arguments, **options)


def _wrap(before: str, texts: pa.Array, after: str) -> pa.Array:
    """Put each text between two constants; null remains null."""
    return _call("binary_join_element_wise", before, texts, after, "")


def _encode_strings(array: pa.Array) -> pa.Array:
    array = array.cast(pa.string())
    if not _call("any", _call("match_substring_regex", array, _TO_ESCAPE)).as_py():
        return _wrap('"', array, '"')
    texts = [None if text is None else json.dumps(text, ensure_ascii=False) for text in array.to_pylist()]
    return pa.array(texts, pa.string())


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
    if pa.types.is_temporal(type_):
        return _encode_strings(array.cast(pa.string()))
    raise SchemaError(f"JSON cannot represent Arrow type {type_}", feature=name, hint="cast it first")


def to_json(array: pa.Array, name: str = "") -> pa.Array:
    """Encode each value as JSON text, in a string array without nulls.

    Args:
        array: The values.
        name: The name of the column, for error messages.

    Raises:
        SchemaError: An infinite value, or a type that the table of this module does not list.

    Example:
        >>> to_json(pa.array([[0.5, None], None, []])).to_pylist()
        ['[0.5, null]', 'null', '[]']
    """
    return _encode(array, name).fill_null("null")


def is_bytes_object(type_: pa.DataType) -> bool:
    """Return whether parsed JSON of this type represents bytes."""
    return pa.types.is_struct(type_) and [field.name for field in type_] == [BASE64]


def decode_base64(array: pa.Array, name: str) -> pa.Array:
    """Decode parsed objects of base64 text to bytes.

    Raises:
        SchemaError: A text is not valid base64.
    """
    texts = array.field(0).to_pylist()
    try:
        values = [None if text is None else base64.b64decode(text, validate=True) for text in texts]
    except ValueError as error:
        raise SchemaError(f"invalid base64: {error}", feature=name, hint="fix the file") from error
    return pa.array(values, pa.binary())


def _parsed_type(type_: pa.DataType) -> pa.DataType:
    """Return the type to parse JSON as, before it is converted to `type_`."""
    if isinstance(type_, pa.FixedShapeTensorType):
        nested = _parsed_type(type_.value_type)
        for _ in type_.shape:
            nested = pa.list_(nested)
        return nested
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return pa.list_(_parsed_type(type_.value_type))
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return _BYTES_OBJECT
    return pa.float64() if pa.types.is_float16(type_) else type_


def _convert_items(lists: pa.Array, type_: pa.DataType, name: str) -> pa.Array:
    """Convert the items of parsed lists to their declared type; null among floats is NaN."""
    values = lists.flatten()
    if pa.types.is_floating(values.type):
        values = values.fill_null(float("nan"))
    return _convert(values, type_, name)


def _convert(array: pa.Array, type_: pa.DataType, name: str) -> pa.Array:
    """Convert parsed JSON to its declared type."""
    if array.type == _BYTES_OBJECT:
        return decode_base64(array, name).cast(type_)
    if isinstance(type_, pa.FixedShapeTensorType):
        flat = array
        for _ in type_.shape[1:]:
            flat = _flatten_once(flat, name)
        storage = _convert(flat, type_.storage_type, name)
        return pa.ExtensionArray.from_storage(type_, storage)
    if not pa.types.is_list(array.type):
        return array.cast(type_)
    if pa.types.is_fixed_size_list(type_):
        return _to_fixed_size(array, type_, name)
    values = _convert_items(array, type_.value_type, name)
    lengths = _call("list_value_length", array).fill_null(0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, values, mask=_mask(array)).cast(type_)


def _to_fixed_size(array: pa.Array, type_: pa.DataType, name: str) -> pa.Array:
    present = array.drop_null()
    lengths = _call("list_value_length", present).to_numpy(zero_copy_only=False)
    if (lengths != type_.list_size).any():
        found = int(lengths[lengths != type_.list_size][0])
        what = f"expected {type_.list_size:,} values per row, got {found:,}"
        raise SchemaError(what, feature=name, hint="read it as a list or fix the file")
    values = _convert_items(present, type_.value_type, name)
    lists = pa.FixedSizeListArray.from_arrays(values, type_.list_size)
    if not array.null_count:
        return lists.cast(type_)
    rows = np.cumsum(array.is_valid().to_numpy(zero_copy_only=False)) - 1
    return lists.take(pa.array(rows, mask=array.is_null().to_numpy(zero_copy_only=False))).cast(type_)


def _flatten_once(array: pa.Array, name: str) -> pa.Array:
    """Flatten lists of lists by one level."""
    inner = array.flatten()
    if inner.null_count:
        raise SchemaError(
            "a tensor contains null where a list is expected", feature=name, hint="fix the file"
        )
    ends = np.concatenate([[0], np.cumsum(_call("list_value_length", inner).to_numpy(zero_copy_only=False))])
    lengths = _call("list_value_length", array).fill_null(0).to_numpy(zero_copy_only=False)
    offsets = ends[np.concatenate([[0], np.cumsum(lengths)])]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), inner.flatten(), mask=_mask(array))


def parse_lines(text: bytes, schema: pa.Schema | None) -> pa.Table:
    """Parse lines of JSON objects into a table, by a schema or with the types that Arrow infers.

    Raises:
        SchemaError: Invalid JSON, or a value that does not match its type.
    """
    if not text.strip():
        return (schema or pa.schema([])).empty_table()
    wanted = schema and pa.schema([pa.field(field.name, _parsed_type(field.type)) for field in schema])
    options = arrow_json.ParseOptions(
        explicit_schema=wanted, unexpected_field_behavior="ignore" if schema else "infer"
    )
    block = arrow_json.ReadOptions(block_size=max(1 << 16, len(text) + 1))
    try:
        table = arrow_json.read_json(io.BytesIO(text), read_options=block, parse_options=options)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SchemaError(str(error).splitlines()[0], hint="fix the file, or pass another schema") from error
    if schema is None:
        return table.combine_chunks()
    arrays = []
    for field in schema:
        column = table[field.name].combine_chunks()
        try:
            arrays.append(_convert(column, field.type, field.name))
        except pa.ArrowInvalid as error:
            raise SchemaError(str(error), feature=field.name, hint="declare another type") from error
    return pa.Table.from_arrays(arrays, schema=schema)


def _to_array(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    if isinstance(column.type, pa.ExtensionType) and not column.num_chunks:
        return pa.ExtensionArray.from_storage(column.type, pa.array([], column.type.storage_type))
    return column.combine_chunks()


def from_json(texts: pa.Array, type_: pa.DataType, name: str = "") -> pa.Array:
    """Parse JSON texts into values of a type; an empty text or null is a missing value.

    Args:
        texts: The texts, strings.
        type_: The type of the values.
        name: The name of the column, for error messages.

    Raises:
        SchemaError: A text is not valid JSON of that type.

    Example:
        >>> from_json(pa.array(["[1, 2]", "", "[]"]), pa.list_(pa.int64())).to_pylist()
        [[1, 2], None, []]
    """
    texts = texts.cast(pa.string()).fill_null("")
    texts = _call("if_else", _call("equal", texts, ""), "null", texts)
    if _call("any", _call("match_substring_regex", texts, "[\r\n]")).as_py():
        raise SchemaError("a JSON text contains a line break", feature=name, hint="fix the file")
    lines = _wrap('{"value": ', texts, "}\n").to_pylist()
    table = parse_lines("".join(lines).encode(), pa.schema([pa.field("value", type_)]))
    return _to_array(table["value"])
