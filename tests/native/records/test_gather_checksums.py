"""Stored checksums are read from the footers of frames, and returned by the encoders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_footers_in_order(payloads: list[bytes]) -> None:
    frames = [_native.frame(payload) for payload in payloads]
    data = b"".join(frames)
    starts, lengths, *_ = _native.scan_frames(data)
    assert _native.gather_checksums(data, starts, lengths).tobytes() == b"".join(each[-4:] for each in frames)
    chosen = _native.gather_checksums(data, starts[::-2].copy(), lengths[::-2].copy())
    assert chosen.tobytes() == b"".join(each[-4:] for each in frames[::-2])


@pytest.mark.parametrize(
    ("start", "length"), [(12, 5), (12, 2**62), (12, -1), (11, 4), (-1, 4), (17, 0), (2**62, 2**62)]
)
def test_frames_outside_the_data_are_refused(start: int, length: int) -> None:
    data = _native.frame(b"data")
    with pytest.raises(ValueError, match="a record lies outside the data"):
        _native.gather_checksums(data, np.array([start]), np.array([length]))


@pytest.mark.parametrize(("first", "step"), [(0, 1), (1, 2), (9, 1), (2, 3)])
def test_encoders_return_the_checksums_of_their_frames(first: int, step: int) -> None:
    column = ("n", 3, np.arange(9), None, None, 1, None, False)
    steps = (column, np.arange(10), None, 9)
    for frames, checksums in (
        _native.encode_examples([column], 9, first, step),  # type: ignore[list-item]
        _native.encode_sequence_examples([column], [steps], 9, first, step),  # type: ignore[list-item]
    ):
        starts, lengths, *_ = _native.scan_frames(frames)
        assert len(starts) == len(range(first, 9, step))
        assert checksums.tobytes() == _native.gather_checksums(frames, starts, lengths).tobytes()
