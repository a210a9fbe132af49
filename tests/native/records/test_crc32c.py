from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native


# RFC 3720, B.4
@pytest.mark.parametrize(
    ("data", "crc"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_published_values(data: bytes, crc: int) -> None:
    assert _native.crc32c(data) == crc
    assert _native.crc32c_portable(data) == crc


@given(st.binary(max_size=300), st.integers(0, 300))
def test_pieces_make_the_checksum_of_the_whole(data: bytes, divided_at: int) -> None:
    crc = _native.crc32c(data[divided_at:], _native.crc32c(data[:divided_at]))
    assert crc == _native.crc32c_portable(data)


@given(st.integers(0, 2500), st.integers(0, 15))
def test_instruction_and_tables_agree_at_any_length_and_alignment(length: int, start: int) -> None:
    data = np.random.default_rng(length).integers(0, 256, length + start, np.uint8)[start:]
    assert _native.crc32c(data) == _native.crc32c_portable(data)
