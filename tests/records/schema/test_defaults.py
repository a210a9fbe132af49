"""Defaults of columns, for records that lack the feature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.errors import RecordError, SchemaError
from headrace.records import (
    RecordWriter,
    SequenceSchema,
    default,
    encode_example,
    encode_sequence_example,
    read,
    read_schema,
    write,
    write_schema,
)

PLANE = pa.fixed_shape_tensor(pa.float32(), (2, 2))
DEFAULTS = [
    (pa.int64(), -1, 7, -1),
    (pa.uint8(), 255, 7, 255),
    (pa.float32(), 0.5, 1.5, 0.5),
    (pa.bool_(), True, 0, True),
    (pa.string(), "né", "a", "né"),
    (pa.binary(), b"\xff\x00", b"a", b"\xff\x00"),
    (pa.large_binary(), "text", b"a", b"text"),
    (pa.dictionary(pa.int32(), pa.string()), "x", "a", "x"),
    (pa.list_(pa.int64()), [1, 2], [3], [1, 2]),
    (pa.list_(pa.string()), [], ["a"], []),
    (pa.list_(pa.float32(), 2), np.array([1, 2.5]), [0.5, 0.5], [1.0, 2.5]),
    (pa.list_(pa.uint8(), 3), [1, 2, 3], b"abc", [1, 2, 3]),
    (PLANE, [[1, 2], [3, 4]], [0.0] * 4, [1.0, 2.0, 3.0, 4.0]),
]


@pytest.mark.parametrize(("type_", "value", "given", "expected"), DEFAULTS)
@pytest.mark.parametrize("nullable", [True, False])
def test_a_default_replaces_a_missing_feature(
    tmp_path: Path, type_: pa.DataType, value: Any, given: Any, expected: Any, nullable: bool
) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        for row in (None, given, None):
            writer.write(encode_example({"x": row}))
    schema = pa.schema([default(pa.field("x", type_, nullable), value)])
    (batch,) = read(path, schema)
    batch.validate(full=True)
    found = [one.value if isinstance(one, pa.ExtensionScalar) else one for one in batch["x"]]
    assert [found[0].as_py(), found[2].as_py()] == [expected, expected]
    assert batch.schema.equals(schema, check_metadata=True)


def test_a_default_of_another_kind_or_shape_is_rejected() -> None:
    for type_, value in [
        (pa.int64(), 1.5), (pa.int64(), True), (pa.int64(), "1"), (pa.uint8(), 256), (pa.bool_(), 1),
        (pa.float32(), "a"), (pa.string(), b"\xff"), (pa.string(), 1), (pa.list_(pa.int64()), 1),
        (pa.list_(pa.int64(), 2), [1]), (PLANE, [1, 2, 3, 4]), (PLANE, [[1, 2], [3]]), (pa.int64(), None),
        (pa.int64(), {1}), (pa.list_(pa.int64()), [None]),
    ]:  # fmt: skip
        with pytest.raises(SchemaError, match=r"feature 'x': .*default"):
            default(pa.field("x", type_), value)


@pytest.mark.parametrize("text", ["1.5", "[", '"a"', '{"base64": "?"}'])
def test_invalid_default_metadata_is_rejected_before_reading(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        writer.write(encode_example({"x": 1}))
    with pytest.raises(SchemaError, match="feature 'x': the default"):
        read(path, pa.schema([pa.field("x", pa.int64(), metadata={"default": text})]))


def test_defaults_are_stored_in_the_schema_file(tmp_path: Path) -> None:
    fields = [default(pa.field(f"x{i}", type_), value) for i, (type_, value, *_) in enumerate(DEFAULTS)]
    schema = pa.schema([field for field in fields if not pa.types.is_dictionary(field.type)])
    write_schema(schema, tmp_path / "a.schema.json")
    found = read_schema(tmp_path / "a.schema.json")
    assert isinstance(found, pa.Schema)
    assert found.equals(schema, check_metadata=True)


def test_a_null_in_a_field_with_a_default_is_read_as_the_default(tmp_path: Path) -> None:
    schema = pa.schema([default(pa.field("x", pa.int64(), nullable=False), 9)])
    batch = pa.RecordBatch.from_arrays([pa.array([1, None])], schema=pa.schema([pa.field("x", pa.int64())]))
    write(tmp_path / "train", [batch], schema=schema)
    assert next(read(tmp_path / "train"))["x"].to_pylist() == [1, 9]


def test_a_wrong_value_is_not_a_missing_value(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        writer.write(encode_example({"x": [1, 2]}))
    with pytest.raises(RecordError, match="expected 1 value, got 2"):
        list(read(path, pa.schema([default(pa.field("x", pa.int64(), nullable=False), 9)])))


def test_context_features_can_have_defaults_and_feature_lists_cannot(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        writer.write(encode_sequence_example({}, {"x": [1]}))
    context = pa.schema([default(pa.field("c", pa.int64(), nullable=False), 4)])
    lists = pa.schema([pa.field("x", pa.list_(pa.int64()))])
    assert next(read(path, SequenceSchema(context, lists))).to_pylist() == [{"c": 4, "x": [1]}]
    refused = SequenceSchema(context, pa.schema([default(lists.field(0), [1])]))
    with pytest.raises(SchemaError, match="feature 'x': a feature list cannot have a default"):
        read(path, refused)
