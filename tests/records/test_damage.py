"""Damage to a file is an error or leaves whole records; it is never another value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

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
    return Path(path), Path(path).read_bytes()


def rows_until_error(path: Path) -> tuple[list[object], RecordError | None]:
    rows: list[object] = []
    try:
        for batch in read(path, SCHEMA, batch_size=1, threads=1):
            rows += batch.to_pylist()
    except RecordError as error:
        return rows, error
    return rows, None


def test_truncation_anywhere_gives_the_whole_records_before_it(whole: tuple[Path, bytes]) -> None:
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


def test_every_flipped_bit_is_noticed(whole: tuple[Path, bytes]) -> None:
    path, data = whole
    for flipped in flips(data):
        path.write_bytes(flipped)
        rows, error = rows_until_error(path)
        assert error is not None
        assert rows == ROWS[: len(rows)]


def test_flips_that_the_checksums_bless_are_parsed_or_refused(tmp_path: Path) -> None:
    data = encode_example({"i": [300, 2], "t": ["ab", b"\xff"], "f": 1.5})
    for flipped in flips(data):
        path = tmp_path / "flip.tfrecord"
        path.write_bytes(_native.frame(flipped))
        with suppress(RecordError):
            for batch in read(path, SCHEMA, threads=1):
                batch.validate(full=True)


def test_truncated_messages_are_refused_or_shorter() -> None:
    data = encode_example({"i": [300, 2], "t": ["ab", b"\xff"], "f": 1.5})
    for length in range(1, len(data)):
        with pytest.raises(RecordError, match=r"no tf\.train\.Example"):
            decode_example(data[:length])
