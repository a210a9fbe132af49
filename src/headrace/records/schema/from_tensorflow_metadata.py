"""Convert schemas of TensorFlow Metadata, the JSON form of its `Schema` message, to Arrow.

    {"feature": [
      {"name": "age", "type": "INT", "presence": {"minFraction": 1.0, "minCount": "1"}, "shape": {}},
      {"name": "words", "type": "BYTES", "valueCount": {"min": "0"}}]}

A feature with a shape, or with a value count whose limits are equal, is a scalar, a fixed_size_list or a
fixed_shape_tensor; any other is a list. A feature that every record has (minFraction 1) is not nullable.
Bytes with a text domain or the tag "utf8" are strings. Defaults are stored in the group "" of tensor
representations.

Source: tensorflow_metadata/proto/v0/schema.proto in https://github.com/tensorflow/metadata.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import SchemaError
from headrace.records.schema.defaults import default
from headrace.records.schema.example import derive_rule, derive_rules

__all__ = [
    "NARROW_INTEGERS",
    "UTF8_TAG",
    "find_bounds",
    "get_row_shape",
    "schema_from_tensorflow_metadata",
    "unsupported_error",
]

_TYPES = {
    "INT": pa.int64(), "FLOAT": pa.float32(), "BYTES": pa.binary(),
    2: pa.int64(), 3: pa.float32(), 1: pa.binary(),
}  # fmt: skip
NARROW_INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16(), pa.uint32()]
_OUT_OF_USE = {"PLANNED", "ALPHA", "DEPRECATED", "DISABLED", "DEBUG_ONLY", 1, 2, 5, 6, 7}
_TEXT_DOMAINS = ("string_domain", "natural_language_domain", "domain")
UTF8_TAG = "utf8"
_LARGEST_DEFAULT = 1 << 20  # values


def _to_camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def _get(message: Any, name: str, fallback: Any = None) -> Any:
    """Get a field of a message by either of the names that the JSON form of protocol buffers allows."""
    if not isinstance(message, Mapping):
        raise ValueError(f"expected a message, got {message!r}")
    return message.get(_to_camel_case(name), message.get(name, fallback))


def _to_integer(value: Any) -> int:
    """Convert an int64, which the JSON form writes as a string."""
    if type(value) not in (int, str):
        raise ValueError(f"expected an integer, got {value!r}")
    return int(value)


def unsupported_error(name: str, what: str) -> SchemaError:
    """Create the error of a feature that the other kind of schema cannot describe."""
    return SchemaError(what, feature=name, hint="describe its parts as plain features, or omit it")


def get_row_shape(type_: pa.DataType) -> list[int] | None:
    """Return the shape of one row; None for lists."""
    if isinstance(type_, pa.FixedShapeTensorType):
        return list(type_.shape)
    if pa.types.is_fixed_size_list(type_):
        return [type_.list_size]
    return None if pa.types.is_list(type_) or pa.types.is_large_list(type_) else []


def _find_domain_type(feature: Any, type_: pa.DataType) -> pa.DataType:
    """Find the narrowest type that the feature's domain allows."""
    if pa.types.is_binary(type_):
        tags = _get(_get(feature, "annotation", {}), "tag", [])
        is_text = UTF8_TAG in tags or any(_get(feature, name) is not None for name in _TEXT_DOMAINS)
        return pa.string() if is_text else type_
    if pa.types.is_floating(type_):
        return type_
    if _get(feature, "bool_domain") is not None:
        return pa.bool_()
    limits = _get(feature, "int_domain", {})
    found = (_get(limits, "min"), _get(limits, "max"))
    if None in found:
        return type_
    bounds = tuple(map(_to_integer, found))
    return next((narrow for narrow in NARROW_INTEGERS if find_bounds(narrow) == bounds), type_)


def find_bounds(type_: pa.DataType) -> tuple[int, int]:
    """Return the smallest and the largest integer of a type."""
    info = np.iinfo(str(type_))
    return int(info.min), int(info.max)


def _add_shape(type_: pa.DataType, shape: list[int]) -> pa.DataType:
    if any(not 0 <= size < 2**31 for size in shape):
        raise ValueError(f"expected dimensions from 0 and below 2**31, got shape {shape}")
    if not shape:
        return type_
    return pa.list_(type_, shape[0]) if len(shape) == 1 else pa.fixed_shape_tensor(type_, shape)


