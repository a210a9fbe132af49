"""Files written by TensorFlow are read as TensorFlow reads them (tools/make_golden_records.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.records import RecordReader, check, decode_example, infer_schema, read

GOLDEN = Path(__file__).parents[2] / "golden"
KINDS = {"float_list": np.float32, "int64_list": np.int64}

PLAIN = pa.schema(
    [
        pa.field("float", pa.float32(), nullable=False),
        pa.field("int", pa.int64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("floats", pa.list_(pa.float32()), nullable=False),
        pa.field("ints", pa.list_(pa.int64()), nullable=False),
        pa.field("texts", pa.list_(pa.binary()), nullable=False),
        pa.field("pair", pa.list_(pa.float32(), 2), nullable=False),
        pa.field("sometimes", pa.int64()),
    ]
)


def expectation(name: str) -> Any:
    def bytes_of(value: dict[str, Any]) -> Any:
        return bytes.fromhex(value["hex"]) if value.keys() == {"hex"} else value

    return json.loads((GOLDEN / name).read_text(), object_hook=bytes_of)["expected"]


def table(name: str, schema: pa.Schema | None, batch_size: int = 3) -> pa.Table:
    return pa.Table.from_batches(read(GOLDEN / name, schema, batch_size))


@pytest.mark.parametrize("name", ["plain.tfrecord", "gzip.tfrecord.gz", "zlib.tfrecord.zz"])
def test_examples_parse_as_in_tensorflow(name: str) -> None:
    expected = expectation(name.split(".")[0] + ".json")
    found = table(name, PLAIN).to_pydict()
    assert [text.encode() for text in found.pop("text")] == expected.pop("text")
    assert [[] if value is None else [value] for value in found.pop("sometimes")] == expected.pop("sometimes")
    np.testing.assert_array_equal(found.pop("pair"), expected.pop("pair"))
    assert found == expected


def test_concatenated_gzip_members_are_one_file() -> None:
    records = list(RecordReader(GOLDEN / "gzip.tfrecord.gz"))
    assert list(RecordReader(GOLDEN / "members.tfrecord.gz")) == records


def test_the_inferred_schema_is_the_narrowest() -> None:
    found = {field.name: (field.type, field.nullable) for field in infer_schema(GOLDEN / "plain.tfrecord")}
    by_hand = {field.name: (field.type, field.nullable) for field in PLAIN}
    assert found == by_hand


def test_pixels_are_stored_as_one_bytes_value() -> None:
    expected = expectation("images.json")
    tensor = pa.fixed_shape_tensor(pa.uint8(), (4, 3))
    schema = pa.schema(
        [pa.field("image", tensor, nullable=False), pa.field("label", pa.int8(), nullable=False)]
    )
    found = table("images.tfrecord", schema).combine_chunks()
    assert found["image"].chunk(0).to_numpy_ndarray().tolist() == expected["image"]
    assert found["label"].to_pylist() == expected["label"]


@pytest.mark.parametrize("row", range(20))
def test_unusual_messages_parse_as_in_protobuf(row: int) -> None:
    data = list(RecordReader(GOLDEN / "odd.tfrecord"))[row]
    expected = expectation("odd.json")[row]["features"]
    decoded = decode_example(data)
    assert decoded.keys() == expected.keys()
    for name, feature in expected.items():
        ((kind, value),) = feature.items()
        found = decoded[name]
        assert (
            found == value
            if kind == "bytes_list"
            else (found.dtype == KINDS[kind] and found.tolist() == value)
        )


def test_all_golden_files_are_intact() -> None:
    report = check(str(GOLDEN / "*.tfrecord*"))
    assert report.ok
    assert [(Path(file.path).name, file.records) for file in report.files] == [
        ("examples.tfrecord", 49),
        ("gzip.tfrecord.gz", 7),
        ("images.tfrecord", 5),
        ("members.tfrecord.gz", 7),
        ("odd.tfrecord", len(expectation("odd.json"))),
        ("plain.tfrecord", 7),
        ("sequences.tfrecord", 33),
        ("zlib.tfrecord.zz", 7),
    ]
