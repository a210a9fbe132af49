"""The schema file next to record files, `base.schema.json`.

    {"format": 1, "features": [
      {"name": "image", "type": "uint8", "layout": "tensor", "shape": [28, 28], "nullable": false},
      {"name": "label", "type": "int64", "layout": "scalar", "nullable": false}]}

A file without "format" has format 1. A layout is scalar, list, large_list, fixed_list or tensor; the last two
have a shape. The file of a `SequenceSchema` has two such lists, "context" and "feature_lists"; in the second,
the layout is that of a step. A feature can have a "default" (`headrace.records.schema.defaults`), and
"serialized": true if it is stored as serialised tensors (`headrace.records.schema.serialized`).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from headrace.errors import SchemaError
from headrace.records.schema.defaults import default, read_default_json
from headrace.records.schema.example import is_serialized
from headrace.records.schema.sequence_example import (
    RecordSchema,
    SequenceSchema,
    check_schema,
    check_schema_type,
)
from headrace.records.schema.serialized import serialized
from headrace.storage import AtomicFile, read_bytes

__all__ = ["read_schema", "schema_text", "write_schema"]

_FORMAT = 1

_TYPES: dict[str, pa.DataType] = {
    "bool": pa.bool_(), "string": pa.string(), "large_string": pa.large_string(),
    "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
    "uint8": pa.uint8(), "uint16": pa.uint16(), "uint32": pa.uint32(), "uint64": pa.uint64(),
    "float32": pa.float32(), "float64": pa.float64(),
    "binary": pa.binary(), "large_binary": pa.large_binary(),
    "date32": pa.date32(), "date64": pa.date64(),
}  # fmt: skip
_NAMES = {type_: name for name, type_ in _TYPES.items()}


def _name_scalar_type(field: pa.Field, type_: pa.DataType) -> str:
    if pa.types.is_timestamp(type_):
        return str(type_)  # such as timestamp[us] or timestamp[ms, tz=UTC]
    if type_ not in _NAMES:
        raise SchemaError(f"type {field.type} cannot be stored", feature=field.name, hint="cast it")
    return _NAMES[type_]


def _describe_layout(type_: pa.DataType) -> dict[str, Any]:
    if isinstance(type_, pa.FixedShapeTensorType):
        return {"layout": "tensor", "shape": list(type_.shape)}
    if pa.types.is_fixed_size_list(type_):
        return {"layout": "fixed_list", "shape": [type_.list_size]}
    if pa.types.is_list(type_):
        return {"layout": "list"}
    return {"layout": "large_list" if pa.types.is_large_list(type_) else "scalar"}


def _to_json(field: pa.Field) -> dict[str, Any]:
    layout = _describe_layout(field.type)
    value_type = field.type if layout["layout"] == "scalar" else field.type.value_type
    stored = {
        "name": field.name,
        "type": _name_scalar_type(field, value_type),
        **layout,
        "nullable": field.nullable,
    }
    if is_serialized(field):
        stored["serialized"] = True
    value = read_default_json(field)
    return stored if value is None else {**stored, "default": value}


def _read_shape(feature: dict[str, Any]) -> list[int]:
    shape = feature["shape"]
    if not isinstance(shape, list) or not all(type(size) is int and 0 <= size < 2**31 for size in shape):
        raise ValueError(f"expected a shape of sizes from 0, got {shape!r}")
    return shape


def _read_scalar_type(name: str) -> pa.DataType:
    found = re.fullmatch(r"timestamp\[(s|ms|us|ns)(?:, tz=([!-~]{1,64}))?\]", name)
    return _TYPES[name] if found is None else pa.timestamp(found[1], found[2])


def _from_json(feature: dict[str, Any]) -> pa.Field:
    type_, layout = _read_scalar_type(feature["type"]), feature["layout"]
    if layout == "tensor":
        type_ = pa.fixed_shape_tensor(type_, _read_shape(feature))
    elif layout == "fixed_list":
        (size,) = _read_shape(feature)
        type_ = pa.list_(type_, size)
    elif layout in ("list", "large_list"):
        type_ = pa.list_(type_) if layout == "list" else pa.large_list(type_)
    elif layout != "scalar":
        raise ValueError(f"unknown layout {layout!r}")
    if type(feature["name"]) is not str or type(feature["nullable"]) is not bool:
        raise ValueError("expected a string as name, and true or false as nullable")
    field = pa.field(feature["name"], type_, feature["nullable"])
    if feature.get("serialized", False) not in (True, False):
        raise ValueError("expected true or false as serialized")
    field = serialized(field) if feature.get("serialized", False) else field
    return field if feature.get("default") is None else default(field, feature["default"])


def _format_features(fields: Iterable[pa.Field]) -> str:
    return ",\n  ".join(json.dumps(_to_json(field), ensure_ascii=False) for field in fields)


def _to_step_field(field: pa.Field) -> pa.Field:
    if not pa.types.is_list(field.type):
        what = f"type {field.type} cannot be stored as a feature list"
        raise SchemaError(what, feature=field.name, hint="cast it to a list")
    return pa.field(field.name, field.type.value_type, field.nullable)


def schema_text(schema: RecordSchema) -> str:
    """Format a schema as the text of a schema file.

    Raises:
        SchemaError: A type that is not stored as it is (see `stored_schema`).
    """
    check_schema(schema)
    if not isinstance(schema, SequenceSchema):
        return f'{{"format": {_FORMAT}, "features": [\n  {_format_features(schema)}]}}\n'
    lists = _format_features(map(_to_step_field, schema.feature_lists))
    context = _format_features(schema.context)
    return f'{{"format": {_FORMAT}, "context": [\n  {context}],\n "feature_lists": [\n  {lists}]}}\n'


def _parse_schema(content: dict[str, Any]) -> RecordSchema:
    if content.get("format", _FORMAT) != _FORMAT:
        raise ValueError(f"expected format {_FORMAT}, got {content['format']!r}")
    if "features" in content:
        return pa.schema([_from_json(feature) for feature in content["features"]])
    steps = [_from_json(step) for step in content["feature_lists"]]
    lists = [pa.field(step.name, pa.list_(step.type), step.nullable) for step in steps]
    return SequenceSchema(
        pa.schema([_from_json(feature) for feature in content["context"]]), pa.schema(lists)
    )


def write_schema(schema: RecordSchema, path: str | os.PathLike[str]) -> None:
    """Write a schema file atomically.

    Raises:
        SchemaError: A type that is not stored as it is (see `stored_schema`).
        UsageError: `schema` is not a schema, or the file cannot be written.
    """
    check_schema_type(schema)
    text = schema_text(schema)
    with AtomicFile(path) as file:
        file.write(text.encode())


def read_schema(path: str | os.PathLike[str]) -> RecordSchema:
    """Read a schema file that `write_schema` wrote.

    Raises:
        UsageError: The file cannot be read.
        SchemaError: The file does not hold a schema.
    """
    try:
        text = read_bytes(os.fspath(path)).decode()
    except UnicodeDecodeError as error:
        raise SchemaError("not a schema file", path=str(path), hint="write it again") from error
    try:
        schema = _parse_schema(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = f"not a schema file: {type(error).__name__} {error}"
        raise SchemaError(
            what, path=str(path), hint="write it again, or delete it to infer the schema"
        ) from error
    check_schema(schema)
    return schema
