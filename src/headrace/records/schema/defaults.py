"""Defaults for records that lack a feature: a value in the field's metadata, `{"default": JSON}`.

The JSON is a number, true or false, a string, or lists of them as deep as the field has dimensions. Bytes
that are not UTF-8 are `{"base64": "..."}`.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pyarrow as pa

from headrace import arrow_compute as pc
from headrace.errors import SchemaError

__all__ = ["default", "fill_nulls", "read_default", "read_default_json"]

_KEY = b"default"


def _value_error(value: Any, expected: str) -> ValueError:
    return ValueError(f"expected {expected}, got {value!r}")


def _convert(value: Any, type_: pa.DataType) -> Any:
    """Convert a value to the Python type from which its Arrow scalar is made."""
    if isinstance(value, dict) and value.keys() == {"base64"}:
        value = base64.b64decode(value["base64"], validate=True)
    if pa.types.is_boolean(type_) or isinstance(value, bool):
        accepted = bool if pa.types.is_boolean(type_) else ()
    elif pa.types.is_integer(type_):
        accepted = int
    elif pa.types.is_floating(type_):
        accepted = (int, float)
    else:
        is_text = pa.types.is_string(type_) or pa.types.is_large_string(type_)
        accepted = str if is_text else (str, bytes)
    if not isinstance(value, accepted):
        raise _value_error(value, f"a value of type {type_}")
    return value


def _flatten(value: Any, shape: list[int | None], type_: pa.DataType) -> list[Any]:
    """Flatten nested lists of the given shape; a size of None matches any."""
    if not shape:
        return [_convert(value, type_)]
    if not isinstance(value, list | tuple) or (shape[0] is not None and len(value) != shape[0]):
        size = "" if shape[0] is None else f" of {shape[0]:,}"
        raise _value_error(value, f"a list{size}")
    return [one for part in value for one in _flatten(part, shape[1:], type_)]


def _find_storage_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return type_.value_type
    return type_.storage_type if isinstance(type_, pa.FixedShapeTensorType) else type_


def _to_scalar(value: Any, type_: pa.DataType) -> pa.Scalar:
    storage = _find_storage_type(type_)
    if isinstance(type_, pa.FixedShapeTensorType):
        return pa.scalar(_flatten(value, list(type_.shape), type_.value_type), storage)
    if pa.types.is_fixed_size_list(type_):
        return pa.scalar(_flatten(value, [type_.list_size], type_.value_type), storage)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.scalar(_flatten(value, [None], type_.value_type), storage)
    return pa.scalar(_convert(value, storage), storage)


def read_default_json(field: pa.Field) -> Any:
    """Read the default from the field's metadata as plain JSON values, or None.

    Raises:
        SchemaError: The metadata is not JSON.
    """
    text = (field.metadata or {}).get(_KEY)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = "set it with records.default(field, value)"
        raise SchemaError("the default is not valid JSON", feature=field.name, hint=hint) from error


def read_default(field: pa.Field) -> pa.Scalar | None:
    """Read the default as a scalar of the field's type (a tensor's storage, a dictionary's values), or None.

    Raises:
        SchemaError: The default does not have the field's type and shape.
    """
    value = read_default_json(field)
    if value is None:
        return None
    try:
        return _to_scalar(value, field.type)
    except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
        what = f"the default does not match {field.type}: {error}"
        raise SchemaError(
            what, feature=field.name, hint="use a value of the field's type and shape"
        ) from error


def _to_jsonable(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_to_jsonable(one) for one in value]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    return value


def default(field: pa.Field, value: Any) -> pa.Field:
    """Add a default to a field, for records that lack the feature or have it without a value.

    Args:
        field: Any field that Examples can hold.
        value: A value of the field's type: nested lists or an array for shapes, str or bytes for binary.

    Returns:
        The field with the default in its metadata.

    Raises:
        SchemaError: A value of another type or shape.

    Example:
        >>> field = default(pa.field("age", pa.int64(), nullable=False), -1)
        >>> read_default(field)
        <pyarrow.Int64Scalar: -1>
    """
    try:
        text = json.dumps(_to_jsonable(value), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        what = f"the default does not match {field.type}: {error}"
        raise SchemaError(
            what, feature=field.name, hint="use a value of the field's type and shape"
        ) from error
    changed = field.with_metadata({**(field.metadata or {}), _KEY: text})
    if read_default(changed) is None:
        raise SchemaError("expected a default, got None", feature=field.name, hint="make the field nullable")
    return changed


def fill_nulls(array: pa.Array, value: pa.Scalar | None) -> pa.Array:
    """Replace the nulls of an array by the default."""
    if value is None or not array.null_count:
        return array
    if isinstance(array, pa.ExtensionArray):
        return pa.ExtensionArray.from_storage(array.type, fill_nulls(array.storage, value))
    if pa.types.is_dictionary(array.type):
        return fill_nulls(array.dictionary_decode(), value).cast(array.type)
    return pc.call_function("coalesce", [array, value])
