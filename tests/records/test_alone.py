"""One processor alone reads local files straight to the parser, and gives what several give."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import numpy as np
import pyarrow as pa
import pytest

from headrace import _native
from headrace.errors import HeadraceError, RecordError
from headrace.records import read, write
from headrace.records.alone import parse_as_read
from headrace.records.parse import BatchParser

SCHEMA = pa.schema([pa.field("data", pa.binary(), False), pa.field("label", pa.int64(), False)])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def table(rng: np.random.Generator, sizes: list[int]) -> pa.RecordBatch:
    return pa.record_batch([[rng.bytes(size) for size in sizes], range(len(sizes))], schema=SCHEMA)


def alone(files: list[str], batch_size: int = 4096, schema: pa.Schema = SCHEMA) -> Iterator[pa.RecordBatch]:
    return parse_as_read(BatchParser(schema), files, batch_size)


def written(base: Path, batch: pa.RecordBatch, shards: int = 1, **options: str) -> list[str]:
    return write(base, [batch], shards=shards, **options)


SIZES = {
    "short": [20] * 5000,
    "around a step": [*range(262_100, 262_180, 7), 5, 262_144, 0, 524_288],
    "longer than a batch": [17_000_000, 3, 17_000_000, 17_000_000],
    "many long": [100_000] * 400,
    "none": [],
}


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("shards", [1, 3])
def test_the_batches_are_those_of_several_threads(
    tmp_path: Path, rng: np.random.Generator, sizes: list[int], shards: int
) -> None:
    files = written(tmp_path / "a", table(rng, sizes), shards)
    for batch_size in (1, 100, 4096) if sum(sizes) < 10**6 else (100, 4096):
        expected = list(read(files, SCHEMA, batch_size, threads=2))
        assert list(alone(files, batch_size)) == expected


@pytest.mark.parametrize("compression", ["gzip", "zlib"])
def test_compressed_files_among_others(tmp_path: Path, rng: np.random.Generator, compression: str) -> None:
    batch = table(rng, [1000] * 3000)
    files = [*written(tmp_path / "a", batch), *written(tmp_path / "b", batch, compression=compression)]
    assert pa.Table.from_batches(alone(files)) == pa.Table.from_batches([batch, batch]).combine_chunks()


def error_of(batches: Iterator[pa.RecordBatch]) -> tuple[int, HeadraceError]:
    """How many rows come before the error."""
    rows = 0
    try:
        for batch in batches:
            rows += batch.num_rows
    except HeadraceError as error:
        return rows, error
    raise AssertionError("no error")


@pytest.mark.parametrize("size", [50, 300_000])
@pytest.mark.parametrize("place", [0, 3, 9])
def test_damage_is_told_as_several_threads_tell_it(
    tmp_path: Path, rng: np.random.Generator, size: int, place: int
) -> None:
    (file,) = written(tmp_path / "a", table(rng, [size] * 10))
    whole = Path(file).read_bytes()
    frame = len(whole) // 10
    for at in (
        place * frame,
        place * frame + 9,
        place * frame + 12,
        place * frame + 40,
        (place + 1) * frame - 1,
    ):
        damaged = bytearray(whole)
        damaged[at] ^= 4
        Path(file).write_bytes(damaged)
        rows, error = error_of(alone([file], 1))
        expected_rows, expected = error_of(read(file, SCHEMA, 1, threads=2))
        assert (rows, str(error)) == (expected_rows, str(expected))
        assert isinstance(error, RecordError)
        assert (error.record, error.offset) == (place, place * frame)


@pytest.mark.parametrize("size", [5, 300_000])
def test_a_file_that_is_cut_anywhere(tmp_path: Path, rng: np.random.Generator, size: int) -> None:
    (file,) = written(tmp_path / "a", table(rng, [size] * 3))
    whole = Path(file).read_bytes()
    frame = len(whole) // 3
    cuts = range(1, len(whole)) if size < 100 else [frame + 5, frame + 12, frame + 200_000, 2 * frame - 1]
    for cut in cuts:
        Path(file).write_bytes(whole[:cut])
        if cut % frame == 0:
            assert sum(batch.num_rows for batch in alone([file], 1)) == cut // frame
            continue
        rows, error = error_of(alone([file], 1))
        assert (rows, str(error)) == (cut // frame, str(error_of(read(file, SCHEMA, 1, threads=2))[1]))


def test_a_record_that_does_not_fit_is_named(tmp_path: Path) -> None:
    lists = pa.record_batch({"data": [b"a"] * 3, "label": [[1], [1, 2], [3]]})
    (file,) = written(tmp_path / "a", lists)
    rows, error = error_of(alone([file], 1))
    assert rows == 1
    assert str(error) == str(error_of(read(file, SCHEMA, 1, threads=2))[1])
    assert (error.path, error.record, error.feature) == (file, 1, "label")


def test_a_claimed_length_takes_no_memory(tmp_path: Path, rng: np.random.Generator) -> None:
    (file,) = written(tmp_path / "a", table(rng, [5]))
    claim = (2**31 - 1).to_bytes(8, "little")
    crc = _native.crc32c(claim)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32
    with Path(file).open("ab") as out:
        out.write(claim + masked.to_bytes(4, "little") + b"abc")
    records = _native.LocalRecords(os.open(file, os.O_RDONLY))
    parser = _native.ExampleParser([("data", 1, 0, 1, True, False, 0, 0)])
    stuck = 2
    assert parser.append_local(records, 10, 1000)[0::2] == (1, stuck)
    assert records.record == 1
    rows, error = error_of(alone([file], 1))
    assert rows == 1
    assert "the file ends inside this record" in str(error)


def test_a_pipe_is_read_as_a_stream(tmp_path: Path, rng: np.random.Generator) -> None:
    batch = table(rng, [1000] * 3000)
    (file,) = written(tmp_path / "a", batch)
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    writer = Thread(target=lambda: Path(pipe).write_bytes(Path(file).read_bytes()))
    writer.start()
    assert pa.Table.from_batches(alone([pipe])).combine_chunks() == pa.Table.from_batches([batch])
    writer.join()


def test_numbers_and_text_in_every_layout(tmp_path: Path) -> None:
    batch = pa.record_batch(
        {
            "text": ["größe", "", "日本"] * 50_000,
            "list": [[1, 2], [], [-3]] * 50_000,
            "none": [None, 1.5, None] * 50_000,
            "fixed": pa.array([[1.0, 2.0]] * 150_000, pa.list_(pa.float32(), 2)),
        }
    )
    files = written(tmp_path / "a", batch, 2)
    schema = next(iter(read(files))).schema
    expected = list(read(files, schema, threads=2))
    assert list(alone(files, schema=schema)) == expected
    assert sum(batch.num_rows for batch in expected) == 150_000
