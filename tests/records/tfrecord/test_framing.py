from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native
from headrace.errors import RecordError, UsageError
from headrace.records import RecordReader, RecordWriter
from headrace.records.tfrecord import scan as scan_module

payloads = st.lists(st.binary(max_size=300), max_size=12)


def write_raw(path: Path, records: list[bytes], compression: str | None = None) -> Path:
    with RecordWriter(path, compression) as writer:
        for record in records:
            writer.write(record)
    return path


@given(payloads, st.sampled_from([None, "gzip", "zlib"]))
def test_written_values_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], how: str
) -> None:
    path = write_raw(tmp_path_factory.mktemp("raw") / "a.tfrecord", records, how)
    assert list(RecordReader(path)) == records


@pytest.mark.parametrize("compression", [None, "gzip", "zlib"])
def test_records_longer_than_a_chunk_are_read(tmp_path: Path, compression: str | None) -> None:
    long = bytes(range(256)) * (scan_module.BLOCK_SIZE // 100)
    records = [b"before", long, b"", long[:-1], b"after"]
    assert list(RecordReader(write_raw(tmp_path / "a.tfrecord", records, compression))) == records


def test_a_frame_has_the_specified_bytes() -> None:
    def masked(data: bytes) -> int:
        crc = _native.crc32c_portable(data)
        return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF

    length = struct.pack("<Q", 3)
    expected = length + struct.pack("<I", masked(length)) + b"abc" + struct.pack("<I", masked(b"abc"))
    assert _native.frame(b"abc") == expected


def test_the_file_appears_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    writer = RecordWriter(path)
    writer.write(b"one")
    assert not path.exists()
    writer.close()
    assert list(RecordReader(path)) == [b"one"]
    assert [file.name for file in tmp_path.iterdir()] == ["a.tfrecord"]


def test_an_exception_keeps_the_old_file(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.tfrecord", [b"old"])

    def fail() -> None:
        with RecordWriter(path) as writer:
            writer.write(b"new")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(RecordReader(path)) == [b"old"]
    assert len(list(tmp_path.iterdir())) == 1


def failure(path: Path) -> RecordError:
    with pytest.raises(RecordError) as caught:
        list(RecordReader(path))
    return caught.value


def test_a_truncated_file_names_the_record_it_ends_in(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.tfrecord", [b"x" * 1000, b"y" * 1000])
    path.write_bytes(path.read_bytes()[:-10])
    error = failure(path)
    assert (error.path, error.record, error.offset) == (str(path), 1, 1016)
    assert str(error) == (
        f"{path}, record 1 at byte 1,016: the file ends inside this record: expected 1,004 bytes after "
        "its header, got 994; copy or write the file again."
    )


def test_a_file_that_is_not_a_tfrecord_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "housing.csv"
    path.write_text("longitude,latitude\n1,2\n")
    assert "record 0 at byte 0: not a TFRecord file" in str(failure(path))


def test_corrupt_data_and_corrupt_headers_are_distinguished(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.tfrecord", [b"first", b"second"])
    whole = path.read_bytes()
    path.write_bytes(whole[:34] + b"X" + whole[35:])
    assert "record 1 at byte 21: the data do not match their checksum" in str(failure(path))
    path.write_bytes(whole[:22] + b"X" + whole[23:])
    assert "record 1 at byte 21: the header of the record does not match its checksum" in str(failure(path))


def claiming(length: int) -> bytes:
    """Build a valid header without a record."""
    header = struct.pack("<Q", length)
    crc = _native.crc32c(header)
    return header + struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


@pytest.mark.parametrize("length", [1, 10**6, 2**31, 2**40, 2**63, 2**64 - 1, 2**64 - 16])
def test_an_excessive_length_in_a_header_is_rejected_without_allocating(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.tfrecord"
    path.write_bytes(_native.frame(b"good") + claiming(length))
    error = failure(path)
    assert (error.record, error.offset) == (1, 20)
    path.write_bytes(gzip.compress(path.read_bytes()))
    error = failure(path)
    assert (error.record, error.offset) == (1, 20)


def test_corrupt_compressed_data_are_a_record_error(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.tfrecord.gz", [bytes(100)] * 50, "gzip")
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert "record 50 at byte 5,800: the compressed data are corrupt near here" in str(failure(path))
    path.write_bytes(whole[:20] + bytes(20) + whole[40:])
    failure(path)


def test_a_length_that_looks_like_gzip_is_still_a_record(tmp_path: Path) -> None:
    record = bytes(0x088B1F)
    path = write_raw(tmp_path / "a.tfrecord", [record])
    assert path.read_bytes()[:3] == b"\x1f\x8b\x08"
    assert list(RecordReader(path)) == [record]


def test_unusable_paths_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        list(RecordReader(tmp_path / "missing"))
    with pytest.raises(UsageError, match="cannot be written"):
        RecordWriter(tmp_path / "no" / "such" / "directory")
    with pytest.raises(UsageError, match="unknown compression 'zip'"):
        RecordWriter(tmp_path / "a", "zip")
