"""Corrupt records are skipped or quarantined, and reported."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native
from headrace.data import Dataset
from headrace.errors import RecordError, UsageError
from headrace.records import RecordReader, RecordWriter, count, encode_example, infer_schema, read, write
from headrace.records.tfrecord import scan as scan_module

SCHEMA = pa.schema([pa.field("n", pa.int64(), nullable=False)])


def frames(*payloads: bytes) -> list[bytes]:
    return [_native.frame(payload) for payload in payloads]


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def skipping(path: Path, data: bytes, mode: Any = "skip") -> tuple[list[bytes], list[tuple[int, int, int]]]:
    """The payloads, and offset, length and records of each loss."""
    path.write_bytes(data)
    reader = RecordReader(path, on_corrupt=mode)
    payloads = list(reader)
    losses = [loss for file in reader.report.files for loss in file.losses]
    return payloads, [(loss.offset, loss.length, loss.records) for loss in losses]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.tfrecord"


def test_reading_continues_after_corrupt_data(path: Path) -> None:
    one, two, three = frames(b"one", b"two", b"three")
    assert skipping(path, one + flip(two, 13) + three) == ([b"one", b"three"], [(19, 19, 1)])


def test_reading_continues_after_a_corrupt_header(path: Path) -> None:
    one, two, three = frames(b"one", b"two", b"three")
    for bit in range(12):
        assert skipping(path, one + flip(two, bit) + three) == ([b"one", b"three"], [(19, 19, 1)])


@pytest.mark.parametrize("size", [0, 1, 11, 12, 100, scan_module.BLOCK_SIZE - 30, 3 * scan_module.BLOCK_SIZE])
def test_garbage_of_any_size_is_one_loss(path: Path, size: int) -> None:
    one, two = frames(b"one", b"two")
    expected = [(19, size, 1)] if size else []
    assert skipping(path, one + os.urandom(size) + two) == ([b"one", b"two"], expected)
    assert skipping(path, one + bytes(size) + two) == ([b"one", b"two"], expected)


def test_a_header_that_claims_more_bytes_than_the_file_has_is_skipped(path: Path) -> None:
    one, two, long = frames(b"one", b"two", bytes(1000))
    data = one + flip(two, 3) + long[:12] + two
    assert skipping(path, data) == ([b"one", b"two"], [(19, 31, 1)])


def test_a_header_of_an_impossible_length(path: Path) -> None:
    length = (2**63).to_bytes(8, "little")
    crc = _native.crc32c(length)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    one, two = frames(b"one", b"two")
    data = one + length + masked.to_bytes(4, "little") + two
    assert skipping(path, data) == ([b"one", b"two"], [(19, 12, 1)])


def test_corruption_inside_intact_compression_loses_one_record(path: Path) -> None:
    one, two, three = frames(b"one", b"two", b"three")
    for bad in (flip(two, 2), flip(two, 13)):
        assert skipping(path, gzip.compress(one + bad + three)) == ([b"one", b"three"], [(19, 19, 1)])


def test_a_truncated_record_is_one_loss(path: Path) -> None:
    one, long = frames(b"one", bytes(3 * scan_module.BLOCK_SIZE))
    assert skipping(path, one + long[:-1]) == ([b"one"], [(19, len(long) - 1, 1)])
    assert skipping(path, one + long[:5]) == ([b"one"], [(19, 5, 1)])


def test_a_file_of_something_else_is_one_loss(path: Path) -> None:
    text = b"longitude,latitude\n1,2\n" * 100
    assert skipping(path, text) == ([], [(0, len(text), 1)])


def test_corrupt_compressed_data_lose_the_rest_of_the_file(path: Path) -> None:
    one, two = frames(b"one" * 50, b"two" * 50)
    members = gzip.compress(one), gzip.compress(two)
    payloads, losses = skipping(path, members[0] + flip(members[1], 20))
    assert (payloads[0], len(losses)) == (b"one" * 50, 1)


@given(
    st.lists(st.binary(max_size=40), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 10**4), st.integers(1, 255)), min_size=1, max_size=3),
)
def test_any_corruption_loses_no_other_record(
    tmp_path_factory: pytest.TempPathFactory, payloads: list[bytes], damage: list[tuple[int, int]]
) -> None:
    whole = frames(*payloads)
    data = bytearray(b"".join(whole))
    hit: set[int] = set()
    for place, mask in damage:
        at = place % len(data)
        data[at] ^= mask
        ends = [sum(map(len, whole[: i + 1])) for i in range(len(whole))]
        hit.add(next(i for i, end in enumerate(ends) if at < end))
    path = tmp_path_factory.mktemp("damage") / "a"
    found, losses = skipping(path, bytes(data))
    left = iter(found)
    assert all(payload in left for i, payload in enumerate(payloads) if i not in hit)
    assert sum(length for _, length, _ in losses) + sum(len(payload) + 16 for payload in found) == len(data)


def examples(*values: Any) -> list[bytes]:
    return frames(*(encode_example({"n": value}) if value is not None else b"\xff" for value in values))


def test_records_that_do_not_match_the_schema_are_skipped_too(path: Path) -> None:
    """The records are a text, bytes that are not an Example, and two values."""
    path.write_bytes(b"".join(examples(1, "two", 3, None, 5, [6, 6], 7)))
    for batch_size in (1, 2, 3, 100):
        batches = read(path, SCHEMA, batch_size, on_corrupt="skip")
        assert [n for batch in batches for n in batch["n"].to_pylist()] == [1, 3, 5, 7]
        (file,) = batches.report.files
        assert [loss.record for loss in file.losses] == [1, 3, 5]
        assert "feature 'n': expected int64, got bytes" in file.losses[0].what


def test_there_is_no_batch_if_no_record_matches(path: Path) -> None:
    path.write_bytes(b"".join(examples("a", "b")))
    batches = read(path, SCHEMA, on_corrupt="skip")
    assert (list(batches), batches.report.records) == ([], 2)


def test_quarantine_holds_the_bytes_and_a_log(tmp_path: Path, path: Path) -> None:
    good, bad, text, last = examples(1, 2, "text", 4)
    path.write_bytes(good + flip(bad, 14) + text + good + b"garbage" + last[:9])
    batches = read(path, SCHEMA, 1, on_corrupt="quarantine")
    assert [n for batch in batches for n in batch["n"].to_pylist()] == [1, 1]
    corrupt, log = tmp_path / "a.tfrecord.corrupt", tmp_path / "a.tfrecord.corrupt.jsonl"
    assert corrupt.read_bytes() == flip(bad, 14) + text + b"garbage" + last[:9]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    places = [(line["offset"], line["length"], line["record"]) for line in lines]
    assert places == [
        (len(good), len(bad), 1),
        (len(good + bad), len(text), 2),
        (len(good + bad + text + good), 16, 4),
    ]
    assert lines[0]["what"] == "the data do not match their checksum"
    assert str(batches.report) == f"{path}: 3 records lost, {len(bad + text) + 16} bytes"
    assert len(list(tmp_path.iterdir())) == 3


def test_each_corrupt_file_has_its_own_quarantine(tmp_path: Path) -> None:
    files = write(tmp_path / "train", [pa.record_batch({"n": range(9)})], shards=3)
    for file in files[::2]:
        Path(file).write_bytes(Path(file).read_bytes()[:-1])
    batches = read(tmp_path / "train", on_corrupt="quarantine")
    assert sum(batch.num_rows for batch in batches) == 7
    assert [file.path for file in batches.report.files] == files[::2]
    kept = sorted(found.name for found in tmp_path.glob("*.corrupt*"))
    assert kept == [Path(file).name + end for file in files[::2] for end in (".corrupt", ".corrupt.jsonl")]


def test_stopping_early_leaves_no_partial_quarantine(tmp_path: Path, path: Path) -> None:
    path.write_bytes(b"bad" + b"".join(examples(*range(100))))
    batches = read(path, SCHEMA, 10, on_corrupt="quarantine")
    assert next(batches)["n"].to_pylist() == list(range(10))
    assert batches.report.bytes == 3
    batches.close()
    assert list(tmp_path.iterdir()) == [path]


def test_intact_files_have_no_quarantine(tmp_path: Path, path: Path) -> None:
    path.write_bytes(b"".join(examples(1, 2)))
    batches = read(path, SCHEMA, on_corrupt="quarantine")
    assert (sum(batch.num_rows for batch in batches), batches.report.ok) == (2, True)
    assert (list(tmp_path.iterdir()), str(batches.report)) == ([path], "nothing lost")


def test_many_losses_are_counted_and_a_thousand_are_listed(path: Path) -> None:
    good, bad = examples(1, 2)
    path.write_bytes((good + flip(bad, 14)) * 1500)
    batches = read(path, SCHEMA, on_corrupt="skip")
    assert sum(batch.num_rows for batch in batches) == 1500
    (file,) = batches.report.files
    assert (file.records, file.bytes, len(file.losses)) == (1500, 1500 * len(bad), 1000)


def test_a_dataset_skips_corrupt_records(path: Path) -> None:
    good, bad = examples(1, 2)
    path.write_bytes(good + flip(bad, 14) + good)
    rows = Dataset.from_records(path, on_corrupt="skip")
    assert [n for batch in rows for n in batch["n"].to_pylist()] == [1, 1]
    assert rows.num_rows is None
    with pytest.raises(RecordError):
        list(Dataset.from_records(path, SCHEMA))
    with pytest.raises(RecordError):
        count(path)


def test_a_schema_is_inferred_from_intact_records(path: Path) -> None:
    good, bad = examples(1, 2)
    path.write_bytes(good + flip(bad, 14))
    assert infer_schema(path, on_corrupt="skip") == SCHEMA


def test_an_unknown_mode_is_rejected(path: Path) -> None:
    with RecordWriter(path):
        pass
    for read_by in (lambda: read(path, SCHEMA, on_corrupt="ignore"), lambda: RecordReader(path, "ignore")):  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="got 'ignore'"):
            read_by()
