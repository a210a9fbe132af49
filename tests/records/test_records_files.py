"""Writing sharded files and reading them back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import RecordError, SchemaError, UsageError
from headrace.records import check, count, read, read_schema, write, write_schema

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
def test_what_is_written_is_read(
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


def test_rows_are_dealt_to_shards_however_the_stream_is_cut(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole", [numbers(10)], shards=3)
    cut = write(tmp_path / "cut", [numbers(10)[:4], numbers(10)[4:5], numbers(10)[5:]], shards=3)
    assert column(whole[1]) == [[1, 4, 7]]
    assert [Path(file).read_bytes() for file in whole] == [Path(file).read_bytes() for file in cut]


def test_batches_run_on_over_the_ends_of_files(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(10)], shards=3)
    assert column(tmp_path / "train", batch_size=4) == [[0, 3, 6, 9], [1, 4, 7, 2], [5, 8]]


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_the_order_does_not_depend_on_threads(tmp_path: Path, threads: int) -> None:
    write(tmp_path / "train", [numbers(5000)])
    found = column(tmp_path / "train", batch_size=7, threads=threads)
    assert [n for batch in found for n in batch] == list(range(5000))


@pytest.fixture
def one_processor() -> Iterator[None]:
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system cannot keep a thread to one processor")
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    yield
    os.sched_setaffinity(0, allowed)


@pytest.mark.usefixtures("one_processor")
def test_one_processor_gives_the_same_batches(tmp_path: Path) -> None:
    texts = ["a" * (n % 90) for n in range(5000)]
    write(tmp_path / "train", [pa.record_batch({"n": range(5000), "text": texts})], shards=3)
    for batch_size in (7, 4096, 10**9):
        alone = list(read(tmp_path / "train", batch_size=batch_size))
        assert alone == list(read(tmp_path / "train", batch_size=batch_size, threads=2))


@pytest.mark.usefixtures("one_processor")
def test_one_processor_gives_what_comes_before_a_bad_record(tmp_path: Path) -> None:
    write(tmp_path / "train", [pa.record_batch({"n": [*range(2500), None, *range(2499)]})])
    stream = read(tmp_path / "train", pa.schema([pa.field("n", pa.int64(), nullable=False)]), batch_size=1000)
    assert [next(stream)["n"][0].as_py() for _ in range(2)] == [0, 1000]
    with pytest.raises(RecordError, match=r"record 2,500 .* feature 'n': is missing"):
        next(stream)


def test_reading_can_be_left_in_the_middle(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(5000)])
    stream = read(tmp_path / "train", batch_size=10)
    assert next(stream)["n"].to_pylist() == list(range(10))
    stream.close()  # type: ignore[attr-defined]


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    batch = pa.record_batch({"a": [1, 2], "b": ["x", "y"], "c": [0.5, 1.5]})
    write(tmp_path / "train", [batch])
    (found,) = read(tmp_path / "train", pa.schema([("c", pa.float32()), ("a", pa.int8())]))
    assert found.to_pydict() == {"c": [0.5, 1.5], "a": [1, 2]}
    (nothing,) = read(tmp_path / "train", pa.schema([]))
    assert nothing.num_rows == 2


def test_without_a_schema_file_the_schema_is_inferred(tmp_path: Path) -> None:
    write(tmp_path / "train", [pa.record_batch({"s": ["x", None], "l": [[1], [2, 3]]})])
    (tmp_path / "train.schema.json").unlink()
    (found,) = read(tmp_path / "train")
    assert found.to_pydict() == {"l": [[1], [2, 3]], "s": ["x", None]}
    assert found.schema.field("s").nullable
    assert not found.schema.field("l").nullable


def test_schema_files_that_differ_are_not_mixed(tmp_path: Path) -> None:
    write(tmp_path / "a", [numbers(1)])
    write(tmp_path / "b", [pa.record_batch({"n": ["x"]})])
    with pytest.raises(SchemaError, match="differs from"):
        read([tmp_path / "a", tmp_path / "b"])


def test_tensors_and_their_slices(tmp_path: Path) -> None:
    pixels = np.arange(30, dtype=np.uint8).reshape(5, 2, 3)
    storage = pa.FixedSizeListArray.from_arrays(pa.array(pixels.reshape(-1)), 6)
    batch = pa.record_batch({"image": pa.ExtensionArray.from_storage(TENSOR, storage)})
    write(tmp_path / "train", [batch[1:4]])
    (found,) = read(tmp_path / "train")
    assert found.schema.field("image").type == TENSOR
    assert found["image"].to_numpy_ndarray().tolist() == pixels[1:4].tolist()


def test_doubles_become_floats_and_the_schema_says_so(tmp_path: Path) -> None:
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
def test_no_rows_are_files_without_records(tmp_path: Path, shards: int) -> None:
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


def test_a_source_that_fails_leaves_the_old_files(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(2)])
    with pytest.raises(KeyError, match="source"):
        write(tmp_path / "train", failing())
    assert column(tmp_path / "train") == [[0, 1]]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"x": pa.array([[1, None]])}, "1 nulls inside lists"),
        ({"x": pa.array([1e300])}, "beyond float32"),
        ({"x": pa.array([1], pa.timestamp("s"))}, "no place"),
    ],
)
def test_what_examples_cannot_hold_is_refused(
    tmp_path: Path, arrays: dict[str, pa.Array], complaint: str
) -> None:
    with pytest.raises(SchemaError, match=f"feature 'x': .*{complaint}"):
        write(tmp_path / "train", [pa.record_batch(arrays)])
    assert list(tmp_path.iterdir()) == []


def test_batches_must_agree_with_the_schema(tmp_path: Path) -> None:
    required = pa.schema([pa.field("x", pa.int64(), nullable=False)])
    for batch, complaint in [
        (pa.record_batch({"y": [1]}), "is missing from a batch"),
        (pa.record_batch({"x": ["a"]}), "is string in a batch, the schema says int64"),
        (pa.record_batch({"x": [1, None]}), "1 nulls in a field that is not nullable"),
    ]:
        with pytest.raises(SchemaError, match=complaint):
            write(tmp_path / "train", [batch], schema=required)
    twice = pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"])
    with pytest.raises(SchemaError, match="occurs twice"):
        write(tmp_path / "train", [twice])


def test_arguments_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="shards"):
        write(tmp_path / "train", [numbers(1)], shards=0)
    with pytest.raises(UsageError, match="no batches and no schema"):
        write(tmp_path / "train", [])
    write(tmp_path / "train", [numbers(1)])
    with pytest.raises(UsageError, match="batch_size"):
        read(tmp_path / "train", batch_size=0)


def test_check_reports_every_file_and_its_first_error(tmp_path: Path) -> None:
    files = write(tmp_path / "train", [numbers(10)], shards=2)
    second = Path(files[1])
    second.write_bytes(second.read_bytes()[:-1])
    report = check(tmp_path / "train")
    assert [(file.path, file.records) for file in report.files] == [(files[0], 5), (files[1], 4)]
    assert (report.ok, report.records) == (False, 9)
    assert report.files[0].error is None
    assert "record 4" in str(report.files[1].error)
    assert count(files[0]) == 5


def test_check_verifies_examples_against_a_schema(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "train", [numbers(3)])
    assert check(path, schema=numbers(0).schema).ok
    report = check(path, schema=pa.schema([("n", pa.string())]))
    assert "feature 'n': expected string, got int64" in str(report.files[0].error)


def test_a_schema_can_be_put_beside_files_from_elsewhere(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "train", [numbers(2)])
    renamed = Path(path).rename(tmp_path / "other.tfrecord")
    write_schema(pa.schema([("n", pa.uint8())]), tmp_path / "other.schema.json")
    (found,) = read(renamed)
    assert found["n"].type == pa.uint8()
