"""The three readers yield the same batches and raise the same errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import _native
from headrace.errors import HeadraceError, RecordError
from headrace.records import RecordWriter, encode_example, read, write
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.chunked import can_read_chunked, read_chunked
from headrace.records.reading.chunks import CHUNK_SIZE
from headrace.records.reading.single_threaded import read_single_threaded
from headrace.records.reading.streamed import read_streamed

SCHEMA = pa.schema([pa.field("data", pa.binary(), False), pa.field("label", pa.int64(), False)])

Reader = Callable[[list[str], int, Any], Iterator[pa.RecordBatch]]


def single_threaded(files: list[str], batch_size: int, schema: Any) -> Iterator[pa.RecordBatch]:
    return read_single_threaded(BatchParser(schema), files, batch_size)


def chunked(files: list[str], batch_size: int, schema: Any) -> Iterator[pa.RecordBatch]:
    assert can_read_chunked(schema, files)
    return read_chunked(BatchParser(schema), files, batch_size, 2)


def streamed(files: list[str], batch_size: int, schema: Any) -> Iterator[pa.RecordBatch]:
    return read_streamed(BatchParser(schema), files, batch_size, 2, "raise", None)


FIRST = 10**6
READERS = pytest.mark.parametrize("reader", [single_threaded, chunked, streamed])
LOCAL_READERS = pytest.mark.parametrize("reader", [single_threaded, chunked])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def table(rng: np.random.Generator, sizes: list[int]) -> pa.RecordBatch:
    labels = range(FIRST, FIRST + len(sizes))  # each takes three bytes
    return pa.record_batch([[rng.bytes(size) for size in sizes], labels], schema=SCHEMA)


def written(base: Path, batch: pa.RecordBatch, shards: int = 1, **options: str) -> list[str]:
    return write(base, [batch], shards=shards, **options)


SIZES = {
    "short": [20] * 5000,
    "of a kilobyte": [1000] * 40_000,
    "around a step": [*range(262_100, 262_180, 7), 5, 262_144, 0, 524_288],
    "longer than a chunk": [17_000_000, 3, 40_000_000, 5, 17_000_000],
    "many long": [100_000] * 400,
    "growing": [10 * n for n in range(3000)],
    "none": [],
}


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("shards", [1, 3])
def test_all_readers_yield_the_same_batches(
    tmp_path: Path, rng: np.random.Generator, sizes: list[int], shards: int
) -> None:
    batch = table(rng, sizes)
    files = written(tmp_path / "a", batch, shards)
    for batch_size in (1, 100, 4096) if sum(sizes) < 10**6 else (100, 4096, 10**9):
        expected = list(single_threaded(files, batch_size, SCHEMA))
        assert list(chunked(files, batch_size, SCHEMA)) == expected
        assert list(streamed(files, batch_size, SCHEMA)) == expected
        if batch_size * max(sizes, default=0) < 500_000:
            assert all(each.num_rows == batch_size for each in expected[:-1])
        order = [FIRST + n for shard in range(shards) for n in range(shard, len(sizes), shards)]
        assert [n for each in expected for n in each["label"].to_pylist()] == order
        data = batch["data"].to_pylist()
        assert [value for each in expected for value in each["data"].to_pylist()] == [
            data[n - FIRST] for n in order
        ]


def test_batches_of_long_records_end_with_chunks(tmp_path: Path, rng: np.random.Generator) -> None:
    files = written(tmp_path / "a", table(rng, [100_000] * 400))
    for reader in (single_threaded, chunked, streamed):
        rows = [batch.num_rows for batch in reader(files, 4096, SCHEMA)]
        assert rows == [168, 168, 64]  # 16 MB, 16 MB, and the rest


def test_large_batches_end_with_chunks(tmp_path: Path, rng: np.random.Generator) -> None:
    files = written(tmp_path / "a", table(rng, [1000] * 40_000))
    frame = Path(files[0]).stat().st_size // 40_000
    rows_per_chunk = CHUNK_SIZE // frame + 1  # the last one begins in it
    for reader in (single_threaded, chunked, streamed):
        rows = [batch.num_rows for batch in reader(files, 4096, SCHEMA)]
        assert rows[:4] == [4096, 4096, 4096, rows_per_chunk - 3 * 4096]  # of 4 MB each
        rows = [batch.num_rows for batch in reader(files, 900, SCHEMA)]
        assert rows[:-1] == [900] * (40_000 // 900)  # of 0.9 MB


def test_short_files_of_long_records_share_batches(tmp_path: Path, rng: np.random.Generator) -> None:
    files = written(tmp_path / "a", table(rng, [100_000] * 100), 20)
    for reader in (single_threaded, chunked, streamed):
        rows = [batch.num_rows for batch in reader(files, 4096, SCHEMA)]
        assert rows == [15] * 6 + [10]  # 1.5 MB each, of three files


def test_many_tiny_files_are_read_in_order(tmp_path: Path, rng: np.random.Generator) -> None:
    """There are more files than may be open at once."""
    files = [written(tmp_path / f"{n:04}.tfrecord", table(rng, [10, n]))[0] for n in range(600)]
    expected = list(single_threaded(files, 100, SCHEMA))
    assert [batch.num_rows for batch in expected] == [100] * 12
    assert list(chunked(files, 100, SCHEMA)) == expected


def test_one_of_the_threads_is_the_caller(tmp_path: Path, rng: np.random.Generator) -> None:
    files = written(tmp_path / "a", table(rng, [1000] * 40_000))
    names = {}
    for threads in (1, 2):
        batches = read(files, SCHEMA, threads=threads)
        next(batches)
        names[threads] = [thread.name for thread in enumerate_threads() if "headrace-records" in thread.name]
        batches.close()
    assert names[1] == []
    assert len(names[2]) == 1


@READERS
@pytest.mark.parametrize("compression", ["gzip", "zlib"])
def test_compressed_and_plain_files_are_read_together(
    tmp_path: Path, rng: np.random.Generator, reader: Reader, compression: str
) -> None:
    batch = table(rng, [1000] * 3000)
    files = [*written(tmp_path / "a", batch), *written(tmp_path / "b", batch, compression=compression)]
    files += [str(tmp_path / "empty"), files[0]]
    (tmp_path / "empty").touch()
    found = pa.Table.from_batches(reader(files, 4096, SCHEMA)).combine_chunks()
    assert found == pa.Table.from_batches([batch] * 3).combine_chunks()


def error_of(batches: Iterator[pa.RecordBatch]) -> tuple[int, HeadraceError]:
    """Return the number of rows before the error, and the error."""
    rows = 0
    try:
        for batch in batches:
            rows += batch.num_rows
    except HeadraceError as error:
        return rows, error
    raise AssertionError("no error")


@LOCAL_READERS
@pytest.mark.parametrize("size", [50, 300_000])
@pytest.mark.parametrize("place", [0, 3, 9])
def test_corruption_is_reported_as_by_the_streamed_reader(
    tmp_path: Path, rng: np.random.Generator, reader: Reader, size: int, place: int
) -> None:
    (file,) = written(tmp_path / "a", table(rng, [size] * 10))
    whole = Path(file).read_bytes()
    frame = len(whole) // 10
    start = place * frame
    for at in (start, start + 9, start + 12, start + 40, start + frame - 1):
        damaged = bytearray(whole)
        damaged[at] ^= 4
        Path(file).write_bytes(damaged)
        if reader is chunked and at < 12:
            assert not can_read_chunked(SCHEMA, [file])
            continue
        rows, error = error_of(reader([file], 1, SCHEMA))
        expected_rows, expected = error_of(streamed([file], 1, SCHEMA))
        assert (rows, str(error)) == (expected_rows, str(expected))
        assert isinstance(error, RecordError)
        assert (error.record, error.offset) == (place, start)


@LOCAL_READERS
def test_corruption_far_inside_a_file_is_reported(
    tmp_path: Path, rng: np.random.Generator, reader: Reader
) -> None:
    (file,) = written(tmp_path / "a", table(rng, [10_000] * 6000))
    frame = Path(file).stat().st_size // 6000
    with Path(file).open("r+b") as out:
        out.seek(4000 * frame + 5000)
        out.write(b"\0" * 10)
    rows, error = error_of(reader([file], 1, SCHEMA))
    assert (rows, error.record, error.offset) == (4000, 4000, 4000 * frame)
    assert str(error) == str(error_of(streamed([file], 1, SCHEMA))[1])


@LOCAL_READERS
@pytest.mark.parametrize("size", [5, 300_000])
def test_a_file_truncated_anywhere_is_an_error(
    tmp_path: Path, rng: np.random.Generator, reader: Reader, size: int
) -> None:
    (file,) = written(tmp_path / "a", table(rng, [size] * 3))
    whole = Path(file).read_bytes()
    frame = len(whole) // 3
    cuts = range(12, len(whole)) if size < 100 else [frame + 5, frame + 12, frame + 200_000, 2 * frame - 1]
    for cut in cuts:
        Path(file).write_bytes(whole[:cut])
        if cut % frame == 0:
            assert sum(batch.num_rows for batch in reader([file], 1, SCHEMA)) == cut // frame
            continue
        rows, error = error_of(reader([file], 1, SCHEMA))
        assert (rows, str(error)) == (cut // frame, str(error_of(streamed([file], 1, SCHEMA))[1]))


@LOCAL_READERS
def test_a_record_that_does_not_match_is_named(tmp_path: Path, reader: Reader) -> None:
    lists = pa.record_batch(
        {"data": [b"a" * 1000] * 40_000, "label": [[1]] * 39_000 + [[1, 2]] + [[3]] * 999}
    )
    (file,) = written(tmp_path / "a", lists)
    rows, error = error_of(reader([file], 1, SCHEMA))
    assert rows == 39_000
    assert str(error) == str(error_of(streamed([file], 1, SCHEMA))[1])
    assert (error.path, error.record, error.feature) == (file, 39_000, "label")


def test_records_inside_payloads_are_not_records_of_the_file(tmp_path: Path) -> None:
    """A thread that begins inside a file finds a wrong start, which is then discarded."""
    inner = b"".join(_native.frame(encode_example({"data": b"inner", "label": n})) for n in range(1000))
    path = str(tmp_path / "a.tfrecord")
    with RecordWriter(path) as writer:
        for n in range(60):
            writer.write(encode_example({"data": inner * 17, "label": n}))
    assert Path(path).stat().st_size > 3 * CHUNK_SIZE
    found = [n for batch in chunked([path], 7, SCHEMA) for n in batch["label"].to_pylist()]
    assert found == list(range(60))


def test_a_claimed_length_allocates_nothing(tmp_path: Path, rng: np.random.Generator) -> None:
    (file,) = written(tmp_path / "a", table(rng, [5]))
    claim = (2**31 - 1).to_bytes(8, "little")
    crc = _native.crc32c(claim)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32
    with Path(file).open("ab") as out:
        out.write(claim + masked.to_bytes(4, "little") + b"abc")
    with Path(file).open("rb") as source:
        records = _native.LocalRecords(source.fileno())
        parser = _native.ExampleParser([("data", 1, 0, 1, True, False, 0, 0)])
        stuck = 2
        assert parser.append_local(records, 10, 1000) == (1, stuck, None)
        assert records.record == 1
    for reader in (single_threaded, chunked):
        rows, error = error_of(reader([file], 1, SCHEMA))
        assert rows == 1
        assert "the file ends inside this record" in str(error)


@pytest.mark.parametrize("reader", [single_threaded, streamed])
def test_a_pipe_is_read_as_a_stream(tmp_path: Path, rng: np.random.Generator, reader: Reader) -> None:
    batch = table(rng, [1000] * 3000)
    (file,) = written(tmp_path / "a", batch)
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    writer = Thread(target=lambda: Path(pipe).write_bytes(Path(file).read_bytes()))
    writer.start()
    assert pa.Table.from_batches(reader([pipe], 4096, SCHEMA)).combine_chunks() == pa.Table.from_batches(
        [batch]
    )
    writer.join()


def test_all_readers_agree_on_every_layout(tmp_path: Path) -> None:
    tensors = pa.FixedSizeListArray.from_arrays(pa.array(range(900_000), pa.int64()), 6)
    batch = pa.record_batch(
        {
            "text": ["größe", "", "日本" * 40] * 50_000,
            "list": [[1, 2], [], [-3]] * 50_000,
            "none": [None, 1.5, None] * 50_000,
            "fixed": pa.array([[1.0, 2.0]] * 150_000, pa.list_(pa.float32(), 2)),
            "tensor": pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.int64(), (2, 3)), tensors),
        }
    )
    files = written(tmp_path / "a", batch, 2)
    schema = next(iter(read(files))).schema
    expected = list(single_threaded(files, 4096, schema))
    assert sum(batch.num_rows for batch in expected) == 150_000
    assert list(chunked(files, 4096, schema)) == expected
    assert list(streamed(files, 4096, schema)) == expected


def test_chunked_reading_can_stop_early(tmp_path: Path, rng: np.random.Generator) -> None:
    files = written(tmp_path / "a", table(rng, [100_000] * 1000), 2)
    batches = read(files, SCHEMA, threads=2)
    next(batches)
    batches.close()
    assert list(batches) == []
