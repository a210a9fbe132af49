"""SequenceExamples: to Arrow and back, and the errors of records that do not match their schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import Dataset
from headrace.errors import RecordError, SchemaError
from headrace.records import (
    RecordReader,
    RecordWriter,
    SequenceSchema,
    check,
    decode_sequence_example,
    encode_example,
    encode_sequence_example,
    infer_schema,
    read,
    read_schema,
    write,
    write_schema,
)

FRAME = pa.fixed_shape_tensor(pa.uint8(), (2, 3))
CONTEXT = pa.schema([pa.field("label", pa.int64(), nullable=False), pa.field("title", pa.string())])
LISTS = pa.schema(
    [
        pa.field("speed", pa.list_(pa.float32())),
        pa.field("tokens", pa.list_(pa.list_(pa.string())), nullable=False),
        pa.field("place", pa.list_(pa.list_(pa.float32(), 2)), nullable=False),
        pa.field("pixels", pa.list_(pa.list_(pa.uint8(), 3)), nullable=False),
        pa.field("frames", pa.list_(FRAME), nullable=False),
        pa.field("flags", pa.list_(pa.bool_()), nullable=False),
    ]
)
SCHEMA = SequenceSchema(CONTEXT, LISTS)


def frames(steps: int) -> Any:
    values = pa.array(np.arange(steps * 6, dtype=np.uint8))
    return pa.ExtensionArray.from_storage(FRAME, pa.FixedSizeListArray.from_arrays(values, 6))


def batch() -> pa.RecordBatch:
    columns = {
        "label": pa.array([3, -1, 2**40]),
        "title": pa.array(["one", None, ""]),
        "speed": pa.array([[1.5, -0.5], None, []], LISTS.field("speed").type),
        "tokens": pa.array([[["a", "b"], [], ["c"]], [], [[]]], LISTS.field("tokens").type),
        "place": pa.array([[[1, 2], [3, 4]], [[5, 6]], []], LISTS.field("place").type),
        "pixels": pa.array([[[1, 2, 3]], [], [[4, 5, 6], [7, 8, 9]]], LISTS.field("pixels").type),
        "frames": pa.ListArray.from_arrays(pa.array([0, 2, 2, 3], pa.int32()), frames(3)),
        "flags": pa.array([[True], [False, True], []]),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=SCHEMA.arrow)


def table(paths: Any, schema: Any = None, **options: Any) -> pa.Table:
    return pa.Table.from_batches(read(paths, schema, **options))


@pytest.mark.parametrize("batch_size", [1, 2, 4096])
def test_written_values_are_read_back(tmp_path: Path, batch_size: int) -> None:
    write(tmp_path / "train", [batch(), batch()], schema=SCHEMA)
    found = table(tmp_path / "train", batch_size=batch_size)
    assert found.schema == SCHEMA.arrow
    assert found.to_pylist() == pa.Table.from_batches([batch(), batch()]).to_pylist()
    for part in found.to_batches():
        part.validate(full=True)


def test_shards_share_the_rows(tmp_path: Path) -> None:
    files = write(tmp_path / "train", [batch()], schema=SCHEMA, shards=2)
    assert check(files, schema=SCHEMA).records == 3
    assert table(files)["label"].to_pylist() == [3, 2**40, -1]


def test_sliced_columns_are_written_from_their_offset(tmp_path: Path) -> None:
    write(tmp_path / "train", [batch().slice(1)], schema=SCHEMA)
    assert table(tmp_path / "train").to_pylist() == batch().slice(1).to_pylist()


def test_large_lists_are_written_as_lists(tmp_path: Path) -> None:
    lists = pa.schema([pa.field("x", pa.large_list(pa.large_list(pa.int64())))])
    rows = pa.record_batch({"x": pa.array([[[1], []], []], lists.field("x").type)})
    write(tmp_path / "train", [rows], schema=SequenceSchema(pa.schema([]), lists))
    assert table(tmp_path / "train")["x"].to_pylist() == [[[1], []], []]
    found = next(read(tmp_path / "train", SequenceSchema(pa.schema([]), lists)))
    assert found["x"].type == lists.field("x").type


def test_the_schema_file_holds_both_parts(tmp_path: Path) -> None:
    write_schema(SCHEMA, tmp_path / "a.schema.json")
    assert read_schema(tmp_path / "a.schema.json") == SCHEMA


def test_one_record_round_trips_through_dicts() -> None:
    context = {"label": 3, "title": "ü", "none": None}
    lists = {"words": ["a", ["b", b"c"], []], "speed": [1, 2.5], "empty": [], "place": np.eye(2)}
    found_context, found = decode_sequence_example(encode_sequence_example(context, lists))
    assert found_context == {"label": np.array([3]), "title": ["ü".encode()]}
    assert found["words"] == [[b"a"], [b"b", b"c"], []]
    assert [step.tolist() for step in found["speed"]] == [[1.0], [2.5]]
    assert found["empty"] == []
    assert [step.tolist() for step in found["place"]] == [[1, 0], [0, 1]]


@pytest.mark.parametrize("steps", [["a", 1], [None], [{}]])
def test_unsupported_step_types_are_rejected(steps: list[Any]) -> None:
    with pytest.raises(SchemaError, match="feature 'x'"):
        encode_sequence_example({}, {"x": steps})


@pytest.mark.parametrize("data", [b"\xff", b"\x12\x05abc", b"\x12\x02\x0a\x05"])
def test_bytes_that_are_not_a_sequence_example_are_rejected(data: bytes) -> None:
    with pytest.raises(RecordError, match=r"not a valid tf\.train\.SequenceExample"):
        decode_sequence_example(data)


def write_lists(path: Path, *rows: Any) -> Path:
    with RecordWriter(path) as writer:
        for row in rows:
            writer.write(encode_sequence_example({"c": 1}, {"x": row}))
    return path


def test_the_inferred_schema_is_the_narrowest(tmp_path: Path) -> None:
    rows: dict[str, list[Any]] = {
        "scalar": [[1, 2], []],
        "pairs": [[[1.0, 2.0]], [[3.0, 4.0]] * 2],
        "ragged": [["a", ["b", "c"]], None],
        "gaps": [[[1], []], []],
        "nothing": [[], [[]]],
    }
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        for i in range(2):
            writer.write(encode_sequence_example({"c": i}, {name: row[i] for name, row in rows.items()}))
    expected = pa.schema(
        [
            pa.field("gaps", pa.list_(pa.list_(pa.int64())), nullable=False),
            pa.field("nothing", pa.list_(pa.list_(pa.binary())), nullable=False),
            pa.field("pairs", pa.list_(pa.list_(pa.float32(), 2)), nullable=False),
            pa.field("ragged", pa.list_(pa.list_(pa.string()))),
            pa.field("scalar", pa.list_(pa.int64()), nullable=False),
        ]
    )
    found = infer_schema(path)
    assert isinstance(found, SequenceSchema)
    assert found.context == pa.schema([pa.field("c", pa.int64(), nullable=False)])
    assert found.feature_lists.remove(1) == expected.remove(1)
    assert table(path)["ragged"].to_pylist() == [[["a"], ["b", "c"]], None]


def test_an_example_is_inferred_as_an_example(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        writer.write(encode_example({"x": 1}))
    assert infer_schema(path) == pa.schema([pa.field("x", pa.int64(), nullable=False)])


def test_a_name_in_both_parts_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        writer.write(encode_sequence_example({"x": 1}, {"x": [1]}))
    with pytest.raises(SchemaError, match="occurs twice"):
        infer_schema(path)


MISFITS = [
    ([1, [2, 3]], pa.int64(), "step 1: expected 1 value, got 2; read it as a list of lists"),
    (
        [[1, 2], [3]],
        pa.list_(pa.int64(), 2),
        "step 1: expected 2 values, got 1; read it as a list",
    ),
    ([1, 2, "x"][:2], pa.string(), "step 0: expected string, got int64; read it as int64"),
    ([1, 300], pa.uint8(), "step 1: 300 is out of range for uint8; read it as int64"),
    (["abc", "ab"], pa.list_(pa.uint8(), 3), "step 1: expected 3 bytes, got 2; read it as binary"),
    ([b"a", b"\xff"], pa.list_(pa.string()), "step 1: expected UTF-8, got other bytes; read it as binary"),
    (None, pa.int64(), "is missing, but the schema requires it; make it nullable"),
]


@pytest.mark.parametrize(("row", "step", "complaint"), MISFITS)
def test_a_mismatch_names_record_feature_and_step(
    tmp_path: Path, row: Any, step: pa.DataType, complaint: str
) -> None:
    path = write_lists(tmp_path / "a.tfrecord", [], row)
    schema = SequenceSchema(
        CONTEXT.remove(1).remove(0), pa.schema([pa.field("x", pa.list_(step), nullable=False)])
    )
    with pytest.raises(RecordError) as caught:
        table(path, schema)
    error = caught.value
    assert (error.path, error.record, error.feature) == (str(path), 1, "x")
    assert error.what.startswith(complaint.split(";")[0])
    assert f"feature 'x': {complaint}" in str(error)


def entry(name: bytes, feature_list: bytes) -> bytes:
    value = b"\x12" + bytes([len(feature_list)]) + feature_list
    inner = b"\x0a" + bytes([len(name)]) + name + value
    return b"\x0a" + bytes([len(inner)]) + inner


def sequence(*entries: bytes) -> bytes:
    lists = b"".join(entries)
    return b"\x12" + bytes([len(lists)]) + lists


@pytest.mark.parametrize("step", [pa.int64(), pa.list_(pa.int64(), 2), pa.list_(pa.uint8(), 2), FRAME])
def test_a_step_without_a_value_is_an_error_unless_steps_are_lists(tmp_path: Path, step: pa.DataType) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        writer.write(sequence(entry(b"x", b"\x0a\x00")))
    schema = SequenceSchema(pa.schema([]), pa.schema([pa.field("x", pa.list_(step))]))
    with pytest.raises(
        RecordError, match=r"record 0 at byte 0: feature 'x': step 0: expected a value, got none"
    ):
        table(path, schema)
    ragged = SequenceSchema(pa.schema([]), pa.schema([pa.field("x", pa.list_(pa.list_(pa.int64())))]))
    assert table(path, ragged)["x"].to_pylist() == [[[]]]


def test_a_repeated_feature_list_replaces_the_earlier_one() -> None:
    one, two = b"\x0a\x05\x1a\x03\x0a\x01\x01", b"\x0a\x05\x1a\x03\x0a\x01\x02"
    _, lists = decode_sequence_example(sequence(entry(b"x", one + one), entry(b"x", two)))
    assert [step.tolist() for step in lists["x"]] == [[2]]


def test_records_that_are_not_sequence_examples_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    with RecordWriter(path) as writer:
        writer.write(b"\x12\x05abc")
    with pytest.raises(RecordError, match=r"record 0 at byte 0: not a valid tf\.train\.SequenceExample"):
        table(path, SCHEMA)


def test_a_kind_that_changes_between_steps_is_named(tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.tfrecord", [1, 2], ["a"])
    with pytest.raises(
        RecordError, match=r"record 1 .*feature 'x': step 0: expected int64 as in earlier records, got bytes"
    ):
        infer_schema(path)


def test_a_feature_list_is_a_list(tmp_path: Path) -> None:
    schema = SequenceSchema(pa.schema([]), pa.schema([pa.field("x", pa.int64())]))
    with pytest.raises(
        SchemaError, match=r"feature 'x': expected a list of steps for a feature list, got int64"
    ):
        write_schema(schema, tmp_path / "a.schema.json")


def test_null_steps_are_rejected(tmp_path: Path) -> None:
    rows = pa.record_batch({"x": pa.array([[1, None]])})
    with pytest.raises(SchemaError, match="expected no null steps, got 1"):
        write(tmp_path / "a", [rows], schema=SequenceSchema(pa.schema([]), rows.schema))


def test_a_dataset_reads_sequence_examples(tmp_path: Path) -> None:
    write(tmp_path / "train", [batch()], schema=SCHEMA)
    dataset = Dataset.from_records(tmp_path / "train")
    assert dataset.schema == SCHEMA.arrow
    rows = [row for part in dataset.batch(2) for row in part.to_pylist()]
    assert rows == batch().to_pylist()
    chosen = SequenceSchema(CONTEXT, LISTS.remove(0))
    assert "speed" not in next(iter(Dataset.from_records(tmp_path / "train", chosen))).schema.names


def test_an_example_is_a_sequence_example_without_lists() -> None:
    assert decode_sequence_example(encode_example({"x": 2})) == ({"x": np.array([2])}, {})


def test_tensorflow_style_bytes_round_trip(tmp_path: Path) -> None:
    data = encode_sequence_example({"c": 1}, {"x": [[1, 2], [3]]})
    with RecordWriter(tmp_path / "a.tfrecord") as writer:
        writer.write(data)
    write(tmp_path / "b", read(tmp_path / "a.tfrecord"), schema=infer_schema(tmp_path / "a.tfrecord"))
    assert list(RecordReader(tmp_path / "b-00000-of-00001.tfrecord")) == [data]


def test_steps_can_be_fixed_numbers_of_strings(tmp_path: Path) -> None:
    lists = pa.schema([pa.field("x", pa.list_(pa.list_(pa.string(), 2)), nullable=False)])
    context = pa.schema([pa.field("pair", pa.list_(pa.binary(), 2))])
    columns = [
        pa.array([[b"a", b""], None], context.field(0).type),
        pa.array([[["b", "c"]], []], lists.field(0).type),
    ]
    rows = pa.RecordBatch.from_arrays(columns, schema=SequenceSchema(context, lists).arrow)
    write(tmp_path / "train", [rows], schema=SequenceSchema(context, lists))
    assert table(tmp_path / "train").to_pylist() == rows.to_pylist()
