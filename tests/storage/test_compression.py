"""Compressed files: detected by their first bytes, read in pieces of any size, within their room."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import RecordError
from headrace.records import RecordReader, RecordWriter
from headrace.storage import DecompressedStream

PACK = {"gzip": gzip.compress, "zlib": zlib.compress}


def unpack(data: bytes, kind: str, room: int) -> bytes:
    stream = DecompressedStream(io.BytesIO(data[12:]), kind, data[:12])
    found, buffer = b"", memoryview(bytearray(room))
    while count := stream.readinto(buffer):
        found += buffer[:count]
    return found


@given(
    st.lists(st.binary(max_size=100) | st.integers(0, 9000).map(bytes), min_size=1, max_size=5),
    st.sampled_from(["gzip", "zlib"]),
    st.integers(1, 10000),
)
def test_members_and_room_of_any_size(parts: list[bytes], kind: str, room: int) -> None:
    assert unpack(b"".join(map(PACK[kind], parts)), kind, max(room, 64)) == b"".join(parts)


@pytest.mark.parametrize("padding", [1, 5000, 300_000])
def test_zeros_between_and_after_members_are_padding(padding: int) -> None:
    data = (gzip.compress(b"one") + bytes(padding)) * 2
    assert unpack(data, "gzip", 100) == b"oneone"


def test_what_follows_a_member_must_be_one() -> None:
    with pytest.raises(zlib.error):
        unpack(gzip.compress(b"one") + b"more", "gzip", 100)


@pytest.mark.parametrize("kind", ["gzip", "zlib"])
def test_what_comes_before_damage_is_given_first(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    records = [os.urandom(500).hex().encode() for _ in range(200)]
    with RecordWriter(path, kind) as writer:
        for record in records:
            writer.write(record)
    whole = path.read_bytes()
    half = len(whole) // 2
    path.write_bytes(whole[:half] + bytes(64) + whole[half + 64 :])
    found: list[bytes] = []
    with pytest.raises(RecordError, match=r"record \d+ at byte"):
        found.extend(RecordReader(path))
    assert found == records[: len(found)]
    assert len(found) >= 90


def test_a_bomb_takes_no_more_memory_than_there_is_room() -> None:
    stream = DecompressedStream(io.BytesIO(gzip.compress(bytes(10**8))), "gzip", b"")
    assert stream.readinto(memoryview(bytearray(1000))) == 1000


@pytest.mark.parametrize("compression", ["gzip", "zlib"])
def test_equal_data_make_equal_files(tmp_path: Path, compression: str) -> None:
    for name in "ab":
        with RecordWriter(tmp_path / name, compression) as writer:
            writer.write(b"data")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
