"""Writing sharded record files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import SchemaError, UsageError
from headrace.records import count, read, read_schema, write

TENSOR = pa.fixed_shape_tensor(pa.uint8(), (2, 3))


SCALARS: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.bool_(): st.booleans(),
    pa.int8(): st.integers(-128, 127),
    pa.uint32(): st.integers(0, 2**32 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.floats(width=32, allow_nan=False),
    pa.string(): st.text(max_size=6),
    pa.binary(): st.binary(max_size=6),
    pa.large_string(): st.text(max_size=6),
}


def nested() -> dict[pa.DataType, st.SearchStrategy[Any]]:
    types = dict(SCALARS)
    for type_, values in SCALARS.items():
        types[pa.list_(type_)] = st.lists(values, max_size=4)
    for type_ in (pa.bool_(), pa.int64(), pa.float32(), pa.uint8()):
        values = SCALARS.get(type_, st.integers(0, 255))
        types[pa.list_(type_, 3)] = st.lists(values, min_size=3, max_size=3)
    types[pa.large_list(pa.string())] = st.lists(st.text(max_size=3), max_size=3)
    return types


@st.composite
def batches(draw: st.DrawFn) -> pa.RecordBatch:
    rows = draw(st.integers(0, 12))
    types = nested()
    columns, fields = [], []
    for index, type_ in enumerate(draw(st.lists(st.sampled_from(list(types)), max_size=5))):
        nullable = draw(st.booleans())
        value = types[type_] | st.none() if nullable else types[type_]
        columns.append(pa.array(draw(st.lists(value, min_size=rows, max_size=rows)), type_))
        fields.append(pa.field(f"c{index}", type_, nullable))
    fields.append(pa.field("row", pa.int32(), nullable=False))
    columns.append(pa.array(range(rows), pa.int32()))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


@given(
    batches(),
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(0, 3),
    st.sampled_from([None, "gzip", "zlib"]),
)
def test_written_values_are_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    batch: pa.RecordBatch,
    shards: int,
    batch_size: int,
    cut: int,
    compression: str | None,
) -> None:
    base = tmp_path_factory.mktemp("records") / "train"
    write(base, [batch[:cut], batch[cut:]], shards=shards, compression=compression)
    found = pa.Table.from_batches(read(base, batch_size=batch_size), batch.schema)
    for part in found.to_batches():
        part.validate(full=True)
    order = [row for shard in range(shards) for row in range(shard, len(batch), shards)]
    assert found.schema.equals(batch.schema)
    assert found.equals(pa.Table.from_batches([batch]).take(pa.array(order, pa.int64())))


def numbers(rows: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(rows), pa.int64())})


def column(paths: Any, **options: Any) -> list[list[int]]:
    return [batch["n"].to_pylist() for batch in read(paths, **options)]


def test_names_and_the_schema_file(tmp_path: Path) -> None:
    files = write(tmp_path / "train", [numbers(3)], shards=2)
    assert [Path(file).name for file in files] == [
        "train-00000-of-00002.tfrecord",
        "train-00001-of-00002.tfrecord",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "train-00000-of-00002.tfrecord",
        "train-00001-of-00002.tfrecord",
        "train.manifest.json",
        "train.schema.json",
    ]
    assert read_schema(tmp_path / "train.schema.json") == numbers(0).schema


def test_rows_go_to_shards_in_turn_for_any_batches(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole", [numbers(10)], shards=3)
    cut = write(tmp_path / "cut", [numbers(10)[:4], numbers(10)[4:5], numbers(10)[5:]], shards=3)
    assert column(whole[1]) == [[1, 4, 7]]
    assert [Path(file).read_bytes() for file in whole] == [Path(file).read_bytes() for file in cut]


def test_tensors_and_their_slices_round_trip(tmp_path: Path) -> None:
    pixels = np.arange(30, dtype=np.uint8).reshape(5, 2, 3)
    storage = pa.FixedSizeListArray.from_arrays(pa.array(pixels.reshape(-1)), 6)
    batch = pa.record_batch({"image": pa.ExtensionArray.from_storage(TENSOR, storage)})
    write(tmp_path / "train", [batch[1:4]])
    (found,) = read(tmp_path / "train")
    assert found.schema.field("image").type == TENSOR
    assert found["image"].to_numpy_ndarray().tolist() == pixels[1:4].tolist()


def test_float64_is_stored_as_float32_and_the_schema_says_so(tmp_path: Path) -> None:
    write(tmp_path / "train", [pa.record_batch({"x": pa.array([0.1, None], pa.float64())})])
    (found,) = read(tmp_path / "train")
    assert found["x"].type == pa.float32()
    assert found["x"].to_pylist() == [float(np.float32(0.1)), None]


def test_dictionaries_are_written_as_their_values(tmp_path: Path) -> None:
    array = pa.array(["p", None, "q"]).dictionary_encode()
    write(tmp_path / "train", [pa.record_batch({"d": array})])
    (found,) = read(tmp_path / "train")
    assert found["d"].to_pylist() == ["p", None, "q"]


@pytest.mark.parametrize("shards", [1, 3])
def test_a_stream_without_rows_makes_files_without_records(tmp_path: Path, shards: int) -> None:
    files = write(tmp_path / "train", [], shards=shards, schema=numbers(0).schema)
    assert [Path(file).stat().st_size for file in files] == [0] * shards
    assert list(read(tmp_path / "train")) == []
    assert count(tmp_path / "train") == 0


def test_tables_and_single_batches_are_streams_too(tmp_path: Path) -> None:
    write(tmp_path / "a", pa.Table.from_batches([numbers(2), numbers(1)]))
    write(tmp_path / "b", numbers(2))
    assert (column(tmp_path / "a"), column(tmp_path / "b")) == ([[0, 1, 0]], [[0, 1]])


def failing() -> Iterator[pa.RecordBatch]:
    yield numbers(3)
    raise KeyError("source")


def test_a_source_that_fails_keeps_the_old_files(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(2)])
    with pytest.raises(KeyError, match="source"):
        write(tmp_path / "train", failing())
    assert column(tmp_path / "train") == [[0, 1]]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"x": pa.array([[1, None]])}, "expected no nulls inside lists, got 1"),
        ({"x": pa.array([1e300])}, "out of range for float32"),
        ({"x": pa.array([1], pa.duration("s"))}, "cannot hold"),
    ],
)
def test_what_examples_cannot_hold_is_rejected(
    tmp_path: Path, arrays: dict[str, pa.Array], complaint: str
) -> None:
    with pytest.raises(SchemaError, match=f"feature 'x': .*{complaint}"):
        write(tmp_path / "train", [pa.record_batch(arrays)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrap",
    [
        lambda bad: bad,
        lambda bad: pa.ListArray.from_arrays([0, 1, 2, 3], bad),
        lambda bad: pa.FixedSizeListArray.from_arrays(bad, 1),
        lambda bad: pa.DictionaryArray.from_arrays([0, 1, 2], bad),
    ],
)
def test_strings_that_are_not_utf8_are_refused_by_their_row_in_the_stream(
    tmp_path: Path, wrap: Callable[[pa.Array], pa.Array]
) -> None:
    bad = pa.array([b"ok", b"caf\xe9", b"ok"]).view(pa.string())
    good = pa.record_batch({"x": wrap(pa.array(["a", "b", "c"]))})
    with pytest.raises(SchemaError, match=r"record 4: feature 'x': expected UTF-8, got b'caf\\xe9'"):
        write(tmp_path / "train", [good, pa.record_batch({"x": wrap(bad)})], shards=2)
    assert list(tmp_path.iterdir()) == []


def test_batches_must_agree_with_the_schema(tmp_path: Path) -> None:
    required = pa.schema([pa.field("x", pa.int64(), nullable=False)])
    for batch, complaint in [
        (pa.record_batch({"y": [1]}), "is missing from a batch"),
        (pa.record_batch({"x": ["a"]}), "expected int64, got string in a batch"),
        (pa.record_batch({"x": [1, None]}), "expected no nulls in a field that is not nullable, got 1"),
    ]:
        with pytest.raises(SchemaError, match=complaint):
            write(tmp_path / "train", [batch], schema=required)
    twice = pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"])
    with pytest.raises(SchemaError, match="occurs twice"):
        write(tmp_path / "train", [twice])


def test_unusable_arguments_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="shards"):
        write(tmp_path / "train", [numbers(1)], shards=0)
    with pytest.raises(UsageError, match="no batches and no schema"):
        write(tmp_path / "train", [])
    write(tmp_path / "train", [numbers(1)])
    with pytest.raises(UsageError, match="batch_size"):
        read(tmp_path / "train", batch_size=0)
