"""Corruption of a file is an error or leaves intact records; it never changes a value."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace import _native
from headrace.errors import RecordError
from headrace.records import RecordReader, decode_example, encode_example, read, write

SCHEMA = pa.schema(
    [pa.field("i", pa.int64()), pa.field("t", pa.string()), pa.field("f", pa.list_(pa.float32()))]
)
ROWS = [{"i": 300, "t": "ab", "f": [1.5]}, {"i": None, "t": "", "f": []}, {"i": -1, "t": "c", "f": None}]


@pytest.fixture
def whole(tmp_path: Path) -> tuple[Path, bytes]:
    (path,) = write(tmp_path / "a", [pa.RecordBatch.from_pylist(ROWS, SCHEMA)])
    (tmp_path / "a.manifest.json").unlink()  # it would refuse a file of another size
    return Path(path), Path(path).read_bytes()


def rows_until_error(path: Path) -> tuple[list[object], RecordError | None]:
    rows: list[object] = []
    try:
        for batch in read(path, SCHEMA, batch_size=1, threads=1):
            rows += batch.to_pylist()
    except RecordError as error:
        return rows, error
    return rows, None


def test_truncation_anywhere_leaves_the_complete_records_before_it(whole: tuple[Path, bytes]) -> None:
    path, data = whole
    ends = [0]
    for payload in RecordReader(path):
        ends.append(ends[-1] + len(payload) + 16)
    for length in range(len(data)):
        path.write_bytes(data[:length])
        rows, error = rows_until_error(path)
        complete = sum(end <= length for end in ends[1:])
        assert rows == ROWS[:complete]
        assert (error is None) == (length in ends)
        assert error is None or (error.record, error.offset) == (complete, ends[complete])


def flips(data: bytes) -> Iterator[bytes]:
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)


def test_every_flipped_bit_is_detected(whole: tuple[Path, bytes]) -> None:
    path, data = whole
    for flipped in flips(data):
        path.write_bytes(flipped)
        rows, error = rows_until_error(path)
        assert error is not None
        assert rows == ROWS[: len(rows)]


def squeeze(data: bytes, how: str) -> bytes:
    if how == "members":
        return gzip.compress(data[:30], mtime=0) + gzip.compress(data[30:], mtime=0)
    return {"plain": bytes, "gzip": gzip.compress, "zlib": zlib.compress}[how](data)


def is_part_of(rows: list[object], whole: list[object]) -> bool:
    """Whether the rows are some of all rows, in the same order."""
    left = iter(whole)
    return all(any(row == other for other in left) for row in rows)


COMPRESSIONS = ["gzip", "zlib", "members"]


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_truncated_compressed_files_are_an_error(whole: tuple[Path, bytes], how: str) -> None:
    path, data = whole
    packed = squeeze(data, how)
    for length in range(1, len(packed)):
        path.write_bytes(packed[:length])
        rows, error = rows_until_error(path)
        assert rows == ROWS[: len(rows)]
        if error is None:  # cut between members
            assert gzip.decompress(packed[:length]) == data[:30]


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_flips_in_compressed_files_are_detected(whole: tuple[Path, bytes], how: str) -> None:
    """Some bits of the compressed headers are unused: then all rows are correct."""
    path, data = whole
    for flipped in flips(squeeze(data, how)):
        path.write_bytes(flipped)
        rows, error = rows_until_error(path)
        assert rows == ROWS[: len(rows)]
        assert error is not None or rows == ROWS


def every_damage(data: bytes) -> Iterator[bytes]:
    yield from (data[:length] for length in range(len(data)))
    yield from flips(data)


def test_rows_that_are_not_lost_are_correct(whole: tuple[Path, bytes]) -> None:
    path, data = whole
    sizes = [len(payload) + 16 for payload in RecordReader(path)]
    for damaged in every_damage(data):
        path.write_bytes(damaged)
        batches = read(path, SCHEMA, batch_size=2, threads=1, on_corrupt="skip")
        rows = [row for batch in batches for row in batch.to_pylist()]
        assert is_part_of(rows, ROWS)
        assert len(rows) == 2 or len(damaged) < len(data)
        assert batches.report.bytes + sum(sizes[ROWS.index(row)] for row in rows) == len(damaged)


@pytest.mark.parametrize("mode", ["skip", "quarantine"])
@pytest.mark.parametrize("how", ["plain", *COMPRESSIONS])
def test_records_that_are_not_lost_are_correct(tmp_path: Path, how: str, mode: Any) -> None:
    """All records have the same size, so that one could replace another."""
    payloads: list[object] = [b"first rec", b"other rec", b"third rec", b"fourthrec"]
    data = b"".join(map(_native.frame, payloads))
    path = tmp_path / "a"
    for damaged in every_damage(squeeze(data, how)):
        path.write_bytes(damaged)
        reader = RecordReader(path, on_corrupt=mode)
        found = list(reader)
        assert is_part_of(found, payloads)
        assert found == payloads[: len(found)] or how == "plain"
        assert not reader.report.ok or found == payloads[: len(found)]
        if mode == "quarantine" and reader.report.bytes:
            kept = path.with_name("a.corrupt").read_bytes()
            assert len(kept) == reader.report.bytes
            assert how != "plain" or kept in damaged


def test_flips_with_valid_checksums_are_parsed_or_rejected(tmp_path: Path) -> None:
    data = encode_example({"i": [300, 2], "t": ["ab", b"\xff"], "f": 1.5})
    for flipped in flips(data):
        path = tmp_path / "flip.tfrecord"
        path.write_bytes(_native.frame(flipped))
        with suppress(RecordError):
            for batch in read(path, SCHEMA, threads=1):
                batch.validate(full=True)


def test_truncated_messages_are_rejected_or_shorter() -> None:
    data = encode_example({"i": [300, 2], "t": ["ab", b"\xff"], "f": 1.5})
    for length in range(1, len(data)):
        with pytest.raises(RecordError, match=r"not a valid tf\.train\.Example"):
            decode_example(data[:length])
