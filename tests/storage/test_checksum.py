"""The CRC-32C of pieces is that of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native
from headrace.storage.checksum import Checksum, file_checksum


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_pieces_make_the_checksum_of_the_whole(pieces: list[bytes]) -> None:
    checksum = Checksum()
    for piece in pieces:
        checksum.update(piece)
    whole = b"".join(pieces)
    assert (checksum.value, checksum.length) == (_native.crc32c_portable(whole), len(whole))


def test_large_pieces_and_arrays(tmp_path: Path) -> None:
    data = np.random.default_rng(0).integers(0, 256, 5_000_001, np.uint8)
    checksum = Checksum()
    for start in range(0, len(data), 1_234_567):
        checksum.update(data[start : start + 1_234_567])
    assert checksum.value == _native.crc32c(data)
    (tmp_path / "data").write_bytes(data.tobytes())
    assert file_checksum(str(tmp_path / "data")).value == checksum.value
