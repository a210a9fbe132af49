"""Records that match their schema, and the errors of those that do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.errors import RecordError, SchemaError
from headrace.records import RecordWriter, encode_example, read

ints, floats = pa.int64(), pa.float32()


def write_examples(path: Path, *values: Any) -> Path:
    with RecordWriter(path) as writer:
        for value in values:
            writer.write(encode_example({"x": value, "other": 1}))
    return path


def read_as(path: Path, type_: pa.DataType, *, nullable: bool = False) -> list[Any]:
    batches = read(path, pa.schema([pa.field("x", type_, nullable)]), batch_size=2)
    return [row["x"] for batch in batches for row in batch.to_pylist()]


MISMATCHES = [
    (b"a", ints, "expected int64, got bytes; read it as binary or fix the writer."),
    (1.5, ints, "expected int64, got float; read it as float32 or fix the writer."),
    (7, pa.string(), "expected string, got int64; read it as int64 or fix the writer."),
    (7, pa.list_(floats), "expected list<item: float>, got int64; read it as int64 or fix the writer."),
    (None, ints, "is missing, but the schema requires it; make it nullable in the schema or fix the writer."),
    (
        None,
        pa.list_(ints),
        "is missing, but the schema requires it; make it nullable in the schema or fix the writer.",
    ),
    ([1, 2], ints, "expected 1 value, got 2; read it as a list or fix the writer."),
    (np.zeros(0, int), ints, "expected 1 value, got 0; read it as a list or fix the writer."),
    (
        [1, 2],
        pa.list_(ints, 3),
        "expected 3 values, got 2; read it as a list or fix the writer.",
    ),
    (300, pa.uint8(), "300 is out of range for uint8; read it as int64 or fix the writer."),
    (-1, pa.uint32(), "-1 is out of range for uint32; read it as int64 or fix the writer."),
    ([1, 2], pa.list_(pa.bool_()), "2 is out of range for bool; read it as int64 or fix the writer."),
    (b"abc", pa.list_(pa.uint8(), 4), "expected 4 bytes, got 3; read it as binary or fix the writer."),
    (b"a\xff", pa.string(), "expected UTF-8, got other bytes; read it as binary or fix the writer."),
]


@pytest.mark.parametrize(("value", "type_", "message"), MISMATCHES)
def test_a_mismatch_has_a_place_and_a_hint(
    tmp_path: Path, value: Any, type_: pa.DataType, message: str
) -> None:
    path = write_examples(tmp_path / "a.tfrecord", value)
    with pytest.raises(RecordError) as caught:
        read_as(path, type_)
    assert str(caught.value) == f"{path}, record 0 at byte 0: feature 'x': {message}"


def test_the_place_is_the_record_in_its_file(tmp_path: Path) -> None:
    fine = write_examples(tmp_path / "fine.tfrecord", *range(5))
    path = write_examples(tmp_path / "bad.tfrecord", 1, 2, 3, b"bytes")
    with pytest.raises(RecordError) as caught:
        read_as([fine, path], ints)  # type: ignore[arg-type]
    error = caught.value
    assert (error.path, error.record, error.feature) == (str(path), 3, "x")
    assert error.offset == 3 * (len(encode_example({"x": 1, "other": 1})) + 16)


def test_batches_before_the_error_are_yielded(tmp_path: Path) -> None:
    path = write_examples(tmp_path / "a.tfrecord", 1, 2, 3, 4, 5.5)
    batches = read(path, pa.schema([pa.field("x", ints)]), batch_size=2)
    assert [next(batches)["x"].to_pylist(), next(batches)["x"].to_pylist()] == [[1, 2], [3, 4]]
    with pytest.raises(RecordError, match="record 4"):
        next(batches)


def test_a_record_that_is_not_an_example_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        writer.write(b"\xff not an Example")
    with pytest.raises(RecordError, match=r"record 0 at byte 0: not a valid tf\.train\.Example"):
        read_as(path, ints)


@pytest.mark.parametrize(
    "type_", [ints, pa.list_(floats), pa.list_(floats, 2), pa.string(), pa.list_(pa.uint8(), 3)]
)
def test_a_missing_feature_is_null_if_the_schema_allows(tmp_path: Path, type_: pa.DataType) -> None:
    path = write_examples(tmp_path / "a.tfrecord", *[None] * 9)
    assert read_as(path, type_, nullable=True) == [None] * 9


def test_a_feature_without_values_is_null_for_scalars_and_empty_for_lists(tmp_path: Path) -> None:
    path = write_examples(tmp_path / "a.tfrecord", np.zeros(0, int))
    assert read_as(path, ints, nullable=True) == [None]
    assert read_as(path, pa.list_(ints), nullable=True) == [[]]


def test_a_float64_column_can_be_requested(tmp_path: Path) -> None:
    path = write_examples(tmp_path / "a.tfrecord", 0.1, 0.5)
    assert read_as(path, pa.float64()) == [float(np.float32(0.1)), 0.5]


@pytest.mark.parametrize(
    "type_",
    [
        pa.duration("s"),
        pa.null(),
        pa.struct([("a", ints)]),
        pa.list_(pa.list_(ints)),
    ],
)
def test_unsupported_types_are_rejected_before_reading(tmp_path: Path, type_: pa.DataType) -> None:
    path = write_examples(tmp_path / "a.tfrecord", 1)
    with pytest.raises(SchemaError, match="feature 'x'"):
        read(path, pa.schema([pa.field("x", type_)]))