def _read_shape(feature: Any) -> list[int] | None:
    """Find the shape that all rows share, or None."""
    shape = _get(feature, "shape")
    if shape is not None:
        return [_to_integer(_get(dim, "size", 0)) for dim in _get(shape, "dim", [])]
    count = _get(feature, "value_count", {})
    limits = (_get(count, "min"), _get(count, "max"))
    if None in limits or _to_integer(limits[0]) != _to_integer(limits[1]):
        return None
    return [] if _to_integer(limits[0]) == 1 else [_to_integer(limits[0])]


def _read_field(feature: Any) -> pa.Field:
    name, kind = _get(feature, "name"), _get(feature, "type")
    if not isinstance(name, str):
        raise ValueError("expected a name for each feature")
    if kind not in _TYPES:
        raise unsupported_error(name, f"expected type INT, FLOAT or BYTES, got {kind}")
    if _get(feature, "value_counts") is not None:
        raise unsupported_error(name, "an Example cannot hold more than one ragged dimension")
    type_ = _find_domain_type(feature, _TYPES[kind])
    shape = _read_shape(feature)
    fraction = _get(_get(feature, "presence", {}), "min_fraction", 0)
    type_ = pa.list_(type_) if shape is None else _add_shape(type_, shape)
    return pa.field(name, type_, nullable=float(fraction) < 1)


def _is_in_use(feature: Any) -> bool:
    return not _get(feature, "deprecated") and _get(feature, "lifecycle_stage") not in _OUT_OF_USE


def _check_features_are_plain(schema: Any) -> None:
    for kind in ("sparse_feature", "weighted_feature"):
        for feature in _get(schema, kind, []):
            raise unsupported_error(
                str(_get(feature, "name")),
                f"Arrow does not have a column type for a {kind.replace('_', ' ')}",
            )


def _read_representations(schema: Any) -> dict[str, Any]:
    group = _get(_get(schema, "tensor_representation_group", {}), "", {})
    return dict(_get(group, "tensor_representation", {}))


def _read_default(dense: Any) -> Any:
    """Read the default of a dense tensor, or None."""
    value = _get(dense, "default_value", {})
    for kind in ("int_value", "uint_value"):
        if _get(value, kind) is not None:
            return _to_integer(_get(value, kind))
    text = _get(value, "bytes_value")
    return _get(value, "float_value") if text is None else base64.b64decode(text, validate=True)


def _repeat(value: Any, shape: list[int]) -> Any:
    """Repeat a value in nested lists of the given shape."""
    if math.prod(shape) > _LARGEST_DEFAULT:
        raise ValueError(f"expected a default of at most {_LARGEST_DEFAULT:,} values, got shape {shape}")
    for size in reversed(shape):
        value = [value] * size
    return value


def _add_defaults(fields: dict[str, pa.Field], representations: dict[str, Any]) -> list[pa.Field]:
    for name, representation in representations.items():
        for kind in ("sparse_tensor", "ragged_tensor"):
            if _get(representation, kind) is not None:
                raise unsupported_error(
                    name, f"Arrow does not have a column type for a {kind.replace('_', ' ')}"
                )
        dense = _get(representation, "dense_tensor", {})
        column, value = _get(dense, "column_name", name), _read_default(dense)
        if value is not None and column in fields:
            fields[column] = _add_default(fields[column], value)
    return list(fields.values())


def _add_default(field: pa.Field, value: Any) -> pa.Field:
    if pa.types.is_boolean(field.type) and value in (0, 1):
        value = bool(value)
    if isinstance(value, bytes) and derive_rule(field).utf8:
        value = value.decode()
    return default(field, _repeat(value, get_row_shape(field.type) or []))


def _read_schema(schema: Any) -> pa.Schema:
    _check_features_are_plain(schema)
    found = [_read_field(feature) for feature in _get(schema, "feature", []) if _is_in_use(feature)]
    derive_rules(pa.schema(found))
    return pa.schema(_add_defaults({field.name: field for field in found}, _read_representations(schema)))


def schema_from_tensorflow_metadata(text: str) -> pa.Schema:
    """Convert a schema of TensorFlow Metadata to Arrow.

    Features that are not in use (deprecated, planned, disabled) are omitted; fields that do not concern types
    are ignored.

    Args:
        text: The JSON form of a `tensorflow.metadata.v0.Schema`.

    Raises:
        SchemaError: Not such JSON, or a feature that is sparse, weighted, nested or a struct.
    """
    try:
        return _read_schema(json.loads(text))
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        hint = "write it with google.protobuf.json_format.MessageToJson"
        raise SchemaError(f"not a schema of TensorFlow Metadata: {error}", hint=hint) from error
