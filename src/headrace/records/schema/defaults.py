"""What a column holds where a record lacks the feature: a value in the field's metadata, `{"default": JSON}`.

The JSON is a number, true or false, a string, or lists of them as deep as the field has dimensions. Bytes
that are no text are `{"base64": "..."}`.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.errors import SchemaError

__all__ = ["default", "default_of", "default_value", "fill", "without_default"]

_KEY = b"default"


def _misfit(value: Any, expected: str) -> ValueError:
    return ValueError(f"{value!r} is not {expected}")


def _one(value: Any, type_: pa.DataType) -> Any:
    """A value of a scalar type, in the form its Arrow scalar is made of."""
    if isinstance(value, dict) and value.keys() == {"base64"}:
        value = base64.b64decode(value["base64"], validate=True)
    if pa.types.is_boolean(type_) or isinstance(value, bool):
        wanted = bool if pa.types.is_boolean(type_) else ()
    elif pa.types.is_integer(type_):
        wanted = int
    elif pa.types.is_floating(type_):
        wanted = (int, float)
    else:
        is_text = pa.types.is_string(type_) or pa.types.is_large_string(type_)
        wanted = str if is_text else (str, bytes)
    if not isinstance(value, wanted):
        raise _misfit(value, f"of type {type_}")
    return value


def _flat(value: Any, shape: list[int | None], type_: pa.DataType) -> list[Any]:
    """Nested lists end to end; a size of None is any."""
    if not shape:
        return [_one(value, type_)]
    if not isinstance(value, list | tuple) or (shape[0] is not None and len(value) != shape[0]):
        size = "" if shape[0] is None else f" of {shape[0]:,}"
        raise _misfit(value, f"a list{size}")
    return [one for part in value for one in _flat(part, shape[1:], type_)]


def _storage(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return type_.value_type
    return type_.storage_type if isinstance(type_, pa.FixedShapeTensorType) else type_


def _scalar(value: Any, type_: pa.DataType) -> pa.Scalar:
    storage = _storage(type_)
    if isinstance(type_, pa.FixedShapeTensorType):
        return pa.scalar(_flat(value, list(type_.shape), type_.value_type), storage)
    if pa.types.is_fixed_size_list(type_):
        return pa.scalar(_flat(value, [type_.list_size], type_.value_type), storage)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.scalar(_flat(value, [None], type_.value_type), storage)
    return pa.scalar(_one(value, storage), storage)


def default_value(field: pa.Field) -> Any:
    """The default as its JSON says it, or None.

    Raises:
        SchemaError: The metadata hold no JSON.
    """
    text = (field.metadata or {}).get(_KEY)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = "set it by records.default(field, value)"
        raise SchemaError("the default is no JSON", feature=field.name, hint=hint) from error


def default_of(field: pa.Field) -> pa.Scalar | None:
    """The default as a scalar of the field's type (a tensor's storage, a dictionary's values), or None.

    Raises:
        SchemaError: It is not of the field's type and shape.
    """
    value = default_value(field)
    if value is None:
        return None
    try:
        return _scalar(value, field.type)
    except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
        what = f"the default does not fit {field.type}: {error}"
        raise SchemaError(
            what, feature=field.name, hint="give a value of the field's type and shape"
        ) from error


def _jsonable(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_jsonable(one) for one in value]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    return value


def default(field: pa.Field, value: Any) -> pa.Field:
    """The field with a default for records that lack the feature, or have it without a value.

    Args:
        field: Any field that Examples can hold.
        value: A value of the field's type: nested lists or an array for shapes, str or bytes for binary.

    Raises:
        SchemaError: A value of another type or shape.

    Example:
        >>> field = default(pa.field("age", pa.int64(), nullable=False), -1)
        >>> default_of(field)
        <pyarrow.Int64Scalar: -1>
    """
    try:
        text = json.dumps(_jsonable(value), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        what = f"the default does not fit {field.type}: {error}"
        raise SchemaError(
            what, feature=field.name, hint="give a value of the field's type and shape"
        ) from error
    changed = field.with_metadata({**(field.metadata or {}), _KEY: text})
    if default_of(changed) is None:
        raise SchemaError("a default cannot be None", feature=field.name, hint="make the field nullable")
    return changed


def without_default(field: pa.Field) -> pa.Field:
    """The field as it was before `default`."""
    metadata = {key: value for key, value in (field.metadata or {}).items() if key != _KEY}
    return field.with_metadata(metadata or None)


def fill(array: pa.Array, value: pa.Scalar | None) -> pa.Array:
    """The array with the default in the place of nulls."""
    if value is None or not array.null_count:
        return array
    if isinstance(array, pa.ExtensionArray):
        return pa.ExtensionArray.from_storage(array.type, fill(array.storage, value))
    if pa.types.is_dictionary(array.type):
        return fill(array.dictionary_decode(), value).cast(array.type)
    return pc.call_function("coalesce", [array, value])
