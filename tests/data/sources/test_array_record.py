"""Files that the `array_record` package writes are read with the values that it reads."""

import random
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.data.sources import ArrayRecordSource
from headrace.errors import HeadraceError, RecordError, UsageError

module = pytest.importorskip("array_record.python.array_record_module")
OPTIONS = [
    f"group_size:{size},{codec}"
    for size in (1, 7, 1000)
    for codec in ("uncompressed", "zstd:3", "brotli:5", "snappy")
]


def write(path: Path, rows: list[bytes], options: str = "group_size:1") -> str:
    writer = module.ArrayRecordWriter(str(path), options)
    for row in rows:
        writer.write(row)
    writer.close()
    return str(path)


def payloads(count: int) -> list[bytes]:
    chance = random.Random(0)
    return [
        chance.randbytes(chance.choice([0, 1, 30, 500, 5000])) + b"x" * (row % 50) for row in range(count)
    ]


def rows_of(ds: Dataset) -> list[bytes]:
    return [value for batch in ds for value in batch["record"].to_pylist()]


@pytest.mark.parametrize("options", OPTIONS)
def test_records_are_read_whatever_their_compression_and_groups(options: str, tmp_path: Path) -> None:
    rows = payloads(2000)
    path = write(tmp_path / "a.array_record", rows, options)
    ds = Dataset.from_array_record(path)
    assert ds.num_rows == 2000
    assert rows_of(ds) == rows
    reader = ArrayRecordSource.from_paths(path).open_rows()
    assert reader is not None
    numbers = np.random.default_rng(0).integers(2000, size=500)
    assert reader.take(numbers)["record"].to_pylist() == [rows[number] for number in numbers]
    assert (reader.blocks is None) == ("group_size:1000" not in options)


@pytest.mark.parametrize("size", [65_000, 65_496, 65_512, 65_536, 200_000, 3_000_000])
@pytest.mark.parametrize("codec", ["uncompressed", "zstd"])
def test_records_longer_than_a_block_are_read(size: int, codec: str, tmp_path: Path) -> None:
    rows = [random.Random(size).randbytes(size + extra) for extra in range(3)]
    path = write(tmp_path / "a.array_record", rows, f"group_size:1,{codec}")
    assert rows_of(Dataset.from_array_record(path)) == rows


def test_empty_files_have_no_rows(tmp_path: Path) -> None:
    ds = Dataset.from_array_record(write(tmp_path / "a.array_record", []))
    assert ds.num_rows == 0
    assert rows_of(ds) == []


def test_serialised_tensors_are_decoded_by_a_schema(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(9, 2, 3))
    rows = [records.encode_example({"x": records.encode_tensor(each)}) for each in values]
    field = records.serialized(pa.field("x", pa.fixed_shape_tensor(pa.float64(), [2, 3]), nullable=False))
    path = write(tmp_path / "a.array_record", rows, "group_size:2")
    (batch,) = Dataset.from_array_record(path, pa.schema([field])).batch(9)
    assert np.array_equal(batch["x"].to_numpy_ndarray(), values)
    wrong = records.serialized(pa.field("x", pa.list_(pa.int64(), 2), nullable=False))
    with pytest.raises(RecordError, match=r"'x': expected .*int64"):
        list(Dataset.from_array_record(path, pa.schema([wrong])))


def test_examples_are_parsed_by_a_schema(tmp_path: Path) -> None:
    table = [{"n": n, "words": [f"w{n}"] * (n % 3)} for n in range(100)]
    path = write(tmp_path / "a.array_record", [records.encode_example(row) for row in table], "group_size:9")
    schema = pa.schema({"n": pa.int64(), "words": pa.list_(pa.string())})
    ds = Dataset.from_array_record(path, schema)
    assert [row for batch in ds for row in batch.to_pylist()] == table
    assert Dataset.from_array_record(path, schema, columns=["words"]).schema.names == ["words"]
    shuffled = [row for batch in ds.shuffle(seed=0).batch(10) for row in batch.to_pylist()]
    assert sorted(shuffled, key=lambda row: row["n"]) == table != shuffled
    wrong = pa.schema([pa.field("n", pa.float32(), nullable=False)])
    with pytest.raises(RecordError, match=r"a.array_record, record 0 at byte \d+: feature 'n': "):
        list(Dataset.from_array_record(path, wrong))
    with pytest.raises(UsageError, match="do not say what columns they have; pass `schema`"):
        Dataset.from_array_record(path, columns=["n"])


def test_files_at_urls_are_read_in_order(tmp_path: Path) -> None:
    rows = payloads(300)
    data = Path(write(tmp_path / "a.array_record", rows)).read_bytes()
    fsspec.filesystem("memory").pipe("/ar/a.array_record", data)
    ds = Dataset.from_array_record("memory://ar/a.array_record")
    assert rows_of(ds) == rows
    assert ds.num_rows == 300
    assert ArrayRecordSource.from_paths("memory://ar/a.array_record").open_rows() is None


def test_transposed_chunks_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.array_record", payloads(10), "group_size:10,transpose")
    with pytest.raises(RecordError, match=r"at byte 64: transposed chunks are not supported; write the file"):
        rows_of(Dataset.from_array_record(path))


def test_what_is_not_an_array_record_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.array_record"
    for data in (b"", b"text", bytes(1 << 17), bytes(100_000)):
        path.write_bytes(data)
        with pytest.raises(RecordError, match=r"a.array_record at byte [\d,]+: not an ArrayRecord file"):
            rows_of(Dataset.from_array_record(path))


def test_a_truncated_file_is_an_error(tmp_path: Path) -> None:
    data = Path(write(tmp_path / "a.array_record", payloads(200), "group_size:3")).read_bytes()
    path = tmp_path / "cut.array_record"
    for size in [*range(0, len(data), 32_768), len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(RecordError, match=r"cut.array_record"):
            rows_of(Dataset.from_array_record(path))


@pytest.mark.parametrize("options", ["group_size:3,uncompressed", "group_size:3,zstd", "group_size:3,brotli"])
def test_every_corrupt_byte_that_matters_is_noticed(options: str, tmp_path: Path) -> None:
    rows = payloads(20)
    data = Path(write(tmp_path / "a.array_record", rows, options)).read_bytes()
    used = [at for at, byte in enumerate(data) if byte]
    chance = random.Random(0)
    path = tmp_path / "bad.array_record"
    for at in chance.sample(used, 300):
        damaged = bytearray(data)
        damaged[at] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:  # the headers of blocks and the file's signature are not needed
            assert rows_of(Dataset.from_array_record(path)) == rows
        except HeadraceError as error:
            assert isinstance(error, RecordError)  # noqa: PT017
            assert error.path == str(path)  # noqa: PT017
