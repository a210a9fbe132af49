"""Checksums that files written by Riegeli itself contain, at all lengths of the last packet."""

import numpy as np
import pytest

from headrace import _native

KEY = np.frombuffer(b"Riegeli/records\n" * 2, np.uint64)
# The first 64 bytes of every Riegeli file: a block header and a chunk header, with their checksums.
SIGNATURE = bytes.fromhex(
    "83af70d10d884a3f0000000000000000400000000000000091bac23c9287e1a9"
    "0000000000000000e19f13c0e9b1c37273000000000000000000000000000000"
)


def test_the_signature_of_a_file_has_its_checksums() -> None:
    assert _native.highway_hash(SIGNATURE[8:24], KEY) == int.from_bytes(SIGNATURE[:8], "little")
    assert _native.highway_hash(SIGNATURE[32:], KEY) == int.from_bytes(SIGNATURE[24:32], "little")
    assert _native.highway_hash(b"", KEY) == int.from_bytes(SIGNATURE[40:48], "little")


@pytest.mark.parametrize("size", range(70))
def test_records_of_every_length_have_the_checksum_that_riegeli_writes(size: int, tmp_path) -> None:
    module = pytest.importorskip("array_record.python.array_record_module")
    writer = module.ArrayRecordWriter(str(tmp_path / "a"), "group_size:1,uncompressed")
    writer.write(bytes(range(size)))
    writer.close()
    data = (tmp_path / "a").read_bytes()[64:]
    length = int.from_bytes(data[8:16], "little")
    checksum = int.from_bytes(data[16:24], "little")
    assert _native.highway_hash(data[40 : 40 + length], KEY) == checksum


def test_a_key_has_four_words() -> None:
    with pytest.raises(ValueError, match="expected a key of 4 words"):
        _native.highway_hash(b"", KEY[:3])
