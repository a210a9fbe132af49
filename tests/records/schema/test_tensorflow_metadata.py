"""Schemas of TensorFlow Metadata, to Arrow and back."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from headrace.errors import SchemaError
from headrace.records import (
    SequenceSchema,
    default,
    schema_from_tensorflow_metadata,
    schema_to_tensorflow_metadata,
)

SCHEMA = pa.schema(
    [
        pa.field("age", pa.int64(), nullable=False),
        pa.field("weight", pa.float32()),
        pa.field("name", pa.string(), nullable=False),
        pa.field("raw", pa.binary()),
        pa.field("member", pa.bool_()),
        pa.field("byte", pa.int8()),
        pa.field("words", pa.list_(pa.string())),
        pa.field("ids", pa.list_(pa.int64()), nullable=False),
        pa.field("pair", pa.list_(pa.float32(), 2), nullable=False),
        pa.field("plane", pa.fixed_shape_tensor(pa.float32(), (2, 3)), nullable=False),
        default(pa.field("score", pa.float32(), nullable=False), 0.5),
        default(pa.field("city", pa.string(), nullable=False), "né"),
        default(pa.field("blob", pa.binary()), b"\xff"),
        default(pa.field("yes", pa.bool_()), True),
        default(pa.field("zeros", pa.fixed_shape_tensor(pa.int64(), (2, 2))), [[0, 0], [0, 0]]),
    ]
)


def test_written_values_are_read_back() -> None:
    found = schema_from_tensorflow_metadata(schema_to_tensorflow_metadata(SCHEMA))
    assert found.equals(SCHEMA, check_metadata=True)


BY_HAND: list[tuple[dict[str, Any], pa.Field]] = [
    ({"type": "INT", "shape": {"dim": []}}, pa.field("x", pa.int64())),
    ({"type": 3, "shape": {"dim": [{"size": "1"}]}}, pa.field("x", pa.list_(pa.float32(), 1))),
    ({"type": "INT", "valueCount": {"min": "1", "max": "1"}}, pa.field("x", pa.int64())),
    ({"type": "INT", "value_count": {"min": 3, "max": 3}}, pa.field("x", pa.list_(pa.int64(), 3))),
    ({"type": "INT", "valueCount": {"min": "1", "max": "5"}}, pa.field("x", pa.list_(pa.int64()))),
    ({"type": "INT", "valueCount": {"min": "1"}}, pa.field("x", pa.list_(pa.int64()))),
    ({"type": "BYTES"}, pa.field("x", pa.list_(pa.binary()))),
    ({"type": "BYTES", "shape": {}, "domain": "cities"}, pa.field("x", pa.string())),
    ({"type": "BYTES", "shape": {}, "stringDomain": {"value": ["a"]}}, pa.field("x", pa.string())),
    ({"type": "INT", "shape": {}, "int_domain": {"min": 0, "max": 9}}, pa.field("x", pa.int64())),
    ({"type": "INT", "shape": {}, "intDomain": {"min": "0", "max": "255"}}, pa.field("x", pa.uint8())),
    ({"type": "INT", "shape": {}, "presence": {"minFraction": 1}}, pa.field("x", pa.int64(), nullable=False)),
    ({"type": "INT", "shape": {}, "presence": {"min_fraction": 0.9}}, pa.field("x", pa.int64())),
]


@pytest.mark.parametrize(("feature", "field"), BY_HAND)
def test_features_as_tensorflow_metadata_writes_them(feature: dict[str, Any], field: pa.Field) -> None:
    text = json.dumps({"feature": [{"name": "x", **feature}]})
    assert schema_from_tensorflow_metadata(text) == pa.schema([field])


@pytest.mark.parametrize(
    "unused", [{"lifecycleStage": "DEPRECATED"}, {"deprecated": True}, {"lifecycle_stage": 2}]
)
def test_features_out_of_use_are_omitted(unused: dict[str, Any]) -> None:
    feature = {"name": "x", "type": "STRUCT", **unused}
    assert schema_from_tensorflow_metadata(json.dumps({"feature": [feature]})) == pa.schema([])


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"sparseFeature": [{"name": "x"}]},
        "feature 'x': Arrow does not have a column type for a sparse feature",
    ),
    (
        {"weightedFeature": [{"name": "x"}]},
        "feature 'x': Arrow does not have a column type for a weighted feature",
    ),
    (
        {"feature": [{"name": "x", "type": "STRUCT"}]},
        "feature 'x': expected type INT, FLOAT or BYTES, got STRUCT",
    ),
    ({"feature": [{"name": "x"}]}, "feature 'x': expected type INT, FLOAT or BYTES, got None"),
    ({"feature": [{"name": "x", "type": "INT", "valueCounts": {}}]}, "more than one ragged dimension"),
    (
        {"tensorRepresentationGroup": {"": {"tensorRepresentation": {"x": {"raggedTensor": {}}}}}},
        "feature 'x': Arrow does not have a column type for a ragged tensor",
    ),
    (
        {"tensorRepresentationGroup": {"": {"tensorRepresentation": {"x": {"sparseTensor": {}}}}}},
        "feature 'x': Arrow does not have a column type for a sparse tensor",
    ),
    ({"feature": [{"type": "INT"}]}, "expected a name"),
    (
        {
            "feature": [{"name": "x", "type": "INT", "shape": {"dim": [{"size": 2**30}]}}],
            "tensorRepresentationGroup": {
                "": {"tensorRepresentation": {"x": {"denseTensor": {"defaultValue": {"intValue": "0"}}}}}
            },
        },
        "a default of at most",
    ),
    ({"feature": [{"name": "x", "type": "INT", "shape": {"dim": [{"size": -1}]}}]}, "shape"),
    ({"feature": 3}, "not a schema of TensorFlow Metadata"),
    ({"feature": [3]}, "not a schema of TensorFlow Metadata"),
    ({"feature": 2 * [{"name": "x", "type": "INT"}]}, "occurs twice"),
]


@pytest.mark.parametrize(("described", "complaint"), REFUSED)
def test_features_without_a_column_type_are_rejected(described: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SchemaError, match=complaint):
        schema_from_tensorflow_metadata(json.dumps(described))


@pytest.mark.parametrize("text", ["", "[]", "3", "[" * 100_000, '{"feature": [{"name": "x", "type": []}]}'])
def test_what_is_not_a_schema_is_rejected(text: str) -> None:
    with pytest.raises(SchemaError):
        schema_from_tensorflow_metadata(text)


@pytest.mark.parametrize(
    "field",
    [
        pa.field("x", pa.list_(pa.uint8(), 3)),
        default(pa.field("x", pa.list_(pa.int64(), 2)), [1, 2]),
        default(pa.field("x", pa.list_(pa.int64())), [1]),
    ],
)
def test_what_tensorflow_metadata_cannot_describe_is_rejected(field: pa.Field) -> None:
    with pytest.raises(SchemaError, match=r"feature 'x': .*TensorFlow Metadata"):
        schema_to_tensorflow_metadata(pa.schema([field]))


def test_sequence_schemas_are_rejected() -> None:
    with pytest.raises(SchemaError, match="describes Examples"):
        schema_to_tensorflow_metadata(SequenceSchema(pa.schema([]), pa.schema([])))  # type: ignore[arg-type]
