"""The transform of a model that takes raw columns itself: it passes them on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.arguments import show_value
from headrace.columns import ColumnType, column_type
from headrace.deploy.check_transform import check_transform
from headrace.errors import SchemaError, UsageError
from headrace.serving import Predictor
from headrace.transform import Transform
from headrace.transform.graph import Graph, Input, Node

__all__ = ["choose_transform", "find_transform"]

_HINT = 'pass an Arrow schema, or column to type: {"age": "float64", "city": "string"}'


def choose_transform(transform: Any, inputs: Any, labels: Collection[str] = ()) -> Transform:
    """Return the transform, or that of a model which takes columns of the types `inputs` itself.

    Args:
        transform: A transform, or None.
        inputs: An Arrow schema, something that has one such as a `Dataset`, or column to type: an Arrow type,
            a `ColumnType`, or a name such as "float32", "string" or "list<string>"; or None.
        labels: Columns of a schema or dataset that the model does not take.

    Raises:
        UsageError: Both are given, or none; or one has another form.
        SchemaError: A column has a type that no tensor has.
    """
    if (transform is None) == (inputs is None):
        hint = "pass transform=, or the columns of a model that holds its preprocessing layers as inputs="
        raise UsageError("expected either a transform or inputs", hint=hint)
    if inputs is None:
        return check_transform(transform)
    types = _read_types(inputs, labels)
    if not types:
        raise UsageError("inputs: expected columns, got none", hint=_HINT)
    return Transform(
        Graph({name: Node(Input(name), (), type_, per_row=True) for name, type_ in types.items()})
    )


def find_transform(predictor: Predictor) -> Transform:
    """Return the transform of a model that was exported without one.

    Raises:
        UsageError: It was exported with one, or has no signature.
    """
    signature = predictor.signature
    types = dict[str, ColumnType]()
    for each in () if signature is None else signature.inputs:
        sizes = tuple(size for size in each.shape if size is not None)
        is_list = len(sizes) < len(each.shape)
        types[each.name] = ColumnType(each.type, () if is_list else sizes, ragged=is_list)
    found = choose_transform(None, types) if types else None
    if signature is None or found is None or signature.digests.get("transform") != found.fingerprint:
        hint = "pass the transform that was exported: verify(path, data, transform=transform, model=model)"
        raise UsageError("the file was exported with a transform", path=predictor.path, hint=hint)
    return found


def _read_types(inputs: Any, labels: Collection[str]) -> dict[str, ColumnType]:
    schema: Any = inputs if isinstance(inputs, pa.Schema) else getattr(inputs, "schema", None)
    if isinstance(schema, pa.Schema):
        fields: list[pa.Field] = [schema.field(place) for place in range(len(schema))]
        return {field.name: column_type(field) for field in fields if field.name not in labels}
    if not isinstance(inputs, Mapping):
        raise UsageError(f"inputs: expected column to type, got {show_value(inputs)}", hint=_HINT)
    return {str(name): _read_type(str(name), type_) for name, type_ in inputs.items()}


def _read_type(name: str, type_: Any) -> ColumnType:
    if isinstance(type_, ColumnType):
        return type_
    if isinstance(type_, pa.DataType):
        return column_type(pa.field(name, type_))
    if type_ is str:
        return ColumnType("string")
    text: Any = str(np.dtype(type_)) if isinstance(type_, type | np.dtype) else type_
    is_list = isinstance(text, str) and text.startswith("list<") and text.endswith(">")
    try:
        scalar = pa.type_for_alias(text[5:-1] if is_list else text)
    except (ValueError, TypeError, AttributeError) as error:
        what = f"inputs: expected a type, got {show_value(type_)}"
        raise SchemaError(what, feature=name, hint=_HINT) from error
    return column_type(pa.field(name, pa.list_(scalar) if is_list else scalar))
