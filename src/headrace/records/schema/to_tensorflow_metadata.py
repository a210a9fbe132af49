"""Convert Arrow schemas to TensorFlow Metadata; see `headrace.records.schema.from_tensorflow_metadata`."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import pyarrow as pa

from headrace._native import Layout, ValueKind
from headrace.errors import SchemaError
from headrace.records.schema.defaults import read_default
from headrace.records.schema.example import Rule, derive_rule, derive_rules, is_date
from headrace.records.schema.from_tensorflow_metadata import (
    NARROW_INTEGERS,
    UTF8_TAG,
    find_bounds,
    get_row_shape,
    unsupported_error,
)

__all__ = ["schema_to_tensorflow_metadata"]


def _get_value_type(type_: pa.DataType) -> pa.DataType:
    if get_row_shape(type_) != [] or pa.types.is_dictionary(type_):
        return type_.value_type
    return type_


def _describe_domain(how: Rule, type_: pa.DataType) -> dict[str, Any]:
    if how.utf8:
        return {"annotation": {"tag": [UTF8_TAG]}}
    if pa.types.is_boolean(type_):
        return {"boolDomain": {}}
    if type_ in NARROW_INTEGERS:
        lowest, highest = find_bounds(type_)
        return {"intDomain": {"min": str(lowest), "max": str(highest)}}
    return {}


def _describe_feature(field: pa.Field) -> dict[str, Any]:
    how, shape = derive_rule(field), get_row_shape(field.type)
    if how.serialized:
        raise unsupported_error(field.name, "TensorFlow Metadata cannot describe serialised tensors")
    if is_date(_get_value_type(field.type)):
        raise unsupported_error(field.name, "TensorFlow Metadata cannot describe dates of their unit")
    if how.layout == Layout.RAW:
        raise unsupported_error(field.name, "TensorFlow Metadata cannot describe numbers stored as raw bytes")
    feature: dict[str, Any] = {
        "name": field.name,
        "type": {ValueKind.BYTES: "BYTES", ValueKind.FLOAT: "FLOAT"}.get(how.kind, "INT"),
    }
    if not field.nullable:
        feature["presence"] = {"minFraction": 1.0, "minCount": "1"}
    if how.layout == Layout.LIST:
        feature["valueCount"] = {"min": "0"}
    else:
        feature["shape"] = {"dim": [{"size": str(size)} for size in shape]} if shape else {}
    return {**feature, **_describe_domain(how, _get_value_type(field.type))}


def _describe_default(field: pa.Field, value: pa.Scalar) -> dict[str, Any]:
    """Build the tensor representation of a default, which TensorFlow Metadata stores as one value."""
    shape = get_row_shape(field.type)
    if shape is None:
        raise unsupported_error(field.name, "TensorFlow Metadata cannot describe a list with a default")
    values = value.as_py() if shape else [value.as_py()]
    if len(values) != math.prod(shape) or any(one != values[0] for one in values):
        raise unsupported_error(field.name, "TensorFlow Metadata cannot describe a default of several values")
    one = values[0]
    how = derive_rule(field)
    if how.kind == ValueKind.BYTES:
        raw = one.encode() if isinstance(one, str) else one
        stored = {"bytesValue": base64.b64encode(raw).decode()}
    else:
        stored = {"floatValue": one} if how.kind == ValueKind.FLOAT else {"intValue": str(int(one))}
    sizes = {"dim": [{"size": str(size)} for size in shape]} if shape else {}
    return {"denseTensor": {"columnName": field.name, "shape": sizes, "defaultValue": stored}}


def schema_to_tensorflow_metadata(schema: pa.Schema) -> str:
    """Convert an Arrow schema to the JSON form of a `tensorflow.metadata.v0.Schema`, for `json_format.Parse`.

    Raises:
        SchemaError: A field or default that TensorFlow Metadata cannot describe, or a `SequenceSchema`.

    Example:
        >>> print(schema_to_tensorflow_metadata(pa.schema([pa.field("age", pa.int64())])))
        {
          "feature": [
            {
              "name": "age",
              "type": "INT",
              "shape": {}
            }
          ]
        }
    """
    if not isinstance(schema, pa.Schema):
        hint = "convert the context and the feature lists separately"
        raise SchemaError("TensorFlow Metadata describes Examples only", hint=hint)
    derive_rules(schema)
    described: dict[str, Any] = {"feature": [_describe_feature(field) for field in schema]}
    defaults = {field.name: value for field in schema if (value := read_default(field)) is not None}
    if defaults:
        dense = {name: _describe_default(schema.field(name), value) for name, value in defaults.items()}
        described["tensorRepresentationGroup"] = {"": {"tensorRepresentation": dense}}
    return json.dumps(described, indent=2, ensure_ascii=False)
