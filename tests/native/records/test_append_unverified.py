"""Without verification, a scan checks headers only; `append_unverified` checks data when it parses them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headrace import _native
from headrace._native import FrameState, Layout, RecordFault, ValueKind
from headrace.records import encode_example, encode_sequence_example

LABEL = ("label", ValueKind.INT64, Layout.SCALAR, 1, True, False, -(2**63), 2**63 - 1)
FRAMES = [_native.frame(encode_example({"label": label})) for label in (5, 6, 7)]
SECOND = len(FRAMES[0]) + 12  # where the second record's data start


def with_flip(at: int) -> bytes:
    data = bytearray(b"".join(FRAMES))
    data[at] ^= 1
    return bytes(data)


def test_corrupt_data_stop_only_a_verifying_scan() -> None:
    data = with_flip(SECOND)
    starts, _, _, state, _ = _native.scan_frames(data)
    assert (len(starts), state) == (1, FrameState.BAD_DATA_CHECKSUM)
    starts, lengths, end, state, _ = _native.scan_frames(data, verify=False)
    assert (len(starts), end, state) == (3, len(data), FrameState.COMPLETE)
    assert lengths.tolist() == [len(frame) - 16 for frame in FRAMES]


def test_a_corrupt_header_stops_every_scan() -> None:
    data = with_flip(SECOND - 1)
    for verify in (True, False):
        starts, _, _, state, _ = _native.scan_frames(data, verify)
        assert (len(starts), state) == (1, FrameState.BAD_LENGTH_CHECKSUM)


@pytest.mark.parametrize("at", range(SECOND, SECOND + len(FRAMES[1]) - 12))
def test_a_changed_byte_of_data_or_checksum_is_detected(at: int) -> None:
    data = with_flip(at)
    starts, lengths, *_ = _native.scan_frames(data, verify=False)
    parser = _native.ExampleParser([LABEL])
    failure = parser.append_unverified(data, starts, lengths)
    assert failure == (RecordFault.CHECKSUM, 1, -1, 0, 0, -1)


def test_intact_records_are_parsed_as_by_append() -> None:
    data = b"".join(FRAMES)
    starts, lengths, *_ = _native.scan_frames(data, verify=False)
    columns = []
    for method in ("append", "append_unverified"):
        parser = _native.ExampleParser([LABEL])
        assert getattr(parser, method)(data, starts, lengths) is None
        ((values, *_),) = parser.finish()
        columns.append(values.tolist())
    assert columns == [[5, 6, 7]] * 2


def test_sequence_examples_are_verified() -> None:
    frame = bytearray(_native.frame(encode_sequence_example({"label": 5}, {"label": [[1], [2]]})))

    def parse() -> Any:
        parser = _native.SequenceParser([LABEL], [(LABEL, True)])
        return parser.append_unverified(bytes(frame), np.array([12]), np.array([len(frame) - 16]))

    assert parse() is None
    frame[-5] ^= 4
    assert parse() == (RecordFault.CHECKSUM, 0, -1, 0, 0, -1)


@pytest.mark.parametrize("start", [-1, 13, 2**62])
def test_a_checksum_outside_the_data_is_rejected(start: int) -> None:
    parser = _native.ExampleParser([LABEL])
    with pytest.raises(ValueError, match="outside"):
        parser.append_unverified(FRAMES[0], np.array([start]), np.array([len(FRAMES[0]) - 16]))
