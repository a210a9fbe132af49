"""Compression is detected from the first bytes of a file."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native
from headrace.records import RecordReader, RecordWriter
from headrace.records.tfrecord.detect_compression import detect_compression
from headrace.storage import new_compressor

PACK = {"gzip": gzip.compress, "zlib": zlib.compress}


@pytest.mark.parametrize("kind", ["gzip", "zlib"])
@given(data=st.binary(max_size=100))
def test_compressed_files_are_detected(kind: str, data: bytes) -> None:
    pack = new_compressor(kind)
    assert detect_compression((pack.compress(data) + pack.flush())[:12]) == kind
    assert detect_compression(PACK[kind](data)[:12]) == kind


@pytest.mark.parametrize("level", range(10))
def test_zlib_of_any_level_is_detected(level: int) -> None:
    assert detect_compression(zlib.compress(b"", level)[:12]) == "zlib"
    assert detect_compression(zlib.compress(bytes(1000), level)[:12]) == "zlib"


@given(st.integers(0, 70_000))
def test_a_record_header_is_not_mistaken_for_compression(length: int) -> None:
    assert detect_compression(_native.frame(bytes(length))[:12]) is None


def test_a_corrupt_record_header_is_not_mistaken_for_compression() -> None:
    """376 is 0x178, and 78 01 is how zlib files start."""
    header = bytearray(_native.frame(bytes(376))[:12])
    header[11] ^= 1
    assert detect_compression(bytes(header)) is None


def test_a_header_that_looks_like_zlib_is_still_a_record(tmp_path: Path) -> None:
    records = [bytes(0x9C78), b"next"]
    with RecordWriter(tmp_path / "a") as writer:
        for record in records:
            writer.write(record)
    assert (tmp_path / "a").read_bytes()[:2] == b"\x78\x9c"
    assert list(RecordReader(tmp_path / "a")) == records
